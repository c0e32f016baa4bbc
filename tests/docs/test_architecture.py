"""docs/architecture.md names modules that exist, and the layers keep to their vocabulary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "provider" / "pulumi_sagemaker_geospatial"
PAGES = ("architecture.md", "outcome.md")


def named_modules(page: str) -> list[str]:
    text = (CHECKOUT / "docs" / page).read_text()
    return sorted(
        {*re.findall(r"(?<![\w/])((?:_runtime|_geospatial|_export)/\w+\.py)", text), *re.findall(r"`(\w+\.py)`", text)}
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_a_page_names_exists(page: str) -> None:
    names = named_modules(page)
    assert names
    assert [name for name in names if not (PACKAGE / name).is_file()] == []


def test_a_page_names_a_test_that_exists() -> None:
    [name] = re.findall(r"`(tests/\S+\.py)`", (CHECKOUT / "docs" / "outcome.md").read_text())
    assert (CHECKOUT / name).is_file()


@pytest.mark.parametrize("path", sorted((PACKAGE / "_export").glob("*.py")), ids=lambda path: path.name)
def test_the_export_layer_names_no_kind_of_job(path: Path) -> None:
    assert not re.search(r"earth.?observation|EARTH_OBSERVATION|vector.?enrichment", path.read_text(), re.IGNORECASE)


@pytest.mark.parametrize("path", sorted((PACKAGE / "_runtime").glob("*.py")), ids=lambda path: path.name)
def test_the_runtime_layer_knows_nothing_of_exports(path: Path) -> None:
    without_errors = re.sub(r"ExportError", "", path.read_text())
    assert path.name == "__init__.py" or not re.search(r"export", without_errors, re.IGNORECASE)


def test_threads_are_started_in_the_runtime_layer_only() -> None:
    users = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"threading\.Thread\(|ThreadPoolExecutor\(|sys\._getframe|threading\.local", path.read_text())
    ]
    assert [name for name in users if not name.startswith("_runtime/")] == []
