"""Steps on instructions: issue one, sign for one."""

from __future__ import annotations

from app.actions.send import Done, Failed, send
from app.reach import Reach
from backend_client.contract.events import Touch
from backend_client.contract.instructions import Instruction, Issue


def issue(
    reach: Reach, wish: Issue, *, done: Done | None = None, failed: Failed | None = None
) -> None:
    """Issue an instruction to its receivers (下达)."""
    send(reach, "instruction.issue", "", wish, done=done, failed=failed)


def sign(
    reach: Reach,
    instruction: Instruction,
    *,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Sign for an instruction (签收)."""
    body = Touch(version=instruction.version)
    send(reach, "instruction.sign", instruction.item_id, body, done=done, failed=failed)
