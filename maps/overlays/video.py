"""视频: where cameras stand, which way they look, and how old their last picture is."""

from backend_client.contract.base import Text
from maps.spec import Field, Kind, LayerSpec, Value

_DEG = Text("°", "°")
_SEEN_S = 300.0
_LIVE = Value(Text("有画面", "Has a picture"), is_flag=True)
_DARK = {4: Text("无画面", "no picture")}

LAYER = LayerSpec(
    layer_id="video",
    order=103,
    group="overlay",
    glyph="video",
    title=Text("视频点位", "Cameras"),
    department="D16",
    refresh_s=_SEEN_S,
    kinds=(
        Kind("street", Text("道路视频", "Street camera"), _LIVE, _SEEN_S, _DARK),
        Kind("river", Text("河道视频", "River camera"), _LIVE, _SEEN_S, _DARK),
        Kind("site", Text("场所视频", "Site camera"), _LIVE, _SEEN_S, _DARK),
        Kind("high", Text("高空视频", "High-point camera"), _LIVE, _SEEN_S, _DARK),
    ),
    fields=(
        Field("gb28181", Text("国标编号", "GB/T 28181 id")),
        Field("heading_deg", Text("朝向", "Heading"), _DEG, kind="number"),
        Field("angle_deg", Text("视角", "Angle"), _DEG, kind="number"),
        Field("range_m", Text("可视距离", "Range"), Text("m", "m"), kind="number"),
        Field("permission", Text("权限级别", "Permission class")),
        Field("contact", Text("联系人", "Contact")),
        Field("phone", Text("电话", "Phone"), kind="phone"),
    ),
    cards=(),
    key="V",
)
