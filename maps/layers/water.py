"""水利防汛: levels, rain, waterlogging, dikes, and the sluices, locks and pumps."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_M = Text("m", "m")
_LEVEL = Value(Text("水位", "Level"), _M, 2)
_MM = Text("mm", "mm")
_RAIN = Value(Text("雨量", "Rain"), _MM, 1)
_OPENING = Value(Text("开度", "Opening"), _M, 2)
_FLOW = Value(Text("流量", "Flow"), Text("m³/s", "m³/s"), 1)
_DEPTH = Value(Text("埋深", "Depth"), _M, 2)
_SPARE = Value(Text("堤顶超高", "Freeboard"), _M, 2)
_OVER = {
    2: Text("超保证", "over guarantee"),
    3: Text("超警戒", "over warning"),
    4: Text("接近警戒", "near warning"),
}
_FLOODED = Value(Text("积水深", "Depth"), _M, 2)
_POUR = {
    2: Text("1 时 50 mm", "50 mm in 1 h"),
    3: Text("1 时 30 mm", "30 mm in 1 h"),
    4: Text("1 时 16 mm", "16 mm in 1 h"),
}
_FLOOD = {
    2: Text("积水须断路", "close the road"),
    3: Text("积水 15 cm", "15 cm deep"),
    4: Text("积水", "water stands"),
}
_FAULT = {4: Text("故障", "fault")}
_THIN = {4: Text("超高不足 1 m", "under 1.0 m"), 3: Text("超高不足 0.5 m", "under 0.5 m")}
_STATION_S, _GATE_S = 300, 60

LAYER = LayerSpec(
    layer_id="water",
    order=14,
    group="city",
    glyph="water",
    title=Text("水利防汛", "Water"),
    full=Text("水利防汛", "Water and flood"),
    department="D27",
    refresh_s=_STATION_S,
    kinds=(
        Kind(
            "level_station", Text("水位站", "Level station"), _LEVEL, _STATION_S, _OVER, named=True
        ),
        Kind("rain_gauge", Text("雨量站", "Rain gauge"), _RAIN, _STATION_S, _POUR),
        Kind("waterlogging", Text("积涝点", "Waterlogging"), _FLOODED, _STATION_S, _FLOOD),
        Kind("sluice", Text("节制闸", "Sluice"), None, _GATE_S, named=True),
        Kind("tide_gate", Text("挡潮闸", "Tide gate"), None, _GATE_S, named=True),
        Kind("drain_gate", Text("排涝闸", "Drain gate"), None, _GATE_S, named=True),
        Kind("gate_pump", Text("闸站", "Gate and pump"), None, _GATE_S, named=True),
        Kind("pump", Text("泵站", "Pump station"), None, _GATE_S, named=True),
        Kind("lock", Text("船闸", "Ship lock"), None, _GATE_S, named=True),
        Kind(
            "small_sluice",
            Text("圩口闸", "Polder sluice"),
            _OPENING,
            900,
            _FAULT,
            everyday=_IV,
        ),
        Kind(
            "pump_station", Text("排涝泵站", "Drain pump"), _FLOW, _STATION_S, _FAULT, everyday=_IV
        ),
        Kind("dike", Text("堤防", "Dike"), _SPARE, 900, _THIN, "line", everyday=_IV),
        Kind("groundwater", Text("地下水位井", "Groundwater well"), _DEPTH, 3_600),
        Kind("patrol_boat", Text("巡查艇", "Patrol boat"), None, 30, form="moving"),
    ),
    fields=(
        Field("river", Text("河流", "River")),
        Field("warning_level_m", Text("警戒水位", "Warning level"), _M, kind="number", digits=2),
        Field("guarantee_level_m", Text("保证水位", "Guarantee"), _M, kind="number", digits=2),
        *(
            Field(f"rain_{h}h_mm", Text(f"{h} 时雨量", f"Rain {h} h"), _MM, kind="number", digits=1)
            for h in (1, 3, 24)
        ),
        Field("depth_m", Text("积水深", "Depth"), _M, kind="number", digits=2),
        Field("close_at_m", Text("断路水深", "Close at"), _M, kind="number", digits=2),
        Field("source", Text("资料来源", "Source")),
        Field("datum", Text("基面", "Datum")),
        Field("capacity_m3s", Text("设计流量", "Capacity"), _FLOW.unit, kind="number", digits=1),
        Field("grade", Text("堤防等级", "Grade")),
        Field("leader", Text("责任人", "Leader")),
    ),
    cards=(
        Card(
            Text("超警戒", "Over warning"),
            lambda now: now.water.over_warning,
            Text("站超警", "over"),
        ),
        Card(
            Text("开闸", "Gates open"),
            lambda now: now.water.gates_open,
            of=lambda now: now.water.gates,
        ),
        Card(Text("下个窗口", "Next window"), lambda now: now.water.next_window_s, kind="instant"),
    ),
)
