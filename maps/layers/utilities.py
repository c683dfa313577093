"""市政公用: power, water, gas, drains and telecoms: nodes, mains, and who is without supply."""

from app.figures import Figures
from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_IV = (4,)
_PCT, _KM, _MPA = Text("%", "%"), Text("km", "km"), Text("MPa", "MPa")
_LOAD = Value(Text("负荷", "Load"), _PCT)
_WORKS = Value(Text("在用", "In service"), is_flag=True)
_PRESSURE = Value(Text("压力", "Pressure"), _MPA, 2)
_DEPTH = Value(Text("水深", "Depth"), Text("m", "m"), 2)
_LENGTH = Value(Text("长度", "Length"), _KM, 1)
_USERS = Value(Text("停供用户", "Users without supply"), Text("户", "users"))
_HIGH = {4: Text("负荷超过 90%", "load over 90 %"), 3: Text("过载", "overloaded")}
_OVERLOAD = {4: Text("过载", "overloaded")}
_OUT = {4: Text("退服", "out of service")}
_GAS = {4: Text("测到燃气", "gas found")}
_LOW = {4: Text("压力不足", "low pressure")}
_DEEP = {4: Text("水位过高", "too deep")}
_LEAK = {4: Text("泄漏或抢修", "leaking or being mended")}
_CUT = {4: Text("停供", "without supply"), 3: Text("超过千户", "over 1,000 users")}
_OUTAGES = ("outage_power", "outage_water", "outage_gas")


def _without(what: str, now: Figures) -> float:
    return now.layer("utilities").kind(f"outage_{what}").total or 0.0


LAYER = LayerSpec(
    layer_id="utilities",
    order=16,
    group="city",
    glyph="utilities",
    title=Text("市政公用", "Utilities"),
    department="D23",
    refresh_s=60,
    kinds=(
        Kind("outage_power", Text("停电区", "No power"), _USERS, 60, _CUT, "area"),
        Kind("outage_water", Text("停水区", "No water"), _USERS, 60, _CUT, "area"),
        Kind("outage_gas", Text("停气区", "No gas"), _USERS, 60, _CUT, "area"),
        Kind(
            "substation", Text("变电站", "Substation"), _LOAD, 300, _HIGH, named=True, everyday=_IV
        ),
        Kind("transformer", Text("配变", "Transformer"), _LOAD, 3_600, _OVERLOAD, everyday=_IV),
        Kind("tower", Text("通信基站", "Tower"), _WORKS, 3_600, _OUT, everyday=_IV),
        Kind("valve_gas", Text("燃气阀井", "Gas valve"), _PRESSURE, 3_600, _GAS),
        Kind("water_node", Text("供水节点", "Water node"), _PRESSURE, 1_800, _LOW, everyday=_IV),
        Kind("drain_node", Text("排水节点", "Drain node"), _DEPTH, 1_800, _DEEP, everyday=_IV),
        Kind(
            "main_power", Text("电力线路", "Power line"), _LENGTH, None, _LEAK, "line", everyday=_IV
        ),
        Kind(
            "main_water", Text("供水管", "Water main"), _LENGTH, None, _LEAK, "line", everyday=_IV
        ),
        Kind("main_gas", Text("燃气管", "Gas main"), _LENGTH, None, _LEAK, "line", everyday=_IV),
        Kind("main_drain", Text("排水管", "Drain"), _LENGTH, None, _LEAK, "line", everyday=_IV),
        Kind("repair_van", Text("抢修车", "Repair van"), None, 30, form="moving"),
    ),
    fields=(
        Field("medium", Text("介质", "Medium")),
        Field("kv", Text("电压", "Voltage"), Text("kV", "kV"), kind="number"),
        Field("load_mw", Text("负荷", "Load"), Text("MW", "MW"), kind="number", digits=1),
        Field("operator", Text("运营商", "Operator")),
        Field("valve_state", Text("阀门", "Valve")),
        Field("flow_m3h", Text("流量", "Flow"), Text("m³/h", "m³/h"), kind="number"),
        Field("diameter_mm", Text("管径", "Diameter"), Text("mm", "mm"), kind="number"),
        Field("repair_eta", Text("预计恢复", "Back by"), kind="instant"),
        Field("overdue", Text("抢修逾期", "Repair overdue"), kind="flag"),
        Field("plate", Text("车牌", "Plate")),
    ),
    cards=(
        Card(Text("停电", "No power"), lambda now: _without("power", now), Text("户", "out")),
        Card(
            Text("停水 / 停气", "Water, gas"),
            lambda now: _without("water", now),
            of=lambda now: _without("gas", now),
        ),
        Card(
            Text("千户以上", "Over 1,000"),
            lambda now: sum(now.layer("utilities").kind(word).state(3) for word in _OUTAGES),
        ),
    ),
)
