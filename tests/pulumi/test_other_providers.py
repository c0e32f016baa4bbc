"""A user's own dynamic provider in the same program: ours changes nothing for it."""

from __future__ import annotations

import signal
import subprocess
import time
from importlib.metadata import version

from tests.harness import Emulator, Stack, declaration
from tests.support.waiting import wait_until

#: Older SDKs report the message of an exception alone.
FIRST_SDK_WITH_TRACEBACKS = (3, 260, 0)
OWN_PROVIDER = """\
import time
from pathlib import Path
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class OwnProvider(ResourceProvider):
    def create(self, props):
        if props["fails"]:
            raise ValueError("the user's own mistake")
        Path("own-create-started").touch()
        time.sleep(props["seconds"])
        Path("own-create-finished").touch()
        return CreateResult("own", props)


class Own(Resource):
    def __init__(self, name, **props):
        super().__init__(OwnProvider(), name, props)
"""


def program_with(own: str, program: str) -> str:
    return f"{OWN_PROVIDER}\n{program}\n{own}\n"


def declare_lake(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake")])


def test_an_error_of_another_provider_keeps_its_traceback(emulator: Emulator, stack: Stack) -> None:
    declare_lake(emulator, stack)
    stack.write_program(program_with('Own("own", fails=True, seconds=0)', stack.program))
    shown = stack.up(fails=True)
    assert "the user's own mistake" in shown
    if tuple(map(int, version("pulumi").split("."))) >= FIRST_SDK_WITH_TRACEBACKS:
        assert "Traceback (most recent call last)" in shown
        assert 'raise ValueError("the user\'s own mistake")' in shown


def test_an_error_of_ours_is_one_sentence_beside_another_provider(emulator: Emulator, stack: Stack) -> None:
    declare_lake(emulator, stack)
    stack.write_program(program_with('Own("own", fails=False, seconds=0)', stack.program))
    emulator.add_fault("ExportEarthObservationJob", "access_denied", times=-1, message="You shall not.")
    shown = stack.up(fails=True)
    assert "was refused: AccessDeniedException: You shall not." in shown
    assert "Traceback" not in shown
    assert "own" in {urn.rpartition("::")[2] for urn in urns(stack)}


def start_both_creates(emulator: Emulator, stack: Stack, seconds: int) -> subprocess.Popen[str]:
    """Start an update in which our create waits for its export, and the other provider's takes so many seconds."""
    emulator.configure(export_seconds=60)
    declare_lake(emulator, stack)
    stack.write_program(program_with(f'Own("own", fails=False, seconds={seconds})', stack.program))
    run = stack.start("up", "--yes", "--skip-preview")
    wait_until(
        lambda: emulator.exports_started() == 1 and (stack.directory / "own-create-started").exists(),
        "both creates have started",
    )
    return run


def test_ctrl_c_lets_another_provider_finish_its_create(emulator: Emulator, stack: Stack) -> None:
    run = start_both_creates(emulator, stack, seconds=4)
    run.send_signal(signal.SIGINT)
    shown, _ = run.communicate(timeout=60)
    assert (
        "1 export cancelled: lake; what the service has started goes on, and the next `pulumi up` resumes waiting"
        in shown
    )
    assert (stack.directory / "own-create-finished").exists()
    assert "own" in {urn.rpartition("::")[2] for urn in urns(stack)}


def test_an_engine_that_was_killed_leaves_another_provider_its_create(emulator: Emulator, stack: Stack) -> None:
    run = start_both_creates(emulator, stack, seconds=5)
    run.kill()
    run.communicate(timeout=30)
    wait_until((stack.directory / "own-create-finished").exists, "the other create has finished")


def urns(stack: Stack) -> list[str]:
    return [each["urn"] for each in stack.all_resources()]


def test_the_first_call_of_a_process_reports_its_error_as_one_sentence_too(emulator: Emulator, stack: Stack) -> None:
    stack.declare([declaration("lake", execution_role_arn="no role at all")])
    shown = stack.up(fails=True)
    assert "property execution_role_arn: must be the ARN of an IAM role" in shown
    assert "Traceback" not in shown


def test_a_refresh_whose_first_call_fails_reports_one_sentence(emulator: Emulator, lake: Stack) -> None:
    emulator.add_fault("GetEarthObservationJob", "access_denied", times=-1, message="You shall not.")
    began = time.monotonic()
    shown = lake.refresh(fails=True)
    assert "getting the status of" in shown
    assert "Traceback" not in shown
    assert time.monotonic() - began < 60
