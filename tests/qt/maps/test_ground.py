"""A dragged map draws only the edges that came into sight, and it is the same picture."""

from __future__ import annotations

import json

import pytest
from pytestqt.qtbot import QtBot

from tests.qt.maps.conftest import City, Show
from tests.qt.maps.test_lasso import ask
from tests.qt.maps.test_steady import scattered, settle

# Pans without a redraw of its own, then compares the moved ground with one drawn anew.
DRAG = """JSON.stringify((() => {
  const app = NT.app, back = app.back;
  let reads = 0;
  const read = back.ctx.getImageData.bind(back.ctx);
  back.ctx.getImageData = (x, y, w, h) => { reads += w * h; return read(x, y, w, h); };
  app.map.panBy([%d, %d], {animate: false});
  app.redraw();
  const f = app.stage.frame, moved = back.base.slice();
  const drawn = reads / (f.W * f.H);
  back.ground(f, (ctx) => { app.base.draw(ctx, f, app.look); app.heat.draw(ctx, app, f); }, true);
  let off = 0;
  for (let i = 0; i < moved.length; i += 1) {
    for (const s of [0, 8, 16]) {
      if (Math.abs(((moved[i] >> s) & 255) - ((back.base[i] >> s) & 255)) > 24) { off += 1; break; }
    }
  }
  delete back.ctx.getImageData;
  return [drawn, off / moved.length];
})())"""


@pytest.mark.parametrize(("x", "y"), [(230, 0), (-170, 90), (40, -200), (-300, -160)])
def test_a_dragged_ground_is_the_ground_drawn_anew(
    qtbot: QtBot, city: City, show: Show, x: int, y: int
) -> None:
    view = show(["requests"])
    city.put("requests", "hotline", scattered(2_000))
    settle(qtbot, view)
    drawn, off = json.loads(str(ask(qtbot, view, DRAG % (x, y))))
    assert 0 < drawn < 0.75  # only the edges were read
    assert off < 0.002
    assert view.faults == []
