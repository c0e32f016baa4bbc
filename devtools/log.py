"""Progress messages on stderr."""

from __future__ import annotations

import sys


def log_step(message: str) -> None:
    """Print a progress message to stderr; stdout is reserved for results."""
    print(f"» {message}", file=sys.stderr, flush=True)
