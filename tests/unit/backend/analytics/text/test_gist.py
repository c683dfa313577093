"""Words no list holds come to speak of the matter they stood beside, and only of what was read."""

from __future__ import annotations

from collections.abc import Sequence

from backend.analytics.text import gist
from backend.analytics.text.clues import ORDER, row
from backend.analytics.text.evidence import reasons
from backend.analytics.text.message import Message
from backend.analytics.text.reading import Reading, Wording, cut, weigh
from tests.unit.backend.analytics.text.made_up import report

GAS = "燃气 gas"
SICK = "楼里的人头疼呕吐送医"
PAST = (
    *(report(f"g{at}", f"望江路{at}号煤气味投诉", f"煤气味重，{SICK}") for at in range(4)),
    *(report(f"l{at}", f"青石路{at}号路灯不亮", "整条街一片漆黑怕死人") for at in range(4)),
    *(report(f"w{at}", f"柳堤街{at}号垃圾没人清运", "桶满了苍蝇乱飞") for at in range(4)),
)


def _city(reports: Sequence[Message]) -> Wording:
    wording = Wording()
    for one in reports:
        wording.see(cut(one).marks())
    return wording


def _read(said: str, wording: Wording) -> Reading:
    taken = cut(report("x", "", said))
    wording.see(taken.marks())
    return weigh(taken, wording)


def test_words_lean_to_the_matter_they_stood_beside() -> None:
    read = _read(SICK, _city(PAST))
    assert GAS not in read.cut.cores
    assert max(read.leans, key=lambda name: read.leans[name]) == GAS
    assert not _read(SICK, Wording()).leans


def test_what_a_report_says_itself_is_no_lesson_about_its_own_words() -> None:
    alone = _read(f"煤气味，{SICK}", Wording())
    assert GAS in alone.cut.cores
    assert not alone.leans


def test_unknown_words_are_like_the_matter_and_unlike_another() -> None:
    wording = _city(PAST)
    sick, gas = _read(SICK, wording), _read("厨房煤气味好重", wording)
    lamp = _read("路灯全灭", wording)
    like, other = row(sick, gas), row(sick, lamp)
    assert like[ORDER["cores"]] == other[ORDER["cores"]] == 0
    assert like[ORDER["leans_like"]] > 0.9 > 0.1 > other[ORDER["leans_like"]]
    assert other[ORDER["leans_apart"]] > like[ORDER["leans_apart"]]
    assert any("燃气" in one.said.zh for one in reasons(sick, gas))
    assert not any("燃气" in one.said.zh for one in reasons(sick, lamp))


def test_names_of_places_and_who_calls_the_police_tell_no_matter() -> None:
    named = cut(report("x", "骨科医院对面路灯不亮"))
    assert {one.split()[0] for one in named.cores} == {"路灯"}
    called = cut(report("x", "", "井盖移位警情，报警人称望江路3号，井盖异常"))
    assert {one.split()[0] for one in called.cores} == {"井盖"}


def test_what_is_forgotten_is_leaned_to_no_more() -> None:
    wording = _city(PAST)
    for one in PAST:
        wording.forget(cut(one).marks())
    assert not _read(SICK, wording).leans


def test_nothing_known_is_neither_like_nor_apart() -> None:
    assert gist.alike({}, {GAS: 1.0}) == (-0.1, 0.0, 0.0)
