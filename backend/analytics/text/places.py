"""Where a report says it happened: areas, names of places and bodies, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from backend.analytics.text.words import EMPTY

ROAD: Final = "road"
ESTATE: Final = "estate"
BODY: Final = "body"
VILLAGE: Final = "village"
SPOT: Final = "spot"

_ENDS: Final = {
    ROAD: "路 大道 街 巷 弄 高速 国道 省道 高架 立交 立交桥 大桥 桥 隧道 匝道 路口 胡同 里弄 线",
    ESTATE: "小区 花园 家园 公寓 大厦 国际 城 苑 府 湾 广场 公馆 新村 华庭 庭 居 "
    "园 郡 墅 邸 轩 阁 名都 时代 都会 悦 品 院 景 名邸 里 座 汇 天下 "
    "世家 山庄 半岛 人家 宿舍 家属院",
    BODY: "学校 中学 小学 大学 学院 幼儿园 幼稚园 中心 医院 公司 集团 市场 商场 "
    "超市 银行 酒店 宾馆 饭店 餐厅 厂 工厂 驾校 物业 培训 教育 俱乐部 "
    "健身房 卫生院 派出所 实验学校 附中 附小 合作社 协会",
    VILLAGE: "镇 乡 村 街道 社区 组 屯 庄 湾组",
    SPOT: "站 地铁站 火车站 高铁站 车站 公园 河 湖 江 港 渠 水库 山 工业园 "
    "产业园 物流园 工地 项目 片区 开发区 新区 园区 景区 码头 机场 体育馆 "
    "图书馆 停车场 搅拌站 变电站 垃圾站 加油站 基地",
}
_KIND: Final = {end: kind for kind, ends in _ENDS.items() for end in ends.split()}
_LONGEST_END: Final = max(map(len, _KIND))
_LONGEST: Final = 9  # characters of a name without its end
_BREAK_WORDS: Final = (
    "位于 位 住 住在 家住 靠近 临近 对面 门口 门前 路段 沿线 沿 经 经过 通往 "
    "至 往 到达 内部 外面 里面 整个 本 所有 全部 部分 许多 众多 新建 在建 "
    "修建 建设 开通 增设 开设 开发商 物业公司 违规 违法 违章 非法 擅自 噪音 "
    "扰民 投诉 查处 整治 取缔 请问 何时 何 早日 尽早 加强 优化 完善 规划 附属 "
    "配套 老旧 商品 住宅 商业 公共 大型 小型 普通 二手 安置 廉租 经济 适用 "
    "多个 几个 两个 一个 一条 这条 那条 另 另外 同时 其中 包括 居住 购买 买 "
    "买的 业主 我家 家 我们 咱们 咱 他们 拖欠 欺骗 涉嫌 收取 强制 关闭 开放 "
    "拆迁 征收 改造 施工 占用 占 堵塞 拥堵 堵 乱 脏 差 脏乱差 长期 多年 经常 "
    "每天 晚上 夜间 凌晨 早上 白天 半夜 通宵 旁 旁的 侧 边 这里 那里 某 你们 "
    "贵 为了 打造 创建 加大 加大力度 支持 保障 维护 修 修路 修复 更换 设置 "
    "设立 取消 城市 农村 乡村 全市 全国 全省 我市 本市 我区 我县 省会 国家 "
    "地铁 公交 公交车 号 期 年 月 日 点 分 岁 万 元"
)
_BREAK: Final = EMPTY | frozenset(_BREAK_WORDS.split())
_PLAIN_WORDS: Final = (
    "道路 马路 公路 街道 社区 小区 广场 公园 学校 中学 小学 大学 学院 幼儿园 "
    "医院 公司 集团 市场 商场 超市 银行 酒店 宾馆 饭店 餐厅 工厂 物业 中心 "
    "路口 一路 大路 小路 支路 走路 修路 出路 线路 铁路 网路 思路 套路 主干道 "
    "城 本 村 镇 乡 省城 进城 商城 新城 县城 老城 居 新居 定居 邻居 安居 "
    "移居 校园 家园 花园 庭院 住院 法院 出院 院 政府 国际 时代 教育 培训 车站 "
    "站 网站 高铁 高速 高速路 项目 工地 停车场 片区 园区 景区 开发区 工业园 "
    "基地 山 河 江 湖 农村 全村 新村 乡镇 城镇 家庭 法庭 老家 商品 食品 产品 "
    "药品 物品 作品 样品 毒品 用品 奖品 礼品 景 背景 情景 前景 远景 风景 家里 "
    "这里 那里 家里 哪里 心里 公里 哪里 心里 公里 夜里 里 座 讲座 一座 组 小组 工作组 小组 机组 "
    "班组 庄 一线 线 在线 热线 光线 无线 专线 路线 一条线 生命线 电线 管线 "
    "母线 沿线 干线 桥 大桥 立交桥 天桥 隧道 高架 大厦 公寓 宿舍 湾 府 苑 "
    "市区 城区 小学生 中学生 大学生 公安局"
)
_PLAIN: Final = frozenset(_PLAIN_WORDS.split())
_NOT_AREAS_WORDS: Final = (
    "小 社 地 校 园 片 厂 景 开发 城 市 郊 学 灾 山 矿 库 林 牧 辖 专 "
    "特 新 老 该 本 全 各 我 贵 外 你 他 某 住宅 居住 工业 生活 休息 服务 "
    "老城 中心城 新城 商业 管理 风景 自贸 保税 超 夜 菜 上 股 房 楼 门 都 "
    "集 早 农贸 批发 城中 主城 示范 试验 办公 街 我们 大 地级 县级 直辖 省会 "
    "城"
)
_NOT_AREAS: Final = frozenset(_NOT_AREAS_WORDS.split())
_NOWHERE: Final = frozenset({"家里", "这里", "那里", "哪里", "心里", "公里", "夜里", "村里"})
_NEVER: Final = frozenset("小社校园片厂景")
"""小区, 社区, 校区: what ends so is no area, whatever stands before it."""

_WITHIN: Final = frozenset("能大小中和万元")
"""Words that end a name where they stand at its edge, and are part of it between two others."""

_AREA: Final = re.compile(
    r"[a-z]\d{0,2}[省市区县](?!场|民|区|委会)"
    r"|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,3}[省市区县](?!场|民|区|委会)"
    r"|(?<=[省市区县])[\u4e00-\u9fff]{2,3}[区县市](?!场|民|区)"
)
_NUMBERS: Final = (
    ("line", re.compile(r"(?<!\d)(\d{1,2})号线|地铁(\d{1,2})号?(?!\d)")),
    (
        "bus",
        re.compile(r"(?<![\da-z])([a-z]?\d{1,4})路(?!口)|公交(?:车)?([a-z]?\d{1,4})(?!\d|年|月)"),
    ),
    ("phase", re.compile(r"(?<!\d)(\d{1,2})期")),
    ("block", re.compile(r"(?<![\da-z])([a-z]?\d{1,3}|[a-z])(?:栋|幢|号楼|座)")),
    ("house", re.compile(r"(?<!\d)(\d{1,4})号(?!线|楼|文|令|\d)")),
    ("road", re.compile(r"(?<![a-z0-9])([gsx]\d{2,4})|(?<!\d)(\d{3})(?:国道|省道|县道)")),
    ("year", re.compile(r"(?<!\d)((?:19|20)\d\d)年")),
    ("plate", re.compile(r"([a-z]\d{0,2}[a-z0-9]{5,6})(?![a-z0-9])")),
)

UNITS: Final = {
    "line": ("线路", "line"),
    "bus": ("公交线路", "bus"),
    "phase": ("期数", "phase"),
    "block": ("楼栋", "block"),
    "house": ("门牌", "house number"),
    "road": ("公路编号", "road number"),
    "year": ("年份", "year"),
    "plate": ("车牌", "plate"),
}
"""What each kind of number is called, in both languages."""


@dataclass(frozen=True, slots=True)
class Name:
    """Hold the name of a place or a body: as written, without its end, and of which kind."""

    full: str
    core: str
    kind: str
    letters: frozenset[str]
    pairs: frozenset[str]


def areas(plain: str) -> frozenset[str]:
    """Give the provinces, cities, districts and counties that are named."""
    return frozenset(one[0] for one in _AREA.finditer(plain) if _is_area(one[0]))


def without_areas(plain: str) -> str:
    """Put a space where an area is named, so that no name begins with it."""
    return _AREA.sub(lambda one: " " if _is_area(one[0]) else one[0], plain)


@lru_cache(maxsize=65536)
def _is_area(name: str) -> bool:
    stem = name[:-1]
    if stem in _NOT_AREAS or stem[-1] in _NEVER:
        return False
    return not any(stem.endswith(word) for word in _NOT_AREAS if len(word) > 1)


def numbers(plain: str) -> dict[str, frozenset[str]]:
    """Give the numbers that tell one thing from its like: lines, buses, phases, blocks, houses."""
    found = {}
    for unit, form in _NUMBERS:
        if own := frozenset(one[1] or one[form.groups] for one in form.finditer(plain)):
            found[unit] = own
    return found


def names(pieces: list[str]) -> list[Name]:
    """Find names in writing cut into words and punctuation, in their order, each once."""
    found: dict[str, Name] = {}
    start = 0
    for at, piece in enumerate(pieces):
        end = "" if piece in _NOWHERE else _end(piece)
        if end:
            made = _name(pieces, start, at, end)
            if made is not None:
                found.setdefault(made.full, made)
                start = at + 1
        if _stops(piece) and piece not in _WITHIN:
            start = at + 1
    return list(found.values())


def _name(pieces: list[str], start: int, at: int, end: str) -> Name | None:
    first = at
    size = len(pieces[at]) - len(end)
    while first > start and _holds(pieces, start, first - 1):
        size += len(pieces[first - 1])
        if size > _LONGEST:
            break
        first -= 1
    full = "".join(pieces[first : at + 1])
    core = full[: -len(end)]
    if not core or full in _PLAIN or core in EMPTY or (len(core) == 1 and len(full) < 3):
        return None
    return None if core.isdigit() else named(full, core, _KIND[end])


def named(full: str, core: str, kind: str) -> Name:
    """Make a name with its characters and pairs of them, which comparing asks for."""
    pairs = frozenset(core[at : at + 2] for at in range(len(core) - 1))
    return Name(full, core, kind, frozenset(core), pairs)


def _holds(pieces: list[str], start: int, at: int) -> bool:
    if not _stops(pieces[at]):
        return True
    return pieces[at] in _WITHIN and at > start and not _stops(pieces[at - 1])


@lru_cache(maxsize=65536)
def _end(piece: str) -> str:
    for size in range(min(len(piece), _LONGEST_END), 0, -1):
        if piece[-size:] in _KIND:
            return piece[-size:]
    return ""


@lru_cache(maxsize=65536)
def _stops(piece: str) -> bool:
    return piece in _BREAK or not piece[0].isalnum()


@lru_cache(maxsize=65536)
def sound(core: str) -> str:
    """Give how a name sounds, without tones, its syllables in order of the alphabet.

    So 能东 and 东能 are one, and a name written with other characters of the same sound.
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # 0.3 s, and only who compares names pays

    return " ".join(sorted(lazy_pinyin(core)))


def likeness(one: Name, other: Name) -> float:
    """Say how far two names are one, 0 to 1: the same, inside one another, or nearly so written."""
    mine, theirs = one.core, other.core
    if mine == theirs:
        return 1.0
    short, long = (mine, theirs) if len(mine) <= len(theirs) else (theirs, mine)
    letters = len(one.letters & other.letters)
    if len(short) == len(long) > 1 and (
        letters == len(one.letters) == len(other.letters)
        or (len(short) - letters <= 2 and sound(mine) == sound(theirs))
    ):
        return 0.95
    if letters * 2 < len(short):
        return 0.0
    if len(short) >= 2 and short in long:
        return 0.9 if len(short) * 2 >= len(long) else 0.75
    if len(short) >= 2 and letters == len(short) == len(long) - 1:
        return 0.75
    pairs = len(one.pairs & other.pairs)
    shared = 2 * pairs / max(1, len(one.pairs) + len(other.pairs))
    mixed = letters / len(one.letters | other.letters) if len(short) > 2 else 0.0
    return 0.8 * max(shared, mixed)
