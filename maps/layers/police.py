"""警务: calls in summary, cars and officers on patrol, checkpoints, key places, beats."""

from app.tally import share_pct
from backend_client.contract.auth import Role
from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_MIN = Text("分", "min")
_CALLS = Value(Text("当前警情", "Calls now"), Text("起", "calls"))
_CHECKED = Value(Text("上小时查验", "Checked last hour"), Text("辆", "vehicles"))
_ARRIVAL = Value(Text("到场用时", "Arrival"), _MIN, 1)
_BUSY = {4: Text("超过平时两倍", "over twice the usual")}
_SHUT = {4: Text("关闭", "closed")}
_WAITS = {4: Text("等待超过 10 分", "waits over 10 min"), 3: Text("重大", "serious")}

LAYER = LayerSpec(
    layer_id="police",
    order=8,
    group="safety",
    glyph="police",
    title=Text("警务", "Policing"),
    department="D16",
    refresh_s=60,
    kinds=(
        Kind("call", Text("警情", "Call"), _ARRIVAL, 60, _WAITS),
        Kind("call_other", Text("非警务警情", "Non-police call"), _ARRIVAL, 60, _WAITS),
        Kind("patrol_car", Text("巡逻车", "Patrol car"), period_s=5, form="moving"),
        Kind("officer", Text("巡逻民警", "Officer on patrol"), period_s=10, form="moving"),
        Kind("checkpoint", Text("查报站", "Checkpoint"), _CHECKED, 300, _SHUT, everyday=_IV),
        Kind("key_place", Text("重点场所", "Key place")),
        Kind("beat", Text("警务区", "Beat"), _CALLS, 300, _BUSY, "area", everyday=_IV),
    ),
    fields=(
        Field("class", Text("类别", "Class")),
        Field("police", Text("属警务", "Police matter"), kind="flag"),
        Field("unit", Text("单位", "Unit")),
        Field("plate", Text("车牌", "Plate")),
        Field("beat", Text("警务区", "Beat")),
        Field("leader", Text("负责人", "Leader")),
        Field("station", Text("派出所", "Station")),
        Field("direction", Text("方向", "Direction")),
        Field("category", Text("分类", "Category")),
    ),
    cards=(
        Card(
            Text("当前警情", "Calls now"),
            lambda now: now.layer("police").sum("call", "call_other"),
            Text("起", "calls"),
        ),
        Card(
            Text("非警务占比", "Non-police"),
            lambda now: share_pct(
                now.layer("police").sum("call_other"),
                now.layer("police").sum("call", "call_other"),
            ),
            Text("%", "%"),
        ),
        Card(
            Text("平均到场", "Arrival"),
            lambda now: now.layer("police").kind("call").mean,
            _MIN,
            digits=1,
        ),
    ),
    roles=frozenset({Role.OPERATOR, Role.DISPATCHER, Role.DUTY_LEADER, Role.LEADER}),
)
