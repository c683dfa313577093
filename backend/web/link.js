// The way to the service: tokens, requests, refusals. Nothing is queued, nothing is sent twice.

const KEY = "signed";
const WAIT_MS = 15_000;
const EARLY_MS = 60_000;
let signed = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
let renewing = null;
let ended = () => {};

/** The service said no; `problem` holds its words in both languages. */
export class Refusal extends Error {
  constructor(problem) { super(problem.code); this.problem = problem; }
}

/** No answer came: whether the request arrived is not known. */
export class Unreachable extends Error {}

/** Give who is signed in, null when nobody is. */
export function person() { return signed?.person ?? null; }

/** Say what happens when the sign-in ends by itself. */
export function whenEnded(heard) { ended = heard; }

function keep(tokens) {
  signed = tokens && { ...tokens, until: Date.now() + tokens.expires_in_s * 1000 };
  if (signed) sessionStorage.setItem(KEY, JSON.stringify(signed));
  else sessionStorage.removeItem(KEY);
}

async function ask(path, init) {
  let reply;
  try {
    reply = await fetch(path, { cache: "no-store", credentials: "omit", redirect: "error", ...init });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  if (reply.ok) return reply;
  let problem;
  try {
    problem = await reply.json();
  } catch {
    problem = null;
  }
  if (!problem?.what) throw new Unreachable(`status ${reply.status}`);
  throw new Refusal(problem);
}

function json(body) {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** Sign in; the one-time code may be empty. */
export async function signIn(account, password, totp) {
  const body = { account, password, ...(totp ? { totp } : {}) };
  const wait = AbortSignal.timeout(WAIT_MS);
  const reply = await ask("/v1/auth/sign-in", { method: "POST", ...json(body), signal: wait });
  keep(await reply.json());
}

/** End the sign-in here, and at the service where it can be reached. */
export async function signOut() {
  const init = { method: "POST", headers: bearer(), signal: AbortSignal.timeout(WAIT_MS) };
  keep(null);
  await ask("/v1/auth/sign-out", init).catch(() => {});
}

async function renew() {
  const body = { refresh: signed.refresh };
  const wait = AbortSignal.timeout(WAIT_MS);
  try {
    keep(await (await ask("/v1/auth/refresh", { method: "POST", ...json(body), signal: wait })).json());
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 401) {
      keep(null);
      ended();
    }
    throw error;
  }
}

function bearer() { return { Authorization: `Bearer ${signed?.access ?? ""}` }; }

async function fresh() {
  if (!signed || signed.until - Date.now() > EARLY_MS) return;
  renewing ??= renew().finally(() => { renewing = null; });
  await renewing;
}

/** Ask as who is signed in; a token that was refused is renewed and the request, not done, repeated. */
export async function send(path, init = {}) {
  await fresh();
  const once = () => ask(path, { ...init, headers: { ...init.headers, ...bearer() } });
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.status !== 401 || !signed) throw error;
    signed.until = 0;
    await fresh();
    return once();
  }
}

/** Read JSON. */
export async function get(path) {
  return (await send(path, { signal: AbortSignal.timeout(WAIT_MS) })).json();
}

/** Take a step; gives the item's new version. */
export async function post(path, body) {
  const wait = AbortSignal.timeout(WAIT_MS);
  return (await send(path, { method: "POST", ...json(body), signal: wait })).json();
}
