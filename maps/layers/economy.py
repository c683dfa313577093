"""经济运行: firms above scale and their power use, parks, key projects, office buildings."""

from app.figures import Figures
from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_BOTH = (3, 4)
_PCT = Text("%", "%")
_MYUAN = Text("百万元", "M yuan")
_POWER = Value(Text("用电为去年同期", "Power vs last year"), _PCT)
_ON_TIME = Value(Text("按期", "On schedule"), is_flag=True)
_LET = Value(Text("入驻率", "Occupancy"), _PCT)
_LESS = {4: Text("不足六成", "under 60 %"), 3: Text("不足三成半", "under 35 %")}
_LATE = {4: Text("进度落后", "behind"), 3: Text("停工", "stopped")}


def _change(now: Figures) -> float | None:
    """Give how far the firms' power use is off last year's, percent."""
    mean = now.layer("economy").kind("firm").mean
    return None if mean is None else mean - 100.0


LAYER = LayerSpec(
    layer_id="economy",
    order=2,
    group="economy",
    glyph="economy",
    title=Text("经济运行", "Economy"),
    department="D12",
    refresh_s=86_400,
    kinds=(
        Kind("firm", Text("规上企业", "Firm above scale"), _POWER, 3_600, _LESS, everyday=_BOTH),
        Kind("park", Text("园区", "Park"), _POWER, 3_600, form="area", named=True),
        Kind("project", Text("重点项目", "Key project"), _ON_TIME, 3_600, _LATE, everyday=_BOTH),
        Kind("building", Text("商务楼宇", "Office building"), _LET, 86_400),
    ),
    fields=(
        Field("industry", Text("行业", "Industry")),
        Field("output_myuan", Text("产值", "Output"), _MYUAN, kind="number", digits=1),
        Field("tax_myuan", Text("税收", "Tax"), _MYUAN, kind="number", digits=1),
        Field("staff", Text("员工", "Staff"), Text("人", "people"), kind="number"),
        Field("power_kw", Text("用电", "Power"), Text("kW", "kW"), kind="number"),
        Field("firms", Text("企业", "Firms"), Text("家", "firms"), kind="number"),
        Field("stage", Text("阶段", "Stage")),
        Field("investment_myuan", Text("投资", "Investment"), _MYUAN, kind="number"),
        Field("planned", Text("计划", "Planned")),
        Field("floor_area_m2", Text("面积", "Floor area"), Text("m²", "m²"), kind="number"),
    ),
    cards=(
        Card(Text("用电较去年同期", "Power use"), _change, _PCT, digits=1, kind="change"),
        Card(Text("用电较同日", "Power use"), _change, _PCT, digits=1, kind="change"),
        Card(
            Text("项目按期", "On schedule"),
            lambda now: now.layer("economy").kind("project").positive_pct,
            _PCT,
            digits=1,
        ),
    ),
)
