// Drawing an area: rectangle, circle, free outline; and showing the area that was asked for.
"use strict";

NT.HANDLE = 10; // CSS px, square

NT.Lasso = class Lasso {
  constructor(app) {
    this.app = app;
    this.shape = null;
    this.points = [];
    this.shown = null;
    const box = app.map.getContainer();
    box.addEventListener("pointerdown", (e) => this.down(e), true);
    box.addEventListener("pointermove", (e) => this.move(e), true);
    window.addEventListener("pointerup", (e) => this.up(e), true);
    box.addEventListener("dblclick", (e) => this.double(e), true);
    window.addEventListener("keydown", (e) => this.key(e), true);
  }

  start(shape) {
    this.shape = shape;
    this.points = [];
    this.held = false;
    this.keyed = false; // the last corner was set by a key
    this.set = null; // where the cross was then
    this.app.map.dragging.disable();
    this.app.map.doubleClickZoom.disable();
    this.app.map.getContainer().classList.add("nt-drawing");
    this.app.map.getContainer().focus();
    this.draw();
  }

  stop() {
    if (!this.shape) return;
    this.shape = null;
    this.points = [];
    this.app.map.dragging.enable();
    this.app.map.doubleClickZoom.enable();
    this.app.map.getContainer().classList.remove("nt-drawing");
    this.draw();
  }

  show(rings, label) {
    this.shown = rings ? { rings, label } : null;
    this.app.redrawSmall();
  }

  place(e) {
    const box = this.app.map.getContainer().getBoundingClientRect();
    const at = this.app.map.containerPointToLatLng([e.clientX - box.left, e.clientY - box.top]);
    return [at.lng, at.lat];
  }

  eat(e) {
    e.stopPropagation();
    e.preventDefault();
  }

  down(e) {
    if (!this.shape || e.button !== 0) return;
    this.eat(e);
    const at = this.place(e);
    this.held = true;
    this.moved = false;
    this.keyed = false;
    this.set = this.middle();
    if (this.shape === "polygon") this.points.push(at);
    else this.points = [at, at];
    this.draw();
  }

  move(e) {
    if (!this.shape) return;
    this.eat(e);
    const at = this.place(e);
    // The browser joins moves of one frame into one event; a free outline needs them all.
    const all = e.getCoalescedEvents();
    if (this.held && this.shape === "polygon") for (const one of all) this.follow(this.place(one));
    else if (this.held) this.points[1] = at;
    this.hover = at;
    this.draw();
  }

  // A held pointer draws freely: a point each time it has gone far enough.
  follow(at) {
    const last = this.px(this.points[this.points.length - 1]);
    const now = this.px(at);
    if (Math.hypot(now.x - last.x, now.y - last.y) < 6 * this.app.stage.frame.dpr) return;
    this.moved = true;
    this.points.push(at);
  }

  up(e) {
    if (!this.shape || !this.held) return;
    this.eat(e);
    this.held = false;
    if (this.shape !== "polygon") {
      this.points[1] = this.place(e);
      if (this.apart(...this.points) > 6) this.finish();
    } else if (this.moved && this.points.length >= 3) {
      const last = this.place(e);
      this.points.push(last);
      this.finish();
    }
  }

  double(e) {
    if (this.shape !== "polygon") return;
    this.eat(e);
    this.points.pop(); // the second press of the double click lies on the first
    if (this.points.length >= 3) this.finish();
  }

  key(e) {
    if (!this.shape) return;
    const act = {
      Escape: () => this.app.cancelled(),
      Enter: () => this.corner(),
      Backspace: () => this.unset(),
    }[e.key];
    if (!act) return;
    this.eat(e);
    act();
    this.draw();
  }

  // Where the cross stands: the map moves under it by keys.
  middle() {
    const at = this.app.map.getCenter();
    return [at.lng, at.lat];
  }

  // By keys: Enter sets a corner at the cross; on the spot of the last one it closes an outline.
  corner() {
    const at = this.middle();
    const still = this.set && this.apart(this.set, at) <= 6;
    if (this.shape === "polygon") {
      if (still) return this.points.length >= 3 && this.finish();
      this.points.push(at);
    } else if (this.points.length < 2) this.points = [at, at];
    else {
      this.points[1] = at;
      if (this.apart(...this.points) > 6) return this.finish();
    }
    this.keyed = true;
    this.set = at;
  }

  unset() {
    this.points = this.shape === "polygon" ? this.points.slice(0, -1) : [];
    this.set = null;
  }

  apart(one, other) {
    const [a, b] = [this.px(one), this.px(other)];
    return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
  }

  finish() {
    const { shape, points } = this;
    this.stop();
    this.app.lassoed(shape, points);
  }

  px(at) {
    const f = this.app.stage.frame;
    const p = this.app.map.project(L.latLng(at[1], at[0]), f.zoom)
      .subtract(this.app.map.getPixelOrigin()).subtract(f.corner);
    return { x: p.x * f.dpr, y: p.y * f.dpr };
  }

  draw() {
    const f = this.app.stage.frame;
    if (!f) return;
    const used = Boolean(this.shown) || Boolean(this.shape);
    this.app.stage.shown("lasso", used);
    if (!used) return;
    const sheet = new NT.Sheet(this.app.stage.ctx.lasso, f, this.app.look);
    sheet.clear();
    if (this.shown) this.drawShown(sheet);
    if (!this.shape) return;
    if (this.keyed) this.reach(this.middle());
    if (this.points.length > 0) this.drawOpen(sheet);
    this.drawCross(sheet);
  }

  // The open side of what is drawn ends at the pointer or at the cross.
  reach(at) {
    if (this.shape === "polygon") this.hover = at;
    else if (this.points.length === 2) this.points[1] = at;
  }

  // Where the numbers of the shown areas stand, so that no other words go there.
  labelRects() {
    const size = this.app.look.M * this.app.stage.frame.dpr * 2;
    return (this.shown?.rings || []).map((area) => {
      const at = this.px(area.label);
      return { x: at.x - size / 2, y: at.y - size / 2, w: size, h: size };
    });
  }

  drawShown(sheet) {
    for (const area of this.shown.rings) {
      const ring = area.ring.map((at) => this.px(at));
      this.trace(sheet, ring, true);
      for (const at of area.handles.map((point) => this.px(point))) this.handle(sheet, at);
      const at = this.px(area.label);
      const { t1 } = sheet.look.colours;
      const w = sheet.width(this.shown.label, sheet.M, true);
      const plate = { x: at.x - w / 2 - sheet.M * 0.35, y: at.y - sheet.M * 0.7 };
      sheet.plate({ ...plate, w: w + sheet.M * 0.7, h: sheet.M * 1.4 }, t1, sheet.u, false);
      sheet.text(this.shown.label, at.x - w / 2, at.y, { size: sheet.M, bold: true, colour: t1 });
    }
  }

  drawOpen(sheet) {
    const pts = this.points.map((at) => this.px(at));
    if (this.shape === "rectangle") {
      const [a, b] = pts;
      this.trace(sheet, [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }], true);
    } else if (this.shape === "circle") {
      const [a, b] = pts;
      this.circle(sheet, a, Math.hypot(a.x - b.x, a.y - b.y));
    } else {
      const end = this.hover && !this.held ? [this.px(this.hover)] : [];
      this.trace(sheet, [...pts, ...end], false);
      if (!this.moved) pts.forEach((at) => this.handle(sheet, at));
    }
  }

  pen(sheet) {
    const { ctx } = sheet;
    ctx.strokeStyle = sheet.look.colours.t1;
    ctx.lineWidth = 2 * sheet.u * sheet.look.stroke;
    ctx.setLineDash([9 * sheet.u, 6 * sheet.u]);
    ctx.fillStyle = `${sheet.look.colours.t1}0F`;
    ctx.beginPath();
    return ctx;
  }

  trace(sheet, ring, closed) {
    const ctx = this.pen(sheet);
    ring.forEach((at, i) => (i ? ctx.lineTo(at.x, at.y) : ctx.moveTo(at.x, at.y)));
    if (closed) ctx.closePath();
    if (closed) ctx.fill();
    ctx.stroke();
    ctx.setLineDash([]);
  }

  circle(sheet, at, radius) {
    const ctx = this.pen(sheet);
    ctx.arc(at.x, at.y, radius, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    ctx.setLineDash([]);
  }

  drawCross(sheet) {
    const { ctx } = sheet;
    const at = this.px(this.middle());
    const arm = NT.HANDLE * sheet.u;
    ctx.fillStyle = sheet.look.colours.t1;
    ctx.fillRect(Math.round(at.x - arm), Math.round(at.y - sheet.u), 2 * arm, 2 * sheet.u);
    ctx.fillRect(Math.round(at.x - sheet.u), Math.round(at.y - arm), 2 * sheet.u, 2 * arm);
  }

  handle(sheet, at) {
    const size = NT.HANDLE * sheet.u;
    sheet.ctx.fillStyle = sheet.look.colours.t1;
    sheet.ctx.fillRect(Math.round(at.x - size / 2), Math.round(at.y - size / 2), size, size);
  }
};
