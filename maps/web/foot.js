// The foot of the map: legend, scale bar, where the data is from, and what is missing.
"use strict";

NT.STREETS_FROM = 12; // zoom above which a map without street tiles must say so

NT.Foot = class Foot {
  constructor(app) {
    this.app = app;
    this.box = L.DomUtil.create("div", "nt-foot", app.map.getContainer());
    this.legend = L.DomUtil.create("div", "nt-legend", this.box);
    this.scale = L.DomUtil.create("div", "nt-scale", this.box);
    this.bar = L.DomUtil.create("span", "nt-bar", this.scale);
    this.length = L.DomUtil.create("span", "", this.scale);
    this.hint = L.DomUtil.create("div", "nt-hint", this.box);
    this.source = L.DomUtil.create("div", "nt-source", this.box);
    this.parts = {};
    this.has = true;
    for (const [name, tag] of [["top", "div"], ["sample", "canvas"], ["under", "div"]]) {
      this.parts[name] = L.DomUtil.create(tag, "", this.legend);
    }
  }

  draw(f) {
    this.box.style.display = this.has ? "" : "none";
    if (!this.has) return;
    const { look } = this.app;
    const { words } = look;
    const tall = f.view.h / f.dpr > 28 * look.S;
    const legend = look.seat === "wall" && tall && this.app.counting(f) && this.app.order.length > 0;
    this.legend.style.display = legend ? "" : "none";
    if (legend) this.drawLegend(f, look);
    this.drawScale(f);
    this.hint.style.display = f.zoom > NT.STREETS_FROM ? "" : "none";
    this.hint.textContent = words.streets;
    this.source.textContent = words.source;
  }

  drawLegend(f, look) {
    this.parts.top.textContent = look.words.legend;
    this.parts.under.textContent = look.words.normal;
    const canvas = this.parts.sample;
    const name = [look.S, f.dpr, look.night, this.app.order[0]].join();
    if (this.sample === name) return;
    this.sample = name;
    const sheet = new NT.Sheet(canvas.getContext("2d"), f, look);
    const chip = { layer: this.app.order[0], text: "486", abnormal: 1, abnormalText: "1", worst: 2 };
    const w = sheet.chipWidth(chip) + 4;
    const h = sheet.chipH + 4;
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${w / f.dpr}px`;
    canvas.style.height = `${h / f.dpr}px`;
    new NT.Sheet(canvas.getContext("2d"), f, look).chip(chip, 1, 1);
  }

  // The longest round length whose bar is at most six letters wide.
  drawScale(f) {
    const lat = (this.app.map.getCenter().lat * Math.PI) / 180;
    const ground = f.dpr / f.k * Math.cos(lat); // metres on the ground per CSS px
    const limit = ground * this.app.look.S * 6;
    const power = 10 ** Math.floor(Math.log10(limit));
    const metres = [5, 2, 1].map((step) => step * power).find((m) => m <= limit);
    this.bar.style.width = `${metres / ground}px`;
    this.length.textContent = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  }

  // The upper edge of the line that says where the data is from, in CSS px.
  lineTop() {
    const home = this.app.map.getContainer().getBoundingClientRect();
    if (!this.has) return home.height;
    return this.source.getBoundingClientRect().top - home.y - 3;
  }

  rects() {
    const home = this.app.map.getContainer().getBoundingClientRect();
    return [...this.box.children]
      .map((node) => node.getBoundingClientRect())
      .filter((r) => r.width > 0)
      .map((r) => ({ x: r.x - home.x, y: r.y - home.y, w: r.width, h: r.height }));
  }
};
