"""The pages in docs/: each test that the table of scenarios names exists, and so does each linked file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.harness import CHECKOUT

DOCS = CHECKOUT / "docs"
ENGINE_TESTS = "\n".join(path.read_text() for path in sorted((CHECKOUT / "tests" / "pulumi").glob("test_*.py")))
TABLE = (DOCS / "what-happens.md").read_text().partition("\n## ")[0]
SCENARIOS = [line for line in TABLE.splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("row", SCENARIOS, ids=lambda row: row.split("|")[1].strip())
def test_each_scenario_names_a_test_on_the_engine(row: str) -> None:
    *cells, name = (cell.strip() for cell in row.strip("|").split("|"))
    assert len(cells) == 4
    assert re.search(rf"^def {name.strip('`')}\(", ENGINE_TESTS, re.MULTILINE)


ROOT_PAGES = [
    CHECKOUT / f"{name}.md" for name in ("SECURITY", "CONTRIBUTING", "CODE_OF_CONDUCT", "CHANGELOG", "emulator/README")
]


@pytest.mark.parametrize("page", [*ROOT_PAGES, *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_each_link_points_to_an_existing_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target
