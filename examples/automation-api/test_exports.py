"""What the service does with the outcomes of `pulumi up`, without an engine."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from exports import UNKNOWN_ERROR, Export, Exporter
from pulumi import automation as auto

JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000003"
RAW = auto.CommandResult(stdout="secret output", stderr="error: /home/service: the stack is currently locked", code=255)


class FakeStack:
    """A stack whose updates end as they are told, one after the other."""

    name = "demo00000003"

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes, self.calls = list(outcomes), list[str]()
        self.messages: list[str] = []

    def up(self, refresh: bool, on_event: Callable[[Any], None]) -> None:
        self.calls.append("up")
        for message in self.messages:
            on_event(SimpleNamespace(diagnostic_event=SimpleNamespace(severity="error", message=message)))
        if outcome := self.outcomes.pop(0):
            raise outcome

    def cancel(self) -> None:
        self.calls.append("cancel")

    def outputs(self) -> dict[str, auto.OutputValue]:
        return {"location": auto.OutputValue("s3://exports/on-demand/demo00000003/", False)}


def export(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Export a job in a stack, and return its outcome."""
    for function in ("create_or_select_stack", "select_stack"):
        monkeypatch.setattr(auto, function, lambda *args, **kwargs: stack)
    exporter = Exporter("s3://exports/on-demand/", "arn:aws:iam::123456789012:role/export")
    exporter.start(JOB)
    while (found := exporter.find(stack.name)) and found.status == "running":
        time.sleep(0.01)
    assert found is not None
    return found


def test_the_lock_of_a_service_that_was_killed_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = FakeStack(auto.ConcurrentUpdateError(RAW), None)
    assert export(stack, monkeypatch).status == "succeeded"
    assert stack.calls == ["up", "cancel", "up"]


def test_a_lock_that_stays_is_an_error_without_the_output_of_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = FakeStack(auto.ConcurrentUpdateError(RAW), auto.ConcurrentUpdateError(RAW))
    assert export(stack, monkeypatch) == Export(stack.name, "failed", error=UNKNOWN_ERROR)
    assert stack.calls == ["up", "cancel", "up"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("<{%fg 1%}>error: <{%reset%}>the job was not found [SGE304]", "the job was not found [SGE304]"),
        ("Program failed with an unhandled exception:\n  File '/home/service/exports.py'", UNKNOWN_ERROR),
    ],
)
def test_the_sentence_of_the_provider_is_told_and_a_traceback_is_not(
    monkeypatch: pytest.MonkeyPatch, message: str, told: str
) -> None:
    stack = FakeStack(auto.CommandError(RAW))
    stack.messages = [message]
    assert export(stack, monkeypatch).error == told
    assert stack.calls == ["up"]
