"""Cells of tables in the terminal."""

from __future__ import annotations

from rich.text import Text


def plain(*cells: str) -> list[Text]:
    """Return cells that are shown as they are: no markup, no control characters."""
    return [Text("".join(char if char.isprintable() else "?" for char in cell)) for cell in cells]
