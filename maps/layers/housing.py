"""群租房: leads by the stage they are in, watched buildings, estates; addresses are masked."""

from app.tally import share_pct
from backend_client.contract.auth import Role
from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_III = (3,)
_IV = (4,)
_SCORE = Value(Text("评分", "Score"))
_LEADS = Value(Text("线索", "Leads"), Text("条", "leads"))
_SCORED = Value(Text("已评分户", "Dwellings scored"), Text("户", "homes"))
_HIGH = {3: Text("评分 85 以上", "score 85 or more")}
_OPEN = {4: Text("已确认未整改", "confirmed, not rectified")}
_PCT = Text("%", "%")

LAYER = LayerSpec(
    layer_id="housing",
    order=5,
    group="society",
    glyph="housing",
    title=Text("群租房", "Group rentals"),
    full=Text("群租房", "Group-rented housing"),
    department="D23",
    refresh_s=3_600,
    kinds=(
        Kind("lead_new", Text("新线索", "New lead"), _SCORE, 86_400, _HIGH, everyday=_III),
        Kind("lead_visited", Text("已走访", "Visited"), _SCORE, 86_400),
        Kind("lead_confirmed", Text("已确认", "Confirmed"), _SCORE, 86_400, _OPEN, everyday=_IV),
        Kind("lead_rectified", Text("已整改", "Rectified"), _SCORE, 86_400),
        Kind("building", Text("重点楼栋", "Watched building"), _LEADS, form="area"),
        Kind("estate", Text("小区", "Estate"), _SCORED, form="area"),
    ),
    fields=(
        Field("stage", Text("阶段", "Stage")),
        Field("reasons", Text("依据", "Reasons")),
        Field("sources", Text("来源", "Sources")),
        Field("last_visit", Text("上次走访", "Last visit"), kind="instant"),
        Field("floors", Text("楼层", "Floors"), kind="number"),
        Field("dwellings", Text("住户", "Dwellings"), Text("户", "homes"), kind="number"),
        Field("households", Text("总户数", "Households"), Text("户", "homes"), kind="number"),
    ),
    cards=(
        Card(
            Text("新线索", "New leads"),
            lambda now: now.layer("housing").kind("lead_new").count,
            Text("新", "new"),
        ),
        Card(
            Text("核实确认", "Confirmed"),
            lambda now: share_pct(
                now.layer("housing").sum("lead_confirmed", "lead_rectified"),
                now.layer("housing").sum("lead_visited", "lead_confirmed", "lead_rectified"),
            ),
            _PCT,
            digits=1,
        ),
        Card(
            Text("整改完成", "Rectified"),
            lambda now: share_pct(
                now.layer("housing").sum("lead_rectified"),
                now.layer("housing").sum("lead_confirmed", "lead_rectified"),
            ),
            _PCT,
            digits=1,
        ),
    ),
    roles=frozenset({Role.OPERATOR, Role.DISPATCHER, Role.DUTY_LEADER, Role.LEADER}),
)
