// Photos of a report: chosen, sent one by one, named by what the service answers.

import { h } from "./dom.js";
import { Refusal, send } from "./link.js";
import { t } from "./words.js";

const DOOR = "/v1/attachments";
const MOST = 20;
const WAIT_MS = 300_000;
let open = null;

async function takes() {
  if (open) return true;
  try {
    await send(DOOR);
    open = true;
  } catch (no) {
    open = no instanceof Refusal ? no.problem.status !== 404 : null; // only POST stands there
  }
  return open !== false;
}

/** Draw the chooser into a place; says so where the service takes no photos. */
export async function pick(host, draft) {
  draft.photos ??= [];
  if (!(await takes())) {
    host.replaceChildren(h("p", { class: "hint", id: "no-photos" }, t("photos_not_yet")));
    return;
  }
  const list = h("ul", { class: "photos" });
  const draw = () => list.replaceChildren(...draft.photos.map((one) => h("li", {},
    h("img", { src: one.shown, alt: one.file.name, width: 64, height: 64 }),
    h("span", { class: "name" }, one.file.name, one.id ? ` · ${t("photo_sent")}` : ""),
    h("button", { type: "button", "aria-label": t("photo_remove", one.file.name), on: { click: () => remove(one) } }, "×"))));
  const remove = (one) => {
    URL.revokeObjectURL(one.shown);
    draft.photos.splice(draft.photos.indexOf(one), 1);
    draw();
  };
  const change = (event) => {
    for (const file of event.target.files) draft.photos.push({ file, shown: URL.createObjectURL(file), id: null });
    event.target.value = "";
    draw();
  };
  host.replaceChildren(h("label", { for: "photos" }, t("photos")),
    h("span", { class: "hint", id: "photos-hint" }, t("photos_hint")),
    h("input", { id: "photos", type: "file", accept: "image/*", multiple: true, "aria-describedby": "photos-hint photos-wrong", on: { change } }),
    h("span", { class: "wrong", id: "photos-wrong", hidden: true }), list);
  draw();
}

/** Send what has not been sent; each is sent once and keeps its id whatever follows. */
export async function sendAll(photos, region, progress) {
  for (const [at, one] of photos.entries()) {
    if (one.id) continue;
    progress(t("sending_photo", at + 1, Math.min(photos.length, MOST)));
    const query = new URLSearchParams({ name: one.file.name.slice(-200), region });
    const init = { method: "POST", body: one.file, headers: { "Content-Type": one.file.type }, signal: AbortSignal.timeout(WAIT_MS) };
    try {
      one.id = (await (await send(`${DOOR}?${query}`, init)).json()).attachment_id;
    } catch (no) {
      if (!(no instanceof Refusal)) no.photo = true;
      throw no;
    }
  }
}

/** Save a file of the service's to look at. */
export async function save(id) {
  const reply = await send(`${DOOR}/${encodeURIComponent(id)}`);
  const url = URL.createObjectURL(await reply.blob());
  const told = reply.headers.get("Content-Disposition")?.match(/filename\*=utf-8''([^;]+)/i);
  h("a", { href: url, download: told ? decodeURIComponent(told[1]) : id }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
