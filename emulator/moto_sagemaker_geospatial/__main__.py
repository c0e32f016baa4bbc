"""`python -m moto_sagemaker_geospatial`: S3, IAM, STS, KMS and SageMaker geospatial on one port."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from threading import Thread
from types import FrameType

from . import demo, server
from .application import Application
from .control import control
from .models import sagemakergeospatial_backends
from .state_file import INTERVAL, StateFile

EXPORT_SECONDS = 2.0
JOB_SECONDS = 4.0
NO_AUTHENTICATION = "The emulator has no authentication, and whoever reaches it can read and change everything"
EPILOG = """\
An export is IN_PROGRESS when it starts and ends by itself after `export_seconds`, and a job after `job_seconds`.
Change them, while the server runs, with PUT /moto-api/sagemaker-geospatial/settings; POST .../reset restores
what was given here. Control API: GET, PUT settings; GET, POST, DELETE faults; GET, DELETE calls; GET, POST jobs;
POST exports (an export of another team); POST time (moves it); POST reset.
"""


def main() -> None:
    options = parse_options()
    control.set_defaults(export_seconds=options.export_seconds, job_seconds=options.job_seconds)
    application = Application()
    try:
        if not (options.allow_remote or server.is_loopback(options.host)):
            sys.exit(
                f"{options.host} is not a loopback address. {NO_AUTHENTICATION}: add --allow-remote to listen there."
            )
        listening = server.create(application, options.host, options.port)
    except OSError as exc:
        sys.exit(
            f"Cannot listen on {options.host}:{options.port}: {exc.strerror or exc}. Choose another --port, or 0 for any."
        )

    state = StateFile(options.state, application.changed) if options.state else None
    if state:
        problem = state.load()
        if problem:
            print(problem, file=sys.stderr, flush=True)
    if options.demo:
        demo.create_account()
        application.changed.set()

    def shut_down(number: int, frame: FrameType | None) -> None:
        if state:
            state.save()
        os._exit(0)  # at once: calls in flight lose their connection

    signal.signal(signal.SIGTERM, shut_down)
    signal.signal(signal.SIGINT, shut_down)
    background = [_stop_at_end_of_input] if options.stop_at_end_of_input else []
    background.append(state.start if state else _apply_due_transitions)
    for function in background:
        Thread(target=function, name=function.__name__, daemon=True).start()
    if not options.quiet:
        print(f"listening on http://{options.host}:{listening.effective_port}", flush=True)
    listening.run()


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="moto_sagemaker_geospatial",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: 127.0.0.1)")
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help=f"accept a --host that is not a loopback address. {NO_AUTHENTICATION}",
    )
    parser.add_argument("--port", type=int, default=5000, help="0: a free one, which is printed")
    parser.add_argument("--demo", action="store_true", help="create a bucket, a role, a key and six finished jobs")
    parser.add_argument("--state", type=Path, metavar="FILE", help="store the account in this file")
    parser.add_argument(
        "--stop-at-end-of-input", action="store_true", help="end with the process that holds the other end of stdin"
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument(
        "--export-seconds",
        type=_seconds,
        default=EXPORT_SECONDS,
        metavar="SECONDS",
        help=f"how long an export takes (default: {EXPORT_SECONDS:g}; 0: done when first looked at)",
    )
    parser.add_argument(
        "--job-seconds",
        type=_seconds,
        default=JOB_SECONDS,
        metavar="SECONDS",
        help=f"how long a job takes (default: {JOB_SECONDS:g}; 0: done when first looked at)",
    )
    return parser.parse_args()


def _stop_at_end_of_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return seconds


def _apply_due_transitions() -> None:
    """End exports that are due, even if nobody looks."""
    while True:
        time.sleep(INTERVAL)
        sagemakergeospatial_backends.apply_due_transitions()


if __name__ == "__main__":
    main()
