"""Everything a router may ask for, built once in `asgi.build`."""

from __future__ import annotations

from dataclasses import dataclass, field

from anyio import CapacityLimiter

from backend.services.alarm_loads import AlarmLoads
from backend.services.alarm_sources import AlarmSources
from backend.services.alarms import Alarms
from backend.services.almanac import Almanac
from backend.services.answers import Replies
from backend.services.attachments import Attachments
from backend.services.auth import Auth
from backend.services.claims import Claims
from backend.services.drawings import Drawings
from backend.services.escalation import Escalation
from backend.services.event_paths import EventPaths
from backend.services.events import Events
from backend.services.features import Features
from backend.services.feeds import Feeds
from backend.services.gates.control import Gates
from backend.services.hub import Hub
from backend.services.indexing import Indexing
from backend.services.indicators import Indicators
from backend.services.instructions import Instructions
from backend.services.items import Items
from backend.services.learning import Learning
from backend.services.matches import Matches
from backend.services.matching import Matching
from backend.services.models import Models
from backend.services.orders import Orders
from backend.services.policy import Policy
from backend.services.positions import Positions
from backend.services.readings import Readings
from backend.services.renewal import Renewal
from backend.services.repairs import Repairs
from backend.services.replay import Replay
from backend.services.requests import RequestsNow
from backend.services.resources import Resources
from backend.services.search import Search
from backend.services.shifts import Shifts
from backend.services.similar import SimilarCases
from backend.services.stream import Sources
from backend.services.timeline import Timelines
from backend.services.units import Accounts
from backend.storage.database import Database
from backend_client.contract.clock import Clock


@dataclass(frozen=True, slots=True)
class Work:
    """What works on events and orders, from the door to the citizen's answer."""

    events: Events
    event_paths: EventPaths
    orders: Orders
    escalation: Escalation
    renewal: Renewal
    matches: Matches
    matching: Matching
    replies: Replies
    timeline: Timelines
    readings: Readings
    similar: SimilarCases
    attachments: Attachments
    repairs: Repairs
    almanac: Almanac


@dataclass(frozen=True, slots=True)
class Parts:
    """The services of one application.

    `sign_ins` is thread room of its own, wider than what waits at the passwords: those that wait
    there take none of the routes' threads. So is `at_disk`, for files on their way in, of which
    there are `uploads` at once.
    """

    clock: Clock
    database: Database
    policy: Policy
    auth: Auth
    hub: Hub
    sources: Sources
    items: Items
    work: Work
    claims: Claims
    instructions: Instructions
    alarms: Alarms
    alarm_sources: AlarmSources
    alarm_loads: AlarmLoads
    feeds: Feeds
    features: Features
    drawings: Drawings
    positions: Positions
    resources: Resources
    replay: Replay
    search: Search
    indexing: Indexing
    gates: Gates
    shifts: Shifts
    indicators: Indicators
    accounts: Accounts
    requests: RequestsNow
    models: Models
    learning: Learning
    sign_ins: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(16))
    uploads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(16))
    at_disk: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))
