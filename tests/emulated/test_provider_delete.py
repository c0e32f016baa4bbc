"""delete as the dynamic host calls it: the objects of the export, and never anybody else's."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_sagemaker_geospatial import ServiceCallError
from pulumi_sagemaker_geospatial.provider import WRITES_ON

from tests.support.aws_names import BUCKET
from tests.support.emulated_account import delete_object, list_names, put_object
from tests.support.kinds import for_each_kind
from tests.support.provider_harness import ProviderHarness
from tests.support.simulated_clock import SimulatedClock

pytestmark = for_each_kind


def owning(outputs: dict[str, Any]) -> dict[str, Any]:
    return {**outputs, "delete_objects": True}


def test_delete_retains_the_objects_and_says_so_once(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    provider.delete(exported)
    provider.delete(exported, name="other")
    assert len(list_names()) == 3
    assert provider.logged("info") == ["objects retained in S3; set delete_objects=True to remove them"]


def test_delete_removes_what_the_export_wrote_and_nothing_else(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    put_object("theirs.xml")
    provider.delete(owning(exported))
    assert list_names() == ["theirs.xml"]
    assert "deleted the 3 objects that this export wrote" in provider.log_text()


def test_delete_removes_what_an_interrupted_deletion_has_left(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    delete_object(provider.case.files[0])
    provider.delete(owning(exported))
    assert list_names() == []
    assert "deleted the 2 objects that this export wrote of 3; the others were gone" in provider.log_text()


def test_delete_keeps_objects_that_are_no_longer_the_exports(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    put_object(provider.case.files[0])
    before = list_names()
    provider.delete(owning(exported))
    assert list_names() == before
    assert "objects kept: they are no longer those that this export wrote" in provider.log_text()


@pytest.mark.parametrize(("owner", "who"), [("lake", "the new export of this resource"), ("other", "::other")])
def test_delete_keeps_the_objects_at_a_destination_that_another_export_uses(
    provider: ProviderHarness, exported: dict[str, Any], owner: str, who: str
) -> None:
    provider.create(provider.inputs(), name=owner)
    provider.delete(owning(exported))
    assert len(list_names()) == 3
    assert f"{who} uses the same destination" in provider.log_text()


@pytest.mark.parametrize("first_listing", ["adopted", "not waited for", "not verified"])
def test_delete_keeps_what_others_had_added_before_the_first_listing(
    provider: ProviderHarness, clock: SimulatedClock, first_listing: str
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "not waited for": {"wait_for_completion": False},
        "not verified": {"verify_objects": False},
    }
    outputs = provider.create(provider.inputs(**settings.get(first_listing, {}))).outs
    outputs.pop("verify_objects", None)
    clock.advance(3600)
    put_object("theirs.xml")
    provider.restart()
    if first_listing == "adopted":
        outputs = provider.create(provider.inputs(), name="other").outs
    else:
        outputs = provider.read(outputs).outs
    provider.restart()
    provider.delete(owning(outputs), name="other")
    assert list_names() == ["theirs.xml"]


def test_deleting_an_export_that_has_not_ended_says_that_it_writes_on(provider: ProviderHarness) -> None:
    outputs = provider.create(provider.inputs(wait_for_completion=False)).outs
    provider.restart()
    provider.delete(outputs)
    assert provider.logged("warning") == [WRITES_ON]
    provider.delete(owning(outputs))
    assert provider.logged("info")[-1] == "objects kept: it is not known which of them this export wrote"
    provider.restart()
    provider.create(provider.inputs(triggers="again"))  # which waits for the end of the first one
    provider.delete(outputs)
    assert provider.logged("warning") == []


def test_an_unreachable_s3_is_an_error_without_the_destination(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    provider.control.add_fault(operation="s3:ListObjectVersions", kind="drop_before", times=-1)
    with pytest.raises(ServiceCallError, match="deleting the objects of the export of") as caught:
        provider.delete(owning(exported))
    assert "prefix=lake" not in str(caught.value)


def test_objects_that_s3_does_not_delete_are_reported_without_the_destination(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    why = f'not allowed: s3:DeleteObject on "arn:aws:s3:::{BUCKET}/lake/lake00000000/x.tif"'
    error = f"<Error><Key>lake/lake00000000/x.tif</Key><Code>AccessDenied</Code><Message>{why}</Message></Error>"
    deleted = "<Deleted><Key>x</Key></Deleted>"
    provider.control.add_fault(
        operation="s3:DeleteObjects", kind="respond", body=f"<DeleteResult>{deleted * 2}{error}</DeleteResult>"
    )
    with pytest.raises(ServiceCallError, match=r"S3 did not delete 1 of 3, first x\.tif \(AccessDenied") as caught:
        provider.delete(owning(exported))
    assert f":::{BUCKET}" not in str(caught.value)


def test_delete_keeps_adopted_objects_that_were_possibly_overwritten(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    put_object(provider.case.files[0])
    outputs = provider.create(provider.inputs(), name="other").outs
    assert "1 adopted object modified well after the rest" in provider.log_text()
    provider.restart()
    provider.delete(owning(outputs), name="other")
    assert len(list_names()) == 3
    assert "objects kept: it is not known which of them this export wrote" in provider.log_text()
