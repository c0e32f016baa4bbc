"""A boto3 client whose answers are prepared, and the client of the service that calls it on the test's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.exceptions import ClientError
from pulumi_sagemaker_geospatial._geospatial.client import GeospatialClient
from pulumi_sagemaker_geospatial._runtime.aws_session import AwsSession
from pulumi_sagemaker_geospatial._runtime.context import OperationContext

from tests.support.calls import InlineCallRunner
from tests.support.clocks import FakeClock


def refusal(code: str, message: str = "the message", status: int = 400) -> ClientError:
    """Return the error that boto3 raises where the service refuses a call."""
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Operation")


class ScriptedService:
    """A boto3 client that gives its answers one after the other, to whatever is called.

    An answer is a response, an error that the call raises, or a function that returns one of them.

    Attributes:
        calls: the operations that were called, with their parameters.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self.calls.append((operation, parameters))
            answer = self.answers.pop(0)
            if callable(answer):
                answer = answer()
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class ScriptedSession:
    """A session with one client. ``asked``: the services, regions and contexts that a client was asked for."""

    def __init__(self, service: ScriptedService) -> None:
        self._service = service
        self.asked: list[tuple[str, str, OperationContext]] = []

    def client(self, service: str, region: str, ctx: OperationContext) -> ScriptedService:
        self.asked.append((service, region, ctx))
        return self._service


class RecordingLimiter:
    """A rate limiter that lets every call through, ``delay`` seconds later, and keeps what it was asked."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock, self.delay = clock, 0.0
        self.asked: list[tuple[OperationContext, str, str]] = []

    def acquire(self, ctx: OperationContext, doing: str, operation: str) -> None:
        self.asked.append((ctx, doing, operation))
        self._clock.advance(self.delay)

    def record_throttling(self, operation: str) -> None:
        raise AssertionError("the session sees throttled attempts, and nobody else")


@dataclass
class ScriptedCalls:
    """The client of the service whose calls a script answers, and one operation that makes them."""

    service: ScriptedService
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.session, self.limiter = ScriptedSession(self.service), RecordingLimiter(self.clock)
        self.client = GeospatialClient(cast(AwsSession, self.session), InlineCallRunner(), self.limiter)
        self.rows: list[str] = []
        self.ctx = OperationContext(clock=self.clock, deadline=3600, log_progress=self.rows.append)

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        return self.service.calls


def scripted_calls(*answers: Any) -> ScriptedCalls:
    """Return a client whose calls get these answers, one after the other."""
    return ScriptedCalls(ScriptedService(*answers))
