"""The command `python -m devtools captures`: writes screens of `pulumi up` and of `status` to docs/captures/, made in tmux.

The real engine exports to the emulator. A third of the exports is adopted, one fails, and of the rest as many run as a quota
allows. It takes about two minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.harness import Emulator, Stack

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / "docs" / "captures"
COUNTS = (1, 12, 100)
WIDTHS = (80, 100, 120, 200)
HEIGHT = 24
KINDS = ("earth-observation-job", "vector-enrichment-job")
SECONDS = 12.0
"""How long the exports have been running when the screens are captured."""


def main() -> int:
    """Write all captures and return the exit code."""
    if shutil.which("tmux") is None:
        print("captures need tmux: install it with the system's package manager", file=sys.stderr)
        return 1
    sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "provider"), str(CHECKOUT / "emulator")]
    from tests.harness import start_emulator

    process, url = start_emulator()
    try:
        for count in COUNTS:
            with tempfile.TemporaryDirectory() as directory:
                capture(count, url, Path(directory))
    finally:
        process.terminate()
        process.wait()
    return 0


def capture(count: int, url: str, directory: Path) -> None:
    """Write the screens of an update of so many exports."""
    from tests.harness import Emulator, Stack, declaration

    emulator = Emulator(url)
    emulator.reset()
    entries = [declaration(f"lake-{number:03}", kind=KINDS[number % 2]) for number in range(count)]
    emulator.add_jobs(entries)
    before, stack = Stack(directory / "before", url, project="before"), Stack(directory / "demo", url, project="demo")
    before.declare(entries[: count // 3])
    before.up("--parallel", "256")
    emulator.hold_exports()
    fail_and_queue(emulator, entries[count // 3 :])
    stack.declare(entries)
    with terminal(stack) as tmux:
        run = "pulumi up --yes --skip-preview --parallel 256"
        tmux("new-session", "-d", "-s", "up", "-x", "200", "-y", str(HEIGHT), f"tput smcup; {run}; sleep 600")
        wait_for_statuses(stack, count)
        for width in WIDTHS:
            tmux("resize-window", "-t", "up", "-x", str(width), "-y", str(HEIGHT))
            time.sleep(3.0)
            write(f"up-{count}-{width}.txt", tmux("capture-pane", "-p", "-t", "up"))
        status = f"{sys.executable} -m pulumi_sagemaker_geospatial status --stack test"
        tmux("new-session", "-d", "-s", "status", "-x", "80", "-y", str(HEIGHT), f"{status}; sleep 600")
        time.sleep(4.0)
        write(f"status-{count}-80.txt", tmux("capture-pane", "-p", "-t", "status"))


def fail_and_queue(emulator: Emulator, entries: list[dict[str, Any]]) -> None:
    """Make one export fail, and let all others but a fifth run."""
    if len(entries) > 1:
        operation = "ExportVectorEnrichmentJob" if KINDS[1] in entries[0]["arn"] else "ExportEarthObservationJob"
        emulator.add_fault(operation, "access_denied", arn=entries[0]["arn"])
        emulator.configure(quota=len(entries) * 4 // 5)


@contextmanager
def terminal(stack: Stack) -> Iterator[Callable[..., str]]:
    """Yield a function that runs a command of tmux, in a server of its own that ends afterwards."""
    env = {name: value for name, value in stack.environment().items() if name not in ("CI", "TMUX")}
    socket = f"captures-{os.getpid()}"

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-L", socket, "-f", "/dev/null", *arguments]
        env["TERM"] = "xterm-256color"
        done = subprocess.run(command, cwd=stack.directory, env=env, capture_output=True, text=True, check=True)
        return done.stdout

    try:
        yield tmux
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], check=False)


def wait_for_statuses(stack: Stack, count: int) -> None:
    """Wait until every export has a status that stays, and some time more."""
    from tests.harness import wait_until

    path = stack.directory / ".pulumi-geospatial.test.jsonl"
    words = ('"status":"running"', '"status":"queued: quota"', '"result":')

    def has_settled() -> bool:
        lines = path.read_text().splitlines() if path.exists() else []
        settled = {line.partition('"verb"')[0] for line in lines if any(word in line for word in words)}
        return len(settled) == count

    wait_until(has_settled, "every export has begun")
    time.sleep(SECONDS)


def write(name: str, screen: str) -> None:
    """Write a capture, without the empty lines below it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [line.rstrip() for line in screen.rstrip().splitlines()]
    (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written: docs/captures/{name}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
