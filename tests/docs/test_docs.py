"""What docs/ names exists: each test of the table, each file that is linked."""

from __future__ import annotations

import re

import pytest

from tests.harness import CHECKOUT

DOCS = CHECKOUT / "docs"
TESTS = "\n".join(path.read_text() for path in sorted((CHECKOUT / "tests" / "pulumi").glob("test_*.py")))
TABLE = [line for line in (DOCS / "what-happens.md").read_text().splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.split("|")[1].strip())
def test_a_scenario_is_a_test_on_the_engine(line: str) -> None:
    *cells, name = (cell.strip() for cell in line.strip("|").split("|"))
    assert len(cells) == 4
    assert re.search(rf"^def {name.strip('`')}\(", TESTS, re.MULTILINE)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: object) -> None:
    text = (DOCS / page.name).read_text()  # type: ignore[attr-defined]
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("http") or (DOCS / target).exists(), target
