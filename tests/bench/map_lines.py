"""Drawing lines: our strokes into the image beside the canvas' own paths, batched by colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.scenes import CITY
from backend_client.contract.columns import FeatureBlock
from backend_client.contract.shapes import LINE, encode, make_shapes
from maps.view import MapView
from tests.bench.map_pan import ask
from tests.bench.stage import Row, Stage, finish, scatter, stage, start, until

SIZE = (1920, 1080)
CORNERS = 10
ROUNDS = 15
TARGET = 2.0
HELD = "NT.app.channels.static.get('requests')?.sketch?.n ?? 0"
# Both draw the same lines again and again; the last pixel read makes the canvas finish.
OURS = """(() => { const app = NT.app, f = app.stage.frame, times = [];
  for (let i = 0; i < %d; i += 1) { const t = performance.now();
    app.back.still(f, app.layersOf("static")); times.push(performance.now() - t); }
  return times.sort((a, b) => a - b)[times.length >> 1]; })()"""
PATHS = """(() => { const app = NT.app, f = app.stage.frame, times = [];
  const canvas = new OffscreenCanvas(f.W, f.H);
  const ctx = canvas.getContext("2d", {willReadFrequently: true});
  const { sketch } = app.channels.static.get("requests"), colours = {0: "#2fa37c", 4: "#2b6cff"};
  for (let i = 0; i < %d; i += 1) { const t = performance.now();
    ctx.setTransform(1, 0, 0, 1, 0, 0); ctx.clearRect(0, 0, f.W, f.H);
    for (const state of [0, 4]) { const path = new Path2D();
      for (let o = 0; o < sketch.n; o += 1) { if ((sketch.paint[o] & 7) !== state) continue;
        for (let p = sketch.at[o]; p < sketch.at[o + 1]; p += 1) {
          for (let v = sketch.partAt[p]; v < sketch.partAt[p + 1]; v += 1) {
            const x = sketch.xy[2 * v] * f.k + f.ox, y = f.oy - sketch.xy[2 * v + 1] * f.k;
            if (v === sketch.partAt[p]) path.moveTo(x, y); else path.lineTo(x, y); } } }
      ctx.strokeStyle = colours[state]; ctx.lineWidth = state ? 2.4 : 1.3; ctx.stroke(path); }
    ctx.getImageData(0, 0, 1, 1); times.push(performance.now() - t); }
  return times.sort((a, b) => a - b)[times.length >> 1]; })()"""


def roads(count: int) -> FeatureBlock:
    """Give lines of ten corners spread over the city."""
    draw = np.random.default_rng(5)
    made = scatter(count)
    steps = np.cumsum(draw.normal(0, 20_000, (count, CORNERS, 2)), axis=1)
    places = np.column_stack([made.lon_e7, made.lat_e7])[:, None, :] + steps
    rows = [encode(LINE, [one]) for one in np.rint(places).astype(np.int32)]
    state = np.full(count, 4, np.uint8)  # abnormal lines are never thinned
    return replace(made, kinds=("road",), state=state, shapes=make_shapes(rows))


def measure(count: int, stage_: Stage) -> tuple[float, float]:
    """Give milliseconds per drawing for both ways."""
    view = MapView(stage_.host, extent=CITY, layers=("requests",), seat="desk")
    ready: list[object] = []
    view.ready.connect(lambda: ready.append(1))
    view.resize(*SIZE)
    view.show()
    until(lambda: bool(ready), stage_.clock)
    stage_.blocks.put(replace(roads(count), version=count))
    assert view._web is not None
    page = view._web.page()
    until(lambda: float(str(ask(page, HELD, stage_))) > 0.8 * count, stage_.clock)
    found = [ask(page, script % ROUNDS, stage_) for script in (OURS, PATHS)]
    view.close_page()
    view.close()
    return float(str(found[0])), float(str(found[1]))


def main() -> None:
    """Measure a thousand and then ten times as many lines."""
    application = start()
    stage_ = stage()
    rows = []
    grown: list[float] = []
    for count in (2_000, 20_000):
        ours, paths = measure(count, stage_)
        grown.append(ours)
        what = f"{count:,} lines of {CORNERS} corners, {SIZE[0]} x {SIZE[1]}, one drawing"
        ratio = paths / ours
        note = (f"strokes into the image {ours:.1f} ms", f"canvas paths {paths:.1f} ms")
        rows.append(Row(what, *note, round(ratio, 1), f">= {TARGET:.0f} : 1", ratio >= TARGET))
    times = grown[1] / grown[0]
    growth = (f"{grown[1]:.1f} ms", f"{grown[0]:.1f} ms")
    rows.append(
        Row("growth: ten times the lines", *growth, round(times, 1), "<= 10.5", times <= 10.5)
    )
    finish("Map: lines", rows, "Simplified copies as the city view needs them; both smooth edges.")
    stage_.close()
    application.processEvents()


if __name__ == "__main__":
    main()
