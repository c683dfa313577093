// The city's time, what is left of it, and the lamp that follows. Instants are UTC, shown at +08:00.

import { language, t } from "./words.js";

const ZONE = "Asia/Shanghai";
const OFFSET = "+08:00";
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
let ahead = 0;

/** Take over the service's clock: a phone's own may be wrong. */
export function setClock(iso) { ahead = Date.parse(iso) - Date.now(); }

/** Give the service's present, in ms. */
export function now() { return Date.now() + ahead; }

function parts(ms) {
  const shown = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(ms));
  return Object.fromEntries(shown.map(({ type, value }) => [type, value]));
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Write an instant: 7月20日 09:40, 20 Jul 09:40; the year where it is another one. */
export function instant(iso) {
  const at = parts(Date.parse(iso)), year = parts(now()).year;
  const time = `${at.hour}:${at.minute}`;
  if (language() === "zh") {
    return `${at.year === year ? "" : `${at.year}年`}${Number(at.month)}月${Number(at.day)}日 ${time}`;
  }
  return `${Number(at.day)} ${MONTHS[at.month - 1]}${at.year === year ? "" : ` ${at.year}`} ${time}`;
}

/** Write the time of day to the second. */
export function clock(ms) {
  const at = parts(ms);
  return `${at.hour}:${at.minute}:${at.second}`;
}

/** Write an instant as an input of date and time holds it. */
export function toInput(ms) {
  const at = parts(ms), two = (value) => String(value).padStart(2, "0");
  return `${at.year}-${two(at.month)}-${two(at.day)}T${at.hour}:${at.minute}`;
}

/** Read such an input as the city's time; NaN when it is empty. */
export function fromInput(value) { return value ? Date.parse(`${value}:00${OFFSET}`) : NaN; }

/** Write a length of time in its two largest units. */
export function span(ms) {
  const days = Math.floor(ms / DAY), hours = Math.floor((ms % DAY) / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  if (days) return hours ? t("days_hours", days, hours) : t("days", days);
  if (hours) return minutes ? t("hours_minutes", hours, minutes) : t("hours", hours);
  return minutes ? t("minutes", minutes) : t("under_minute");
}

/** Write what is left until an instant, or by how much it is over. */
export function left(iso) {
  const ms = Date.parse(iso) - now();
  return ms >= 0 ? t("left", span(ms)) : t("over", span(-ms));
}

/** Tell whether an order's unit is done with it. */
export function isDone(order) { return order.state === "reported" || order.state === "withdrawn"; }

/** Give the instant an order is sorted by: what its unit has to keep next. */
export function next(order) {
  const due = Date.parse(order.due_at);
  return order.state === "sent" && order.sign_by_at ? Math.min(due, Date.parse(order.sign_by_at)) : due;
}

/** Give an order's lamp: its shape and its word, or null while nothing is pressing. */
export function lamp(order) {
  if (isDone(order) || order.state === "suspended") return null;
  const past = (iso) => iso && now() >= Date.parse(iso);
  if (past(order.led_at)) return { shape: "octagon", word: "lamp_led" };
  if (past(order.supervised_at)) return { shape: "octagon", word: "lamp_supervised" };
  if (past(order.due_at)) return { shape: "octagon", word: "lamp_red" };
  return past(order.yellow_at) ? { shape: "diamond", word: "lamp_yellow" } : null;
}
