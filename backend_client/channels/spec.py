"""A channel as data: which of its words are ours. One TOML per channel, edited by the site."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from backend_client.contract.base import Department, Frozen, Region, State, Text
from backend_client.contract.events import Channel
from backend_client.errors import BadFileError

FOLDER: Final = Path(__file__).parents[2] / "resources" / "channels"
OURS: Final = (
    *("own_id", "title", "text", "place", "lon", "lat", "lonlat", "region", "level"),
    *("reported_at", "matter", "name", "contact", "photos"),
)
"""What of a report a channel's record can tell."""
HOLE: Final = re.compile(r"\{([^{}]+)\}")
_NEEDED: Final = ("own_id", "reported_at")

Words = dict[str, str]
Names = tuple[str, ...]


class Told(Frozen):
    """How something goes back to a channel: its field → words with `{ours}` in them."""

    fields: Annotated[Words, Field(min_length=1)]
    words: Words = Field(default_factory=dict)

    def write(self, known: Mapping[str, str]) -> dict[str, str]:
        """Write one record in the channel's words."""
        said = {name: self.words.get(value, value) for name, value in known.items()}
        return {theirs: fill(told, said) for theirs, told in self.fields.items()}


class Transfer(Frozen):
    """What goes out to the channel as work of its own unit, and how it answers.

    Args:
        department: the unit whose orders go there.
        account: an account of that unit, which signs and reports for it.
        order: how an order is written.
        order_id: their field of our order's id in what comes back.
        state: their field of how far they are.
        text: their field of what was done.
        number: their field of their own case's number, empty when they tell none.
        signed: their words for taken over (回执).
        done: their words for done.
    """

    department: Department
    account: str
    order: Told
    order_id: str
    state: str
    text: str
    number: str = ""
    signed: Names
    done: Names


class Spec(Frozen):
    """One channel.

    Args:
        name: the file's name; what the command is told.
        title: its name for people.
        channel: which of the contract's it is.
        account: who hands in; `feed` where there is no such account.
        prefix: goes before its own ids to make them ours.
        records: where in a JSON document the records are, empty: it is a list or one record.
        datum: of its coordinates; nobody can tell by looking at them.
        order: of one field that holds both coordinates.
        time: how its times are written; `local` also reads an epoch.
        utc_offset_h: of `local`.
        region: of records that name none and have no coordinates.
        fields: ours → theirs, the first that is filled counts; `a.b` looks inside.
        templates: ours → words with `{theirs}`, for what a record does not say outright.
        levels: their words of urgency.
        none_lonlat: how it writes that there are no coordinates.
        receipt: how it is told what became of each record.
        answer: how it is told what its reporter is to hear.
        transfer: what its own unit is given to do.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    title: Text
    channel: Channel
    account: str = "feed"
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,16}$")]
    records: str = ""
    datum: Literal["wgs84", "gcj02", "bd09"]
    order: Literal["lonlat", "latlon"] = "lonlat"
    time: Literal["local", "utc", "epoch_s", "epoch_ms"] = "local"
    utc_offset_h: Annotated[float, Field(ge=-12, le=14)] = 8
    region: Region = "3206"
    fields: dict[str, Names]
    templates: Words = Field(default_factory=dict)
    levels: dict[str, State] = Field(default_factory=dict)
    none_lonlat: Names = ("0,0", "-1,-1")
    receipt: Told
    answer: Told
    transfer: Transfer | None = None

    @field_validator("fields")
    @classmethod
    def _ours(cls, fields: dict[str, Names]) -> dict[str, Names]:
        strange = sorted(set(fields) - set(OURS))
        if strange:
            raise ValueError(f"{', '.join(strange)}: 应为 / must be of {' '.join(OURS)}")
        return fields

    @model_validator(mode="after")
    def _whole(self) -> Spec:
        missing = [one for one in _NEEDED if not self.fields.get(one)]
        if not {"title", "text"} & self.fields.keys() and "text" not in self.templates:
            missing.append("text")
        if missing:
            raise ValueError(f"fields: 缺少 / missing {', '.join(missing)}")
        return self


def fill(words: str, known: Mapping[str, str]) -> str:
    """Fill each `{name}` of a text; a name nobody knows is empty."""
    return HOLE.sub(lambda found: known.get(found[1], ""), words)


def names() -> tuple[str, ...]:
    """Name the channels that come with the program."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(name: str, path: Path | None = None) -> Spec:
    """Read a channel's description.

    Args:
        name: one of `names()`, or the site's own with a path.
        path: the file; the one that came with the program when left out.

    Raises:
        BadFileError: it is not there, is no TOML, or says something that cannot be meant.
    """
    path = path or FOLDER / f"{name}.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return Spec.model_validate({"name": path.stem, **told})
    except OSError as error:
        known = " ".join(names())
        raise BadFileError(
            Text(f"没有渠道 {name}（{path.name}）。", f"There is no channel {name} ({path.name})."),
            Text(f"自带：{known}；自建用 --spec。", f"There are: {known}; your own with --spec."),
        ) from error
    except ValidationError as error:
        raise _bad(path, [_said(one) for one in error.errors()]) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise _bad(path, [str(error)]) from error


def _said(fault: Mapping[str, object]) -> str:
    where = fault["loc"]
    at = ".".join(map(str, where)) if isinstance(where, tuple) else str(where)
    return f"{at}: {fault['msg']}".lstrip(": ")


def _bad(path: Path, faults: list[str]) -> BadFileError:
    said = "; ".join(faults[:5])
    return BadFileError(
        Text(f"{path.name} 有误：{said}。", f"{path.name} is wrong: {said}."),
        Text("对照自带的渠道文件改正。", "Correct it beside a channel file that came with it."),
    )
