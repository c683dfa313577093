"""民生诉求: what citizens ask for, by the channel it came through."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec

LAYER = LayerSpec(
    layer_id="requests",
    order=4,
    group="society",
    glyph="requests",
    title=Text("民生诉求", "Requests"),
    owner=Text("数据局", "Data bureau"),
    refresh_s=60.0,
    kinds=(
        Kind("hotline", Text("12345 热线", "Hotline 12345")),
        Kind("police", Text("110 分流", "From 110")),
        Kind("grid", Text("网格上报", "Grid worker")),
        Kind("web", Text("网页", "Web")),
        Kind("app", Text("手机应用", "App")),
        Kind("camera", Text("视频识别", "Camera")),
        Kind("department", Text("部门系统", "Department")),
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
        Card(Text("待受理", "To accept"), lambda now: now.requests.waiting),
    ),
    abnormal=lambda now: now.requests.abnormal,
    heat=True,
)
