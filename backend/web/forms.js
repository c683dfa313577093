// The steps a person takes on an order: one form each, kept as written until it has arrived.

import { h, say } from "./dom.js";
import { unit, units } from "./facts.js";
import { Refusal, post } from "./link.js";
import { pick, sendAll } from "./photos.js";
import { fromInput, instant, toInput } from "./time.js";
import { both, t } from "./words.js";

const FIELDS = {
  sign: [],
  return: ["reason", "department"],
  extend: ["until_at", "reason"],
  report: ["answer", "photos"],
  grant: ["granted", "reason"],
  decide: ["granted", "reason"],
};
export const VERBS = Object.keys(FIELDS);
const drafts = new Map();

/** Forget what was written: somebody else may sit here next. */
export function forget() { drafts.clear(); }

/** Name the item a step is taken on: a return is decided on its event. */
export function target(verb, order, event) { return verb === "decide" ? event : order; }

function labelled(name, key, input, hint = "") {
  return h("div", { class: "field" },
    h("label", { for: name }, t(key)),
    hint && h("span", { class: "hint", id: `${name}-hint` }, hint),
    input,
    h("span", { class: "wrong", id: `${name}-wrong`, hidden: true }));
}

function area(name, key, draft, most) {
  const on = { input: (event) => { draft[name] = event.target.value; } };
  const made = h("textarea", { id: name, name, rows: name === "answer" ? 6 : 3, maxlength: most, "aria-describedby": `${name}-wrong`, on });
  made.value = draft[name] ?? "";
  return labelled(name, key, made);
}

const DRAW = {
  reason: (draft) => area("reason", "reason", draft, 200),
  answer: (draft) => area("answer", "answer", draft, 2000),
  department(draft, order) {
    const on = { change: (event) => { draft.department = event.target.value; } };
    const made = h("select", { id: "department", name: "department", "aria-describedby": "department-wrong", on },
      h("option", { value: "" }, t("whose_none")),
      units().filter(([id]) => id !== order.department).map(([id, name]) => h("option", { value: id }, `${id.slice(1)} ${name}`)));
    made.value = draft.department ?? "";
    return labelled("department", "whose", made);
  },
  until_at(draft, order) {
    const on = { input: (event) => { draft.until_at = event.target.value; } };
    const least = toInput(Date.parse(order.due_at) + 60_000);
    const made = h("input", { id: "until_at", name: "until_at", type: "datetime-local", min: least, "aria-describedby": "until_at-hint until_at-wrong", on });
    made.value = draft.until_at ?? "";
    return labelled("until_at", "until_at", made, `${t("due")} ${instant(order.due_at)}`);
  },
  granted(draft) {
    const on = { change: (event) => { draft.granted = event.target.value; } };
    const choice = (value, key) => h("label", { class: "choice" },
      h("input", { type: "radio", id: `granted-${value}`, name: "granted", value, checked: draft.granted === value, on }), t(key));
    return h("fieldset", { class: "field", id: "granted", "aria-describedby": "granted-wrong" }, h("legend", {}, t("decision")),
      choice("yes", "yes"), choice("no", "no"), h("span", { class: "wrong", id: "granted-wrong", hidden: true }));
  },
  photos(draft) {
    const host = h("div", { class: "field" });
    pick(host, draft);
    return host;
  },
};

const WRONG = {
  reason: (draft) => ((draft.reason ?? "").trim().length < 2 ? "need_reason" : null),
  answer: (draft) => ((draft.answer ?? "").trim() ? null : "need_answer"),
  until_at: (draft, order) => (fromInput(draft.until_at) > Date.parse(order.due_at) ? null : "need_until"),
  granted: (draft) => (draft.granted ? null : "need_decision"),
  department: () => null,
  photos: (draft) => ((draft.photos?.length ?? 0) > 20 ? "photo_many" : null),
};

function body(verb, draft, version) {
  const made = { version };
  for (const name of FIELDS[verb]) {
    if (name === "until_at") made.until_at = new Date(fromInput(draft.until_at)).toISOString();
    else if (name === "granted") made.granted = draft.granted === "yes";
    else if (name === "department") made.department = draft.department || null;
    else if (name === "photos") made.proof = (draft.photos ?? []).map((one) => one.id);
    else made[name] = draft[name].trim();
  }
  return made;
}

/** Say what became of an item since it was looked at, a line for each thing. */
export function changes(was, now) {
  const said = [];
  const kind = now.kind === "event" ? "event" : "state";
  if (was.state !== now.state) said.push(`${t("state")}: ${t(`${kind}_${was.state}`)} → ${t(`${kind}_${now.state}`)}`);
  if (was.due_at !== now.due_at && now.due_at) said.push(`${t("due")}: ${was.due_at ? instant(was.due_at) : "–"} → ${instant(now.due_at)}`);
  if (was.urged !== now.urged) said.push(`${t("urge")}: ${now.urge?.reason ?? now.urged}`);
  if (!was.supervised && now.supervised) said.push(`${t("supervised")}: ${now.supervised.reason}`);
  if (!was.is_final && now.is_final) said.push(t("final_why"));
  if (JSON.stringify(was.extension) !== JSON.stringify(now.extension)) said.push(`${t("extension")}: ${extensionWord(now.extension)}`);
  if (was.department !== now.department) said.push(`${t("unit")}: ${unit(now.department)}`);
  return said.length ? said : [t("changed_other")];
}

/** Say what was decided on an extension. */
export function extensionWord(extension) {
  if (!extension?.decided) return t("ext_waiting");
  return t(extension.granted ? "ext_granted" : "ext_denied");
}

/** Open a step's form in a place of the page. `live` gives the item as held, `look` reads it anew. */
export function open(host, verb, order, { live, look, close }) {
  const key = `${order.item_id}/${verb}`;
  if (!drafts.has(key)) drafts.set(key, {});
  const form = new Form(host, verb, order, drafts.get(key), { live, look, close: (sent) => {
    if (sent) drafts.delete(key);
    host.replaceChildren();
    close(sent);
  } });
  form.draw();
  return form;
}

class Form {
  constructor(host, verb, order, draft, ways) {
    Object.assign(this, { host, verb, order, draft, ways, seen: ways.live(), busy: false });
  }

  draw() {
    this.error = h("p", { class: "error", role: "alert", hidden: true });
    this.news = h("div", { class: "news", role: "alert", hidden: true });
    this.progress = h("span", { class: "progress", role: "status" });
    const words = t(`do_${this.verb}`);
    this.button = h("button", { class: "primary", type: "submit", id: "send" }, t("send", words));
    const submit = (event) => {
      event.preventDefault();
      if (!this.busy) this.submit();
    };
    this.host.replaceChildren(h("form", { class: "panel step-form", id: `form-${this.verb}`, novalidate: true, "aria-labelledby": "form-title", on: { submit } },
      h("h2", { id: "form-title", tabindex: "-1" }, words),
      this.news, this.error,
      FIELDS[this.verb].map((name) => DRAW[name](this.draft, this.order)),
      h("p", { class: "hint" }, t(`ends_${this.verb}`)),
      h("p", { class: "buttons" },
        h("button", { type: "button", id: "cancel", on: { click: () => this.ways.close(false) } }, t("cancel")),
        this.button, this.progress)));
    this.check();
    this.host.querySelector("textarea, input, select, h2").focus({ preventScroll: true });
    this.host.scrollIntoView();
  }

  /** Look whether the item has changed since the person looked at it; say so before they send. */
  check() {
    const now = this.ways.live();
    if (this.busy || !now || !this.seen) return;
    const moved = now.version !== this.seen.version;
    const may = now.allowed.includes(this.verb);
    this.button.disabled = moved || !may;
    if (!moved) {
      this.news.hidden = may;
      if (!may) this.news.replaceChildren(h("p", {}, t("not_now")));
      return;
    }
    if (this.news.dataset.version === String(now.version)) return;
    this.news.dataset.version = now.version;
    const looked = () => {
      this.seen = this.ways.live();
      this.news.hidden = true;
      delete this.news.dataset.version;
      this.check();
      (this.button.disabled ? this.host.querySelector("h2") : this.button).focus();
    };
    this.news.replaceChildren(h("p", {}, t("changed")),
      h("ul", {}, changes(this.seen, now).map((line) => h("li", {}, line))),
      h("button", { type: "button", id: "looked", on: { click: looked } }, t("looked")));
    this.news.hidden = false;
  }

  wrong() {
    let first = null;
    for (const name of FIELDS[this.verb]) {
      const key = WRONG[name](this.draft, this.order);
      const input = this.host.querySelector(`#${name}`), line = this.host.querySelector(`#${name}-wrong`);
      if (line) Object.assign(line, { hidden: !key, textContent: key ? t(key) : "" });
      if (key) input?.setAttribute("aria-invalid", "true");
      else input?.removeAttribute("aria-invalid");
      if (key) first ??= name === "granted" ? this.host.querySelector("#granted-yes") : input;
    }
    first?.focus();
    return first !== null;
  }

  async submit() {
    if (this.wrong()) return;
    this.hold(true);
    try {
      const item = this.seen;
      await this.sendPhotos();
      const kind = item.kind === "event" ? "events" : "orders";
      await post(`/v1/${kind}/${encodeURIComponent(item.item_id)}/${this.verb}`, body(this.verb, this.draft, item.version));
      say(t("delivered", t(`do_${this.verb}`)));
      this.ways.close(true);
    } catch (no) {
      this.hold(false);
      await this.refused(no);
    }
  }

  async sendPhotos() {
    const unsent = (this.draft.photos ?? []).filter((one) => !one.id);
    if (unsent.length) await sendAll(this.draft.photos, this.order.region, (words) => { this.progress.textContent = words; });
    this.progress.textContent = t("sending");
  }

  hold(busy) {
    this.busy = busy;
    this.button.disabled = busy;
    this.error.hidden = true;
    this.progress.textContent = busy ? t("sending") : "";
  }

  async refused(no) {
    const said = no instanceof Refusal ? `${both(no.problem.what)}${both(no.problem.todo)}` : t(no.photo ? "photo_unsent" : "unsent");
    this.error.textContent = said;
    this.error.hidden = false;
    // The stream may not have told of it yet.
    if (no instanceof Refusal && no.problem.status === 409) await this.ways.look();
    this.check();
  }
}
