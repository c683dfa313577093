// The back-end without a graphics card: ground, lines and points as pixels of one opaque image.
"use strict";

NT.SPARSE = 150; // pixels for each moving point; with fewer all is put back, not each point alone
NT.AGE_BITS = 3; // paint = state (0..4) + age (0 fresh, 1 late, 2 stale) << 3

NT.pixel = function pixel(hex) {
  const v = parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((v & 255) << 16) | (((v >> 8) & 255) << 8) | (v >> 16)) >>> 0;
};

// 32 colours by paint byte: layer colour, state colours, grey for what is late or stale.
NT.paletteOf = function paletteOf(group, colours) {
  const states = [group, colours.s1, colours.s2, colours.s3, colours.s4];
  const table = new Uint32Array(32);
  for (let age = 0; age < 3; age += 1) {
    for (let state = 0; state < 5; state += 1) {
      const grey = age > 0 && state === 0;
      table[(age << NT.AGE_BITS) | state] = NT.pixel(grey ? colours.t3 : states[state]);
    }
  }
  return table;
};

NT.stampSize = function stampSize(n, dpr) {
  const css = n <= 300 ? 5 : n <= 10000 ? 3 : 2;
  return Math.max(2, Math.round(css * dpr));
};

NT.largeStamp = function largeStamp(points, dpr) {
  return NT.stampSize(points, dpr) + Math.round(3 * dpr);
};

// A back-end takes the ground, then what stands still, then what moves, and shows it all. Every
// layer comes as { block, palette, style }.
NT.Raster = class Raster {
  constructor(stage) {
    this.ctx = stage.ctx.ground;
    this.image = null;
    this.spots = new Int32Array(1 << 12); // where something that moves was stamped
    this.sizes = new Uint8Array(1 << 12);
    this.n = 0;
    this.crowded = false; // so much moves that it was not noted where
  }

  // Draws the ground by a function and keeps its pixels. When the map was only dragged, what is
  // there is moved and only the edges that came into sight are drawn.
  ground(f, draw, anew) {
    const step = anew ? null : this.dragged(f);
    this.f = f;
    if (step) {
      this.shift(f, step, draw);
      return;
    }
    draw(this.ctx);
    const read = this.ctx.getImageData(0, 0, f.W, f.H);
    if (!this.image || this.image.width !== f.W || this.image.height !== f.H) {
      this.image = this.ctx.createImageData(f.W, f.H);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.below = new Uint32Array(f.W * f.H);
    }
    this.base = new Uint32Array(read.data.buffer);
  }

  // How many whole pixels the ground moved since it was drawn, null when it must be drawn anew.
  dragged(f) {
    const before = this.f;
    if (!before || !this.base || before.k !== f.k || before.W !== f.W || before.H !== f.H) return null;
    const [x, y] = [Math.round(f.ox - before.ox), Math.round(f.oy - before.oy)];
    const off = Math.hypot(f.ox - before.ox - x, f.oy - before.oy - y);
    return off < 0.01 && Math.abs(x) < f.W / 2 && Math.abs(y) < f.H / 2 ? { x, y } : null;
  }

  shift({ W, H }, { x, y }, draw) {
    const { base, ctx } = this;
    const by = y * W + x;
    if (by > 0) base.copyWithin(by, 0, W * H - by);
    else base.copyWithin(0, -by, W * H);
    const edges = [];
    if (x) edges.push({ x: x > 0 ? 0 : W + x, y: 0, w: Math.abs(x), h: H });
    if (y) edges.push({ x: 0, y: y > 0 ? 0 : H + y, w: W, h: Math.abs(y) });
    for (const edge of edges) {
      ctx.save();
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.beginPath();
      ctx.rect(edge.x, edge.y, edge.w, edge.h);
      ctx.clip();
      draw(ctx);
      ctx.restore();
      const read = new Uint32Array(ctx.getImageData(edge.x, edge.y, edge.w, edge.h).data.buffer);
      for (let row = 0; row < edge.h; row += 1) {
        base.set(read.subarray(row * edge.w, (row + 1) * edge.w), (edge.y + row) * W + edge.x);
      }
    }
  }

  // Lines and areas of all layers, then points of all layers.
  still(f, layers) {
    this.u = this.below;
    this.noted = false;
    this.u.set(this.base);
    this.layers(f, layers);
    this.pixels.set(this.below);
    this.crowded = false;
    this.n = 0;
  }

  moving(f, layers) {
    if (this.crowded) this.pixels.set(this.below);
    else this.wipe(f.W);
    const crowd = layers.reduce((n, { block }) => n + block.points + block.hot.length, 0);
    this.crowded = crowd * NT.SPARSE > f.W * f.H;
    this.u = this.pixels;
    this.noted = !this.crowded;
    this.n = 0;
    this.layers(f, layers);
  }

  layers(f, layers) {
    this.pen = new NT.Strokes(this.u, f.W, f.H);
    for (const { block, style } of layers) if (block.sketch) NT.drawSketch(this, block.sketch, f, style);
    for (const { block, palette } of layers) this.stamp(block, f, palette);
  }

  show() {
    this.ctx.putImageData(this.image, 0, 0);
  }

  // Puts back what lies below the things that moved.
  wipe(W) {
    const { pixels, below, spots, sizes } = this;
    for (let i = 0; i < this.n; i += 1) {
      const size = sizes[i];
      if (size === 2) {
        const o = spots[i];
        pixels[o] = below[o]; pixels[o + 1] = below[o + 1];
        pixels[o + W] = below[o + W]; pixels[o + W + 1] = below[o + W + 1];
        continue;
      }
      for (let row = 0, o = spots[i]; row < size; row += 1, o += W) {
        for (let x = o; x < o + size; x += 1) pixels[x] = below[x];
      }
    }
  }

  room(more) {
    if (!this.noted || this.n + more <= this.spots.length) return;
    const length = 2 ** Math.ceil(Math.log2(this.n + more));
    const [spots, sizes] = [new Int32Array(length), new Uint8Array(length)];
    spots.set(this.spots);
    sizes.set(this.sizes);
    [this.spots, this.sizes] = [spots, sizes];
  }

  // The points of a block, then the abnormal ones that have no chip, the gravest on top.
  stamp(block, f, palette) {
    const { points, chips } = block;
    this.room(points + block.hot.length);
    const size = NT.stampSize(points, f.dpr);
    if (size === 2) this.pairs(block, f, palette);
    else this.squares(block, f, palette, size);
    const large = NT.largeStamp(points, f.dpr);
    for (const i of block.hot) {
      if (i >= points && i < points + chips) continue;
      const paint = block.paint[i];
      this.square(block.xy, i, f, palette[paint], large, paint >> NT.AGE_BITS);
    }
  }

  // The fast path: 2 x 2 pixels, no inner loop.
  pairs(block, f, palette) {
    const { xy, paint, points } = block;
    const { k, ox, oy, W, H } = f;
    const { u, spots, sizes, noted } = this;
    let at = this.n;
    for (let i = 0; i < points; i += 1) {
      const x = (xy[2 * i] * k + ox) | 0;
      const y = (oy - xy[2 * i + 1] * k) | 0;
      if (x > 0 && y > 0 && x < W - 1 && y < H - 1) {
        const c = palette[paint[i]];
        const o = y * W + x;
        u[o] = c; u[o + 1] = c; u[o + W] = c; u[o + W + 1] = c;
        if (noted) {
          spots[at] = o;
          sizes[at] = 2;
          at += 1;
        }
      }
    }
    this.n = at;
  }

  squares(block, f, palette, size) {
    const { xy, paint, points } = block;
    for (let i = 0; i < points; i += 1) {
      this.square(xy, i, f, palette[paint[i]], size, paint[i] >> NT.AGE_BITS);
    }
  }

  // One square around a place; hollow when what it says is late.
  square(xy, i, f, colour, size, age) {
    const x = Math.round(xy[2 * i] * f.k + f.ox - size / 2);
    const y = Math.round(f.oy - xy[2 * i + 1] * f.k - size / 2);
    if (x < 0 || y < 0 || x + size > f.W || y + size > f.H) return;
    const { u } = this;
    if (this.noted) {
      this.spots[this.n] = y * f.W + x;
      this.sizes[this.n] = size;
      this.n += 1;
    }
    const hollow = age > 0 && size > 3;
    for (let row = 0; row < size; row += 1) {
      const o = (y + row) * f.W + x;
      if (!hollow || row === 0 || row === size - 1) u.fill(colour, o, o + size);
      else { u[o] = colour; u[o + size - 1] = colour; }
    }
  }

  area(sketch, i, f, colour) {
    this.pen.fill(sketch.xy, sketch.partAt, sketch.at[i], sketch.at[i + 1], f, colour);
  }

  outline(sketch, i, f, colour, width, closed) {
    for (let part = sketch.at[i]; part < sketch.at[i + 1]; part += 1) {
      const [from, to] = [sketch.partAt[part], sketch.partAt[part + 1]];
      this.pen.line(sketch.xy, from, to, f, width, colour, closed);
    }
  }
};

// The nearest object drawn as a point to a place on the canvas, or -1.
NT.nearest = function nearest(block, f, x, y, reach) {
  const mx = (x - f.ox) / f.k;
  const my = (f.oy - y) / f.k;
  let best = (reach / f.k) ** 2;
  let found = -1;
  const { xy } = block;
  for (const [from, to] of [[0, block.points], [block.points + block.chips, block.n]]) {
    for (let i = from; i < to; i += 1) {
      const dx = xy[2 * i] - mx;
      const dy = xy[2 * i + 1] - my;
      const d = dx * dx + dy * dy;
      if (d <= best) { best = d; found = i; }
    }
  }
  return { index: found, distance: Math.sqrt(best) * f.k };
};
