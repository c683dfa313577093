// What lies under the pointer: chips first, then points, then lines and areas; told at most 10 times a second.
"use strict";

NT.HOVER_MS = 100;

// The thing at a place of the window: an object, a county's or a cell's chip, or null.
NT.hitAt = function hitAt(app, point) {
  const f = app.stage.frame;
  if (!f) return null;
  const at = app.stage.window();
  const x = at.x + point.x * f.dpr;
  const y = at.y + point.y * f.dpr;
  const inside = (r) => x >= r.x && y >= r.y && x <= r.x + r.w && y <= r.y + r.h;
  return app.chips.hits.findLast(inside) || NT.pointAt(app, f, x, y) || NT.shapeAt(app, f, x, y);
};

NT.pointAt = function pointAt(app, f, x, y) {
  let best = null;
  for (const [block, layer] of app.blocks()) {
    const near = NT.nearest(block, f, x, y, NT.HIT * f.dpr);
    if (near.index < 0 || (best && near.distance >= best.distance)) continue;
    best = { distance: near.distance, layer, oid: block.oid[near.index] };
  }
  return best;
};

NT.shapeAt = function shapeAt(app, f, x, y) {
  let best = null;
  for (const [block, layer] of app.blocks()) {
    if (!block.sketch) continue;
    const near = NT.sketchAt(block.sketch, f, x, y, NT.HIT * f.dpr * 0.6);
    if (near.index < 0 || (best && near.distance > best.distance)) continue;
    best = { distance: near.distance, layer, oid: block.sketch.oid[near.index] };
  }
  return best;
};

NT.Hover = class Hover {
  constructor(app) {
    this.app = app;
    this.last = null;
    this.point = null;
    this.timer = 0;
    const box = app.map.getContainer();
    box.addEventListener("pointermove", (e) => this.moved(e));
    box.addEventListener("pointerleave", () => this.told(null));
  }

  moved(e) {
    const box = this.app.map.getContainer().getBoundingClientRect();
    this.point = { x: e.clientX - box.left, y: e.clientY - box.top };
    if (e.buttons || this.app.lasso.shape) this.told(null);
    else if (!this.timer) this.timer = setTimeout(() => this.look(), NT.HOVER_MS);
  }

  look() {
    this.timer = 0;
    const hit = NT.hitAt(this.app, this.point);
    this.told(hit && hit.oid !== undefined ? hit : null);
  }

  told(hit) {
    const now = hit && { layer: hit.layer, oid: hit.oid };
    const { last } = this;
    if (now?.layer === last?.layer && now?.oid === last?.oid) return;
    this.last = now;
    if (now) this.app.bridge.hovered(now.layer, now.oid);
    else this.app.bridge.left();
  }
};
