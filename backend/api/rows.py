"""Read bodies a route takes apart itself: of a batch a bad row is left out, the others kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

from annotated_types import MaxLen
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from backend.api.problems import invalid
from backend.domain.refused import refuse
from backend_client.contract.base import Text
from backend_client.contract.feature import Rejection
from backend_client.contract.rows import BadRowsError

B = TypeVar("B", bound=BaseModel)
C = TypeVar("C")


async def _raw(request: Request) -> bytes:
    return await request.body()


RawDep = Annotated[bytes, Depends(_raw)]
"""The body's bytes, already checked by the guard."""


def body_of(model: type[BaseModel]) -> dict[str, object]:
    """Describe a body that the route reads itself, for the OpenAPI page."""
    schema = model.model_json_schema()
    named = schema.pop("$defs", {})
    content = {"application/json": {"schema": _spelled_out(schema, named)}}
    return {"requestBody": {"required": True, "content": content}}


def _spelled_out(schema: JsonValue, named: Mapping[str, JsonValue]) -> JsonValue:
    """Put every named part in the place that points to it."""
    if isinstance(schema, list):
        return [_spelled_out(part, named) for part in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if name:
        return _spelled_out(named[name], named)
    return {key: _spelled_out(part, named) for key, part in schema.items()}


def read_body(raw: bytes, model: type[B]) -> B:
    """Read a body whose bytes the route wants to have as well.

    Raises:
        RequestValidationError: it does not fit.
    """
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _wrong(error.errors(include_url=False, include_input=False)) from error


def read_batch(raw: bytes, batch: type[B], field: str) -> tuple[B, list[int], list[Rejection]]:
    """Read a batch without its bad rows.

    Args:
        raw: the body.
        batch: contract type of the whole body.
        field: name of the field that holds the rows.

    Returns:
        The batch of good rows, the place each had in the body, and the bad rows.

    Raises:
        RequestValidationError: the body is wrong beyond single rows.
    """
    try:
        whole = batch.model_validate_json(raw)
    except ValidationError as error:
        return _read_good(raw, batch, field, error.errors(include_url=False, include_input=False))
    return whole, list(range(len(getattr(whole, field)))), []


def read_columns(raw: bytes, decode: Callable[[bytes], C]) -> C:
    """Read a wide batch.

    Args:
        raw: the body.
        decode: the contract's reader of that batch.

    Raises:
        Refused: 422 `bad_rows`, the bytes are no batch of the contract.
    """
    try:
        return decode(raw)
    except BadRowsError as error:
        what = str(error)[:150]
        raise refuse(
            422,
            "bad_rows",
            Text(f"列数据不符合约定：{what}。", f"Not columns of the contract: {what}."),
            Text("按约定的列名和类型重新编码。", "Encode again with the contract's columns."),
            where="body",
        ) from error


def _read_good(
    raw: bytes, batch: type[B], field: str, errors: list[ErrorDetails]
) -> tuple[B, list[int], list[Rejection]]:
    bad: dict[int, ErrorDetails] = {}
    for one in errors:
        loc = one["loc"]
        if len(loc) < 2 or loc[0] != field or not isinstance(loc[1], int):
            raise _wrong(errors)
        bad.setdefault(loc[1], one)
    body = from_json(raw)
    rows = body.pop(field)
    _check_count(batch, field, len(rows))
    kept = [index for index in range(len(rows)) if index not in bad]
    if not kept and batch.model_fields[field].is_required():
        raise _wrong(errors)
    if kept:
        body[field] = [rows[index] for index in kept]
    rejected = [_rejection(index, error) for index, error in sorted(bad.items())]
    return batch.model_validate_json(to_json(body)), kept, rejected


def _check_count(batch: type[BaseModel], field: str, count: int) -> None:
    """Count the rows as they came: those that are left out count too."""
    for limit in batch.model_fields[field].metadata:
        if isinstance(limit, MaxLen) and count > limit.max_length:
            why = f"At most {limit.max_length} rows"
            raise RequestValidationError([{"type": "too_long", "loc": ("body", field), "msg": why}])


def _wrong(errors: list[ErrorDetails]) -> RequestValidationError:
    return RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in errors])


def _rejection(index: int, error: Mapping[str, object]) -> Rejection:
    loc = error["loc"]
    where = tuple(loc)[2:] if isinstance(loc, tuple) else ()
    problem = invalid([{**error, "loc": where}])
    return Rejection(
        index=index,
        where=problem.where[:200],
        zh=problem.what.zh[:200],
        en=problem.what.en[:200],
    )
