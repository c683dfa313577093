"""What folium writes: the page around our layer, and Leaflet out of the installed packages.

Only imported when the page kept from an earlier start no longer holds: folium and what it
pulls in cost half a second and 60 MB.
"""

from __future__ import annotations

from typing import ClassVar, Final

import folium
from branca.element import Element, Figure
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template
from offlinefolium.elements import _res as installed_assets

from maps import scheme
from maps.assets import CSS, HTML, JS, PAGE_PATH, SCRIPTS, File, MissingAssetError
from maps.mercator import CENTRE

# No socket, no plug-in, no frame: what the interceptor refuses is refused here as well.
_POLICY: Final = (
    "default-src 'none'; script-src app: 'unsafe-inline'; style-src app: 'unsafe-inline';"
    " connect-src app:; img-src app: data:"
)
_MIN_ZOOM: Final = 7
_MAX_ZOOM: Final = 18


def _ours(name: str) -> str:
    return f"{scheme.ROOT}/web/{name}"


def _installed(url: str) -> str:
    return f"{scheme.ROOT}/lib/{url.rsplit('/', 1)[-1]}"


Links = list[tuple[str, str]]

# Draws the user's vector tiles; folium's plug-in of it pulls in all the others.
_VECTOR_JS: Final = "https://unpkg.com/leaflet.vectorgrid@latest/dist/Leaflet.VectorGrid.bundled.js"

_LEAFLET_JS, _LEAFLET_CSS = (
    next(url for name, url in links if name == wanted)
    for links, wanted in (
        (folium.Map.default_js, "leaflet"),
        (folium.Map.default_css, "leaflet_css"),
    )
)


class ConsoleMap(folium.Map):
    """A folium map that asks for Leaflet only: no jQuery, no Bootstrap, no fonts."""

    default_js: ClassVar[Links] = [  # type: ignore[misc]  # folium reads it from the class
        ("leaflet", _installed(_LEAFLET_JS))
    ]
    default_css: ClassVar[Links] = [  # type: ignore[misc]  # folium reads it from the class
        ("leaflet_css", _installed(_LEAFLET_CSS))
    ]


class ConsoleLayer(JSCSSMixin, Layer):
    """Our typed-array layer as a folium element."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = new NT.ConsoleLayer({{ this.options|tojavascript }});
        {% endmacro %}
        """
    )
    default_js: ClassVar[Links] = [  # type: ignore[misc]  # folium reads it from the class
        ("qwebchannel", f"{scheme.ROOT}/lib/qwebchannel.js"),
        *[(f"nt_{name}", _ours(f"{name}.js")) for name in SCRIPTS],
    ]
    default_css: ClassVar[Links] = [  # type: ignore[misc]  # folium reads it from the class
        ("nt_map", _ours("map.css"))
    ]

    def __init__(self) -> None:
        super().__init__(name="console", control=False)
        self._name = "ConsoleLayer"
        self.options = {"centre": list(CENTRE)}


def write() -> bytes:
    """Let folium write the page."""
    page = ConsoleMap(
        location=[CENTRE[1], CENTRE[0]],
        zoom_start=9,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        attribution_control=False,
        minZoom=_MIN_ZOOM,  # without tiles folium takes these as plain options
        maxZoom=_MAX_ZOOM,
        zoom_snap=0,
        zoom_delta=0.5,
        zoom_animation=False,
        fade_animation=False,
        inertia=False,
        keyboard=True,
        wheel_px_per_zoom_level=120,
    )
    page.add_child(ConsoleLayer())
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    figure = page.get_root()
    if not isinstance(figure, Figure):
        raise MissingAssetError("folium put the map into something that is no page")
    figure.header.add_child(Element(policy), name="policy", index=0)
    return str(figure.render()).encode()


def _library(url: str, kind: str) -> File:
    text = installed_assets.get(url)
    if text is None:
        raise MissingAssetError(f"folium-offline does not hold {url}: install the pinned versions")
    return File(_installed(url).removeprefix(scheme.ROOT), kind, text.encode())


def made() -> tuple[File, ...]:
    """Give the page and what it takes from installed packages.

    Raises:
        MissingAssetError: a package lacks a file.
    """
    return (
        File(PAGE_PATH, HTML, write()),
        _library(_LEAFLET_JS, JS),
        _library(_LEAFLET_CSS, CSS),
        _library(_VECTOR_JS, JS),
    )
