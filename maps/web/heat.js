// Where much happens: the strengths Python counted, in the hue of the layer's group, no rainbow.
"use strict";

NT.HEAT_MOST = 0.45; // opacity at full strength

NT.Heat = class Heat {
  constructor(ctx) {
    this.ctx = ctx;
    this.small = new Map(); // by block: its picture, one pixel per square
  }

  // Draws the heat of all layers; says whether there is any.
  draw(app, f) {
    const warm = [...app.blocks()].filter(([block]) => block.heat);
    if (warm.length === 0) {
      this.small.clear();
      return false;
    }
    const { ctx } = this;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, f.W, f.H);
    ctx.imageSmoothingEnabled = true;
    const kept = new Map();
    for (const [block, layer] of warm) {
      const colour = app.look.groups[layer];
      const picture = this.picture(block, colour);
      kept.set(block, picture);
      const { x, y, metres, w, h } = block.heat;
      const side = metres * f.k;
      ctx.drawImage(picture.canvas, x * f.k + f.ox, f.oy - y * f.k, w * side, h * side);
    }
    this.small = kept;
    return true;
  }

  picture(block, colour) {
    const known = this.small.get(block);
    if (known?.colour === colour) return known;
    const { w, h, strength } = block.heat;
    const canvas = new OffscreenCanvas(w, h);
    const ctx = canvas.getContext("2d");
    const image = ctx.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    const ramp = NT.rampOf(colour);
    for (let i = 0; i < strength.length; i += 1) pixels[i] = ramp[strength[i]];
    ctx.putImageData(image, 0, 0);
    return { canvas, colour };
  }
};

// 256 steps of one hue: only the opacity grows.
NT.rampOf = function rampOf(colour) {
  const rgb = NT.pixel(colour) & 0xffffff;
  return Uint32Array.from({ length: 256 }, (_, i) => ((Math.round(i * NT.HEAT_MOST) << 24) | rgb) >>> 0);
};
