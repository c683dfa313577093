"""Hand-made items and blocks for tests of the console's side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import Text
from backend_client.contract.change import Change
from backend_client.contract.columns import FeatureBlock, FixBlock
from backend_client.contract.events import Channel, Event, EventState
from backend_client.contract.feeds import Feed, FeedState
from backend_client.contract.gates import Bay, BayMode, CommandStatus, Gate, GateCommand, GateKind
from backend_client.contract.item import PersonRef, WorkItem
from backend_client.contract.orders import Order, OrderState

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def event(item_id: str = "e1", version: int = 1, *, allowed: tuple[str, ...] = ()) -> Event:
    """Make a citizen's event."""
    return Event(
        item_id=item_id,
        version=version,
        region="320613",
        department="D41",
        created_at=AT,
        updated_at=AT,
        allowed=allowed,
        intake_id=f"in-{item_id}",
        channel=Channel.HOTLINE,
        title="路灯不亮",
        text="路灯不亮",
        place="人民路",
        lon=120.86,
        lat=32.01,
        state=EventState.REGISTERED,
        level=0,
        reported_at=AT,
    )


def order(item_id: str = "o1", version: int = 1) -> Order:
    """Make an order."""
    return Order(
        item_id=item_id,
        version=version,
        region="320613",
        department="D41",
        created_at=AT,
        updated_at=AT,
        event_id="e1",
        title="修路灯",
        note="",
        state=OrderState.SENT,
        due_at=AT,
        sent_by=PersonRef(person_id="dispatcher", name="调度员"),
    )


def alarm(item_id: str = "a1", version: int = 1) -> Alarm:
    """Make an alarm."""
    return Alarm(
        item_id=item_id,
        version=version,
        region="320623",
        department="D27",
        created_at=AT,
        updated_at=AT,
        cause="level.1",
        source_kind="feature",
        source_id="1",
        layer="water",
        level=2,
        title=Text("水位超保证", "Level above guarantee"),
        action=Text("核对并会商开闸", "Check, then confer on opening"),
        owner=Text("防汛值班员", "Flood duty officer"),
        state=AlarmState.NEW,
        raised_at=AT,
    )


def feed(item_id: str = "f1", version: int = 1) -> Feed:
    """Make a live feed of water levels."""
    return Feed(
        item_id=item_id,
        version=version,
        region="3206",
        department="D27",
        created_at=AT,
        updated_at=AT,
        title=Text("水位站", "Level stations"),
        layer="water",
        period_s=60.0,
        contact="水利局值班室",
        phone="0513-0000",
        state=FeedState.LIVE,
        heard_at=AT,
    )


def gate(
    item_id: str = "g1",
    version: int = 1,
    *,
    allowed: tuple[str, ...] = ("request", "stop"),
    observed_at: datetime = AT,
) -> Gate:
    """Make a sluice."""
    return Gate(
        item_id=item_id,
        version=version,
        region="320613",
        department="D27",
        created_at=AT,
        updated_at=AT,
        allowed=allowed,
        name=Text("九圩港闸", "Jiuweigang sluice"),
        gate_kind=GateKind.SLUICE,
        river="九圩港",
        outlet="长江",
        lon=120.75,
        lat=32.05,
        inner_level_m=3.05,
        outer_level_m=2.4,
        bays=(Bay(no=1, opening_m=0.0, moving=False, mode=BayMode.REMOTE),),
        sill_m=-1.0,
        bay_width_m=8.0,
        full_open_m=6.0,
        flow_m3s=0.0,
        link="online",
        observed_at=observed_at,
        fence=3,
        seq=41,
    )


def command(
    item_id: str = "c1", version: int = 1, *, allowed: tuple[str, ...] = ("authorise",)
) -> GateCommand:
    """Make a requested gate command."""
    return GateCommand(
        item_id=item_id,
        version=version,
        region="320613",
        department="D27",
        created_at=AT,
        updated_at=AT,
        allowed=allowed,
        gate_id="g1",
        gate_name=Text("九圩港闸", "Jiuweigang sluice"),
        bays=(1,),
        present_m=(0.0,),
        target_m=1.5,
        flow_m3s=40.0,
        reason="排涝降低内河水位",
        dispatch_no="通防〔2026〕1号",
        status=CommandStatus.REQUESTED,
        requested_by=PersonRef(person_id="operator", name="操作员"),
        expires_at=AT + timedelta(minutes=2),
        fence=3,
        seq=41,
        body_hash="ab" * 32,
        interlocks=(),
        history=(),
    )


def change(n: int, item: WorkItem) -> Change:
    """Make the change that carries an item."""
    return Change(n=n, kind=item.kind, item_id=item.item_id, item=item)  # type: ignore[attr-defined,arg-type]  # every kind of item has `kind`


def removal(n: int, item: WorkItem) -> Change:
    """Make the change that takes an item away."""
    return Change(n=n, kind=item.kind, item_id=item.item_id, item=None)  # type: ignore[attr-defined]  # as above


def features(
    oids: tuple[int, ...] = (1, 2, 3),
    *,
    layer: str = "water",
    version: int = 1,
    base: int = 0,
    removed: tuple[int, ...] = (),
    value: float = 1.0,
) -> FeatureBlock:
    """Make a block of one kind."""
    size = len(oids)
    return FeatureBlock(
        layer=layer,
        version=version,
        base=base,
        kinds=("level_station",),
        regions=("320613",),
        oid=np.array(oids, np.uint32),
        lon_e7=np.full(size, 1_208_600_000, np.int32),
        lat_e7=np.full(size, 320_100_000, np.int32),
        kind=np.zeros(size, np.uint8),
        state=np.zeros(size, np.uint8),
        region=np.zeros(size, np.uint16),
        value=np.full(size, value, np.float32),
        observed_s=np.full(size, int(AT.timestamp()), np.uint32),
        removed=np.array(removed, np.uint32),
    )


def fixes(
    rows: tuple[tuple[int, int], ...],
    *,
    seq: int = 1,
    epoch: str = "p1",
    layer: str = "hazmat",
    region: str = "320613",
) -> FixBlock:
    """Make fixes of one layer out of (oid, observed_ms); lon carries the time, to be told apart."""
    ordered = sorted(rows)
    size = len(ordered)
    return FixBlock(
        seq=seq,
        epoch=epoch,
        layers=(layer,),
        kinds=("vehicle",),
        regions=(region,),
        oid=np.array([oid for oid, _ in ordered], np.uint32),
        layer=np.zeros(size, np.uint8),
        lon_e7=np.array([ms for _, ms in ordered], np.int32),
        lat_e7=np.full(size, 320_100_000, np.int32),
        kind=np.zeros(size, np.uint8),
        state=np.zeros(size, np.uint8),
        region=np.zeros(size, np.uint16),
        speed_kmh=np.zeros(size, np.float32),
        heading_deg=np.zeros(size, np.float32),
        observed_ms=np.array([ms for _, ms in ordered], np.int64),
    )
