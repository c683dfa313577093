// One order: what it is about, by when, what became of it, and the steps one may take.

import { fill, h, say } from "./dom.js";
import { county, unit } from "./facts.js";
import { VERBS, extensionWord, open as openForm, target } from "./forms.js";
import { Refusal, get } from "./link.js";
import { lampLine, marks } from "./list.js";
import { save } from "./photos.js";
import { event, orders, reread, standing, want } from "./store.js";
import { instant, left } from "./time.js";
import { draw as drawSteps } from "./timeline.js";
import { t } from "./words.js";

function mark(key, found, ...more) {
  if (!found) return null;
  return pair(key, [found.reason, t("by_at", found.by.name, instant(found.at)), ...more].filter(Boolean).join(" · "));
}

function pair(key, value) { return value ? [h("dt", {}, t(key)), h("dd", {}, value)] : null; }

function particulars(order, found) {
  const returned = order.returned, extension = order.extension;
  return h("dl", { class: "facts" },
    pair("state", t(`state_${order.state}`)),
    pair("due", instant(order.due_at)),
    order.state === "sent" && order.sign_by_at && pair("sign_by", `${instant(order.sign_by_at)} · ${left(order.sign_by_at)}`),
    pair("place", [county(order.region), found ? found.place || t("no_place") : ""].filter(Boolean).join(" · ")),
    pair("unit", unit(order.department)),
    order.note && pair("note", order.note),
    pair("sent", t("by_at", order.sent_by.name, instant(order.created_at))),
    order.signed_by && pair("signed", t("by_at", order.signed_by.name, instant(order.signed_at))),
    mark("urge", order.urge),
    mark("supervised", order.supervised),
    mark("returned", returned, returned?.department && t("returned_to", unit(returned.department))),
    extension && mark("extension", extension.asked, t("until", instant(extension.until_at)), extensionWord(extension), extension.decided?.reason),
    mark("suspended", order.suspended));
}

function reported(found) {
  if (found === undefined) return h("p", { class: "empty" }, t("loading"));
  if (found === null) return h("p", { class: "empty" }, t("no_event"));
  const said = [t(`channel_${found.channel}`), instant(found.reported_at), found.level ? t(`level_${found.level}`) : "", t(`event_${found.state}`)];
  return [h("p", { class: "quote" }, found.text), h("p", { class: "hint" }, said.filter(Boolean).join(" · ")),
    files(found.attachments, "event-photos")];
}

function files(ids, name) {
  if (!ids?.length) return null;
  const take = (id) => () => save(id).catch(() => say(t("no_photo")));
  return h("p", { class: "buttons", id: name }, ids.map((id, at) => h("button", { type: "button", on: { click: take(id) } }, t("photos_n", at + 1))));
}

function report(order) {
  if (!order.report) return null;
  return h("section", { class: "panel" }, h("h2", {}, t("report")), h("p", { class: "quote" }, order.report),
    files(order.proof, "order-photos"));
}

/** Show an order in a pane; the result follows its changes by `update`, its time by `tick`. */
export function show(pane, id) {
  const head = h("section", { class: "panel" }), actions = h("section", { class: "actions" }), host = h("div", { id: "form" });
  const what = h("section", { class: "panel" }), done = h("div", {}), steps = h("section", { class: "panel" });
  let form = null, seen = 0, stepsOf = "";
  pane.replaceChildren(head, actions, host, what, done, steps);

  function start(verb) {
    const live = () => {
      const order = orders.get(id);
      return order ? target(verb, order, event(order.event_id)) : null;
    };
    const look = () => {
      const order = orders.get(id);
      if (order) want(order.event_id, { anew: true });
      return reread(id).catch(() => {});
    };
    form = openForm(host, verb, orders.get(id), { live, look, close });
    actions.hidden = true;
  }

  function close(sent) {
    form = null;
    actions.hidden = false;
    update();
    if (sent) reread(id).catch(() => {});
    head.querySelector("h1")?.focus();
  }

  function drawActions(order, found) {
    const may = VERBS.filter((verb) => target(verb, order, found)?.allowed.includes(verb));
    fill(actions, may.length > 0 && h("h2", { class: "unseen" }, t("steps_here")),
      may.map((verb, at) => h("button", { id: `do-${verb}`, class: at === 0 ? "primary" : "", on: { click: () => start(verb) } }, t(`do_${verb}`))),
      order.is_final && order.state === "sent" && h("p", { class: "hint" }, t("final_why")));
  }

  async function readSteps(order) {
    const key = `${order.item_id} ${order.version} ${event(order.event_id)?.version ?? 0}`;
    if (key === stepsOf || !order.event_id) return;
    stepsOf = key;
    const title = h("h2", {}, t("steps"));
    try {
      const told = await get(`/v1/events/${encodeURIComponent(order.event_id)}/steps`);
      if (stepsOf === key) fill(steps, title, drawSteps(told.steps));
    } catch (no) {
      if (stepsOf !== key) return;
      stepsOf = no instanceof Refusal ? key : "";
      fill(steps, title, h("p", { class: "empty" }, t(no instanceof Refusal ? "steps_none" : "steps_fail")));
    }
  }

  function update() {
    const order = orders.get(id);
    if (!order) {
      const words = standing().loaded ? t("gone") : t("loading");
      pane.replaceChildren(h("section", { class: "panel" }, backLink(), h("h1", { tabindex: "-1" }, words)));
      return;
    }
    if (!head.isConnected) pane.replaceChildren(head, actions, host, what, done, steps);
    const found = event(order.event_id);
    if (found === undefined) want(order.event_id);
    fill(head, backLink(), h("h1", { tabindex: "-1", id: "order-title" }, order.title),
      h("p", { class: "lamp-line" }, lampLine(order), marks(order)), particulars(order, found));
    fill(what, h("h2", {}, t("what")), reported(order.event_id ? found : null));
    fill(done, report(order));
    if (!form) drawActions(order, found);
    form?.check();
    readSteps(order);
    if (seen && seen !== order.version) say(`${order.title} · ${t(`state_${order.state}`)}`);
    seen = order.version;
  }

  function tick() {
    const order = orders.get(id), line = head.querySelector(".lamp-line"), facts = head.querySelector(".facts");
    if (!order || !line) return;
    const now = lampLine(order);
    if (now.textContent === line.firstChild.textContent) return;
    line.firstChild.replaceWith(now);
    facts.replaceWith(particulars(order, event(order.event_id)));
  }

  update();
  return { update, tick };
}

function backLink() { return h("a", { id: "back", class: "back", href: sessionStorage.getItem("tab") ?? "#/orders/sign" }, `← ${t("back")}`); }
