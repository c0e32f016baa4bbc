"""create, read, update and delete as the dynamic host calls them, on the emulator."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dill
import moto_sagemaker_geospatial as geospatial
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_sagemaker_geospatial import CallFailed, ExportError, ExportFailed, P, TokenSpent
from pulumi_sagemaker_geospatial.objects import in_utc, moment
from pulumi_sagemaker_geospatial.provider import ExportProvider

from tests.unit.provider_harness import QUICK, Caller, process, started
from tests.unit.unit_harness import BUCKET, KEYS, TOKEN, age, arn, client, inputs, names, put, take


def test_what_a_creation_keeps_is_what_was_declared_and_what_was_seen(lake: dict[str, Any]) -> None:
    assert set(lake) == {*inputs(), "creation_time", "export_status", "exported_objects"}
    assert lake["exported_objects"]["count"] == 3
    assert BUCKET not in str({name: value for name, value in lake.items() if name not in inputs()})


def test_the_outputs_of_an_export_are_small(lake: dict[str, Any]) -> None:
    seen = {name: value for name, value in lake.items() if name not in inputs()}
    assert len(str(seen)) < 250


def test_a_replacement_begins_after_the_attempt_in_the_state(caller: Caller, lake: dict[str, Any]) -> None:
    caller.check(inputs(), inputs())
    caller.diff({**lake, "drift": "gone"}, inputs())
    outs = caller.create(inputs()).outs
    assert (outs["__attempt"], started()) == (1, 2)


def test_a_replacement_without_a_diff_adopts_nothing(caller: Caller, lake: dict[str, Any]) -> None:
    caller.check(inputs(), inputs())
    assert (caller.create(inputs()).outs["__attempt"], started()) == (1, 2)


def test_another_name_adopts(caller: Caller, lake: dict[str, Any]) -> None:
    outs = caller.create(inputs(), name="other").outs
    assert ("__attempt" in outs, started()) == (False, 1)


def test_a_users_token_with_drift_needs_a_new_one(caller: Caller, bare_account: None) -> None:
    outs = caller.create(inputs(client_token=TOKEN)).outs
    age()
    caller.check(inputs(client_token=TOKEN), inputs(client_token=TOKEN))
    caller.diff({**outs, "drift": "gone"}, inputs(client_token=TOKEN))
    with pytest.raises(TokenSpent):
        caller.create(inputs(client_token=TOKEN))


def _with_triggers_in_turn(caller: Caller, *turns: str) -> None:
    olds: dict[str, Any] = {}
    for triggers in turns:
        caller.provider = process()
        if olds:
            caller.check(inputs(triggers=triggers), {**inputs(), "triggers": olds["triggers"]})
            caller.diff(olds, inputs(triggers=triggers))
        olds = caller.create(inputs(triggers=triggers)).outs
        age(10, took=1)


def test_triggers_that_go_back_export_a_third_time(caller: Caller, bare_account: None) -> None:
    _with_triggers_in_turn(caller, "a", "b", "a")
    assert started() == 3


@pytest.mark.parametrize("turns", ["ab", "aba", "abab"])
def test_after_a_change_another_name_adopts_too(caller: Caller, bare_account: None, turns: str) -> None:
    _with_triggers_in_turn(caller, *turns)
    caller.provider = process()
    caller.create(inputs(triggers=turns[-1]), name="other")
    assert started() == len(turns)


def test_an_error_is_one_sentence_without_a_cause(caller: Caller, bare_account: None) -> None:
    geospatial.in_use().add_fault(
        operation="ExportEarthObservationJob", kind="fail_export", message=f"no bucket {BUCKET} there"
    )
    with pytest.raises(ExportFailed) as caught:
        caller.create(inputs())
    assert caught.value.__cause__ is None
    assert "no bucket [bucket of output_config.s3_data.s3_uri] there" in str(caught.value)


def test_a_refresh_of_what_is_untouched_changes_nothing(caller: Caller, lake: dict[str, Any]) -> None:
    found = caller.read(lake)
    assert (found.id, found.outs) == ("123456789012/lake00000000", lake)


@pytest.mark.parametrize("old", ["theirs.xml", "output/consolidated/old.tif"])
def test_what_lay_there_before_the_export_is_no_drift(caller: Caller, bare_account: None, old: str) -> None:
    put(old)
    age()
    assert "drift" not in caller.read(caller.create(inputs()).outs).outs


def test_what_others_add_is_no_drift(caller: Caller, lake: dict[str, Any]) -> None:
    put("output/consolidated/tile_00000.tif.aux.xml")
    assert caller.read(lake).outs == lake


def test_what_is_gone_is_drift(caller: Caller, lake: dict[str, Any]) -> None:
    take("output/consolidated/tile_00001.tif")
    assert caller.read(lake).outs == {**lake, "drift": "1 of 3 objects is gone"}


def test_a_refresh_after_a_repair_takes_the_drift_away(caller: Caller, lake: dict[str, Any]) -> None:
    assert "drift" not in caller.read({**lake, "drift": "1 of 3 objects is gone"}).outs


@pytest.mark.parametrize("emptied", [True, False])
def test_without_its_job_the_objects_are_the_export(caller: Caller, lake: dict[str, Any], emptied: bool) -> None:
    geospatial.in_use().add_fault(operation="GetEarthObservationJob", kind="not_found")
    for name in names() if emptied else []:
        take(name)
    found = caller.read(lake)
    assert (found.id, found.outs) == (("", {}) if emptied else ("123456789012/lake00000000", lake))


def test_reading_without_managing_tells_the_status_alone(caller: Caller, lake: dict[str, Any]) -> None:
    assert caller.read({}).outs == {"arn": arn(), "export_status": "SUCCEEDED"}


def test_a_setting_is_taken_over_without_a_call(caller: Caller, lake: dict[str, Any]) -> None:
    geospatial.in_use().forget_calls()
    outs = caller.update({**lake, "__attempt": 2}, inputs(delete_objects=True))
    assert outs == {**lake, "__attempt": 2, "delete_objects": True}
    assert not geospatial.in_use().counts


@pytest.mark.parametrize(("verify", "kept"), [(True, True), (False, False)])
def test_drift_is_kept_by_an_update_unless_nobody_looks(caller: Caller, verify: bool, kept: bool) -> None:
    olds = {**inputs(), "export_status": "SUCCEEDED", "drift": "gone"}
    news = inputs(delete_objects=True) if verify else inputs(verify_objects=False)
    assert ("drift" in caller.update(olds, news)) == kept


def test_waiting_that_is_turned_on_waits(caller: Caller, bare_account: None) -> None:
    geospatial.in_use().configure(export_seconds=0.3)
    outs = caller.create(inputs(wait_for_completion=False)).outs
    assert outs["export_status"] == "IN_PROGRESS"
    updated = caller.update(outs, inputs())
    assert (updated["export_status"], updated["exported_objects"]["count"], started()) == ("SUCCEEDED", 3, 1)


def test_delete_keeps_the_objects_and_says_so_once(caller: Caller, lake: dict[str, Any]) -> None:
    caller.delete(lake)
    caller.delete(lake, name="other")
    assert len(names()) == 3
    assert caller.sentences().count("the exported objects stay in S3") == 1


def test_delete_removes_what_the_export_wrote_and_nothing_else(caller: Caller, lake: dict[str, Any]) -> None:
    put("theirs.xml")
    caller.delete({**lake, "delete_objects": True})
    assert names() == ["theirs.xml"]
    assert "deleted the 3 objects" in caller.sentences()


@pytest.mark.parametrize(
    "touch", [lambda: take("output/consolidated/tile_00000.tif"), lambda: put("output/consolidated/tile_00000.tif")]
)
def test_delete_takes_nothing_where_the_objects_are_not_the_exports(
    caller: Caller, lake: dict[str, Any], touch: Callable[[], None]
) -> None:
    touch()
    left = names()
    caller.delete({**lake, "delete_objects": True})
    assert names() == left
    assert "nothing was deleted: the objects are no longer those" in caller.sentences()


@pytest.mark.parametrize("holder", ["lake", "other"])
def test_delete_takes_nothing_from_a_place_that_another_export_holds(
    caller: Caller, lake: dict[str, Any], holder: str
) -> None:
    caller.create(inputs(), name=holder)
    caller.delete({**lake, "delete_objects": True})
    assert len(names()) == 3
    assert "nothing was deleted: " in caller.sentences()


@pytest.mark.parametrize("first_look", ["adopted", "not waited for", "not verified"])
def test_delete_takes_nothing_that_others_had_added_before_the_first_look(
    caller: Caller, bare_account: None, first_look: str
) -> None:
    settings: dict[str, Any] = {
        "not waited for": {"wait_for_completion": False},
        "not verified": {"verify_objects": False},
    }
    geospatial.in_use().configure(export_seconds=0.05)
    outs = caller.create(inputs(**settings.get(first_look, {}))).outs
    outs.pop("verify_objects", None)
    threading.Event().wait(0.1)
    names()
    age()
    put("theirs.xml")
    outs["creation_time"] = in_utc(moment(outs["creation_time"]) - timedelta(hours=1, minutes=5))
    caller.provider = process()
    outs = caller.create(inputs(), name="other").outs if first_look == "adopted" else caller.read(outs).outs
    caller.provider = process()
    caller.delete({**outs, "delete_objects": True}, name="other")
    assert "theirs.xml" in names()


def _ended_an_hour_ago_unseen(caller: Caller) -> dict[str, Any]:
    geospatial.in_use().configure(export_seconds=0.05)
    outs: dict[str, Any] = caller.create(inputs(wait_for_completion=False)).outs
    threading.Event().wait(0.1)
    client("sagemaker-geospatial").get_earth_observation_job(Arn=arn())
    age()
    caller.provider = process()
    return {**outs, "creation_time": in_utc(moment(outs["creation_time"]) - timedelta(hours=1, minutes=5))}


def test_waiting_that_is_turned_on_after_the_end_counts_nothing_of_others(caller: Caller, bare_account: None) -> None:
    outs = _ended_an_hour_ago_unseen(caller)
    put("theirs.xml")
    outs = caller.update(outs, inputs(delete_objects=True))
    assert (outs["exported_objects"]["count"], outs["__late"]) == (3, True)
    caller.provider = process()
    caller.delete(outs)
    assert names() == ["theirs.xml"]


def test_delete_takes_nothing_that_may_be_somebody_elses_result(caller: Caller, bare_account: None) -> None:
    outs = _ended_an_hour_ago_unseen(caller)
    put("analysis/theirs.tif")
    outs = caller.read(outs).outs
    caller.provider = process()
    caller.delete({**outs, "delete_objects": True})
    assert len(names()) == 4
    assert "some of what lies there may be somebody else's" in caller.sentences()


@pytest.mark.parametrize("seen", [True, False])
def test_a_job_without_geotiffs_has_results_too(
    caller: Caller, bare_account: None, monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    tables = [f"output/consolidated/zonal_{number}.csv" for number in range(3)]
    monkeypatch.setattr("moto_sagemaker_geospatial.jobs.file_names", lambda *_: iter(tables))
    outs = caller.create(inputs()).outs if seen else _ended_an_hour_ago_unseen(caller)
    if seen:
        age()
        caller.provider = process()
        caller.create(inputs(), name="other")
    else:
        assert caller.read(outs).outs["exported_objects"]["count"] == 3
    assert started() == 1


def test_the_failure_of_a_later_export_is_no_drift_where_our_objects_are_seen(
    caller: Caller, bare_account: None
) -> None:
    outs = caller.create(inputs(verify_objects=False)).outs
    geospatial.in_use().add_fault(operation="ExportEarthObservationJob", kind="fail_export")
    elsewhere = {"S3Data": {"S3Uri": f"s3://{BUCKET}/elsewhere/"}}
    client("sagemaker-geospatial").export_earth_observation_job(
        Arn=arn(), ExecutionRoleArn=inputs()["execution_role_arn"], OutputConfig=elsewhere
    )
    assert "drift" not in caller.read(caller.update(outs, inputs())).outs


def test_a_running_export_of_a_deleted_job_is_kept_where_s3_cannot_be_asked(caller: Caller, bare_account: None) -> None:
    outs = {**caller.create(inputs(wait_for_completion=False)).outs, "export_status": "IN_PROGRESS"}
    client("sagemaker-geospatial").delete_earth_observation_job(Arn=arn())
    _out_of_reach(caller, "ListObjectsV2")
    found = caller.read(outs)
    assert (found.id, found.outs["export_status"]) == ("123456789012/lake00000000", "IN_PROGRESS")
    assert "the job was deleted, and the objects are not looked at" in caller.sentences()


def _out_of_reach(caller: Caller, operation: str) -> None:
    def fail(request: Any, **_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    s3 = caller.provider._running().service._account.client("s3", "us-west-2")
    s3.meta.events.register(f"before-send.s3.{operation}", fail)


def test_an_address_that_does_not_answer_is_not_told_where_it_may_be_secret(
    caller: Caller, lake: dict[str, Any]
) -> None:
    _out_of_reach(caller, "ListObjectVersions")
    with pytest.raises(CallFailed) as caught:
        caller.delete({**lake, "delete_objects": True})
    assert "prefix=lake" not in str(caught.value)


@pytest.mark.parametrize("how", ["a call is refused", "an object is kept"])
def test_a_delete_that_s3_is_too_busy_for_is_made_again(
    caller: Caller, lake: dict[str, Any], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("pulumi_sagemaker_geospatial.objects._BATCH", 2)
    s3 = caller.provider._running().service._account.client("s3", "us-west-2")
    real, calls = s3.delete_objects, itertools.count(1)

    def busy(**asked: Any) -> Any:
        if next(calls) != 2:
            return real(**asked)
        if how == "an object is kept":
            key = asked["Delete"]["Objects"][0]["Key"]
            return {"Errors": [{"Key": key, "Code": "InternalError", "Message": "try again"}]}
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "slow"}}, "DeleteObjects")

    monkeypatch.setattr(s3, "delete_objects", busy)
    caller.delete({**lake, "delete_objects": True})
    assert names() == []


def test_what_s3_keeps_is_said_without_the_destination(
    caller: Caller, lake: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = caller.provider._running().service._account.client("s3", "us-west-2")
    why = f'not allowed: s3:DeleteObject on "arn:aws:s3:::{BUCKET}/lake/lake00000000/x.tif"'
    kept = {"Errors": [{"Key": "lake/lake00000000/x.tif", "Code": "AccessDenied", "Message": why}]}
    monkeypatch.setattr(s3, "delete_objects", lambda **_: kept)
    with pytest.raises(CallFailed, match=r"S3 kept 1 of 3, first x\.tif \(AccessDenied") as caught:
        caller.delete({**lake, "delete_objects": True})
    assert f":::{BUCKET}" not in str(caught.value)


def test_however_the_state_spells_the_provider_it_is_one(caller: Caller, bare_account: None) -> None:
    # As the SDK's host does with each text that it has not seen; Python 3.14 pickles with another protocol.
    def spelled(protocol: int) -> ExportProvider:
        provider: ExportProvider = dill.loads(dill.dumps(P, protocol=protocol))
        provider.configure(ConfigureRequest(Config({**KEYS, **QUICK}, "house")))
        return provider

    caller.provider = spelled(4)
    outs = caller.create(inputs(delete_objects=True), name="old").outs
    caller.provider = spelled(5)
    caller.create(inputs(delete_objects=True), name="new")
    caller.provider = spelled(4)
    caller.delete(outs, name="old")
    assert len(names()) == 3


@pytest.mark.parametrize("id_", ["lake00000000", "lake", "arn:aws:s3:::exports"])
def test_an_id_that_is_none_is_a_sentence(caller: Caller, bare_account: None, id_: str) -> None:
    with pytest.raises(ExportError, match="is neither the ARN of an Earth observation job nor ACCOUNT/JOB"):
        caller.read({}, id_=id_)
