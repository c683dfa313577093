// Things that move: their own canvas, drawn at most once per frame with the newest blocks.
"use strict";

NT.Moving = class Moving {
  constructor(app) {
    this.app = app;
    this.raster = new NT.Raster(app.stage.ctx.moving);
    this.waiting = false;
  }

  arrived() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const f = this.app.stage.frame;
      if (!f) return;
      this.draw(f);
      this.app.chips.draw(this.app.stage.ctx.chips, f);
      this.app.shown();
    });
  }

  draw(f) {
    this.app.drawPoints(this.raster, "moving", f);
  }
};
