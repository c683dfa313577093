// The console's layer on the Leaflet map: takes orders from Python, draws, reports back.
"use strict";

NT.COUNT_BELOW = 10; // zoom: below it counties are counted, until Python says so for the view
NT.HIT = 14; // CSS px around a click
NT.ASK_AGAIN_MS = 20000;
NT.CHIP_SIZES = { wall: [1.5, 1.67, 1.84, 1.84], desk: [1.75, 1.75, 1.88, 2.25] };

NT.Console = class Console {
  constructor(map, options) {
    this.map = map;
    this.options = options;
    this.channels = { static: new Map(), moving: new Map() };
    this.order = [];
    this.labels = new Map();
    this.asked = new Map();
    this.fresh = [];
    this.covers = [];
    this.mark = null;
    this.home = null;
  }

  async start() {
    const parts = ["basemap", "spec"].map(async (name) => (await fetch(`app://map/data/${name}`)).json());
    const [basemap, spec] = await Promise.all(parts);
    this.spec = new Map(spec.layers.map((layer) => [layer.id, layer]));
    this.svg = spec.glyphs;
    this.base = new NT.Base(basemap);
    this.stage = new NT.Stage(this.map, this.options.centre,
      ["ground", "chips", "lasso"]);
    this.heat = new NT.Heat();
    this.moving = new NT.Moving(this);
    this.chips = new NT.Chips(this);
    this.lasso = new NT.Lasso(this);
    this.foot = new NT.Foot(this);
    this.hover = new NT.Hover(this);
    this.puller = new NT.Puller((block) => this.take(block),
      (text) => this.bridge.failed(text));
    await new Promise((done) => {
      this.channel = new QWebChannel(qt.webChannelTransport, (channel) => {
        this.bridge = channel.objects.bridge;
        done();
      });
    });
    this.bridge.told.connect((text) => {
      const { verb, args } = JSON.parse(text);
      this[`on_${verb}`](...args);
    });
    this.listen();
    this.bridge.hello();
  }

  listen() {
    this.map.on("move", () => this.moved());
    this.map.on("moveend", () => this.settled());
    this.map.on("resize", () => this.home && this.fit(this.home));
    this.map.on("dragstart", () => { this.home = null; });
    this.map.getContainer().addEventListener("wheel", () => { this.home = null; });
    this.map.on("click", (e) => this.clicked(e.containerPoint));
  }

  // ---- orders from Python -------------------------------------------------------------

  on_setup(state) {
    this.back = NT.makeBack(this, state.drawing);
    this.on_look(state.look, false);
    this.order = state.layers;
    this.mark = state.mark;
    this.covers = state.covers;
    this.foot.has = state.foot;
    if (state.camera) this.map.setView([state.camera[1], state.camera[0]], state.camera[2], { animate: false });
    else this.fit(state.home);
    if (state.area) this.lasso.show(state.area.rings, state.area.label);
    for (const [layer, lines] of Object.entries(state.labels)) this.on_labels(layer, lines, false);
    this.puller.view = state.view;
    this.look_out();
    this.on_data(state.newest);
    this.redraw();
    this.bridge.painted();
  }

  on_look(look, redraw = true) {
    const { colours } = look;
    const svgs = [null, "I-octagon", "II-triangle", "III-diamond", "IV-circle"];
    const suffix = look.night ? "" : "-day";
    this.look = {
      ...look,
      groups: {}, glyphs: {}, palettes: {}, strokes: {},
      states: svgs.map((name) => name && new NT.Glyph(this.svg[`state-${name}${suffix}`])),
    };
    for (const [id, layer] of this.spec) {
      this.look.groups[id] = colours[layer.group];
      this.look.glyphs[id] = this.svg[layer.glyph] && new NT.Glyph(this.svg[layer.glyph]);
      this.look.palettes[id] = NT.paletteOf(colours[layer.group], colours);
      this.look.strokes[id] = NT.strokesOf(colours[layer.group], colours);
    }
    if (this.tiles?.facts.seq !== look.tiles?.seq || look.tiles?.form === "mvt") {
      this.tiles = look.tiles ? new NT.Tiles(this, look.tiles) : null;
    }
    for (const [name, value] of Object.entries(colours)) {
      document.documentElement.style.setProperty(`--${name}`, value);
    }
    document.documentElement.style.setProperty("--S", `${look.S}px`);
    document.documentElement.dataset.seat = look.seat;
    if (redraw) this.redraw();
  }

  on_layers(ids) {
    this.order = ids;
    this.puller.keep(ids);
    for (const channel of Object.values(this.channels)) {
      for (const layer of channel.keys()) if (!ids.includes(layer)) channel.delete(layer);
    }
    this.redraw();
  }

  on_data(seq) {
    this.puller.want(seq);
  }

  on_fly(lon, lat, zoom) {
    this.home = null;
    this.map.setView([lat, lon], zoom, { animate: false });
  }

  on_home(bounds) {
    this.fit(bounds);
  }

  on_mark(layer, oid) {
    this.mark = layer ? { layer, oid } : null;
    this.redraw();
  }

  on_covers(rects) {
    this.covers = rects;
    this.redrawSmall();
  }

  on_foot(shown) {
    this.foot.has = shown;
    this.redrawSmall();
  }

  on_labels(layer, lines, redraw = true) {
    const known = this.labels.get(layer) || new Map();
    for (const [oid, words] of Object.entries(lines)) known.set(Number(oid), words);
    this.labels.set(layer, known);
    if (redraw) this.laterSmall();
  }

  on_lasso(shape) {
    if (shape) this.lasso.start(shape);
    else this.lasso.stop();
  }

  on_area(rings, label) {
    this.lasso.show(rings, label);
  }

  // ---- drawing ------------------------------------------------------------------------

  // A map in a hidden window has no size: it is fitted when it gets one.
  hasSize() {
    const size = this.map.getSize();
    return size.x > 0 && size.y > 0;
  }

  fit(bounds) {
    this.home = bounds;
    if (!this.hasSize()) return;
    const [west, south, east, north] = bounds;
    this.map.fitBounds([[south, west], [north, east]], { animate: false });
    this.home = bounds;
  }

  take(block) {
    if (!this.order.includes(block.layer)) return;
    this.channels[block.channel].set(block.layer, block);
    this.fresh.push([block.channel, block.layer, block.seq]);
    if (block.channel === "moving") this.moving.arrived();
    else this.later();
  }

  // Every block that is shown, in the order of the layers: still ones below moving ones.
  * blocks() {
    for (const layer of this.order) {
      for (const channel of Object.values(this.channels)) {
        const block = channel.get(layer);
        if (block) yield [block, layer];
      }
    }
  }

  // While the map is dragged beyond what was drawn, what lies there is asked for as well.
  moved() {
    if (this.stage.covers()) return;
    this.look_out();
    this.later();
  }

  look_out() {
    if (!this.hasSize()) return;
    const at = this.map.getCenter();
    const size = this.map.getSize();
    this.bridge.looking(at.lng, at.lat, this.map.getZoom(), size.x, size.y);
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.redraw();
    });
  }

  // Words come one object at a time: they are drawn once per picture, not once each.
  laterSmall() {
    if (this.waitingSmall) return;
    this.waitingSmall = true;
    requestAnimationFrame(() => {
      this.waitingSmall = false;
      this.redrawSmall();
    });
  }

  settled() {
    if (!this.look) return;
    const at = this.map.getCenter();
    this.bridge.camera(at.lng, at.lat, this.map.getZoom());
    this.look_out();
    if (this.stage.covers()) this.redrawSmall();
    else this.redraw();
  }

  redraw() {
    if (!this.look || !this.hasSize()) return;
    const f = this.stage.take();
    const anew = this.lookDrawn !== this.look || this.heat.changed(this);
    if (f.moved || anew) {
      this.back.ground(f, (ctx) => {
        this.base.draw(ctx, f, this.look, this.tiles);
        this.heat.draw(ctx, this, f);
      }, anew);
    }
    this.lookDrawn = this.look;
    this.back.still(f, this.layersOf("static"));
    this.back.moving(f, this.layersOf("moving"));
    this.back.show();
    this.foot.draw(f);
    this.chips.draw(f);
    this.lasso.draw();
    this.shown();
  }

  // The ground changed without the view: a tile came.
  anew() {
    this.lookDrawn = null;
    this.later();
  }

  // The graphics card let go of what it was given: the arrays are all here, the raster draws them.
  backLost() {
    this.back.remove();
    this.back = new NT.Raster(this.stage);
    this.lookDrawn = null;
    this.later();
  }

  redrawSmall() {
    const f = this.stage.frame;
    if (!f || !this.look) return;
    this.foot.draw(f);
    this.chips.draw(f);
    this.lasso.draw();
  }

  // What a back-end needs to draw one channel: blocks, colours, what is marked.
  layersOf(channel) {
    return this.order.flatMap((layer) => {
      const block = this.channels[channel].get(layer);
      if (!block) return [];
      const marked = this.mark?.layer === layer ? this.mark.oid : -1;
      const style = { ...this.look.strokes[layer], width: this.look.stroke, marked };
      return [{ block, palette: this.look.palettes[layer], style }];
    });
  }

  // Counties are counted when Python says so for what is shown; by zoom while nothing came yet.
  counting(f) {
    let any = false;
    for (const [block] of this.blocks()) {
      if (block.counting) return true;
      any = true;
    }
    return !any && f.zoom < this.countBelow();
  }

  countBelow() {
    const [first] = this.blocks();
    return first ? first[0].below : NT.COUNT_BELOW;
  }

  // Sizes follow the letters: 36, 40, 44 px beside 24 px letters on the wall.
  chipSize(state, marked) {
    const [chip, shape, worst, selected] = NT.CHIP_SIZES[this.look.seat];
    const times = marked ? selected : state === 1 ? worst : state ? shape : chip;
    return Math.round(this.look.S * times);
  }

  // Where the line with the approval number begins: below it nothing is painted.
  footBand(f) {
    return this.stage.window().y + this.foot.lineTop() * f.dpr;
  }

  reserve(room, f) {
    const at = this.stage.window();
    const band = this.foot.lineTop() * f.dpr;
    room.take({ x: at.x, y: at.y + band, w: at.w, h: at.h - band });
    for (const r of this.lasso.labelRects()) room.take(r);
    for (const r of [...this.foot.rects(), ...this.covers]) {
      room.take({
        x: at.x + r.x * f.dpr, y: at.y + r.y * f.dpr, w: r.w * f.dpr, h: r.h * f.dpr,
      });
    }
  }

  // ---- words beside objects -----------------------------------------------------------

  lines(one) {
    const words = this.labels.get(one.layer)?.get(one.oid) || [];
    const kind = this.spec.get(one.layer).kinds[one.kind];
    if (words.length === 0 || !kind?.unit || !Number.isFinite(one.value)) return words;
    const told = `${words[0]} ${one.value.toFixed(kind.digits)} ${kind.unit[this.look.language]}`;
    return [told.trimEnd(), ...words.slice(1)];
  }

  // Asks for the words of what has a name worth showing; again after a while without an answer.
  askLabels(singles) {
    const wanted = new Map();
    const now = performance.now();
    for (const one of singles.filter((single) => !single.dot)) {
      const named = this.spec.get(one.layer).kinds[one.kind]?.named;
      if (!named && !one.state && !one.marked) continue;
      if (this.labels.get(one.layer)?.has(one.oid)) continue;
      const name = `${one.layer}/${one.oid}`;
      if (now - (this.asked.get(name) ?? -Infinity) < NT.ASK_AGAIN_MS) continue;
      this.asked.set(name, now);
      wanted.set(one.layer, [...(wanted.get(one.layer) || []), one.oid]);
    }
    for (const [layer, oids] of wanted) this.bridge.wanted(layer, JSON.stringify(oids));
  }

  shown() {
    for (const [channel, layer, seq] of this.fresh.splice(0)) this.bridge.shown(channel, layer, seq);
  }

  // ---- reports to Python --------------------------------------------------------------

  clicked(point) {
    if (this.lasso.shape) return;
    const hit = NT.hitAt(this, point);
    if (hit?.county) this.zoomTo(hit.county);
    else if (hit?.cell) this.zoomIn(hit.cell);
    else if (hit) this.bridge.clicked(hit.layer, hit.oid);
  }

  zoomTo(code) {
    const county = this.base.data.counties.find((one) => one.code === code);
    this.home = null;
    const p = this.toLonLat(county.at);
    this.map.setView([p[1], p[0]], Math.max(this.countBelow() + 0.5, this.map.getZoom()), { animate: false });
  }

  zoomIn(xy) {
    this.home = null;
    const p = this.toLonLat(xy);
    this.map.setView([p[1], p[0]], this.map.getZoom() + 1, { animate: false });
  }

  toLonLat(xy) {
    const centre = L.CRS.EPSG3857.project(this.stage.centre);
    const at = L.CRS.EPSG3857.unproject(L.point(centre.x + xy[0], centre.y + xy[1]));
    return [at.lng, at.lat];
  }

  lassoed(shape, points) {
    this.bridge.lasso(shape, JSON.stringify(points));
  }

  cancelled() {
    this.lasso.stop();
    this.bridge.cancelled();
  }
};

NT.ConsoleLayer = L.Layer.extend({
  initialize(options) {
    L.setOptions(this, options);
  },
  onAdd(map) {
    NT.app = new NT.Console(map, this.options);
    NT.app.start().catch((error) => console.error(error.stack || String(error)));
  },
  onRemove() {},
});
