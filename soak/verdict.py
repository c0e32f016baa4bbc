"""The verdict on a trial: the service's own record of exports against the final state of the stack and the objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

#: How many objects each export writes.
OBJECTS = 3


@dataclass(frozen=True)
class StartedExport:
    """An export in the service's record."""

    arn: str
    status: str
    token: str | None
    created: datetime

    @classmethod
    def all_of(cls, jobs: Iterable[Mapping[str, Any]]) -> list[StartedExport]:
        """Return the exports in the emulator's list of jobs."""
        return [
            cls(job["arn"], each["status"], each["client_token"], datetime.fromisoformat(each["creation_time"]))
            for job in jobs
            for each in job["exports"]
        ]


@dataclass
class Verdict:
    """What became of the exports that a trial declared; each sentence names an export."""

    declared: int = 0
    started: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.duplicated, *self.wrong]


def judge(
    declared: Sequence[Mapping[str, Any]],
    started: Sequence[StartedExport],
    recorded: Mapping[str, Mapping[str, Any]],
    keys: Collection[str],
    destroyed: bool = False,
) -> Verdict:
    """Compare what was declared with what is.

    :param recorded: The outputs in the stack's state, by name.
    :param keys: The keys of all objects in the bucket.
    :param destroyed: Whether the stack was destroyed at the end, with ``delete_objects``.
    """
    verdict = Verdict(len(declared), len(started))
    for entry in declared:
        own = [each for each in started if each.arn == entry["arn"]]
        _judge_starts(entry["name"], own, verdict)
        found = [key for key in keys if key.startswith(results_folder(entry))]
        if destroyed and found:
            verdict.wrong.append(f"{entry['name']}: {len(found)} objects are left after the destruction")
        if not destroyed:
            _judge_record(entry["name"], own, recorded.get(entry["name"]), len(found), verdict)
    names = {entry["name"] for entry in declared}
    verdict.wrong += [f"{name}: recorded, but not declared" for name in recorded if destroyed or name not in names]
    return verdict


def results_folder(entry: Mapping[str, Any]) -> str:
    """Return where an export writes its results, as the beginning of a key."""
    prefix = entry["output_config"]["s3_data"]["s3_uri"].split("/", 3)[3]
    return f"{prefix}{entry['arn'].rpartition('/')[2]}/output/"


def _judge_starts(name: str, own: Sequence[StartedExport], verdict: Verdict) -> None:
    failed = sum(each.status == "FAILED" for each in own)
    if len(own) > 1 + failed:
        verdict.duplicated.append(f"{name}: {len(own)} exports were started, of which {failed} FAILED")
    tokens = [each.token for each in own]
    if len(set(tokens)) < len(tokens):
        verdict.duplicated.append(f"{name}: a client token has started two exports")


def _judge_record(
    name: str, own: Sequence[StartedExport], outputs: Mapping[str, Any] | None, objects: int, verdict: Verdict
) -> None:
    succeeded = {_seconds(each.created) for each in own if each.status == "SUCCEEDED"}
    if outputs is None:
        verdict.lost.append(f"{name}: not in the state")
    elif outputs["export_status"] != "SUCCEEDED":
        problems = verdict.wrong if succeeded else verdict.lost
        problems.append(f"{name}: recorded as {outputs['export_status']}")
    elif not succeeded or objects != OBJECTS:
        verdict.wrong.append(f"{name}: recorded as SUCCEEDED with {objects} objects, {len(succeeded)} have SUCCEEDED")
    elif (outputs.get("exported_objects") or {}).get("count") != OBJECTS:
        verdict.wrong.append(f"{name}: recorded with {outputs.get('exported_objects')}")
    elif not outputs.get("__unsure") and outputs["creation_time"] not in succeeded:
        verdict.wrong.append(f"{name}: recorded is an export of {outputs['creation_time']}, not of {sorted(succeeded)}")


def _seconds(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
