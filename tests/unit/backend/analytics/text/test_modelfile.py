"""What is saved comes back; what is no model of ours is refused in both languages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from backend.analytics.text import modelfile
from backend.analytics.text.modelfile import ModelFileError, load, save


class Trap:
    """Leave a mark when it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[object, tuple[()]]:
        return _spring, ()


def _spring() -> None:
    Trap.sprung = True


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "one.npz"
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    save(file, "judge", {"classes": ["城建", "交通"], "limit": 0.5}, {"weights": weights})
    about, arrays = load(file, "judge")
    assert about == {"classes": ["城建", "交通"], "limit": 0.5}
    assert arrays["weights"].dtype == np.float32
    assert (arrays["weights"] == weights).all()
    assert [one.name for one in tmp_path.iterdir()] == ["one.npz"]


def test_the_same_model_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(tmp_path / name, "judge", {"z": 1}, {"w": np.ones(5)})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_another_kind_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "one", "judge", {}, {})
    with pytest.raises(ModelFileError, match=r"请重新训练.*train it again"):
        load(tmp_path / "one", "classify")


@pytest.mark.parametrize("name", ["w", "about"])
def test_only_plain_numbers_are_saved(tmp_path: Path, name: str) -> None:
    value = np.array([Trap()], dtype=object) if name == "w" else np.ones(1)
    with pytest.raises(ValueError, match=name):
        save(tmp_path / "one", "judge", {}, {name: value})
    assert not list(tmp_path.iterdir())


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    file = tmp_path / "one.npz"
    with file.open("wb") as open_file:
        np.savez(open_file, about=np.array([Trap()], dtype=object))
    with pytest.raises(ModelFileError):
        load(file, "judge")
    assert not Trap.sprung


def test_damaged_and_missing_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.npz"
    save(file, "judge", {}, {"w": np.random.default_rng(1).random(2_000)})
    whole = file.read_bytes()
    middle = len(whole) // 2
    spoilt = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
    for bad in (b"", b"words", whole[:-40], spoilt):
        file.write_bytes(bad)
        with pytest.raises(ModelFileError, match="不是可用的模型文件"):
            load(file, "judge")
    with pytest.raises(ModelFileError):
        load(tmp_path / "none", "judge")


def test_what_unpacks_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelfile, "_MOST_BYTES", 1_000)
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("about.npy", bytes(100_000))
    with pytest.raises(ModelFileError, match="1000 B"):
        load(tmp_path / "bomb", "judge")
