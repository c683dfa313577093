// The canvases: one stack that Leaflet drags by CSS, drawn larger than the window by a margin.
"use strict";

NT.EARTH_M = 6378137;
NT.MARGIN = 0.07; // of the window, on each side: dragging inside it needs no drawing

NT.Stage = class Stage {
  constructor(map, centre, names) {
    this.map = map;
    this.centre = L.latLng(centre[1], centre[0]);
    this.box = L.DomUtil.create("div", "nt-stage", map.getPane("overlayPane"));
    this.ctx = {};
    this.hidden = new Set();
    for (const name of names) {
      const canvas = L.DomUtil.create("canvas", `nt-${name}`, this.box);
      this.ctx[name] = canvas.getContext("2d", { willReadFrequently: true, alpha: name !== "ground" });
    }
    this.frame = null;
  }

  // Says where a metre falls on the stack; `moved` when it had to be placed anew around the view.
  take() {
    if (this.covers()) {
      this.frame.moved = false;
      return this.frame;
    }
    return this.place();
  }

  // Shows or hides one canvas: each one shown costs the compositor a full blend, and one that is
  // hidden keeps no pixels.
  shown(name, used) {
    if (used === !this.hidden.has(name)) return;
    if (used) this.hidden.delete(name);
    else this.hidden.add(name);
    this.ctx[name].canvas.style.display = used ? "" : "none";
    if (this.frame) this.fit(this.frame.W, this.frame.H, this.frame.dpr);
  }

  place() {
    const map = this.map;
    const size = map.getSize();
    const dpr = window.devicePixelRatio || 1;
    const pad = { x: Math.ceil(size.x * NT.MARGIN), y: Math.ceil(size.y * NT.MARGIN) };
    const corner = map.containerPointToLayerPoint([-pad.x, -pad.y]);
    L.DomUtil.setPosition(this.box, corner);
    const zoom = map.getZoom();
    const origin = map.project(this.centre, zoom).subtract(map.getPixelOrigin()).subtract(corner);
    const W = Math.round((size.x + 2 * pad.x) * dpr);
    const H = Math.round((size.y + 2 * pad.y) * dpr);
    this.fit(W, H, dpr);
    this.frame = {
      W, H, dpr, zoom, corner, moved: true,
      view: { x: pad.x * dpr, y: pad.y * dpr, w: size.x * dpr, h: size.y * dpr },
      k: (256 * 2 ** zoom * dpr) / (2 * Math.PI * NT.EARTH_M),
      ox: origin.x * dpr,
      oy: origin.y * dpr,
    };
    return this.frame;
  }

  fit(W, H, dpr) {
    for (const [name, ctx] of Object.entries(this.ctx)) {
      const view = this.map.getSize(); // chips stand inside the window only
      if (this.hidden.has(name)) {
        ctx.canvas.width = 1;
        ctx.canvas.height = 1;
        continue;
      }
      const [w, h] = name === "chips" ? [Math.round(view.x * dpr), Math.round(view.y * dpr)] : [W, H];
      if (ctx.canvas.width === w && ctx.canvas.height === h) continue;
      ctx.canvas.width = w;
      ctx.canvas.height = h;
      ctx.canvas.style.width = `${w / dpr}px`;
      ctx.canvas.style.height = `${h / dpr}px`;
    }
  }

  // Lays a canvas of the window's size where the window is now.
  pin(name, view) {
    const { style } = this.ctx[name].canvas;
    style.left = `${Math.round(view.x) / this.frame.dpr}px`;
    style.top = `${Math.round(view.y) / this.frame.dpr}px`;
  }

  // True while the window still lies on what was drawn.
  covers() {
    const f = this.frame;
    if (!f || f.zoom !== this.map.getZoom()) return false;
    if (f.dpr !== (window.devicePixelRatio || 1)) return false;
    const size = this.map.getSize();
    if (Math.round(size.x * f.dpr) !== Math.round(f.view.w)) return false;
    if (Math.round(size.y * f.dpr) !== Math.round(f.view.h)) return false;
    const at = this.map.containerPointToLayerPoint([0, 0]).subtract(f.corner);
    const right = at.x * f.dpr + f.view.w;
    const bottom = at.y * f.dpr + f.view.h;
    return at.x >= 0 && at.y >= 0 && right <= f.W && bottom <= f.H;
  }

  // The part of the stack the window shows now.
  window() {
    const f = this.frame;
    const at = this.map.containerPointToLayerPoint([0, 0]).subtract(f.corner);
    return { x: at.x * f.dpr, y: at.y * f.dpr, w: f.view.w, h: f.view.h };
  }
};
