"""Tables of the simulated hazmat trade: goods by UN number, words names are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goods:
    """One dangerous good as a waybill names it."""

    un_no: str
    name: str
    name_en: str
    hazard_class: str


# Numbers, names and classes as in the UN Model Regulations and GB 12268 (general knowledge).
GOODS: tuple[Goods, ...] = (
    Goods("1203", "汽油", "Gasoline", "3"),
    Goods("1202", "柴油", "Diesel fuel", "3"),
    Goods("1230", "甲醇", "Methanol", "3"),
    Goods("1170", "乙醇", "Ethanol", "3"),
    Goods("1294", "甲苯", "Toluene", "3"),
    Goods("1307", "二甲苯", "Xylenes", "3"),
    Goods("2055", "苯乙烯", "Styrene monomer", "3"),
    Goods("1090", "丙酮", "Acetone", "3"),
    Goods("1005", "液氨", "Ammonia, anhydrous", "2.3"),
    Goods("1017", "液氯", "Chlorine", "2.3"),
    Goods("1075", "液化石油气", "Petroleum gases, liquefied", "2.1"),
    Goods("1972", "液化天然气", "Natural gas, liquefied", "2.1"),
    Goods("1073", "液氧", "Oxygen, refrigerated liquid", "2.2"),
    Goods("1830", "硫酸", "Sulphuric acid", "8"),
    Goods("1789", "盐酸", "Hydrochloric acid", "8"),
    Goods("1824", "氢氧化钠溶液", "Sodium hydroxide solution", "8"),
    Goods("2789", "冰醋酸", "Acetic acid, glacial", "8"),
    Goods("1547", "苯胺", "Aniline", "6.1"),
    Goods("2014", "过氧化氢溶液", "Hydrogen peroxide solution", "5.1"),
)

FIRM_WORDS = (
    "江海", "通盛", "恒源", "瑞泽", "东濠", "紫琅", "长泰", "博润", "嘉禾", "宏远", "安吉", "润丰",
    "百川", "德馨", "金洋", "星港", "新澄", "海陵", "蓝印", "云帆",
)  # fmt: skip
FIRM_KINDS = ("化工", "气体", "能源", "涂料", "溶剂", "新材料", "医药化学", "染料")
CARRIER_KINDS = ("危货运输", "物流", "化运", "储运")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙朱马胡郭林何高罗"
GIVEN = "伟强磊军勇杰涛明超斌辉鹏飞华平刚建国志海"
