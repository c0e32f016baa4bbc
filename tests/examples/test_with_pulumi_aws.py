"""The examples that need pulumi-aws, whose plugin is not available: the commands of their READMEs run unit tests with mocks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.examples.example_project import ExampleProject


@pytest.mark.parametrize("name", ["component", "with-pulumi-aws"])
def test_the_unit_tests_of_the_example_pass(name: str, copied_example: Callable[[str], ExampleProject]) -> None:
    copied_example(name).assert_readme_is_true()
