"""What has happened before a test begins: exports that were lost or have FAILED, and what they have sent."""

from __future__ import annotations

from pulumi_sagemaker_geospatial._export.spec import ExportSpec

from tests.support.emulated_account import export_request
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.simulated_clock import SimulatedClock


def fail_once(exports: LifecycleHarness, message: str = "The export failed.", objects: int = 0) -> None:
    """Make the next export that starts end FAILED."""
    exports.control.add_fault(
        operation="ExportEarthObservationJob", kind="fail_export", message=message, objects=objects
    )


def lose_record(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    """Let an hour pass, after which no process remembers what was exported."""
    clock.advance(3600)
    exports.clear_logs()


def export_and_lose_record(exports: LifecycleHarness, clock: SimulatedClock, spec: ExportSpec | None = None) -> None:
    """Make an export SUCCEED an hour ago, whose record was lost."""
    exports.create(spec or ExportSpec(export_request()))
    lose_record(exports, clock)


def tokens_sent(exports: LifecycleHarness) -> list[str]:
    """Return the client tokens of all calls that start exports, in their order."""
    return [call["token"] for call in exports.control.calls if call["operation"] == "ExportEarthObservationJob"]
