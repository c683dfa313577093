"""Instructions: issued downwards, signed by each receiver for itself."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from backend.domain import instructions as rules
from backend.services.policy import Policy
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.clock import Clock
from backend_client.contract.events import Touch
from backend_client.contract.instructions import Instruction, Issue
from backend_client.contract.item import Head


@dataclass(frozen=True, slots=True)
class Instructions:
    """What people do with instructions."""

    database: Database
    policy: Policy
    clock: Clock

    def issue(self, person: Person, body: Issue, key: str | None = None) -> Head:
        """Issue an instruction to receivers inside the person's region.

        Args:
            person: the issuer.
            body: what to whom.
            key: the same key from the same person again gives the instruction it made before.
        """
        with self.database.write() as unit:
            item_id = _item_id(person, key)
            if (seen := unit.get(Instruction, item_id)) is not None:
                return unit.head(seen)
            made = rules.issue(body, item_id=item_id, by=person, at=self.clock.now())
            self.policy.check(person, "instruction.issue", made.region, made.department)
            return unit.add(made, by=person, action="instruction.issue")

    def sign(self, person: Person, item_id: str, body: Touch) -> Head:
        """Sign for the person's own region."""
        with self.database.write() as unit:
            present = unit.load(Instruction, item_id)
            self.policy.check_item(person, "instruction.sign", present)
            unit.load(Instruction, item_id, version=body.version)
            changed = rules.sign(present, by=person, at=self.clock.now())
            return unit.put(
                changed, by=person, action="instruction.sign", detail={"note": body.note}
            )


def _item_id(person: Person, key: str | None) -> str:
    if key is None:
        return f"instruction-{secrets.token_hex(8)}"
    named = hashlib.sha256(f"{person.person_id}\n{key}".encode()).hexdigest()
    return f"instruction-{named[:16]}"
