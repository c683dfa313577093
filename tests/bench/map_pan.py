"""Panning 100,000 points: our typed-array layer beside Leaflet's own canvas (`preferCanvas`)."""

from __future__ import annotations

import numpy as np
import shiboken6
from PySide6.QtCore import QUrl
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView

from app.scenes import CITY
from maps import scheme
from maps.view import MapView
from tests.bench.stage import Row, Stage, finish, scatter, stage, start, until

POINTS = 100_000
SIZE = (1920, 1080)
SECONDS = 4
TARGET = 25.0

# The same loop for both: a frame counts when the browser asks for the next one.
COUNT = """
window.counted = -1;
(function () {
  const subject = %s, redraw = () => { %s };
  let frames = 0, start = 0;
  function step(now) {
    start = start || now;
    if (now - start >= %d) { window.counted = frames / ((now - start) / 1000); return; }
    subject.panBy([frames %% 80 < 40 ? 3 : -3, 0], { animate: false });
    redraw();
    frames += 1;
    requestAnimationFrame(step);
  }
  requestAnimationFrame(step);
})();
"""
LEAFLET = """<!DOCTYPE html><html><head>
<script src="app://map/lib/leaflet.js"></script>
<link rel="stylesheet" href="app://map/lib/leaflet.css"/>
<style>html, body, #map {{ height: 100%; margin: 0; background: #10161d }}</style></head>
<body><div id="map"></div><script>
const map = L.map("map", {{ preferCanvas: true, zoomControl: false, zoomSnap: 0,
  attributionControl: false, fadeAnimation: false, zoomAnimation: false }});
map.fitBounds([[{south}, {west}], [{north}, {east}]], {{ animate: false }});
fetch("app://map/bench/points").then((reply) => reply.arrayBuffer()).then((buffer) => {{
  const at = new Float64Array(buffer);
  for (let i = 0; i < at.length; i += 2) {{
    L.circleMarker([at[i + 1], at[i]],
      {{ radius: 1.5, fillOpacity: 1, fillColor: "#B38CFF", {style} }}).addTo(map);
  }}
  window.loaded = true;
}});
</script></body></html>"""


def ask(page: QWebEnginePage, script: str, stage_: Stage) -> object:
    """Give what a script answers."""
    answers: list[object] = []
    page.runJavaScript(script, 0, answers.append)
    until(lambda: bool(answers), stage_.clock)
    return answers[0]


def count(page: QWebEnginePage, map_name: str, redraw: str, stage_: Stage) -> float:
    """Give frames per second of the loop."""
    page.runJavaScript(COUNT % (map_name, redraw, SECONDS * 1000))
    end_s = stage_.clock.steady_s() + SECONDS
    until(lambda: stage_.clock.steady_s() > end_s, stage_.clock)  # no questions meanwhile
    found = [-1.0]

    def done() -> bool:
        answer = ask(page, "window.counted", stage_)
        found[0] = float(answer) if isinstance(answer, (int, float)) else -1.0
        return found[0] > 0

    until(done, stage_.clock)
    return found[0]


def ours(stage_: Stage) -> float:
    """Measure our layer; base map, chips and labels are drawn again in every frame as well."""
    view = MapView(stage_.host, extent=CITY, layers=("requests",), seat="desk")
    ready: list[object] = []
    shown: list[object] = []
    view.ready.connect(lambda: ready.append(1))
    view.shown.connect(lambda *_: shown.append(1))
    view.resize(*SIZE)
    view.show()
    until(lambda: bool(ready), stage_.clock)
    view.set_detail("points")
    stage_.blocks.put(scatter(POINTS))
    until(lambda: bool(shown), stage_.clock)
    assert view._web is not None
    page = view._web.page()
    assert ask(page, "NT.app.channels.static.get('requests').n", stage_) == POINTS
    frames = count(page, "NT.app.map", "NT.app.redraw()", stage_)
    view.close_page()
    view.close()
    return frames


def leaflet(stage_: Stage, style: str) -> float:
    """Measure Leaflet's canvas with nothing else on the map."""
    block = scatter(POINTS)
    places = np.column_stack([block.lon_e7, block.lat_e7]) / 1e7
    page_text = LEAFLET.format(
        south=CITY.south, west=CITY.west, north=CITY.north, east=CITY.east, style=style
    )
    shelf = stage_.host.shelf
    shelf.put("/bench/points", "application/octet-stream", places.astype("<f8").tobytes())
    shelf.put("/bench/leaflet.html", "text/html", page_text.encode())
    web = QWebEngineView(stage_.host.profile)
    web.resize(*SIZE)
    web.show()
    web.load(QUrl(f"{scheme.ROOT}/bench/leaflet.html"))
    until(lambda: ask(web.page(), "window.loaded === true", stage_) is True, stage_.clock)
    frames = count(web.page(), "map", "", stage_)
    web.close()
    shiboken6.delete(web)
    return frames


def main() -> None:
    """Measure both in one run."""
    application = start()
    stage_ = stage()
    own = ours(stage_)
    usual, lean = leaflet(stage_, "color: '#B38CFF', weight: 1"), leaflet(stage_, "stroke: false")
    stage_.close()
    rows = [
        Row(
            f"pan {POINTS:,} points, {SIZE[0]} x {SIZE[1]}, every point again in each frame",
            f"ours {own:.1f} fps",
            f"Leaflet preferCanvas, outlined circles as folium draws them {usual:.2f} fps",
            round(own / usual, 1),
            f">= {TARGET:.0f} : 1",
            own / usual >= TARGET,
        ),
        Row(
            "the same beside Leaflet's leanest circles (no outline)",
            f"ours {own:.1f} fps",
            f"Leaflet preferCanvas, filled only {lean:.2f} fps",
            round(own / lean, 1),
            "no target",
            met=True,
        ),
    ]
    finish("Map: panning", rows, "Ours also composes base map and chips; a screen ends at 60 fps.")
    application.processEvents()


if __name__ == "__main__":
    main()
