"""应急管理: teams, depots, shelters, risk spots, incidents and warnings in force."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_PEOPLE = Text("人", "people")
_READY = Value(Text("待命", "Ready"), is_flag=True)
_STOCK = Value(Text("库存达标", "Stock of the norm"), Text("%", "%"))
_INSIDE = Value(Text("在所人员", "People inside"), _PEOPLE)
_TO_MOVE = Value(Text("需转移", "To be moved"), _PEOPLE)
_MOVED = Value(Text("已转移", "Moved"), _PEOPLE)
_LEVEL = Value(Text("等级", "Level"))
_SOME = {4: Text("未就绪", "not ready")}
_LOW = {4: Text("不足六成", "under 60 %")}
_RISK = {4: Text("重点看护", "watched"), 3: Text("转移中", "being moved")}
_GRADES = {
    1: Text("特别重大", "exceptionally grave"),
    2: Text("重大", "grave"),
    3: Text("较大", "large"),
    4: Text("一般", "ordinary"),
}

LAYER = LayerSpec(
    layer_id="emergency",
    order=9,
    group="safety",
    glyph="emergency",
    title=Text("应急管理", "Emergency"),
    department="D33",
    refresh_s=60,
    kinds=(
        Kind("incident", Text("突发事件", "Incident"), _LEVEL, 60, _GRADES, named=True),
        Kind("warning_area", Text("预警区", "Warning area"), _LEVEL, 300, _GRADES, "area"),
        Kind("team", Text("救援队", "Rescue team"), _READY, 300, _SOME, everyday=_IV),
        Kind("rescue_vehicle", Text("救援车", "Rescue vehicle"), period_s=30, form="moving"),
        Kind("depot", Text("物资库", "Depot"), _STOCK, 3_600, _LOW, everyday=_IV),
        Kind("shelter", Text("避难场所", "Shelter"), _INSIDE, 900),
        Kind("risk_spot", Text("风险点", "Risk spot"), _TO_MOVE, 86_400, _RISK, everyday=_IV),
        Kind("route", Text("转移路线", "Evacuation route"), _MOVED, 300, form="line"),
    ),
    fields=(
        Field("type", Text("类型", "Type")),
        Field("hazard", Text("灾种", "Hazard")),
        Field("members", Text("人数", "Members"), _PEOPLE, kind="number"),
        Field("leader", Text("负责人", "Leader")),
        Field("pumps", Text("水泵", "Pumps"), Text("台", "pumps"), kind="number"),
        Field("sandbags", Text("沙袋", "Sandbags"), Text("只", "bags"), kind="number"),
        Field("capacity", Text("容量", "Capacity"), _PEOPLE, kind="number"),
        Field("area_m2", Text("面积", "Area"), Text("m²", "m²"), kind="number"),
        Field("to", Text("去向", "To")),
        Field("plate", Text("车牌", "Plate")),
        Field("team", Text("所属队伍", "Team")),
    ),
    cards=(
        Card(
            Text("待命队伍", "Teams ready"),
            lambda now: now.layer("emergency").kind("team").total,
            Text("队", "teams"),
        ),
        Card(
            Text("生效预警", "Warnings"),
            lambda now: sum(now.layer("emergency").kind("warning_area").states[1:]),  # in force
            Text("处", ""),
        ),
        Card(
            Text("待转移", "To be moved"),
            lambda now: now.layer("emergency").kind("risk_spot").hot_sum,
            Text("人", ""),
        ),
    ),
)
