"""生态环境: air and water quality, outfalls, key sources, noise, waste."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

_BOTH = (3, 4)
_IV = (4,)
_PCT = Text("%", "%")
_UG = Text("µg/m³", "µg/m³")
_MG = Text("mg/L", "mg/L")
_AQI = Value(Text("空气质量指数", "AQI"), Text("AQI", "AQI"))
_CLASS = Value(Text("水质类别", "Water class"))
_FLOW = Value(Text("流量", "Flow"), Text("t/h", "t/h"), 1)
_OF_LIMIT = Value(Text("占限值", "Of the limit"), _PCT)
_NOISE = Value(Text("噪声", "Noise"), Text("dB(A)", "dB(A)"), 1)
_LOAD = Value(Text("负荷", "Load"), _PCT)
_INDEX = Value(Text("浓度指数", "Index"))
_GOOD = Value(Text("优良天数", "Good days"), _PCT, 1)
_AIR = {
    2: Text("重度污染", "heavily polluted"),
    3: Text("中度污染", "polluted"),
    4: Text("轻度污染", "lightly polluted"),
}
_WORSE = {4: Text("Ⅴ类", "class V"), 3: Text("劣Ⅴ类", "worse than V")}
_OVER = {4: Text("超标", "over the limit")}
_FULL = {4: Text("负荷超过 95%", "load over 95 %")}

LAYER = LayerSpec(
    layer_id="environment",
    order=15,
    group="city",
    glyph="environment",
    title=Text("生态环境", "Ecology"),
    full=Text("生态环境", "Environment"),
    department="D22",
    refresh_s=3_600,
    kinds=(
        Kind("air", Text("空气站", "Air station"), _AQI, 3_600, _AIR, named=True, everyday=_IV),
        Kind(
            "surface_water", Text("水质站", "Water quality"), _CLASS, 14_400, _WORSE, everyday=_BOTH
        ),
        Kind("polluter", Text("重点源", "Key source"), _OF_LIMIT, 900, _OVER),
        Kind("outfall", Text("排口", "Outfall"), _FLOW),
        Kind("noise", Text("噪声点", "Noise point"), _NOISE, 3_600, _OVER, everyday=_IV),
        Kind("waste", Text("固废处置", "Waste site"), _LOAD, 3_600, _FULL, everyday=_IV),
        Kind("plume", Text("烟羽", "Plume"), _INDEX, 300, {4: Text("扩散", "spreading")}, "area"),
        Kind("monitor_car", Text("走航车", "Monitoring car"), period_s=15, form="moving"),
        Kind("good_days", Text("优良天数", "Good days"), _GOOD, 3_600),
    ),
    fields=(
        *(
            Field(key, Text(name, name), _UG, kind="number")
            for key, name in (("pm25", "PM2.5"), ("pm10", "PM10"), ("o3", "O₃"), ("no2", "NO₂"))
        ),
        Field("so2", Text("SO₂", "SO₂"), _UG, kind="number"),
        Field("co", Text("CO", "CO"), Text("mg/m³", "mg/m³"), kind="number", digits=1),
        Field("good_days_pct", Text("优良天数", "Good days"), _PCT, kind="number", digits=1),
        Field("cod", Text("化学需氧量", "COD"), _MG, kind="number", digits=1),
        Field("nh3n", Text("氨氮", "NH₃-N"), _MG, kind="number", digits=2),
        Field("tp", Text("总磷", "Total P"), _MG, kind="number", digits=2),
        Field("do", Text("溶解氧", "Dissolved O₂"), _MG, kind="number", digits=1),
        Field("limit", Text("限值", "Limit"), kind="number", digits=1),
        Field("limit_db", Text("限值", "Limit"), Text("dB(A)", "dB(A)"), kind="number"),
        Field("river", Text("受纳水体", "River")),
        Field("permit", Text("排污许可", "Permit")),
        Field("source", Text("来源", "Source")),
        Field("plate", Text("车牌", "Plate")),
    ),
    cards=(
        Card(
            Text("空气质量", "Air quality"),
            lambda now: now.layer("environment").kind("air").mean,
            Text("AQI", "AQI"),
        ),
        Card(
            Text("优良天数", "Good days"),
            lambda now: now.layer("environment").kind("good_days").mean,
            _PCT,
            digits=1,
        ),
        Card(
            Text("正在超标", "Over limit"),
            lambda now: now.layer("environment").abnormal.count,
        ),
    ),
)
