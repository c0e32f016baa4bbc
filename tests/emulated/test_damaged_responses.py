"""Responses that are damaged on their way, of any kind: each ends in an ExportError with a sentence, or in a success.

No other exception, and no endless wait: the simulated clock would end a wait without a deadline with an AssertionError.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial import ExportError
from pulumi_sagemaker_geospatial._export.delete import delete_exported_objects
from pulumi_sagemaker_geospatial._export.spec import ExportSpec

from tests.support.aws_names import ROLE, job_arn
from tests.support.calls import InlineCallRunner
from tests.support.emulated_account import JOB, export_request
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.simulated_clock import SimulatedClock

START, GET, LIST = "ExportEarthObservationJob", "GetEarthObservationJob", "s3:ListObjectsV2"
LIST_VERSIONS, DELETE = "s3:ListObjectVersions", "s3:DeleteObjects"
TIMEOUT = 600.0

STARTED = {
    "Arn": job_arn(JOB),
    "CreationTime": "2026-01-01T00:00:00Z",
    "ExecutionRoleArn": ROLE,
    "ExportStatus": "IN_PROGRESS",
    "OutputConfig": {"S3Data": {"S3Uri": "s3://exports/lake/"}},
}
DESCRIBED = {
    "Arn": job_arn(JOB),
    "CreationTime": "2026-01-01T00:00:00Z",
    "DurationInSeconds": 60,
    "ExportErrorDetails": {"ExportResults": {"Type": "CLIENT_ERROR", "Message": "no disk"}},
    "ExportStatus": "FAILED",
    "InputConfig": {},
    "JobConfig": {},
    "Name": "lake",
    "Status": "COMPLETED",
}
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
CONTENTS = (
    "<ListBucketResult><Name>exports</Name><Contents><Key>lake/lake00000000/output/x.tif</Key>"
    "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag><Size>1</Size></Contents>"
    "</ListBucketResult>"
)
JUNK: list[Any] = [None, 0, -1, 1.5, True, "", "x", [], {}, [1], {"S3Data": None}, "yesterday", "9999999999999999999"]


@st.composite
def json_bodies(draw: st.DrawFn, valid: dict[str, Any]) -> str:
    """A valid response without some of its fields, and with junk for others, perhaps cut off."""
    body = dict(valid)
    for name in draw(st.lists(st.sampled_from(sorted(valid)), unique=True, max_size=3)):
        if draw(st.booleans()):
            del body[name]
        else:
            body[name] = draw(st.sampled_from(JUNK))
    text = json.dumps(body)
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@st.composite
def xml_bodies(draw: st.DrawFn) -> str:
    """A listing without some of its parts, or with junk in them, perhaps cut off."""
    text = CONTENTS
    for part in ("Key", "LastModified", "ETag", "Size", "Contents"):
        if draw(st.booleans()):
            begin, end = text.find(f"<{part}>"), text.find(f"</{part}>")
            junk = draw(st.sampled_from(["", "junk", "-1"]))
            text = text if begin < 0 else text[:begin] + junk + text[end + len(part) + 3 :]
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


ANYTHING = st.one_of(st.sampled_from(["", HTML, "null", "[]", '"text"', "{}", "{", "\0"]), st.text(max_size=40))
TYPES = st.sampled_from([None, "application/json", "text/html", "application/xml", "text/plain"])
STATUSES = st.sampled_from([200, 200, 200, 204, 302, 400, 403, 404, 500, 502, 503])
BODIES = {
    START: st.one_of(json_bodies(STARTED), ANYTHING),
    GET: st.one_of(json_bodies(DESCRIBED), ANYTHING),
    LIST: st.one_of(xml_bodies(), ANYTHING),
    LIST_VERSIONS: st.one_of(xml_bodies(), ANYTHING),
    DELETE: st.one_of(xml_bodies(), ANYTHING),
}


@dataclass(frozen=True)
class Damage:
    """What is answered instead, and how often; -1: always."""

    operation: str
    status: int
    body: str
    content_type: str | None
    after: bool
    times: int


def damages(*operations: str) -> st.SearchStrategy[Damage]:
    """Damage of one of these operations' responses."""
    times = st.sampled_from([1, 2, -1])
    kinds = [
        st.builds(Damage, st.just(operation), STATUSES, BODIES[operation], TYPES, st.booleans(), times)
        for operation in operations
    ]
    return st.one_of(kinds)


@pytest.fixture
def exports(clock: SimulatedClock) -> LifecycleHarness:
    """Exports that are polled rarely: what a poll makes of a response does not depend on how many follow."""
    return LifecycleHarness(clock=clock, runner=InlineCallRunner(), min_poll_interval=30.0)


MANY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
numbers = itertools.count()


def begin_example(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    """Make the account as it was: no fault, no export running."""
    exports.control.clear_faults()
    clock.advance(1000)
    exports.control.configure(export_seconds=0)
    geospatial.add_job(JOB)
    exports.clear_logs()


def add_damage(exports: LifecycleHarness, damage: Damage) -> None:
    exports.control.add_fault(
        operation=damage.operation,
        kind="respond",
        status=damage.status,
        body=damage.body,
        content_type=damage.content_type,
        after=damage.after,
        times=damage.times,
    )


def assert_is_sentence(error: ExportError) -> None:
    message = str(error)
    assert job_arn(JOB) in message
    assert message.endswith(f". [{error.error_id.value}]")
    assert "\n" not in message
    assert "Traceback" not in message
    assert len(message) < 2000


@MANY
@given(damage=damages(START, GET, LIST))
def test_a_creation_ends_in_a_success_or_in_a_sentence(
    exports: LifecycleHarness, clock: SimulatedClock, damage: Damage
) -> None:
    begin_example(exports, clock)
    add_damage(exports, damage)
    began, started = clock.now(), exports.started()
    try:
        state = exports.create(ExportSpec(export_request(), triggers=next(numbers)), timeout=TIMEOUT)
    except ExportError as error:
        assert_is_sentence(error)
    else:
        assert state.status == "SUCCEEDED"
    assert clock.now() - began <= TIMEOUT + 1
    assert exports.started() <= started + 1


@MANY
@given(damage=damages(LIST_VERSIONS, DELETE))
def test_a_deletion_ends_in_a_sentence(exports: LifecycleHarness, clock: SimulatedClock, damage: Damage) -> None:
    begin_example(exports, clock)
    state = exports.create(ExportSpec(export_request(), triggers=next(numbers)))
    add_damage(exports, damage)
    try:
        assert delete_exported_objects(exports.store, state, exports.context(TIMEOUT))
    except ExportError as error:
        assert_is_sentence(error)


@pytest.mark.parametrize(
    "body",
    [
        "",
        HTML,
        "null",
        "[]",
        "{}",
        '{"Status": 5}',
        '{"Arn": "x", "CreationTime": "soon"}',
        '{"Arn": "x", "CreationTime": "9999999999999999999"}',
        pytest.param("[" * 100_000, id="nested"),
    ],
)
@pytest.mark.parametrize("operation", [START, GET])
def test_a_response_that_the_api_does_not_describe_is_named_so(
    exports: LifecycleHarness, operation: str, body: str
) -> None:
    exports.control.add_fault(operation=operation, kind="respond", body=body, times=-1)
    with pytest.raises(ExportError, match="the response is not one that the service's API describes") as caught:
        exports.create(timeout=TIMEOUT)
    assert_is_sentence(caught.value)
