"""The testing kit's emulator: its fixture's environment, time, faults, and its end with the process that started it."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request

import boto3
import pytest
from pulumi_sagemaker_geospatial.testing import Emulator, EmulatorError, emulator, start_emulator
from pulumi_sagemaker_geospatial.testing.pytest_plugin import geospatial_emulator, geospatial_emulator_process

from tests.support.waiting import wait_until

__all__ = ["geospatial_emulator", "geospatial_emulator_process"]

ENVIRONMENT = dict(os.environ)
CODE = """
from pulumi_sagemaker_geospatial.testing import start_emulator
emulator = start_emulator().__enter__()
print(emulator.url, flush=True)
__import__("os")._exit(1)
"""


def start_export(kit: Emulator, arn: str) -> None:
    client = boto3.client("sagemaker-geospatial")
    config = {"S3Data": {"S3Uri": f"s3://{kit.bucket}/results/"}}
    client.export_earth_observation_job(Arn=arn, ExecutionRoleArn=kit.role_arn, OutputConfig=config)


def test_the_environment_leads_boto3_to_the_emulator(
    geospatial_emulator: Emulator,
) -> None:
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert "AWS_PROFILE" not in os.environ
    roads = geospatial_emulator.add_vector_enrichment_job(job_type="REVERSE_GEOCODING")
    [listed] = boto3.client("sagemaker-geospatial").list_vector_enrichment_jobs()["VectorEnrichmentJobSummaries"]
    assert listed["Arn"] == roads


def test_an_export_takes_the_time_that_the_test_moves(
    geospatial_emulator: Emulator,
) -> None:
    lake = geospatial_emulator.add_earth_observation_job("lake00000000", objects=2)
    geospatial_emulator.configure(export_seconds=300)
    start_export(geospatial_emulator, lake)
    for seconds, status, count in ((299, "IN_PROGRESS", 0), (2, "SUCCEEDED", 2)):
        geospatial_emulator.advance_time(seconds)
        assert [export["status"] for export in geospatial_emulator.exports(lake)] == [status]
        assert len(geospatial_emulator.list_keys("results/lake00000000/")) == count
    geospatial_emulator.reset()
    assert geospatial_emulator.exports(lake) == []


def test_a_fault_hits_the_next_call_and_an_impossible_one_is_refused(
    geospatial_emulator: Emulator,
) -> None:
    lake = geospatial_emulator.add_earth_observation_job()
    geospatial_emulator.add_fault("ExportEarthObservationJob", "access_denied")
    with pytest.raises(Exception, match="AccessDenied"):
        start_export(geospatial_emulator, lake)
    start_export(geospatial_emulator, lake)
    assert geospatial_emulator.call_count("ExportEarthObservationJob") == 2
    with pytest.raises(EmulatorError, match="Reboot"):
        geospatial_emulator.add_fault("RebootEarthObservationJob", "throttle")
    with pytest.raises(EmulatorError, match="seconds of 0 or more, not -1"):
        geospatial_emulator.advance_time(-1)


def test_the_environment_is_restored() -> None:
    names = [name for name in {*os.environ, *ENVIRONMENT} if name.upper().startswith(("AWS_", "NO_PROXY"))]
    assert {name: os.environ.get(name) for name in names} == {name: ENVIRONMENT.get(name) for name in names}


def test_the_emulator_ends_with_its_block_and_with_the_process_that_started_it() -> None:
    def has_ended(url: str) -> bool:
        try:
            urllib.request.urlopen(f"{url}/moto-api/sagemaker-geospatial/settings", timeout=5).close()
        except urllib.error.URLError:
            return True
        return False

    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    wait_until(lambda: has_ended(done.stdout.strip()))


def test_a_missing_emulator_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "MODULE", "moto_that_is_not_installed")
    with pytest.raises(EmulatorError, match="pip install moto-sagemaker-geospatial"), start_emulator():
        pass
