// What became of an event, step by step, in words.

import { h } from "./dom.js";
import { unit } from "./facts.js";
import { instant } from "./time.js";
import { t } from "./words.js";

const ONE_DEED_MS = 1_000;
const FOLLOWS = { "order.decide": "event.decide", "order.supervise": "event.supervise" };

function told(facts) {
  return [
    facts.department && unit(facts.department),
    facts.until_at && t("until", instant(facts.until_at)),
    facts.granted && t(facts.granted === "True" ? "yes" : "no"),
    facts.satisfaction && t(`satisfaction_${facts.satisfaction}`),
  ].filter(Boolean);
}

/** Leave one of the steps that one deed wrote on an event and on its order. */
export function once(steps) {
  const kept = [];
  const deed = (step) => `${step.person_id} ${FOLLOWS[step.action] ?? step.action}`;
  const weight = (step) => Object.keys(step.facts).length + (step.reason ? 1 : 0);
  for (const step of steps) {
    const same = kept.findIndex((one) => deed(one) === deed(step) && one.target !== step.target
      && Date.parse(step.at) - Date.parse(one.at) < ONE_DEED_MS);
    if (same < 0) kept.push(step);
    else if (weight(step) > weight(kept[same])) kept[same] = step;
  }
  return kept;
}

/** Draw the steps, the oldest first. */
export function draw(steps) {
  return h("ol", { class: "steps" }, once(steps).map((step) => h("li", {},
    h("time", { datetime: step.at }, instant(step.at)),
    h("span", { class: "step" },
      h("b", {}, t(step.action)), " ", [step.name || t("service"), ...told(step.facts)].join(" · "),
      step.reason && h("span", { class: "why" }, step.reason)))));
}
