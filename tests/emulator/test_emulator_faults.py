"""Faults in process: failed exports, dropped connections, calls that hang, raw responses, and faults of S3 and STS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws

from tests.emulator.emulator_harness import PATIENCE, TOKEN, Account, wait_until


class BackgroundCall(threading.Thread):
    """A call on a thread of its own, and the exception that it ends with."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.call = call
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.call()
        except Exception as exc:  # noqa: BLE001  # whatever it is: the test looks at it
            self.error = exc

    def assert_connection_closed(self) -> None:
        self.join(PATIENCE)
        assert isinstance(self.error, ConnectionClosedError)


@pytest.fixture
def no_retries(account: Account) -> Account:
    """The account through clients that make no retries."""
    return Account(retries=False)


def test_a_fault_makes_one_export_fail(account: Account) -> None:
    arn = geospatial.add_job()
    geospatial.get_control().add_fault(
        operation="ExportEarthObservationJob", kind="fail_export", message="out of disk", type="SERVER_ERROR"
    )
    account.export(arn)
    results = account.get(arn)["ExportErrorDetails"]["ExportResults"]
    assert results == {"Type": "SERVER_ERROR", "Message": "out of disk"}
    assert account.list_keys() == []
    account.export(arn)
    assert account.export_status(arn) == "SUCCEEDED"


@pytest.mark.parametrize(("objects", "written"), [(0, 0), (2, 2), (99, 3)])
def test_a_failed_export_leaves_some_objects(account: Account, objects: int, written: int) -> None:
    arn = geospatial.add_job("abcdefghijkl", objects=3)
    geospatial.get_control().add_fault(
        operation="ExportEarthObservationJob", kind="fail_export", objects=objects, arn=arn
    )
    account.export(arn)
    assert account.list_keys() == [
        f"prefix/abcdefghijkl/output/consolidated/tile_{number:05}.tif" for number in range(written)
    ]
    assert account.export_status(arn) == "FAILED"


def test_a_dropped_connection_is_an_error_of_botocore(no_retries: Account) -> None:
    arn = geospatial.add_job()
    geospatial.get_control().add_fault(operation="*", kind="drop_before")
    with pytest.raises(ConnectionClosedError):
        no_retries.get(arn)
    no_retries.get(arn)


def test_a_call_hangs_until_the_faults_are_cleared(no_retries: Account) -> None:
    arn = geospatial.add_job()
    control = geospatial.get_control()
    control.add_fault(operation="GetEarthObservationJob", kind="hang")
    call = BackgroundCall(lambda: no_retries.get(arn))
    wait_until(lambda: control.counts["GetEarthObservationJob"] == 1)
    assert no_retries.get(arn)["Arn"] == arn  # the fault was for one call
    assert call.is_alive()
    control.clear_faults()
    call.assert_connection_closed()
    assert [entry["status"] for entry in control.calls] == [0, 200]


def test_a_call_hangs_until_the_end_of_mock_aws() -> None:
    with mock_aws():
        account = Account(retries=False)
        account.seed_account()
        arn = geospatial.add_job()
        control = geospatial.get_control()
        control.add_fault(operation="*", kind="hang")
        call = BackgroundCall(lambda: account.get(arn))
        wait_until(lambda: control.counts["GetEarthObservationJob"] == 1)
    call.assert_connection_closed()


def test_a_call_hangs_until_its_seconds_are_over(no_retries: Account) -> None:
    geospatial.get_control().add_fault(operation="*", kind="hang", seconds=0.05)
    call = BackgroundCall(lambda: no_retries.get(geospatial.add_job()))
    call.assert_connection_closed()


@pytest.mark.parametrize(("after", "exports"), [(False, 0), (True, 1)])
def test_a_call_that_hangs_is_carried_out_on_request(no_retries: Account, after: bool, exports: int) -> None:
    arn = geospatial.add_job()
    control = geospatial.get_control()
    control.add_fault(operation="ExportEarthObservationJob", kind="hang", seconds=0, after=after)
    with pytest.raises(ConnectionClosedError):
        no_retries.export(arn, TOKEN)
    assert sum(control.exports.values()) == exports


def test_a_raw_response_replaces_the_operation(no_retries: Account) -> None:
    arn = geospatial.add_job()
    control = geospatial.get_control()
    control.add_fault(operation="*", kind="respond", body=f'{{"Arn": "{arn}"}}')
    response = no_retries.export(arn)
    assert (response["Arn"], "ExportStatus" in response) == (arn, False)
    assert control.exports == {}


def test_a_raw_response_can_come_after_the_operation(no_retries: Account) -> None:
    arn = geospatial.add_job()
    control = geospatial.get_control()
    control.add_fault(operation="*", kind="respond", status=500, after=True)
    no_retries.catch_error(no_retries.export, arn)
    assert control.exports == {arn: 1}


@pytest.mark.parametrize(
    "response",
    [
        {"body": "<html>Sign in</html>", "content_type": "text/html"},
        {"body": '{"Arn": "cut in the mid'},
        {"body": "{}"},
    ],
)
def test_a_raw_response_can_lack_every_field(no_retries: Account, response: dict[str, Any]) -> None:
    geospatial.get_control().add_fault(operation="*", kind="respond", **response)
    found = no_retries.get(geospatial.add_job())
    assert "Arn" not in found
    content_type = found["ResponseMetadata"]["HTTPHeaders"]["content-type"]
    assert content_type == response.get("content_type", "application/json")


def test_a_raw_response_can_have_an_invalid_date(no_retries: Account) -> None:
    geospatial.get_control().add_fault(operation="*", kind="respond", body='{"CreationTime": "yesterday"}')
    with pytest.raises(ValueError, match="Invalid timestamp"):
        no_retries.get(geospatial.add_job())


def test_a_raw_response_can_be_an_error_that_the_service_does_not_have(no_retries: Account) -> None:
    geospatial.get_control().add_fault(
        operation="*",
        kind="respond",
        status=429,
        body='{"Message": "slow down"}',
        headers={"x-amzn-ErrorType": "TooManyRequestsException"},
    )
    error = no_retries.catch_error(no_retries.get, geospatial.add_job())
    assert error == ("TooManyRequestsException", "slow down")


def test_s3_calls_have_faults_in_process(no_retries: Account) -> None:
    control = geospatial.get_control()
    control.forget_calls()
    control.add_fault(operation="s3:ListObjectsV2", kind="access_denied")
    no_retries.s3.head_bucket(Bucket="results")
    assert no_retries.catch_error(no_retries.list_keys)[0] == "AccessDenied"
    control.add_fault(operation="s3", kind="not_found")
    assert no_retries.catch_error(no_retries.s3.head_bucket, Bucket="results")[0] == "404"
    control.add_fault(operation="s3:ListObjectsV2", kind="respond", body="<ListBucketResult><Contents><Key>a</K")
    assert no_retries.catch_error(no_retries.list_keys)[0] == "500"  # botocore's code for XML that is not well-formed
    control.add_fault(operation="s3:PutObject", kind="drop_after")
    with pytest.raises(ConnectionClosedError):
        no_retries.s3.put_object(Bucket="results", Key="a", Body=b"x")
    assert no_retries.list_keys() == ["a"]
    assert control.counts == {"s3:ListObjectsV2": 3, "s3:HeadBucket": 2, "s3:PutObject": 1}


def test_an_s3_call_hangs_in_process(no_retries: Account) -> None:
    control = geospatial.get_control()
    control.add_fault(operation="s3:ListObjectsV2", kind="hang")
    call = BackgroundCall(no_retries.list_keys)
    wait_until(lambda: control.counts["s3:ListObjectsV2"] == 1)
    no_retries.s3.head_bucket(Bucket="results")
    assert call.is_alive()
    control.clear_faults()
    call.assert_connection_closed()


def test_sts_calls_have_faults_in_process(no_retries: Account) -> None:
    control = geospatial.get_control()
    control.add_fault(operation="sts:AssumeRole", kind="access_denied", message="not you")
    role = {"RoleArn": no_retries.role, "RoleSessionName": "session"}
    assert no_retries.catch_error(no_retries.sts.assume_role, **role) == ("AccessDenied", "not you")
    control.add_fault(operation="sts", kind="internal")
    assert no_retries.catch_error(no_retries.sts.get_caller_identity)[0] == "InternalFailure"
    assert no_retries.sts.get_caller_identity()["Account"] == "123456789012"
    assert control.counts["sts:GetCallerIdentity"] == 2


@pytest.mark.parametrize("operation", ["*", "s3:ListObjectsV2", "sts"])
def test_a_fault_does_not_apply_to_another_service(no_retries: Account, operation: str) -> None:
    control = geospatial.get_control()
    control.add_fault(operation=operation, kind="drop_before")
    calls = {
        "*": lambda: no_retries.get(geospatial.add_job()),
        "s3:ListObjectsV2": no_retries.list_keys,
        "sts": no_retries.sts.get_caller_identity,
    }
    for name, call in calls.items():
        if name != operation:
            call()
    with pytest.raises(ConnectionClosedError):
        calls[operation]()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "x"}, "kind 'x' is none of throttle"),
        ({"kind": "fail_export", "type": "x"}, "type 'x' is none of CLIENT_ERROR"),
        ({"kind": "fail_export", "objects": -1}, "objects -1"),
        ({"kind": "hang", "seconds": "long"}, "seconds 'long'"),
        ({"kind": "respond", "status": 99}, "status 99"),
        ({"kind": "respond", "body": {}}, "body {}"),
        ({"kind": "respond", "headers": {"a": 1}}, "headers"),
        ({"kind": "respond", "after": 1}, "after 1"),
        ({"kind": "respond", "content_type": 1}, "content_type 1"),
        ({"kind": "throttle", "probability": 1.5}, "probability 1.5"),
        ({"kind": "throttle", "seed": "x"}, "seed 'x'"),
        ({"kind": "throttle", "times": "often"}, "times 'often'"),
        ({"kind": "throttle", "colour": 1}, "a fault has no field colour: it has after, arn, "),
    ],
)
def test_an_invalid_fault_is_refused(account: Account, fault: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        geospatial.get_control().add_fault(operation="*", **fault)


def test_an_invalid_setting_is_refused(account: Account) -> None:
    control = geospatial.get_control()
    with pytest.raises(ValueError, match="no setting 'colour'"):
        control.configure(colour=1)
    with pytest.raises(ValueError, match="tokens 'x' is none of replay, forget"):
        control.configure(tokens="x")
