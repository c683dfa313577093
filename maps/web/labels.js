// Place names: counties, towns from a certain zoom, the sea and the river; none over another.
"use strict";

NT.TOWNS_FROM = 10.4;

NT.drawLabels = function drawLabels(app, sheet, room, f) {
  const c = sheet.look.colours;
  const { language } = sheet.look;
  const put = (place, style) => {
    const text = place[language];
    const at = sheet.at(place.at);
    const w = sheet.width(text, style.size, style.bold);
    const r = { x: at.x - w / 2, y: at.y - style.size * 0.6, w, h: style.size * 1.2 };
    if (!room.inside(r, 4) || !room.free(r, 6 * sheet.u)) return;
    room.take(r);
    sheet.text(text, r.x, at.y, style);
  };
  for (const water of app.base.data.waters) put(water, { size: sheet.S, colour: c.t3 });
  if (app.counting(f)) return;
  const county = { size: sheet.M, colour: c.t2, halo: c.land };
  for (const place of app.base.data.counties) put(place, county);
  if (f.zoom < NT.TOWNS_FROM) return;
  const town = { size: sheet.S, colour: c.t3, halo: c.land };
  for (const place of app.base.data.towns) put(place, town);
};
