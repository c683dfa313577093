"""Python to page, 100,000 features: the binary pull beside JSON through runJavaScript."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineWidgets import QWebEngineView

from maps import scheme
from tests.bench.stage import Row, Stage, finish, stage, start, until

FEATURES = 100_000
ROUNDS = 9
TARGET = 15.0
PAGE = """<!DOCTYPE html><html><body>
<script src="app://map/lib/qwebchannel.js"></script><script>
const sum = (a) => a[0] + a[a.length - 1];
new QWebChannel(qt.webChannelTransport, (channel) => {
  const desk = channel.objects.desk;
  desk.poked.connect(async (seq) => {
    const reply = await fetch(`app://map/bench/block?${seq}`);
    const block = new Float32Array(await reply.arrayBuffer());
    desk.taken(block.length, sum(block));
  });
  window.take = (list) => { const a = Float32Array.from(list); desk.taken(a.length, sum(a)); };
  desk.taken(0, 0);
});
</script></body></html>"""

Columns = npt.NDArray[np.float32]


class Desk(QObject):
    """Poke the page and hear that it has the numbers."""

    poked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[int, float]] = []

    @Slot(int, float)
    def taken(self, length: int, check: float) -> None:
        """Note what the page holds as a typed array."""
        self.heard.append((length, check))


def pull(stage_: Stage, desk: Desk, columns: Columns, seq: int) -> None:
    """Send by the shelf: bytes laid down, a poke, one fetch."""
    stage_.host.shelf.put("/bench/block", "application/octet-stream", columns.tobytes())
    desk.poked.emit(seq)


def push(web: QWebEngineView, columns: Columns, _seq: int) -> None:
    """Send as JSON text in a script."""
    web.page().runJavaScript(f"take({json.dumps(columns.ravel().tolist())})")


def measure(send: Callable[[Columns, int], None], desk: Desk, stage_: Stage) -> list[float]:
    """Give milliseconds from the array in Python to the page's answer, of each round."""
    draw = np.random.default_rng(3)
    times = []
    for seq in range(ROUNDS):
        columns = draw.uniform(-1e5, 1e5, (FEATURES, 3)).astype(np.float32)
        desk.heard.clear()
        start_s = stage_.clock.steady_s()
        send(columns, seq)
        until(lambda: bool(desk.heard), stage_.clock)
        times.append((stage_.clock.steady_s() - start_s) * 1000)
        length, check = desk.heard[0]
        assert length == columns.size
        assert abs(check - float(columns[0, 0] + columns[-1, -1])) < 0.1
    return times


def main() -> None:
    """Measure both in one run, turn by turn."""
    application = start()
    stage_ = stage()
    stage_.host.shelf.put("/bench/transport.html", "text/html", PAGE.encode())
    desk, web = Desk(), QWebEngineView(stage_.host.profile)
    channel = QWebChannel()
    channel.registerObject("desk", desk)
    web.page().setWebChannel(channel)
    web.resize(400, 300)
    web.show()
    web.load(QUrl(f"{scheme.ROOT}/bench/transport.html"))
    until(lambda: bool(desk.heard), stage_.clock)
    binary = measure(partial(pull, stage_, desk), desk, stage_)
    text = measure(partial(push, web), desk, stage_)
    web.close()
    shiboken6.delete(web)
    stage_.close()
    own, other = statistics.median(binary), statistics.median(text)
    row = Row(
        f"{FEATURES:,} features of 3 numbers, Python array to typed array and back an answer",
        f"binary pull {own:.1f} ms (worst {max(binary):.1f})",
        f"runJavaScript JSON {other:.0f} ms (worst {max(text):.0f})",
        round(other / own, 1),
        f">= {TARGET:.0f} : 1",
        other / own >= TARGET,
    )
    finish("Map: transport", [row], f"Medians of {ROUNDS} rounds; values checked in the page.")
    application.processEvents()


if __name__ == "__main__":
    main()
