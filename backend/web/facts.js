// Names of units and counties, as the service serves them beside the page.

import { both } from "./words.js";

let facts = { departments: {}, counties: {} };

/** Read the names once. */
export async function load() {
  const reply = await fetch("facts.json");
  if (reply.ok) facts = await reply.json();
}

/** Give a unit's name, its id where it has none. */
export function unit(id) { return facts.departments[id] ? both(facts.departments[id]) : id; }

/** List units as [id, name]. */
export function units() { return Object.keys(facts.departments).map((id) => [id, unit(id)]); }

/** Give the county of a region code, empty for the whole city. */
export function county(region) {
  const found = facts.counties[region.slice(0, 6)];
  return found ? both(found) : "";
}
