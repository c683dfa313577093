// The user's own tiles, drawn into the ground below our lines; pictures, or shapes in our colours.
"use strict";

NT.TILES_KEPT = 256;
NT.TILE_PX = 256;

// What a layer of shapes looks like, by the words OpenMapTiles and Protomaps use.
NT.TILE_STYLES = [
  [/water|ocean|river|lake|sea/, (c) => ({ fill: true, fillColor: c.sea, fillOpacity: 1, color: c.sea, weight: 1 })],
  [/building/, (c) => ({ fill: true, fillColor: c.line, fillOpacity: 0.6, stroke: false })],
  [/road|transport|street|rail|highway/, (c) => ({ color: c.road, weight: 1.2, opacity: 0.9 })],
  [/bound|admin/, (c) => ({ color: c.cty, weight: 1 })],
  [/land|earth|park|green|natural/, (c) => ({ fill: true, fillColor: c.land, fillOpacity: 1, stroke: false })],
];

NT.Tiles = class Tiles {
  constructor(app, facts) {
    this.app = app;
    this.facts = facts;
    this.kept = new Map();
    this.grid = null;
    if (facts.form === "mvt") this.load();
  }

  // The drawer of shapes comes out of an installed package, only when it is needed.
  async load() {
    const script = document.createElement("script");
    script.src = "app://map/lib/Leaflet.VectorGrid.bundled.js";
    await new Promise((done, failed) => {
      script.onload = done;
      script.onerror = () => failed(new Error("no drawer of vector tiles"));
      document.head.append(script);
    });
    this.grid = L.vectorGrid.protobuf(`app://map/tiles/${this.facts.seq}/{z}/{x}/{y}`, {
      rendererFactory: L.canvas.tile,
      vectorTileLayerStyles: new Proxy({}, { get: (_, name) => () => this.style(String(name)) }),
    });
    this.app.anew();
  }

  style(name) {
    const found = NT.TILE_STYLES.find(([words]) => words.test(name.toLowerCase()));
    return found ? found[1](this.app.look.colours) : [];
  }

  // Fills the ground with tiles; false when the map is looked at from farther than they reach.
  draw(ctx, f) {
    const zoom = f.zoom + Math.log2(f.dpr);
    if (zoom < this.facts.least - 0.5) return false;
    const z = Math.max(this.facts.least, Math.min(this.facts.most, Math.round(zoom)));
    const half = Math.PI * NT.EARTH_M;
    const side = (2 * half) / 2 ** z;
    const centre = L.CRS.EPSG3857.project(this.app.stage.centre);
    const [dx, dy] = this.shift(f, centre);
    const west = half + centre.x - dx - f.ox / f.k;
    const north = half - centre.y + dy - f.oy / f.k;
    const px = side * f.k;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.imageSmoothingEnabled = true;
    for (let x = Math.floor(west / side); x * side < west + f.W / f.k; x += 1) {
      for (let y = Math.floor(north / side); y * side < north + f.H / f.k; y += 1) {
        const left = Math.round((x * side - west) * f.k);
        const top = Math.round((y * side - north) * f.k);
        const w = Math.round((x * side - west) * f.k + px) - left;
        const h = Math.round((y * side - north) * f.k + px) - top;
        this.put(ctx, { z, x, y }, { left, top, w, h });
      }
    }
    return true;
  }

  // Draws a tile, or the part of a coarser one that is here already.
  put(ctx, at, to) {
    const night = this.app.look.night;
    for (let up = 0; up < 5 && at.z - up >= this.facts.least; up += 1) {
      const name = `${at.z - up}/${at.x >> up}/${at.y >> up}`;
      if (up === 0) this.want(name);
      const image = this.kept.get(name)?.[night ? "night" : "day"];
      if (!image) continue;
      const share = image.width / 2 ** up;
      const [sx, sy] = [(at.x & ((1 << up) - 1)) * share, (at.y & ((1 << up) - 1)) * share];
      ctx.drawImage(image, sx, sy, share, share, to.left, to.top, to.w, to.h);
      return;
    }
  }

  want(name) {
    if (this.kept.has(name) || (this.facts.form === "mvt" && !this.grid)) return;
    this.kept.set(name, {});
    if (this.kept.size > NT.TILES_KEPT) this.kept.delete(this.kept.keys().next().value);
    const made = this.facts.form === "mvt" ? this.shapes(name) : this.picture(name);
    made.then((pair) => {
      if (!pair || this.app.tiles !== this) return;
      this.kept.set(name, pair);
      this.app.anew();
    }).catch(() => {}); // a broken tile leaves the plain ground there
  }

  async picture(name) {
    const answer = await fetch(`app://map/tiles/${this.facts.seq}/${name}`);
    if (!answer.ok) return null;
    const day = await createImageBitmap(await answer.blob());
    return { day, night: NT.darkened(day) };
  }

  async shapes(name) {
    const [z, x, y] = name.split("/").map(Number);
    const coords = L.point(x, y);
    coords.z = z;
    const drawn = await new Promise((done) => {
      const canvas = this.grid.createTile(coords, () => done(canvas));
    });
    return { day: drawn, night: drawn };
  }

  // How far tiles of another datum lie off here, metres east and north.
  shift(f, centre) {
    const { shift } = this.facts;
    if (!shift) return [0, 0];
    const middle = L.CRS.EPSG3857.unproject(L.point(
      centre.x + (f.W / 2 - f.ox) / f.k, centre.y + (f.oy - f.H / 2) / f.k,
    ));
    const clamp = (value, most) => Math.max(0, Math.min(most - 1, Math.floor(value)));
    const column = clamp((middle.lng - shift.west) / shift.step, shift.columns);
    const row = clamp((middle.lat - shift.south) / shift.step, shift.rows);
    const at = 2 * (row * shift.columns + column);
    return [shift.by[at], shift.by[at + 1]];
  }
};

// A light picture is turned over for the night, a dark one is only dimmed.
NT.darkened = function darkened(image) {
  const probe = new OffscreenCanvas(1, 1).getContext("2d");
  probe.drawImage(image, 0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  const light = 0.3 * r + 0.6 * g + 0.1 * b > 110;
  const canvas = new OffscreenCanvas(image.width, image.height);
  const ctx = canvas.getContext("2d");
  ctx.filter = light
    ? "invert(1) hue-rotate(180deg) saturate(0.4) brightness(0.55) contrast(0.85)"
    : "brightness(0.6) saturate(0.7)";
  ctx.drawImage(image, 0, 0);
  return canvas.transferToImageBitmap();
};
