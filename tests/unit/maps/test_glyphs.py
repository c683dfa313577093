"""Each layer's glyph reads at 12 px and at 120 px, and no two are taken for one another."""

from __future__ import annotations

import itertools
import re

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from maps.host import GLYPHS
from maps.spec import LayerSpec, load_layers

LAYERS = load_layers()
Ink = npt.NDArray[np.float64]
DRAWN = {
    "svg",
    "title",
    "path",
    "polygon",
    "circle",
    "g",
}  # look README: only these, no text, mask, style
each_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.layer_id)


def ink(name: str, px: int) -> Ink:
    """Give how much ink each pixel has, 0 to 1."""
    source = (GLYPHS / f"{name}.svg").read_text("utf-8").replace("currentColor", "#000000")
    image = QImage(px, px, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(source.encode()).render(painter)
    painter.end()
    raw = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(px, px, 4)
    return raw[:, :, 3].astype(np.float64) / 255.0


@each_layer
def test_a_glyph_is_plain_shapes_in_one_colour(layer: LayerSpec) -> None:
    source = (GLYPHS / f"{layer.glyph}.svg").read_text("utf-8")
    assert set(re.findall(r"<([a-z]+)", source)) <= DRAWN
    assert "currentColor" in source
    assert not re.search(r'(fill|stroke)="#', source)


@each_layer
@pytest.mark.parametrize("px", [12, 120])
def test_a_glyph_fills_its_box_and_stays_inside(layer: LayerSpec, px: int) -> None:
    found = ink(layer.glyph, px)
    assert 0.12 < found.mean() < 0.75
    rows, columns = np.flatnonzero(found.max(1) > 0.3), np.flatnonzero(found.max(0) > 0.3)
    assert max(np.ptp(rows), np.ptp(columns)) >= 0.7 * (px - 1)
    edge = np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]])
    assert (edge > 0.5).mean() < 0.2  # not cut off by its box


@each_layer
def test_the_small_one_is_the_large_one_made_small(layer: LayerSpec) -> None:
    large = ink(layer.glyph, 120).reshape(12, 10, 12, 10).mean((1, 3))
    small = ink(layer.glyph, 12)
    assert np.corrcoef(large.ravel(), small.ravel())[0, 1] > 0.95
    assert (small > 0.6).mean() > 0.08  # solid enough to be seen, not only grey edges


def test_no_two_glyphs_look_alike_at_12_px() -> None:
    small = {layer.layer_id: ink(layer.glyph, 12) for layer in LAYERS}
    alike = {
        (one, other): float(np.abs(small[one] - small[other]).mean())
        for one, other in itertools.combinations(small, 2)
    }
    closest = min(alike, key=lambda pair: alike[pair])
    assert alike[closest] > 0.12, closest
