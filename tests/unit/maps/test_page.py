from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import pytest

from maps import folium_page, page, scheme

FILES = {file.path: file for file in page.files(Path(tempfile.mkdtemp()))}


def test_every_address_on_the_page_is_ours_and_present() -> None:
    text = FILES[page.PAGE_PATH].data.decode()
    found = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(found) > 10
    for address in found:
        assert address.startswith(scheme.ROOT)
        assert address.removeprefix(scheme.ROOT) in FILES


def test_folium_wrote_the_map_and_our_layer() -> None:
    text = FILES[page.PAGE_PATH].data.decode()
    assert "L.map(" in text
    assert '"preferCanvas": true' in text
    assert "new NT.ConsoleLayer(" in text
    assert "tileLayer" not in text


def test_our_scripts_and_styles_name_no_address_outside() -> None:
    own = [file for file in FILES.values() if file.path.startswith("/web/")]
    assert len(own) == len(page.SCRIPTS) + 1
    for file in own:
        assert not re.search(rb"(https?|wss?):|//[a-z]", file.data.replace(b"app://map", b"")), (
            file.path
        )


def test_a_missing_asset_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(folium_page, "installed_assets", {})
    with pytest.raises(page.MissingAssetError, match=r"leaflet\.js"):
        page.files(tmp_path)


def test_the_page_kept_from_an_earlier_start_needs_no_folium(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = page.files(tmp_path)
    monkeypatch.setitem(sys.modules, "maps.folium_page", None)  # an import would fail
    assert page.files(tmp_path) == first


@pytest.mark.parametrize("kept", ["", "{", '{"key": "other", "files": []}', "[]"])
def test_a_page_that_no_longer_holds_is_written_anew(tmp_path: Path, kept: str) -> None:
    (tmp_path / "page.json").write_text(kept)
    assert page.PAGE_PATH in {file.path for file in page.files(tmp_path)}
