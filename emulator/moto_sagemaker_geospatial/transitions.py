"""moto's ManagedState on a clock that can be handed in, and whose timed steps happen when due, not when looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from moto.moto_api import state_manager
from moto.moto_api._internal.managed_state_model import ManagedState

from .control import control


class TimedState(ManagedState):
    """A status that moves by moto's transitions: immediate, manual, time."""

    def __init__(self, model_name: str, transitions: list[tuple[str | None, str]], status: str, since: datetime):
        super().__init__(model_name, transitions)
        self._status = status
        self.since = since  # when it came into this status

    def current(self) -> str:
        """The status now. A timed step is dated when it was due, however late the look."""
        config = state_manager.get_transition(self.model_name)
        progression = config["progression"]
        while (following := self._get_next_status(self._status)) != self._status and following is not None:
            if progression == "immediate":
                if not self.moves_immediately():
                    break
                at = self.since
            elif progression == "manual":
                if self._tick < config["times"]:
                    break
                self._tick = 0
                at = control.clock()
            else:
                at = self.since + timedelta(seconds=config["seconds"])
                if control.clock() < at:
                    break
            self.move(following, at)
            if progression == "manual":
                break
        return str(self._status)

    def move(self, status: str, at: datetime) -> None:
        """Enter a status at a time."""
        self._status = status
        self.since = at
        self._tick = 0

    def moves_immediately(self) -> bool:
        return True
