"""What the shell is told besides the stores: the centre's name, who is here, is it a demo."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.i18n import Words
from app.reach import Reach
from app.settings import Settings
from backend_client.contract.auth import Role
from backend_client.contract.base import EVERY_DEPARTMENT, Text
from backend_client.contract.service import Health
from maps.spec import load_all

ROLES: dict[Role, Text] = {
    Role.OPERATOR: Text("操作员", "operator"),
    Role.DISPATCHER: Text("调度员", "dispatcher"),
    Role.DUTY_LEADER: Text("值班领导", "duty leader"),
    Role.LEADER: Text("领导", "leader"),
    Role.MAINTAINER: Text("运维", "maintainer"),
    Role.AUDITOR: Text("审计员", "auditor"),
    Role.FEED: Text("数据源", "feed"),
}


class ConsoleFacts(QObject):
    """Tell the shell what the console knows of itself."""

    def __init__(
        self, reach: Reach, settings: Settings, words: Words, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._reach, self._settings, self._words = reach, settings, words
        self._specs = {spec.layer_id: spec for spec in load_all()}
        self._simulated = True
        reach.session.signed_in.connect(self._on_signed_in)

    @property
    def centre(self) -> Text:
        """Give the centre's name."""
        return Text(self._settings.text("centre_zh"), self._settings.text("centre_en"))

    @property
    def simulated(self) -> bool:
        """Tell whether the data come out of a simulator; assumed until the service says no."""
        return self._simulated

    @property
    def who(self) -> str:
        """Name the person signed in, with the role."""
        person = self._reach.session.person
        if person is None:
            return ""
        return self._words.join(person.name, self._words.say(ROLES[person.role]))

    def sees(self, layer: str) -> bool:
        """Tell whether a layer is offered to the person's role and departments.

        The service decides what is sent; this only words and hides what would stay empty.
        """
        person, spec = self._reach.session.person, self._specs.get(layer)
        if person is None or spec is None:
            return True
        granted = {*person.departments} & {EVERY_DEPARTMENT, spec.department}
        return bool(granted) and spec.is_open_to(person.role)

    def retry_s(self) -> float | None:
        """Give the seconds to the next try to connect; None when nobody is signed in."""
        if self._reach.session.person is None:
            return None
        return self._reach.stores.retry_s()

    def _on_signed_in(self, _person: object) -> None:
        self._reach.tasks.run(self._reach.client.health, self._on_health, self._on_no_health)

    def _on_health(self, health: Health) -> None:
        self._simulated = health.simulated

    def _on_no_health(self, _error: Exception) -> None:
        """Keep the last answer: the link state says the rest."""
