import shutil
from pathlib import Path

from pulumi import automation
from pulumi_sagemaker_geospatial.testing import Emulator


def create_stack(directory: Path, **config: str) -> automation.Stack:
    program = shutil.copytree(
        Path(__file__).parent, directory / "program", ignore=shutil.ignore_patterns("__pycache__")
    )
    settings = {"PULUMI_BACKEND_URL": f"file://{directory}", "PULUMI_CONFIG_PASSPHRASE": ""}
    options = automation.LocalWorkspaceOptions(env_vars=settings)
    stack = automation.create_stack("test", work_dir=str(program), opts=options)
    stack.set_all_config({name: automation.ConfigValue(value) for name, value in config.items()})
    return stack


def test_the_results_of_both_jobs_are_in_the_bucket_after_five_minutes(
    geospatial_emulator: Emulator, tmp_path: Path
) -> None:
    config = {
        "bucket": geospatial_emulator.bucket,
        "executionRoleArn": geospatial_emulator.role_arn,
        "lakeJob": geospatial_emulator.add_earth_observation_job("lake00000000", objects=2),
        "roadsJob": geospatial_emulator.add_vector_enrichment_job("roads0000000"),
    }
    geospatial_emulator.configure(export_seconds=300)
    geospatial_emulator.add_fault("ExportVectorEnrichmentJob", "throttle")
    stack = create_stack(tmp_path, **config, wait="false")

    assert stack.up().outputs["lakeStatus"].value == "IN_PROGRESS"
    assert geospatial_emulator.call_count("ExportVectorEnrichmentJob") == 2, "the throttled call was repeated"
    assert geospatial_emulator.list_keys("results/") == []

    geospatial_emulator.advance_time(300)
    stack.refresh(run_program=True)
    assert stack.outputs()["lakeStatus"].value == "SUCCEEDED"
    assert len(geospatial_emulator.list_keys("results/lake00000000/")) == 2
    assert [export["status"] for export in geospatial_emulator.exports(config["roadsJob"])] == ["SUCCEEDED"]
