"""The example `environments`: its README is true, and an export is promoted from dev to prod."""

from __future__ import annotations

from collections.abc import Callable

from tests.examples.example_project import ExampleProject
from tests.harness import Emulator
from tests.root_project.project_stack import DEMO_BUCKET


def test_an_export_is_promoted_from_dev_to_prod_with_the_state_in_s3(
    copied_example: Callable[[str], ExampleProject], demo: Emulator
) -> None:
    example = copied_example("environments")
    example.assert_readme_is_true()
    for environment in ("dev", "prod"):
        for job in ("demo00000001", "demo00000002"):
            assert demo.list_keys(f"{environment}/{job}/", DEMO_BUCKET)
    assert demo.exports_started() == 4
    states = demo.list_keys(".pulumi/stacks/environments/", "pulumi-state")
    assert {"dev.json", "prod.json"} <= {key.rpartition("/")[2] for key in states}
