"""Runs a trial: a stack on the real engine, a fault in one of its commands, and the same commands again until they succeed."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.harness import BUCKET, CommandResult, Emulator, Stack, declaration

from .faults import DESTROY, ENGINE, FINISHING, FIRST_STARTS, PREVIEW, REFRESH, WAITING
from .processes import find_targets, kill_all, process_tree, send, wait_for_exit
from .trial import Trial
from .verdict import StartedExport, Verdict, judge, results_folder

#: How often a command is run at most until it succeeds.
MAX_COMMANDS = 8
#: Seconds that a command may take, and a process after its engine has ended.
COMMAND_TIMEOUT, EXIT_TIMEOUT = 240.0, 30.0
#: Seconds between two polls of a job; exports take about one second.
POLL_INTERVAL = 0.3
UP = ("up", "--yes", "--skip-preview", "--parallel", "64")
_COMMANDS = {
    PREVIEW: ("preview",),
    REFRESH: ("refresh", "--yes", "--skip-preview", "--parallel", "64"),
    DESTROY: ("destroy", "--yes", "--skip-preview", "--parallel", "64"),
}
#: An object of somebody else's in the folder of the first export.
NEIGHBOR = "notes.txt"


class TrialError(Exception):
    """A command did not end, did not succeed however often it ran, or showed changes where there are none."""


@dataclass
class Outcome:
    """What a trial found.

    Attributes:
        struck: whether the signal or outage came before the end of the command.
        reruns: commands that failed, and ran again.
        repairs: files of the file backend that a kill has left empty, and that were deleted.
    """

    trial: Trial
    verdict: Verdict = field(default_factory=Verdict)
    struck: bool = True
    reruns: int = 0
    repairs: int = 0
    seconds: float = 0.0


class TrialRunner:
    """Runs trials one after the other, with one emulator."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.emulator = emulator
        self.stack, self._new_stack = Stack(folder / "stack", emulator.url), folder / "new-stack"
        shutil.copytree(self.stack.directory, self._new_stack)

    def run(self, trial: Trial) -> Outcome:
        """Run one trial and judge it."""
        began, outcome = time.monotonic(), Outcome(trial)
        shutil.rmtree(self.stack.directory)
        shutil.copytree(self._new_stack, self.stack.directory)
        run = _Run(trial, outcome, self.emulator, self.stack)
        try:
            run.take_place()
        except (TrialError, AssertionError) as exc:
            outcome.verdict.wrong.append(str(exc))
        finally:
            run.end_outage.cancel()
            self.emulator.clear_faults()
        outcome.seconds = time.monotonic() - began
        return outcome


class _Run:
    """One trial while it runs."""

    def __init__(self, trial: Trial, outcome: Outcome, emulator: Emulator, stack: Stack) -> None:
        self.trial, self.outcome, self.emulator = trial, outcome, emulator
        emulator.reset()
        emulator.configure(export_seconds=trial.export_seconds, **trial.fault.settings)
        self.declared = [
            declaration(f"lake{number:02}", delete_objects=trial.delete_objects) for number in range(trial.exports)
        ]
        emulator.add_jobs(self.declared)
        self.neighbor = results_folder(self.declared[0]).removesuffix("output/") + NEIGHBOR
        emulator.client("s3").put_object(Bucket=BUCKET, Key=self.neighbor, Body=b"by somebody else")
        self.stack = stack
        self.stack.env, self.stack.config = {}, {"sagemakergeospatial:pollInterval": POLL_INTERVAL}
        self.stack.declare(self.declared)
        self.stack.configure(**self._config())
        self.log = stack.directory / "command.log"
        self.processes: set[int] = set()
        self.end_outage = threading.Timer(trial.fault.outage, emulator.clear_faults)

    def _config(self) -> dict[str, Any]:
        if not self.trial.fault.short_credentials:
            return self.trial.fault.config
        write_short_credentials(self.stack.directory, self.stack.env)
        return {"aws:accessKey": None, "aws:secretKey": None, "aws:profile": "short", **self.trial.fault.config}

    def take_place(self) -> None:
        phase = self.trial.phase
        if phase in (REFRESH, DESTROY):
            self._succeed(UP)
        self.emulator.clear_calls()
        self._add_faults()
        command = _COMMANDS.get(phase, UP)
        ended_well = self._strike(command)
        if phase == DESTROY:
            if not ended_well:
                self._succeed(command)
        else:
            if not ended_well and phase == REFRESH:
                self._succeed(command)
            if not ended_well or phase == PREVIEW:
                self._succeed(UP)
        self.emulator.clear_faults()
        if phase != DESTROY:
            self._check_that_nothing_changes()
        self._check_that_processes_have_ended()
        self._judge()

    def _add_faults(self) -> None:
        for number, fault in enumerate(self.trial.fault.faults):
            self.emulator.add_fault(**{"seed": self.trial.seed * 10 + number, **fault})

    def _strike(self, command: tuple[str, ...]) -> bool:
        """Run a command with the trial's signal or outage in its middle; return whether it succeeded."""
        process = self._start(command)
        fault = self.trial.fault
        if fault.kill or fault.outage:
            self.outcome.struck = self._wait_for_phase(process) and self._act(process)
        return self._finish(process).code == 0

    def _act(self, process: subprocess.Popen[bytes]) -> bool:
        fault = self.trial.fault
        if fault.kill is None:
            for operation in ("*", "s3", "sts"):
                self.emulator.add_fault(operation, "drop_before", times=-1)
            self.end_outage.start()
            return True
        tree = process_tree(process.pid)
        self.processes |= set(tree)
        targets = find_targets(fault.kill.target, tree, process.pid)
        send(fault.kill, targets, self.trial.pause)
        return bool(targets)

    def _wait_for_phase(self, process: subprocess.Popen[bytes]) -> bool:
        """Return whether the command has come to the trial's phase, and to the moment in it, before its end."""
        has_come, longest = self._phase()
        while not has_come(process.pid):
            if process.poll() is not None:
                return False
            time.sleep(0.05)
        try:
            process.wait(timeout=self.trial.delay * longest)
        except subprocess.TimeoutExpired:
            return True
        return False

    def _phase(self) -> tuple[Callable[[int], bool], float]:
        """Return whether a phase has begun, and for how many seconds it is the trial's."""
        kill, quota = self.trial.fault.kill, self.trial.fault.settings.get("quota") or self.trial.exports
        target = kill.target if kill else ENGINE
        begin = {
            PREVIEW: lambda pid: bool(find_targets(target, process_tree(pid), pid)),
            FIRST_STARTS: lambda pid: self._count("ExportEarthObservationJob") > 0,
            WAITING: lambda pid: len(self._started()) >= min(self.trial.exports, quota),
            FINISHING: lambda pid: any(each.status == "SUCCEEDED" for each in self._started()),
            REFRESH: lambda pid: self._count("GetEarthObservationJob") > 0,
            DESTROY: lambda pid: self._count("s3:ListObjectVersions") > 0,
        }
        longest = {PREVIEW: 1.0, FIRST_STARTS: 0.1, WAITING: self.trial.export_seconds}
        return begin[self.trial.phase], longest.get(self.trial.phase, 0.2)

    def _count(self, operation: str) -> int:
        return self.emulator.call_count(operation)

    def _started(self) -> list[StartedExport]:
        return StartedExport.all_of(self.emulator.request("GET", "jobs"))

    def _start(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            return subprocess.Popen(
                self.stack.command(*command),
                cwd=self.stack.directory,
                env=self.stack.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _finish(self, process: subprocess.Popen[bytes]) -> CommandResult:
        try:
            code = process.wait(timeout=COMMAND_TIMEOUT)
        except subprocess.TimeoutExpired:
            kill_all(set(process_tree(process.pid)))
            process.wait()
            raise TrialError(f"{process.args!r} did not end in {COMMAND_TIMEOUT:.0f} s:\n{self._output()}") from None
        return CommandResult(code, self._output())

    def _output(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def _succeed(self, command: tuple[str, ...]) -> None:
        """Run a command until it succeeds, as a user does; in the end without faults."""
        for number in range(MAX_COMMANDS):
            if number == MAX_COMMANDS - 1:
                self.emulator.clear_faults()
            self._repair_backend()
            if any(self.stack.directory.glob("state/.pulumi/locks/**/*.json")):
                self.stack.run("cancel", "--yes")
            result = self._finish(self._start(command))
            if result.code == 0:
                return
            self.outcome.reruns += 1
        raise TrialError(f"pulumi {' '.join(command)} failed {MAX_COMMANDS} times:\n{result.output}")

    def _repair_backend(self) -> None:
        """Delete the empty side files that a killed engine leaves: "failed to load checkpoint: EOF", see docs/many-exports.md."""
        for file in self.stack.directory.glob("state/.pulumi/**/*.attrs"):
            if not file.stat().st_size:
                file.unlink()
                self.outcome.repairs += 1

    def _check_that_nothing_changes(self) -> None:
        if self.trial.fault.name.startswith("S3"):  # what could not be listed is recorded by the next refresh
            self._succeed(_COMMANDS[REFRESH])
        command = ("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--expect-no-changes")
        result = self._finish(self._start(command))
        if result.code:
            self.outcome.verdict.wrong.append(f"the refresh at the end shows changes:\n{result.output}")

    def _check_that_processes_have_ended(self) -> None:
        if left := wait_for_exit(self.processes, EXIT_TIMEOUT):
            kill_all(left)
            self.outcome.verdict.wrong.append(f"{len(left)} processes still ran {EXIT_TIMEOUT:.0f} s after the end")

    def _judge(self) -> None:
        recorded = {name: each["outputs"] for name, each in self.stack.resources().items()}
        keys = self.emulator.list_keys()
        wrong = self.outcome.verdict.wrong
        self.outcome.verdict = judge(self.declared, self._started(), recorded, keys, self.trial.phase == DESTROY)
        self.outcome.verdict.wrong += wrong
        if self.neighbor not in keys:
            self.outcome.verdict.wrong.append(f"{self.neighbor} of somebody else is gone")


def write_short_credentials(folder: Path, env: dict[str, str]) -> None:
    """Let the profile ``short`` have credentials that expire so soon that each call has to refresh them."""
    expiration = (datetime.now(timezone.utc) + timedelta(minutes=1)).isoformat()
    credentials = {
        "Version": 1,
        "AccessKeyId": "test",
        "SecretAccessKey": "test",
        "SessionToken": "test",
        "Expiration": expiration,
    }
    (folder / "credentials.json").write_text(json.dumps(credentials))
    (folder / "aws-config").write_text(f"[profile short]\ncredential_process = cat {folder / 'credentials.json'}\n")
    env["AWS_CONFIG_FILE"] = str(folder / "aws-config")
