// The list of one's orders, by what is to be done with them, the least time left first.

import { fill, h, shape } from "./dom.js";
import { county, unit } from "./facts.js";
import { person } from "./link.js";
import { event, orders, standing, want } from "./store.js";
import { clock, instant, isDone, lamp, left, next } from "./time.js";
import { t } from "./words.js";

const STEP = 50;
const TABS = {
  sign: (order) => order.state === "sent",
  hand: (order) => order.state === "signed",
  back: (order) => order.state === "returned" || order.state === "suspended",
  done: isDone,
  decide: (order) => order.state === "returned" || order.allowed.includes("grant"),
};
let shown = STEP;
let shownTab = "", shownOpen = "";

/** Name the tabs of who is signed in: those who decide have one more. */
export function tabs() {
  const decides = ["dispatcher", "duty_leader"].includes(person()?.role);
  return decides ? ["decide", "sign", "hand", "back", "done"] : ["sign", "hand", "back", "done"];
}

/** Draw an order's lamp with what is left in words. */
export function lampLine(order) {
  const lit = lamp(order);
  if (order.state === "suspended") return h("span", { class: "left" }, t("clock_stopped"));
  if (isDone(order)) return h("span", { class: "left" }, t(`state_${order.state}`));
  return h("span", { class: lit ? "left lit" : "left" },
    lit && shape(lit.shape), lit && h("span", {}, t(lit.word), " · "), left(order.due_at));
}

/** Draw an order's marks: urged, supervised, final, assisting, asking for time. */
export function marks(order) {
  const asks = order.extension && !order.extension.decided;
  const said = [
    order.supervised && t("mark_supervised"),
    order.urged > 0 && t("mark_urged", order.urged),
    asks && t("mark_asks"),
    order.is_final && t("mark_final"),
    order.task === "assist" && t("mark_assist"),
  ];
  return said.filter(Boolean).map((words) => h("span", { class: "mark" }, words));
}

/** Say where an order's event is: county and place. */
export function place(order) {
  const found = event(order.event_id);
  return [county(order.region), found?.place].filter(Boolean).join(" · ");
}

function row(order, tab, current) {
  want(order.event_id);
  const signs = order.state === "sent" && order.sign_by_at;
  const many = person().departments[0] === "*" || person().departments.length > 1;
  return h("li", { id: `item-${order.item_id}` },
    h("a", {
      id: `row-${order.item_id}`, class: "row", href: `#/order/${encodeURIComponent(order.item_id)}`,
      "aria-current": current === order.item_id ? "true" : null,
    },
    h("span", { class: "title" }, order.title),
    h("span", { class: "by" }, lampLine(order), h("span", {}, instant(tab === "done" ? order.updated_at : order.due_at))),
    h("span", { class: "where" }, place(order)),
    h("span", { class: "marks" }, marks(order), many && h("span", { class: "unit" }, unit(order.department)),
      signs && h("span", { class: "sign" }, t("sign_left", left(order.sign_by_at))))));
}

/** Give the orders of a tab in order. */
export function ofTab(tab) {
  const found = [...orders.values()].filter(TABS[tab]);
  return tab === "done"
    ? found.sort((a, b) => b.updated_at.localeCompare(a.updated_at))
    : found.sort((a, b) => next(a) - next(b) || a.item_id.localeCompare(b.item_id));
}

/** Show the list of a tab; `current` is the order open beside it. */
export function show(pane, tab, current) {
  if (tab !== shownTab) {
    shown = STEP;
    shownTab = tab;
  }
  shownOpen = current;
  const found = ofTab(tab);
  const { loaded, at } = standing();
  const rest = found.length - shown;
  const more = () => {
    shown += STEP;
    show(pane, shownTab, shownOpen);
  };
  fill(pane,
    h("h1", { id: "list-title", tabindex: "-1" }, t("title")),
    h("nav", { "aria-label": t("tabs") }, h("ul", { class: "tabs" }, tabs().map((name) => h("li", {},
      h("a", { id: `tab-${name}`, href: `#/orders/${name}`, "aria-current": name === tab ? "page" : null },
        t(`tab_${name}`), loaded && h("span", { class: "count" }, ` ${ofTab(name).length}`)))))),
    h("p", { class: "age", id: "age" }, loaded ? t("as_of", clock(at)) : t("loading")),
    found.length ? h("ul", { class: "rows", "aria-label": t(`tab_${tab}`) }, found.slice(0, shown).map((order) => row(order, tab, current))) : loaded && h("p", { class: "empty" }, t(`empty_${tab}`)),
    rest > 0 && h("p", {}, h("button", { id: "more", on: { click: more } }, t("more", Math.min(STEP, rest), rest))));
}
