"""Gates: what is refused, two persons, a used code; nothing here ever moves a leaf.

Refusals are tried on devices marked simulated only. With `--with-gates` a command is asked for on
such a device, every wrong consent to it is refused, and it is called off before anyone agreed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import TypeAdapter, ValidationError

from backend.conformance.site import Check, Seat, Site, SkippedError, WrongError, need
from backend_client.contract import paths
from backend_client.contract.auth import Role
from backend_client.contract.base import Text
from backend_client.contract.change import Page
from backend_client.contract.gates import (
    TERMINAL,
    CommandRequest,
    CommandStatus,
    Gate,
    GateCommand,
)

_GATES: Final[TypeAdapter[list[Gate]]] = TypeAdapter(list[Gate])
_OPENED_M: Final = 0.1
_TRIED_MOST: Final = 5


def listing(site: Site) -> None:
    """List the devices and read one: its tag is fence and sequence, foreign ones are not there."""
    gates = _gates(site)
    if not gates:
        raise SkippedError(Text("没有设备。", "There are no devices."))
    gate, tag = _read(site, gates[0].item_id)
    need(
        tag.strip('"') == f"{gate.fence}.{gate.seq}",
        Text(f"标签 {tag} 不是“栅栏.序号”。", f"The tag {tag} is not fence.seq."),
    )
    path = paths.DEVICE.format(device_id=f"{site.tag}-none")
    site.refused(site.call("GET", path, site.desk()), 404)
    county = site.county()
    own = tuple(county.person.regions)
    foreign = next((one for one in gates if not one.region.startswith(own)), None)
    if foreign is not None:
        path = paths.DEVICE.format(device_id=foreign.item_id)
        site.refused(site.call("GET", path, county), 404)


def refusals(site: Site) -> None:
    """Ask without the second factor, tag or key, with an old tag: refused, and nothing is kept."""
    gate, tag = _read(site, _simulated(site)[0].item_id)
    before = _commands(site)
    body = _request(site, gate, _OPENED_M)
    key = secrets.token_hex(16)
    weak = site.sign_in(site.desk().account)
    path = paths.DEVICE_COMMANDS.format(device_id=gate.item_id)
    full = {"Idempotency-Key": key, "If-Match": tag}
    _refused(site, gate, weak, body, full, (403,))
    strong = _strong(site)
    _refused(site, gate, strong, body, {"Idempotency-Key": key}, (428,))
    _refused(site, gate, strong, body, {"If-Match": tag}, (428,))
    _refused(site, gate, strong, body, {**full, "If-Match": '"0.0"'}, (412,))
    wrong = site.call("POST", path, strong, body={"bays": []}, headers=full)
    site.refused(wrong, 422)
    strange = body.model_copy(update={"present_m": tuple(one + 1.5 for one in body.present_m)})
    _refused(site, gate, strong, strange, full, (409, 412, 422))
    need(
        _commands(site) == before,
        Text("被拒绝的请求留下了指令。", "A refused request left a command."),
    )
    _unmoved(site, gate)


def two_persons(site: Site) -> None:
    """Ask for a movement and try every wrong consent; then call it off and see nothing moved."""
    if not site.with_gates:
        raise SkippedError(Text("需要 --with-gates。", "Needs --with-gates."))
    requester, second = _strong(site), site.of(Role.DUTY_LEADER)
    gate, command, key = _asked(site, requester)
    site.undo(lambda: _call_off(site, requester, command.item_id))
    again = _ask(site, requester, gate, command.target_m, key=key, tag=_tag_of(gate))
    need(
        again.item_id == command.item_id,
        Text("同一键产生了两条指令。", "One key made two commands."),
    )
    path = paths.COMMAND_AUTHORISE.format(command_id=command.item_id)
    version = {"If-Match": f'"{command.version}"'}
    consent = {"body_hash": command.body_hash, "totp": "000000"}
    site.refused(site.call("POST", path, second, body=consent, headers=version), 403)
    used = site.code(second.account)
    site.sign_in(second.account, code=used)
    replay = {**consent, "totp": used}
    site.refused(site.call("POST", path, second, body=replay, headers=version), 403)
    site.refused(site.call("POST", path, second, body=consent), 428)
    own = {**consent, "totp": site.code(requester.account)}  # both wait for the same next code
    site.refused(site.call("POST", path, requester, body=own, headers=version), 403)
    other = {"body_hash": "0" * 64, "totp": site.code(second.account)}
    site.refused(site.call("POST", path, second, body=other, headers=version), 409, 422)
    present = _command(site, command.item_id)
    need(
        present.status is CommandStatus.REQUESTED and present.authorised_by is None,
        Text("错误的同意推进了指令。", "A wrong consent moved the command on."),
    )
    ended = _call_off(site, requester, command.item_id)
    need(
        ended.status is CommandStatus.ABORTED,
        Text("指令未能撤销。", "The command was not called off."),
    )
    late = {**consent, "totp": "000000"}
    site.refused(site.call("POST", path, second, body=late, headers=version), 403, 409, 412)
    _unmoved(site, gate)
    site.left.append(
        Text(f"已撤销的指令 {command.item_id}", f"called-off command {command.item_id}")
    )


def _asked(site: Site, requester: Seat) -> tuple[Gate, GateCommand, str]:
    """Ask devices in turn until one's interlocks let a request stand: closing ones first."""
    wishes = sorted(_wishes(_simulated(site)), key=lambda wish: wish[2] > 0.0)
    for device_id, bay_no, target_m in wishes[:_TRIED_MOST]:
        gate, tag = _read(site, device_id)
        bays = tuple(bay for bay in gate.bays if bay.no == bay_no)
        gate, key = gate.model_copy(update={"bays": bays}), secrets.token_hex(16)
        command = _ask(site, requester, gate, target_m, key=key, tag=tag)
        if command.status is CommandStatus.REQUESTED:
            return gate, command, key
        site.left.append(
            Text(f"联锁拒绝的指令 {command.item_id}", f"rejected command {command.item_id}")
        )
    raise SkippedError(
        Text(
            "没有联锁允许请求的模拟设备。", "No simulated device's interlocks let a request stand."
        )
    )


def _wishes(gates: Sequence[Gate]) -> Iterator[tuple[str, int, float]]:
    """Name what could be asked for: close a bay that is open, or open one with the head."""
    for gate in gates:
        if gate.link != "online" or gate.held_by:
            continue
        falls = (gate.outer_level_m or 0.0) < (gate.inner_level_m or 0.0)
        for bay in gate.bays:
            if bay.moving or bay.fault:
                continue
            if bay.opening_m > _OPENED_M:
                yield gate.item_id, bay.no, 0.0
            elif falls:
                yield gate.item_id, bay.no, _OPENED_M


def _ask(site: Site, seat: Seat, gate: Gate, target_m: float, *, key: str, tag: str) -> GateCommand:
    headers = {"Idempotency-Key": key, "If-Match": tag}
    path = paths.DEVICE_COMMANDS.format(device_id=gate.item_id)
    reply = site.call("POST", path, seat, body=_request(site, gate, target_m), headers=headers)
    return site.parse(GateCommand, site.expect(reply, 200, 201))


def _request(site: Site, gate: Gate, target_m: float) -> CommandRequest:
    bay = gate.bays[0]
    return CommandRequest(
        bays=(bay.no,),
        present_m=(max(0.0, bay.opening_m),),
        target_m=target_m,
        reason="符合性检查 conformance check",
        dispatch_no=site.dispatch_no,
        ttl_s=300,
    )


def _refused(
    site: Site,
    gate: Gate,
    seat: Seat,
    body: CommandRequest,
    headers: dict[str, str],
    statuses: tuple[int, ...],
) -> None:
    """Demand a refusal; a command that was taken after all is called off at once."""
    path = paths.DEVICE_COMMANDS.format(device_id=gate.item_id)
    reply = site.call("POST", path, seat, body=body, headers=headers)
    if reply.is_success:
        _call_off(site, seat, str(reply.json().get("item_id")))
    site.refused(reply, *statuses)


def _call_off(site: Site, seat: Seat, command_id: str) -> GateCommand:
    present = _command(site, command_id)
    if present.status in TERMINAL:
        return present
    path = paths.COMMAND_ABORT.format(command_id=command_id)
    return site.ok(site.call("POST", path, seat), GateCommand)


def _strong(site: Site) -> Seat:
    """Sign the desk in with its second factor; kept for the run."""
    return site.kept("strong", lambda: _with_code(site, site.desk().account))


def _with_code(site: Site, account: str) -> Seat:
    return site.sign_in(account, code=site.code(account))


def _simulated(site: Site) -> list[Gate]:
    found = [gate for gate in _gates(site) if gate.simulated and gate.bays]
    if not found:
        raise SkippedError(
            Text("没有标为模拟的设备。", "No device is marked simulated; real ones are left alone.")
        )
    return sorted(found, key=lambda gate: gate.link != "online")


def _gates(site: Site) -> list[Gate]:
    reply = site.expect(site.call("GET", paths.DEVICES, site.desk()), 200)
    try:
        return _GATES.validate_json(reply.content)
    except ValidationError as error:
        raise WrongError(Text("设备列表不合契约。", "The list is not of devices.")) from error


def _read(site: Site, device_id: str) -> tuple[Gate, str]:
    reply = site.call("GET", paths.DEVICE.format(device_id=device_id), site.desk())
    return site.ok(reply, Gate), reply.headers.get("etag", "")


def _tag_of(gate: Gate) -> str:
    return f'"{gate.fence}.{gate.seq}"'


def _command(site: Site, command_id: str) -> GateCommand:
    path = paths.COMMAND.format(command_id=command_id)
    return site.ok(site.call("GET", path, site.desk()), GateCommand)


def _commands(site: Site) -> set[str]:
    return set(_ids(site))


def _ids(site: Site) -> Iterator[str]:
    after: str | None = ""
    while after is not None:
        path = paths.ITEMS.format(kind="gate_command")
        query: dict[str, str | int | float | list[str]] = {"limit": 1000, "after": after}
        page = site.ok(site.call("GET", path, site.desk(), query=query), Page)
        yield from (item.item_id for item in page.items)
        after = page.next


def _unmoved(site: Site, gate: Gate) -> None:
    now, _ = _read(site, gate.item_id)
    before = {bay.no: bay.opening_m for bay in gate.bays}
    asked = [bay for bay in now.bays if bay.no in before]
    need(
        all(bay.opening_m == before[bay.no] and not bay.moving for bay in asked),
        Text("闸门动了。", "The gate moved."),
    )


CHECKS: Final = (
    Check("gates.list", Text("设备、标签与范围", "devices, their tag and scope"), listing),
    Check(
        "gates.refused",
        Text("缺第二因子、键或标签即拒绝", "no factor, key or tag: refused"),
        refusals,
    ),
    Check(
        "gates.two",
        Text("两人、验证码一次、撤销", "two persons, a code once, called off"),
        two_persons,
    ),
)
