"""Models over HTTP: who sees them, who decides, what is refused, what the audit trail says."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

from backend.analytics.text import judge as judges
from backend.analytics.text.judge import Judge, Linear, by_hand
from backend.domain.models import CANDIDATE, IN_USE, RULES
from backend.services.model_kinds import MERGE
from backend.services.models import Made
from backend.storage import models as table
from backend_client.contract import paths
from backend_client.contract.models import ModelLine, ModelList, ModelState
from tests.service import Service, run, serving
from tests.unit.backend.services.registry import decided

PROMOTE, BACK, LEARN = (
    paths.MODEL_VERB.format(name="merge", verb=verb) for verb in ("promote", "roll_back", "learn")
)


async def listed(service: Service, account: str = "leader") -> ModelLine:
    reply = await service.get(account, paths.MODELS)
    assert reply.status_code == 200, reply.text
    models = ModelList.model_validate_json(reply.content).models
    return next(one for one in models if one.name == "merge")


def bring(service: Service, judge: Judge) -> int:
    """Make a candidate of a judge, and an exam for it, as a night's learning does."""
    file = service.data / "brought.npz"
    judges.save(judge, file)
    number = {"right": 0.9, "loss": 0.2}
    made = Made(file, decided(1)[:50], (), {CANDIDATE: number, IN_USE: number, RULES: number})
    with service.parts.database.write() as unit:
        table.freeze(unit.connection, "merge", decided(2)[:60])
    return service.parts.models.candidate("merge", made)


async def answer(service: Service, account: str, path: str, body: object) -> tuple[int, str]:
    reply = await service.post(account, path, body)
    return reply.status_code, str(reply.json().get("code", ""))


def test_leaders_duty_leaders_dispatchers_and_maintainers_see_models(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for account in ("leader", "duty", "dispatcher", "dispatcher_rudong", "maintainer"):
                merge = await listed(service, account)
                assert (merge.in_use, merge.exam, merge.versions) == (0, 0, ())
                assert merge.title.zh != merge.title.en
            for account in ("operator", "auditor", "feed"):
                assert (await service.get(account, paths.MODELS)).status_code == 403

    run(body)


def test_a_version_comes_into_use_and_goes_out_again(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            service.parts.models.current(MERGE)
            make = partial(bring, service, by_hand().at(0.5))
            number = await asyncio.to_thread(make)
            wish = {"number": number, "reason": "与规则同分，先用"}
            assert await answer(service, "leader", PROMOTE, wish) == (403, "forbidden")
            assert await answer(service, "dispatcher", PROMOTE, wish) == (403, "forbidden")
            reply = await service.post("duty", PROMOTE, wish)
            assert reply.status_code == 200, reply.text
            merge = ModelLine.model_validate_json(reply.content)
            (only,) = merge.versions
            assert (merge.in_use, merge.answers, only.state) == (1, 1, ModelState.PROMOTED)
            assert only.promoted_by is not None
            assert only.promoted_by.person_id == "duty"
            assert only.exam == merge.exam == 60
            assert only.frozen == only.rivals["rules"]  # what it claimed was 0.9
            reply = await service.post("maintainer", BACK, {"reason": "误并变多"})
            merge = ModelLine.model_validate_json(reply.content)
            assert (merge.in_use, merge.held, merge.versions[0].state.value) == (0, True, "retired")
            assert await answer(service, "duty", BACK, {"reason": "再退"}) == (409, "wrong_state")
            rows = (await service.get("auditor", paths.AUDIT)).json()["rows"]
            done = [row for row in rows if row["target"] == "model/merge/1"]
            assert [(row["action"], row["person_id"]) for row in done] == [
                ("model.candidate", ""),
                ("model.promote", "duty"),
                ("model.roll_back", "maintainer"),
            ]
            assert "误并变多" in done[2]["detail"]

    run(body)


def test_a_worse_version_is_refused_in_both_languages(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            rules = by_hand().linear
            contrary = Judge(Linear(-rules.weights, -rules.base))
            number = await asyncio.to_thread(bring, service, contrary)
            wish = {"number": number, "reason": "数字看着好"}
            reply = await service.post("maintainer", PROMOTE, wish)
            assert (reply.status_code, reply.json()["code"]) == (409, "model_worse")
            assert "right" in reply.json()["what"]["zh"]
            assert "right" in reply.json()["what"]["en"]
            assert (await listed(service)).in_use == 0

    run(body)


def test_what_is_no_wish_is_refused(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for wish in ({"number": 1}, {"number": 1, "reason": ""}, {"number": 0, "reason": "x"}):
                assert (await answer(service, "maintainer", PROMOTE, wish))[0] == 422
            assert (await answer(service, "maintainer", BACK, {"reason": ""}))[0] == 422
            nobody = paths.MODEL_VERB.format(name="nobody", verb="learn")
            assert await answer(service, "maintainer", nobody, None) == (404, "not_found")
            missing = {"number": 4, "reason": "x"}
            assert await answer(service, "maintainer", PROMOTE, missing) == (404, "not_found")
            assert await answer(service, "leader", LEARN, None) == (403, "forbidden")
            reply = await service.post("duty", LEARN, None)
            assert reply.status_code == 200
            assert ModelLine.model_validate_json(reply.content).learning

    run(body)


def test_going_down_does_not_wait_for_what_learns(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            learning = service.parts.learning
            learning._sources = {"merge": lambda _view: decided(1) * 200}
            assert (await service.post("maintainer", LEARN, None)).status_code == 200
            for _ in range(1_200):
                await asyncio.sleep(0.05)
                if service.parts.models.trainer._child is not None:
                    break
            assert service.parts.models.trainer.name == "merge"
            began = time.monotonic()
        assert time.monotonic() - began < 10  # the lessons would take it a minute
        assert list((data / "models").iterdir()) == []

    run(body)
