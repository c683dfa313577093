// Glyphs and state shapes from their SVG text, drawn at any size in any colour.
"use strict";

NT.Glyph = class Glyph {
  constructor(svg) {
    const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    [this.x, this.y, this.w, this.h] = root.getAttribute("viewBox").split(" ").map(Number);
    const own = root.getAttribute("fill") || "currentColor";
    this.parts = [...root.querySelectorAll("path,polygon,circle")].map((node) => ({
      path: NT.Glyph.pathOf(node),
      fill: node.getAttribute("fill") || own,
      stroke: node.getAttribute("stroke"),
      width: Number(node.getAttribute("stroke-width") || 1),
      rule: node.getAttribute("fill-rule") || "nonzero",
    }));
  }

  static pathOf(node) {
    const path = new Path2D();
    const number = (name) => Number(node.getAttribute(name));
    if (node.tagName === "circle") {
      path.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
      return path;
    }
    if (node.tagName === "polygon") {
      return new Path2D(`M${node.getAttribute("points").trim()}Z`);
    }
    return new Path2D(node.getAttribute("d"));
  }

  draw(ctx, x, y, size, colour) {
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(size / this.w, size / this.h);
    ctx.translate(-this.x, -this.y);
    for (const part of this.parts) {
      const fill = part.fill === "currentColor" ? colour : part.fill;
      if (fill !== "none") {
        ctx.fillStyle = fill;
        ctx.fill(part.path, part.rule);
      }
      if (part.stroke) {
        ctx.strokeStyle = part.stroke === "currentColor" ? colour : part.stroke;
        ctx.lineWidth = part.width;
        ctx.lineJoin = "round";
        ctx.stroke(part.path);
      }
    }
    ctx.restore();
  }
};
