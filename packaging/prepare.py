"""Make this machine ready: Python packages by the lock, system libraries, a Chinese font.

Runs on the system's own Python with nothing installed. Installs what it may (root, or
sudo without a password); otherwise prints the one line a person has to run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".lock-hash"

# What WebEngine, the xcb platform, the virtual screen and its monitors load at run time.
# "a|b": the first name the system's package list knows (Ubuntu 24.04 renamed some).
LIBRARIES = (
    "xvfb",
    "strace",
    "x11-xserver-utils",
    "fontconfig",
    "libgl1",
    "libegl1",
    "libopengl0",
    "libgl1-mesa-dri",
    "libgbm1",
    "libnss3",
    "libnspr4",
    "libasound2|libasound2t64",
    "libpulse0",
    "libdrm2",
    "libxcomposite1",
    "libxdamage1",
    "libxfixes3",
    "libxrandr2",
    "libxtst6",
    "libxkbfile1",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxcb-glx0",
    "libxcb-dri3-0",
    "libx11-xcb1",
    "libxrender1",
    "libfontconfig1",
    "libfreetype6",
    "libglib2.0-0|libglib2.0-0t64",
    "libgssapi-krb5-2",
    "libudev1",
)
FONT = "fonts-noto-cjk"
# What the tests and the benches start beside our own programs, by the command's name.
SERVERS = {"test": ("postgresql",), "bench": ("postgresql",)}
# What a goal does without where it cannot be had: what a bench compares with, the page's browser.
RIVALS = {
    "test": ("chromium", "chromium-driver"),
    "bench": ("|".join(f"postgresql-{n}-postgis-3" for n in (15, 17, 16, 14, 18)),),
}


def main(goal: str) -> int:
    """Prepare the machine for a goal, e.g. `test`; 0 when everything needed is there."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this file runs on whatever Python is there)
        found = f"{sys.version_info.major}.{sys.version_info.minor}"
        print(
            f"需要 Python 3.11 以上，现为 {found}。Python 3.11 or newer is needed, this is {found}."
        )
        return 1
    missing = missing_packages((*LIBRARIES, *SERVERS.get(goal, ())))
    if missing and not install(missing):
        return 1
    for rival in lacking(RIVALS.get(goal, ())):
        install([rival])
    return make_venv()


def lacking(names: tuple[str, ...]) -> list[str]:
    """List those of some Debian packages that this machine lacks; empty on other systems."""
    if not shutil.which("dpkg-query"):
        return []
    return [name for name in names if not any(map(is_installed, name.split("|")))]


def missing_packages(names: tuple[str, ...]) -> list[str]:
    """List the Debian packages this machine lacks, fonts and Python's parts with them."""
    if not shutil.which("dpkg-query"):
        return []
    wanted = lacking(names)
    if importable("ensurepip") != 0:
        wanted.append("python3-venv")
    return wanted if has_chinese_font() else [*wanted, FONT]


def is_installed(name: str) -> bool:
    """Tell whether dpkg holds a package in the installed state."""
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True
    )
    return asked.stdout.strip() == "installed"


def importable(module: str) -> int:
    """Give 0 when the system's Python can import a module."""
    asked = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True)
    return asked.returncode


def has_chinese_font() -> bool:
    """Tell whether any installed font covers Chinese."""
    if not shutil.which("fc-list"):
        return False
    asked = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True)
    return bool(asked.stdout.strip())


def install(missing: list[str]) -> bool:
    """Install packages when this user may; else say the one line that does."""
    prefix = privilege()
    if prefix is None:
        names = " ".join(known_name(name) for name in missing)
        print(f"缺少系统库，请运行 / libraries are missing, run: sudo apt-get install -y {names}")
        return False
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    print("安装系统库 / installing system libraries:", " ".join(missing), flush=True)
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=quiet, stdout=subprocess.DEVNULL)
    chosen = [known_name(name) for name in missing]
    command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *chosen]
    done = subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        print("安装未成功，请运行 / this failed, run by hand:", " ".join(command))
    return done.returncode == 0


def privilege() -> list[str] | None:
    """Give the prefix that lets this user install, or None when nothing does."""
    if os.geteuid() == 0:
        return []
    may = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True)
    return ["sudo", "-n"] if may and may.returncode == 0 else None


def known_name(names: str) -> str:
    """Choose the alternative that the package list can install."""
    for name in names.split("|"):
        asked = subprocess.run(["apt-cache", "policy", name], capture_output=True, text=True)
        if (
            "Candidate:" in asked.stdout
            and "(none)" not in asked.stdout.split("Candidate:")[1][:20]
        ):
            return name
    return names.split("|", 1)[0]


def make_venv() -> int:
    """Create or renew `.venv` when the lock changed."""
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return 0
    print("安装 Python 包 / installing Python packages from requirements.lock …", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made.returncode != 0:
        print(f"无法建立虚拟环境 / cannot make {VENV}: python3 -m venv --clear {VENV}")
        return made.returncode
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
    done = subprocess.run([*pip, "--disable-pip-version-check", "-r", str(LOCK)])
    if done.returncode != 0:
        print(
            "Python 包未装好；检查网络或包源后重试。"
            "The packages did not install; check the network or package index and run again."
        )
        return done.returncode
    STAMP.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
