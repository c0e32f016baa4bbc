"""What the stack's config and the environment decide on a runtime: its clients, pace and adoption, and which share it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from pulumi_sagemaker_geospatial._export.runtime import Runtime, build_runtime, runtime_key
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial._runtime.aws_config import OTHER_KEYS, SUPPORTED_KEYS, UNSUPPORTED_KEYS
from pulumi_sagemaker_geospatial._runtime.clock import Clock, MonotonicClock
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.settings import SETTINGS
from pulumi_sagemaker_geospatial.errors import ExportError

from tests.support.aws_names import ACCOUNT, REGION, ROLE
from tests.support.calls import InlineCallRunner
from tests.support.clocks import FakeClock
from tests.support.declarations import export_request
from tests.support.recorded_exports import START

REQUEST = export_request()
RATE, INTERVAL = "sagemakergeospatial:maxCallsPerSecond", "sagemakergeospatial:pollInterval"
KEYS = {"aws:accessKey": "access", "aws:secretKey": "secret"}
ADOPT = "PULUMI_GEOSPATIAL_ADOPT"


@dataclass
class FakeAws:
    """boto3's session and its clients. The first token that is sent has an export that has SUCCEEDED.

    Attributes:
        sessions: the credentials of each session.
        clients: service, region and URL of each client.
        described: when a job was described, by the clock, and on which thread.
        attempts: how often botocore sends each call that describes a job.
    """

    clock: Clock = field(default_factory=FakeClock)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    clients: list[tuple[str, str, str | None]] = field(default_factory=list)
    described: list[tuple[float, threading.Thread]] = field(default_factory=list)
    attempts: int = 1
    tokens: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def session(self, **credentials: Any) -> Any:
        self.sessions.append({name: value for name, value in credentials.items() if value is not None})
        return SimpleNamespace(client=self.client)

    def client(self, service: str, region_name: str, endpoint_url: str | None, config: Any) -> Any:
        self.clients.append((service, region_name, endpoint_url))
        events = SimpleNamespace(register=self.register)
        return SimpleNamespace(
            meta=SimpleNamespace(events=events),
            get_earth_observation_job=self.describe,
            export_earth_observation_job=self.start,
            list_earth_observation_jobs=lambda **parameters: {"EarthObservationJobSummaries": []},
            get_caller_identity=lambda: {"Account": ACCOUNT},
            head_bucket=lambda Bucket: {"ResponseMetadata": {"HTTPHeaders": {"x-amz-bucket-region": REGION}}},
        )

    def register(self, event: str, handler: Callable[..., None], unique_id: str = "") -> None:
        if event == "before-sign":
            self.before_sign = handler

    def describe(self, **parameters: Any) -> dict[str, Any]:
        self.described.append((self.clock.now(), threading.current_thread()))
        for _ in range(self.attempts):
            self.before_sign(event_name="before-sign.sagemaker-geospatial.GetEarthObservationJob")
        return {"Status": "COMPLETED"}

    def start(self, **parameters: Any) -> dict[str, Any]:
        self.tokens.append(parameters["ClientToken"])
        status = "SUCCEEDED" if len(self.tokens) == 1 else "IN_PROGRESS"
        return {**parameters, "CreationTime": START, "ExportStatus": status}

    def runtime(self, **options: Any) -> Runtime:
        """Return a runtime with this config; a key's colon is spelled as two underscores."""
        config = KEYS | {name.replace("__", ":"): value for name, value in options.items()}
        return build_runtime(config.get, self.clock, self.warnings.append, InlineCallRunner())

    def times(self, count: int, runtime: Runtime) -> list[float]:
        """Return the seconds between the calls that describe a job this often."""
        for _ in range(count):
            runtime.client.describe(REQUEST, self.context(), "describing")
        at = [second for second, _ in self.described]
        return [after - before for before, after in itertools.pairwise(at)]

    def context(self) -> OperationContext:
        return OperationContext(clock=self.clock)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    fake = FakeAws()
    monkeypatch.setattr(boto3, "Session", fake.session)
    monkeypatch.delenv(ADOPT, raising=False)
    return fake


def test_the_clients_of_a_runtime_share_one_session_of_the_stacks_config(aws: FakeAws) -> None:
    runtime = aws.runtime(aws__endpoints=[{"s3": "http://s3"}])
    assert runtime.lifecycle.check_destination(ExportSpec(REQUEST), aws.context()) is True
    runtime.client.describe(REQUEST, aws.context(), "describing")
    assert runtime.store.find_bucket(REQUEST.destination, aws.context(), "looking") is not None
    assert runtime.jobs.account(REGION, aws.context()) == ACCOUNT
    assert runtime.jobs.list(EARTH_OBSERVATION, REGION, aws.context()) == []
    assert aws.sessions == [{"aws_access_key_id": "access", "aws_secret_access_key": "secret"}]
    services = {"s3": "http://s3", "sagemaker-geospatial": None, "sts": None}
    assert aws.clients == [(name, REGION, url) for name, url in services.items()]


def test_config_that_is_not_supported_is_a_warning(aws: FakeAws) -> None:
    aws.runtime(aws__httpProxy="http://proxy")
    assert aws.warnings == [
        "ignoring unsupported config aws:httpProxy; use the standard AWS settings of the environment instead"
    ]


def test_a_configured_pace_is_kept_from_the_first_call_to_the_last(aws: FakeAws) -> None:
    between = aws.times(60, aws.runtime(sagemakergeospatial__maxCallsPerSecond="2"))
    assert between == pytest.approx([0.55] * 59)


def test_what_botocore_sends_again_keeps_to_the_pace_too(aws: FakeAws) -> None:
    aws.attempts = 3
    between = aws.times(10, aws.runtime(sagemakergeospatial__maxCallsPerSecond="2"))
    assert between == pytest.approx([3 * 0.55] * 9)


def test_without_a_configured_pace_calls_begin_with_ten_a_second_and_reach_a_hundred(aws: FakeAws) -> None:
    between = aws.times(400, aws.runtime())
    assert between[0] == pytest.approx(0.11)
    assert between[-1] == pytest.approx(0.011)


@pytest.mark.parametrize(("options", "interval"), [({}, 2.0), ({"sagemakergeospatial__pollInterval": "7"}, 7.0)])
def test_a_job_is_polled_at_the_configured_interval(aws: FakeAws, options: dict[str, str], interval: float) -> None:
    runtime = aws.runtime(**options)
    runtime.client.poll_until(REQUEST, lambda job: True, aws.context(), "waiting for")
    [(second, _)] = aws.described
    assert interval <= second <= 1.1 * interval


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (RATE, "0", "a number of at least 0.01"),
        (INTERVAL, "often", "a number of seconds above 0 and at most 300"),
    ],
)
def test_a_setting_that_is_no_number_within_its_bounds_is_an_error(
    aws: FakeAws, key: str, value: str, expected: str
) -> None:
    with pytest.raises(ExportError) as raised:
        aws.runtime(**{key: value})
    assert str(raised.value) == f"the stack's config {key} must be {expected}, not {value!r} [SGE105]"
    assert aws.sessions == []


@pytest.mark.parametrize(
    ("value", "adopts"), [(None, True), ("", True), ("true", True), ("false", False), ("FALSE", False)]
)
def test_an_earlier_export_is_adopted_unless_the_environment_says_otherwise(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch, value: str | None, adopts: bool
) -> None:
    if value is not None:
        monkeypatch.setenv(ADOPT, value)
    spec = ExportSpec(REQUEST, wait_for_completion=False, verify_objects=False)
    created = aws.runtime().lifecycle.create(spec, CreatePlan(), aws.context())
    assert (created.state.status, created.state.attempt) == (("SUCCEEDED", 0) if adopts else ("IN_PROGRESS", 1))
    assert len(aws.tokens) == (1 if adopts else 2)
    assert created.state.request.execution_role_arn == ROLE


def test_calls_are_made_on_threads_of_their_own_so_that_one_that_hangs_can_be_left(aws: FakeAws) -> None:
    aws.clock = MonotonicClock()
    runtime = build_runtime(KEYS.get, aws.clock, aws.warnings.append)
    runtime.client.describe(REQUEST, aws.context(), "describing")
    [(_, thread)] = aws.described
    assert thread is not threading.current_thread()
    assert thread.daemon


# Which resources share a runtime


def key_of(config: dict[str, Any]) -> tuple[str, ...]:
    get: Callable[[str], Any] = config.get
    return runtime_key(get)


DECIDING_KEYS = [*(f"aws:{key}" for key in (*SUPPORTED_KEYS, *UNSUPPORTED_KEYS)), *(each.key for each in SETTINGS)]


@pytest.mark.parametrize("key", DECIDING_KEYS)
def test_runtimes_are_told_apart_by_each_key_that_decides_on_credentials_endpoints_or_pace(key: str) -> None:
    keys = {key_of({}), key_of({key: "one"}), key_of({key: "other"}), key_of({key: "None"}), key_of({key: 1})}
    assert len(keys) == 5
    assert key_of({key: ["one"]}) == key_of({key: ["one"]})


def test_a_value_under_one_key_is_not_the_same_value_under_another() -> None:
    assert len({key_of({key: "one"}) for key in DECIDING_KEYS}) == len(DECIDING_KEYS)


@pytest.mark.parametrize("key", [*(f"aws:{key}" for key in OTHER_KEYS), "maps:season"])
def test_other_config_does_not_make_another_runtime(key: str) -> None:
    assert key_of({**KEYS, key: "one"}) == key_of(KEYS)
