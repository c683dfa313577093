// The shell: header, where one is, whether the link lives; later pages are rows of PAGES.

import { fill, h, say } from "./dom.js";
import { load } from "./facts.js";
import * as forms from "./forms.js";
import { person, signOut, whenEnded } from "./link.js";
import * as list from "./list.js";
import * as order from "./order.js";
import * as signin from "./signin.js";
import * as store from "./store.js";
import { clock } from "./time.js";
import { language, switchLanguage, t } from "./words.js";

const head = document.getElementById("head"), stale = document.getElementById("stale");
const pane = document.getElementById("list"), page = document.getElementById("page");
let tab = "sign", shown = null, openId = "", queued = false, known = null, beats = 0;

const PAGES = {
  orders(name) {
    tab = list.tabs().includes(name) ? name : list.tabs()[0];
    sessionStorage.setItem("tab", `#/orders/${tab}`);
    openId = "";
    shown = null;
    page.replaceChildren(h("p", { class: "empty" }, t("choose")));
  },
  order(id) {
    openId = id;
    shown = order.show(page, id);
  },
};

function header() {
  const who = person();
  fill(head,
    h("strong", { class: "centre" }, t("centre")),
    h("span", { class: "demo" }, t("demo")),
    h("span", { class: "who" }, who?.name ?? ""),
    h("button", { id: "language", lang: language() === "zh" ? "en" : "zh-CN", on: { click: turn } }, t("other_language")),
    who && h("button", { id: "sign-out", on: { click: leave } }, t("sign_out")));
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  document.getElementById("skip").textContent = t("skip");
  pane.setAttribute("aria-label", t("list"));
}

function turn() {
  switchLanguage();
  go({ keep: true });
  document.getElementById("language").focus();
}

async function leave() {
  store.forget();
  forms.forget();
  known = null;
  const away = signOut();
  go();
  say(t("signed_out"));
  await away;
}

function go({ keep = false, notice = "" } = {}) {
  header();
  banner();
  const inside = person() !== null;
  pane.hidden = !inside;
  document.body.dataset.at = inside ? "list" : "sign-in";
  if (!inside) {
    shown = null;
    signin.show(page, enter, notice);
  } else {
    const [, name, value = ""] = location.hash.split("/");
    (PAGES[name] ?? PAGES.orders)(decodeURIComponent(value));
    document.body.dataset.at = openId ? "order" : "list";
    list.show(pane, tab, openId);
  }
  const title = document.querySelector(openId || !inside ? "#page h1" : "#list h1");
  document.title = `${openId || !inside ? title?.textContent ?? "" : t(`tab_${tab}`)} · ${t("title")}`;
  if (!keep) title?.focus({ preventScroll: true });
  if (!keep) window.scrollTo(0, 0);
}

function enter() {
  store.follow();
  go();
}

function banner() {
  const { loaded, live, at } = store.standing();
  const down = person() !== null && !live;
  stale.hidden = !down;
  const words = down ? (loaded ? t("stale", clock(at)) : t("stale_first")) : "";
  if (stale.textContent !== words) stale.textContent = words;
}

function arrivals() {
  const { loaded } = store.standing();
  if (!loaded) return;
  const now = new Set([...store.orders.values()].filter((one) => one.state === "sent").map((one) => one.item_id));
  const fresh = known && [...now].filter((id) => !known.has(id));
  if (fresh?.length) say(t("new_order", store.orders.get(fresh[0]).title));
  known = now;
}

function heard(what) {
  if (!person()) return;
  if (what === "tick" || what === "link") return beat(what);
  if (queued) return;
  queued = true;
  setTimeout(() => {
    queued = false;
    if (!person()) return;
    arrivals();
    list.show(pane, tab, openId);
    shown?.update();
    banner();
  }, 100);
}

function beat(what) {
  const { live, loaded, at } = store.standing();
  if (what === "link" && live) say(t("link_back"));
  beats += 1;
  banner();
  const age = document.getElementById("age");
  if (age && loaded) age.textContent = t("as_of", clock(at));
  shown?.tick();
  if (beats % 20 === 0) list.show(pane, tab, openId);
}

whenEnded(() => {
  store.forget();
  known = null;
  go({ notice: t("ended") });
});
store.listen(heard);
window.addEventListener("hashchange", () => go());
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});
await load().catch(() => {});
if (person()) store.follow();
go({ keep: true });
