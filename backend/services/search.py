"""Search: objects, events and places by name, plate, number or place, in the reader's scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from backend.domain import search as rules
from backend.domain.refused import unfit
from backend.domain.search import Rank, Scope
from backend.services.indexing import EVENTS, event_fields
from backend.services.policy import Policy
from backend.services.positions import Positions
from backend.storage import texts as table
from backend.storage.database import Database
from backend.storage.place_names import PlaceName
from backend.storage.search import Index
from backend.storage.texts import Texts
from backend_client.contract.auth import Person
from backend_client.contract.base import CITY, EVERY_DEPARTMENT, Text
from backend_client.contract.columns import E7
from backend_client.contract.events import Event
from backend_client.contract.search import Hit, Hits

AT_ONCE: Final = 200
LOOKED_MOST: Final = 1_000
"""Things looked at for one rank of one question; words that fit more are too few."""
_FIRST: Final = 32

_Key = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Search:
    """Answer questions from the index, each candidate read and checked again."""

    index: Index
    database: Database
    policy: Policy
    positions: Positions
    places: Sequence[PlaceName]

    def find(self, person: Person, words: str, limit: int) -> Hits:
        """Give the things that hold the words, the best first.

        Raises:
            Refused: 422 when the words hold neither letter nor digit.
        """
        folded = rules.fold(words)
        if not folded:
            raise unfit(
                "q",
                Text("请至少输入一个字或数字。", "Enter at least one letter or digit."),
                Text("输入名称、车牌、编号或地名。", "Enter a name, plate, number or place."),
            )
        seen: set[_Key] = set()
        found: list[Hit] = []
        for hit in self._all(person, folded):
            key = (hit.what, hit.layer, hit.oid, hit.item_id)
            if key in seen:
                continue
            seen.add(key)
            found.append(hit)
            if len(found) > limit:
                break
        return Hits(query=words[:200], hits=tuple(found[:limit]), more=len(found) > limit)

    def _all(self, person: Person, folded: str) -> Iterator[Hit]:
        """Give what fits, the best rank first; better ones come again with the worse."""
        scope, named = scope_of(person), list(self._named(folded))
        before, left = "", list[tuple[Rank, Hit]]()
        for rank in Rank:
            yield from (hit for fit, hit in named if fit is rank)
            asked = rules.question(folded, rank, scope)
            again = asked == before  # then the same things would be read again
            found = iter(left) if again else self._indexed(person, folded, asked)
            before, left = asked, []
            for fit, hit in found:
                if fit <= rank:
                    yield hit
                else:
                    left.append((fit, hit))

    def _named(self, folded: str) -> Iterator[tuple[Rank, Hit]]:
        for place in self.places:
            fields = {"name": place.name, "name_en": place.name_en, "region": place.region}
            fit = rules.best(folded, fields)
            if fit is None or fit == (Rank.HOLDS, "region"):  # a code is read from its beginning
                continue
            hit = Hit(
                what="place",
                layer="",
                item_id=place.region,
                kind=place.kind,
                name=place.name,
                name_en=place.name_en,
                region=place.region,
                field=fit[1],
                text=fields[fit[1]],
                lon=place.lon,
                lat=place.lat,
            )
            yield fit[0], hit

    def _indexed(self, person: Person, folded: str, asked: str) -> Iterator[tuple[Rank, Hit]]:
        after, looked, size = 0, 0, _FIRST
        while looked < LOOKED_MOST:
            keys = self.index.find(asked, after=after, limit=size)
            for source, group in groupby(map(self.index.what, keys), lambda one: one.source):
                numbers = [one.number for one in group]
                read = self._events if source == EVENTS else self._features
                yield from read(person, source, numbers, folded)
            if len(keys) < size:
                return
            after, looked, size = keys[-1], looked + len(keys), AT_ONCE

    def _events(
        self, person: Person, _source: str, numbers: Sequence[int], folded: str
    ) -> Iterator[tuple[Rank, Hit]]:
        item_ids = list(self.index.item_ids(numbers).values())
        with self.database.read() as view:
            found = table.events(view, item_ids)
        for event in found:
            fields = event_fields(event)
            fit = rules.best(folded, fields)
            if fit is not None and self.policy.sees_item(person, event):
                yield fit[0], _event_hit(event, fit[1], fields)

    def _features(
        self, person: Person, layer: str, numbers: Sequence[int], folded: str
    ) -> Iterator[tuple[Rank, Hit]]:
        with self.database.read() as view:
            found = table.texts(view.connection, layer, numbers)
        for one in found:
            fields = rules.fields_of(one.id, one.name, one.properties)
            fit = rules.best(folded, fields)
            if fit is not None and self._sees(person, layer, one):
                yield fit[0], self._feature_hit(layer, one, fit[1], fields)

    def _sees(self, person: Person, layer: str, one: Texts) -> bool:
        may = self.policy.permits(person, "layer.view", one.region, one.department)
        return may and self.policy.opens(person, layer)

    def _feature_hit(self, layer: str, one: Texts, field: str, fields: dict[str, str]) -> Hit:
        lon, lat = one.lon, one.lat
        if lon is None:
            lon, lat = self._place_of(layer, one.oid)
        return Hit(
            what="feature",
            layer=layer,
            oid=one.oid,
            kind=one.kind,
            name=one.name,
            name_en=str(one.properties.get("name_en") or "")[:200],
            region=one.region,
            state=one.state,
            field=field,
            text=fields[field][:200],
            lon=lon,
            lat=lat,
        )

    def _place_of(self, layer: str, oid: int) -> tuple[float | None, float | None]:
        """Give the latest place of a moving object."""
        fixes = self.positions.latest(layer)
        if not 1 <= oid <= len(fixes) or not fixes[oid - 1]["observed_ms"]:
            return None, None
        fix = fixes[oid - 1]
        return int(fix["lon_e7"]) / E7, int(fix["lat_e7"]) / E7


def scope_of(person: Person) -> Scope:
    """Give what a reader's scope leaves of the index; the whole city needs no word."""
    regions = () if CITY in person.regions else person.regions
    departments = () if EVERY_DEPARTMENT in person.departments else person.departments
    return Scope(regions, departments)


def _event_hit(event: Event, field: str, fields: dict[str, str]) -> Hit:
    return Hit(
        what="event",
        layer="",
        item_id=event.item_id,
        kind=event.channel.value,
        name=event.title,
        region=event.region,
        state=event.level,
        field=field,
        text=fields[field][:200],
        lon=event.lon,
        lat=event.lat,
    )
