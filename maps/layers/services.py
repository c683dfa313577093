"""政务服务: halls and how long people wait, service points, kiosks, ratings."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_PCT = Text("%", "%")
_WAIT = Value(Text("平均等候", "Mean wait"), Text("分", "min"), 1)
_QUEUE = Value(Text("排队", "Queue"), Text("人", "people"))
_WORKS = Value(Text("可用", "Works"), is_flag=True)
_ONLINE = Value(Text("网办率", "Handled online"), _PCT, 1)
_BAD = Value(Text("今日差评", "Bad ratings today"), Text("件", "ratings"))
_LONG = {4: Text("等候超过 30 分", "wait over 30 min"), 3: Text("超过 60 分", "over 60 min")}

LAYER = LayerSpec(
    layer_id="services",
    order=6,
    group="service",
    glyph="services",
    title=Text("政务服务", "Services"),
    full=Text("政务服务", "Government services"),
    department="D42",
    refresh_s=60,
    kinds=(
        Kind("hall", Text("政务大厅", "Service hall"), _WAIT, 60, _LONG, named=True),
        Kind("service_point", Text("便民服务点", "Service point"), _QUEUE, 600),
        Kind(
            "kiosk",
            Text("自助终端", "Kiosk"),
            _WORKS,
            300,
            {4: Text("停用", "out of order")},
            everyday=_IV,
        ),
        Kind("online_share", Text("网上办理", "Online handling"), _ONLINE, 600),
        Kind("rating", Text("好差评", "Ratings"), _BAD, 600),
    ),
    fields=(
        Field("windows_open", Text("开放窗口", "Windows open"), kind="number"),
        Field("queue", Text("排队", "Queue"), Text("人", "people"), kind="number"),
        Field("cases_today", Text("今日办件", "Cases today"), kind="number"),
        Field("online_share_pct", Text("网办率", "Online"), _PCT, kind="number", digits=1),
        Field("rating", Text("评分", "Rating"), kind="number", digits=1),
    ),
    cards=(
        Card(
            Text("平均等候", "Mean wait"),
            lambda now: now.layer("services").kind("hall").mean,
            Text("分", "min"),
            digits=1,
        ),
        Card(
            Text("网办率", "Online"),
            lambda now: now.layer("services").kind("online_share").mean,
            _PCT,
            digits=1,
        ),
        Card(
            Text("差评", "Bad ratings"),
            lambda now: now.layer("services").kind("rating").total,
        ),
    ),
)
