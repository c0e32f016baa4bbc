"""Links of the documentation site: those of the repository lead to pages of the site, or say which file they mean."""

from __future__ import annotations

import pytest

from devtools.site_links import resolve_links

PAGES = {
    "docs/index.md": "index.md",
    "docs/how-to/ci.md": "how-to/ci.md",
    "docs/permissions.md": "permissions.md",
    "examples/quickstart/README.md": "examples/quickstart.md",
    "SECURITY.md": "repository/security.md",
}


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("docs/index.md", "[a](permissions.md)", "[a](permissions.md)"),
        ("docs/index.md", "[a](permissions.md#caller)", "[a](permissions.md#caller)"),
        ("docs/how-to/ci.md", "[a](../permissions.md)", "[a](../permissions.md)"),
        ("docs/how-to/ci.md", "[a](../../examples/quickstart)", "[a](../examples/quickstart.md)"),
        ("docs/how-to/ci.md", "[a](../../SECURITY.md#secrets)", "[a](../repository/security.md#secrets)"),
        ("examples/quickstart/README.md", "[a](../../docs/permissions.md)", "[a](../permissions.md)"),
        ("SECURITY.md", "[a](docs/permissions.md)", "[a](../permissions.md)"),
        ("docs/index.md", "[a](https://host/path)", "[a](https://host/path)"),
        ("docs/index.md", "[a](#below)", "[a](#below)"),
        ("docs/index.md", "![a](images/report.png)", "![a](images/report.png)"),
        ("docs/index.md", "```\n[a](../Makefile)\n```", "```\n[a](../Makefile)\n```"),
        (
            "docs/index.md",
            "[a](../Makefile)",
            '<abbr title="Makefile in the repository" markdown="span">a</abbr>',
        ),
    ],
)
def test_a_link_of_the_repository_is_one_of_the_site(source: str, link: str, expected: str) -> None:
    assert resolve_links(link, source, PAGES, None) == expected


def test_a_file_that_is_no_page_is_linked_in_the_repository_where_its_address_is_known() -> None:
    link = "[a](../Makefile)"
    assert resolve_links(link, "docs/index.md", PAGES, "https://host/o/r/blob/main") == (
        "[a](https://host/o/r/blob/main/Makefile)"
    )
