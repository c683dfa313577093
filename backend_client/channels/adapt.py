"""From a channel's record to a report as the door takes it; the door says what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import numpy as np

from backend_client.channels.records import Names, Record
from backend_client.channels.spec import Spec, fill
from backend_client.importing import places, values
from backend_client.importing.regions import Regions, region_names

_TITLE: Final = 40
_NUMBER: Final = re.compile(r"^\d{1,17}(\.\d+)?$")
_PAIR: Final = re.compile(r"[,，;；\s]+")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PHONE: Final = re.compile(r"[\s()\-－（）]+")


@dataclass(frozen=True, slots=True)
class Adapted:
    """A report in our words.

    Args:
        own_id: the channel's own id, empty when the record has none.
        body: what the door gets; a field nobody could read is as it was.
        photos: names or contents of its files.
    """

    own_id: str
    body: Mapping[str, object]
    photos: Names = ()


@dataclass(slots=True)
class Adapter:
    """Read one channel's records."""

    spec: Spec
    _regions: Regions = field(default_factory=Regions)
    _names: Mapping[str, str] = field(default_factory=region_names)

    def adapt(self, record: Record) -> Adapted:
        """Give a record's report."""
        said = {ours: self._say(record, ours) for ours in self.spec.fields}
        title, text = self._words(record, said)
        body: dict[str, object] = {"channel": self.spec.channel.value, "title": title, "text": text}
        if own_id := said.get("own_id", ""):
            body["intake_id"] = self.spec.prefix + own_id
        if at := said.get("reported_at"):
            body["reported_at"] = self._instant(at)
        lonlat = self._lonlat(said)
        body |= lonlat
        body |= {name: said[name] for name in ("place", "matter") if said.get(name)}
        body["region"] = self._region(said.get("region", ""), lonlat)
        if level := said.get("level"):
            body["level"] = self._level(level)
        if said.get("name") or said.get("contact"):
            contact = plain_contact(said.get("contact", ""))
            body["reporter"] = {"name": said.get("name", ""), "contact": contact}
        filled = {name: value for name, value in body.items() if value not in ("", None)}
        return Adapted(own_id, filled, _several(record, self.spec.fields.get("photos", ())))

    def _say(self, record: Record, ours: str) -> str:
        for theirs in self.spec.fields[ours]:
            value = record.fields.get(theirs, "")
            word = value if isinstance(value, str) else "，".join(value)
            if word.strip():
                return word.strip()
        return ""

    def _words(self, record: Record, said: Mapping[str, str]) -> tuple[str, str]:
        flat = {
            name: value if isinstance(value, str) else "，".join(value)
            for name, value in record.fields.items()
        }
        told = {ours: fill(words, flat).strip() for ours, words in self.spec.templates.items()}
        text = said.get("text") or told.get("text", "")
        title = said.get("title") or told.get("title") or text[:_TITLE]
        return title, text or title

    def _instant(self, said: str) -> str:
        """Give an instant as the contract writes it; what is none stays, for the door to name."""
        way = self.spec.time
        if way in ("epoch_s", "epoch_ms"):
            if not _NUMBER.match(said):
                return said
            return _spelled(float(said) * (1000 if way == "epoch_s" else 1))
        zone = UTC if way == "utc" else timezone(timedelta(hours=self.spec.utc_offset_h))
        ms = values.instant(said, zone)
        return said if ms is None else _spelled(ms)

    def _lonlat(self, said: Mapping[str, str]) -> dict[str, object]:
        lon, lat = said.get("lon", ""), said.get("lat", "")
        if both := said.get("lonlat"):
            pair = [one for one in _PAIR.split(both.strip("()[] ")) if one]
            if len(pair) != 2:
                return {"lon": both}
            lon, lat = pair if self.spec.order == "lonlat" else pair[::-1]
        if (not lon and not lat) or _is_none(lon, lat, self.spec.none_lonlat):
            return {}
        read = np.array([[_degrees(lon), _degrees(lat)]])
        if not np.isfinite(read).all():
            return {name: one for name, one in (("lon", lon), ("lat", lat)) if one}
        turn = -1 if abs(read[0, 1]) > 90 else 1  # swapped: the door says so, and in its own datum
        made = places.to_wgs84(self.spec.datum)(read[:, ::turn])[0][::turn]
        return {"lon": round(float(made[0]), 7), "lat": round(float(made[1]), 7)}

    def _region(self, said: str, lonlat: Mapping[str, object]) -> str:
        if said:
            return self._names.get(said, said)
        lon, lat = lonlat.get("lon"), lonlat.get("lat")
        if isinstance(lon, float) and isinstance(lat, float) and abs(lat) <= 90:
            return str(self._regions.of(np.array([[lon, lat]])).codes[0])
        return self.spec.region

    def _level(self, said: str) -> int | str:
        read = self.spec.levels.get(said, values.level(said))
        return said if read is None else read


def plain_contact(said: str) -> str:
    """Give a phone number without country code, blanks and full-width digits."""
    narrow = unicodedata.normalize("NFKC", said).strip()
    bare = _PHONE.sub("", narrow)
    return re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", bare) if bare.strip("+").isdigit() else narrow


def _degrees(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        return places.degree(said)


def _is_none(lon: str, lat: str, none: Names) -> bool:
    """Tell whether a pair is how the channel writes that it has none."""
    pairs = (tuple(map(_degrees, one.split(","))) for one in none)
    return (_degrees(lon), _degrees(lat)) in pairs


def _several(record: Record, theirs: Names) -> Names:
    found: list[str] = []
    for name in theirs:
        value = record.fields.get(name, ())
        one_word = isinstance(value, str)
        if one_word and str(value).startswith("data:"):
            found.append(str(value))
        else:
            split = re.split(r"[;；|\n]+", str(value)) if one_word else value
            found += [one.strip() for one in split if one.strip()]
    return tuple(dict.fromkeys(found))


def _spelled(ms: float) -> str:
    try:
        return (_EPOCH + timedelta(milliseconds=ms)).isoformat()
    except OverflowError:
        return str(ms)
