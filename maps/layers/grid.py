"""网格治理: grids, their workers on the move, disputes, stations, people who need care (masked)."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_DAYS = Text("天", "d")
_TASKS = Value(Text("在办任务", "Open tasks"), Text("件", "tasks"))
_OPEN = Value(Text("在办天数", "Days open"), _DAYS)
_WORKERS = Value(Text("网格员", "Workers"), Text("人", "people"))
_VISIT = Value(Text("距上次走访", "Since last visit"), _DAYS)
_LATE = {4: Text("任务逾期", "a task is overdue")}
_CALLS = {4: Text("求助", "asks for help")}
_HEATED = {4: Text("逾期", "overdue"), 3: Text("升级", "escalated")}
_UNSEEN = {4: Text("未按期走访", "not visited in time")}

LAYER = LayerSpec(
    layer_id="grid",
    order=3,
    group="society",
    glyph="grid",
    title=Text("网格治理", "Grids"),
    full=Text("网格治理", "Grid governance"),
    department="D06",
    refresh_s=300,
    kinds=(
        Kind("grid", Text("网格", "Grid"), _TASKS, 1_800, _LATE, "area", everyday=_IV),
        Kind("grid_worker", Text("网格员", "Grid worker"), None, 20, _CALLS, "moving"),
        Kind("dispute", Text("矛盾纠纷", "Dispute"), _OPEN, 3_600, _HEATED, everyday=_IV),
        Kind("station", Text("网格站", "Grid station"), _WORKERS),
        Kind(
            "concern", Text("关爱对象", "Person of concern"), _VISIT, 86_400, _UNSEEN, everyday=_IV
        ),
    ),
    fields=(
        Field("code", Text("网格编码", "Grid code")),
        Field("leader", Text("网格长", "Grid leader")),
        Field("households", Text("户数", "Households"), Text("户", "homes"), kind="number"),
        Field("last_patrol", Text("上次巡查", "Last patrol"), kind="instant"),
        Field("grid", Text("所属网格", "Grid")),
        Field("tasks", Text("任务", "Tasks"), Text("件", "tasks"), kind="number"),
        Field("subject", Text("事由", "Subject")),
        Field("stage", Text("阶段", "Stage")),
        Field("category", Text("类别", "Category")),
    ),
    cards=(
        Card(
            Text("网格员在线", "Workers online"),
            lambda now: now.layer("grid").kind("grid_worker").fresh_pct,
            Text("%", "%"),
            digits=1,
        ),
        Card(
            Text("在线网格员", "Workers online"),
            lambda now: now.layer("grid").kind("grid_worker").fresh,
        ),
        Card(Text("在办纠纷", "Disputes"), lambda now: now.layer("grid").kind("dispute").count),
    ),
)
