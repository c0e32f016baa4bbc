"""An engine in a few lines: it calls the provider as Pulumi's engine does, in its order, and keeps a state.

For tests that need thousands of updates; what the real engine does is asserted in tests/pulumi.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from pulumi_sagemaker_geospatial import ExportError

from tests.support.calls import InlineCallRunner
from tests.support.provider_harness import ProviderHarness, RecordingHost
from tests.support.simulated_clock import SimulatedClock

#: Resources by name.
Resources = dict[str, dict[str, Any]]


class KilledHost(RecordingHost):
    """A host whose process dies with the first status that a wait reports."""

    def log(self, severity: str, message: str, urn: str = "", ephemeral: bool = False) -> None:
        super().log(severity, message, urn, ephemeral)
        if message == "IN_PROGRESS":
            self.cancellation.cancel()


@dataclass
class SimulatedEngine:
    """A stack: what its program declares, and what its state has."""

    config: dict[str, Any]
    clock: SimulatedClock
    declared: Resources = field(default_factory=dict)
    state: Resources = field(default_factory=dict)

    def up(self, killed: bool = False, lost: frozenset[str] = frozenset()) -> list[str]:
        """Run an update, and return its errors.

        ``killed``: the process dies while its first export is running. ``lost``: the records of these creations are lost.
        """
        errors: list[str] = []
        provider = self._new_process(KilledHost if killed else RecordingHost)
        declared, replaced = copy.deepcopy(self.declared), {}
        for name, news in declared.items():
            old = self.state.get(name)
            try:
                step = self._step(provider, name, old, news)
            except ExportError as exc:
                errors.append(f"{name}: {exc}")
                continue
            if step is None or name in lost:
                continue
            resource, is_replacement = step
            if old is not None and is_replacement:
                replaced[name] = old
            self.state[name] = resource
        if not killed:  # a killed process deletes nothing any more
            for name, old in replaced.items():
                errors += self._delete(provider, name, old)
        if not errors and not killed and not lost:
            errors += self._delete_all(provider, [name for name in self.state if name not in declared])
        return errors

    def refresh(self) -> None:
        """Run a refresh."""
        provider = self._new_process()
        for name, old in list(self.state.items()):
            result = provider.read(old["outputs"], name, old["id"])
            if result.id:
                old["outputs"] = result.outs
            else:
                del self.state[name]

    def destroy(self) -> list[str]:
        """Delete all resources, and return the errors."""
        return self._delete_all(self._new_process(), list(self.state))

    def _step(
        self, provider: ProviderHarness, name: str, old: dict[str, Any] | None, news: dict[str, Any]
    ) -> tuple[dict[str, Any], bool] | None:
        """Create, replace or update a resource; None where nothing changes. Returns it, and whether it was replaced."""
        if old is None:
            return _create(provider, name, news), False
        checked = provider.check(news, old["inputs"], name)
        assert not checked.failures, [(name, each.property, each.reason) for each in checked.failures]
        diff = provider.diff(old["outputs"], checked.inputs, name, old["id"])
        if diff.replaces:
            return _create(provider, name, news), True
        if diff.changes:
            outputs = provider.update(old["outputs"], checked.inputs, name, old["id"])
            return {**old, "inputs": checked.inputs, "outputs": outputs}, False
        return None

    def _delete_all(self, provider: ProviderHarness, names: list[str]) -> list[str]:
        errors: list[str] = []
        for name in names:
            failed = self._delete(provider, name, self.state[name])
            errors += failed
            if not failed:
                del self.state[name]
        return errors

    @staticmethod
    def _delete(provider: ProviderHarness, name: str, old: dict[str, Any]) -> list[str]:
        try:
            provider.delete(old["outputs"], name, old["id"])
        except ExportError as exc:
            return [f"{name}: {exc}"]
        return []

    def _new_process(self, new_host: type[RecordingHost] = RecordingHost) -> ProviderHarness:
        return ProviderHarness(self.config, self.clock, InlineCallRunner(), 3600.0, new_host)


def _create(provider: ProviderHarness, name: str, news: dict[str, Any]) -> dict[str, Any]:
    checked = provider.check(news, name=name)
    assert not checked.failures, [(name, each.property, each.reason) for each in checked.failures]
    result = provider.create(news, name)
    return {"id": result.id, "inputs": checked.inputs, "outputs": result.outs}
