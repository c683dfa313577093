// Finds free room: rectangles that are taken, and the nearest place that is not.
"use strict";

NT.Room = class Room {
  constructor(view) {
    this.view = view;
    this.taken = [];
  }

  inside(r, margin) {
    const v = this.view;
    return r.x >= v.x + margin && r.y >= v.y + margin
      && r.x + r.w <= v.x + v.w - margin && r.y + r.h <= v.y + v.h - margin;
  }

  free(r, gap) {
    return this.taken.every((t) => r.x + r.w + gap <= t.x || t.x + t.w + gap <= r.x
      || r.y + r.h + gap <= t.y || t.y + t.h + gap <= r.y);
  }

  take(r) {
    this.taken.push(r);
    return r;
  }

  // True when a straight line from the middle of something crosses nothing else that is taken.
  clear(from, to) {
    const holds = (t, x, y) => x > t.x && y > t.y && x < t.x + t.w && y < t.y + t.h;
    for (let i = 1; i < 24; i += 1) {
      const x = from.x + ((to.x - from.x) * i) / 24;
      const y = from.y + ((to.y - from.y) * i) / 24;
      if (this.taken.some((t) => holds(t, x, y) && !holds(t, from.x, from.y))) return false;
    }
    return true;
  }

  // Tries the middle first, then rings of growing size around it.
  around(at, size, options) {
    const { gap, step, rings, allow } = options;
    for (let ring = 0; ring <= rings; ring += 1) {
      const turns = ring === 0 ? 1 : ring < 7 ? 12 : 24;
      for (let turn = 0; turn < turns; turn += 1) {
        const angle = (turn * 2 * Math.PI) / turns + (options.angle || 0);
        const x = at.x + ring * step * Math.cos(angle);
        const y = at.y + ring * step * Math.sin(angle) * 0.8;
        const r = { x: x - size.w / 2, y: y - size.h / 2, w: size.w, h: size.h };
        if (this.inside(r, gap) && this.free(r, gap) && (!allow || allow(r))) return r;
      }
    }
    return null;
  }
};
