"""The changelog: the form of Keep a Changelog, and a recorded state of each released version."""

from __future__ import annotations

import re

import pulumi_sagemaker_geospatial as package

from tests.harness import CHECKOUT

TEXT = (CHECKOUT / "CHANGELOG.md").read_text()
VERSIONS = re.findall(r"^## \[(.+?)\]", TEXT, re.MULTILINE)
SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Upgrade notes"]


def test_the_versions_are_in_order_with_their_dates_and_links() -> None:
    unreleased, *released = VERSIONS
    assert unreleased == "Unreleased"
    assert released == sorted(released, key=lambda version: [int(part) for part in version.split(".")], reverse=True)
    assert re.findall(r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", TEXT, re.MULTILINE) == released
    assert re.findall(r"^\[(.+?)\]: https://", TEXT, re.MULTILINE) == VERSIONS


def test_each_version_has_each_section_once_and_in_order() -> None:
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (.+)$", part, re.MULTILINE)
        assert sections == [name for name in SECTIONS if name in sections]


def test_the_state_of_each_released_version_is_recorded() -> None:
    released = VERSIONS[1:]
    assert package.__version__ in released, "the package has the number of the last release until the next one"
    states = CHECKOUT / "tests" / "pulumi" / "states"
    assert [version for version in released if not (states / f"{version}.json").is_file()] == []
