"""Watch single pixels of the X screen from a process of its own and tell each change with its time.

`python -m tests.bench.screen_eye X,Y X,Y ...` prints `nanoseconds index colour` per change; the
clock is the machine's monotonic one, so times can be compared with the measured process's.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
import time
from typing import Final

POLL_S: Final = 0.0015
_ALL_PLANES: Final = 0xFFFFFFFF
_Z_PIXMAP: Final = 2


class Screen:
    """The root window of the display."""

    def __init__(self) -> None:
        self._x = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self._x.XGetImage.restype = ctypes.c_void_p
        self._x.XGetImage.argtypes = [
            ctypes.c_void_p,
            ctypes.c_ulong,
            *[ctypes.c_int, ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_ulong],
            ctypes.c_int,
        ]
        self._x.XGetPixel.restype = ctypes.c_ulong
        self._x.XGetPixel.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        self._x.XDestroyImage.argtypes = [ctypes.c_void_p]
        self._display = self._x.XOpenDisplay(None)
        self._root = self._x.XDefaultRootWindow(self._display)

    def pixel(self, x: int, y: int) -> int:
        """Give the colour of one pixel now, 0xRRGGBB."""
        image = self._x.XGetImage(self._display, self._root, x, y, 1, 1, _ALL_PLANES, _Z_PIXMAP)
        colour = int(self._x.XGetPixel(image, 0, 0)) & 0xFFFFFF
        self._x.XDestroyImage(image)
        return colour


def main() -> None:
    """Watch until killed."""
    places = [tuple(map(int, one.split(","))) for one in sys.argv[1:]]
    screen = Screen()
    seen = [-1] * len(places)
    while True:
        for index, (x, y) in enumerate(places):
            colour = screen.pixel(x, y)
            if colour != seen[index]:
                seen[index] = colour
                print(time.monotonic_ns(), index, f"{colour:06x}", flush=True)
        time.sleep(POLL_S)


if __name__ == "__main__":
    main()
