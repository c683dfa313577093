// Lines and filled areas written straight into the image: smooth edges, no canvas path.
"use strict";

// Lays a colour over a pixel.
NT.cover = function cover(pixels, o, rgb, alpha) {
  if (alpha > 250) {
    pixels[o] = 0xff000000 | rgb;
    return;
  }
  const below = pixels[o];
  const r = below & 255;
  const g = (below >> 8) & 255;
  const b = (below >> 16) & 255;
  pixels[o] = 0xff000000
    | ((b + (((((rgb >> 16) & 255) - b) * alpha) >> 8)) << 16)
    | ((g + (((((rgb >> 8) & 255) - g) * alpha) >> 8)) << 8)
    | (r + ((((rgb & 255) - r) * alpha) >> 8));
};

// Cuts a segment to a rectangle (Liang and Barsky); false when nothing is left.
NT.cut = function cut(s, low, right, bottom) {
  const dx = s[2] - s[0];
  const dy = s[3] - s[1];
  let from = 0;
  let to = 1;
  for (let side = 0; side < 4; side += 1) {
    const p = side === 0 ? -dx : side === 1 ? dx : side === 2 ? -dy : dy;
    const q = side === 0 ? s[0] - low : side === 1 ? right - s[0] : side === 2 ? s[1] - low : bottom - s[1];
    if (p === 0) {
      if (q < 0) return false;
    } else if (p < 0) from = Math.max(from, q / p);
    else to = Math.min(to, q / p);
  }
  if (from > to) return false;
  s[2] = s[0] + to * dx;
  s[3] = s[1] + to * dy;
  s[0] += from * dx;
  s[1] += from * dy;
  return true;
};

NT.Strokes = class Strokes {
  constructor(pixels, W, H) {
    this.u = pixels;
    this.W = W;
    this.H = H;
    this.s = new Float64Array(4);
  }

  // One segment: for each step along its longer side the run of pixels its width covers.
  segment(x0, y0, x1, y1, width, colour) {
    const { u, W, H, s } = this;
    s[0] = x0; s[1] = y0; s[2] = x1; s[3] = y1;
    const edge = width + 2;
    if (!NT.cut(s, edge, W - 1 - edge, H - 1 - edge)) return;
    const dx = s[2] - s[0];
    const dy = s[3] - s[1];
    const flat = Math.abs(dx) >= Math.abs(dy);
    const [a0, a1, b0] = flat ? [s[0], s[2], s[1]] : [s[1], s[3], s[0]];
    const slope = flat ? dy / (dx || 1) : dx / (dy || 1);
    const half = (width * Math.sqrt(1 + slope * slope)) / 2;
    const rgb = colour & 0xffffff;
    const full = colour >>> 24;
    const [along, across] = flat ? [1, W] : [W, 1];
    const low = Math.floor(Math.min(a0, a1));
    const high = Math.floor(Math.max(a0, a1));
    for (let a = low; a <= high; a += 1) {
      const middle = b0 + (a + 0.5 - a0) * slope;
      const top = middle - half;
      const end = middle + half;
      const first = Math.floor(top);
      const last = Math.floor(end);
      let o = a * along + first * across;
      if (first === last) {
        NT.cover(u, o, rgb, (full * (end - top)) | 0);
        continue;
      }
      NT.cover(u, o, rgb, (full * (first + 1 - top)) | 0);
      o += across;
      for (let b = first + 1; b < last; b += 1, o += across) NT.cover(u, o, rgb, full);
      NT.cover(u, o, rgb, (full * (end - last)) | 0);
    }
  }

  line(xy, from, to, f, width, colour, closed) {
    const { k, ox, oy } = f;
    const last = 2 * (closed ? from : to - 1);
    let x = closed ? xy[2 * to - 2] * k + ox : xy[2 * from] * k + ox;
    let y = closed ? oy - xy[2 * to - 1] * k : oy - xy[2 * from + 1] * k;
    if (last < 0) return;
    for (let i = closed ? from : from + 1; i < to; i += 1) {
      const nx = xy[2 * i] * k + ox;
      const ny = oy - xy[2 * i + 1] * k;
      this.segment(x, y, nx, ny, width, colour);
      x = nx;
      y = ny;
    }
  }

  // Fills rings even-odd: for each row of pixels the crossings in order, every second gap is inside.
  fill(xy, partAt, fromPart, toPart, f, colour) {
    const { k, ox, oy } = f;
    const { u, W, H } = this;
    const rows = new Map();
    for (let part = fromPart; part < toPart; part += 1) {
      const [from, to] = [partAt[part], partAt[part + 1]];
      let x = xy[2 * to - 2] * k + ox;
      let y = oy - xy[2 * to - 1] * k;
      for (let i = from; i < to; i += 1) {
        const nx = xy[2 * i] * k + ox;
        const ny = oy - xy[2 * i + 1] * k;
        const [ya, yb] = y < ny ? [y, ny] : [ny, y];
        const end = Math.min(H - 1, Math.ceil(yb - 0.5) - 1);
        for (let row = Math.max(0, Math.ceil(ya - 0.5)); row <= end; row += 1) {
          const at = x + ((row + 0.5 - y) / (ny - y)) * (nx - x);
          const known = rows.get(row);
          if (known) known.push(at);
          else rows.set(row, [at]);
        }
        x = nx;
        y = ny;
      }
    }
    const rgb = colour & 0xffffff;
    const alpha = colour >>> 24;
    for (const [row, crossings] of rows) {
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const end = Math.min(W - 1, Math.ceil(crossings[i + 1] - 0.5) - 1);
        for (let col = Math.max(0, Math.ceil(crossings[i] - 0.5)); col <= end; col += 1) {
          NT.cover(u, row * W + col, rgb, alpha);
        }
      }
    }
  }
};
