"""Writing made one: widths, scripts, numerals, mark-up; then the words of it."""

from __future__ import annotations

import html
import re
import unicodedata
import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import jieba

LONGEST: Final = 400
"""How much of a text is read; what comes later repeats, and cutting words is what costs."""

_DIGITS: Final = dict(
    zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_FORMAL: Final = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰", "一二三四五六七八九十百")
_COUNTED: Final = re.compile(
    "(?<![零〇一二两三四五六七八九十百])([零〇一二两三四五六七八九十百]++)(?=号|期|栋|幢|单元|楼|层|组|环|标段|中学|小学|路公交|附[属中小])"
)
_MARKS: Final = re.compile(r"<[^<>]{0,200}>|https?://[^\s\u4e00-\u9fff]+|[\u200b-\u200f\ufeff\xad]")
_SPACES: Final = re.compile(r"(?<![a-z0-9])[ \t\u3000]+|[ \t\u3000]+(?![a-z0-9])")
_OLD: Final = (
    "區路國學開車門東樓號園橋灣廣場業鎮鄉縣長龍華單電無關這個來對說時間問題為會們發現處實質從應"
    "後產動點戶員過進還沒樣總經線聲氣壓環衛緊響擾廢煙塵溝蓋陽漢寶萬億義鳳儀際聯華醫藥證辦領導請"
    "書記盡裡裏噪臺灘濱嶺嶽麗莊豐鄭陳張趙劉馬鳥魚島雲歲條術幾機師務勞資錢費貸買賣價繳權屬遲責檢"
    "驗審標識該認證評論語調訊話談設計許訪試詢詳課誰請諸謝警護讓變種積稱稅窪競筆節範築糧級紅約純"
    "紙給統絕綠維網線練組織結繼續罰罵習職腦腳舊藝蘭處虛蟲補裝製複見規視覽觀觸負貢貨質購賠贈軌軟"
    "軍輕輛輪輸轉辭農運達違遠適選遺郵鄰針鉛鋪鋼錄鎖鐵鑽閉閒閣閥陰陸隊階隨險雜離難霧靜頂項順須預"
    "頭題額類風飛飯飲館駐騎騷騙體髒鬧"
)
_NEW: Final = (
    "区路国学开车门东楼号园桥湾广场业镇乡县长龙华单电无关这个来对说时间问题为会们发现处实质从应"
    "后产动点户员过进还没样总经线声气压环卫紧响扰废烟尘沟盖阳汉宝万亿义凤仪际联华医药证办领导请"
    "书记尽里里噪台滩滨岭岳丽庄丰郑陈张赵刘马鸟鱼岛云岁条术几机师务劳资钱费贷买卖价缴权属迟责检"
    "验审标识该认证评论语调讯话谈设计许访试询详课谁请诸谢警护让变种积称税洼竞笔节范筑粮级红约纯"
    "纸给统绝绿维网线练组织结继续罚骂习职脑脚旧艺兰处虚虫补装制复见规视览观触负贡货质购赔赠轨软"
    "军轻辆轮输转辞农运达违远适选遗邮邻针铅铺钢录锁铁钻闭闲阁阀阴陆队阶随险杂离难雾静顶项顺须预"
    "头题额类风飞饭饮馆驻骑骚骗体脏闹"
)
_SCRIPT: Final = str.maketrans(_OLD, _NEW)

_EMPTY_WORDS: Final = (
    "的 了 是 在 和 与 及 有 为 对 请 我 我们 你 您 他 她 它 们 也 都 "
    "就 而 被 把 将 从 到 向 于 给 让 使 又 还 很 太 更 最 这 那 这个 "
    "那个 这些 那些 什么 怎么 如何 为何 为什么 吗 呢 吧 啊 呀 等 之 其 该 "
    "各 每 某 个 一个 一些 有些 一直 没有 不 无 未 没 不是 可以 能 能否 "
    "可否 是否 会 要 应 应该 希望 盼望 盼 望 建议 咨询 反映 投诉 举报 请求 "
    "恳请 强烈 强烈要求 要求 尽快 加快 关于 有关 相关 部门 领导 尊敬 您好 你好 "
    "书记 市长 局长 区长 谢谢 感谢 问题 情况 处理 解决 严重 现在 目前 至今 "
    "已经 但 但是 因为 所以 如果 由于 因此 然后 以及 或 或者 并 并且 而且 "
    "虽然 只 只能 才 再 已 上 下 里 中 内 外 前 后 时 时候 今年 去年 今天 "
    "昨天 附近 周边 旁边 本人 自己 大家 居民 业主 市民 群众 百姓 老百姓 政府 "
    "社会 生活 影响 造成 导致 进行 存在 需要 得到 给予 加强 管理 方面 地方 "
    "一下 一次 多次 几次 多 少 大 小 好 来 去 说 做 看 想 用 用于 人 人员 "
    "事 事情 答复 回复 电话 投诉人 诉求 来电 来电人 网友 求助 帮忙 帮助 市 区 "
    "县 省 镇 街道 社区 小区 "
    "网格 巡查 发现 现场 拍照 编号 报警人 报警 警情 民警 工单"
)
EMPTY: Final = frozenset(_EMPTY_WORDS.split())
"""Words that say neither where nor what: how people write to a city."""


@lru_cache(maxsize=1)
def cutter() -> jieba.Tokenizer:
    """Make the one cutter; its words are read anew, for its cache is a file anyone may write."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for pkg_resources, which warns of its own end
        import jieba as cut  # noqa: PLC0415  # 0.4 s, and only who cuts pays
    made = cut.Tokenizer()
    made.FREQ, made.total = made.gen_pfdict(made.get_dict_file())
    made.initialized = True
    return made


def learn(words: Path) -> int:
    """Take a city's own words, one a line, into the cutter; give how many."""
    lines = [line.strip() for line in words.read_text(encoding="utf-8").splitlines()]
    own = [normal(line) for line in lines if line and not line.startswith("#")]
    for word in own:
        cutter().add_word(word)
    return len(own)


def normal(written: str) -> str:
    """Give one writing to all writings of the same words.

    Widths, old and formal characters, mark-up and numerals before a counter (三号线, 3号线)
    become one; letters become small.
    """
    plain = unicodedata.normalize("NFKC", _MARKS.sub(" ", html.unescape(written))).lower()
    plain = _SPACES.sub("", plain.translate(_SCRIPT).translate(_FORMAL))
    return _COUNTED.sub(lambda found: number(found[1]), plain)


def number(written: str) -> str:
    """Write a Chinese numeral in digits; runs of digits (二零七) stay runs."""
    if "十" not in written and "百" not in written:
        return "".join(str(_DIGITS[sign]) for sign in written)
    whole, held = 0, 0
    for at, sign in enumerate(written):
        if sign in _DIGITS:
            held = _DIGITS[sign]
        else:
            whole += (held if held or at else 1) * (10 if sign == "十" else 100)
            held = 0
    return str(whole + held)


def words(plain: str) -> list[str]:
    """Cut normal writing into its words, punctuation left out."""
    return [word for word in cutter().cut(plain) if word[0].isalnum()]


def telling(cut: list[str]) -> list[str]:
    """Leave out the words that say nothing and single characters other than numbers."""
    return [word for word in cut if word not in EMPTY and (len(word) > 1 or word.isdigit())]


def common(word: str) -> float:
    """Say how often a word stands among all words, after the cutter's own counts."""
    cut = cutter()
    return float(cut.FREQ.get(word) or 1) / float(cut.total)
