// Few things: one chip per object, one shape per abnormal object; many things: counts per county.
"use strict";

NT.SHOWN_ABNORMAL = 12;
NT.DOT = 5; // CSS px
NT.SHAPES = 80; // abnormal objects with a shape each; the others are larger points
NT.CALLOUTS = 4;
NT.CHIPS_PER_COUNTY = 4;

// What each county's chips say, summed over the still and the moving part of a layer.
NT.countyChips = function countyChips(app, code) {
  const chips = [];
  for (const layer of app.order) {
    const sum = { n: 0, abnormal: 0, worst: 0 };
    for (const channel of Object.values(app.channels)) {
      const block = channel.get(layer);
      const group = block?.counting && block.groups[code];
      if (!group) continue;
      sum.n += group[0];
      sum.abnormal += group[1];
      if (group[2] && (!sum.worst || group[2] < sum.worst)) sum.worst = group[2];
    }
    if (sum.n === 0) continue;
    chips.push({
      layer, code, text: NT.count(sum.n), abnormal: sum.abnormal,
      abnormalText: NT.count(sum.abnormal), worst: sum.worst,
    });
  }
  return NT.gravest(chips, NT.CHIPS_PER_COUNTY);
};

// So many chips as there is room for: the abnormal ones first, yet in their usual order.
NT.gravest = function gravest(chips, most) {
  const weight = (chip) => (chip.worst ? chip.worst : 9);
  const kept = [...chips].sort((a, b) => weight(a) - weight(b)).slice(0, most);
  return chips.filter((chip) => kept.includes(chip));
};

NT.CountyBlock = class CountyBlock {
  constructor(sheet, county, name, chips) {
    this.sheet = sheet;
    this.county = county;
    this.name = name;
    this.stack = new NT.Stack(sheet, chips, Infinity);
    this.w = Math.max(sheet.width(name, sheet.M, true), this.stack.w);
    this.nameH = sheet.M * 1.3;
    this.h = this.nameH + (chips.length ? this.stack.h + this.stack.gap : 0);
  }

  draw(r) {
    const { sheet } = this;
    const c = sheet.look.colours;
    const middle = r.x + r.w / 2;
    const style = { size: sheet.M, bold: true, colour: c.t1, halo: c.land };
    sheet.text(this.name, middle - sheet.width(this.name, sheet.M, true) / 2,
      r.y + this.nameH / 2, style);
    this.stack.draw(middle, r.y + this.nameH + this.stack.gap / 2,
      (chip) => ({ county: this.county.code, layer: chip.layer }));
  }
};

NT.Chips = class Chips {
  constructor(app) {
    this.app = app;
    this.hits = [];
    this.cells = new NT.Cells(app);
  }

  draw(f) {
    const { app } = this;
    const view = app.stage.window();
    app.stage.pin("chips", view);
    const sheet = new NT.Sheet(app.stage.ctx.chips, f, app.look, view);
    sheet.clear();
    const room = new NT.Room(view);
    const ctx = app.stage.ctx.ground; // asked what lies in which area, not drawn on
    app.reserve(room, f);
    const found = this.found(f);
    const singles = found.filter((one) => this.stands(one, room, app.footBand(f)));
    for (const one of singles) if (!one.dot) room.take(one.box);
    if (app.counting(f)) this.drawCounties(sheet, room, ctx, f);
    this.cells.draw(sheet, room, f);
    const words = this.callouts(sheet, room, ctx, f, singles);
    for (const one of singles) this.single(sheet, one);
    for (const { r, lines, first } of words) this.write(sheet, r, lines, first);
    NT.drawLabels(app, sheet, room, f);
    this.hits = sheet.hits;
    app.askLabels(singles);
  }

  // A chip cut by the window's edge or by the band at the foot is left out; what needs somebody
  // moves to the edge of the band. Beyond the edge they wait for the window to be dragged there.
  stands(one, room, band) {
    const { box } = one;
    const kept = one.state > 0 || one.marked;
    const apart = new NT.Room(null);
    apart.take(room.view);
    if (apart.free(box, 0)) return true;
    if (!room.inside(box, 0) && !kept) return false;
    if (box.y + box.h <= band) return true;
    if (kept && one.y < room.view.y + room.view.h) {
      one.y = band - one.size / 2;
      box.y = band - one.size;
    }
    return kept;
  }

  // What stands for itself: the chips Python chose and the gravest of the abnormal; the gravest
  // last, so that it lies on top.
  found(f) {
    const { app } = this;
    const [chips, shapes] = [[], []];
    for (const [block, layer] of app.blocks()) {
      for (let i = block.points; i < block.points + block.chips; i += 1) {
        const one = this.one(layer, block, i, f);
        if (one) chips.push(one);
      }
      for (const i of block.hot) {
        const own = i >= block.points && i < block.points + block.chips;
        if (own || (block.paint[i] & 7) > 3) continue;
        const one = this.one(layer, block, i, f);
        if (one) shapes.push(one);
      }
    }
    const most = app.counting(f) ? NT.SHOWN_ABNORMAL : NT.SHAPES;
    const grave = NT.apart([...chips.filter((one) => one.state), ...shapes], most + chips.length);
    const all = [...NT.dotted(chips.filter((one) => !one.state), grave), ...grave];
    const weight = (one) => (one.state ? 5 - one.state : one.dot ? -1 : 0);
    all.sort((a, b) => weight(a) - weight(b));
    return this.withMark(all, f);
  }

  withMark(found, f) {
    const { mark } = this.app;
    if (!mark || found.some((one) => one.marked)) return found;
    for (const [block, layer] of this.app.blocks()) {
      const i = layer === mark.layer ? block.oid.indexOf(mark.oid) : -1;
      const one = i >= 0 ? this.one(layer, block, i, f) : null;
      if (one) return [...found, one];
    }
    return found;
  }

  one(layer, block, i, f) {
    const x = block.xy[2 * i] * f.k + f.ox;
    const y = f.oy - block.xy[2 * i + 1] * f.k;
    if (x < 0 || y < 0 || x > f.W || y > f.H) return null;
    const state = block.paint[i] & 7;
    const { mark } = this.app;
    const marked = Boolean(mark) && mark.layer === layer && mark.oid === block.oid[i];
    const size = this.app.chipSize(state, marked) * f.dpr;
    return {
      layer, oid: block.oid[i], x, y, state, marked, size, dpr: f.dpr,
      age: block.paint[i] >> NT.AGE_BITS,
      value: block.value ? block.value[i] : NaN,
      kind: block.kinds[block.kind[i]],
      box: { x: x - size / 2, y: y - size / 2, w: size, h: size },
    };
  }

  single(sheet, one) {
    const c = sheet.look.colours;
    if (one.dot) {
      sheet.dotOf(one, one.age > 0 ? c.t3 : sheet.look.groups[one.layer]);
      return;
    }
    if (one.state && !one.marked) sheet.state(one.state, one.x, one.y, one.size);
    else {
      const edge = one.marked ? c.t1 : c.line2;
      sheet.plate(one.box, edge, (one.marked ? 3 : 1) * sheet.u, one.age > 0);
      const inner = one.size * 0.62;
      const glyph = sheet.look.glyphs[one.layer];
      const colour = one.age > 0 ? c.t3 : sheet.look.groups[one.layer];
      if (one.state) sheet.state(one.state, one.x, one.y, inner);
      else if (glyph) glyph.draw(sheet.ctx, one.x - inner / 2, one.y - inner / 2, inner, colour);
    }
    sheet.hits.push({ ...one.box, layer: one.layer, oid: one.oid });
  }

  drawCounties(sheet, room, ctx, f) {
    for (const county of this.app.base.data.counties) {
      const name = county[this.app.look.language];
      const chips = NT.countyChips(this.app, county.code);
      const at = sheet.at(county.at);
      if (!room.inside({ x: at.x, y: at.y, w: 0, h: 0 }, 0)) continue;
      const full = NT.gravest(chips, NT.CHIPS_PER_COUNTY);
      const blocks = [full, NT.gravest(chips, 2), NT.gravest(chips, 1), []]
        .map((some) => new NT.CountyBlock(sheet, county, name, some));
      this.placeCounty(sheet, room, ctx, f, { county, at, blocks });
    }
  }

  // On its own land with as many chips as fit, else off the land, else its name alone.
  placeCounty(sheet, room, ctx, f, { county, at, blocks }) {
    const gap = sheet.S * 0.4;
    const middle = sheet.at([0, 0]);
    const angle = Math.atan2(at.y - middle.y, at.x - middle.x);
    const allow = (rect) => this.app.base.holds(ctx, f, county, rect);
    const near = { gap, step: sheet.S * 0.7, rings: 10, angle, allow };
    const onLand = (block) => (county.reach === 0 || block.w < county.reach * f.k * 3.8
      ? room.around(at, block, near) : null);
    const off = (crossing) => (block) => this.outside(sheet, room, ctx, f, { at, block, angle, crossing });
    const chipped = blocks.slice(0, -1);
    const ways = [
      [onLand, chipped], [off(false), chipped.slice(0, 1)], [off(true), chipped], [onLand, blocks.slice(-1)],
    ];
    for (const [way, some] of ways) {
      for (const block of some) {
        const r = way(block);
        if (r) {
          block.draw(room.take(r));
          return;
        }
      }
    }
  }

  // A place off the city's land for what is too large to stand on it, with a leader and a dot.
  outside(sheet, room, ctx, f, { at, block, angle, crossing }) {
    const r = room.around(at, block, {
      gap: sheet.S * 0.5, step: sheet.S, rings: 15, angle,
      allow: (rect) => (crossing || room.clear(at, NT.nearEdge(rect, at, block.nameH)))
        && !this.app.base.touches(ctx, f, rect),
    });
    if (!r) return null;
    const edge = NT.nearEdge(r, at, block.nameH);
    sheet.leader(at, edge);
    sheet.dot(at);
    return r;
  }

  // Finds room for words, draws the leaders (they lie below the shapes) and gives the words.
  callouts(sheet, room, ctx, f, singles) {
    const words = [];
    let shown = 0;
    for (const one of [...singles].reverse()) {
      const lines = one.dot ? [] : this.app.lines(one);
      if (lines.length === 0) continue;
      const r = one.state && shown < NT.CALLOUTS ? this.callout(sheet, room, ctx, f, { one, lines }) : null;
      if (r) {
        shown += 1;
        words.push({ r, lines, first: "t1" });
      } else if (!one.state || !this.app.counting(f)) {
        const near = this.beside(sheet, room, one, lines);
        if (near) words.push({ r: near, lines: lines.slice(0, 1), first: one.marked ? "t1" : "t2" });
      }
    }
    return words;
  }

  size(sheet, lines) {
    const w = Math.max(...lines.map((line, i) => sheet.width(line, sheet.S, i === 0)));
    return { w: w + sheet.S * 0.4, h: lines.length * sheet.S * 1.35 };
  }

  callout(sheet, room, ctx, f, { one, lines }) {
    const size = this.size(sheet, lines);
    const counting = this.app.counting(f);
    const end = (r) => ({ x: r.x > one.x ? r.x : r.x + r.w, y: r.y + sheet.S * 0.7 });
    const place = (crossing) => room.around(one, size, {
      gap: sheet.S * 0.5, step: sheet.S * 1.2, rings: counting ? 14 : 9, angle: -0.4,
      allow: (rect) => {
        const far = Math.abs(rect.x + rect.w / 2 - one.x) > rect.w / 2 + one.size;
        if (!far || !(crossing || room.clear(one, end(rect)))) return false;
        return !counting || !this.app.base.touches(ctx, f, rect);
      },
    });
    const r = place(false) || (one.state === 1 ? place(true) : null); // level I may cross others
    if (r) sheet.leader(one, end(room.take(r)));
    return r;
  }

  beside(sheet, room, one, lines) {
    const size = this.size(sheet, lines.slice(0, 1));
    const gap = sheet.S * 0.25;
    const y = one.y - size.h / 2;
    for (const x of [one.x + one.size / 2 + gap, one.x - one.size / 2 - gap - size.w]) {
      const r = { x, y, w: size.w, h: size.h };
      if (room.inside(r, gap) && room.free(r, 0)) return room.take(r);
    }
    return null;
  }

  write(sheet, r, lines, first = "t1") {
    const c = sheet.look.colours;
    lines.forEach((line, i) => {
      const style = { size: sheet.S, bold: i === 0 && first === "t1", halo: c.land };
      style.colour = i === 0 ? c[first] : c.t2;
      sheet.text(line, r.x + sheet.S * 0.2, r.y + sheet.S * (0.68 + 1.35 * i), style);
    });
  }
};

// The gravest of many shapes, none of them over the middle of another.
NT.apart = function apart(shapes, most) {
  const kept = [];
  shapes.sort((a, b) => a.state - b.state);
  for (const one of shapes) {
    if (kept.length >= most) break;
    const near = (other) => Math.hypot(other.x - one.x, other.y - one.y) < 0.6 * one.size;
    if (one.marked || !kept.some(near)) kept.push(one);
  }
  return kept;
};

// Normal chips that would lie over another stand as dots; in the order of layers, so the same
// ones while the map is dragged.
NT.dotted = function dotted(chips, grave) {
  const kept = [...grave];
  for (const one of chips) {
    const near = (other) => Math.abs(other.x - one.x) < 0.9 * one.size
      && Math.abs(other.y - one.y) < 0.9 * one.size;
    if (!one.marked && kept.some(near)) {
      one.dot = true;
      one.size = Math.round(NT.DOT * one.dpr);
      one.box = { x: one.x - one.size / 2, y: one.y - one.size / 2, w: one.size, h: one.size };
    } else kept.push(one);
  }
  return chips;
};

NT.nearEdge = function nearEdge(r, at, nameH) {
  const x = at.x < r.x ? r.x : at.x > r.x + r.w ? r.x + r.w : r.x + r.w / 2;
  const y = at.y < r.y ? r.y : at.y > r.y + r.h ? r.y + r.h : r.y + nameH / 2;
  return { x, y: x === r.x || x === r.x + r.w ? r.y + nameH / 2 : y };
};
