from pathlib import Path
from typing import Any

import pytest
from pulumi_sagemaker_geospatial.testing import ExportMocks, InvalidExportError

PROGRAM = Path(__file__).with_name("__main__.py")
JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:{}/{}00000000"
CONFIG = {
    "testing:bucket": "exports",
    "testing:executionRoleArn": "arn:aws:iam::123456789012:role/export",
    "testing:lakeJob": JOB.format("earth-observation-job", "lake"),
    "testing:roadsJob": JOB.format("vector-enrichment-job", "roads"),
}


def run(mocks: ExportMocks, **config: str) -> dict[str, Any]:
    changes = {f"testing:{name}": value for name, value in config.items()}
    return mocks.run(PROGRAM, config={**CONFIG, **changes}, project="testing")


def test_both_jobs_are_exported_into_the_bucket() -> None:
    mocks = ExportMocks()
    outputs = run(mocks)
    assert outputs["lake"] == "s3://exports/results/lake00000000/"
    assert outputs["lakeStatus"] == "SUCCEEDED"
    assert mocks.exports["roads"].operation == "ExportVectorEnrichmentJob"
    assert mocks.exports["roads"].inputs["triggers"] == outputs["lake"]


def test_a_wrong_job_is_refused_with_the_message_of_pulumi_preview() -> None:
    with pytest.raises(InvalidExportError, match="lake: property arn: must be the ARN of an Earth observation job"):
        run(ExportMocks(), lakeJob=CONFIG["testing:roadsJob"])


def test_an_export_that_is_not_waited_for_is_in_progress() -> None:
    assert run(ExportMocks(), wait="false")["lakeStatus"] == "IN_PROGRESS"
