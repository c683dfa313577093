"""消防与安全生产: stations, engines, hydrants, live–work–store premises, high-rises, fires."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_BOTH = (3, 4)
_IV = (4,)
_INSIDE = Value(Text("在站车辆", "Engines in"), Text("辆", "engines"))
_PRESSURE = Value(Text("水压", "Pressure"), Text("MPa", "MPa"), 2)
_RISK = Value(Text("风险等级", "Risk class"))
_FLOORS = Value(Text("楼层", "Floors"))
_SINCE = Value(Text("接警至今", "Since the alarm"), Text("分", "min"))
_DRY = {4: Text("停用", "out of service")}
_HAZARD = {4: Text("隐患逾期", "hazard overdue"), 3: Text("高风险隐患逾期", "class 1 overdue")}
_SENSOR = {4: Text("传感器报警", "sensor alarm")}
_BURNS = {4: Text("已控制", "under control"), 3: Text("火情", "fire")}

LAYER = LayerSpec(
    layer_id="fire",
    order=11,
    group="safety",
    glyph="fire",
    title=Text("消防安全", "Fire safety"),
    full=Text("消防与安全生产", "Fire and safety"),
    department="D54",
    refresh_s=60,
    kinds=(
        Kind("alarm", Text("火警", "Fire"), _SINCE, 60, _BURNS, named=True),
        Kind("station", Text("消防站", "Fire station"), _INSIDE, 60, named=True),
        Kind("engine", Text("消防车", "Engine"), period_s=10, form="moving"),
        Kind("hydrant", Text("消火栓", "Hydrant"), _PRESSURE, 14_400, _DRY, everyday=_IV),
        Kind(
            "three_in_one",
            Text("三合一场所", "Live–work place"),
            _RISK,
            None,
            _HAZARD,
            everyday=_BOTH,
        ),
        Kind("high_rise", Text("高层建筑", "High-rise"), _FLOORS, 3_600, _SENSOR, "area"),
    ),
    fields=(
        Field("crew", Text("人员", "Crew")),
        Field("leader", Text("负责人", "Leader")),
        Field("plate", Text("车牌", "Plate")),
        Field("station", Text("所属站", "Station")),
        Field("type", Text("类型", "Type")),
        Field("diameter_mm", Text("口径", "Diameter"), Text("mm", "mm"), kind="number"),
        Field("last_check", Text("上次检查", "Last check"), kind="instant"),
        Field("building", Text("楼栋", "Building")),
        Field("reasons", Text("依据", "Reasons")),
        Field("floors", Text("楼层", "Floors"), kind="number"),
        Field("pumps", Text("水泵", "Pumps"), kind="number"),
    ),
    cards=(
        Card(
            Text("火警", "Fires"),
            lambda now: now.layer("fire").kind("alarm").count,
            Text("起", "fires"),
        ),
        Card(
            Text("消火栓停用", "Hydrants out"),
            lambda now: now.layer("fire").kind("hydrant").abnormal.count,
        ),
        Card(
            Text("隐患逾期", "Overdue"),
            lambda now: now.layer("fire").kind("three_in_one").abnormal.count,
        ),
    ),
)
