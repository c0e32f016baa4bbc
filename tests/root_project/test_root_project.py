"""The root project and the quickstart example on the real engine and the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.harness import Emulator
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack

SECRET_DESTINATION = f"s3://{DEMO_BUCKET}/a-secret-prefix/"
Project = Callable[[str], ProjectStack]


def test_up_exports_the_jobs_that_the_stack_lists_and_repairs_drift_which_is_a_stack_output_until_then(
    project: Project, demo: Emulator
) -> None:
    stack = project(".")
    assert "3 created" in stack.up()
    outputs = stack.stack_outputs()
    for name, job in {"lake-mead-2022": "demo00000001", "lake-mead-2023": "demo00000002"}.items():
        keys = demo.list_keys(f"lake-mead/{job}/", DEMO_BUCKET)
        assert outputs[name]["status"] == "SUCCEEDED"
        assert outputs[name]["location"] == f"s3://{DEMO_BUCKET}/lake-mead/{job}/"
        assert outputs[name]["objects"]["count"] == len(keys) > 0
        assert outputs[name].keys() == {"status", "location", "objects"}
    assert demo.exports_started() == 2

    deleted, *_ = demo.list_keys("lake-mead/demo00000001/", DEMO_BUCKET)
    demo.client("s3").delete_object(Bucket=DEMO_BUCKET, Key=deleted)
    stack.refresh("--run-program")
    assert "1 of 3 objects" in stack.stack_outputs()["lake-mead-2022"]["drift"]
    assert "1 replaced" in stack.up()
    assert "drift" not in stack.stack_outputs()["lake-mead-2022"]


def test_a_config_error_is_shown_without_a_traceback(project: Project) -> None:
    stack = project(".")
    stack.edit("triggers:", "trigger:")
    result = stack.up(fails=True)
    assert "error: Pulumi.local.yaml, exports[1] (lake-mead-2023): trigger is not a field of an export" in result
    assert "Traceback" not in result


def test_a_destination_in_an_encrypted_config_value_stays_secret(project: Project) -> None:
    stack = project(".")
    stack.run("config", "set", "--secret", "--path", "exports[0].destination", SECRET_DESTINATION)
    result = stack.up()
    assert SECRET_DESTINATION not in result
    assert SECRET_DESTINATION not in json.dumps(stack.export_state())


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_placeholders_in_the_aws_stacks_are_rejected(project: Project, name: str) -> None:
    stack = project(".")
    stack.run("stack", "init", name)
    result = stack.up(fails=True)
    assert f"Pulumi.{name}.yaml, exports[0] (lake-mead-2022): jobArn contains the placeholder <account>" in result
    assert "Traceback" not in result
