"""`python -m soak`: see `soak.command`."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    checkout = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(checkout), str(checkout / "provider"), str(checkout / "emulator")]
    from soak.command import main

    sys.exit(main())
