"""What users see at two in the morning: each mistake has its identifier, and starts no export."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from moto.s3.models import s3_backends
from pulumi_sagemaker_geospatial import ErrorId, ExportError, JobNotFoundError
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._geospatial.request import SECRET_INPUTS

from tests.support.aws_names import ACCOUNT, ROLE, job_arn
from tests.support.calls import InlineCallRunner
from tests.support.emulated_account import KEYS, export_request
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.simulated_clock import SimulatedClock

START = "ExportEarthObservationJob"
OTHER_ACCOUNT = "210987654321"


def bucket(name: str) -> dict[str, Any]:
    return {"output_config": {"s3_data": {"s3_uri": f"s3://{name}/lake/"}}}


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and what the error says; ``seconds``: how long it may be waited for."""

    expected: ErrorId
    says: str
    request: dict[str, Any] = field(default_factory=dict)
    fault: dict[str, Any] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)
    seconds: float = 5.0


EXPIRED = {
    "kind": "respond",
    "status": 403,
    "body": json.dumps({"__type": "ExpiredTokenException", "message": "The security token included is expired"}),
}
MISTAKES = {
    "PassRole missing": Mistake(
        ErrorId.CALLER_NOT_ALLOWED,
        "iam:PassRole",
        fault={"kind": "access_denied", "message": f"User: me is not authorized to perform: iam:PassRole on {ROLE}"},
    ),
    "a role that does not exist": Mistake(
        ErrorId.ROLE_NOT_USABLE, "Could not assume role", {"execution_role_arn": f"{ROLE}-wrong"}, seconds=160
    ),
    "a role of another account": Mistake(
        ErrorId.ROLE_OF_ANOTHER_ACCOUNT,
        "job's own account",
        {"execution_role_arn": ROLE.replace(ACCOUNT, OTHER_ACCOUNT)},
    ),
    "a bucket in another region": Mistake(ErrorId.BUCKET_IN_ANOTHER_REGION, "is in eu-west-1", bucket("far-away")),
    "a bucket that does not exist": Mistake(
        ErrorId.BUCKET_NOT_FOUND, "does not exist. No export to it was started", bucket("nowhere")
    ),
    "an expired sign-in": Mistake(ErrorId.SIGN_IN, "aws sso login", fault=EXPIRED),
    "credentials of another account": Mistake(
        ErrorId.WRONG_ACCOUNT, "No call was made", config={"aws:allowedAccountIds": f'["{OTHER_ACCOUNT}"]'}
    ),
    "a job that does not exist": Mistake(ErrorId.JOB_NOT_FOUND, "property arn", {"arn": job_arn("nojob0000000")}),
    "a job of another account": Mistake(
        ErrorId.JOB_NOT_FOUND,
        f"It is of account {OTHER_ACCOUNT}, and execution_role_arn of account {ACCOUNT}.",
        {"arn": job_arn("nojob0000000").replace(ACCOUNT, OTHER_ACCOUNT), SECRET_INPUTS: []},
    ),
    "a quota that stays exceeded": Mistake(
        ErrorId.WAIT_TIMED_OUT, f"[{ErrorId.QUOTA_EXCEEDED.value}]", fault={"kind": "quota"}, seconds=310
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_has_its_identifier_and_starts_no_export(clock: SimulatedClock, name: str) -> None:
    mistake = MISTAKES[name]
    s3_backends[ACCOUNT]["aws"].create_bucket("far-away", "eu-west-1")
    exports = LifecycleHarness(config=KEYS | mistake.config, clock=clock, runner=InlineCallRunner())
    if mistake.fault:
        exports.control.add_fault(operation=START, times=-1, **mistake.fault)
    began = clock.now()
    with pytest.raises(ExportError) as caught:
        exports.create(ExportSpec(export_request(**mistake.request)), timeout=300)
    assert caught.value.error_id is mistake.expected
    assert mistake.says in str(caught.value)
    assert str(caught.value).endswith(f"[{mistake.expected.value}]")
    assert clock.now() - began <= mistake.seconds
    assert sum(exports.control.exports.values()) == 0


def test_a_role_that_is_refused_is_waited_for_once_and_its_reason_is_told_at_once(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    spec = ExportSpec(export_request(execution_role_arn=f"{ROLE}-wrong"))
    began = clock.now()
    for _ in range(5):
        with pytest.raises(ExportError, match="Could not assume role"):
            exports.create(spec)
    assert clock.now() - began < 160
    told = [each for each in exports.infos if "execution_role_arn is refused" in each]
    assert set(told) == {told[0]}
    assert "Could not assume role" in told[0]


def test_the_row_shows_within_five_seconds_that_a_role_is_refused(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    shown: list[tuple[float, str]] = []
    began = clock.now()
    ctx = replace(exports.context(), log_progress=lambda text: shown.append((clock.now() - began, text)))
    spec = ExportSpec(export_request(execution_role_arn=f"{ROLE}-wrong"))
    with pytest.raises(ExportError, match="Could not assume role"):
        exports.lifecycle.create(spec, CreatePlan(), ctx)
    seconds = min(seconds for seconds, text in shown if "role" in text)
    assert seconds <= 5


def test_a_bucket_is_looked_up_once_a_process(exports: LifecycleHarness) -> None:
    s3, lookups = exports.boto3_client("s3"), []
    s3.meta.events.register("before-call.s3.HeadBucket", lambda **event: lookups.append(event["event_name"]))
    exports.create()
    exports.create(ExportSpec(export_request(triggers="again")))
    assert len(lookups) == 1


@pytest.mark.parametrize("fault", [{"kind": "access_denied"}, {"kind": "drop_before"}, {"kind": "internal"}], ids=str)
def test_a_bucket_that_cannot_be_looked_up_is_no_mistake(exports: LifecycleHarness, fault: dict[str, Any]) -> None:
    exports.control.add_fault(operation="s3:HeadBucket", times=-1, **fault)
    assert exports.create().status == "SUCCEEDED"
    assert exports.warnings == []


def test_that_a_destination_may_not_be_listed_is_told_before_an_export_is_started(exports: LifecycleHarness) -> None:
    for operation in ("s3:HeadBucket", "s3:ListObjectsV2"):
        exports.control.add_fault(operation=operation, kind="access_denied", times=-1)
    with pytest.raises(JobNotFoundError):
        exports.create(ExportSpec(export_request(arn=job_arn("nojob0000000"))))
    [warning] = exports.warnings
    assert warning.startswith("cannot list the destination of an export (AccessDenied); using the job's status only.")
    exports.create()
    assert set(exports.warnings) == {warning}  # `log_warning_once` of the harness does not count
