"""标绘: what people have drawn on the shared map."""

from backend_client.contract.base import Text
from maps.spec import Field, Kind, LayerSpec

LAYER = LayerSpec(
    layer_id="drawings",
    order=104,
    group="overlay",
    glyph="drawings",
    title=Text("标绘", "Drawings"),
    department="D41",
    refresh_s=60.0,
    kinds=(
        Kind("mark", Text("标记", "Mark"), named=True),
        Kind("line", Text("线", "Line"), named=True, form="line"),
        Kind("area", Text("区域", "Area"), named=True, form="area"),
    ),
    fields=(
        Field("note", Text("说明", "Note")),
        Field("drawn_by", Text("标绘人", "Drawn by")),
        Field("until_at", Text("保留至", "Kept until"), kind="instant"),
    ),
    cards=(),
    key="Shift+N",
)
