"""The verdict on a trial: what counts as lost, duplicated and wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from soak.verdict import StartedExport, Verdict, judge, results_folder
from tests.support.aws_names import declaration, job_arn

LAKE, RIVER = declaration("lake"), declaration("river")
CREATED = datetime(2026, 1, 1, 12, 0, 0, 300_000, tzinfo=timezone.utc)
RECORDED: dict[str, Any] = {
    "export_status": "SUCCEEDED",
    "creation_time": "2026-01-01T12:00:00Z",
    "exported_objects": {"count": 3},
}


def export(entry: Mapping[str, Any], status: str = "SUCCEEDED", token: str = "one") -> StartedExport:
    return StartedExport(entry["arn"], status, f"{entry['name']} {token}", CREATED)


def keys_of(entry: Mapping[str, Any], count: int = 3) -> list[str]:
    return [f"{results_folder(entry)}tile_{number}.tif" for number in range(count)]


def verdict_on_lake(
    started: list[StartedExport], outputs: Mapping[str, Any] | None = RECORDED, objects: int = 3
) -> Verdict:
    recorded = {} if outputs is None else {"lake": outputs}
    return judge([LAKE], started, recorded, keys_of(LAKE, objects))


def test_exports_that_are_started_once_recorded_and_written_are_no_problem() -> None:
    recorded = {"lake": RECORDED, "river": RECORDED}
    verdict = judge([LAKE, RIVER], [export(LAKE), export(RIVER)], recorded, keys_of(LAKE) + keys_of(RIVER))
    assert verdict == Verdict(declared=2, started=2)


def test_an_export_after_one_that_failed_is_no_duplicate() -> None:
    started = [export(LAKE, "FAILED"), export(LAKE, token="two")]
    assert verdict_on_lake(started).problems == []


@pytest.mark.parametrize(
    ("started", "reason"),
    [
        ([export(LAKE), export(LAKE, token="two")], "2 exports were started, of which 0 FAILED"),
        ([export(LAKE, "FAILED"), export(LAKE)], "a client token has started two exports"),
    ],
)
def test_a_second_export_of_a_declaration_is_duplicated(started: list[StartedExport], reason: str) -> None:
    assert verdict_on_lake(started).duplicated == [f"lake: {reason}"]


@pytest.mark.parametrize(
    ("started", "outputs"),
    [([export(LAKE)], None), ([], None), ([export(LAKE, "FAILED")], {**RECORDED, "export_status": "FAILED"})],
)
def test_a_declared_export_without_a_record_of_success_is_lost(
    started: list[StartedExport], outputs: Mapping[str, Any] | None
) -> None:
    assert len(verdict_on_lake(started, outputs).lost) == 1


@pytest.mark.parametrize(
    ("outputs", "objects"),
    [
        ({**RECORDED, "export_status": "FAILED"}, 3),
        (RECORDED, 2),
        ({**RECORDED, "exported_objects": {"count": 2}}, 3),
        ({**RECORDED, "exported_objects": None}, 3),
        ({**RECORDED, "creation_time": "2026-01-01T12:00:01Z"}, 3),
    ],
)
def test_a_record_that_the_service_or_the_objects_contradict_is_wrong(outputs: dict[str, Any], objects: int) -> None:
    verdict = verdict_on_lake([export(LAKE)], outputs, objects)
    assert (len(verdict.wrong), verdict.lost, verdict.duplicated) == (1, [], [])


def test_a_record_that_is_not_declared_is_wrong() -> None:
    assert judge([], [], {"lake": RECORDED}, []).wrong == ["lake: recorded, but not declared"]


def test_objects_and_records_that_a_destruction_has_left_are_wrong() -> None:
    assert judge([LAKE], [export(LAKE)], {}, [], destroyed=True).problems == []
    left = judge([LAKE], [export(LAKE)], {"lake": RECORDED}, keys_of(LAKE, 1), destroyed=True)
    assert len(left.wrong) == 2


def test_the_record_of_the_emulator_is_read() -> None:
    jobs = [
        {
            "arn": job_arn("lake00000000"),
            "exports": [{"status": "FAILED", "client_token": "t", "creation_time": "2026-01-01T12:00:00.300+00:00"}],
        }
    ]
    assert StartedExport.all_of(jobs) == [StartedExport(job_arn("lake00000000"), "FAILED", "t", CREATED)]
