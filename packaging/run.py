"""See the main job: the console with its embedded service and the simulated city.

With a screen the console opens on it. Without one it runs on a virtual wall and desk,
takes its pictures into `out/`, says where, and ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from display import drawing_environment, virtual_screen

ROOT = Path(__file__).resolve().parent.parent
MONITORS = (
    ("*WALL", "3840/3840x1080/1080+0+0", "screen"),
    ("DESK", "1920/508x1080/286+0+1080", "none"),
)


def main() -> int:
    """Start the console on the screen there is."""
    console = [sys.executable, str(ROOT / "main.py"), *sys.argv[1:]]
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return keep_alive(console, with_screen())
    print("没有显示器：在虚拟屏上运行 / no display: running on a virtual screen …", flush=True)
    with virtual_screen() as environment:
        for monitor in MONITORS:
            subprocess.run(["xrandr", "--setmonitor", *monitor], env=environment, check=True)
        tour = [*console, "--tour", str(ROOT / "out")]
        return subprocess.run(tour, cwd=ROOT, env=environment).returncode


def keep_alive(console: list[str], environment: dict[str, str]) -> int:
    """Start the console again after a crash, at most three times a minute."""
    crashes: list[float] = []
    while True:
        done = subprocess.run(console, cwd=ROOT, env=environment)
        if done.returncode >= 0:
            return done.returncode
        crashes = [at for at in crashes if time.monotonic() - at < 60] + [time.monotonic()]
        print(f"指挥台异常退出，正在重启 / the console crashed ({done.returncode}), starting again")
        if len(crashes) > 3:
            print("一分钟内多次异常，请查看 crash.txt / it keeps crashing, see crash.txt")
            return 1


def with_screen() -> dict[str, str]:
    """Keep the user's screen; draw in software only where there is no graphics card."""
    environment = dict(os.environ)
    if not list(Path("/dev/dri").glob("renderD*")):
        environment["QT_QUICK_BACKEND"] = "software"
    if os.geteuid() == 0:
        root_only = drawing_environment()["QTWEBENGINE_DISABLE_SANDBOX"]
        environment["QTWEBENGINE_DISABLE_SANDBOX"] = root_only
    return environment


if __name__ == "__main__":
    sys.exit(main())
