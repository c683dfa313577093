"""Rules of reports and events to be taken out, from the door to the rates and the move."""

from __future__ import annotations

from ablation import Ablation

CASES = "tests/contract/backend/test_casework_edges.py"
FAULTS = "tests/contract/backend/test_intake_faults.py"
LEARNED = "tests/contract/backend/test_learned_deeds.py"
MATCHING = "tests/contract/backend/test_matching_city.py"
RATES = "tests/contract/backend/test_rates.py"
REQUESTS = "tests/contract/backend/test_requests.py"
SIMILAR = "tests/contract/backend/test_similar.py"
CHANNELS = "tests/unit/backend_client/channels/test_adapt.py"
MOVING = "tests/unit/backend/storage/test_moving.py"

EVENTS = (
    Ablation(
        "a unit's own clock",
        "resources/policy/policy.cedar",
        'unless { principal.departments.contains("*") };',
        "unless { true };",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "intake: listed once",
        "backend/api/events.py",
        "        if repair is None and no.problem.status == 422:",
        "        if no.problem.status == 422:",
        (f"{FAULTS}::test_a_person_mends_an_item_and_hands_it_in_again",),
    ),
    Ablation(
        "intake: the reporter veiled",
        "backend/services/repairs.py",
        "raw=veil(text).encode()",
        "raw=text.encode()",
        (f"{FAULTS}::test_a_bad_report_is_refused_alone_and_listed",),
    ),
    Ablation(
        "intake: photos of one's own events",
        "backend/services/attachments.py",
        "            event is not None and works_on(view, self._policy, person, event)",
        "            event is not None",
        (f"{FAULTS}::test_a_unit_sees_the_photos_of_its_own_events_only",),
    ),
    Ablation(
        "channel: its datum",
        "backend_client/channels/adapt.py",
        "places.to_wgs84(self.spec.datum)",
        'places.to_wgs84("wgs84")',
        (CHANNELS,),
    ),
    Ablation(
        "channel: a swapped pair in its datum",
        "backend_client/channels/adapt.py",
        "turn = -1 if abs(read[0, 1]) > 90 else 1",
        "turn = 1",
        (CHANNELS,),
    ),
    Ablation(
        "case: a graver report hastens",
        "backend/domain/order_paths.py",
        "    return orders.due(order, due_at, deadlines)\n",
        "    return order\n",
        (f"{CASES}::test_a_graver_report_brings_the_deadline_forward_and_a_lesser_one_does_not",),
    ),
    Ablation(
        "case: helpers get their orders back",
        "backend/domain/order_paths.py",
        '    return order.model_copy(update={"state": order.was, "was": None})',
        "    return order",
        (CASES,),
    ),
    Ablation(
        "case: who was not reached is called again",
        "backend/domain/event_paths.py",
        "next_at = {Satisfaction.UNREACHED: again_at, Satisfaction.UNSATISFIED: at}",
        "next_at = {}",
        (CASES,),
    ),
    Ablation(
        "match: two bounds",
        "backend/analytics/text/matcher.py",
        "if score >= max(self.policy.auto, self.judge.sure):",
        "if score >= self.policy.auto:",
        ("tests/unit/backend/analytics/text/test_matcher.py",),
    ),
    Ablation(
        "match: binds while one is open",
        "backend/services/matches.py",
        "is_needed = any(one is not None and one.is_open for one in events)",
        "is_needed = False",
        (LEARNED,),
    ),
    Ablation(
        "match: stays a lesson",
        "backend/services/matches.py",
        "                lessons.keep(unit.connection, MERGE.name, lesson)",
        "                pass",
        (LEARNED,),
    ),
    Ablation(
        "match: a lost feed begins anew",
        "backend/services/matching.py",
        "                self._lose(view.n())\n",
        "                self._at = view.n()\n",
        (f"{MATCHING}::test_a_feed_that_lost_its_place_is_begun_anew_and_leaves_nothing_out",),
    ),
    Ablation(
        "rate: a closing taken back was none",
        "backend/services/trail.py",
        "            self._step[before] = -1",
        "            pass",
        (f"{RATES}::test_a_closing_taken_back_was_none_and_a_call_is_no_closing",),
    ),
    Ablation(
        "rate: no answer is wiped out",
        "backend/services/rates.py",
        "calls = facts.course().of(Step.CALL_BACK).since(facts.since_s)",
        "calls = facts.course().of(Step.CALL_BACK).since(facts.since_s).last()",
        (f"{RATES}::test_redoing_is_counted_and_wipes_no_answer_out",),
    ),
    Ablation(
        "hot spot: by county",
        "backend/services/requests.py",
        'np.array([region[:_COUNTY] for region in sheet.regions] or [""])',
        'np.array(["" for region in sheet.regions] or [""])',
        (f"{REQUESTS}::test_a_hot_spot_is_seen_by_its_own_county_only",),
    ),
    Ablation(
        "hot spot: of one class",
        "backend/services/requests.py",
        'said = placed & ~np.isin(sheet["matter"], unsaid) &',
        "said = placed &",
        (f"{REQUESTS}::test_a_planted_cluster_is_a_hot_spot_and_noise_is_none",),
    ),
    Ablation(
        "similar: of what is in sight",
        "backend/services/similar.py",
        "            if not self.policy.sees_item(person, event):\n                raise",
        "            if False:\n                raise",
        (f"{SIMILAR}::test_a_county_sees_its_own_cases_only_and_another_none_at_all",),
    ),
    Ablation(
        "similar: finished ones only",
        "backend/services/similar.py",
        " or event.state not in FINISHED or not event.answer:\n                continue",
        ":\n                continue",
        (f"{SIMILAR}::test_an_open_or_reopened_case_is_no_hint",),
    ),
    Ablation(
        "move: into an empty database",
        "backend/storage/moving.py",
        "            _refuse_filled(site.name, target)\n",
        "",
        (f"{MOVING}::test_a_target_with_anything_in_it_is_refused",),
    ),
    Ablation(
        "move: what arrived is compared",
        "backend/storage/moving.py",
        "    if left.said() != arrived.said():",
        "    if False:",
        (f"{MOVING}::test_a_value_that_arrives_otherwise_takes_all_back",),
    ),
    Ablation(
        "move: a broken chain stays here",
        "backend/storage/moving.py",
        "    if before.fault:",
        "    if False:",
        (f"{MOVING}::test_a_broken_audit_chain_is_not_carried_over",),
    ),
)
