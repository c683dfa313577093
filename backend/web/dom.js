// Make elements without markup in strings: what the service says is text, never markup.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  octagon: "M7.2 1H16.8L23 7.2V16.8L16.8 23H7.2L1 16.8V7.2z",
  diamond: "M12 .5 23.5 12 12 23.5 .5 12z",
};

/** Make an element; `on` holds listeners, `data` its dataset, the rest are attributes. */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard);
    } else if (name === "data") {
      Object.assign(made.dataset, value);
    } else if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

/** Draw a lamp's shape; its words stand beside it, so a reader that hears skips it. */
export function shape(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-1 -1 26 26");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `shape ${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/**
 * Let a parent have these children. What is the same stays the same node, so that a finger that is
 * down, a focus and what was typed outlive a change; listeners are those of the first drawing.
 */
export function fill(parent, ...children) {
  const held = parent.contains(document.activeElement) ? document.activeElement.id : "";
  settle(parent, children.flat(3).filter(Boolean));
  const now = held && document.getElementById(held);
  if (now && now !== document.activeElement) now.focus({ preventScroll: true });
}

function settle(parent, wanted) {
  const byId = new Map([...parent.children].filter((one) => one.id).map((one) => [one.id, one]));
  const before = [...parent.childNodes];
  const next = wanted.map((made, at) => kept((made.id ? byId.get(made.id) : before[at]) ?? null, made));
  next.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
  while (parent.childNodes.length > next.length) parent.lastChild.remove();
}

function kept(old, made) {
  if (!old || old.nodeName !== made.nodeName || old.id !== made.id) return made;
  if (old.isEqualNode(made)) return old;
  if (old.nodeType !== Node.ELEMENT_NODE || old.namespaceURI === SVG) return made;
  for (const name of old.getAttributeNames()) if (!made.hasAttribute(name)) old.removeAttribute(name);
  for (const name of made.getAttributeNames()) {
    if (old.getAttribute(name) !== made.getAttribute(name)) old.setAttribute(name, made.getAttribute(name));
  }
  settle(old, [...made.childNodes]);
  return old;
}

/** Say something to those who hear the page. */
export function say(words) {
  const line = document.getElementById("say");
  line.textContent = "";
  setTimeout(() => { line.textContent = words; }, 50);
}
