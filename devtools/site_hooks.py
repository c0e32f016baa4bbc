"""What mkdocs calls while it builds the site: pages from files outside of docs/, and links to files that are no pages."""

from __future__ import annotations

from typing import Any

from mkdocs.structure.files import File, Files

from devtools.paths import CHECKOUT
from devtools.site_links import resolve_links

#: Files of the repository that are pages of the site, if they exist.
REPOSITORY_PAGES = ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md")


def outside_pages() -> dict[str, str]:
    """Return the path in the site of each page that is outside of docs/, by its path in the repository."""
    found = {name: f"repository/{name.lower()}" for name in REPOSITORY_PAGES if (CHECKOUT / name).exists()}
    if (CHECKOUT / "examples" / "README.md").exists():
        found["examples/README.md"] = "examples/index.md"
    for readme in sorted((CHECKOUT / "examples").glob("*/README.md")):
        found[readme.relative_to(CHECKOUT).as_posix()] = f"examples/{readme.parent.name}.md"
    return found


def on_config(config: Any) -> Any:
    """List the examples in the navigation, whichever there are and have no place in it."""
    elsewhere = str(config.nav)
    pages = outside_pages().values()
    examples = [page for page in pages if page.startswith("examples/") and page not in elsewhere]
    for section in config.nav:
        if "Examples" in section:
            section["Examples"] = examples
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are outside of docs/."""
    for source, page in outside_pages().items():
        files.append(File.generated(config, page, abs_src_path=str(CHECKOUT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Make the links of a page, which are those of the repository, links of the site."""
    outside = outside_pages()
    pages = {f"docs/{file.src_uri}": file.src_uri for file in files if file.src_uri not in outside.values()} | outside
    source = next(path for path, uri in pages.items() if uri == page.file.src_uri)
    return resolve_links(markdown, source, pages, config.extra.get("repository_files"))
