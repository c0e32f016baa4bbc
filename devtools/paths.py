"""Paths in the checkout."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DEVTOOLS = CHECKOUT / "devtools"
PLUGINS = DEVTOOLS / "plugins"
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCAL = CHECKOUT / ".local"
