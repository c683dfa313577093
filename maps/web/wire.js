// Reads what Python packed: one block of typed arrays per layer, never one object per feature.
"use strict";
window.NT = window.NT || {};

// Gives a picture with the names of its rows, which come only when they changed; null for the names
// themselves, and for a picture that was under way when its layer was put away: it comes anew.
NT.readPart = function readPart(buffer, offset, seq, held) {
  const size = new DataView(buffer).getUint32(offset, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, offset + 4, size)));
  const start = offset + 4 + size;
  const column = (kind, name, length) =>
    head.at[name] === undefined ? null : new kind(buffer, start + head.at[name], length);
  const name = `${head.channel}/${head.layer}`;
  if (head.at.oid !== undefined) {
    const [oid, kind] = [column(Uint32Array, "oid", head.n), column(Uint8Array, "kind", head.n)];
    held.set(name, { ...head, oid, kind, xy: null });
    return null;
  }
  const names = held.get(name);
  if (names?.names !== head.names) return null;
  if (head.grid) names.xy = NT.offGrid(column(Uint16Array, "xy", 2 * head.n), head.grid, names.xy);
  return {
    ...head,
    seq,
    oid: names.oid,
    kind: names.kind,
    xy: head.grid ? names.xy : column(Float32Array, "xy", 2 * head.n),
    value: column(Float32Array, "value", head.n),
    hot: column(Uint32Array, "hot", head.hot),
    cell: column(Int32Array, "cell", 5 * head.cells),
    middle: column(Float32Array, "middle", 2 * head.cells),
    sketch: head.sketch[0] ? {
      n: head.sketch[0],
      at: column(Uint32Array, "s_at", head.sketch[0] + 1),
      partAt: column(Uint32Array, "p_at", head.sketch[1] + 1),
      oid: column(Uint32Array, "s_oid", head.sketch[0]),
      xy: column(Float32Array, "v", 2 * head.sketch[2]),
      paint: column(Uint8Array, "s_paint", head.sketch[0]),
      form: column(Uint8Array, "s_form", head.sketch[0]),
    } : null,
    heat: head.warm && { ...head.warm, strength: column(Uint8Array, "heat", head.warm.w * head.warm.h) },
    paint: column(Uint8Array, "paint", head.n),
  };
};

// Turns steps of a grid into metres, in the array of the picture before where there is one.
NT.offGrid = function offGrid(steps, [west, south, step], former) {
  const xy = former || new Float32Array(steps.length);
  for (let i = 0; i < xy.length; i += 2) {
    xy[i] = west + steps[i] * step;
    xy[i + 1] = south + steps[i + 1] * step;
  }
  return xy;
};

NT.TIDY_BYTES = 24 << 20;

// Asks for a collection once so much was read. Every picture replaces one before it, and V8 by
// itself lets some 60 MB of such large buffers gather before it looks at them.
NT.tidy = function tidy() {
  if (window.gc) requestIdleCallback(() => window.gc({ type: "major", execution: "async" }));
};

// Pulls every part that is newer than what is held: one request in flight, latest wins.
NT.Puller = class Puller {
  constructor(take, failed) {
    this.take = take;
    this.failed = failed;
    this.view = 0;
    this.seen = 0;
    this.wanted = 0;
    this.busy = false;
    this.names = new Map();
    this.bytes = 0; // read since the last collection
  }

  keep(layers) {
    for (const [name, { layer }] of this.names) if (!layers.includes(layer)) this.names.delete(name);
  }

  want(seq) {
    this.wanted = Math.max(this.wanted, seq);
    this.pull();
  }

  async pull() {
    if (this.busy || this.seen >= this.wanted) return;
    this.busy = true;
    const wanted = this.wanted;
    try {
      const reply = await fetch(`app://map/view/${this.view}?${this.seen}`);
      if (!reply.ok) throw new Error(`view ${this.view}: ${reply.status}`);
      this.read(await reply.arrayBuffer());
    } catch (error) {
      this.failed(String(error));
    } finally {
      this.seen = Math.max(this.seen, wanted);
      this.busy = false;
    }
    this.pull();
  }

  read(buffer) {
    this.bytes += buffer.byteLength;
    if (this.bytes > NT.TIDY_BYTES) {
      this.bytes = 0;
      NT.tidy();
    }
    const view = new DataView(buffer);
    for (let at = 0; at < buffer.byteLength;) {
      const [seq, size] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      this.seen = Math.max(this.seen, seq);
      const block = NT.readPart(buffer, at + 8, seq, this.names);
      if (block) this.take(block);
      at += 8 + size + ((4 - (size % 4)) % 4);
    }
  }
};
