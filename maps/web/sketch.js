// Lines and areas of a layer: quiet in their group's hue while normal, in the state's colour else.
"use strict";

NT.AREA = 2;
NT.WIDTHS = { line: 1.3, area: 1, grave: 2.4, marked: 4 }; // times the seat's stroke, CSS px
NT.FILL = 0.14; // of an abnormal area

NT.mix = function mix(a, b, share) {
  const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const one = (i) => Math.round(part(a, i) * share + part(b, i) * (1 - share));
  return `#${[0, 1, 2].map((i) => one(i).toString(16).padStart(2, "0")).join("")}`;
};

NT.faded = function faded(pixel, alpha) {
  return ((Math.round(255 * alpha) << 24) | (pixel & 0xffffff)) >>> 0;
};

// The colours lines and areas of one group are drawn in.
NT.strokesOf = function strokesOf(group, colours) {
  const states = [1, 2, 3, 4].map((level) => NT.pixel(colours[`s${level}`]));
  const old = NT.pixel(NT.mix(colours.t3, colours.land, 0.45));
  return {
    line: NT.pixel(NT.mix(group, colours.land, 0.55)),
    area: NT.pixel(NT.mix(group, colours.land, 0.22)),
    old, states, marked_colour: NT.pixel(colours.t1),
  };
};

// Colour, width and fill of one object.
NT.strokeOf = function strokeOf(paint, isArea, style) {
  const state = paint & 7;
  if (state) {
    const colour = style.states[state - 1];
    return { colour, times: NT.WIDTHS.grave, fill: isArea ? NT.faded(colour, NT.FILL) : 0 };
  }
  const colour = paint >> NT.AGE_BITS ? style.old : isArea ? style.area : style.line;
  return { colour, times: isArea ? NT.WIDTHS.area : NT.WIDTHS.line, fill: 0 };
};

NT.drawSketch = function drawSketch(back, sketch, f, style) {
  let marked = -1;
  for (let i = 0; i < sketch.n; i += 1) {
    const isArea = sketch.form[i] === NT.AREA;
    const { colour, times, fill } = NT.strokeOf(sketch.paint[i], isArea, style);
    if (sketch.oid[i] === style.marked) marked = i;
    if (fill) back.area(sketch, i, f, fill);
    back.outline(sketch, i, f, colour, Math.max(1, times * style.width * f.dpr), isArea);
  }
  if (marked >= 0) {
    const width = Math.max(2, NT.WIDTHS.marked * style.width * f.dpr * 0.75);
    back.outline(sketch, marked, f, style.marked_colour, width, sketch.form[marked] === NT.AREA);
  }
};

// The line or area at a place on the canvas: a line within reach, else the smallest area around it.
NT.sketchAt = function sketchAt(sketch, f, x, y, reach) {
  const mx = (x - f.ox) / f.k;
  const my = (f.oy - y) / f.k;
  let best = { index: -1, distance: Infinity };
  let least = Infinity;
  for (let i = 0; i < sketch.n; i += 1) {
    const isArea = sketch.form[i] === NT.AREA;
    const { distance, inside, size } = NT.away(sketch, i, mx, my, isArea);
    const px = distance * f.k;
    if (isArea && inside && size < least && best.distance > 0) {
      least = size;
      best = { index: i, distance: reach };
    } else if (px <= (isArea ? reach / 3 : reach) && px < best.distance) best = { index: i, distance: px };
  }
  return best;
};

// How far an object's outline is from a place in metres, whether it is around it, how large it is.
NT.away = function away(sketch, i, mx, my, isArea) {
  const { xy, partAt } = sketch;
  let best = Infinity;
  let inside = false;
  let size = 0;
  for (let part = sketch.at[i]; part < sketch.at[i + 1]; part += 1) {
    const [from, to] = [partAt[part], partAt[part + 1]];
    let j = isArea ? to - 1 : from;
    for (let v = isArea ? from : from + 1; v < to; v += 1) {
      const [ax, ay, bx, by] = [xy[2 * j], xy[2 * j + 1], xy[2 * v], xy[2 * v + 1]];
      const [dx, dy] = [bx - ax, by - ay];
      const t = Math.min(1, Math.max(0, ((mx - ax) * dx + (my - ay) * dy) / (dx * dx + dy * dy || 1)));
      best = Math.min(best, (ax + t * dx - mx) ** 2 + (ay + t * dy - my) ** 2);
      if (isArea && (ay > my) !== (by > my) && mx < ax + ((my - ay) / dy) * dx) inside = !inside;
      size += ax * by - bx * ay;
      j = v;
    }
  }
  return { distance: Math.sqrt(best), inside, size: Math.abs(size) };
};
