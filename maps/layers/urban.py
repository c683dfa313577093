"""城市管理: city parts, cases, building sites, illegal structures, muck trucks, sanitation."""

from app.tally import share_pct
from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_CODE = Value(Text("部件代码", "Part code"))
_LEFT = Value(Text("距时限", "To the deadline"), Text("时", "h"), 1)
_DUST = Value(Text("PM10", "PM10"), Text("µg/m³", "µg/m³"))
_AREA = Value(Text("面积", "Area"), Text("m²", "m²"))
_GREEN = Value(Text("面积", "Area"), Text("公顷", "ha"), 1)
_BROKEN = {4: Text("损坏在办", "damaged, case open")}
_LATE = {4: Text("逾期", "overdue")}
_DUSTY = {4: Text("扬尘超标", "dust over the limit")}
_BARE = {4: Text("未覆盖", "uncovered")}

LAYER = LayerSpec(
    layer_id="urban",
    order=13,
    group="city",
    glyph="urban",
    title=Text("城市管理", "Urban"),
    full=Text("城市管理", "Urban management"),
    department="D25",
    refresh_s=300,
    kinds=(
        Kind("part", Text("城市部件", "City part"), _CODE, None, _BROKEN, everyday=_IV),
        Kind("case", Text("城管案件", "Case"), _LEFT, 300, _LATE, everyday=_IV),
        Kind("site", Text("建筑工地", "Building site"), _DUST, 300, _DUSTY, "area", everyday=_IV),
        Kind("illegal_structure", Text("违法建设", "Illegal structure"), _AREA),
        Kind("park_green", Text("公园绿地", "Park"), _GREEN, form="area"),
        Kind("muck_truck", Text("渣土车", "Muck truck"), None, 15, _BARE, "moving", everyday=_IV),
        Kind("sanitation", Text("环卫车", "Sanitation vehicle"), None, 30, form="moving"),
    ),
    fields=(
        Field("part_code", Text("部件编码", "Part code")),
        Field("part", Text("部件", "Part")),
        Field("case_no", Text("案件号", "Case no.")),
        Field("deadline", Text("时限", "Deadline"), kind="instant"),
        Field("builder", Text("施工单位", "Builder")),
        Field("cameras", Text("视频", "Cameras"), Text("路", "cameras"), kind="number"),
        Field("stage", Text("阶段", "Stage")),
        Field("plate", Text("车牌", "Plate")),
        Field("site", Text("工地", "Site")),
        Field("permit", Text("准运证", "Permit")),
        Field("type", Text("类型", "Type")),
    ),
    cards=(
        Card(
            Text("今日案件", "Cases today"),
            lambda now: now.layer("urban").kind("case").count,
            Text("件", "cases"),
        ),
        Card(
            Text("按期率", "On time"),
            lambda now: share_pct(
                now.layer("urban").kind("case").valued - now.layer("urban").kind("case").negative,
                now.layer("urban").kind("case").valued,
            ),
            Text("%", "%"),
            digits=1,
        ),
        Card(
            Text("渣土未盖", "Uncovered"),
            lambda now: now.layer("urban").kind("muck_truck").state(4),
        ),
    ),
)
