"""The doors of learned models, as a part of the client."""

from __future__ import annotations

from typing import Final

from backend_client.contract import paths
from backend_client.contract.models import ModelLine, ModelList, Promote, RollBack
from backend_client.wire import WAIT_S, Call, Wire, parse

_EXAM_S: Final = 90.0


class ModelDoors:
    """List learned models, take a version into use, go back, have one learn."""

    wire: Wire

    def models(self) -> ModelList:
        """Read every learned model with its versions."""
        return parse(ModelList, self.wire.send(Call("GET", paths.MODELS, again=True)))

    def promote_model(self, name: str, promote: Promote) -> ModelLine:
        """Take a version into use; it is examined first, which takes some seconds."""
        return self._model(name, "promote", promote.model_dump_json(), wait_s=_EXAM_S)

    def roll_back_model(self, name: str, back: RollBack) -> ModelLine:
        """Go back to what was in use before."""
        return self._model(name, "roll_back", back.model_dump_json())

    def teach_model(self, name: str) -> ModelLine:
        """Have a model learn as soon as it can."""
        return self._model(name, "learn", None)

    def _model(
        self, name: str, verb: str, body: str | None, *, wait_s: float = WAIT_S
    ) -> ModelLine:
        path = paths.MODEL_VERB.format(name=name, verb=verb)
        call = Call("POST", path, body=body, wait_s=wait_s)
        return parse(ModelLine, self.wire.send(call))
