"""Exports with Pulumi's Automation API: each job has a stack of its own, which is named after the job."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi import automation as auto
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs

PROJECT = "automation-api"
#: How many exports run at once; the others wait.
MAX_RUNS = 16
#: What clients are told where Pulumi has no sentence of its own: its output may have paths and names that are not theirs to see.
UNKNOWN_ERROR = "`pulumi up` has failed: the log of the service has its output"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Export:
    """What the service says about an export. An interrupted one goes on when it is started again."""

    id: str
    status: Literal["running", "succeeded", "failed", "interrupted"]
    location: str | None = None
    error: str | None = None


class Exporter:
    """Runs `pulumi up` for each export on a thread, and reads its outcome from the state of its stack."""

    def __init__(self, s3_uri: str, execution_role_arn: str) -> None:
        self._destination, self._role = OutputConfigArgs(s3_data=S3DataArgs(s3_uri=s3_uri)), execution_role_arn
        self._pool = ThreadPoolExecutor(MAX_RUNS)
        self._runs: dict[str, Future[str | None]] = {}
        self._lock = threading.Lock()

    def start(self, job_arn: str) -> Export:
        """Export a job, unless this is being done. A complete export is only repeated if its objects are gone."""
        export_id = job_arn.rpartition("/")[2]
        with self._lock:
            if export_id not in self._runs or self._runs[export_id].done():
                self._runs[export_id] = self._pool.submit(self._up, export_id, job_arn)
        return Export(export_id, "running")

    def find(self, export_id: str) -> Export | None:
        """Return what is known about an export, also of one that an earlier process started; None if it does not exist."""
        run = self._runs.get(export_id)
        if run is not None and not run.done():
            return Export(export_id, "running")
        if run is not None and (error := run.result()):
            return Export(export_id, "failed", error=error)
        try:
            stack = auto.select_stack(export_id, project_name=PROJECT, program=lambda: None)
        except auto.StackNotFoundError:
            return None
        outputs = stack.outputs()
        if "location" not in outputs:
            return Export(export_id, "interrupted")
        return Export(export_id, "succeeded", location=outputs["location"].value)

    def _up(self, export_id: str, job_arn: str) -> str | None:
        """Run `pulumi up` to its end, and return the error, if any."""
        errors: list[str] = []
        try:
            stack = auto.create_or_select_stack(export_id, project_name=PROJECT, program=self._program(job_arn))
            _update(stack, errors)
        except auto.CommandError:
            LOG.exception("the export of %s has failed", job_arn)
            return errors[0] if errors else UNKNOWN_ERROR
        return None

    def _program(self, job_arn: str) -> Callable[[], None]:
        def program() -> None:
            export = ExportEarthObservationJob("export", job_arn, self._role, self._destination)
            pulumi.export("location", export.location)

        return program


def _update(stack: auto.Stack, errors: list[str]) -> None:
    """Run `pulumi up`, and add the errors of its resources to the list."""

    def run() -> None:
        stack.up(refresh=True, on_event=lambda event: errors.extend(_errors(event)))

    try:
        run()
    except auto.ConcurrentUpdateError:
        # A service that was killed has left its lock. Nobody else uses these stacks, and this process runs each once at a time.
        LOG.warning("the lock of the stack %s is released", stack.name)
        stack.cancel()
        run()


def _errors(event: auto.EngineEvent) -> list[str]:
    """Return the sentence of an error in an event of the engine, without the marks of its colors; none for a traceback."""
    diagnostic = event.diagnostic_event
    if diagnostic is None or diagnostic.severity != "error":
        return []
    message = re.sub(r"<\{%.*?%\}>", "", diagnostic.message).strip().removeprefix("error: ")
    return [] if "\n" in message else [message]
