"""Faults over HTTP: errors, dropped connections, latency, calls that hang and raw responses."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from tests.emulator.emulator_harness import (
    DEMO_ARN,
    DEMO_BUCKET,
    DEMO_EXPORT,
    DEMO_JOB_PATH,
    Server,
    receive_all,
)

LISTING = f"/{DEMO_BUCKET}?list-type=2"


@pytest.fixture
def hang_calls() -> Iterator[Callable[..., list[socket.socket]]]:
    """Send requests that the server receives and does not answer."""
    with contextlib.ExitStack() as connections:

        def hang(server: Server, path: str, operation: str, count: int = 1) -> list[socket.socket]:
            server.add_fault(operation, "hang", times=count)
            hung = [connections.enter_context(server.connect("GET", path)) for _ in range(count)]
            server.wait_for_calls(operation, count)
            return hung

        yield hang


def test_a_dropped_connection_closes_without_a_byte(server: Server) -> None:
    server.add_fault("GetEarthObservationJob", "drop_before", arn=DEMO_ARN)
    with server.connect("GET", DEMO_JOB_PATH) as connection:
        assert receive_all(connection) == b""
    assert server.http("GET", DEMO_JOB_PATH)[0] == 200
    assert [call["status"] for call in server.control("GET", "calls")["calls"]] == [0, 200]


def test_a_call_can_be_carried_out_before_its_connection_is_dropped(server: Server) -> None:
    server.add_fault("*", "drop_after")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        server.http("POST", "/export-earth-observation-job", DEMO_EXPORT)
    assert server.http("GET", DEMO_JOB_PATH)[2]["ExportStatus"] == "SUCCEEDED"


def test_a_call_with_latency_is_answered_later(server: Server) -> None:
    server.add_fault("*", "latency", seconds=0.3)
    sent_at = time.monotonic()
    assert server.http("GET", DEMO_JOB_PATH)[0] == 200
    assert time.monotonic() - sent_at >= 0.3


def test_a_fault_applies_as_often_as_requested(server: Server) -> None:
    server.control("POST", "faults", [{"operation": "*", "kind": "throttle", "times": 2}])
    assert [server.http("GET", DEMO_JOB_PATH)[0] for _ in range(3)] == [429, 429, 200]
    server.control("POST", "faults", [{"operation": "*", "kind": "throttle", "times": -1}])
    assert [server.http("GET", DEMO_JOB_PATH)[0] for _ in range(3)] == [429, 429, 429]
    server.control("DELETE", "faults")
    assert server.http("GET", DEMO_JOB_PATH)[0] == 200


def test_more_calls_can_hang_than_the_server_has_threads(
    server: Server, hang_calls: Callable[..., list[socket.socket]]
) -> None:
    hung = hang_calls(server, DEMO_JOB_PATH, "GetEarthObservationJob", count=100)
    assert server.http("GET", DEMO_JOB_PATH)[0] == 200
    server.account().s3.head_bucket(Bucket=DEMO_BUCKET)
    server.control("DELETE", "faults")
    assert [receive_all(connection) for connection in hung] == [b""] * 100
    assert [call["status"] for call in server.control("GET", "calls")["calls"]] == [*[0] * 100, 200]


def test_a_call_that_hangs_ends_at_a_reset(server: Server, hang_calls: Callable[..., list[socket.socket]]) -> None:
    hung = hang_calls(server, DEMO_JOB_PATH, "GetEarthObservationJob")
    server.control("POST", "reset")
    assert receive_all(hung[0]) == b""


def test_a_call_that_hangs_ends_after_its_seconds(server: Server) -> None:
    server.add_fault("*", "hang", seconds=0.1)
    with server.connect("GET", DEMO_JOB_PATH) as connection:
        assert receive_all(connection) == b""


def test_an_s3_call_can_hang(server: Server, hang_calls: Callable[..., list[socket.socket]]) -> None:
    hung = hang_calls(server, LISTING, "s3:ListObjectsV2")
    server.account().s3.head_bucket(Bucket=DEMO_BUCKET)
    server.control("DELETE", "faults")
    assert receive_all(hung[0]) == b""


def test_an_sts_call_can_hang(server: Server) -> None:
    server.add_fault("sts:GetCallerIdentity", "hang")
    with pytest.raises(ReadTimeoutError):
        server.account(retries=False, timeout=0.2).sts.get_caller_identity()
    server.wait_for_calls("sts:GetCallerIdentity")


def test_a_call_that_hangs_can_be_carried_out(server: Server) -> None:
    server.add_fault("ExportEarthObservationJob", "hang", after=True, seconds=0)
    with pytest.raises(ConnectionClosedError):
        server.account(retries=False).export(DEMO_ARN)
    assert server.control("GET", "calls")["exports"] == {DEMO_ARN: 1}


@pytest.mark.parametrize("kind", ["hang", "latency"])
def test_sigterm_ends_the_server_quietly_while_calls_wait(start_server: Callable[..., Server], kind: str) -> None:
    server = start_server()
    server.add_fault("*", kind, seconds=600)
    with server.connect("GET", DEMO_JOB_PATH):
        server.wait_for_calls("GetEarthObservationJob")
        assert server.stop() == (0, "")


def test_a_raw_response_is_sent_as_it_is(server: Server) -> None:
    server.add_fault("*", "respond", status=218, body="<html>é", content_type="text/html", headers={"X-Proxy": "a"})
    with server.connect("GET", DEMO_JOB_PATH) as connection:
        head, _, body = receive_all(connection).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 218 Unknown"
    assert {b"Content-Type: text/html", b"X-Proxy: a", b"Content-Length: 8"} <= set(lines)
    assert body == "<html>é".encode()


def test_a_raw_response_can_be_empty(server: Server) -> None:
    server.add_fault("*", "respond")
    with server.connect("GET", DEMO_JOB_PATH) as connection:
        head, _, body = receive_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"Content-Type: application/json" in head
    assert body == b""


def test_a_raw_response_of_s3_can_be_cut_in_the_middle(server: Server) -> None:
    account = server.account(retries=False)
    server.add_fault("s3:ListObjectsV2", "respond", body="<ListBucketResult><Contents><Key>a</K")
    assert account.catch_error(account.list_keys)[0] == "500"  # botocore's code for XML that is not well-formed
    server.add_fault("s3:PutObject", "respond", status=503, after=True)
    account.catch_error(account.s3.put_object, Bucket=DEMO_BUCKET, Key="raw/a", Body=b"x")
    assert account.list_keys("raw/") == ["raw/a"]


@pytest.mark.parametrize("fault", [{"kind": "access_denied"}, {"kind": "respond", "status": 403, "body": "<Error/>"}])
def test_a_faulty_response_to_head_has_no_body(server: Server, fault: dict[str, Any]) -> None:
    server.add_fault("s3:HeadBucket", **fault)
    with server.connect("HEAD", f"/{DEMO_BUCKET}") as connection:
        head, _, body = receive_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403")
    assert body == b""


def test_s3_calls_have_faults(server: Server) -> None:
    account = server.account()
    server.add_fault("s3:ListObjectsV2", "access_denied", times=-1)
    code, _ = account.catch_error(account.s3.list_objects_v2, Bucket=DEMO_BUCKET)
    assert code == "AccessDenied"
    account.s3.head_bucket(Bucket=DEMO_BUCKET)
    server.control("DELETE", "faults")
    server.add_fault("s3", "throttle")
    account.s3.list_objects_v2(Bucket=DEMO_BUCKET)  # botocore retries
    counts = server.control("GET", "calls")["counts"]
    assert counts["s3:ListObjectsV2"] == 3
    assert counts["s3:HeadBucket"] == 1


def test_sts_calls_have_faults(server: Server) -> None:
    account = server.account(retries=False)
    role = {"RoleArn": account.role, "RoleSessionName": "session"}
    server.add_fault("sts:AssumeRole", "access_denied", message="not you & me")
    assert account.sts.get_caller_identity()["Account"] == "123456789012"
    assert account.catch_error(account.sts.assume_role, **role) == ("AccessDenied", "not you & me")
    assert "Credentials" in account.sts.assume_role(**role)
    server.add_fault("sts", "drop_before")
    with pytest.raises(ConnectionClosedError):
        account.sts.get_caller_identity()
    assert server.control("GET", "calls")["counts"] == {"sts:GetCallerIdentity": 2, "sts:AssumeRole": 2}


def test_a_failed_export_leaves_some_objects(server: Server) -> None:
    account = server.account()
    server.add_fault("ExportEarthObservationJob", "fail_export", objects=2, message="out of disk")
    account.export(DEMO_ARN, uri=f"s3://{DEMO_BUCKET}/partial")
    assert account.export_status(DEMO_ARN) == "FAILED"
    assert len(account.list_keys("partial/")) == 2
