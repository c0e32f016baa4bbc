"""Links of the documentation site: from a page to other pages, or to files of the repository that are no pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")
_FENCE = re.compile(r"^(```.*?^```[ \t]*$)", re.DOTALL | re.MULTILINE)


def resolve_links(text: str, source: str, pages: Mapping[str, str], repository_url: str | None) -> str:
    """Return the text of a page with the links that the site can follow.

    Args:
        text: The page, in Markdown.
        source: The path of the page's file in the repository.
        pages: The path in the site of each page's file, by its path in the repository.
        repository_url: The address of the repository's files, to which the other links lead. Without it, the
            path of such a file is shown where the pointer is over the text.
    """

    def replace(match: re.Match[str]) -> str:
        target, anchor = match["target"], match["anchor"] or ""
        if re.match(r"[a-z]+:", target):
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        page = pages.get(path) or pages.get(f"{path}/README.md")
        if page:
            return f"[{match['text']}]({posixpath.relpath(page, posixpath.dirname(pages[source]) or '.')}{anchor})"
        if repository_url:
            return f"[{match['text']}]({repository_url.rstrip('/')}/{path})"
        return f'<abbr title="{path} in the repository" markdown="span">{match["text"]}</abbr>'

    return _outside_of_code(text, lambda part: _LINK.sub(replace, part))


def _outside_of_code(text: str, replace: Callable[[str], str]) -> str:
    parts = _FENCE.split(text)
    return "".join(part if number % 2 else replace(part) for number, part in enumerate(parts))
