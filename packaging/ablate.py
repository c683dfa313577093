"""Break the service one rule at a time in a copy and show that a test notices each time.

A test that cannot fail is no evidence. Every row names a rule, the words that hold it, what they
are replaced by, and the tests that must go red. Run: `python packaging/ablate.py [WORD]`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ablate_events import EVENTS
from ablation import Ablation

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("backend", "backend_client", "tests", "resources", "pyproject.toml")
LIMIT_S = 180.0
GATES = "tests/contract/backend/test_gates.py"
FEEDS = "tests/contract/backend/test_feeds.py"
LOG = "tests/contract/backend/test_shifts.py"
LOG_LINES = "tests/unit/backend/storage/test_shifts.py"
CLAIMS = "tests/contract/backend/test_claims.py"
ALARMS = "tests/contract/backend/test_alarms.py"
SEARCH = "tests/contract/backend/test_search.py"
SERVER = "tests/contract/backend/test_postgres.py"
STORAGE = "tests/unit/backend/storage"
ROWS = "tests/contract/backend/test_rows.py"
DEVICE = "tests/unit/backend/simulator/plant/test_device.py"
RELAUNCH = """\
        left = await self._off(self._book.recover)
        from backend.domain.devices import Order
        for c in left:
            words = (c.bays, c.target_m)
            held = await self._driver.select(c.gate_id, Order(c.item_id, c.fence, c.seq, *words))
            await self._driver.operate(c.gate_id, Order(c.item_id, c.fence, held.seq, *words))
"""


ABLATIONS = (
    *EVENTS,
    Ablation(
        "alarm chatter",
        "backend/domain/alarms.py",
        "if recent + 1 >= CHATTERS else",
        "if False else",
        (f"{ALARMS}::test_three_times_in_a_minute_is_one_folded_alarm_until_quiet",),
    ),
    Ablation(
        "alarm aside stays aside",
        "backend/domain/alarms.py",
        "    AlarmState.ACKNOWLEDGED: AlarmState.CLOSED,\n}",
        "    AlarmState.ACKNOWLEDGED: AlarmState.CLOSED,\n"
        "    AlarmState.OUT_OF_SERVICE: AlarmState.CLOSED,\n}",
        (f"{ALARMS}::test_out_of_service_is_the_supervisors_and_lasts_until_put_back",),
    ),
    Ablation(
        "alarm first-out",
        "backend/services/alarms.py",
        "            upsets[circle] = alarm.group",
        "            pass",
        (f"{ALARMS}::test_first_of_an_upset_is_marked_per_county_and_layer",),
    ),
    Ablation(
        "alarm one cause",
        "backend/services/alarms.py",
        "if len({alarm.family for alarm in alarms}) > 1:",
        "if False:",
        (f"{ALARMS}::test_one_cause_is_acknowledged_together_with_a_comment_never_all",),
    ),
    Ablation(
        "alarm action",
        "backend/services/alarm_sources.py",
        "            if not (text.zh.strip() and text.en.strip()):",
        "            if False:",
        (f"{ALARMS}::test_told_again_changes_nothing_and_bad_rows_are_named",),
    ),
    Ablation(
        "alarm own causes",
        "backend/domain/alarms.py",
        'return f"x:{source}:{cause}"',
        "return cause",
        (f"{ALARMS}::test_a_source_cannot_speak_for_the_services_own_causes",),
    ),
    Ablation(
        "alarm suppression",
        "backend/services/alarms.py",
        "quiet = any(one.folds(alarm) for one in folds)",
        "quiet = False",
        (f"{ALARMS}::test_a_response_folds_the_rest_away_and_seats_are_not_charged_for_it",),
    ),
    Ablation(
        "alarm mute",
        "backend/services/alarm_loads.py",
        "if until is not None and not now <= until",
        "if False and not now <= until",
        (f"{ALARMS}::test_a_seats_mute_is_short_and_seen_by_its_supervisor",),
    ),
    Ablation(
        "alarm loads",
        "backend/services/alarm_loads.py",
        "return own or self._policy.permits(reader, VIEW, seat.regions[0], _CENTRE)",
        "return True",
        (f"{ALARMS}::test_loads_are_ones_own_and_the_supervisors",),
    ),
    Ablation(
        "alarm flood trail",
        "backend/storage/audit.py",
        "        previous, seq = linked, seq + 1",
        "        previous, seq = START, seq + 1",
        (f"{ALARMS}::test_a_flood_is_whole_in_the_database_and_the_trail",),
    ),
    Ablation(
        "import: a repeated id",
        "backend_client/importing/rows.py",
        'sieve.drop(again, "id", _TWICE)',
        "again.any()",
        ("tests/unit/backend_client/importing/test_rows.py",),
    ),
    Ablation(
        "import: line of a bad row",
        "backend_client/importing/text.py",
        "return table if table.num_rows == lines else None",
        "return table",
        ("tests/unit/backend_client/importing/test_text.py",),
    ),
    Ablation(
        "scope in stream",
        "backend/services/frames.py",
        "if self.encoded and any(policy.sees(person, *place) for place in self.now):",
        "if self.encoded:",
        ("tests/contract/backend/test_scope.py", "tests/contract/backend/test_stream.py"),
    ),
    Ablation(
        "gone from sight",
        "backend/services/frames.py",
        "for place in (self.was, *self.now)",
        "for place in ()",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "scope in pages",
        "backend/services/items.py",
        "if not self.policy.sees_item(person, encoded.item):\n                        last",
        "if False:\n                        last",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "scope single",
        "backend/services/items.py",
        "        if not self.policy.sees_item(person, encoded.item):\n            raise",
        "        if False:\n            raise",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "forbid scope",
        "resources/policy/policy.cedar",
        "resource.region in principal.regions &&",
        "true &&",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "mfa forbid",
        "resources/policy/policy.cedar",
        "unless { principal.mfa }",
        "unless { true }",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "totp once",
        "backend/services/auth.py",
        "        persons.set_step(unit.connection, person_id, step)",
        "        pass",
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "reuse",
        "backend/services/auth.py",
        '            persons.revoke(unit.connection, family)\n            unit.audit("auth.reuse"',
        '            unit.audit("auth.reuse"',
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "exp",
        "backend/services/tokens.py",
        "if ends_at <= now and not lapsed:",
        "if False:",
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "standing on beat",
        "backend/services/stream.py",
        "            if now is None:\n                return",
        "            if now is None:\n                now = reader.signed",
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "resume gap",
        "backend/services/stream.py",
        "        reader.cursor = frames[-1].n\n",
        "        reader.cursor = frames[-1].n + 1\n",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "resume repeat",
        "backend/services/stream.py",
        "                reader.cursor = cursor\n",
        "                reader.cursor = cursor - 1\n",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "no log",
        "backend/services/stream.py",
        "    return await asyncio.to_thread(_read_log, sources, cursor)",
        "    return None",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "cas",
        "backend/storage/unit.py",
        "if version is not None and row.version != version:",
        "if False:",
        ("tests/unit/backend/storage/test_unit.py", "tests/contract/backend/test_events.py"),
    ),
    Ablation(
        "audit head",
        "backend/storage/audit.py",
        'if (told or f"0:{START}") != f"{count}:{previous}":',
        "if False:",
        ("tests/unit/backend/storage/test_audit.py",),
    ),
    Ablation(
        "intake once",
        "backend/services/events.py",
        "            if seen:\n",
        "            if False:\n",
        ("tests/contract/backend/test_events.py",),
    ),
    Ablation(
        "dup keys",
        "backend/api/strict.py",
        "if len(value) != len(pairs):",
        "if False:",
        ("tests/contract/backend/test_bad_input.py",),
    ),
    Ablation(
        "body limit",
        "backend/api/guard.py",
        "        if size > limit:\n",
        "        if False:\n",
        ("tests/contract/backend/test_bad_input.py",),
    ),
    Ablation(
        "guard auth",
        "backend/api/guard.py",
        'scope["signed"] = await (self._who_stops(bearer) if stops else self._who(bearer))',
        "pass",
        ("tests/contract/backend/test_bad_input.py",),
    ),
    Ablation(
        "publish order",
        "backend/storage/database.py",
        "        committed, then = unit.finish()\n        self._publish(committed)",
        "        committed, then = unit.finish()",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "door scope",
        "backend/services/events.py",
        "        self.policy.check_item(person, action, order)\n",
        "",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "poke coalesce",
        "backend/services/stream.py",
        "steady() - reader.poked_at >= POKE_S and",
        "True and",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "standing counted",
        "backend/storage/migrations/versions/0004_standing.py",
        "UPDATE OF name, role, regions, departments, active ON person",
        "UPDATE OF name ON person",
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "gate relaunched",
        "backend/services/gates/watch.py",
        "        left = await self._off(self._book.recover)\n",
        RELAUNCH,
        (f"{GATES}::test_a_restart_sends_nothing_and_settles_what_was_left",),
    ),
    Ablation(
        "gate same person",
        "backend/services/gates/desk.py",
        "if person.person_id == command.requested_by.person_id:",
        "if False:",
        (f"{GATES}::test_wrong_consents_are_refused_and_nothing_moves",),
    ),
    Ablation(
        "gate used code",
        "backend/services/auth.py",
        "if step <= account.totp_step:",
        "if False:",
        (f"{GATES}::test_a_code_works_once",),
    ),
    Ablation(
        "gate code asked",
        "backend/services/gates/desk.py",
        "        self.codes.verify_totp(unit, person.person_id, body.totp)\n",
        "",
        (f"{GATES}::test_a_code_works_once",),
    ),
    Ablation(
        "gate refusal kept",
        "backend/services/gates/desk.py",
        "            self._note_refused(person, command_id, no.problem.code)\n            raise",
        "            raise no",
        (f"{GATES}::test_wrong_consents_are_refused_and_nothing_moves",),
    ),
    Ablation(
        "gate key per person",
        "backend/services/gates/desk.py",
        "own = (asked.person_id, key)",
        'own = ("", key)',
        (f"{GATES}::test_another_persons_key_in_flight_tells_nothing_of_their_command",),
    ),
    Ablation(
        "gate unmoved",
        "backend/services/gates/desk.py",
        "        answers.unmoved(gate, wish.body, wish.etag)\n",
        "",
        (f"{GATES}::test_every_wrong_request_is_refused_and_changes_nothing",),
    ),
    Ablation(
        "gate expiry before operate",
        "backend/services/gates/line.py",
        "elif command.status is S.SELECTED and self._live.clock.now() >= command.expires_at:",
        "elif False:",
        (f"{GATES}::test_expiry_is_asked_again_right_before_operate",),
    ),
    Ablation(
        "gate beat by own fence",
        "backend/services/gates/watch.py",
        "heartbeat(dict(self._leases))",
        "heartbeat(dict.fromkeys(self._leases, max(self._leases.values())))",
        (f"{GATES}::test_a_service_that_lost_a_device_to_another_lets_it_fall_silent",),
    ),
    Ablation(
        "device fence select",
        "backend/simulator/plant/device.py",
        "    def _select_refusal(self, order: Order) -> str | None:\n"
        "        if order.fence < self.fence:\n",
        "    def _select_refusal(self, order: Order) -> str | None:\n        if False:\n",
        (f"{DEVICE}::test_an_old_fence_and_an_old_sequence_are_refused",),
    ),
    Ablation(
        "device fence operate",
        "backend/simulator/plant/device.py",
        "    def _operate_refusal(self, order: Order) -> str | None:\n"
        "        if order.fence < self.fence:\n",
        "    def _operate_refusal(self, order: Order) -> str | None:\n        if False:\n",
        (f"{GATES}::test_a_service_that_sends_again_meets_a_device_that_does_not",),
    ),
    Ablation(
        "device fence beat",
        "backend/simulator/plant/device.py",
        "if fence != self.fence or",
        "if",
        ("tests/unit/backend/simulator/plant/test_plant.py",),
    ),
    Ablation(
        "drawing of another region",
        "backend/services/drawings.py",
        "        if scope is not None:\n",
        "        if False:\n",
        ("tests/contract/backend/test_drawings.py",),
    ),
    Ablation(
        "drawing ends",
        "backend/services/drawings.py",
        "if _ends_at(fields) <= now",
        "if False",
        ("tests/contract/backend/test_drawings.py",),
    ),
    Ablation(
        "server stop from memory",
        "backend/api/guard.py",
        "except (TimeoutError, SQLAlchemyError):",
        "except ZeroDivisionError:",
        (f"{SERVER}::test_stop_reaches_the_device_while_the_database_is_down",),
    ),
    Ablation(
        "server stop in the books later",
        "backend/services/gates/control.py",
        "            await self._notes.settle()",
        "            pass",
        (f"{SERVER}::test_stop_reaches_the_device_while_the_database_is_down",),
    ),
    Ablation(
        "server commit in doubt",
        "backend/storage/database.py",
        "            self._owed = (mark, unit)",
        "            self._owed = None",
        (f"{STORAGE}/test_postgres.py",),
    ),
    Ablation(
        "wide door bounded",
        "backend/api/guard.py",
        "    if _COLUMNS.match(path):\n        return MOST_BYTES",
        "    if _COLUMNS.match(path):\n        return 10 * MOST_BYTES",
        (ROWS,),
    ),
    Ablation(
        "wide door type",
        "backend/api/guard.py",
        "_check_type(headers, _ARROW if columns else _JSON)",
        "_check_type(headers, _JSON) if not columns else None",
        (ROWS,),
    ),
    Ablation(
        "wide door old scope",
        "backend/services/features.py",
        "            out = told_rows.barred(memory, merged.known.oid, may)\n",
        "",
        (ROWS,),
    ),
    Ablation(
        "wide door same again",
        "backend/services/rows.py",
        "        return ~self.late & (self.unknown | _differs(self.columns, self.known))",
        "        return ~self.late",
        (ROWS,),
    ),
    Ablation(
        "wide door late",
        "backend/services/rows.py",
        "        return ~self.late & (self.unknown",
        "        return (self.unknown",
        (ROWS,),
    ),
    Ablation(
        "outline kept",
        "backend/storage/outlines.py",
        "                elif is_new:\n",
        "                elif False:\n",
        (f"{STORAGE}/test_columns.py",),
    ),
    Ablation(
        "moving gone from sight",
        "backend/services/positions.py",
        "            self._gone.extend(_Gone(self._seq + 1, layer, one) for one in left)\n",
        "",
        ("tests/contract/backend/test_positions.py",),
    ),
    Ablation(
        "state dead-band",
        "backend/domain/states.py",
        "(held & (beyond > -rule.dead_band))",
        "(held & (beyond > 0))",
        ("tests/unit/backend/domain/test_states.py",),
    ),
    Ablation(
        "state must last",
        "backend/services/judging.py",
        "            elif at_ms - since_ms < delay_ms:\n",
        "            elif False:\n",
        ("tests/unit/backend/services/test_judging.py",),
    ),
    Ablation(
        "lasso touches lines",
        "backend/services/ground.py",
        "np.union1d(points, outlines) if len(outlines) else points",
        "points",
        ("tests/contract/backend/test_resources.py",),
    ),
    Ablation(
        "server one service",
        "backend/storage/postgres.py",
        "    if alone:",
        "    if False:",
        (f"{STORAGE}/test_postgres.py",),
    ),
    Ablation(
        "server one writer",
        "backend/storage/postgres.py",
        "SELECT pg_advisory_xact_lock(",
        "SELECT pg_advisory_xact_lock_shared(",
        (f"{STORAGE}/test_unit.py",),
    ),
    Ablation(
        "server snapshot",
        "backend/storage/postgres.py",
        'isolation_level="REPEATABLE READ"',
        'isolation_level="READ COMMITTED"',
        (f"{STORAGE}/test_unit.py",),
    ),
    Ablation(
        "feed dead alarm",
        "backend/services/feeds.py",
        "            raise_alarm(unit, rules.alarm_of(feed))",
        "            pass",
        (f"{FEEDS}::test_silence_is_late_then_dead_with_one_alarm_that_returns",),
    ),
    Ablation(
        "feed voice in scope",
        "backend/services/feeds.py",
        " and self._brings(person, pulse.feed)",
        "",
        (f"{FEEDS}::test_a_batch_cannot_lend_its_voice_to_a_feed_outside_its_senders_scope",),
    ),
    Ablation(
        "feed register scope",
        "backend/services/feeds.py",
        "if not self._policy.permits(person, ACTION, feed.region, feed.department):",
        "if False:",
        (f"{FEEDS}::test_a_list_outside_the_scope_registers_nothing",),
    ),
    Ablation(
        "feed unit",
        "backend/domain/units.py",
        "    return math.pow(10.0, power) if share >= SAME_SHARE else None",
        "    return None",
        (f"{FEEDS}::test_readings_in_another_unit_are_refused_until_they_are_right_again",),
    ),
    Ablation(
        "feed trusted once",
        "backend/services/feeds.py",
        "                pulse.is_trusted = False",
        "                pass",
        (f"{FEEDS}::test_readings_in_another_unit_are_refused_until_they_are_right_again",),
    ),
    Ablation(
        "feed restart",
        "backend/services/pulse.py",
        "heard_s=now_s if alive else None",
        "heard_s=now_s - 1e9 if alive else None",
        (f"{FEEDS}::test_a_restart_keeps_the_counts_and_midnight_of_the_city_ends_them",),
    ),
    Ablation(
        "feed midnight",
        "backend/services/pulse.py",
        "self.day, self.counts = day, dict.fromkeys(_COUNTS, 0)",
        "self.day = day",
        (f"{FEEDS}::test_a_restart_keeps_the_counts_and_midnight_of_the_city_ends_them",),
    ),
    Ablation(
        "feed writes rest",
        "backend/services/pulse.py",
        "urgent or now_s - self.written_s >= rest_s",
        "True",
        (f"{FEEDS}::test_counts_are_written_once_a_period_and_at_once_when_the_state_changes",),
    ),
    Ablation(
        "search scope",
        "backend/services/search.py",
        "if fit is not None and self._sees(person, one):",
        "if fit is not None:",
        (f"{SEARCH}::test_what_has_left_a_readers_scope_is_not_found_before_it_is_indexed",),
    ),
    Ablation(
        "search after a crash",
        "backend/services/indexing.py",
        "if marks.get(name) != one",
        "if False",
        (f"{SEARCH}::test_what_was_owed_at_a_crash_is_found_after_the_next_start",),
    ),
    Ablation(
        "search gone",
        "backend/services/indexing.py",
        "things: dict[int, str | None] = dict.fromkeys(oids)",
        "things: dict[int, str | None] = {}",
        (f"{SEARCH}::test_what_is_renamed_or_gone_is_found_no_more_by_its_old_words",),
    ),
    Ablation(
        "log locked",
        "backend/storage/migrations/versions/0007_shifts.py",
        '("shift_line_locked", "INSERT ON shift_line", "a locked page never grows", _CLOSED),',
        "",
        (LOG_LINES,),
    ),
    Ablation(
        "log chain",
        "backend/storage/shifts.py",
        "if row.previous != head or chain(head, row.body) != row.hash:",
        "if False:",
        (LOG_LINES,),
    ),
    Ablation(
        "log cut off",
        "backend/storage/shifts.py",
        "if count != page.lines:",
        "if False:",
        (LOG_LINES,),
    ),
    Ablation(
        "log in the unit",
        "backend/storage/database.py",
        "                    unit.wind_up()\n",
        "",
        (LOG_LINES, LOG),
    ),
    Ablation(
        "log scope",
        "backend/services/shifts.py",
        "        if not self.policy.sees_item(person, page):\n            raise",
        "        if False:\n            raise",
        (LOG,),
    ),
    Ablation(
        "handover to oneself",
        "backend/services/shifts.py",
        "if gives.person_id == takes.person_id:",
        "if False:",
        (LOG,),
    ),
    Ablation(
        "handover role",
        "backend/services/shifts.py",
        'if not self.policy.permits(takes, "shift.handover"',
        'if False and not self.policy.permits(takes, "shift.handover"',
        (LOG,),
    ),
    Ablation(
        "handover code",
        "backend/services/shifts.py",
        '            self.auth.verify_totp(unit, taker.person_id, body.incoming.totp or "")\n',
        "",
        (LOG,),
    ),
    Ablation(
        "claim at the door",
        "backend/services/events.py",
        "        must_be_free(unit, person, item_id)\n",
        "",
        (CLAIMS,),
    ),
    Ablation(
        "claim ends",
        "backend/domain/claims.py",
        "claim.until_at > at and ",
        "",
        (CLAIMS,),
    ),
    Ablation(
        "undo in time",
        "backend/domain/events.py",
        "if at > taken.until_at:",
        "if False:",
        (CLAIMS,),
    ),
    Ablation(
        "undo one's own",
        "backend/domain/events.py",
        "if taken is None or taken.by.person_id != by.person_id:",
        "if taken is None:",
        ("tests/unit/backend/domain/test_events.py",),
    ),
    Ablation(
        "undo of a signed order",
        "backend/domain/events.py",
        "    if signed:\n",
        "    if False:\n",
        ("tests/unit/backend/domain/test_events.py",),
    ),
)


def main(words: list[str]) -> int:
    """Run every ablation whose rule holds the word, or all; 1 when one went unnoticed."""
    wanted = [row for row in ABLATIONS if not words or words[0] in row.rule]
    missed = []
    with tempfile.TemporaryDirectory(prefix="ablate-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, copy / name)
        for row in wanted:
            said = _try(copy, row)
            print(f"{said:<10}{row.rule}", flush=True)
            if said != "noticed":
                missed.append(row.rule)
    print(f"{len(wanted) - len(missed)} of {len(wanted)} noticed")
    return 1 if missed else 0


def _try(copy: Path, row: Ablation) -> str:
    path = copy / row.file
    whole = path.read_text(encoding="utf-8")
    if row.words not in whole:
        return "outdated"
    path.write_text(whole.replace(row.words, row.instead, 1), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *row.tests]
    try:
        status = subprocess.run(command, cwd=copy, capture_output=True, timeout=LIMIT_S).returncode
    finally:
        path.write_text(whole, encoding="utf-8")
    return "noticed" if status == 1 else "missed" if status == 0 else f"pytest {status}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
