// Things that move are drawn at most once per frame, with the newest blocks.
"use strict";

NT.CHIPS_MS = 8; // chips that take longer are drawn less often while things move
NT.CHIPS_AGAIN_MS = 400;
NT.AT_ONCE_MS = 40;

NT.Moving = class Moving {
  constructor(app) {
    this.app = app;
    this.waiting = false;
    this.chipsAt = -Infinity;
    this.drawnAt = -Infinity;
    this.chipsTook = 0;
  }

  arrived() {
    if (this.waiting) return;
    this.waiting = true;
    // At once when nothing was drawn for a while: a frame's wait is most of a frame's time.
    if (performance.now() - this.drawnAt > NT.AT_ONCE_MS) queueMicrotask(() => this.draw());
    else requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.waiting = false;
    const { app } = this;
    const f = app.stage.frame;
    if (!f || !app.back.base) return;
    app.back.moving(f, app.layersOf("moving"));
    app.back.show();
    this.chips(f);
    app.shown();
    this.drawnAt = performance.now();
  }

  chips(f) {
    const now = performance.now();
    if (this.chipsTook > NT.CHIPS_MS && now - this.chipsAt < NT.CHIPS_AGAIN_MS) return;
    this.app.chips.draw(f);
    this.chipsAt = now;
    this.chipsTook = performance.now() - now;
  }
};
