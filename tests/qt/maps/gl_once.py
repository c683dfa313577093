"""Draw one map by WebGL and by the raster and compare; then let the context be lost.

Runs in a process of its own, since the browser must be told to accept the software GL.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import numpy as np

from app.scenes import Extent
from backend_client.contract.shapes import AREA, LINE, encode, make_shapes
from maps.view import MapView
from tests.bench.map_pan import ask
from tests.bench.stage import scatter, stage, start, until

EXTENT = Extent(west=120.80, south=31.95, east=121.00, north=32.08)
COMPARE = """JSON.stringify((() => {
  const app = NT.app, f = app.stage.frame;
  const canvas = () => { const c = new OffscreenCanvas(f.W, f.H);
    return c.getContext("2d", {willReadFrequently: true}); };
  const [one, two] = [canvas(), canvas()];
  const raster = new NT.Raster({ctx: {ground: one}});
  raster.ground(f, (ctx) => app.base.draw(ctx, f, app.look));
  const base = raster.base;
  raster.still(f, app.layersOf("static")); raster.moving(f, app.layersOf("moving")); raster.show();
  app.back.still(f, app.layersOf("static")); app.back.moving(f, app.layersOf("moving"));
  app.back.show();
  app.base.draw(two, f, app.look);
  two.setTransform(1, 0, 0, 1, 0, 0); two.drawImage(app.back.canvas, 0, 0);
  const a = raster.pixels, b = new Uint32Array(two.getImageData(0, 0, f.W, f.H).data.buffer);
  let drawn = 0, off = 0, sum = 0;
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] === base[i] && b[i] === base[i]) continue;
    drawn += 1;
    let far = 0;
    const away = (s) => Math.abs(((a[i] >> s) & 255) - ((b[i] >> s) & 255));
    for (const s of [0, 8, 16]) far = Math.max(far, away(s));
    sum += far; if (far > 48) off += 1;
  }
  return {name: app.back.constructor.name, drawn, off, mean: sum / drawn, renderer: NT.renderer()};
})())"""
LOSE = "NT.app.back.gl.getExtension('WEBGL_lose_context').loseContext(); 1"
AFTER = """JSON.stringify((() => { const app = NT.app, f = app.stage.frame;
  const data = app.stage.ctx.ground.getImageData(0, 0, f.W, f.H).data;
  const u = new Uint32Array(data.buffer), c = app.look.palettes.requests[0];
  let found = 0; for (const p of u) if (p === c) found += 1;
  return {name: app.back.constructor.name, found}; })())"""


def main() -> None:
    """Print what was found, one JSON line."""
    application = start(gpu=True)
    stage_ = stage("webgl")
    made = scatter(400_000)
    ring = np.array([[120.85, 32.0], [120.92, 32.0], [120.92, 32.05], [120.85, 32.05]])
    hole = np.array([[120.87, 32.01], [120.9, 32.01], [120.9, 32.03], [120.87, 32.03]])
    road = np.column_stack([np.linspace(120.8, 121.0, 50), 32.0 + 0.02 * np.sin(np.arange(50) / 4)])
    rows: list[list[int] | np.ndarray] = [[] for _ in range(made.oid.size)]
    e7 = [np.rint(one * 1e7).astype(np.int32) for one in (ring, hole, road)]
    rows[0], rows[1] = encode(AREA, e7[:2]), encode(LINE, e7[2:])
    state = made.state.copy()
    state[0], state[1] = 3, 0
    now = np.full(made.oid.size, int(stage_.clock.now().timestamp()), np.uint32)
    stage_.blocks.put(replace(made, state=state, observed_s=now, shapes=make_shapes(rows)))
    view = MapView(stage_.host, extent=EXTENT, layers=("requests",), seat="desk")
    view.resize(900, 700)
    view.set_detail("points")
    ready: list[int] = []
    view.ready.connect(lambda: ready.append(1))
    view.show()
    until(lambda: bool(ready), stage_.clock)
    page = view._web.page() if view._web else None
    assert page is not None
    held = "NT.app?.channels?.static.get('requests')?.points ?? 0"
    until(lambda: float(str(ask(page, held, stage_))) > 1_000, stage_.clock)
    found = json.loads(str(ask(page, COMPARE, stage_)))
    ask(page, LOSE, stage_)
    after: dict[str, Any] = {"name": "", "found": 0}

    def is_raster() -> bool:
        after.update(json.loads(str(ask(page, AFTER, stage_))))
        return after["name"] == "Raster" and int(after["found"]) > 1_000

    until(is_raster, stage_.clock, 20)
    print(json.dumps({"gl": found, "after": after, "faults": view.faults}), flush=True)
    view.close_page()
    view.close()
    stage_.close()
    application.processEvents()
    sys.exit(0)


if __name__ == "__main__":
    main()
