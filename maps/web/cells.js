// Many things below county scale: chips with counts per cell of a grid fixed to the ground.
"use strict";

NT.CHIPS_PER_CELL = 4;
NT.CELL_STAYS = 0.2; // of a cell: chips stay where they stand until their middle moved farther

// Chips two to a row; it knows its size before it is drawn.
NT.Stack = class Stack {
  constructor(sheet, chips, widest) {
    this.sheet = sheet;
    this.gap = sheet.S * 0.34;
    this.rows = [];
    for (let i = 0; i < chips.length; i += 2) this.rows.push(chips.slice(i, i + 2));
    if (Math.max(...this.rows.map((row) => this.rowWidth(row))) > widest) {
      this.rows = chips.map((chip) => [chip]);
    }
    this.w = Math.max(0, ...this.rows.map((row) => this.rowWidth(row)));
    this.h = Math.max(0, this.rows.length * (sheet.chipH + this.gap) - this.gap);
  }

  rowWidth(row) {
    return row.reduce((sum, chip) => sum + this.sheet.chipWidth(chip), this.gap * (row.length - 1));
  }

  draw(middle, top, about) {
    const { sheet } = this;
    let y = top;
    for (const row of this.rows) {
      let x = middle - this.rowWidth(row) / 2;
      for (const chip of row) {
        const plate = sheet.chip(chip, x, y);
        sheet.hits.push({ ...plate, ...about(chip) });
        x += plate.w + this.gap;
      }
      y += sheet.chipH + this.gap;
    }
  }
};

// The cells of all layers, each with its chips and the middle of what is in it.
NT.gatherCells = function gatherCells(app) {
  const cells = new Map();
  for (const [block, layer] of app.blocks()) {
    for (let i = 0; i < block.cells; i += 1) {
      const [column, row, n, abnormal, worst] = block.cell.subarray(5 * i, 5 * i + 5);
      const [x, y] = block.middle.subarray(2 * i, 2 * i + 2);
      if (n === 1 && (worst === 0 || worst <= 3)) continue; // stands as itself
      const key = `${block.metres}/${column}/${row}`;
      const cell = cells.get(key) || { key, column, row, metres: block.metres, n: 0, x: 0, y: 0, chips: [] };
      cells.set(key, cell);
      cell.n += n;
      cell.x += n * x;
      cell.y += n * y;
      cell.chips.push({
        layer, text: NT.count(n), abnormal, abnormalText: NT.count(abnormal), worst,
      });
    }
  }
  return cells.values();
};

NT.Cells = class Cells {
  constructor(app) {
    this.app = app;
    this.anchors = new Map();
    this.spots = []; // what stands where, for those who look for jumps
  }

  draw(sheet, room, f) {
    this.spots = [];
    const kept = new Map();
    for (const cell of NT.gatherCells(this.app)) {
      const anchor = this.anchor(cell);
      kept.set(cell.key, anchor);
      this.one(sheet, room, f, { cell, anchor });
    }
    this.anchors = kept;
  }

  // Where a cell's chips stand, in metres: where they stood while that is nearly right.
  anchor(cell) {
    const [x, y] = [cell.x / cell.n, cell.y / cell.n];
    const before = this.anchors.get(cell.key);
    const near = before && Math.hypot(before[0] - x, before[1] - y) < NT.CELL_STAYS * cell.metres;
    return near ? before : [x, y];
  }

  one(sheet, room, f, { cell, anchor }) {
    const side = cell.metres * f.k;
    const edge = sheet.S * 0.2;
    const low = sheet.at([cell.column * cell.metres, (cell.row + 1) * cell.metres]);
    if (low.x > f.W || low.y > f.H || low.x + side < 0 || low.y + side < 0) return;
    const at = sheet.at(anchor);
    const v = room.view;
    const west = Math.max(low.x, v.x) + edge;
    const north = Math.max(low.y, v.y) + edge;
    const east = Math.min(low.x + side, v.x + v.w) - edge;
    const south = Math.min(low.y + side, v.y + v.h) - edge;
    for (const most of [NT.CHIPS_PER_CELL, 2, 1]) {
      const stack = new NT.Stack(sheet, NT.gravest(cell.chips, most), side - 2 * edge);
      if (stack.h > south - north || stack.w > east - west) continue;
      const clamp = (value, a, b) => Math.min(Math.max(value, a), b);
      const places = [[at.x, at.y], [low.x + side / 2, low.y + side / 2],
        [low.x, low.y], [low.x + side, low.y], [low.x, low.y + side], [low.x + side, low.y + side]];
      for (const [px, py] of places) {
        const x = clamp(px, west + stack.w / 2, east - stack.w / 2);
        const y = clamp(py - stack.h / 2, north, south - stack.h);
        const r = { x: x - stack.w / 2, y, w: stack.w, h: stack.h };
        if (!room.free(r, 2)) continue;
        room.take(r);
        this.spots.push({ key: cell.key, x: (x - f.ox) / f.k, y: (f.oy - y) / f.k });
        const xy = [(cell.column + 0.5) * cell.metres, (cell.row + 0.5) * cell.metres];
        stack.draw(x, y, (chip) => ({ layer: chip.layer, cell: xy }));
        return;
      }
    }
  }
};
