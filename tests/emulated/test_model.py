"""Whatever happens between two updates, the state is true, nothing is exported twice and nobody else's object is deleted.

A machine of hypothesis interleaves updates, refreshes, destroys, kills, failures, forgotten tokens, renames, deleted jobs and
objects that come, go and change, against the emulator in process, on a clock of its own.
HYPOTHESIS_PROFILE=search looks further than a test run does.
"""

from __future__ import annotations

import os
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from moto import mock_aws

from tests.emulated.simulated import Clock, Engine
from tests.emulator.emulator_harness import Account

JOBS = ("lake00000000", "sea000000000")
PLACES = ("one", "two")
NAMES = ("a", "b", "c")
CONFIG = {
    "aws:accessKey": "AKIAIOSFODNN7EXAMPLE",
    "aws:secretKey": "example",
    "sagemakergeospatial:maxCallsPerSecond": 1000,
}

slots = st.sampled_from([(job, place) for job in JOBS for place in PLACES])


class Exports(RuleBasedStateMachine):
    """What is declared is a set of exports, one a job and place, each under some name."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.aws = mock_aws()
        self.aws.start()
        self.clock = Clock()
        self.clock.install(self.patch)
        self.account = Account()
        self.account.furnish()
        self.engine = Engine(CONFIG)
        self.somebodys: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.seen = 0

    def teardown(self) -> None:
        self.aws.stop()
        self.patch.undo()

    @initialize(tokens=st.sampled_from(["replay", "forget", "error"]), seconds=st.sampled_from([2, 60]))
    def furnish(self, tokens: str, seconds: int) -> None:
        control = geospatial.in_use()
        control.clock = lambda: self.clock.at
        control.configure(tokens=tokens, export_seconds=seconds)
        for job in JOBS:
            geospatial.add_job(job)

    # What is declared

    @rule(
        slot=slots,
        name=st.sampled_from(NAMES),
        trigger=st.sampled_from([None, "x"]),
        delete=st.booleans(),
        wait=st.booleans(),
    )
    def declare(self, slot: tuple[str, str], name: str, trigger: str | None, delete: bool, wait: bool) -> None:
        job, place = slot
        for other, entry in list(self.engine.declared.items()):
            if other != name and _slot(entry) == slot:
                del self.engine.declared[other]
        self.engine.declared[name] = {
            "arn": f"arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/{job}",
            "execution_role_arn": self.account.role,
            "output_config": {"s3_data": {"s3_uri": f"s3://{self.account.bucket}/{place}/"}},
            "triggers": trigger,
            "delete_objects": delete,
            "wait_for_completion": wait,
        }

    @precondition(lambda self: self.engine.declared)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        del self.engine.declared[data.draw(st.sampled_from(sorted(self.engine.declared)))]

    @precondition(lambda self: self.engine.declared and len(self.engine.declared) < len(NAMES))
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(sorted(self.engine.declared)))
        new = data.draw(st.sampled_from([name for name in NAMES if name not in self.engine.declared]))
        self.engine.declared[new] = self.engine.declared.pop(old)

    # What is run

    @rule()
    def up(self) -> None:
        errors = self.engine.up()
        self.nobody_elses_object_was_deleted()
        assert all(any(job in each for job in self.gone) for each in errors), errors
        if errors or self.gone:
            return
        assert set(self.engine.state) == set(self.engine.declared)
        for name, entry in self.engine.declared.items():
            outputs = self.engine.state[name]["outputs"]
            assert (outputs["arn"], outputs.get("triggers")) == (entry["arn"], entry["triggers"])
            if outputs["export_status"] == "SUCCEEDED":
                assert outputs["exported_objects"]["count"] > 0
            else:
                assert (outputs["export_status"], entry["wait_for_completion"]) == ("IN_PROGRESS", False)

    @rule()
    def up_twice_exports_nothing_the_second_time(self) -> None:
        self.up()
        before = self.started()
        if self.engine.up() == [] and not self.gone:
            assert self.started() == before

    @rule()
    def killed(self) -> None:
        self.engine.up(killed=True)
        self.nobody_elses_object_was_deleted()

    @rule(data=st.data())
    def record_lost(self, data: st.DataObject) -> None:
        self.engine.up(forget=frozenset(data.draw(st.sets(st.sampled_from(NAMES), min_size=1))))
        self.nobody_elses_object_was_deleted()

    @rule(job=st.sampled_from(JOBS))
    def one_fails(self, job: str) -> None:
        geospatial.in_use().add_fault(
            operation="ExportEarthObservationJob", kind="fail_export", message="no", arn=_arn(job)
        )
        self.engine.up()
        geospatial.in_use().clear_faults()
        self.nobody_elses_object_was_deleted()

    @rule()
    def refresh(self) -> None:
        self.engine.refresh()

    @rule()
    def refresh_and_up_repair_everything(self) -> None:
        self.engine.refresh()
        self.up()
        if self.gone:
            return
        self.wait_for_what_runs()
        self.engine.refresh()
        for name, resource in self.engine.state.items():
            assert "drift" not in resource["outputs"], (name, resource["outputs"])

    @rule()
    def destroy(self) -> None:
        assert self.engine.destroy() == []
        assert self.engine.state == {}
        self.nobody_elses_object_was_deleted()

    # What happens meanwhile

    @rule(seconds=st.sampled_from([1, 5, 90]))
    def time_passes(self, seconds: int) -> None:
        self.clock.forward(seconds)

    @rule(slot=slots, sidecar=st.sampled_from(["x.xml", "_SUCCESS", "output/consolidated/tile_00000.tif.aux.xml"]))
    def somebody_adds(self, slot: tuple[str, str], sidecar: str) -> None:
        self.put(f"{slot[1]}/{slot[0]}/{sidecar}")

    @precondition(lambda self: self.exported())
    @rule(data=st.data())
    def somebody_overwrites(self, data: st.DataObject) -> None:
        self.put(data.draw(st.sampled_from(self.exported())))

    @precondition(lambda self: self.exported())
    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.exported()))
        self.account.s3.delete_object(Bucket=self.account.bucket, Key=key)
        self.somebodys.pop(key, None)

    @precondition(lambda self: len(self.gone) == 0)
    @rule(job=st.sampled_from(JOBS))
    def a_job_is_deleted(self, job: str) -> None:
        self.wait_for_what_runs()
        self.account.client.delete_earth_observation_job(Arn=_arn(job))
        self.gone.add(job)

    @invariant()
    def one_export_for_an_attempt(self) -> None:
        # A token that starts more than one export was forgotten by the service in between.
        control = geospatial.in_use()
        if control.settings.tokens != "forget":
            backend = geospatial.sagemakergeospatial_backends["123456789012"]["us-west-2"]
            assert self.started() == len(backend.export_tokens)

    # What the rules need

    def started(self) -> int:
        return sum(geospatial.in_use().exports.values())

    def exported(self) -> list[str]:
        return [key for key in self.account.keys() if "tile_" in key]

    def put(self, key: str) -> None:
        self.wait_for_what_runs()  # while an export runs, what is added may be taken for its own
        self.clock.forward(1)
        self.seen += 1
        body = f"somebody's {self.seen}".encode()
        self.account.s3.put_object(Bucket=self.account.bucket, Key=key, Body=body)
        self.somebodys[key] = body

    def wait_for_what_runs(self) -> None:
        self.clock.forward(61)
        for job in JOBS:
            if job not in self.gone:
                self.account.get(_arn(job))

    def nobody_elses_object_was_deleted(self) -> None:
        there = set(self.account.keys())
        for key in list(self.somebodys):
            assert key in there, key
            body = self.account.s3.get_object(Bucket=self.account.bucket, Key=key)["Body"].read()
            if body != self.somebodys[key]:
                assert "tile_" in key  # an export has written its own again
                del self.somebodys[key]


def _arn(job: str) -> str:
    return f"arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/{job}"


def _slot(entry: dict[str, Any]) -> tuple[str, str]:
    job = entry["arn"].rpartition("/")[2]
    return job, entry["output_config"]["s3_data"]["s3_uri"].split("/")[3]


settings.register_profile(
    "test",
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
settings.register_profile(
    "search",
    max_examples=1000,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "test")
TestExports = Exports.TestCase
TestExports.settings = settings(settings.get_profile(PROFILE), suppress_health_check=list(HealthCheck))
pytestmark = [pytest.mark.timeout(0)] if PROFILE == "search" else []


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
