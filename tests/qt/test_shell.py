"""Header, strip and banner: what is always there, what must never be hidden."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.stores import Link
from app.theme import Seat
from backend_client.contract.alarms import AlarmState
from backend_client.contract.base import Language, Text
from maps.scenes import scene
from tests.gallery.checks import MOST_STRONG, pixels, strong_share
from tests.qt.picture import Picture, alarm, make_picture
from tests.qt.test_panels import make_stage
from tests.unit.app.test_weather import sky
from widgets.paint import VALUE, Board, Ink
from widgets.shell import Header
from widgets.strip import Strip


def make_strip(picture: Picture, qtbot: QtBot) -> Strip:
    strip = Strip(picture.room("wall"), picture.facts, modular=True)
    qtbot.addWidget(strip)
    strip.resize(3840, 88)
    return strip


def test_strip_names_the_three_gravest(qtbot: QtBot) -> None:
    picture = make_picture()
    picture.put(alarm(9, 1))
    shown = make_strip(picture, qtbot).shown()
    assert [one.level for one in shown] == [1, 2, 3]


def test_an_item_without_an_action_does_not_enter_the_strip(qtbot: QtBot) -> None:
    picture = make_picture()
    picture.put(alarm(9, 1, action=Text("", "")))
    assert all(one.item_id != "alarm-9" for one in make_strip(picture, qtbot).shown())


def test_acknowledged_stays_listed_until_closed(qtbot: QtBot) -> None:
    picture = make_picture(filled=False)
    picture.stores.set_link(Link.ONLINE)
    strip = make_strip(picture, qtbot)
    picture.put(alarm(1, 1, AlarmState.ACKNOWLEDGED))
    assert [one.item_id for one in strip.shown()] == ["alarm-1"]
    picture.put(alarm(1, 1, AlarmState.CLOSED, version=2))
    assert strip.shown() == []


@pytest.mark.parametrize(
    ("level", "state", "flashes"),
    [
        (1, AlarmState.NEW, True),
        (2, AlarmState.RETURNED, True),
        (2, AlarmState.ACKNOWLEDGED, False),
        (3, AlarmState.NEW, False),
    ],
)
def test_only_unacknowledged_one_and_two_flash(
    qtbot: QtBot, level: int, state: AlarmState, flashes: bool
) -> None:
    picture = make_picture(filled=False)
    strip = make_strip(picture, qtbot)
    picture.put(alarm(1, level, state))
    assert strip._flash.isActive() is flashes


def test_a_notice_about_the_wall_stands_on_the_wall_for_a_while(qtbot: QtBot) -> None:
    picture = make_picture()
    strip = make_strip(picture, qtbot)
    strip._untell.setInterval(50)
    strip.tell(Text("屏 WALL-2 未接上", "Screen WALL-2 is not connected"))
    assert strip.banner() == "屏 WALL-2 未接上"
    picture.stores.set_link(Link.OFFLINE)
    assert "WALL-2" not in strip.banner()
    picture.stores.set_link(Link.ONLINE)
    qtbot.waitUntil(lambda: strip.banner() == "", timeout=3_000)


@pytest.mark.parametrize("link", [Link.LATE, Link.OFFLINE, Link.CACHED])
def test_one_banner_when_the_link_is_not_well(qtbot: QtBot, link: Link) -> None:
    picture = make_picture()
    strip = make_strip(picture, qtbot)
    assert strip.banner() == ""
    well = strip.grab().toImage()
    picture.facts.retry = 3.0
    picture.stores.set_link(link)
    assert "09:41" in strip.banner()
    assert "3 秒后重试" in strip.banner()
    assert strip.grab().toImage() != well
    assert strip.cut == ()
    picture.words.use("en")
    strip.grab()
    assert strip.cut == ()


def test_a_lost_link_never_blanks_the_wall(qtbot: QtBot) -> None:
    picture = make_picture()
    stage = make_stage(picture, qtbot, "general")
    stage.resize(3840, 1080)
    stage.show()
    picture.stores.set_link(Link.OFFLINE)
    picture.clock.advance(3_600)
    picture.pulse.beat()
    assert len(stage.strip.shown()) == 3
    assert all(panel.isVisibleTo(stage) for panel in stage.panels())
    words = {type(panel).__name__: panel.face().value for panel in stage.panels()}
    assert "loading" not in words.values()


def test_header_says_demo_only_when_simulated(qtbot: QtBot) -> None:
    picture = make_picture()
    header = Header(picture.room("wall"), picture.facts, scene("general"), modular=True)
    qtbot.addWidget(header)
    header.resize(3840, 88)
    demo = header.grab().toImage()
    picture.facts.simulated = False
    assert header.grab().toImage() != demo


def written(monkeypatch: pytest.MonkeyPatch, header: Header) -> list[tuple[str, float, float]]:
    """Give every text of a header with the place it was given and the room it needs."""
    found = []
    plain = Board.text

    def spy(board: Board, box: QRectF, text: str, ink: Ink = VALUE) -> float:
        found.append((text, box.x(), box.width() - board.width(text, ink)))
        return plain(board, box, text, ink)

    monkeypatch.setattr(Board, "text", spy)
    header.grab()
    monkeypatch.undo()
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scene_id", ["general", "water", "desk"])
@pytest.mark.parametrize(
    ("width", "seat"),
    [(7680, "wall"), (5760, "wall"), (3840, "wall"), (1920, "desk"), (1366, "desk")],
)
def test_every_header_says_demo(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    *,
    seat: Seat,
    scene_id: str,
    language: Language,
) -> None:
    """The badge has its room before any name has, however long the centre is called."""
    picture = make_picture()
    picture.facts.centre = Text(
        "市域社会治理现代化指挥中心", "Nantong Urban Governance Command Centre"
    )
    picture.words.use(language)
    header = Header(picture.room(seat), picture.facts, scene(scene_id), modular=seat == "wall")
    qtbot.addWidget(header)
    header.resize(width, 88 if seat == "wall" else 48)
    (badge,) = [one for one in written(monkeypatch, header) if one[0].startswith(("演示", "DEMO"))]
    _, x, spare = badge
    assert spare >= 0
    assert 0 <= x <= width - 60
    picture.facts.simulated = False
    assert not [one for one in written(monkeypatch, header) if "DEMO" in one[0] or "演示" in one[0]]


def test_the_header_of_a_wall_tells_the_weather(qtbot: QtBot) -> None:
    picture = make_picture()
    header = Header(picture.room("wall"), picture.facts, scene("general"), modular=True)
    qtbot.addWidget(header)
    header.resize(3840, 88)
    blue = QColor(picture.room("wall").theme.color("s4")).rgb()

    def squares() -> int:
        image = header.grab().toImage()
        inside = [image.pixel(x, 44) for x in range(960, 2800)]
        return inside.count(blue)

    assert squares() == 0
    picture.stores.blocks.put(sky(("warning", 4.0), ("echo", 3.5), ("station", 5.0)))
    header.redraw()
    qtbot.waitUntil(lambda: squares() > 10)
    assert not header.cut
    header.resize(1366, 88)  # a wall of one module keeps the room for its names
    header.redraw()
    assert header.grab().toImage().pixel(700, 44) != blue


@pytest.mark.parametrize("palette", ["night", "day"])
def test_a_normal_day_is_grey(qtbot: QtBot, palette: str) -> None:
    """Under 1 % of the pixels have a CIELAB chroma over 66 (domain rule 6)."""
    picture = make_picture()
    picture.theme.use(palette)
    stage = make_stage(picture, qtbot, "general")
    stage.resize(3840, 1080)
    stage.show()
    picture.pulse.beat()
    assert strong_share(pixels(stage.grab().toImage())) < MOST_STRONG


def test_the_grey_test_can_fail() -> None:
    """Ablation: a picture of state colours is loud."""
    from PySide6.QtGui import QColor, QImage

    image = QImage(50, 50, QImage.Format.Format_RGB32)
    image.fill(QColor("#FF3B30"))
    assert strong_share(pixels(image)) == 1.0
