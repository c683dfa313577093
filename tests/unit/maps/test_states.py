"""What the service judges, the layers' specs explain."""

from __future__ import annotations

from backend.services.judging import load_states
from maps.spec import load_layers


def test_every_level_the_service_may_give_is_explained_on_the_map() -> None:
    kinds = {(spec.layer_id, kind.kind): kind for spec in load_layers() for kind in spec.kinds}
    judged = [rule for rules in load_states().rules.values() for rule in rules.values()]
    assert len(judged) > 20
    for rule in judged:
        explained = set(kinds[rule.layer, rule.kind].states)
        assert {level.level for level in rule.levels} <= explained, (rule.layer, rule.kind)
