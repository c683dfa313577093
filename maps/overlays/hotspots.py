"""诉求热点: where many reports of one class have come together in a day."""

from backend_client.contract.base import Text
from maps.spec import Field, Kind, LayerSpec, Value

LAYER = LayerSpec(
    layer_id="hotspots",
    order=105,
    group="overlay",
    glyph="hotspots",
    title=Text("诉求热点", "Hot spots"),
    department="D41",
    refresh_s=60.0,
    kinds=(
        Kind(
            "spot",
            Text("热点", "Hot spot"),
            Value(Text("24 小时来件", "Reports in 24 h"), Text("件", "reports")),
            named=True,
        ),
    ),
    fields=(
        Field("name_en", Text("英文类别", "Class in English")),
        Field("before", Text("上周同时段", "Same hours last week"), kind="number"),
        Field("open", Text("在办", "Open"), kind="number"),
        Field("radius_m", Text("半径", "Radius"), Text("m", "m"), kind="number"),
        Field("last_at", Text("最近来件", "Last report"), kind="instant"),
    ),
    cards=(),
    key="Shift+G",
)
