"""ARNs of jobs, and the ids that resources have in a state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._geospatial.arns import from_resource_id, job_id, region_of, to_resource_id

from tests.support.aws_names import ACCOUNT, job_arn
from tests.support.declarations import JOB

TYPE = "earth-observation-job"
ARN_PATTERN = (
    r"arn:aws[a-z-]{0,12}:sagemaker-geospatial:[a-z0-9-]{1,25}:[0-9]{12}:earth-observation-job/[a-z0-9]{12,20}"
)


@given(
    st.from_regex(ARN_PATTERN, fullmatch=True)
    | st.from_regex(r"[0-9]{12}", fullmatch=True).map(lambda account: job_arn(JOB).replace(ACCOUNT, account))
)
def test_an_id_gives_back_the_arn_that_it_was_made_of(arn: str) -> None:
    assert from_resource_id(to_resource_id(arn, TYPE), TYPE) == arn
    assert from_resource_id(arn, TYPE) == arn


def test_the_id_of_a_job_in_the_services_region_is_short() -> None:
    assert to_resource_id(job_arn(JOB), TYPE) == f"{ACCOUNT}/{JOB}"


@pytest.mark.parametrize(
    "arn",
    [
        job_arn(JOB).replace("us-west-2", "us-east-1"),
        job_arn(JOB).replace("arn:aws:", "arn:aws-us-gov:"),
        job_arn(JOB).replace(TYPE, "vector-enrichment-job"),
    ],
    ids=["region", "partition", "type"],
)
def test_the_id_of_any_other_job_is_its_arn(arn: str) -> None:
    assert to_resource_id(arn, TYPE) == arn


def test_an_id_of_another_form_is_not_changed() -> None:
    assert from_resource_id("not-an-id", TYPE) == "not-an-id"


def test_the_region_and_the_jobs_id_are_parts_of_the_arn() -> None:
    assert region_of(job_arn(JOB)) == "us-west-2"
    assert [region_of(text) for text in ("x", "arn:aws:s3", "arn:aws:s3:us-west-2")] == ["", "", "us-west-2"]
    assert job_id(job_arn(JOB)) == JOB
    assert job_id(f"arn:of/several/{JOB}") == JOB
