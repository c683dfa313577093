// Things that move are drawn at most once per frame, with the newest blocks.
"use strict";

NT.CHIPS_MS = 8; // chips that take longer are drawn less often while things move
NT.CHIPS_AGAIN_MS = 400;

NT.Moving = class Moving {
  constructor(app) {
    this.app = app;
    this.waiting = false;
    this.chipsAt = -Infinity;
    this.chipsTook = 0;
  }

  arrived() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const { app } = this;
      const f = app.stage.frame;
      if (!f || !app.back.base) return;
      app.back.moving(f, app.layersOf("moving"));
      app.back.show();
      this.chips(f);
      app.shown();
    });
  }

  chips(f) {
    const now = performance.now();
    if (this.chipsTook > NT.CHIPS_MS && now - this.chipsAt < NT.CHIPS_AGAIN_MS) return;
    this.app.chips.draw(f);
    this.chipsAt = now;
    this.chipsTook = performance.now() - now;
  }
};
