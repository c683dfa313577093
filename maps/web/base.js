// The still map: land, water, counties, schematic lines. Paths are in metres, built once.
"use strict";

NT.SCHEMATIC_UNTIL = 11; // hand-drawn lines are wrong by kilometres: never at street scale

NT.pathOf = function pathOf(areas) {
  const path = new Path2D();
  for (const rings of areas) {
    for (const ring of rings) {
      path.moveTo(ring[0], ring[1]);
      for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i], ring[i + 1]);
      path.closePath();
    }
  }
  return path;
};

NT.Base = class Base {
  constructor(data) {
    this.data = data;
    this.land = NT.pathOf(data.land);
    this.water = NT.pathOf(data.water);
    this.outline = NT.pathOf(data.outline);
    this.counties = data.counties.map((county) => NT.pathOf(county.rings));
    this.lines = data.lines.map((line) => {
      const path = new Path2D();
      path.moveTo(line.xy[0], line.xy[1]);
      for (let i = 2; i < line.xy.length; i += 2) path.lineTo(line.xy[i], line.xy[i + 1]);
      return { ...line, path };
    });
  }

  draw(ctx, f, look, tiles) {
    const c = look.colours;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = this.data.ground === "sea" ? c.sea : c.land0;
    ctx.fillRect(0, 0, f.W, f.H);
    ctx.setTransform(f.k, 0, 0, -f.k, f.ox, f.oy);
    const px = look.stroke * f.dpr / f.k;
    ctx.lineJoin = "round";
    this.fill(ctx, this.land, c.land0);
    for (const county of this.counties) this.fill(ctx, county, c.land);
    this.fill(ctx, this.water, c.sea);
    const tiled = tiles?.draw(ctx, f);
    ctx.setTransform(f.k, 0, 0, -f.k, f.ox, f.oy);
    if (!tiled) this.drawLines(ctx, f, c, px);
    ctx.setLineDash([]);
    for (const county of this.counties) this.line(ctx, county, c.cty, 1 * px);
    this.line(ctx, this.outline, c.city, 1.4 * px);
  }

  fill(ctx, path, colour) {
    ctx.fillStyle = colour;
    ctx.fill(path, "evenodd");
  }

  line(ctx, path, colour, width) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke(path);
  }

  drawLines(ctx, f, c, px) {
    for (const line of this.lines) {
      if (line.schematic && f.zoom > NT.SCHEMATIC_UNTIL) continue;
      const style = NT.LINE_STYLES[line.kind] || NT.LINE_STYLES.road;
      ctx.setLineDash(style.dash.map((part) => part * px));
      this.line(ctx, line.path, c[style.colour], (style.width - 0.3 * (line.rank - 1)) * px);
    }
  }

  // True when the middle of a rectangle lies in a county; always without an area.
  holds(ctx, f, county, r) {
    if (county.rings.length === 0) return true;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    const x = (r.x + r.w / 2 - f.ox) / f.k;
    const y = (f.oy - r.y - r.h / 2) / f.k;
    const path = this.counties[this.data.counties.indexOf(county)];
    return ctx.isPointInPath(path, x, y, "evenodd");
  }

  // True when any part of a rectangle (canvas px) lies on the city.
  touches(ctx, f, r) {
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    for (let i = 0; i <= 6; i += 1) {
      for (let j = 0; j <= 3; j += 1) {
        const x = (r.x + (r.w * i) / 6 - f.ox) / f.k;
        const y = (f.oy - r.y - (r.h * j) / 3) / f.k;
        if (ctx.isPointInPath(this.outline, x, y, "evenodd")) return true;
      }
    }
    return false;
  }
};

NT.LINE_STYLES = {
  canal: { colour: "canal", width: 1.6, dash: [] },
  expressway: { colour: "road", width: 1.6, dash: [] },
  road: { colour: "road", width: 1.2, dash: [] },
  railway: { colour: "road", width: 1.2, dash: [7, 4] },
  bridge: { colour: "road", width: 2.2, dash: [] },
};
