"""Build the application: the service's only composition root."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog
from anyio import to_thread
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import URL

from backend.analytics.text.matcher import Matcher
from backend.analytics.text.policy import Policy as Merging
from backend.analytics.text.policy import load_policy as load_merging
from backend.analytics.text.shelf import stamp
from backend.api import (
    alarms,
    answers,
    attachments,
    auth,
    drawings,
    duty,
    event_paths,
    events,
    features,
    feeds,
    gates,
    indicators,
    items,
    matches,
    models,
    orders,
    positions,
    problems,
    repairs,
    replay,
    requests,
    resources,
    search,
    service,
    shifts,
)
from backend.api.guard import OPENAPI, Guard
from backend.api.openapi import describe
from backend.api.parts import Parts, Work
from backend.api.web import Web, read_shelf
from backend.background import Background, background, watched
from backend.domain import alarms as alarm_rules
from backend.domain import events as event_rules
from backend.domain import gates as gate_rules
from backend.domain import instructions as instruction_rules
from backend.domain import matches as match_rules
from backend.domain import orders as order_rules
from backend.gateways.scada.driver import Driver
from backend.gateways.scada.http_driver import HttpDriver
from backend.gateways.scada.keeper import PlantKeeper
from backend.services import decided
from backend.services.accounts import make_first, missing
from backend.services.alarm_loads import AlarmLoads
from backend.services.alarm_sources import AlarmSources
from backend.services.alarms import Alarms
from backend.services.almanac import Almanac
from backend.services.answers import Replies
from backend.services.attachments import Attachments
from backend.services.auth import Auth
from backend.services.claims import Claims
from backend.services.deadline_table import load_deadlines
from backend.services.drawings import Drawings
from backend.services.escalation import Escalation
from backend.services.event_paths import EventPaths
from backend.services.events import Events
from backend.services.features import Features
from backend.services.feeds import Feeds
from backend.services.gates.control import Gates, Outside
from backend.services.gates.live import Pace
from backend.services.holding import Holding
from backend.services.hub import Hub
from backend.services.indexing import Indexing
from backend.services.indicators import Indicators
from backend.services.instructions import Instructions
from backend.services.items import Items
from backend.services.learning import Learning
from backend.services.ledger import Ledger
from backend.services.matches import Matches
from backend.services.matching import Matching
from backend.services.model_kinds import MATTER, MERGE, UNIT
from backend.services.models import Models
from backend.services.orders import Orders
from backend.services.passwords import Passwords
from backend.services.policy import Policy, load_policy
from backend.services.positions import Positions
from backend.services.projection import Projection
from backend.services.readings import Learned, Readings
from backend.services.renewal import Renewal
from backend.services.repairs import Repairs
from backend.services.replay import Replay
from backend.services.requests import RequestsNow
from backend.services.resources import Resources
from backend.services.roster import load_roster
from backend.services.scribe import Scribe, load_table
from backend.services.search import Search
from backend.services.shifts import Shifts
from backend.services.similar import SimilarCases
from backend.services.standing import Standing
from backend.services.steps import Steps
from backend.services.stream import Sources
from backend.services.timeline import Timelines
from backend.services.tokens import Tokens, load_key
from backend.services.units import Accounts
from backend.services.verbs import Rule, Verbs, rule
from backend.storage.database import Database
from backend.storage.place import FILE
from backend.storage.place_names import load_places
from backend.storage.records import Records
from backend.storage.search import Index
from backend.storage.unit import Committed
from backend_client.contract.alarms import Alarm
from backend_client.contract.change import ItemKind
from backend_client.contract.clock import Clock, SystemClock
from backend_client.contract.events import Event
from backend_client.contract.gates import Gate, GateCommand
from backend_client.contract.instructions import Instruction
from backend_client.contract.matches import Match
from backend_client.contract.orders import Order

ROUTERS = (
    service.router,
    auth.router,
    items.router,
    events.router,
    event_paths.router,
    orders.router,
    matches.router,
    answers.router,
    attachments.router,
    repairs.router,
    duty.router,
    alarms.router,
    features.router,
    feeds.router,
    positions.router,
    drawings.router,
    replay.router,
    resources.router,
    search.router,
    gates.router,
    shifts.router,
    indicators.router,
    requests.router,
    models.router,
)
TOKEN_KEY = "token.key"  # noqa: S105  a file's name
POSITIONS = "history"
ATTACHMENTS = "attachments"
AT_WORK = 4  # routes at once in threads: more only keep the interpreter from the loop and STOP
SEARCH_FILE = "search.db"
RECORDS_FILE = "matching.db"
_LOG = structlog.get_logger("service")


@dataclass(frozen=True, slots=True)
class Settings:
    """What an application is built from.

    Args:
        data: the service's own folder; made when missing.
        database: a PostgreSQL database, a file in the data folder when None.
        clock: the one clock; tests hand in another.
        hasher: password hasher, the slow one of production when None.
        plant: whether the simulated devices' process is started when none runs.
        driver: the way to the devices; tests hand in their own.
        pace: how often devices are looked at.
        seed: of what the simulated devices' process draws; the same as the city's.
        shifts: whether pages of the shift log begin and go on by themselves.
    """

    data: Path
    database: URL | Path | None = None
    clock: Clock = field(default_factory=SystemClock)
    hasher: PasswordHasher | None = None
    plant: bool = True
    driver: Driver | None = None
    pace: Pace = field(default_factory=Pace)
    seed: int = 7
    shifts: bool = True


class _Relay:
    """Stand between database and hub, since the hub is born from what the database holds."""

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self.indexing: Indexing | None = None
        self.ledger: Ledger | None = None
        self.similar: SimilarCases | None = None

    def __call__(self, committed: Committed) -> None:
        if self.hub is not None:
            self.hub.publish(committed)
        if self.indexing is not None:
            self.indexing.note(committed)
        if self.ledger is not None:
            self.ledger.note(committed)
        if self.similar is not None:
            self.similar.note(committed)


def build(settings: Settings) -> FastAPI:
    """Build the application on its data folder.

    Raises:
        UnusableDatabaseError: the database or the SQLite library cannot be served.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    parts, background = _compose(settings)
    app = FastAPI(
        title="Nantong command service",
        version=service.VERSION,
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        lifespan=partial(_lifespan, parts, background),
        redirect_slashes=False,
    )
    app.state.parts = parts
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    describe(app)
    auth_ = parts.auth
    stopping = auth_.stopping, auth_.remembered
    app.add_middleware(
        Guard, authenticate=auth_.authenticate, stopping=stopping, note=parts.work.repairs.note
    )
    app.add_middleware(Web, shelf=read_shelf())  # before the guard: a page has no token yet
    return app


def _compose(settings: Settings) -> tuple[Parts, Sequence[Background]]:
    clock, relay, policy = settings.clock, _Relay(), load_policy()
    place = settings.database or settings.data / FILE
    scribe = Scribe(load_table(), policy)
    database = Database(place, clock, relay, folder=settings.data, alone=True, scribe=scribe)
    passwords = Passwords(settings.hasher)
    _first_accounts(database, passwords, settings.data)
    verbs = Verbs(policy, _rules())
    hub = relay.hub = _hub(database, verbs, clock)
    tokens = Tokens(load_key(settings.data / TOKEN_KEY), clock)
    auth_ = Auth(database, clock, passwords=passwords, tokens=tokens)
    heard = Feeds(database, policy, clock)
    layers = Features(database, policy, clock, heard)
    moving = Positions(settings.data / POSITIONS, layers, policy, clock=clock, feeds=heard)
    outside = _outside(settings, layers, auth_)
    gates_ = Gates(database, clock, outside, policy=policy, verbs=verbs, pace=settings.pace)
    index = Index(settings.data / SEARCH_FILE, hub.epoch)
    indexing = relay.indexing = Indexing(index, database, layers, clock.steady_s)
    ledger = relay.ledger = Ledger(database)
    counted = Indicators(database, policy, clock, ledger, features=layers, positions=moving)
    registry = Models(database, policy, clock, settings.data)
    work = _work(database, policy, clock, layers, registry)
    relay.similar = work.similar
    parts = Parts(
        clock=clock,
        database=database,
        policy=policy,
        auth=auth_,
        hub=hub,
        sources=_sources(
            database, clock, hub, policy=policy, verbs=verbs, auth_=auth_, layers=layers
        ),
        items=Items(database, policy, verbs, hub.epoch),
        work=work,
        claims=Claims(database, policy, clock),
        instructions=Instructions(database, policy, clock),
        alarms=Alarms(database, policy, clock),
        alarm_sources=AlarmSources(database, policy, clock, heard),
        alarm_loads=AlarmLoads(database, policy, clock),
        feeds=heard,
        features=layers,
        drawings=Drawings(database, layers, policy, clock),
        positions=moving,
        resources=Resources(layers, moving, database, clock=clock),
        replay=Replay(layers, moving, database, policy, clock),
        gates=gates_,
        indicators=counted,
        accounts=Accounts(database, policy, clock, counted),
        requests=RequestsNow(database, policy, clock, counted, layers),
        search=Search(index, database, policy, moving, load_places()),
        indexing=indexing,
        shifts=Shifts(database, policy, clock, scribe, auth_),
        models=registry,
        learning=Learning(database, clock, registry, decided.SOURCES),
    )
    return parts, background(parts, keeps_shifts=settings.shifts)


def _hub(database: Database, verbs: Verbs, clock: Clock) -> Hub:
    with database.read() as view:
        return Hub(view.meta("epoch") or "", view.n(), verbs, clock.steady_s)


def _work(
    database: Database, policy: Policy, clock: Clock, layers: Features, registry: Models
) -> Work:
    """Build what works on events and orders."""
    attachments = Attachments(registry.home / ATTACHMENTS, database, policy, clock)
    show, deadlines = Projection(layers), load_deadlines()
    steps = Steps(database, policy, clock, show, deadlines, attachments.hold, load_roster())
    merging = load_merging()
    side = EventPaths(
        steps, partial(decided.heard, registry), joins_closed=not merging.new_after_closing
    )
    opens = partial(_records, registry.home / RECORDS_FILE, merging)
    holding = Holding(Matcher(policy=merging), opens, clock)
    judge = partial(registry.current, MERGE)
    readings = Readings(database, policy, deadlines, clock, partial(_learned, registry))
    return Work(
        events=Events(steps),
        event_paths=side,
        orders=Orders(steps),
        escalation=Escalation(steps),
        renewal=Renewal(steps),
        matches=Matches(steps, side),
        matching=Matching(steps, side, holding, judge),
        replies=Replies(database, policy, clock),
        timeline=Timelines(database, policy),
        readings=readings,
        similar=SimilarCases(database, policy, clock, readings),
        attachments=attachments,
        repairs=Repairs(database, policy, clock),
        almanac=Almanac(deadlines.clock, clock),
    )


def _records(path: Path, merging: Merging) -> Records:
    return Records(path, stamp(merging))


def _learned(registry: Models) -> Learned:
    return registry.current(MATTER).model, registry.current(UNIT).model


def _sources(
    database: Database,
    clock: Clock,
    hub: Hub,
    *,
    policy: Policy,
    verbs: Verbs,
    auth_: Auth,
    layers: Features,
) -> Sources:
    return Sources(
        hub=hub,
        database=database,
        policy=policy,
        verbs=verbs,
        clock=clock,
        standing=Standing(database, clock, auth_).of,
        sees_layer=layers.reaches,
    )


def _outside(settings: Settings, layers: Features, codes: Auth) -> Outside:
    keeper = PlantKeeper(settings.data, settings.clock, ("--seed", str(settings.seed)))
    return Outside(
        driver=settings.driver or HttpDriver(keeper.find, settings.clock),
        ensure=keeper.ensure if settings.plant and settings.driver is None else _nothing,
        projector=layers,
        codes=codes,
    )


def _nothing() -> None:
    """Leave the devices' process to whoever runs it."""


def _rules() -> dict[ItemKind, Rule]:
    return {
        "event": rule(Event, event_rules.verbs, event_rules.barred),
        "order": rule(Order, order_rules.verbs),
        "match": rule(Match, match_rules.verbs),
        "instruction": rule(Instruction, instruction_rules.verbs, instruction_rules.barred),
        "alarm": rule(Alarm, alarm_rules.verbs),
        "gate": rule(Gate, gate_rules.verbs, gate_rules.barred),
        "gate_command": rule(GateCommand, gate_rules.verbs, gate_rules.barred),
    }


def _first_accounts(database: Database, passwords: Passwords, folder: Path) -> None:
    path = make_first(database, passwords, folder)
    if path is not None:
        _LOG.info("first passwords written; hand them out and delete the file", path=str(path))
    elif lacking := missing(database):
        names = " ".join(one.account for one in lacking)
        _LOG.warning(
            "channels without accounts of their own",
            accounts=names,
            zh=f"旧库没有渠道账号 {names}；补建："
            f"python -m backend accounts complete --data {folder}",
            en=f"an older database lacks the channels' accounts {names}; make them by "
            f"python -m backend accounts complete --data {folder}",
        )


def _lifespan(
    parts: Parts, background: Sequence[Background], _app: FastAPI
) -> AbstractAsyncContextManager[None]:
    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        parts.hub.attach(asyncio.get_running_loop())
        to_thread.current_default_thread_limiter().total_tokens = AT_WORK
        tasks = [asyncio.create_task(watched(task)) for task in background]
        try:
            yield
        finally:
            parts.hub.close()
            parts.learning.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(parts.positions.close)
            await asyncio.to_thread(parts.work.repairs.close)
            await asyncio.to_thread(parts.feeds.close)
            await asyncio.to_thread(parts.search.index.close)
            await asyncio.to_thread(parts.work.matching.holding.close)
            await asyncio.to_thread(parts.database.close)

    return running()
