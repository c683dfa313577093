"""交通: road links by congestion, junctions, stops, car parks, buses, taxis, coaches, lorries."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_BOTH = (3, 4)
_IV = (4,)
_MIN = Text("分", "min")
_INDEX = Value(Text("拥堵指数", "Congestion index"), digits=1)
_QUEUE = Value(Text("排队", "Queue"), Text("m", "m"))
_LINES = Value(Text("线路", "Lines"), Text("条", "lines"))
_RIDERS = Value(Text("上小时客流", "Riders last hour"), Text("人", "people"))
_BERTHED = Value(Text("靠泊", "At berth"), Text("艘", "ships"))
_FREE = Value(Text("空位", "Free spaces"), Text("个", "spaces"))
_OPEN = Value(Text("已持续", "Open for"), _MIN)
_JAM = {2: Text("中断", "closed"), 3: Text("严重拥堵", "jammed"), 4: Text("拥堵", "congested")}
_DARK = {4: Text("信号灯故障", "signal out")}
_CROWDED = {4: Text("客流过大", "crowded")}
_STOPS = {4: Text("影响通行", "slows traffic"), 3: Text("阻断", "blocked")}
_LATE = {4: Text("晚点超过 10 分", "over 10 min late")}
_TIRED = {4: Text("疲劳驾驶", "tired driving")}

LAYER = LayerSpec(
    layer_id="transport",
    order=12,
    group="city",
    glyph="transport",
    title=Text("交通", "Transport"),
    department="D26",
    refresh_s=60,
    kinds=(
        Kind("incident", Text("交通事件", "Incident"), _OPEN, 60, _STOPS, named=True),
        Kind("road", Text("路段", "Road link"), _INDEX, 1_800, _JAM, "line", everyday=_BOTH),
        Kind("junction", Text("路口", "Junction"), _QUEUE, 1_800, _DARK, everyday=_IV),
        Kind("bus", Text("公交车", "Bus"), None, 12, _LATE, "moving", everyday=_IV),
        Kind("taxi", Text("出租车", "Taxi"), None, 12, form="moving"),
        Kind("coach", Text("客运车", "Coach"), None, 15, _TIRED, "moving"),
        Kind("lorry", Text("重型货车", "Heavy lorry"), None, 15, form="moving"),
        Kind("bus_stop", Text("公交站", "Bus stop"), _LINES),
        Kind(
            "metro",
            Text("地铁站", "Metro station"),
            _RIDERS,
            60,
            _CROWDED,
            named=True,
            everyday=_IV,
        ),
        Kind("port", Text("港口", "Port"), _BERTHED, 900, named=True),
        Kind("parking", Text("停车场", "Car park"), _FREE, 900),
    ),
    fields=(
        Field("road", Text("道路", "Road")),
        Field("class", Text("等级", "Class")),
        Field("speed_kmh", Text("车速", "Speed"), Text("km/h", "km/h"), kind="number"),
        Field("speed_limit_kmh", Text("限速", "Limit"), Text("km/h", "km/h"), kind="number"),
        Field("flow_vph", Text("流量", "Flow"), Text("辆/时", "veh/h"), kind="number"),
        Field("length_m", Text("长度", "Length"), Text("m", "m"), kind="number"),
        Field("line", Text("线路", "Line")),
        Field("plate", Text("车牌", "Plate")),
        Field("type", Text("类型", "Type")),
        Field("spaces", Text("总车位", "Spaces"), kind="number"),
        Field("berths", Text("泊位", "Berths"), kind="number"),
    ),
    cards=(
        Card(
            Text("拥堵指数", "Congestion"),
            lambda now: now.layer("transport").kind("road").mean,
            Text("指数", "index"),
            digits=1,
        ),
        Card(
            Text("公交正点", "Bus on time"),
            lambda now: now.layer("transport").kind("bus").normal_pct,
            Text("%", "%"),
            digits=1,
        ),
        Card(
            Text("在处事件", "Incidents"),
            lambda now: now.layer("transport").kind("incident").count,
        ),
    ),
)
