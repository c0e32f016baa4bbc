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
from .state import INTERVAL, StateFile


def main() -> None:
    parser = argparse.ArgumentParser(prog="moto_sagemaker_geospatial", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000, help="0: a free one, which is printed")
    parser.add_argument("--demo", action="store_true", help="make a bucket, a role, a key and three finished jobs")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the account in this file")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    options = parser.parse_args()

    application = Application()
    try:
        listening = server.create(application, options.host, options.port)
    except OSError as exc:
        sys.exit(
            f"Cannot listen on {options.host}:{options.port}: {exc.strerror or exc}. Choose another --port, or 0 for any."
        )

    state = StateFile(options.state, application.changed) if options.state else None
    if state:
        trouble = state.load()
        if trouble:
            print(trouble, file=sys.stderr, flush=True)
    if options.demo:
        demo.make_account()
        control.configure(export_seconds=demo.SECONDS)
        application.changed.set()

    def end(number: int, frame: FrameType | None) -> None:
        if state:
            state.save()
        os._exit(0)  # at once: calls in flight are cut, as a service that goes away cuts them

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if state:
        state.start()
    else:
        Thread(target=_settle, name="settle", daemon=True).start()
    if not options.quiet:
        print(f"listening on http://{options.host}:{listening.effective_port}", flush=True)
    listening.run()


def _settle() -> None:
    """Exports that are due end, though nobody looks."""
    while True:
        time.sleep(INTERVAL)
        sagemakergeospatial_backends.settle()


if __name__ == "__main__":
    main()
