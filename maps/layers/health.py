"""医疗卫生: hospitals and their beds, clinics, ambulances, blood, isolation sites."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_MIN = Text("分", "min")
_PEOPLE = Text("人", "people")
_BEDS = Value(Text("空床", "Free beds"), Text("张", "beds"))
_DOCTORS = Value(Text("医生", "Doctors"), _PEOPLE)
_REACTION = Value(Text("上次响应", "Last response"), _MIN, 1)
_STOCK = Value(Text("库存可用", "Stock lasts"), Text("天", "d"), 1)
_INSIDE = Value(Text("在观人员", "People inside"), _PEOPLE)
_FULL = {4: Text("空床不足 3%", "under 3 % free"), 3: Text("空床不足 1%", "under 1 % free")}
_SLOW = {4: Text("响应超过 15 分", "response over 15 min")}
_SHORT = {4: Text("不足 3 天", "under 3 days"), 3: Text("不足 2 天", "under 2 days")}

LAYER = LayerSpec(
    layer_id="health",
    order=7,
    group="service",
    glyph="health",
    title=Text("医疗卫生", "Health"),
    department="D31",
    refresh_s=900,
    kinds=(
        Kind("hospital", Text("医院", "Hospital"), _BEDS, 900, _FULL, named=True),
        Kind("clinic", Text("基层医疗", "Clinic"), _DOCTORS),
        Kind(
            "station_120", Text("急救站", "Ambulance station"), _REACTION, 60, _SLOW, everyday=_IV
        ),
        Kind("blood", Text("血站", "Blood site"), _STOCK, 900, _SHORT, named=True),
        Kind("isolation", Text("医学观察点", "Isolation site"), _INSIDE, 900, form="area"),
        Kind("ambulance", Text("救护车", "Ambulance"), period_s=10, form="moving"),
    ),
    fields=(
        Field("level", Text("等级", "Level")),
        Field("beds_total", Text("床位", "Beds"), Text("张", "beds"), kind="number"),
        Field("beds_free", Text("空床", "Free beds"), Text("张", "beds"), kind="number"),
        Field("icu_total", Text("重症床位", "ICU beds"), Text("张", "beds"), kind="number"),
        Field("icu_free", Text("重症空床", "ICU free"), Text("张", "beds"), kind="number"),
        Field("er_wait_min", Text("急诊等候", "ER wait"), _MIN, kind="number"),
        Field("ready", Text("待命车", "Ready"), Text("辆", "cars"), kind="number"),
        Field("calls_today", Text("今日出车", "Calls today"), kind="number"),
        Field("capacity", Text("容量", "Capacity"), _PEOPLE, kind="number"),
        Field("station", Text("急救站", "Station")),
        Field("plate", Text("车牌", "Plate")),
        Field("crew", Text("车组", "Crew")),
        *(
            Field(f"{kind}_u", Text(f"{kind.upper()} 型", f"Type {kind.upper()}"), kind="number")
            for kind in ("a", "b", "o", "ab")
        ),
    ),
    cards=(
        Card(
            Text("空床", "Free beds"),
            lambda now: now.layer("health").kind("hospital").total,
            Text("床", "beds"),
        ),
        Card(
            Text("待命救护车", "Ambulances"),
            lambda now: now.layer("health").kind("ambulance").standing,
        ),
        Card(
            Text("平均响应", "Response"),
            lambda now: now.layer("health").kind("station_120").mean,
            _MIN,
            digits=1,
        ),
    ),
)
