"""Backward compatibility: the state that an older release wrote can be refreshed, updated and destroyed.

tests/pulumi/states/ has one file per release, recorded with `python -m tests.pulumi.test_older_states VERSION`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.harness import BUCKET, Emulator, Stack, declaration, start_emulator

STATES = Path(__file__).parent / "states"
TOKEN = "a-token-of-the-users-own-of-40-characters"

#: The exports in each recorded state, one of each kind.
ENTRIES = [
    declaration("plain"),
    declaration("with-images", export_source_images=True, triggers={"season": 2024}),
    declaration("with-a-token", client_token=TOKEN),
    declaration("that-deletes", delete_objects=True),
    declaration("unverified", verify_objects=False),
    declaration("replaced", triggers="b"),
]


def releases() -> list[str]:
    """Return the releases with a recorded state."""
    return sorted(path.stem for path in STATES.glob("*.json"))


def project_of(state: dict[str, Any]) -> str:
    """Return the name of the project that wrote a state; a state can only be imported into the same project."""
    urn: str = state["deployment"]["resources"][0]["urn"]
    return urn.split("::")[1]


def record(version: str) -> None:
    """Record the state that the current version writes."""
    process, url = start_emulator()
    try:
        emulator = Emulator(url)
        emulator.reset()
        emulator.add_jobs(ENTRIES)
        with tempfile.TemporaryDirectory() as directory:
            stack = Stack(Path(directory) / "project", url)
            stack.declare([{**entry, "triggers": "a"} if entry["name"] == "replaced" else entry for entry in ENTRIES])
            stack.up()
            stack.declare(ENTRIES)
            stack.up()
            (STATES / f"{version}.json").write_text(json.dumps(stack.export_state(), indent=1) + "\n")
    finally:
        process.terminate()
        process.communicate()


def restore(emulator: Emulator, state: dict[str, Any]) -> None:
    """Export the recorded objects again, and replace the times in the state by those of the new exports."""
    client, s3 = emulator.client("sagemaker-geospatial"), emulator.client("s3")
    outputs = {
        each["outputs"]["arn"]: each["outputs"]
        for each in state["deployment"]["resources"]
        if "arn" in each.get("outputs", {})
    }
    for entry in ENTRIES:
        response = client.export_earth_observation_job(
            Arn=entry["arn"],
            ExecutionRoleArn=entry["execution_role_arn"],
            ExportSourceImages=entry.get("export_source_images", False),
            OutputConfig={"S3Data": {"S3Uri": entry["output_config"]["s3_data"]["s3_uri"]}},
        )
        recorded = outputs[entry["arn"]]
        recorded["creation_time"] = format_utc(response["CreationTime"])
        if "exported_objects" in recorded:
            prefix = f"{entry['name']}/{entry['arn'].rpartition('/')[2]}/"
            objects = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
            recorded["exported_objects"]["newest"] = format_utc(max(each["LastModified"] for each in objects))


def format_utc(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("release", releases())
def test_the_state_of_an_older_release_can_be_refreshed_updated_and_destroyed(
    engine: None, emulator: Emulator, tmp_path: Path, release: str
) -> None:
    state = json.loads((STATES / f"{release}.json").read_text())
    stack = Stack(tmp_path / "project", emulator.url, project=project_of(state))
    emulator.add_jobs(ENTRIES)
    restore(emulator, state)
    emulator.clear_calls()
    stack.declare(ENTRIES)
    stack.import_state(state)
    stack.up_expecting_no_changes()
    stack.refresh("--expect-no-changes")
    stack.declare([{**entry, "wait_for_completion": False} for entry in ENTRIES])
    assert set(stack.plan()) == {entry["name"] for entry in ENTRIES}
    stack.up()
    assert emulator.exports_started() == 0
    stack.destroy()
    assert "that-deletes" not in {key.partition("/")[0] for key in emulator.list_keys(bucket=BUCKET)}
    assert len(emulator.list_keys()) > 0


def test_the_state_of_the_current_release_is_recorded() -> None:
    from pulumi_sagemaker_geospatial import __version__

    assert __version__ in releases()


if __name__ == "__main__":
    record(sys.argv[1])
