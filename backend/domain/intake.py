"""What a report must be to come in: its channel's own, with words one can see, a place or none."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from backend.domain.refused import Refused, refuse, unfit
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.events import Channel, Intake

InCity = Callable[[float, float], bool]
"""Tell whether a longitude and latitude are in the city or near it."""

_UNSEEN: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufe0f\ufe0e")
"""Letters and symbols by class that show nothing: fillers, the empty Braille cell, selectors."""


def shows(text: str) -> bool:
    """Tell whether a text has one character a person can see; an emoji is one."""
    return any(unicodedata.category(one)[0] not in "CZ" and one not in _UNSEEN for one in text)


def check_channel(person: Person, channel: Channel) -> None:
    """Refuse an account that stands for another channel.

    Raises:
        Refused: 403 `other_channel`.
    """
    if not person.channels or channel in person.channels:
        return
    own = " ".join(person.channels)
    raise refuse(
        403,
        "other_channel",
        Text(
            f"账号 {person.person_id} 只代表渠道 {own}，不能代表 {channel.value}。",
            f"The account {person.person_id} stands for the channel {own}, not {channel.value}.",
        ),
        Text(
            "改用该渠道自己的账号，或请运维用 accounts bind 改绑。",
            "Use the account of that channel, or have a maintainer bind this one by accounts bind.",
        ),
        where="channel",
    )


def check_words(intake: Intake) -> None:
    """Refuse a report that says nothing.

    Raises:
        Refused: 422, its title or text has nothing to be seen.
    """
    names = {"title": Text("标题", "title"), "text": Text("正文", "text")}
    for field, name in names.items():
        if not shows(getattr(intake, field)):
            raise unfit(
                field,
                Text(
                    f"{name.zh}只有空白或不可见字符。",
                    f"The {name.en} has only blanks or characters nobody sees.",
                ),
                Text(f"写明{name.zh}。", f"Write the {name.en}."),
            )


def check_place(lon: float | None, lat: float | None, in_city: InCity) -> None:
    """Refuse coordinates that cannot be a place of this city.

    Raises:
        Refused: 422, half a place, 0 0, swapped, off the globe or outside the city.
    """
    if lon is None and lat is None:
        return
    if lon is None or lat is None:
        raise unfit(
            "lon",
            Text("经度和纬度要么都有要么都没有。", "Longitude and latitude come together."),
            Text("补齐坐标或都留空。", "Give both or neither."),
        )
    if in_city(lon, lat):
        return
    if lon == 0 and lat == 0:
        raise unfit(
            "lon",
            Text("坐标 0, 0 不是位置。", "The coordinates 0, 0 are no place."),
            Text("没有坐标时两项都留空。", "Leave both out when there are none."),
        )
    if in_city(lat, lon):
        raise _swapped(lon, lat)
    raise _outside(lon, lat)


def _swapped(lon: float, lat: float) -> Refused:
    return unfit(
        "lon",
        Text(
            f"经度和纬度似乎颠倒了：经度 {lon:g}，纬度 {lat:g}。",
            f"Longitude and latitude look swapped: longitude {lon:g}, latitude {lat:g}.",
        ),
        Text(
            f"若是，应为经度 {lat:g}，纬度 {lon:g}。",
            f"If so, they would be longitude {lat:g}, latitude {lon:g}.",
        ),
    )


def _outside(lon: float, lat: float) -> Refused:
    off_globe = abs(lat) > 90
    zh, en = ("不在地球上", "not on the globe") if off_globe else ("不在本市", "outside the city")
    return unfit(
        "lat" if off_globe else "lon",
        Text(
            f"经度 {lon:g}，纬度 {lat:g} {zh}。",
            f"Longitude {lon:g}, latitude {lat:g}: {en}.",
        ),
        Text(
            "核对坐标和坐标系（本门只收 WGS-84）；外地事项转所在城市，无坐标则留空。",
            "Check the coordinates and their datum (this door takes WGS-84); "
            "pass on what is another city's, leave both out when unknown.",
        ),
    )
