"""气象: rain echoes, and the warnings in force by colour. A warning is no response level."""

from backend_client.contract.base import Text
from maps.spec import Field, Kind, LayerSpec, Value

_ECHO_S = 360.0
_MS = Text("m/s", "m/s")
_RAIN = Value(Text("雨强", "Rain"), Text("mm/h", "mm/h"), digits=1)
_WIND = Value(Text("风速", "Wind"), _MS, digits=1)
_COLOUR = Value(Text("预警颜色（1红–4蓝）", "Colour (1 red to 4 blue)"))

LAYER = LayerSpec(
    layer_id="weather",
    order=102,
    group="overlay",
    glyph="weather",
    title=Text("气象", "Weather"),
    department="D55",
    refresh_s=_ECHO_S,
    kinds=(
        Kind("echo", Text("降雨回波", "Rain echo"), _RAIN, _ECHO_S, form="area"),
        Kind("station", Text("气象站", "Weather station"), _WIND, 600.0, named=True),
        Kind("warning", Text("预警区域", "Warning area"), _COLOUR, 600.0, form="area", named=True),
    ),
    fields=(
        Field("colour", Text("预警颜色", "Warning colour")),
        Field("hazard", Text("灾种", "Hazard")),
        Field("wind_deg", Text("风向", "Wind from"), Text("°", "°"), kind="number"),
        Field("temp_c", Text("气温", "Temperature"), Text("℃", "℃"), kind="number", digits=1),
        Field("since_at", Text("发布", "Issued"), kind="instant"),
        Field("until_at", Text("至", "Until"), kind="instant"),
    ),
    cards=(),
    key="W",
)
