"""水利防汛: levels, rain, waterlogging, and the sluices, locks and pumps."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec

_M = Text("m", "m")
_MM = Text("mm", "mm")
_STATION_S = 300.0
_GATE_S = 60.0

LAYER = LayerSpec(
    layer_id="water",
    order=14,
    group="city",
    glyph="water",
    title=Text("水利防汛", "Water"),
    owner=Text("水利局", "Water"),
    refresh_s=_STATION_S,
    kinds=(
        Kind(
            "level_station",
            Text("水位站", "Level station"),
            named=True,
            unit=_M,
            period_s=_STATION_S,
        ),
        Kind("rain_gauge", Text("雨量站", "Rain gauge"), unit=_MM, digits=1, period_s=_STATION_S),
        Kind("waterlogging", Text("积涝点", "Waterlogging"), period_s=_STATION_S),
        Kind("sluice", Text("节制闸", "Sluice"), named=True, period_s=_GATE_S),
        Kind("tide_gate", Text("挡潮闸", "Tide gate"), named=True, period_s=_GATE_S),
        Kind("drain_gate", Text("排涝闸", "Drain gate"), named=True, period_s=_GATE_S),
        Kind("gate_pump", Text("闸站", "Gate and pump"), named=True, period_s=_GATE_S),
        Kind("pump", Text("泵站", "Pump station"), named=True, period_s=_GATE_S),
        Kind("lock", Text("船闸", "Ship lock"), named=True, period_s=_GATE_S),
    ),
    fields=(
        Field("river", Text("河流", "River")),
        Field("warning_level_m", Text("警戒水位", "Warning level"), _M, kind="number", digits=2),
        Field(
            "guarantee_level_m", Text("保证水位", "Guarantee level"), _M, kind="number", digits=2
        ),
        Field("datum", Text("基面", "Datum")),
        Field("contact", Text("联系人", "Contact")),
        Field("phone", Text("电话", "Phone"), kind="phone"),
    ),
    cards=(
        Card(
            Text("超警戒", "Over warning"),
            lambda now: now.water.over_warning,
            Text("站超警", "over"),
        ),
        Card(Text("开闸", "Gates open"), lambda now: now.water.gates_open),
        Card(
            Text("下个窗口", "Next window"),
            lambda now: now.water.next_window_s,
            kind="instant",
        ),
    ),
    abnormal=lambda now: now.water.abnormal,
)
