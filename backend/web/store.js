// What the page shows: orders from the pages, then from the stream; events as they are asked for.

import { Refusal, get, person, send } from "./link.js";
import { now, setClock } from "./time.js";

const SILENT_MS = 5_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000];
const PAGE = 1_000;
const AT_ONCE = 4;

export const orders = new Map();
const events = new Map();
const listeners = new Set();
const wanted = new Set();
let asking = 0;
let following = null;
let cursor = "";
let heardAt = 0; // also when following began
let triedAt = 0;
let heardClock = 0;
let loaded = false;
let wasLive = true;

/** Hear of changes: `heard(what)` with "orders", "event" or "tick". */
export function listen(heard) {
  listeners.add(heard);
  return () => listeners.delete(heard);
}

function tell(what) { for (const heard of [...listeners]) heard(what); }

/** Tell how the data stand: loaded at all, the link alive, and of which instant (ms). */
export function standing() {
  return { loaded, live: performance.now() - heardAt < SILENT_MS, at: heardClock };
}

function hear(at) {
  if (at) setClock(at);
  heardAt = performance.now();
  heardClock = now();
}

/** Give an event as far as it is known: undefined not asked yet, null out of sight. */
export function event(id) { return id ? events.get(id) : null; }

/** Have an event read; it comes with "event". */
export function want(id, { anew = false } = {}) {
  if (!id || (!anew && events.has(id))) return;
  wanted.add(id);
  while (asking < AT_ONCE && wanted.size) readNext();
}

async function readNext() {
  const [id] = wanted;
  wanted.delete(id);
  asking += 1;
  try {
    events.set(id, await get(`/v1/items/event/${encodeURIComponent(id)}`));
    tell("event");
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 404) {
      events.set(id, null);
      tell("event");
    }
  } finally {
    asking -= 1;
    if (wanted.size) readNext();
  }
}

/** Read one order anew. */
export async function reread(id) {
  take(await get(`/v1/items/order/${encodeURIComponent(id)}`));
  tell("orders");
}

function take(order) {
  const held = orders.get(order.item_id);
  if (held && held.version >= order.version) return;
  orders.set(order.item_id, order);
  if (held && events.has(order.event_id)) want(order.event_id, { anew: true });
}

async function snapshot() {
  const found = new Map();
  let after = "", first = null;
  do {
    const query = `limit=${PAGE}${after ? `&after=${encodeURIComponent(after)}` : ""}`;
    const page = await get(`/v1/items/order?${query}`);
    first ??= page;
    for (const order of page.items) found.set(order.item_id, order);
    hear();
    after = page.next;
  } while (after);
  orders.clear();
  for (const [id, order] of found) orders.set(id, order);
  cursor = `${first.epoch}:${first.n}`;
  loaded = true;
  for (const id of events.keys()) want(id, { anew: true });
  tell("orders");
}

async function read(stop) {
  const init = { headers: { "Last-Event-ID": cursor }, signal: stop.signal };
  const reader = (await send("/v1/stream", init)).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    if (blocks.map(digest).includes(true)) tell("orders");
  }
}

function digest(block) {
  const lines = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
  if (lines.event === "resync") {
    cursor = "";
    throw new Error("resync");
  }
  const data = JSON.parse(lines.data);
  hear(lines.event === "beat" ? data.at : null);
  if (lines.id) cursor = lines.id;
  if (lines.event !== "change") return false;
  if (data.kind === "event" && events.has(data.item_id)) {
    events.set(data.item_id, data.item);
    return true;
  }
  if (data.kind !== "order") return false;
  if (data.item) take(data.item);
  else orders.delete(data.item_id);
  return true;
}

/** Follow the service until `forget`; a broken link is taken up again by itself. */
export async function follow() {
  const mine = (following = { stop: new AbortController(), wake: () => {} });
  heardAt = performance.now();
  for (let tries = 0; following === mine && person(); tries += 1) {
    const before = cursor;
    try {
      if (!cursor) await snapshot();
      triedAt = performance.now();
      mine.stop = new AbortController();
      await read(mine.stop);
    } catch {
      // Whatever broke it: the banner tells by the silence, and the way is tried again.
    }
    mine.stop.abort(); // what is left of a stream that was given up
    if (following !== mine) return;
    if (cursor !== before) tries = 0;
    const rest = WAITS_MS[Math.min(tries, WAITS_MS.length - 1)];
    await new Promise((go) => { mine.wake = go; setTimeout(go, rest); });
  }
}

/** Forget everything: somebody else may sit here next. */
export function forget() {
  following?.stop.abort();
  following = null;
  cursor = "";
  loaded = false;
  orders.clear();
  events.clear();
  wanted.clear();
}

setInterval(() => {
  if (!following) return;
  const { live } = standing();
  if (loaded && performance.now() - Math.max(heardAt, triedAt) > SILENT_MS) following.stop.abort();
  if (live !== wasLive) tell("link");
  wasLive = live;
  tell("tick");
}, 1_000);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) following?.wake();
});
