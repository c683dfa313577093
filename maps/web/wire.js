// Reads what Python packed: one block of typed arrays per layer, never one object per feature.
"use strict";
window.NT = window.NT || {};

NT.readBlock = function readBlock(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const start = 4 + size;
  const column = (kind, name, length) =>
    head.at[name] === undefined ? null : new kind(buffer, start + head.at[name], length);
  return {
    layer: head.layer,
    seq: head.seq,
    kinds: head.kinds,
    groups: head.groups,
    n: head.n,
    xy: column(Float32Array, "xy", 2 * head.n),
    oid: column(Uint32Array, "oid", head.n),
    value: column(Float32Array, "value", head.n),
    hot: column(Uint32Array, "hot", head.hot),
    paint: column(Uint8Array, "paint", head.n),
    kind: column(Uint8Array, "kind", head.n),
  };
};

// Pulls the newest block of each dirty layer: one request in flight, latest wins.
NT.Puller = class Puller {
  constructor(take, failed) {
    this.take = take;
    this.failed = failed;
    this.dirty = new Map();
    this.busy = false;
  }

  want(channel, layer, seq) {
    this.dirty.set(`${channel}/${layer}`, seq);
    this.pull();
  }

  async pull() {
    if (this.busy || this.dirty.size === 0) return;
    this.busy = true;
    const [name, seq] = this.dirty.entries().next().value;
    this.dirty.delete(name);
    try {
      const reply = await fetch(`app://map/data/${name}?${seq}`);
      if (!reply.ok) throw new Error(`${name}: ${reply.status}`);
      this.take(name.split("/")[0], NT.readBlock(await reply.arrayBuffer()));
    } catch (error) {
      this.failed(String(error));
    } finally {
      this.busy = false;
    }
    this.pull();
  }
};
