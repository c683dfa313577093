// The sheet small things are drawn on: text, chips and shapes in device pixels, and what was hit.
"use strict";

NT.FONT = '"Noto Sans CJK SC", "Noto Sans SC", sans-serif';

NT.Sheet = class Sheet {
  // The origin is where the canvas' corner lies on the stage.
  constructor(ctx, f, look, origin = { x: 0, y: 0 }) {
    this.ctx = ctx;
    this.origin = { x: Math.round(origin.x), y: Math.round(origin.y) };
    this.f = f;
    this.look = look;
    this.hits = [];
    const u = f.dpr;
    this.S = look.S * u;
    this.M = look.M * u;
    this.chipH = Math.round(this.S * 1.67);
    this.icon = Math.round(this.S * 1.06);
    this.shape = Math.round(this.S * (look.seat === "wall" ? 1.67 : 1.75));
    this.u = u;
    ctx.setTransform(1, 0, 0, 1, -this.origin.x, -this.origin.y);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
  }

  clear() {
    this.ctx.clearRect(this.origin.x, this.origin.y, this.f.W, this.f.H);
  }

  at(xy) {
    return { x: xy[0] * this.f.k + this.f.ox, y: this.f.oy - xy[1] * this.f.k };
  }

  font(size, bold) {
    this.ctx.font = `${bold ? 700 : 400} ${size}px ${NT.FONT}`;
  }

  width(text, size, bold) {
    this.font(size, bold);
    return this.ctx.measureText(text).width;
  }

  text(text, x, y, style) {
    const { ctx } = this;
    this.font(style.size, style.bold);
    ctx.lineJoin = "round";
    if (style.halo) {
      ctx.strokeStyle = style.halo;
      ctx.lineWidth = Math.max(3, style.size / 7);
      ctx.strokeText(text, x, y);
    }
    ctx.fillStyle = style.colour;
    ctx.fillText(text, x, y);
  }

  state(level, x, y, size) {
    const glyph = this.look.states[level];
    if (glyph) glyph.draw(this.ctx, x - size / 2, y - size / 2, size, this.look.colours.t1);
  }

  plate(r, edge, width, dashed) {
    const { ctx } = this;
    ctx.fillStyle = this.look.colours.panel;
    ctx.strokeStyle = edge;
    ctx.lineWidth = width;
    ctx.setLineDash(dashed ? [4 * this.u, 3 * this.u] : []);
    ctx.beginPath();
    ctx.roundRect(Math.round(r.x) + 0.5, Math.round(r.y) + 0.5, r.w, r.h, 3 * this.u);
    ctx.fill();
    ctx.stroke();
    ctx.setLineDash([]);
  }

  // A chip says: this layer, so many, and so many of them abnormal.
  chipWidth(chip) {
    const pad = this.S * 0.42;
    let w = pad + this.icon + this.S * 0.3 + this.width(chip.text, this.S, false);
    if (chip.abnormal) {
      w += this.S * 0.4 + this.icon + this.S * 0.2 + this.width(chip.abnormalText, this.S, true);
    }
    return Math.ceil(w + pad);
  }

  chip(chip, x, y) {
    const c = this.look.colours;
    const r = { x, y, w: this.chipWidth(chip), h: this.chipH };
    const middle = y + this.chipH / 2;
    this.plate(r, c.line2, this.u, false);
    let left = x + this.S * 0.42;
    const glyph = this.look.glyphs[chip.layer];
    const colour = this.look.groups[chip.layer];
    if (glyph) glyph.draw(this.ctx, left, middle - this.icon / 2, this.icon, colour);
    left += this.icon + this.S * 0.3;
    this.text(chip.text, left, middle, { size: this.S, colour: c.t1 });
    left += this.width(chip.text, this.S, false) + this.S * 0.4;
    if (chip.abnormal) {
      this.state(chip.worst, left + this.icon / 2, middle, this.icon);
      left += this.icon + this.S * 0.2;
      this.text(chip.abnormalText, left, middle, { size: this.S, bold: true, colour: c.t1 });
    }
    return r;
  }

  // A thing that has no room for its chip.
  dotOf(one, colour) {
    const { ctx } = this;
    ctx.fillStyle = colour;
    ctx.fillRect(Math.round(one.box.x), Math.round(one.box.y), one.size, one.size);
    this.hits.push({ ...one.box, layer: one.layer, oid: one.oid });
  }

  leader(from, to) {
    const { ctx } = this;
    ctx.strokeStyle = this.look.colours.t2;
    ctx.lineWidth = 2 * this.u;
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(to.x, to.y);
    ctx.stroke();
  }

  dot(at) {
    this.ctx.fillStyle = this.look.colours.t2;
    this.ctx.beginPath();
    this.ctx.arc(at.x, at.y, 5 * this.u, 0, 2 * Math.PI);
    this.ctx.fill();
  }
};

// 1,024 · 1.4k above 9,999 (look, section 6).
NT.count = function count(n) {
  if (n > 9999) return `${(n / 1000).toFixed(n > 99999 ? 0 : 1)}k`;
  return n.toLocaleString("en-US");
};
