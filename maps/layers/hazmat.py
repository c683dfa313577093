"""危化品: hazardous goods on the road and where they are made, kept and parked."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec

LAYER = LayerSpec(
    layer_id="hazmat",
    order=10,
    group="safety",
    glyph="hazmat",
    title=Text("危化品", "Hazmat"),
    owner=Text("应急局", "Emergency"),
    refresh_s=30.0,
    kinds=(
        Kind("vehicle", Text("运输车", "Tanker"), period_s=30.0, form="moving"),
        Kind("enterprise", Text("危化品企业", "Enterprise")),
        Kind("parking", Text("停车场", "Parking")),
        Kind("service_area", Text("服务区", "Service area")),
        Kind("port", Text("港口", "Port")),
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
        Field("contact", Text("联系人", "Contact")),
        Field("phone", Text("电话", "Phone"), kind="phone"),
    ),
    cards=(
        Card(Text("在途", "On the road"), lambda now: now.hazmat.vehicles, Text("辆", "trucks")),
        Card(Text("行驶中", "Moving"), lambda now: now.hazmat.moving),
        Card(Text("登记场所", "Sites"), lambda now: now.hazmat.sites),
    ),
    abnormal=lambda now: now.hazmat.abnormal,
)
