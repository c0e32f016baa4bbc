"""Signing in to AWS while STS has faults: those that may pass are tried again, for as long as they may last."""

from __future__ import annotations

import pytest
from moto.core import enable_iam_authentication
from pulumi_sagemaker_geospatial import ServiceCallError, WaitTimeoutError

from tests.support.calls import InlineCallRunner
from tests.support.emulated_account import KEYS, client
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.simulated_clock import SimulatedClock

SIGN_IN = "sts:GetCallerIdentity"
CONFIG = {
    "aws:accessKey": "test",
    "aws:secretKey": "test",
    "aws:maxRetries": "0",
    "aws:allowedAccountIds": '["123456789012"]',
}


@pytest.fixture
def signing_in(exports: LifecycleHarness, clock: SimulatedClock) -> LifecycleHarness:
    """Exports on the emulator, whose first call asks STS for the account."""
    return LifecycleHarness(config=CONFIG, clock=clock, runner=InlineCallRunner())


@pytest.mark.parametrize("kind", ["throttle", "internal", "drop_before", "drop_after"])
def test_a_fault_of_sts_that_passes_does_not_refuse_the_run(signing_in: LifecycleHarness, kind: str) -> None:
    signing_in.control.add_fault(operation=SIGN_IN, kind=kind, times=3)
    assert signing_in.create().status == "SUCCEEDED"


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop_before"}, {"kind": "respond", "body": "<html></html>", "content_type": "text/html"}],
    ids=["unreachable", "html"],
)
def test_an_sts_that_never_answers_as_such_is_an_error_after_a_minute(
    signing_in: LifecycleHarness, clock: SimulatedClock, fault: dict[str, str]
) -> None:
    signing_in.control.add_fault(operation=SIGN_IN, times=-1, **fault)
    began = clock.now()
    with pytest.raises(ServiceCallError, match="signing in to AWS failed"):
        signing_in.create()
    assert 60 <= clock.now() - began < 100
    assert signing_in.started() == 0


def test_an_unreachable_sts_is_told_with_its_own_settings(signing_in: LifecycleHarness) -> None:
    signing_in.control.add_fault(operation=SIGN_IN, kind="drop_before", times=-1)
    with pytest.raises(ServiceCallError) as caught:
        signing_in.create()
    assert str(caught.value).endswith("Check the network, aws:endpoints (sts) and AWS_ENDPOINT_URL_STS. [SGE203]")


def test_an_unreachable_sts_is_told_by_the_call_that_needs_a_roles_credentials(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    role = '{"roleArn": "arn:aws:iam::123456789012:role/deploy"}'
    config = {**KEYS, "aws:assumeRole": role}
    with_role = LifecycleHarness(config=config, clock=clock, runner=InlineCallRunner())
    with_role.control.add_fault(operation="sts:AssumeRole", kind="drop_before", times=-1)
    with pytest.raises(ServiceCallError) as caught:
        with_role.create()
    assert str(caught.value).startswith("starting the export of ")
    assert str(caught.value).endswith("Check the network, aws:endpoints (sts) and AWS_ENDPOINT_URL_STS. [SGE203]")


@pytest.mark.parametrize(
    ("is_known", "code"), [(True, "InvalidSignatureException"), (False, "UnrecognizedClientException")]
)
def test_wrong_keys_are_told_as_a_failed_sign_in(clock: SimulatedClock, is_known: bool, code: str) -> None:
    iam = client("iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]["AccessKeyId"] if is_known else "AKIAIOSFODNN7EXAMPLE"
    config = {**KEYS, "aws:accessKey": key, "aws:secretKey": "wrong"}
    with_wrong_keys = LifecycleHarness(config=config, clock=clock, runner=InlineCallRunner())
    with enable_iam_authentication(), pytest.raises(ServiceCallError) as caught:
        with_wrong_keys.create()
    assert f"was refused: {code}: The " in str(caught.value)
    assert str(caught.value).endswith("with SSO, run `aws sso login`. [SGE201]")


def test_an_sts_that_throttles_all_the_time_is_waited_for_until_the_deadline(signing_in: LifecycleHarness) -> None:
    signing_in.control.add_fault(operation=SIGN_IN, kind="throttle", times=-1)
    with pytest.raises(WaitTimeoutError, match="signing in to AWS: timed out"):
        signing_in.create(timeout=300)


def test_a_refusal_of_sts_is_final(signing_in: LifecycleHarness, clock: SimulatedClock) -> None:
    signing_in.control.add_fault(operation=SIGN_IN, kind="access_denied", times=-1)
    began = clock.now()
    with pytest.raises(ServiceCallError, match="signing in to AWS failed"):
        signing_in.create()
    assert clock.now() - began < 1
