"""The root project and the quickstart on a real engine, with the service over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.harness import Emulator
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack

ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo0000000{}"
ROLE = "arn:aws:iam::123456789012:role/eoj-export"
PLACE = f"s3://{DEMO_BUCKET}/a-hidden-place/"
Project = Callable[[str], ProjectStack]


def test_up_exports_what_the_stack_lists(project: Project, demo: Emulator) -> None:
    stack = project(".")
    said = stack.up()
    assert "3 created" in said
    outputs = stack.stack_outputs()
    for name, job in {"lake-mead-2022": "demo00000001", "lake-mead-2023": "demo00000002"}.items():
        keys = demo.keys(f"lake-mead/{job}/", DEMO_BUCKET)
        assert outputs[name]["status"] == "SUCCEEDED"
        assert outputs[name]["location"] == f"s3://{DEMO_BUCKET}/lake-mead/{job}/"
        assert outputs[name]["objects"]["count"] == len(keys) > 0
        assert outputs[name].keys() == {"status", "location", "objects"}
    stack.empty()
    assert demo.started() == 2


def test_a_changed_trigger_plans_one_replacement_and_says_why(project: Project) -> None:
    stack = project(".")
    stack.up()
    stack.edit("triggers: [first]", "triggers: [second]")
    plan = stack.preview()
    assert '~ [0]: "first" => "second"' in plan
    assert "1 to replace" in plan
    assert "2 unchanged" in plan


def test_drift_is_among_the_outputs_until_it_is_repaired(project: Project, demo: Emulator) -> None:
    stack = project(".")
    stack.up()
    gone, *_ = demo.keys("lake-mead/demo00000001/", DEMO_BUCKET)
    demo.client("s3").delete_object(Bucket=DEMO_BUCKET, Key=gone)
    stack.refresh("--run-program")
    assert "1 of 3 objects" in stack.stack_outputs()["lake-mead-2022"]["drift"]
    assert "1 replaced" in stack.up()
    assert "drift" not in stack.stack_outputs()["lake-mead-2022"]


def test_a_mistake_is_shown_without_a_traceback(project: Project) -> None:
    stack = project(".")
    stack.edit("triggers:", "trigger:")
    said = stack.up(fails=True)
    assert "error: Pulumi.local.yaml, exports[1] (lake-mead-2023): trigger is not a field of an export" in said
    assert "Traceback" not in said


def test_an_encrypted_list_keeps_its_destination_secret(project: Project) -> None:
    stack = project(".")
    stack.run("config", "set", "--secret", "--path", "exports[0].destination", PLACE)
    said = stack.up()
    assert PLACE not in said
    assert PLACE not in json.dumps(stack.export())


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_placeholders_of_a_stack_on_aws_are_refused(project: Project, name: str) -> None:
    stack = project(".")
    stack.run("stack", "init", name)
    said = stack.up(fails=True)
    assert (
        f"Pulumi.{name}.yaml, exports[0] (lake-mead-2022): jobArn still has the placeholder <account>: fill it in."
        in said
    )
    assert "Traceback" not in said


def test_the_quickstart_exports_one_job(project: Project, demo: Emulator) -> None:
    stack = project("examples/quickstart")
    stack.up()
    place = f"s3://{DEMO_BUCKET}/quickstart/demo00000003/"
    assert stack.stack_outputs() == {"status": "SUCCEEDED", "location": place}
    assert demo.keys("quickstart/demo00000003/output/consolidated/", DEMO_BUCKET)
    stack.empty()


def test_an_export_that_was_started_by_hand_becomes_state_by_its_token(project: Project, demo: Emulator) -> None:
    token = "started-by-hand-00000000000000000000"
    demo.client("sagemaker-geospatial").export_earth_observation_job(
        Arn=ARN.format(3),
        ClientToken=token,
        ExecutionRoleArn=ROLE,
        OutputConfig={"S3Data": {"S3Uri": f"s3://{DEMO_BUCKET}/quickstart/"}},
    )
    stack = project("examples/quickstart")
    stack.edit("output_config=", f'client_token="{token}",\n    output_config=', "__main__.py")
    stack.up()
    assert stack.stack_outputs()["status"] == "SUCCEEDED"
    assert demo.started("demo00000003") == 1


def test_get_reads_a_status_without_managing_it(project: Project, demo: Emulator) -> None:
    stack = project("examples/quickstart")
    stack.up()
    program = "import pulumi\nfrom pulumi_sagemaker_geospatial import ExportEarthObservationJob\n"
    got = f'pulumi.export("got", ExportEarthObservationJob.get("lake-mead", id="{ARN.format(3)}").export_status)\n'
    (stack.directory / "__main__.py").write_text(program + got)
    stack.run("stack", "init", "reader")
    (stack.directory / "Pulumi.reader.yaml").write_text((stack.directory / "Pulumi.local.yaml").read_text())
    stack.up("--stack", "reader")
    assert stack.stack_outputs() == {"got": "SUCCEEDED"}
    assert demo.started() == 1
