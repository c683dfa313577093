"""What people should know at the end of an import, beside the counts."""

from __future__ import annotations

from backend_client.contract.base import Text
from backend_client.importing.part import Source
from backend_client.importing.rows import Meaning, Tally
from backend_client.importing.words import MOST_PROPERTIES


def told(tally: Tally, meaning: Meaning, source: Source, *, stopped: bool) -> tuple[Text, ...]:
    """Say how regions and ids were found, and what was left out."""
    left_out = max(0, len(source.columns) - len(meaning.keys) - len(meaning.found))
    full = len(meaning.keys) >= MOST_PROPERTIES
    said = (
        (int(stopped), Text("已取消，已送的行保留。", "Cancelled; what was sent stays.")),
        (tally.swapped, _swapped(meaning)),
        (
            tally.nearest,
            Text(
                "{} 行的区划取自最近的镇名（±3 km）。",
                "{} rows got the region of the nearest town label (±3 km).",
            ),
        ),
        (
            tally.outside,
            Text(
                "{} 行在市域之外，区划记为 3206。",
                "{} rows lie outside the city; their region is 3206.",
            ),
        ),
        (
            tally.named,
            Text(
                "{} 行没有编号列，按名称和位置编号。",
                "{} rows without an id column got ids from name and place.",
            ),
        ),
        (
            left_out if full else 0,
            Text(
                f"属性至多 {MOST_PROPERTIES} 个，略去 {{}} 列。",
                f"At most {MOST_PROPERTIES} properties: {{}} columns are left out.",
            ),
        ),
    )
    return tuple(
        Text(text.zh.format(f"{count:,}"), text.en.format(f"{count:,}"))
        for count, text in said
        if count
    )


def _swapped(meaning: Meaning) -> Text:
    lon, lat = (meaning.found.get(one, one) for one in ("lon", "lat"))
    todo = f"--columns lon={lat},lat={lon}".replace("{", "").replace("}", "")
    return Text(f"{{}} 行的经纬度似乎颠倒：加 {todo}", f"{{}} rows look swapped: add {todo}")
