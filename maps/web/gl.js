// The back-end for a real graphics card: the same ground, lines and points, drawn by WebGL2.
"use strict";

NT.SOFTWARE = /llvmpipe|swiftshader|softpipe|software|basic render|svga3d|virgl/i;

NT.POINT_VERTEX = `#version 300 es
uniform vec4 frame; // k, ox, oy, size
uniform vec2 canvas;
uniform vec4 colours[32];
in vec2 xy;
in float paint;
flat out vec4 colour;
flat out float hollow;
void main() {
  float size = frame.w;
  vec2 at = vec2(xy.x * frame.x + frame.y, frame.z - xy.y * frame.x);
  vec2 low = size == 2.0 ? floor(at) : floor(at - size / 2.0 + 0.5);
  bool inside = all(greaterThan(low, vec2(size == 2.0 ? 0.0 : -1.0)))
    && all(lessThanEqual(low + size, canvas));
  vec2 middle = (low + size / 2.0) / canvas * 2.0 - 1.0;
  gl_Position = inside ? vec4(middle.x, -middle.y, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
  colour = colours[int(paint)];
  hollow = paint >= 8.0 && size > 3.0 ? size : 0.0;
}`;
NT.POINT_FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 colour;
flat in float hollow;
out vec4 shown;
void main() {
  vec2 at = floor(gl_PointCoord * hollow);
  if (hollow > 0.0 && all(greaterThan(at, vec2(0.0))) && all(lessThan(at, vec2(hollow - 1.0)))) discard;
  shown = colour;
}`;
// One segment is a strip of four corners, half a pixel wider than the line on each side.
NT.LINE_VERTEX = `#version 300 es
uniform vec4 frame;
uniform vec2 canvas;
in vec4 ends;
in vec4 tint;
in float width;
out float away;
flat out float half_width;
flat out vec4 colour;
void main() {
  vec2 a = vec2(ends.x * frame.x + frame.y, frame.z - ends.y * frame.x);
  vec2 b = vec2(ends.z * frame.x + frame.y, frame.z - ends.w * frame.x);
  vec2 along = b - a;
  float len = max(length(along), 1e-6);
  vec2 side = vec2(-along.y, along.x) / len;
  float reach = width / 2.0 + 1.0;
  float sign_ = (gl_VertexID & 1) == 0 ? -1.0 : 1.0;
  vec2 at = (gl_VertexID < 2 ? a : b) + side * reach * sign_;
  away = reach * sign_;
  half_width = width / 2.0;
  colour = tint;
  vec2 clip = at / canvas * 2.0 - 1.0;
  gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}`;
NT.LINE_FRAGMENT = `#version 300 es
precision highp float;
in float away;
flat in float half_width;
flat in vec4 colour;
out vec4 shown;
void main() {
  float cover = clamp(half_width + 0.5 - abs(away), 0.0, 1.0);
  shown = vec4(colour.rgb, 1.0) * (colour.a * cover);
}`;
NT.AREA_VERTEX = `#version 300 es
uniform vec4 frame;
uniform vec2 canvas;
in vec2 xy;
void main() {
  vec2 clip = vec2(xy.x * frame.x + frame.y, frame.z - xy.y * frame.x) / canvas * 2.0 - 1.0;
  gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}`;
NT.AREA_FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 tint;
out vec4 shown;
void main() { shown = vec4(tint.rgb, 1.0) * tint.a; }`;

NT.rgba = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >>> 24].map((v) => v / 255);

// Says what draws WebGL here, empty when nothing does.
NT.renderer = function renderer() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return "";
  const known = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(known ? known.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return String(name);
};

// The back-end for this machine: WebGL on a real card or when asked for, else the raster.
NT.makeBack = function makeBack(app, wish) {
  if (wish !== "raster") {
    const name = NT.renderer();
    if (name && (wish === "webgl" || !NT.SOFTWARE.test(name))) {
      const back = new NT.Gl(app.stage, () => app.backLost());
      if (back.gl) return back;
    }
  }
  return new NT.Raster(app.stage);
};

NT.Gl = class Gl {
  constructor(stage, lost) {
    this.ctx = stage.ctx.ground;
    this.canvas = L.DomUtil.create("canvas", "nt-gl");
    stage.ctx.ground.canvas.after(this.canvas);
    this.gl = this.canvas.getContext("webgl2", { antialias: false, stencil: true, alpha: true });
    if (!this.gl) {
      this.canvas.remove();
      return;
    }
    this.canvas.addEventListener("webglcontextlost", (e) => {
      e.preventDefault();
      lost();
    });
    this.buffers = new WeakMap(); // by typed array: uploaded once
    this.strokes = new WeakMap(); // by sketch: its segments
    this.points = this.program(NT.POINT_VERTEX, NT.POINT_FRAGMENT, ["xy", "paint"]);
    this.lines = this.program(NT.LINE_VERTEX, NT.LINE_FRAGMENT, ["ends", "tint", "width"]);
    this.areas = this.program(NT.AREA_VERTEX, NT.AREA_FRAGMENT, ["xy"]);
    this.shownLayers = { still: [], moving: [] };
  }

  program(vertex, fragment, names) {
    const { gl } = this;
    const made = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    }
    names.forEach((name, i) => gl.bindAttribLocation(made, i, name));
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(made));
    }
    const uniform = (name) => gl.getUniformLocation(made, name);
    return {
      made, frame: uniform("frame"), canvas: uniform("canvas"),
      colours: uniform("colours"), tint: uniform("tint"),
    };
  }

  ground(f, draw) {
    draw(this.ctx);
    this.base = true;
    if (this.canvas.width === f.W && this.canvas.height === f.H) return;
    this.canvas.width = f.W;
    this.canvas.height = f.H;
    this.canvas.style.width = `${f.W / f.dpr}px`;
    this.canvas.style.height = `${f.H / f.dpr}px`;
  }

  still(f, layers) {
    this.shownLayers.still = layers;
    this.f = f;
  }

  moving(f, layers) {
    this.shownLayers.moving = layers;
    this.f = f;
  }

  show() {
    const { gl, f } = this;
    if (gl.isContextLost()) return;
    gl.viewport(0, 0, f.W, f.H);
    gl.disable(gl.STENCIL_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
    for (const layers of [this.shownLayers.still, this.shownLayers.moving]) {
      for (const { block, style } of layers) if (block.sketch) this.sketch(block.sketch, style);
      for (const { block, palette } of layers) this.stamp(block, palette);
    }
  }

  use(program, size) {
    const { gl, f } = this;
    gl.useProgram(program.made);
    gl.uniform4f(program.frame, f.k, f.ox, f.oy, size);
    gl.uniform2f(program.canvas, f.W, f.H);
  }

  // A buffer on the card for an array; arrays never change, so each is uploaded once.
  bind(target, array) {
    const { gl } = this;
    let buffer = this.buffers.get(array);
    if (buffer) gl.bindBuffer(target, buffer);
    else {
      buffer = gl.createBuffer();
      this.buffers.set(array, buffer);
      gl.bindBuffer(target, buffer);
      gl.bufferData(target, array, gl.STATIC_DRAW);
    }
  }

  feed(index, array, parts, kind, options = {}) {
    const { gl } = this;
    this.bind(gl.ARRAY_BUFFER, array);
    gl.enableVertexAttribArray(index);
    gl.vertexAttribPointer(index, parts, kind, Boolean(options.share), 0, 0);
    gl.vertexAttribDivisor(index, options.each ? 1 : 0);
  }

  stamp(block, palette) {
    const { gl, f } = this;
    const { points, chips } = block;
    if (block.n === 0) return;
    this.use(this.points, NT.stampSize(points, f.dpr));
    gl.disable(gl.BLEND);
    gl.uniform4fv(this.points.colours, new Float32Array([...palette].flatMap(NT.rgba)));
    this.feed(0, block.xy, 2, gl.FLOAT);
    this.feed(1, block.paint, 1, gl.UNSIGNED_BYTE);
    gl.disableVertexAttribArray(2);
    if (points) gl.drawArrays(gl.POINTS, 0, points);
    block.bare ||= block.hot.filter((i) => i < points || i >= points + chips);
    if (block.bare.length === 0) return;
    this.use(this.points, NT.largeStamp(points, f.dpr));
    this.bind(gl.ELEMENT_ARRAY_BUFFER, block.bare);
    gl.drawElements(gl.POINTS, block.bare.length, gl.UNSIGNED_INT, 0);
  }

  // Outlines of normal areas, fills, then the rest in order, the marked one on top.
  sketch(sketch, style) {
    const known = this.strokes.get(sketch);
    const drawn = known?.style.marked === style.marked && known.style.states === style.states
      ? known : NT.segmentsOf(sketch, style, this.f.dpr);
    this.strokes.set(sketch, drawn);
    this.segments(drawn, 0, drawn.below);
    for (const { part, to, colour } of drawn.fills) this.fill(sketch, part, to, colour);
    this.segments(drawn, drawn.below, drawn.n - drawn.below);
  }

  segments(drawn, from, count) {
    const { gl } = this;
    if (count <= 0) return;
    this.use(this.lines, 0);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const parts = [[0, drawn.ends, 4, gl.FLOAT, 16], [1, drawn.tint, 4, gl.UNSIGNED_BYTE, 4], [2, drawn.width, 1, gl.FLOAT, 4]];
    for (const [index, array, size, kind, bytes] of parts) {
      this.bind(gl.ARRAY_BUFFER, array);
      gl.enableVertexAttribArray(index);
      gl.vertexAttribPointer(index, size, kind, index === 1, 0, from * bytes);
      gl.vertexAttribDivisor(index, 1);
    }
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
    for (const [index] of parts) gl.vertexAttribDivisor(index, 0);
  }

  // Even-odd: each ring's fan flips the stencil, then the flipped pixels are coloured.
  fill(sketch, part, to, colour) {
    const { gl } = this;
    this.use(this.areas, 0);
    gl.uniform4fv(this.areas.tint, NT.rgba(colour));
    this.feed(0, sketch.xy, 2, gl.FLOAT);
    gl.disableVertexAttribArray(1);
    gl.disableVertexAttribArray(2);
    gl.enable(gl.STENCIL_TEST);
    gl.colorMask(false, false, false, false);
    gl.stencilFunc(gl.ALWAYS, 0, 1);
    gl.stencilOp(gl.KEEP, gl.KEEP, gl.INVERT);
    const fans = () => {
      for (let p = part; p < to; p += 1) {
        gl.drawArrays(gl.TRIANGLE_FAN, sketch.partAt[p], sketch.partAt[p + 1] - sketch.partAt[p]);
      }
    };
    fans();
    gl.colorMask(true, true, true, true);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.stencilFunc(gl.EQUAL, 1, 1);
    gl.stencilOp(gl.KEEP, gl.KEEP, gl.ZERO);
    fans();
    gl.disable(gl.STENCIL_TEST);
  }

  remove() {
    this.canvas.remove();
  }
};

// The segments of a sketch as arrays for the card, with colour and width each.
NT.segmentsOf = function segmentsOf(sketch, style, dpr) {
  const [ends, tint, width, fills] = [[], [], [], []];
  let below = -1;
  const add = (i, colour, px, closed) => {
    for (let p = sketch.at[i]; p < sketch.at[i + 1]; p += 1) {
      const [from, to] = [sketch.partAt[p], sketch.partAt[p + 1]];
      for (let v = closed ? from : from + 1, j = closed ? to - 1 : from; v < to; j = v, v += 1) {
        ends.push(sketch.xy[2 * j], sketch.xy[2 * j + 1], sketch.xy[2 * v], sketch.xy[2 * v + 1]);
        tint.push(colour & 255, (colour >> 8) & 255, (colour >> 16) & 255, colour >>> 24);
        width.push(px);
      }
    }
  };
  let marked = -1;
  for (let i = 0; i < sketch.n; i += 1) {
    const isArea = sketch.form[i] === NT.AREA;
    const { colour, times, fill } = NT.strokeOf(sketch.paint[i], isArea, style);
    if (below < 0 && (fill || !isArea)) below = width.length;
    if (fill) fills.push({ part: sketch.at[i], to: sketch.at[i + 1], colour: fill });
    if (sketch.oid[i] === style.marked) marked = i;
    add(i, colour, Math.max(1, times * style.width * dpr), isArea);
  }
  if (marked >= 0) {
    const px = Math.max(2, NT.WIDTHS.marked * style.width * dpr * 0.75);
    add(marked, style.marked_colour, px, sketch.form[marked] === NT.AREA);
  }
  return {
    style, fills, n: width.length, below: below < 0 ? width.length : below,
    ends: new Float32Array(ends), tint: new Uint8Array(tint), width: new Float32Array(width),
  };
};
