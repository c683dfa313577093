"""Own scenes live in files: saved, found by key, removed, and a broken one harms no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.scene_book import BadSceneError, SceneBook
from app.scenes import Place, Scene, Side
from backend_client.contract.base import Text
from maps.scenes import all_scenes, scene


def book(folder: Path, said: list[Text] | None = None) -> SceneBook:
    complain = (said if said is not None else []).append
    return SceneBook(all_scenes(), folder, complain=complain, knows=lambda name: name != "gone")


def own(title: str = "沿江夜班") -> Scene:
    return replace(scene("water"), title=Text(title, title), layers=("water",), palette="night")


def test_a_saved_scene_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = book(tmp_path).save(own())
    again = book(tmp_path).find(kept.scene_id)
    assert again == kept
    assert again.wings == scene("water").wings
    assert again.own
    assert again.key == "F8"


def test_own_scenes_take_free_keys_in_their_order(tmp_path: Path) -> None:
    one = book(tmp_path)
    for number in range(7):
        one.save(own(f"场景{number}"))
    keys = [each.key for each in one.all() if each.own]
    assert keys == ["F8", "F9", "F10", "F11", "F12", "", ""]
    taken = [each.key for each in one.all() if each.key]
    assert len(taken) == len(set(taken))


def test_saving_an_own_scene_again_changes_it(tmp_path: Path) -> None:
    one = book(tmp_path)
    first = one.save(own())
    second = one.save(replace(first, title=Text("夜", "night")))
    assert second.scene_id == first.scene_id
    assert [each.title.zh for each in one.all() if each.own] == ["夜"]


def test_removed_is_gone_from_the_disk_and_shipped_ones_stay(tmp_path: Path) -> None:
    one = book(tmp_path)
    one.remove(one.save(own()).scene_id)
    assert not list(tmp_path.iterdir())
    with pytest.raises(KeyError):
        one.remove("general")


@pytest.mark.parametrize("title", ["", "  ", "长" * 25])
def test_a_name_is_needed(tmp_path: Path, title: str) -> None:
    with pytest.raises(BadSceneError):
        book(tmp_path).save(own(title))


def test_no_room_on_the_disk_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "scenes").write_text("a file where the folder should be")
    one = book(tmp_path / "scenes")
    with pytest.raises(BadSceneError):
        one.save(own())
    assert not [each for each in one.all() if each.own]


@pytest.mark.parametrize(
    "text",
    ["", "= x", 'title_zh = "a"', 'title_zh="a"\ntitle_en="a"\nlayers=[]\nextent=[1,2,0,3]'],
)
def test_a_broken_file_is_told_and_left_out(tmp_path: Path, text: str) -> None:
    good = book(tmp_path).save(own())
    (tmp_path / "own-00ff.toml").write_text(text, "utf-8")
    said: list[Text] = []
    again = book(tmp_path, said)
    assert again.find(good.scene_id) == good
    assert len(said) == 1
    assert "own-00ff" in said[0].en
    assert (tmp_path / "own-00ff.toml").exists()


def test_a_panel_this_program_lacks_is_left_out(tmp_path: Path) -> None:
    wings: dict[Side, tuple[Place, ...]] = {"left": (Place("gone", 0, 0), Place("rain", 1, 0))}
    made = replace(scene("water"), wings=wings)
    kept = book(tmp_path).save(made)
    assert book(tmp_path).find(kept.scene_id).wings["left"] == (Place("rain", 1, 0),)
