// Where much happens: the strengths Python counted, in the hue of the layer's group, no rainbow.
"use strict";

NT.HEAT_MOST = 0.45; // opacity at full strength

NT.Heat = class Heat {
  constructor() {
    this.small = new Map(); // by block: its picture, one pixel per square
  }

  // True when other blocks are warm than those drawn last.
  changed(app) {
    const warm = this.warm(app);
    return warm.length !== this.small.size || warm.some(([block]) => !this.small.has(block));
  }

  warm(app) {
    return [...app.blocks()].filter(([block]) => block.heat);
  }

  // Draws the heat of all layers over the ground.
  draw(ctx, app, f) {
    const warm = this.warm(app);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
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
