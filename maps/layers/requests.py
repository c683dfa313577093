"""民生诉求: what citizens ask for, by the channel it came through."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec

_GRADED = {
    1: Text("特急", "at once"),
    2: Text("紧急", "urgent"),
    3: Text("重要", "important"),
    4: Text("超期或关注", "overdue or watched"),
}

LAYER = LayerSpec(
    layer_id="requests",
    order=4,
    group="society",
    glyph="requests",
    title=Text("民生诉求", "Requests"),
    full=Text("民生诉求", "Citizen requests"),
    department="D41",
    refresh_s=60,
    kinds=(
        Kind("hotline", Text("12345 热线", "Hotline 12345"), states=_GRADED),
        Kind("police", Text("110 分流", "From 110"), states=_GRADED),
        Kind("grid", Text("网格上报", "Grid worker"), states=_GRADED),
        Kind("web", Text("网页", "Web"), states=_GRADED),
        Kind("app", Text("手机应用", "App"), states=_GRADED),
        Kind("camera", Text("视频识别", "Camera"), states=_GRADED),
        Kind("department", Text("部门系统", "Department"), states=_GRADED),
    ),
    fields=(
        Field("category", Text("类别", "Category")),
        Field("place", Text("地点", "Place")),
        Field("state", Text("状态", "State")),
        Field("due_at", Text("时限", "Due"), kind="instant"),
    ),
    cards=(
        Card(Text("在办", "Open"), lambda now: now.requests.open, Text("件", "open")),
        Card(Text("24 小时到期", "Due in 24 h"), lambda now: now.requests.due_soon),
        Card(Text("超期", "Overdue"), lambda now: now.requests.overdue),
    ),
    abnormal=lambda now: now.requests.abnormal,
    heat=True,
)
