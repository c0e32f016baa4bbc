"""The exports of one process: the stack's config made into an account, a pace, a poller and the rooms that use them.

Everything that imports boto3 is imported here, and this is imported by the first call that goes to AWS.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from . import upkeep
from .account import Account
from .errors import CallFailed
from .exports import Exports, Outcome, Wanted
from .host import Call, Host
from .limits import MAX_CALLS_PER_SECOND, POLL_INTERVAL, Clock, Pace, Poller, RealClock, positive
from .service import PASSING, PATIENCE, Answer, Job, Service
from .starting import World

#: Seconds that a create or an update may take, where `custom_timeouts` says nothing.
TIMEOUT = 3600.0


class Process:
    """One identity's exports in one process."""

    def __init__(self, get: Callable[[str], Any], host: Host, clock: Clock | None = None) -> None:
        self._host = host
        self.upkeep = upkeep
        self._clock = clock or RealClock()
        rate, interval = positive(get, MAX_CALLS_PER_SECOND), positive(get, POLL_INTERVAL)
        account = Account(get, lambda sentence: host.say_once("warning", sentence))
        self.service = Service(account, Pace(rate, self._clock, host.stopped))
        poller: Poller[Job] = Poller(self._look, interval, self._clock, host.stopped)
        host.on_stop(poller.release)
        self.exports = Exports(
            self.service, poller, adopts=os.environ.get("PULUMI_GEOSPATIAL_ADOPT", "").lower() != "false"
        )

    def world(self, call: Call) -> World:
        """What a call needs of the world: its deadline, and its resource's row."""
        return World(
            clock=self._clock,
            stopped=self._host.stopped,
            deadline=self._clock.now() + (call.timeout or TIMEOUT),
            report=lambda text: self._host.log("info", text, call.urn, ephemeral=True),
            inform=lambda text: self._host.log("info", text, call.urn),
            warn=self.warn,
        )

    def warn(self, sentence: str) -> None:
        """Warn once."""
        self._host.say_once("warning", sentence)

    def look_again(self, arn: str, outputs: dict[str, Any], call: Call) -> upkeep.Found | None:
        """Compare what a state describes with what is there; see `upkeep.look_again`."""
        world, was = self.world(call), upkeep.as_recorded(outputs, arn)
        now = datetime.now(timezone.utc)
        return upkeep.look_again(self.service, lambda request: self.exports.look(request, world), was, now, self.warn)

    def join(self, wanted: Wanted, arn: str, outputs: dict[str, Any], call: Call) -> Outcome:
        """Wait for the end of an export that a state describes as IN_PROGRESS."""
        was = upkeep.as_recorded(outputs)
        answer = Answer(arn, was.created, "IN_PROGRESS", old=datetime.now(timezone.utc) - was.created > PATIENCE)
        return self.exports.join(wanted, answer, int(outputs.get("__attempt") or 0), self.world(call))

    def _look(self, arn: str) -> Job | None:
        try:
            return self.service.look(arn)
        except CallFailed as exc:
            if exc.code in PASSING:
                return None
            raise
