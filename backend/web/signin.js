// The sign-in page.

import { fill, h, say } from "./dom.js";
import { Refusal, person, signIn } from "./link.js";
import { both, t } from "./words.js";

function field(name, key, attributes, hint = "") {
  return h("p", { class: "field" },
    h("label", { for: name }, t(key)),
    hint && h("span", { class: "hint", id: `${name}-hint` }, hint),
    h("input", { id: name, name, required: true, autocapitalize: "none", spellcheck: "false", "aria-describedby": hint ? `${name}-hint error` : "error", ...attributes }));
}

/** Show the page; `done` is called once somebody is signed in. */
export function show(page, done, notice = "") {
  const error = h("p", { id: "error", class: "error", role: "alert", hidden: !notice }, notice);
  const button = h("button", { class: "primary", type: "submit" }, t("sign_in"));
  const refuse = (words, input) => {
    error.textContent = words;
    error.hidden = false;
    input?.focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { account, password, totp } = form.elements;
    const code = totp.value.replace(/\s/g, "");
    if (!account.value.trim()) return refuse(t("need_account"), account);
    if (!password.value) return refuse(t("need_password"), password);
    if (code && !/^\d{6}$/.test(code)) return refuse(t("bad_totp"), totp);
    button.disabled = true;
    button.textContent = t("signing_in");
    try {
      await signIn(account.value.trim(), password.value, code);
      say(t("signed_in", person().name));
      return done();
    } catch (no) {
      const said = no instanceof Refusal ? `${both(no.problem.what)}${both(no.problem.todo)}` : t("no_answer");
      totp.value = "";
      return refuse(said, no instanceof Refusal ? password : button);
    } finally {
      button.disabled = false;
      button.textContent = t("sign_in");
    }
  };
  fill(page, h("form", { class: "panel narrow", novalidate: true, on: { submit } },
    h("h1", { tabindex: "-1" }, t("sign_in")),
    error,
    field("account", "account", { autocomplete: "username" }),
    field("password", "password", { type: "password", autocomplete: "current-password" }),
    field("totp", "totp", { inputmode: "numeric", autocomplete: "one-time-code", maxlength: "7", required: false }, t("totp_hint")),
    h("p", { class: "buttons" }, button)));
}
