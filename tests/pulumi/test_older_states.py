"""Backward compatibility: the state that an older release wrote can be refreshed, updated and destroyed.

tests/pulumi/states/ has one file per release, recorded with `python -m tests.pulumi.test_older_states VERSION`. The first
state of a further kind of job is a file of its own, recorded with `python -m tests.pulumi.test_older_states KIND`.
tests/pulumi/states/unfinished/ has what version 0.1.0 recorded of exports that were running, had failed or had drifted; see
tests/unit/test_recorded_states.py.
"""

from __future__ import annotations

import base64
import json
import pickle
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import V

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
KIND = "vector-enrichment-job"
#: The exports in the recorded state of vector enrichment jobs.
VECTOR_ENTRIES = [
    declaration("routes", kind=KIND),
    declaration("routes-with-metadata", kind=KIND, save_job_metadata=True),
    declaration("routes-that-delete", kind=KIND, delete_objects=True),
    declaration("routes-replaced", kind=KIND, triggers="b"),
]


def releases() -> list[str]:
    """Return the releases, and the kind of job, with a recorded state."""
    return sorted(path.stem for path in STATES.glob("*.json"))


def project_of(state: dict[str, Any]) -> str:
    """Return the name of the project that wrote a state; a state can only be imported into the same project."""
    urn: str = state["deployment"]["resources"][0]["urn"]
    return urn.split("::")[1]


def entries_of(name: str) -> list[dict[str, Any]]:
    """Return the exports of a recorded state."""
    return VECTOR_ENTRIES if name == KIND else ENTRIES


def record(name: str) -> None:
    """Record the state that the current version writes."""
    entries = entries_of(name)
    process, url = start_emulator()
    try:
        emulator = Emulator(url)
        emulator.reset()
        emulator.add_jobs(entries)
        with tempfile.TemporaryDirectory() as directory:
            stack = Stack(Path(directory) / "project", url)
            stack.declare([{**entry, "triggers": "a"} if entry.get("triggers") == "b" else entry for entry in entries])
            stack.up()
            stack.declare(entries)
            stack.up()
            state = without_paths(stack.export_state())
            (STATES / f"{name}.json").write_text(json.dumps(state, indent=1) + "\n")
    finally:
        process.terminate()
        process.communicate()


def without_paths(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state without the places in this machine's files that declared its resources."""
    for each in state["deployment"]["resources"]:
        for name in ("sourcePosition", "stackTrace"):
            each.pop(name, None)
    return state


def restore(emulator: Emulator, state: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Export the recorded objects again, and replace the times in the state by those of the new exports."""
    client, s3 = emulator.client("sagemaker-geospatial"), emulator.client("s3")
    outputs = {
        each["outputs"]["arn"]: each["outputs"]
        for each in state["deployment"]["resources"]
        if "arn" in each.get("outputs", {})
    }
    for entry in entries:
        is_vector = KIND in entry["arn"]
        images = {} if is_vector else {"ExportSourceImages": entry.get("export_source_images", False)}
        start = client.export_vector_enrichment_job if is_vector else client.export_earth_observation_job
        response = start(
            Arn=entry["arn"],
            ExecutionRoleArn=entry["execution_role_arn"],
            **images,
            OutputConfig={"S3Data": {"S3Uri": entry["output_config"]["s3_data"]["s3_uri"]}},
        )
        recorded = outputs[entry["arn"]]
        recorded["creation_time"] = format_utc(response["CreationTime"])
        if "exported_objects" in recorded:
            prefix = f"{entry['name']}/{entry['arn'].rpartition('/')[2]}/"
            objects = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
            recorded["exported_objects"]["newest"] = format_utc(max(each["LastModified"] for each in objects))
        if "job_metadata" in recorded:
            etag = s3.put_object(Bucket=BUCKET, Key=recorded["job_metadata"]["key"], Body=b"{}")["ETag"]
            recorded["job_metadata"]["etag"] = etag.strip('"')


def format_utc(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("release", releases())
def test_the_state_of_an_older_release_can_be_refreshed_updated_and_destroyed(
    engine: None, emulator: Emulator, tmp_path: Path, release: str
) -> None:
    state = json.loads((STATES / f"{release}.json").read_text())
    stack = Stack(tmp_path / "project", emulator.url, project=project_of(state))
    entries = entries_of(release)
    emulator.add_jobs(entries)
    restore(emulator, state, entries)
    emulator.clear_calls()
    stack.declare(entries)
    stack.import_state(state)
    stack.up_expecting_no_changes()
    stack.refresh("--expect-no-changes")
    stack.declare([{**entry, "wait_for_completion": False} for entry in entries])
    assert f"~ {len(entries)} updated" in stack.up()
    assert emulator.exports_started() == 0
    stack.destroy()
    retained = {key.partition("/")[0] for key in emulator.list_keys(bucket=BUCKET)}
    assert retained == {entry["name"] for entry in entries if not entry.get("delete_objects")}


def test_the_state_of_a_vector_enrichment_job_names_its_provider() -> None:
    resources = json.loads((STATES / f"{KIND}.json").read_text())["deployment"]["resources"]
    recorded = {each["inputs"]["__provider"] for each in resources if "ExportVectorEnrichmentJob" in each["type"]}
    assert [pickle.loads(base64.b64decode(each)) for each in recorded] == [V]


def test_the_state_of_the_current_release_is_recorded() -> None:
    from pulumi_sagemaker_geospatial import __version__

    assert __version__ in releases()


if __name__ == "__main__":
    record(sys.argv[1])
