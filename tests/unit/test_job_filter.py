"""The filter of the jobs' listings: what each argument selects, alone and together, and arguments that are refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._geospatial.job_filter import job_filter
from pulumi_sagemaker_geospatial.errors import ExportError

MIDNIGHT = datetime(2023, 1, 31, tzinfo=timezone.utc)
TIME = "must be a time such as 2023-01-31T12:00:00Z, not"


@dataclass(frozen=True)
class Job:
    """What a filter looks at."""

    name: str = "lake-1"
    creation_time: datetime = MIDNIGHT
    tags: dict[str, str] = field(default_factory=lambda: {"team": "water", "season": "dry"})
    operation_type: str = "LAND_COVER_SEGMENTATION"


JOB = Job()


def selects(job: Job = JOB, **arguments: Any) -> bool:
    every = {"name_prefix": None, "tags": None, "created_after": None, "created_before": None, "operation_type": None}
    return job_filter(**{**every, **arguments})(job)


def refusal(**arguments: Any) -> str:
    with pytest.raises(ExportError) as caught:
        selects(**arguments)
    return str(caught.value)


def test_without_arguments_every_job_is_selected() -> None:
    assert selects()
    assert selects(Job(name="", tags={}))


@pytest.mark.parametrize(
    ("argument", "selected", "rejected"),
    [
        ("name_prefix", ["", "lake", "lake-1"], ["Lake", "ake", "lake-10"]),
        ("tags", [{}, {"team": "water"}, JOB.tags], [{"team": "Water"}, {"Team": "water"}, {**JOB.tags, "x": ""}]),
        (
            "created_after",
            [MIDNIGHT, "2023-01-31", "2023-01-31T00:00:00Z", date(2023, 1, 31), "2023-01-31T01:00:00+02:00"],
            [MIDNIGHT + timedelta(seconds=1), "2023-02-01", "2023-01-31T00:00:01", date(2023, 2, 1)],
        ),
        (
            "created_before",
            [MIDNIGHT + timedelta(seconds=1), "2023-02-01", date(2023, 2, 1), datetime(2023, 1, 31, 0, 0, 1)],
            [MIDNIGHT, "2023-01-31", date(2023, 1, 31), "2023-01-31T01:00:00+02:00", datetime(2023, 1, 31)],
        ),
        (
            "operation_type",
            ["LAND_COVER_SEGMENTATION", "land_cover_segmentation", "LandCoverSegmentation"],
            ["LAND_COVER", "", "CLOUD_MASKING"],
        ),
    ],
)
def test_an_argument_selects_jobs(argument: str, selected: list[Any], rejected: list[Any]) -> None:
    for value in selected:
        assert selects(**{argument: value}), value
    for value in rejected:
        assert not selects(**{argument: value}), value


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, name="river"),
        replace(JOB, tags={}),
        replace(JOB, creation_time=MIDNIGHT - timedelta(days=1)),
        replace(JOB, creation_time=MIDNIGHT + timedelta(days=1)),
        replace(JOB, operation_type="CLOUD_MASKING"),
    ],
)
def test_a_job_has_to_match_all_arguments(other: Job) -> None:
    arguments = {
        "name_prefix": "lake",
        "tags": {"team": "water"},
        "created_after": "2023-01-31",
        "created_before": "2023-02-01",
        "operation_type": "LandCoverSegmentation",
    }
    assert selects(JOB, **arguments)
    assert not selects(other, **arguments)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"name_prefix": 5}, "name_prefix must be a string, not 5: in YAML, write it in quotes"),
        ({"operation_type": True}, "operation_type must be a string, not True: in YAML, write it in quotes"),
        ({"tags": {"year": 2023}}, "tags.year must be a string, not 2023: in YAML, write it in quotes"),
        ({"tags": ["a"]}, "tags must be an object of names and values, not ['a']"),
        ({"created_after": "yesterday"}, f"created_after {TIME} 'yesterday'"),
        ({"created_before": ""}, f"created_before {TIME} ''"),
        ({"created_before": 2023}, f"created_before {TIME} 2023"),
    ],
)
def test_an_argument_of_another_type_is_refused_by_name(arguments: dict[str, Any], reason: str) -> None:
    assert refusal(**arguments) == f"{reason} [SGE108]"
