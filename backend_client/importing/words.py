"""Which of a file's columns is ours: the names people give to an id, a place, a region.

`docs/import.md` lists these names for people; a test keeps both alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from backend_client.contract.base import Text
from backend_client.errors import BadFileError

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        *("id", "编号", "编码", "标识", "唯一标识", "代码", "code", "uid", "objectid", "fid"),
        *("设备编号", "企业编号", "统一社会信用代码"),
    ),
    "name": (
        *("name", "名称", "名字", "标题", "title", "单位名称", "企业名称", "设备名称", "点位名称"),
        *("小区名称", "站名", "场所名称"),
    ),
    "lon": (
        "lon",
        "lng",
        "long",
        "longitude",
        "经度",
        "东经",
        "x",
        "x坐标",
        "lonwgs84",
        "wgs84lon",
    ),
    "lat": ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "latwgs84", "wgs84lat"),
    "kind": ("kind", "type", "category", "类别", "类型", "种类", "分类"),
    "region": (
        *("region", "adcode", "行政区划代码", "行政区划", "区划代码", "区划", "区县", "县区"),
        *("县市区", "所属区县", "所属区域", "county", "district"),
    ),
    "department": ("department", "dept", "部门", "主管部门", "责任部门", "归口部门"),
    "state": ("state", "状态等级", "预警等级", "告警等级"),
    "value": ("value", "数值", "读数", "测值", "实测值"),
    "observed": (
        *("observedat", "observed", "time", "timestamp", "datetime", "updatedat", "时间"),
        *("观测时间", "采集时间", "更新时间", "上报时间", "监测时间"),
    ),
    "shape": ("wkt", "geometry", "geom", "thegeom", "几何", "空间信息"),
}
"""Ours → theirs, best first; compared without case, blanks, underscores and a unit in brackets."""

REPORT_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "intake_id": (
        *(
            "intakeid",
            "工单编号",
            "工单号",
            "受理编号",
            "诉求编号",
            "事件编号",
            "流水号",
            "留言编号",
        ),
    ),
    "channel": ("channel", "渠道", "来源渠道", "受理渠道", "诉求来源", "来源"),
    "title": ("title", "标题", "诉求标题", "事件标题", "留言主题", "主题"),
    "text": (
        *("text", "content", "内容", "诉求内容", "反映内容", "事件描述", "问题描述", "留言详情"),
        *("描述", "详情"),
    ),
    "place": ("place", "address", "地址", "事发地址", "事发地点", "诉求地址", "地点", "位置"),
    "lon": NAMES["lon"],
    "lat": NAMES["lat"],
    "region": NAMES["region"],
    "level": ("level", "等级", "级别", "事件等级"),
    "reported_at": (
        *("reportedat", "time", "来电时间", "诉求时间", "反映时间", "登记时间", "受理时间"),
        *("留言时间", "上报时间", "时间"),
    ),
}
"""The same for reports. A bare 编号 is no `intake_id`: in the next file it is another report's."""

NEEDED: Final = ("lon", "lat")
MOST_PROPERTIES: Final = 64
_DROPPED = re.compile(r"[\s_\-]+|[(（\[].*?[)）\]]")
_NOT_A_KEY = re.compile(r"[\x00-\x1f/?#]")


def plain(name: str) -> str:
    """Give a column's name without what makes no difference."""
    return _DROPPED.sub("", name.strip().lstrip("\ufeff")).lower()


def match(columns: Sequence[str], given: Mapping[str, str], *, placed: bool) -> dict[str, str]:
    """Say which column of a file is which of ours.

    Args:
        columns: the file's columns.
        given: ours → theirs as the person says; names that are not ours become properties.
        placed: whether the rows carry geometries, so that no column needs to.

    Raises:
        BadFileError: a named column is not there, or no column gives the place.
    """
    check_given(columns, given)
    found = guess(columns, given)
    if not placed and "shape" not in found and not all(one in found for one in NEEDED):
        raise BadFileError(
            Text("找不到经度和纬度列。", "No columns for longitude and latitude were found."),
            _has(columns),
        )
    return found


def check_given(columns: Sequence[str], given: Mapping[str, str]) -> None:
    """Check that every column a person names is there.

    Raises:
        BadFileError: one is not.
    """
    missing = [theirs for theirs in given.values() if theirs not in columns]
    if missing:
        raise BadFileError(
            Text(f"文件中没有列：{'、'.join(missing)}。", f"No such column: {', '.join(missing)}."),
            _has(columns),
        )


def guess(
    columns: Sequence[str],
    given: Mapping[str, str],
    known: Mapping[str, tuple[str, ...]] = NAMES,
) -> dict[str, str]:
    """Say which column is which of ours as far as names tell."""
    found = {ours: theirs for ours, theirs in given.items() if theirs in columns}
    taken = set(found.values())
    by_plain: dict[str, str] = {}
    for column in columns:
        by_plain.setdefault(plain(column), column)
    for ours, names in known.items():
        theirs = next((by_plain[n] for n in names if n in by_plain), None)
        if ours not in found and theirs is not None and theirs not in taken:
            found[ours] = theirs
            taken.add(theirs)
    return found


def _has(columns: Sequence[str]) -> Text:
    seen = ", ".join(columns[:30])
    return Text(
        f"用 --columns 指明，如 lon=经度,lat=纬度。文件中的列：{seen}",
        f"Name them with --columns, e.g. lon=X,lat=Y. Columns in the file: {seen}",
    )


def property_keys(columns: Sequence[str], found: Mapping[str, str]) -> dict[str, str]:
    """Give key → column of all that goes into properties: the person's names first."""
    named = {ours: theirs for ours, theirs in found.items() if ours not in NAMES}
    taken = set(found.values())
    rest = {_key(column): column for column in columns if column not in taken}
    return dict(list({**named, **rest}.items())[:MOST_PROPERTIES])


def _key(column: str) -> str:
    return _NOT_A_KEY.sub("_", column.strip())[:64] or "_"


def read_columns(words: str) -> dict[str, str]:
    """Read `ours=theirs,…` as the command line has it.

    Raises:
        BadFileError: it is something else.
    """
    pairs = [pair.partition("=") for pair in words.split(",") if pair.strip()]
    if any(not sign or not ours.strip() or not theirs.strip() for ours, sign, theirs in pairs):
        raise BadFileError(
            Text(f"看不懂 --columns {words!r}。", f"--columns {words!r} cannot be read."),
            Text("写成 lon=经度,lat=纬度。", "Write lon=X,lat=Y."),
        )
    return {ours.strip(): theirs.strip() for ours, _sign, theirs in pairs}
