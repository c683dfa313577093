"""A whole picture of the city for screen tests: stores filled by hand, nothing on a wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import numpy as np

from app.actions.indicators import Inquiry
from app.details import Details
from app.i18n import Words
from app.places import read_names
from app.stores import Link, Stores
from app.tasks import Tasks
from app.theme import Seat, Theme, read_palettes
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import Text
from backend_client.contract.change import Change, Item
from backend_client.contract.clock import ManualClock
from backend_client.contract.columns import FeatureBlock, FixBlock, empty_features
from backend_client.contract.events import Channel, Event, EventState
from backend_client.contract.feature import Feature, Series, SeriesPoint
from backend_client.contract.feeds import Feed, FeedFault, FeedState
from backend_client.contract.gates import (
    Bay,
    BayMode,
    CommandStatus,
    Gate,
    GateCommand,
    GateKind,
    Interlock,
    Step,
    Window,
)
from backend_client.contract.orders import Order, OrderState
from backend_client.errors import ClientError
from maps.spec import LayerSpec, load_layers
from tests.blocks import layer_block, layer_fixes
from tests.qt.indicators import Numbers
from tests.qt.people import CHEN, NOW, ZHOU, head
from tests.qt.shift_picture import open_items, shift_lines, shift_pages
from widgets.panel import Pulse, Room

__all__ = ["CHEN", "NOW", "ZHOU", "Picture", "make_picture"]

TITLES = ("路灯不亮", "燃气异味", "下水道堵塞", "占道经营", "暴露垃圾", "道路积土", "群租扰民")
STATIONS = (
    ("天生港", "Tianshenggang tide station", 5.26, 3, 5.2, "320613"),
    ("青龙港", "Qinglonggang tide station", 4.38, 0, None, "320614"),
    ("三条港(二)", "Santiaogang tide station (II)", 3.96, 0, 4.9, "320681"),
    ("吕四", "Lüsi ocean station", 2.1, 0, None, "320681"),
    ("海安(通)", "Hai'an station (Tongyang)", 2.3, 0, 3.0, "320685"),
)
# Water runs out only where the inner side stands higher, and every such gate may be open.
GATES = (
    ("九圩港闸", "Jiuweigang sluice", 3.05, 5.21, 0.0, "320613"),
    ("南通节制闸", "Nantong sluice", 2.98, 4.98, 0.0, "320613"),
    ("洋口外闸", "Yangkou outer sluice", 2.36, 1.52, 0.4, "320623"),
    ("新江海河闸", "Xinjianghaihe sluice", 2.74, 4.66, 0.0, "320614"),
    ("遥望港闸", "Yaowanggang sluice", 2.62, 3.96, 0.0, "320623"),
)
# Layer, region, department, matter, what to do, whose it is: two layers in turn.
TRUCK = (
    "hazmat",
    "320623",
    "D33",
    Text("危化品车 苏F·D3017挂 洋口镇 异常停留 22 分", "Hazmat truck stopped 22 min"),
    Text("交警到场核查", "police check on site"),
    Text("如东大队", "Rudong police"),
)
LEVEL = (
    "water",
    "320613",
    "D27",
    Text("天生港 水位 5.26 m 超警戒 0.06 m", "Tianshenggang 5.26 m, 0.06 over warning"),
    Text("加密巡堤", "patrol the dyke"),
    Text("崇川水利", "Chongchuan water"),
)
# A normal day: these layers have something beyond everyday work, as in the design picture.
TROUBLED = ("fire", "utilities")


def event(number: int, **more: Any) -> Event:
    at = NOW - timedelta(minutes=7 * number, seconds=20)
    region = ("320613001", "320612001", "320614001", "320682", "320623", "320681")[number % 6]
    fields: dict[str, Any] = head(f"NT-20260718-{4127 + number:06d}", region, "D41", at) | {
        "intake_id": f"call-{number}",
        "channel": list(Channel)[number % 7],
        "title": TITLES[number % 7],
        "text": "来电人反映 12 幢北侧绿地旁堆放装修垃圾与生活垃圾约 3 车,已有异味,影响通行。",
        "place": "易家桥新村 12 幢北侧",
        "lon": 120.86 + 0.01 * number,
        "lat": 32.01,
        "state": list(EventState)[number % 4],
        "level": {1: 4, 2: 3}.get(number, 0),
        "reported_at": at,
        "due_at": NOW + timedelta(minutes=37 * (number - 1)),
    }
    return Event(**(fields | more))


def gate(number: int, **more: Any) -> Gate:
    zh, en, inner, outer, opening, region = GATES[number % len(GATES)]
    at = NOW - timedelta(seconds=8)
    begins = NOW + timedelta(hours=2 if outer > inner else -1)
    bays = tuple(
        Bay(
            no=bay,
            opening_m=opening,
            moving=False,
            mode=BayMode.MAINTENANCE if bay == 4 else BayMode.REMOTE,
        )
        for bay in range(1, 7)
    )
    fields: dict[str, Any] = head(f"NT-S{number + 1:02d}", region, "D27", at) | {
        "name": Text(zh, en),
        "gate_kind": GateKind.SLUICE,
        "river": "栟茶运河",
        "outlet": "黄海",
        "lon": 120.747 + 0.05 * number,
        "lat": 32.04,
        "inner_level_m": inner,
        "outer_level_m": outer,
        "bays": bays,
        "sill_m": 0.0,
        "bay_width_m": 6.0,
        "full_open_m": 3.0,
        "flow_m3s": 48.7 if opening else 0.0,
        "vessels_near": 0,
        "navigation_stopped": True,
        "link": "online",
        "observed_at": at,
        "fence": 1,
        "seq": 7,
        "next_window": Window(start_at=begins, end_at=begins + timedelta(hours=4)),
    }
    return Gate(**(fields | more))


def alarm(number: int, level: int, state: AlarmState = AlarmState.NEW, **more: Any) -> Alarm:
    at = NOW - timedelta(minutes=8 + 5 * number)
    layer, region, department, title, action, owner = TRUCK if number % 2 else LEVEL
    fields: dict[str, Any] = head(f"alarm-{number}", region, department, at) | {
        "cause": f"cause-{number}",
        "source_kind": "feature",
        "source_id": str(number),
        "layer": layer,
        "level": level,
        "title": title,
        "action": action,
        "owner": owner,
        "state": state,
        "raised_at": at,
    }
    return Alarm(**(fields | more))


def order(number: int, state: OrderState) -> Order:
    return Order(
        **head(f"order-{number}", "320613", "D25", NOW - timedelta(hours=1)),
        event_id=None,
        title="清运",
        note="",
        state=state,
        due_at=NOW + timedelta(hours=number - 1),
        sent_by=ZHOU,
    )


def command(status: CommandStatus = CommandStatus.REQUESTED, **more: Any) -> GateCommand:
    at = NOW - timedelta(seconds=18)
    names = (
        ("外水位低于内河 ≥ 0.10", "Outer below inner by 0.10", "0.84 m"),
        ("目标 ≤ 许可开度", "Target within permitted opening", "0.80 ≤ 1.10 m"),
        ("上下游无船", "No vessels near", "0"),
        ("船闸停航", "Navigation stopped", "yes"),
        ("设备远程且健康", "Remote and healthy", "5 / 5"),
        ("水位数据 ≤ 60 秒", "Levels at most 60 s old", "8 s"),
        ("调度令有效", "Dispatch order valid", "15:00"),
    )
    fields: dict[str, Any] = head("cmd-1", "320623", "D27", at) | {
        "gate_id": "NT-S03",
        "gate_name": Text("洋口外闸", "Yangkou outer sluice"),
        "bays": (1, 2, 3, 5, 6),
        "present_m": (0.4,) * 5,
        "target_m": 0.8,
        "flow_m3s": 97.4,
        "reason": "抢潮排涝",
        "dispatch_no": "DD-0718-06",
        "status": status,
        "requested_by": ZHOU,
        "expires_at": NOW + timedelta(seconds=42),
        "fence": 1,
        "seq": 7,
        "body_hash": "0" * 64,
        "interlocks": tuple(
            Interlock(key=str(index), name=Text(zh, en), value=Text(value, value), ok=True)
            for index, (zh, en, value) in enumerate(names)
        ),
        "history": (Step(status=CommandStatus.REQUESTED, at=at, by=ZHOU),),
    }
    return GateCommand(**(fields | more))


def feeds() -> list[Feed]:
    """Give one feed per layer, in every state and with every fault."""
    found, states = [], (FeedState.LIVE, FeedState.LIVE, FeedState.LATE, FeedState.LIVE)
    for number, spec in enumerate(load_layers()):
        state = FeedState.DEAD if number == 9 else states[number % 4]
        region = "320613" if number % 4 == 3 else "3206"
        own = head(f"feed-{number}", region, spec.department, NOW)
        fault = list(FeedFault)[number % 6] if number in (3, 7, 8) else FeedFault.NONE
        made = Feed(
            **own,
            title=Text(f"{spec.title.zh}主数据", f"{spec.title.en} main feed"),
            layer=spec.layer_id,
            period_s=spec.plan.period_s,
            contact="值班室",
            phone="0513-85000012",
            generated=True,
            state=state,
            fault=fault,
            heard_at=NOW - timedelta(seconds=9),
            newest_at=NOW - timedelta(seconds=11),
            accepted=4_000,
            rejected=1,
        )
        found.append(made)
    return found


class Reader:
    """Answer what the client would, from the tables above."""

    def feature(self, layer: str, oid: int) -> Feature:
        """Give a station's own fields."""
        name, name_en, value, state, limit, region = STATIONS[(oid - 1) % len(STATIONS)]
        forecast = [
            [(NOW + timedelta(minutes=30 * step)).isoformat(), 3 + 2 * float(np.sin(step / 4))]
            for step in range(30)
        ]
        return Feature(
            layer=layer,
            oid=oid,
            id=f"NT-G{oid:02d}",
            kind="level_station",
            name=name,
            lon=120.75 + 0.05 * (oid % 20),
            lat=32.03,
            region=region,
            department="D27",
            state=state,
            value=value,
            observed_at=NOW,
            properties={
                "name_en": name_en,
                "warning_level_m": limit,
                "forecast": cast("Any", forecast),
            },
        )

    def series(self, layer: str, oid: int, *, hours: int = 24) -> Series:
        """Give eight hours of a wave."""
        points = tuple(
            SeriesPoint(
                at=NOW - timedelta(minutes=10 * step), value=3 + 2 * float(np.sin(-step / 12 + oid))
            )
            for step in reversed(range(48))
        )
        return Series(layer=layer, oid=oid, points=points)


class AtOnce:
    """Run a job where it is asked for."""

    def run(
        self,
        job: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run and deliver now."""
        try:
            result = job()
        except ClientError as error:
            if failed is None:
                raise
            failed(error)
            return
        done(result)


@dataclass
class Facts:
    """What the shell is told."""

    centre: Text = field(
        default_factory=lambda: Text("南通市域治理指挥中心", "Nantong Command Centre")
    )
    simulated: bool = True
    who: str = "周敏"
    retry: float | None = None

    def retry_s(self) -> float | None:
        """Give the seconds to the next try."""
        return self.retry


@dataclass
class Picture:
    """Everything a panel test needs."""

    clock: ManualClock
    stores: Stores
    theme: Theme
    words: Words
    details: Details
    pulse: Pulse
    facts: Facts
    numbers: Numbers = field(default_factory=lambda: Numbers(NOW))
    n: int = 0

    def room(self, seat: Seat = "wall") -> Room:
        """Give the room of a seat."""
        return Room(self.stores, self.theme, self.words, read_names(), self.pulse, seat)

    def put(self, *items: Item) -> None:
        """Let items come down the stream."""
        changes = []
        for item in items:
            self.n += 1
            changes.append(Change(n=self.n, kind=item.kind, item_id=item.item_id, item=item))
        self.stores.apply(changes)
        self.pulse.beat()


def make_picture(*, filled: bool = True) -> Picture:
    """Make stores with a full picture, or empty ones that wait for the first answer."""
    clock = ManualClock(NOW)
    stores = Stores(clock)
    details = Details(Reader(), cast("Tasks", AtOnce()), clock)
    pulse = Pulse(stores)
    theme, words = Theme(read_palettes()), Words()
    picture = Picture(clock, stores, theme, words, details, pulse, Facts())
    Inquiry(stores.answers, picture.numbers, AtOnce(), stores)
    if filled:
        fill(picture)
    return picture


def fill(picture: Picture) -> None:
    """Put the whole picture into the stores."""
    stores = picture.stores
    stores.hear(NOW)
    stores.set_link(Link.ONLINE)
    count = len(STATIONS)
    water = replace(
        empty_features("water"),
        version=1,
        kinds=("level_station",),
        regions=tuple(row[5] for row in STATIONS),
        oid=np.arange(1, count + 1, dtype=np.uint32),
        lon_e7=np.full(count, 1_208_000_000, np.int32),
        lat_e7=np.full(count, 320_000_000, np.int32),
        kind=np.zeros(count, np.uint8),
        state=np.array([row[3] for row in STATIONS], np.uint8),
        region=np.arange(count, dtype=np.uint16),
        value=np.array([row[2] for row in STATIONS], np.float32),
        observed_s=np.full(count, int(NOW.timestamp()) - 60, np.uint32),
    )
    stores.blocks.put(water)
    events = [event(number) for number in range(24)]
    stores.blocks.put(projected(events))
    stores.positions.apply(_fixes(148))
    for spec in load_layers():
        _fill_layer(stores, spec)
    items: list[Item] = [*events]
    items += [gate(number) for number in range(len(GATES))]
    items += [alarm(1, 2), alarm(2, 3), alarm(3, 4), alarm(4, 4, AlarmState.ACKNOWLEDGED)]
    items += [order(1, OrderState.SENT), order(2, OrderState.SIGNED), order(3, OrderState.REPORTED)]
    items += [command(), *feeds(), *shift_pages()]
    stores.log.put("shift-hall-12", shift_lines())
    stores.log.put_open(open_items())
    picture.put(*items)


def _fill_layer(stores: Stores, spec: LayerSpec) -> None:
    if spec.layer_id not in stores.blocks.layers():
        stores.blocks.put(layer_block(spec, NOW, calm=spec.layer_id not in TROUBLED))
    if "moving" in spec.forms and spec.layer_id != "hazmat":
        stores.positions.apply(layer_fixes(spec, NOW, calm=True))


def projected(events: Sequence[Event]) -> FeatureBlock:
    """Give the layer the service makes of events: each stands where it was reported."""
    count = len(events)
    return replace(
        empty_features("requests"),
        version=1,
        kinds=tuple(Channel),
        regions=tuple(one.region for one in events),
        oid=np.arange(1, count + 1, dtype=np.uint32),
        lon_e7=np.array([round((one.lon or 0) * 1e7) for one in events], np.int32),
        lat_e7=np.array([round((one.lat or 0) * 1e7) for one in events], np.int32),
        kind=np.array([list(Channel).index(one.channel) for one in events], np.uint8),
        state=np.array([one.level for one in events], np.uint8),
        region=np.arange(count, dtype=np.uint16),
        value=np.full(count, np.nan, np.float32),
        observed_s=np.array([int(one.reported_at.timestamp()) for one in events], np.uint32),
    )


def _fixes(count: int) -> FixBlock:
    return FixBlock(
        seq=1,
        epoch="a",
        layers=("hazmat",),
        kinds=("vehicle",),
        regions=("320613", "320612", "320623", "320681"),
        oid=np.arange(1, count + 1, dtype=np.uint32),
        layer=np.zeros(count, np.uint8),
        lon_e7=np.full(count, 1_208_000_000, np.int32),
        lat_e7=np.full(count, 320_000_000, np.int32),
        kind=np.zeros(count, np.uint8),
        state=np.where(np.arange(count) == 7, 2, 0).astype(np.uint8),
        region=(np.arange(count) % 4).astype(np.uint16),
        speed_kmh=np.where(np.arange(count) % 3, 40, 0).astype(np.float32),
        heading_deg=np.zeros(count, np.float32),
        observed_ms=np.full(count, int(NOW.timestamp() * 1000) - 9_000, np.int64),
    )
