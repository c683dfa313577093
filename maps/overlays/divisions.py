"""区划: the counties, zones and townships by name."""

from backend_client.contract.base import Text
from maps.spec import Field, Kind, LayerSpec

LAYER = LayerSpec(
    layer_id="divisions",
    order=101,
    group="overlay",
    glyph="divisions",
    title=Text("行政区划", "Divisions"),
    department="D17",
    refresh_s=86_400.0,
    kinds=(
        Kind("county", Text("县（市、区）", "County"), named=True),
        Kind("zone", Text("功能区", "Zone"), named=True),
        Kind("town", Text("镇（街道）", "Township"), named=True),
    ),
    fields=(
        Field("code", Text("代码", "Code")),
        Field("name_en", Text("英文名", "English name")),
        Field("county", Text("所属县区", "County")),
        Field("towns", Text("下辖镇街", "Townships"), kind="number"),
        Field("accuracy", Text("位置精度", "Accuracy")),
    ),
    cards=(),
    key="B",
)
