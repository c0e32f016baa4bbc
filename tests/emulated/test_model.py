"""Whatever happens between two updates, the state is true, nothing is exported twice and nobody else's object is deleted.

A state machine of hypothesis interleaves updates, refreshes, destroys, kills, failures, forgotten tokens, renames, deleted
jobs, exports of another team, and objects that come, go and change. HYPOTHESIS_PROFILE=search looks further than a test run.
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

from tests.emulated.simulated_engine import SimulatedEngine
from tests.support.aws_names import ACCOUNT, BUCKET, REGION, job_arn
from tests.support.emulated_account import KEYS, client, exports_started, inputs, list_names, seed_account
from tests.support.lifecycle_harness import other_team_exports
from tests.support.provider_harness import FAST
from tests.support.simulated_clock import SimulatedClock

JOBS = ("lake00000000", "sea000000000")
PREFIXES = ("one", "two")
NAMES = ("a", "b", "c")
SIDECARS = ("x.xml", "_SUCCESS", "output/consolidated/tile_00000.tif.aux.xml")
#: What the service does with used tokens, and how long an export takes. Where it does not replay them, an export that ends
#: before the first poll stays undetermined.
BEHAVIORS = [("replay", 2), ("replay", 300), ("forget", 60), ("forget", 300), ("error", 60), ("error", 300)]
CONFIG = {**KEYS, **FAST, "sagemakergeospatial:pollInterval": "2"}

destinations = st.sampled_from([(job, prefix) for job in JOBS for prefix in PREFIXES])


class Exports(RuleBasedStateMachine):
    """A stack declares a set of exports, one for each job and prefix, each under some name."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.aws = mock_aws(config={"core": {"mock_credentials": False}})
        self.aws.start()
        seed_account()
        self.clock = SimulatedClock()
        self.clock.install(self.patch)
        self.engine = SimulatedEngine(CONFIG, self.clock)
        self.foreign_objects: dict[str, bytes] = {}
        self.deleted_jobs: set[str] = set()
        self.objects_put = 0
        self.other_team_has_exported = False

    def teardown(self) -> None:
        self.aws.stop()
        self.patch.undo()

    @initialize(behavior=st.sampled_from(BEHAVIORS))
    def configure(self, behavior: tuple[str, int]) -> None:
        tokens, seconds = behavior
        geospatial.get_control().configure(tokens=tokens, export_seconds=seconds)
        for job in JOBS:
            geospatial.add_job(job)

    # What is declared

    @rule(
        destination=destinations,
        name=st.sampled_from(NAMES),
        trigger=st.sampled_from([None, "x"]),
        delete=st.booleans(),
        wait=st.booleans(),
    )
    def declare(self, destination: tuple[str, str], name: str, trigger: str | None, delete: bool, wait: bool) -> None:
        for other, entry in list(self.engine.declared.items()):
            if other != name and _destination(entry) == destination:
                del self.engine.declared[other]
        more: dict[str, Any] = {"triggers": trigger, "delete_objects": delete, "wait_for_completion": wait}
        self.engine.declared[name] = inputs(*destination, **more)

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
        self.check_foreign_objects()
        if any("the outcome cannot be determined" in each for each in errors):
            assert self.other_team_has_exported  # a wait that was turned on met the status of another export
            self.engine.refresh()
            errors = self.engine.up()
        assert all(any(job in each for job in self.deleted_jobs) for each in errors), errors
        if errors or self.deleted_jobs:
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
    def a_second_up_exports_nothing(self) -> None:
        self.up()
        before = exports_started()
        if self.engine.up() == [] and not self.deleted_jobs:
            assert exports_started() == before

    @rule()
    def up_is_killed(self) -> None:
        self.engine.up(killed=True)
        self.check_foreign_objects()

    @rule(data=st.data())
    def up_loses_records(self, data: st.DataObject) -> None:
        self.engine.up(lost=frozenset(data.draw(st.sets(st.sampled_from(NAMES), min_size=1))))
        self.check_foreign_objects()

    @rule(job=st.sampled_from(JOBS))
    def an_export_fails(self, job: str) -> None:
        control = geospatial.get_control()
        control.add_fault(operation="ExportEarthObservationJob", kind="fail_export", message="no", arn=job_arn(job))
        self.engine.up()
        control.clear_faults()
        self.check_foreign_objects()

    @rule()
    def refresh(self) -> None:
        self.engine.refresh()

    @rule()
    def refresh_and_up_repair_everything(self) -> None:
        self.end_running_exports()  # one of them may be going to fail
        self.engine.refresh()
        self.up()
        if self.deleted_jobs:
            return
        self.end_running_exports()
        self.engine.refresh()
        for name, resource in self.engine.state.items():
            assert "drift" not in resource["outputs"], (name, resource["outputs"])

    @rule()
    def destroy(self) -> None:
        assert self.engine.destroy() == []
        assert self.engine.state == {}
        self.check_foreign_objects()

    # What happens meanwhile

    @rule(seconds=st.sampled_from([1, 5, 90]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(job=st.sampled_from(JOBS), status=st.sampled_from(["SUCCEEDED", "FAILED"]))
    def another_team_exports(self, job: str, status: str) -> None:
        self.end_running_exports()
        if job not in self.deleted_jobs:
            self.other_team_has_exported = True
            other_team_exports(job=job, status=status)
            self.clock.advance(1)

    @rule(destination=destinations, sidecar=st.sampled_from(SIDECARS))
    def somebody_adds(self, destination: tuple[str, str], sidecar: str) -> None:
        self.put(f"{destination[1]}/{destination[0]}/{sidecar}")

    @precondition(lambda self: self.exported_keys())
    @rule(data=st.data())
    def somebody_overwrites(self, data: st.DataObject) -> None:
        self.put(data.draw(st.sampled_from(self.exported_keys())))

    @precondition(lambda self: self.exported_keys())
    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.exported_keys()))
        client("s3").delete_object(Bucket=BUCKET, Key=key)
        self.foreign_objects.pop(key, None)

    @precondition(lambda self: not self.deleted_jobs)
    @rule(job=st.sampled_from(JOBS))
    def a_job_is_deleted(self, job: str) -> None:
        self.end_running_exports()
        client("sagemaker-geospatial").delete_earth_observation_job(Arn=job_arn(job))
        self.deleted_jobs.add(job)

    @invariant()
    def one_export_for_each_token(self) -> None:
        # A token that starts more than one export was forgotten by the service in between.
        if geospatial.get_control().settings.tokens != "forget":
            backend = geospatial.sagemakergeospatial_backends[ACCOUNT][REGION]
            assert exports_started() == sum(len(tokens) for tokens in backend.export_tokens.values())

    # What the rules need

    def exported_keys(self) -> list[str]:
        return [key for key in list_names("") if "tile_" in key]

    def put(self, key: str) -> None:
        self.end_running_exports()  # while an export is running, what is added may be taken for its own
        self.clock.advance(1000)  # soon after its end, what is overwritten may be taken for its own by an adoption
        self.objects_put += 1
        body = f"somebody's {self.objects_put}".encode()
        client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
        self.foreign_objects[key] = body

    def end_running_exports(self) -> None:
        self.clock.advance(301)
        for job in JOBS:
            if job not in self.deleted_jobs:
                client("sagemaker-geospatial").get_earth_observation_job(Arn=job_arn(job))

    def check_foreign_objects(self) -> None:
        keys = set(list_names(""))
        for key in list(self.foreign_objects):
            assert key in keys, key
            body = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
            if body != self.foreign_objects[key]:
                assert "tile_" in key  # an export has written its own again
                del self.foreign_objects[key]


def _destination(entry: dict[str, Any]) -> tuple[str, str]:
    job = entry["arn"].rpartition("/")[2]
    return job, entry["output_config"]["s3_data"]["s3_uri"].split("/")[3]


settings.register_profile(
    "test",
    max_examples=15,
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
