// How each block is drawn at the present view: chips, points, cells, or not at all.
"use strict";

NT.MOST_POINTS = 20000; // more symbols than this are always counted
NT.EVERY = new Uint8Array(256).fill(1);

// A plan per block: which kinds as chips, which as points, which counted by cells.
NT.makePlan = function makePlan(app, f) {
  const plan = new Map();
  for (const [channel, blocks] of Object.entries(app.channels)) {
    for (const layer of app.order) {
      const block = blocks.get(layer);
      if (block) plan.set(block, NT.wayOf(app, block, f, channel));
    }
  }
  return plan;
};

NT.wayOf = function wayOf(app, block, f, channel) {
  if (app.detail === "points") return { points: NT.EVERY };
  if (app.counting(f)) return {};
  const most = NT.mostChips(app, f);
  if (NT.inView(block, f, NT.EVERY) <= most) return { chips: NT.EVERY };
  const named = NT.namedKinds(app.spec.get(block.layer), block);
  const some = NT.inView(block, f, named);
  const chips = some > 0 && some <= Math.max(most, NT.NAMED_CHIPS) ? named : null;
  const rest = chips ? named.map((flag) => 1 - flag) : NT.EVERY;
  const count = NT.inView(block, f, rest);
  if (chips && count === 0) return { chips };
  if (channel === "moving" && count <= NT.MOST_POINTS) return { chips, points: rest };
  return { chips, cells: rest };
};

// So many chips as leave the map readable: each wants sixteen times its own place.
NT.mostChips = function mostChips(app, f) {
  const chip = app.chipSize(0, false) * f.dpr * 4;
  return Math.min(NT.CHIPS_PER_LAYER, Math.floor((f.view.w * f.view.h) / (chip * chip)));
};

NT.inView = function inView(block, f, mask) {
  const { xy, kind } = block;
  const west = -f.ox / f.k;
  const east = (f.W - f.ox) / f.k;
  const north = f.oy / f.k;
  const south = (f.oy - f.H) / f.k;
  let n = 0;
  for (let i = 0; i < block.n; i += 1) {
    const x = xy[2 * i];
    const y = xy[2 * i + 1];
    if (x >= west && x <= east && y >= south && y <= north && mask[kind[i]]) n += 1;
  }
  return n;
};

NT.namedKinds = function namedKinds(spec, block) {
  const mask = new Uint8Array(256);
  block.kinds.forEach((name, i) => { mask[i] = spec.kinds[name]?.named ? 1 : 0; });
  return mask;
};
