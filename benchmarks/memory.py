"""Peak memory of the dynamic provider host while a command runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks.cases import HIGH_PARALLELISM
from benchmarks.environment import MeasurementError
from tests.harness import Stack


def peak_host_memory(stack: Stack) -> float:
    """Return the host's peak resident memory during an `up`, in MB. Raises MeasurementError where there is no /proc."""
    if not Path("/proc/self/status").exists():
        raise MeasurementError("memory is read from /proc, which this system does not have")
    process = stack.start("up", "--yes", "--skip-preview", "--parallel", str(HIGH_PARALLELISM))
    reader = threading.Thread(target=process.communicate, daemon=True)
    reader.start()
    peak = 0
    while reader.is_alive():
        peak = max([peak, *_host_peaks(process.pid)])
        time.sleep(0.05)
    if process.returncode:
        raise MeasurementError(f"pulumi up ended with exit code {process.returncode} while its memory was measured")
    return peak / 1024


def _host_peaks(session: int) -> Iterator[int]:
    """Yield the peak memory, in KB, of each dynamic provider host of a process session."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            in_session = int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session
            if in_session and "pulumi.dynamic" in (folder / "cmdline").read_text():
                line = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM"))
                yield int(line.split()[1])
