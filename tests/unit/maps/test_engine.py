from __future__ import annotations

from pathlib import Path

from maps import engine


def test_without_a_gpu_qt_composes_in_software() -> None:
    settings: dict[str, str] = {}
    engine.prepare(settings, gpu=False)
    assert settings["QT_QUICK_BACKEND"] == "software"


def test_with_a_gpu_or_a_choice_of_the_user_nothing_is_changed() -> None:
    settings: dict[str, str] = {}
    engine.prepare(settings, gpu=True)
    assert "QT_QUICK_BACKEND" not in settings
    chosen = {"QT_QUICK_BACKEND": "rhi"}
    engine.prepare(chosen, gpu=False)
    assert chosen["QT_QUICK_BACKEND"] == "rhi"


def test_a_render_node_is_a_gpu(tmp_path: Path) -> None:
    assert not engine.has_gpu(tmp_path)
    (tmp_path / "renderD128").touch()
    assert engine.has_gpu(tmp_path)
