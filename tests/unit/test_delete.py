"""What a deletion of an export's objects asks S3 for, and what it tells: one sentence for each outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pulumi_sagemaker_geospatial._export.delete import delete_exported_objects
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3 import Deletion
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object
from pulumi_sagemaker_geospatial.errors import ServiceCallError

from tests.support.clocks import FakeClock
from tests.support.recorded_exports import at, foreign_objects, overwritten, recorded, written_objects
from tests.support.scripted_s3 import ScriptedS3, s3_error

OBJECTS = written_objects(3)
STATE = recorded("SUCCEEDED", OBJECTS)
ARN = STATE.request.arn
DOING = f"deleting the objects of the export of {ARN}"
DELETED = "deleted the 3 objects that this export wrote"
KEPT = "objects kept: "
ALLOW = "Allow s3:DeleteObject and s3:DeleteObjectVersion on it and run it again, or set delete_objects=False."


def store_with(objects: Sequence[S3Object], *deletions: Any) -> ScriptedS3:
    """Return S3 with these objects at the destination; the calls that delete are answered one after the other."""
    store = ScriptedS3()
    store.answers["list_current_versions"] = [list(objects)]
    store.answers["delete_versions"] = list(deletions) or [Deletion()]
    return store


def delete(store: ScriptedS3, state: ExportState = STATE, clock: FakeClock | None = None) -> str:
    return delete_exported_objects(store, state, OperationContext(clock=clock or FakeClock()))


def error_of(store: ScriptedS3, state: ExportState = STATE, clock: FakeClock | None = None) -> ServiceCallError:
    """Return the error that a deletion ends with."""
    with pytest.raises(ServiceCallError) as raised:
        delete(store, state, clock)
    return raised.value


def failing(reason: str) -> Deletion:
    return Deletion(failed=[(OBJECTS[0].name, reason), (OBJECTS[1].name, "AccessDenied: no")])


def test_exactly_the_versions_that_the_export_wrote_are_deleted() -> None:
    store = store_with([*foreign_objects(1, -10, "tif"), *OBJECTS, *foreign_objects(2, 900)])
    assert delete(store) == DELETED
    assert store.calls == [
        ("list_current_versions", STATE.folder, DOING),
        ("delete_versions", STATE.folder, OBJECTS, DOING),
    ]


def test_a_single_object_is_one_object() -> None:
    objects = written_objects(1)
    assert delete(store_with(objects), recorded("SUCCEEDED", objects)) == "deleted the 1 object that this export wrote"


def test_what_is_left_of_an_export_is_deleted_and_counted() -> None:
    store = store_with(OBJECTS[1:])
    assert delete(store) == "deleted the 2 objects that this export wrote of 3; the others were gone"
    assert store.calls[-1] == ("delete_versions", STATE.folder, OBJECTS[1:], DOING)


@pytest.mark.parametrize(("count", "deleted", "kept"), [(1, "2 objects", "1 object"), (2, "1 object", "2 objects")])
def test_objects_that_were_overwritten_meanwhile_are_kept_and_counted(count: int, deleted: str, kept: str) -> None:
    names = [each.name for each in OBJECTS]
    assert delete(store_with(OBJECTS, Deletion(overwritten=names[:count]))) == (
        f"deleted the {deleted} that this export wrote; kept {kept} that somebody has overwritten meanwhile, first {names[0]}"
    )


def test_a_deletion_that_s3_could_not_make_conditional_says_what_to_allow() -> None:
    assert delete(store_with(OBJECTS, Deletion(unconditional=True))) == (
        f"{DELETED}; allow s3:GetObject on the destination, so that S3 keeps what somebody overwrites in the moment of the "
        "deletion"
    )


@pytest.mark.parametrize("versions", [("1", "2", "3"), ("null", None, "3")])
def test_in_a_bucket_with_versions_the_summary_says_that_what_was_replaced_is_current_again(versions: Any) -> None:
    objects = [replace(each, version=version) for each, version in zip(OBJECTS, versions, strict=True)]
    assert delete(store_with(objects)) == (
        f"{DELETED}; the bucket keeps versions: what these objects replaced is current again"
    )


def test_all_remarks_are_in_one_sentence() -> None:
    left = [replace(each, version="1") for each in OBJECTS[1:]]
    deletion = Deletion(overwritten=[left[0].name], unconditional=True)
    assert delete(store_with(left, deletion)) == (
        "deleted the 1 object that this export wrote of 3; the others were gone; "
        f"kept 1 object that somebody has overwritten meanwhile, first {left[0].name}; "
        "allow s3:GetObject on the destination, so that S3 keeps what somebody overwrites in the moment of the deletion; "
        "the bucket keeps versions: what these objects replaced is current again"
    )


@pytest.mark.parametrize(
    "state", [replace(STATE, manifest=None), replace(STATE, ownership_certain=False)], ids=["manifest", "ownership"]
)
def test_objects_that_are_not_certainly_the_exports_are_kept_without_a_call(state: ExportState) -> None:
    store = store_with(OBJECTS)
    assert delete(store, state) == f"{KEPT}it is not known which of them this export wrote"
    assert store.calls == []


@pytest.mark.parametrize(
    ("objects", "summary"),
    [
        ([*OBJECTS[:2], *overwritten(OBJECTS[2:], 900)], f"{KEPT}they are no longer those that this export wrote"),
        ([], "nothing to delete: this export's objects are gone"),
    ],
)
def test_overwritten_and_missing_objects_delete_nothing(objects: list[S3Object], summary: str) -> None:
    store = store_with(objects)
    assert delete(store) == summary
    assert store.count("delete_versions") == 0


@pytest.mark.parametrize(
    ("name", "is_late", "summary"),
    [
        ("elsewhere/a.tif", True, f"{KEPT}completion was not observed, ownership is uncertain"),
        ("elsewhere/a.tif", False, DELETED),
        ("output/a.tif", True, DELETED),
    ],
)
def test_of_an_end_that_was_not_observed_only_the_folder_of_results_is_certain(
    name: str, is_late: bool, summary: str
) -> None:
    objects = [*OBJECTS[:2], S3Object(name, 1, "etag", at(300))]
    state = recorded("SUCCEEDED", objects, observed_late=is_late)
    assert delete(store_with(objects), state) == summary


def test_a_bucket_that_is_gone_has_nothing_to_delete() -> None:
    gone = "nothing to delete: the bucket is gone"
    store = store_with(OBJECTS)
    store.answers["list_current_versions"] = [s3_error("NoSuchBucket", status=404)]
    assert delete(store) == gone
    assert delete(store_with(OBJECTS, s3_error("NoSuchBucket", status=404))) == gone


def test_a_refusal_says_what_to_allow_without_the_destination() -> None:
    store, refusal = store_with(OBJECTS), s3_error("AccessDenied", "not authorized on s3://exports/lake/.", 403)
    store.answers["list_current_versions"] = [refusal]
    error = error_of(store)
    message = "not authorized on [output_config.s3_data.s3_uri]"
    assert str(error) == (
        f"{DOING} was refused: AccessDenied: {message}. Allow s3:ListBucketVersions, s3:DeleteObject and "
        "s3:DeleteObjectVersion on the destination, or set delete_objects=False. [SGE406]"
    )
    assert (error.code, error.service_message) == ("AccessDenied", message)
    assert error.__cause__ is refusal
    assert store.count("list_current_versions") == 1


def test_an_s3_that_does_not_answer_is_an_error_that_says_to_run_it_again() -> None:
    unreachable = EndpointConnectionError(endpoint_url="https://s3/exports/lake/")
    error = error_of(store_with(OBJECTS, unreachable))
    message = 'Could not connect to the endpoint URL: "https://s3/[output_config.s3_data.s3_uri]/"'
    assert str(error) == f"{DOING} failed: {message}. Run it again. [SGE406]"
    assert (error.code, error.service_message) == ("Unreachable", message)
    assert error.__cause__ is unreachable


def test_a_listing_that_s3_throttles_is_repeated_four_times_within_three_seconds() -> None:
    store, clock = store_with(OBJECTS), FakeClock()
    store.answers["list_current_versions"] = [*[s3_error("SlowDown", status=503)] * 4, OBJECTS]
    assert delete(store, clock=clock) == DELETED
    assert store.count("list_current_versions") == 5
    assert clock.now() == pytest.approx(3.0)
    store.answers["list_current_versions"] = [*[s3_error("SlowDown", status=503)] * 5, OBJECTS]
    assert str(error_of(store, clock=clock)).startswith(f"{DOING} was refused: SlowDown: because. Allow s3:ListBucket")


@pytest.mark.parametrize("reason", ["InternalError", "SlowDown", "ServiceUnavailable"])
def test_objects_that_s3_is_too_busy_to_delete_are_deleted_again(reason: str) -> None:
    store, clock = (
        store_with(OBJECTS, failing(f"{reason}: later"), failing(f"{reason}: later"), Deletion()),
        FakeClock(),
    )
    assert delete(store, clock=clock) == DELETED
    assert store.count("delete_versions") == 3
    assert clock.now() == pytest.approx(0.6)
    assert store.calls[-1] == ("delete_versions", STATE.folder, OBJECTS, DOING)
    assert store.count("list_current_versions") == 1


def test_a_single_object_of_many_that_s3_is_too_busy_for_repeats_the_deletion() -> None:
    mixed = Deletion(failed=[("a", "AccessDenied: no"), ("b", "SlowDown: later")])
    assert delete(store_with(OBJECTS, mixed, Deletion())) == DELETED


def test_objects_that_s3_refuses_to_delete_are_reported_at_once_without_the_destination() -> None:
    store, clock = store_with(OBJECTS, failing("AccessDenied: not on exports/lake/"), Deletion()), FakeClock()
    error = error_of(store, clock=clock)
    assert str(error) == (
        f"{DOING}: S3 did not delete 2 of 3, first {OBJECTS[0].name} (AccessDenied: not on "
        f"[output_config.s3_data.s3_uri]/). {ALLOW} [SGE406]"
    )
    assert error.code == "NotDeleted"
    assert (store.count("delete_versions"), clock.now()) == (1, 0.0)


def test_an_s3_that_stays_too_busy_to_delete_is_an_error_after_five_attempts() -> None:
    store = store_with(OBJECTS, Deletion(failed=[(OBJECTS[2].name, "SlowDown: later")]))
    assert str(error_of(store)) == (
        f"{DOING}: S3 did not delete 1 of 3, first {OBJECTS[2].name} (SlowDown: later). {ALLOW} [SGE406]"
    )
    assert store.count("delete_versions") == 5
