// Things that move are drawn at most once per frame, with the newest blocks.
"use strict";

NT.CHIPS_MS = 8; // chips that take longer are drawn less often while things move
NT.CHIPS_AGAIN_MS = 400;
NT.COUNTS_AGAIN_MS = 1000;
NT.AT_ONCE_MS = 40;

NT.Moving = class Moving {
  constructor(app) {
    this.app = app;
    this.waiting = false;
    this.chipsAt = -Infinity;
    this.drawnAt = -Infinity;
    this.chipsTook = 0;
    this.owed = 0;
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

  // Chips that move are drawn with every picture, counts once a second, the last ones' going
  // at once; what had to wait is drawn later even when no further picture comes.
  chips(f) {
    const now = performance.now();
    const blocks = [...this.app.channels.moving.values()];
    const single = blocks.some((block) => NT.standsAlone(block, this.app.mark));
    const counted = blocks.some((block) => block.counting || block.cells > 0);
    const none = !single && !counted;
    if (none && !this.hadChips) return;
    const dear = this.chipsTook > NT.CHIPS_MS ? NT.CHIPS_AGAIN_MS : 0;
    const pause = single || none ? dear : NT.COUNTS_AGAIN_MS;
    if (now - this.chipsAt < pause) {
      this.later(pause - (now - this.chipsAt));
      return;
    }
    this.app.chips.draw(f);
    this.hadChips = !none;
    this.chipsAt = now;
    this.chipsTook = performance.now() - now;
  }

  later(ms) {
    if (this.owed) return;
    this.owed = setTimeout(() => {
      this.owed = 0;
      if (this.app.stage.frame) this.chips(this.app.stage.frame);
    }, ms);
  }
};

// True when something of a block is drawn by itself: a chip, a level's shape, the marked one.
NT.standsAlone = function standsAlone(block, mark) {
  const gravest = block.hot.length ? block.paint[block.hot[block.hot.length - 1]] & 7 : 9;
  return block.chips > 0 || gravest <= 3 || (mark && mark.layer === block.layer);
};
