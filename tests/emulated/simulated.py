"""An engine in a few lines: it asks the provider what Pulumi's engine asks, in its order, and keeps a state.

For tests that need thousands of updates; what the real engine does is asserted in tests/pulumi.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import pulumi_sagemaker_geospatial.process as process_module
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_sagemaker_geospatial.errors import ExportError
from pulumi_sagemaker_geospatial.provider import ExportProvider

State = dict[str, dict[str, Any]]


class Clock:
    """One time for the provider, the service and S3; waiting makes it go."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=timezone.utc)
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.at.timestamp()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.forward(max(seconds, 0.001))
        return event.is_set()

    def forward(self, seconds: float) -> None:
        with self._lock:
            self.at += timedelta(seconds=seconds)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process_module, "RealClock", lambda: self)
        monkeypatch.setattr("moto.s3.models.utcnow", lambda: self.at.replace(tzinfo=None))
        monkeypatch.setattr("moto.core.responses.utcnow", lambda: self.at.replace(tzinfo=None))


@dataclass
class Wire:
    """What the host finds in the frame of a call."""

    urn: str
    timeout: float = 3600.0


@dataclass
class Engine:
    """A stack: what is declared, by name, and what the state holds."""

    config: dict[str, Any]
    declared: State = field(default_factory=dict)
    state: State = field(default_factory=dict)

    def up(self, killed: bool = False, forget: frozenset[str] = frozenset()) -> list[str]:
        """An update; the errors that it ends with. ``killed``: the run dies while its first export is under way;
        ``forget``: the records of these creations are lost."""
        errors: list[str] = []
        with self._process(killed) as provider:
            wanted = copy.deepcopy(self.declared)
            replaced: State = {}
            for name, news in wanted.items():
                old = self.state.get(name)
                try:
                    step = self._step(provider, name, old, news)
                except ExportError as exc:
                    errors.append(f"{name}: {exc}")
                    continue
                if step is None:
                    continue
                if name in forget:
                    continue
                if old is not None and step.pop("replaced", False):
                    replaced[name] = old
                step.pop("replaced", None)
                self.state[name] = step
            if errors or killed:
                # What a failed replacement has left undone is done by the next update; the old ones stay.
                replaced = {name: old for name, old in replaced.items() if not killed}
            for name, old in replaced.items():
                errors += self._delete(provider, name, old)
            if not errors and not killed and not forget:
                for name in [each for each in self.state if each not in wanted]:
                    failed = self._delete(provider, name, self.state[name])
                    errors += failed
                    if not failed:
                        del self.state[name]
        return errors

    def refresh(self) -> None:
        with self._process() as provider:
            for name, old in list(self.state.items()):
                result = _read(provider, name, old)
                if not result.id:
                    del self.state[name]
                else:
                    old["outputs"] = result.outs

    def destroy(self) -> list[str]:
        errors: list[str] = []
        with self._process() as provider:
            for name, old in list(self.state.items()):
                failed = self._delete(provider, name, old)
                errors += failed
                if not failed:
                    del self.state[name]
        return errors

    def _step(
        self, provider: ExportProvider, name: str, old: dict[str, Any] | None, news: dict[str, Any]
    ) -> dict[str, Any] | None:
        if old is None:
            return _create(provider, name, _check(provider, name, {}, news))
        inputs = _check(provider, name, old["inputs"], news)
        diff = _diff(provider, name, old["id"], old["outputs"], inputs)
        if diff.replaces:
            return {**_create(provider, name, _check(provider, name, {}, news)), "replaced": True}
        if diff.changes:
            return {**old, "inputs": inputs, "outputs": _update(provider, name, old, inputs)}
        return None

    def _delete(self, provider: ExportProvider, name: str, old: dict[str, Any]) -> list[str]:
        request = Wire(_urn(name))
        try:
            provider.delete(old["id"], old["outputs"])
        except ExportError as exc:
            return [f"{request.urn}: {exc}"]
        return []

    @contextmanager
    def _process(self, killed: bool = False) -> Iterator[ExportProvider]:
        provider = ExportProvider()
        provider.configure(ConfigureRequest(Config(self.config, "house")))
        host = provider._host
        if killed:
            # The first status that a wait reports is the last thing that this process does.
            host.log = lambda severity, text, *_, **__: host.stop() if text == "IN_PROGRESS" else None  # type: ignore[method-assign]
        try:
            yield provider
        finally:
            host.stop()


def _urn(name: str) -> str:
    return f"urn:pulumi:test::house::pulumi-python:dynamic:ExportEarthObservationJob::{name}"


def _check(provider: ExportProvider, name: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    request = Wire(_urn(name))
    result = provider.check(copy.deepcopy(olds), copy.deepcopy(news))
    assert not result.failures, [(request.urn, each.property, each.reason) for each in result.failures]
    return result.inputs


def _diff(provider: ExportProvider, name: str, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> Any:
    request = Wire(_urn(name))
    result = provider.diff(id_, copy.deepcopy(olds), copy.deepcopy(news))
    assert request.urn
    return result


def _create(provider: ExportProvider, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    request = Wire(_urn(name))
    result = provider.create(copy.deepcopy(inputs))
    assert request.urn
    return {"id": result.id, "inputs": inputs, "outputs": result.outs}


def _update(provider: ExportProvider, name: str, old: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    request = Wire(_urn(name))
    result = provider.update(old["id"], copy.deepcopy(old["outputs"]), copy.deepcopy(inputs))
    assert request.urn
    outputs: dict[str, Any] = result.outs or {}
    return outputs


def _read(provider: ExportProvider, name: str, old: dict[str, Any]) -> Any:
    request = Wire(_urn(name))
    result = provider.read(old["id"], copy.deepcopy(old["outputs"]))
    assert request.urn
    return result
