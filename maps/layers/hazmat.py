"""危化品: hazardous goods on the road and where they are made, kept and parked."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_LICENCE = Value(Text("证照到期", "Licence ends in"), Text("天", "d"))
_STAYED = Value(Text("停留", "Stayed"), Text("分", "min"))
_RADIUS = Value(Text("半径", "Radius"), Text("m", "m"))
_ON_IT = Value(Text("在途车辆", "Vehicles on it"), Text("辆", "trucks"))
_TRUCK = {
    2: Text("高风险", "high risk"),
    3: Text("无运单", "no waybill"),
    4: Text("异常停留", "abnormal stop"),
}
_EXPIRED = {4: Text("证照过期", "licence expired")}
_LONG = {4: Text("停留超过 120 分", "stayed over 120 min")}

LAYER = LayerSpec(
    layer_id="hazmat",
    order=10,
    group="safety",
    glyph="hazmat",
    title=Text("危化品", "Hazmat"),
    department="D33",
    refresh_s=30,
    kinds=(
        Kind("vehicle", Text("运输车", "Tanker"), None, 30, _TRUCK, "moving"),
        Kind(
            "enterprise", Text("危化品企业", "Enterprise"), _LICENCE, 3_600, _EXPIRED, everyday=_IV
        ),
        Kind("parking", Text("停车场", "Parking")),
        Kind("service_area", Text("服务区", "Service area")),
        Kind("port", Text("港口", "Port")),
        Kind("stay_point", Text("停留点", "Stay point"), _STAYED, 300, _LONG, everyday=_IV),
        Kind("route", Text("通行路线", "Route"), _ON_IT, form="line"),
        Kind("protection", Text("防护区", "Protection zone"), _RADIUS, form="area"),
    ),
    fields=(
        Field("plate", Text("车牌", "Plate")),
        Field("waybill", Text("运单", "Waybill")),
        Field("un_no", Text("UN 编号", "UN number")),
        Field("goods", Text("货物", "Goods")),
        Field("class", Text("类别", "Class")),
        Field("quantity_t", Text("数量", "Quantity"), Text("t", "t"), kind="number", digits=1),
        Field("carrier", Text("承运人", "Carrier")),
        Field("driver", Text("驾驶员", "Driver")),
        Field("escort", Text("押运员", "Escort")),
        Field("score", Text("风险评分", "Risk score"), kind="number"),
        Field("stop_min", Text("已停留", "Stopped"), Text("分", "min"), kind="number"),
        Field("licence_until", Text("证照有效至", "Licence until")),
        Field("major_hazard", Text("重大危险源", "Major hazard"), kind="flag"),
        Field("spaces", Text("车位", "Spaces"), kind="number"),
        Field("visits", Text("停留次数", "Visits"), kind="number"),
        Field("enterprise", Text("企业", "Enterprise")),
    ),
    cards=(
        Card(
            Text("行驶中", "Moving"),
            lambda now: now.layer("hazmat").kind("vehicle").moving,
            Text("辆", "trucks"),
        ),
        Card(
            Text("无运单", "No waybill"), lambda now: now.layer("hazmat").kind("vehicle").state(3)
        ),
        Card(
            Text("证照过期", "Expired"), lambda now: now.layer("hazmat").kind("enterprise").negative
        ),
    ),
)
