// Many still things below county scale: a chip with a count per cell of a grid fixed to the ground.
"use strict";

NT.CELL = 10; // letters wide, at least

// Counts of one block by cell; kept with the block until the cell size changes.
NT.cellsOf = function cellsOf(block, mask, metres, kept) {
  const known = kept.get(block);
  if (known && known.metres === metres && known.mask === mask.join()) return known.cells;
  const cells = new Map();
  const { xy, kind, paint } = block;
  for (let i = 0, n = block.n; i < n; i += 1) {
    if (!mask[kind[i]]) continue;
    const x = xy[2 * i];
    const y = xy[2 * i + 1];
    const key = Math.floor(x / metres) * 65536 + Math.floor(y / metres);
    let cell = cells.get(key);
    if (!cell) cells.set(key, cell = { n: 0, x: 0, y: 0, abnormal: 0, worst: 0, first: i });
    cell.n += 1;
    cell.x += x;
    cell.y += y;
    const state = paint[i] & 7;
    if (!state) continue;
    cell.abnormal += 1;
    if (!cell.worst || state < cell.worst) cell.worst = state;
  }
  kept.set(block, { metres, mask: mask.join(), cells });
  return cells;
};

// The side of a cell in metres: a power of two, so that cells stay where they are while panning.
NT.cellSize = function cellSize(look, f) {
  return 2 ** Math.ceil(Math.log2((NT.CELL * look.S * f.dpr) / f.k));
};

NT.drawCells = function drawCells(app, sheet, room, f) {
  const metres = NT.cellSize(app.look, f);
  for (const [block, how] of app.plan) {
    if (!how.cells) continue;
    for (const cell of NT.cellsOf(block, how.cells, metres, app.kept).values()) {
      if (cell.n === 1 && (cell.worst === 0 || cell.worst <= 3)) continue; // stands as itself
      const xy = [cell.x / cell.n, cell.y / cell.n];
      const at = sheet.at(xy);
      if (at.x < 0 || at.y < 0 || at.x > f.W || at.y > f.H) continue;
      const chip = {
        layer: block.layer, text: NT.count(cell.n), abnormal: cell.abnormal,
        abnormalText: NT.count(cell.abnormal), worst: cell.worst,
      };
      const size = { w: sheet.chipWidth(chip), h: sheet.chipH };
      const gap = sheet.S * 0.25;
      const r = room.around(at, size, { gap, step: sheet.S * 0.8, rings: 3 });
      if (!r) continue;
      room.take(r);
      sheet.hits.push({ ...sheet.chip(chip, r.x, r.y), layer: block.layer, cell: xy });
    }
  }
};
