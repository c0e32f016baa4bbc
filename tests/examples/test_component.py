"""The example `component` on the real engine, with a stand-in for the plugin of pulumi-aws."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.examples.example_project import ExampleProject
from tests.harness import CHECKOUT, Emulator, job_arn

SCRIPT = f"""
set -e
pulumi stack init dev
pulumi config set jobArn {job_arn("demo00000001")}
pulumi config set aws:region us-west-2
pulumi config set sagemakergeospatial:pollInterval 0.1
pulumi up --yes
"""


def test_the_component_creates_what_the_export_needs_and_exports(
    copied_example: Callable[[str], ExampleProject], demo: Emulator, tmp_path: Path
) -> None:
    example = copied_example("component")
    plugin = tmp_path / "bin/pulumi-resource-aws"
    plugin.parent.mkdir()
    plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{CHECKOUT / "tests/examples/aws_plugin.py"}" "$@"\n')
    plugin.chmod(0o755)
    example.env["PATH"] = f"{plugin.parent}:{example.env['PATH']}"
    example.env |= {"AWS_ENDPOINT_URL": demo.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

    output = example.run(SCRIPT)
    assert "+ 9 to create" in output  # the preview knows neither the bucket nor the role
    assert "+ 9 created" in output
    keys = demo.list_keys("lake-mead/", "lake-mead-bucket")
    assert "lake-mead/demo00000001.job.json" in keys
    assert len([key for key in keys if key.startswith("lake-mead/demo00000001/")]) == 3
    policy = demo.client("iam").get_role_policy(RoleName="lake-mead-role", PolicyName="lake-mead-permissions")
    assert "lake-mead-bucket/lake-mead/*" in json.dumps(policy["PolicyDocument"])
