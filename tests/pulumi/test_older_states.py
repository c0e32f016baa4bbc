"""State that older versions wrote is refreshed, updated and destroyed as if this one had written it.

tests/pulumi/states/ holds one file a release, made by `python -m tests.pulumi.test_older_states VERSION` at its time.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from tests.harness import BUCKET, Emulator, Stack, declared, start_emulator

STATES = Path(__file__).parent / "states"
TOKEN = "a-token-of-the-users-own-of-40-characters"

#: What every release has written: one of each kind of export.
ENTRIES = [
    declared("plain"),
    declared("with-images", export_source_images=True, triggers={"season": 2024}),
    declared("with-a-token", client_token=TOKEN),
    declared("that-deletes", delete_objects=True),
    declared("unverified", verify_objects=False),
    declared("replaced", triggers="b"),
]


def releases() -> list[str]:
    return sorted(path.stem for path in STATES.glob("*.json"))


def write(version: str) -> None:
    """Write the state of this version."""
    process, url = start_emulator()
    try:
        emulator = Emulator(url)
        emulator.reset()
        emulator.jobs(ENTRIES)
        with tempfile.TemporaryDirectory() as directory:
            stack = Stack(Path(directory) / "project", url)
            stack.declare([{**entry, "triggers": "a"} if entry["name"] == "replaced" else entry for entry in ENTRIES])
            stack.up()
            stack.declare(ENTRIES)
            stack.up()
            (STATES / f"{version}.json").write_text(json.dumps(stack.export(), indent=1) + "\n")
    finally:
        process.terminate()
        process.communicate()


def restore(emulator: Emulator, state: dict[str, Any]) -> None:
    """Export everything on this service, and put the times and tokens of now into the state."""
    client = emulator.client("sagemaker-geospatial")
    for entry in ENTRIES:
        client.export_earth_observation_job(
            Arn=entry["arn"],
            ExecutionRoleArn=entry["execution_role_arn"],
            ExportSourceImages=entry.get("export_source_images", False),
            OutputConfig={"S3Data": {"S3Uri": entry["output_config"]["s3_data"]["s3_uri"]}},
        )
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for resource in state["deployment"]["resources"]:
        outputs = resource.get("outputs", {})
        if "creation_time" in outputs:
            outputs["creation_time"] = now
        if "exported_objects" in outputs:
            outputs["exported_objects"]["newest"] = now


@pytest.mark.parametrize("release", releases())
def test_a_state_of_an_older_release_is_refreshed_updated_and_destroyed(
    emulator: Emulator, stack: Stack, release: str
) -> None:
    state = json.loads((STATES / f"{release}.json").read_text())
    emulator.jobs(ENTRIES)
    while time.time() % 1 > 0.5:  # all the exports within one second, which the state then names
        time.sleep(0.05)
    restore(emulator, state)
    emulator.forget_calls()
    stack.declare(ENTRIES)
    stack.import_(state)
    stack.empty()
    stack.refresh("--expect-no-changes")
    stack.declare([{**entry, "wait_for_completion": False} for entry in ENTRIES])
    assert set(stack.plan()) == {entry["name"] for entry in ENTRIES}
    stack.up()
    assert emulator.started() == 0
    stack.destroy()
    assert "that-deletes" not in {key.partition("/")[0] for key in emulator.keys(bucket=BUCKET)}
    assert len(emulator.keys()) > 0


def test_there_is_a_state_of_this_release() -> None:
    from pulumi_sagemaker_geospatial import __version__

    assert __version__ in releases()


if __name__ == "__main__":
    write(sys.argv[1])
