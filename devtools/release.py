"""The check of a release's tag against the versions in the checkout, for the workflow that publishes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import paths
from .errors import BadArgument, StepFailed

#: A tag's beginning → the folder of the project, and the module that has its version.
PROJECTS = {
    "v": (".", "provider/pulumi_sagemaker_geospatial/__init__.py"),
    "emulator-v": ("emulator", "emulator/moto_sagemaker_geospatial/__init__.py"),
}
_TAG = re.compile(r"(?P<prefix>(?:emulator-)?v)(?P<version>\d+\.\d+\.\d+)")


def check(arguments: Sequence[str]) -> str:
    """Return the folder of the project that a tag releases.

    Raises:
        BadArgument: The tag is none of a release.
        StepFailed: The version, the changelog or the recorded state is not that of the tag.
    """
    tag = arguments[0] if len(arguments) == 1 else ""
    match = _TAG.fullmatch(tag)
    if match is None:
        raise BadArgument(f"{tag or 'nothing'} is not the tag of a release: vX.Y.Z or emulator-vX.Y.Z")
    folder, module = PROJECTS[match["prefix"]]
    if problems := _problems(match["version"], module, is_provider=folder == "."):
        raise StepFailed(f"{tag} cannot be released: {'; '.join(problems)}")
    return folder


def _problems(version: str, module: str, is_provider: bool) -> list[str]:
    """Return what has to be changed before this version is released."""
    problems = []
    found = re.search(r'^__version__ = "(.+)"$', (paths.CHECKOUT / module).read_text(), re.MULTILINE)
    if found is None or found[1] != version:
        problems.append(f"{module} has the version {found[1] if found else 'of no release'}")
    if not is_provider:
        return problems
    changelog = (paths.CHECKOUT / "CHANGELOG.md").read_text()
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        problems.append(f"CHANGELOG.md has no section {version} with a date")
    state = f"tests/pulumi/states/{version}.json"
    if not (paths.CHECKOUT / state).is_file():
        problems.append(f"{state} is missing (python -m tests.pulumi.test_older_states {version})")
    return problems
