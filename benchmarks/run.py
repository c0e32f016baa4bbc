"""The script that `make bench` runs: it makes the checkout's packages importable and calls `benchmarks.command`."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    checkout = Path(__file__).resolve().parent.parent
    sys.path[:0] = [str(checkout), str(checkout / "provider"), str(checkout / "emulator")]
    from benchmarks import command

    return command.main()


if __name__ == "__main__":
    sys.exit(main())
