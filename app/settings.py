"""Options declared once: key, kind, default, range, words; kept in one TOML file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from app.files import write_whole
from backend_client.contract.base import Text

Value = str | float | bool
Kind = Literal["text", "number", "flag", "choice"]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a user can set."""

    key: str
    kind: Kind
    default: Value
    title: Text
    help: Text
    least: float | None = None
    most: float | None = None
    choices: tuple[tuple[str, Text], ...] = ()

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this option's kind and range."""
        return _ACCEPTS[self.kind](self, value)


def _is_number(option: Option, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    least = float("-inf") if option.least is None else option.least
    most = float("inf") if option.most is None else option.most
    return least <= value <= most


_ACCEPTS: Final[dict[Kind, Callable[[Option, object], bool]]] = {
    "text": lambda _, value: isinstance(value, str) and len(value) <= 1_000,
    "number": _is_number,
    "flag": lambda _, value: isinstance(value, bool),
    "choice": lambda option, value: value in [name for name, _ in option.choices],
}

OPTIONS: Final[tuple[Option, ...]] = (
    Option(
        "centre_zh",
        "text",
        "南通市域治理指挥中心",
        Text("中心名称（中文）", "Centre's name (Chinese)"),
        Text("大屏左上角的名称。", "The name in the wall's upper left corner."),
    ),
    Option(
        "centre_en",
        "text",
        "Nantong Command Centre",
        Text("中心名称（英文）", "Centre's name (English)"),
        Text("大屏左上角的名称。", "The name in the wall's upper left corner."),
    ),
    Option(
        "language",
        "choice",
        "zh",
        Text("语言", "Language"),
        Text("界面的语言。", "The language of the console."),
        choices=(("zh", Text("中文", "Chinese")), ("en", Text("英文", "English"))),
    ),
    Option(
        "palette",
        "choice",
        "night",
        Text("配色", "Palette"),
        Text("夜间或白天的配色。", "Colours for night or day."),
        choices=(("night", Text("夜间", "Night")), ("day", Text("白天", "Day"))),
    ),
    Option(
        "reduced_motion",
        "flag",
        False,
        Text("减少动态", "Reduced motion"),
        Text("告警符号不闪烁。", "Alarm symbols do not flash."),
    ),
    Option(
        "sound",
        "flag",
        True,
        Text("告警声音", "Alarm sounds"),
        Text("坐席登录后发声；本机有音频设备时有效。", "Sounds once somebody is signed in here."),
    ),
    Option(
        "backend_url",
        "text",
        "",
        Text("服务地址", "Service address"),
        Text(
            "留空则由本程序启动内置服务。", "Left empty, this program starts a service of its own."
        ),
    ),
    Option(
        "ca_file",
        "text",
        "",
        Text("信任的证书", "Trusted certificate"),
        Text(
            "服务使用自签证书时填其 CA 文件路径。",
            "Path of the CA file when the service has a certificate of its own.",
        ),
    ),
    Option(
        "pitch_mm",
        "number",
        2.5,
        Text("像素间距（mm）", "Pixel pitch (mm)"),
        Text(
            "大屏的像素间距，用于算字高。",
            "Pixel pitch of the wall; the height of letters follows from it.",
        ),
        least=0.05,
        most=10.0,
    ),
    Option(
        "farthest_m",
        "number",
        10.0,
        Text("最远座位（m）", "Farthest seat (m)"),
        Text("最远座位到大屏的距离。", "Distance from the wall to its farthest reader."),
        least=0.5,
        most=50.0,
    ),
    Option(
        "wall_file",
        "text",
        "",
        Text("大屏文件", "Wall file"),
        Text(
            "屏与分区的 TOML 文件，留空自动布局；下次启动生效。",
            "TOML file of screens and zones, empty for automatic; used from the next start on.",
        ),
    ),
    Option(
        "schedule",
        "text",
        "",
        Text("场景时段", "Schedule of scenes"),
        Text(
            "到点自动切换：07:00 general day; 20:00 water night；留空不用。",
            "Changes by the clock: 07:00 general day; 20:00 water night; empty: none.",
        ),
    ),
    Option(
        "carousel",
        "text",
        "",
        Text("轮播场景", "Carousel"),
        Text(
            "Ctrl+R 开停，如 general water transport；遇 I、II 级告警自动停。",
            "Ctrl+R starts and stops it: general water transport; alarms I and II stop it.",
        ),
    ),
    Option(
        "carousel_dwell_s",
        "number",
        20.0,
        Text("轮播停留（秒）", "Carousel dwell (s)"),
        Text("每个场景停留的时间，至少 15 秒。", "How long each scene stands, 15 s at least."),
        least=15.0,
        most=3_600.0,
    ),
    Option(
        "alarm_scene",
        "choice",
        "I",
        Text("告警切换场景", "Alarms call their scene"),
        Text("新告警把大屏切到其图层的场景。", "A new alarm turns the wall to its layer's scene."),
        choices=(
            ("off", Text("不切换", "Never")),
            ("I", Text("仅 I 级", "Level I")),
            ("I-II", Text("I、II 级", "Levels I and II")),
        ),
    ),
    Option(
        "map_approval",
        "text",
        "",
        Text("审图号", "Map approval number"),
        Text(
            "地图左下角显示；公开展示前须填写。",
            "Shown at the foot of the map; needed before the map is shown in public.",
        ),
    ),
    Option(
        "map_folder",
        "text",
        "",
        Text("地图数据文件夹", "Map data folder"),
        Text(
            "放 counties.geojson、water.geojson、lines.geojson，有哪个就替换哪个。",
            "Put counties.geojson, water.geojson, lines.geojson here; each one replaces ours.",
        ),
    ),
    Option(
        "map_tiles",
        "text",
        "",
        Text("瓦片底图", "Map tiles"),
        Text(
            "MBTiles 或 PMTiles 文件，或内网瓦片地址（含 {z} {x} {y}）；留空不用。",
            "An MBTiles or PMTiles file, or an address in the house with {z} {x} {y}; empty: none.",
        ),
    ),
    Option(
        "map_tiles_crs",
        "choice",
        "wgs84",
        Text("瓦片坐标系", "Datum of the tiles"),
        Text("天地图选 WGS-84，高德、腾讯选 GCJ-02。", "GCJ-02 for Amap and Tencent tiles."),
        choices=(("wgs84", Text("WGS-84", "WGS-84")), ("gcj02", Text("GCJ-02", "GCJ-02"))),
    ),
    Option(
        "map_tiles_key",
        "text",
        "",
        Text("瓦片密钥", "Key of the tiles"),
        Text("替换地址中的 {key}。", "Put in the place of {key} in the address."),
    ),
    Option(
        "city_scale",
        "number",
        0.1,
        Text("模拟城市规模", "Scale of the simulated city"),
        Text(
            "仅用于内置服务。0.1 在双核机上流畅；1 为全市：150 万静态、4.5 万移动、6 万件诉求。",
            "Only for a service started by this program. 0.1 is smooth on two cores; 1 is the "
            "whole city: 1.5 M still and 45,000 moving objects, 60,000 requests.",
        ),
        least=0.001,
        most=1.0,
    ),
    Option(
        "idle_min",
        "number",
        15.0,
        Text("席位空闲（分）", "Seat idle (min)"),
        Text("无人操作后坐席转为只读。", "A desk nobody uses becomes read-only."),
        least=1.0,
        most=120.0,
    ),
    Option(
        "city_rate",
        "number",
        1.0,
        Text("模拟城市速度", "Speed of the simulated city"),
        Text("仅用于内置服务。", "Only for a service started by this program."),
        least=0.1,
        most=100.0,
    ),
)


class Settings(QObject):
    """Hold every option's value; a bad file or value falls back to the default and is told.

    Signals:
        changed(str): key of an option that has a new value.
    """

    changed = Signal(str)

    def __init__(
        self,
        path: Path,
        *,
        options: tuple[Option, ...] = OPTIONS,
        complain: Callable[[Text], None],
        parent: QObject | None = None,
    ) -> None:
        """Read the file; `complain` hears of what in it could not be used."""
        super().__init__(parent)
        self._path = path
        self._complain = complain
        self._options = {option.key: option for option in options}
        self._values: dict[str, Value] = {option.key: option.default for option in options}
        self._read()

    def complain_to(self, complain: Callable[[Text], None]) -> None:
        """Let somebody else hear of what cannot be used from now on."""
        self._complain = complain

    def options(self) -> tuple[Option, ...]:
        """List the options in the order declared."""
        return tuple(self._options.values())

    def text(self, key: str) -> str:
        """Give a text or choice."""
        return str(self._values[key])

    def number(self, key: str) -> float:
        """Give a number."""
        return float(self._values[key])

    def flag(self, key: str) -> bool:
        """Give a flag."""
        return bool(self._values[key])

    def set(self, key: str, value: Value) -> None:
        """Change an option and write the file.

        Raises:
            ValueError: the value is not of the option's kind or range.
        """
        option = self._options[key]
        if not option.accepts(value):
            raise ValueError(f"{key} does not take {value!r}")
        if self._values[key] == value:
            return
        self._values[key] = value
        self._write()
        self.changed.emit(key)

    def _read(self) -> None:
        if not self._path.exists():
            return
        try:
            found = tomllib.loads(self._path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self._complain(
                Text(
                    f"设置文件 {self._path} 无法读取（{error}），已用默认值。",
                    f"The settings file {self._path} cannot be read ({error});"
                    " the defaults are used.",
                )
            )
            return
        for key, value in found.items():
            self._take(key, value)

    def _take(self, key: str, value: object) -> None:
        option = self._options.get(key)
        if option is not None and isinstance(value, str | int | float) and option.accepts(value):
            self._values[key] = value
            return
        self._complain(
            Text(
                f"设置文件 {self._path} 中的 {key} = {value!r} 无效，已忽略。",
                f"{key} = {value!r} in the settings file {self._path} is not valid and is ignored.",
            )
        )

    def _write(self) -> None:
        lines = [
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in self._values.items()
            if value != self._options[key].default
        ]
        try:
            write_whole(self._path, ("\n".join(lines) + "\n").encode())
        except OSError as error:
            self._complain(
                Text(
                    f"设置未能写入 {self._path}（{error}），重启后恢复原值。",
                    f"The settings could not be written to {self._path} ({error});"
                    " they return to the old values after a restart.",
                )
            )
