"""moto's ManagedState with an injected clock; its timed transitions are dated when they were due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moto.moto_api import state_manager
from moto.moto_api._internal.managed_state_model import ManagedState

from .control import control


class TimedState(ManagedState):
    """A status that changes by moto's transitions: immediate, manual, time."""

    def __init__(self, model_name: str, transitions: list[tuple[str | None, str]], status: str, entered_at: datetime):
        super().__init__(model_name, transitions)
        self._status = status
        self.entered_at = entered_at  # when it entered this status

    @property  # type: ignore[misc]  # moto's can be assigned
    def status(self) -> str:
        """The status now, after the transitions that are due."""
        self.apply_due_transitions()
        return self.last_status

    def apply_due_transitions(self) -> None:
        """Enter the statuses that are due, each at the time when it was due."""
        transition = self.transition()
        while (following := self._get_next_status(self._status)) != self._status and following is not None:
            due_at = self._due_at(transition)
            if due_at is None or self.is_pinned(transition):
                break
            self.enter(following, due_at)
            if transition["progression"] == "manual":
                break

    @property
    def last_status(self) -> str:
        """The status that was entered last; looking at it applies no transition."""
        return str(self._status)

    def _due_at(self, transition: dict[str, Any]) -> datetime | None:
        """When the next transition was due, or None while it is not."""
        if transition["progression"] == "immediate":
            return self.entered_at
        if transition["progression"] == "manual":
            return control.clock() if self._tick >= transition["times"] else None
        due_at = self.entered_at + timedelta(seconds=transition["seconds"])
        return due_at if control.clock() >= due_at else None

    def enter(self, status: str, at: datetime) -> None:
        """Enter a status at a time."""
        self._status = status
        self.entered_at = at
        self._tick = 0

    def transition(self) -> dict[str, Any]:
        """moto's configuration of the transition."""
        return dict(state_manager.get_transition(self.model_name))

    def is_pinned(self, transition: dict[str, Any]) -> bool:
        """Whether the status stays as it is, though a transition is due."""
        return False
