"""The package as others see it: its names, its weight, its place in users' states, its types, and the SDKs it knows."""

from __future__ import annotations

import base64
import inspect
import os
import pickle
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi_sagemaker_geospatial as package
import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_sagemaker_geospatial import host as hosting
from pulumi_sagemaker_geospatial.host import TRIED, Host

ROOT = Path(package.__file__).parent

NAMES = [
    *("AnswerMismatch", "CallFailed", "Cancelled", "EarthObservationJob", "ExportEarthObservationJob", "ExportError"),
    *("ExportFailed", "ExportedObjects", "JobNotExportable", "JobNotFound", "OutputConfig", "OutputConfigArgs"),
    *("OutputConfigArgsDict", "S3Data", "S3DataArgs", "S3DataArgsDict", "StatusUnknown", "TimedOut", "TokenSpent"),
    *("WaitEnded", "WrongAccount", "completed_earth_observation_jobs"),
]

DECLARES = """
import asyncio
import sys
import pulumi
asyncio.set_event_loop(asyncio.new_event_loop())  # set_mocks needs one, and Python 3.12 warns where it makes one itself
class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return "id", {**args.inputs, "export_status": "SUCCEEDED"}
    def call(self, args):
        return {}
pulumi.runtime.set_mocks(Mocks())
from pulumi_sagemaker_geospatial import ExportEarthObservationJob
made = ExportEarthObservationJob("lake", arn="arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/lake00000000",
    execution_role_arn="r", output_config={"s3_data": {"s3_uri": "s3://b/p/"}}, triggers=[1])
@pulumi.runtime.test
def shown():
    return pulumi.Output.all(made.location, made.client_token).apply(lambda both: print(*both))
shown()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"boto3", "botocore", "tenacity", "moto"}))
"""


def run(*command: str, **env: str) -> str:
    path = os.pathsep.join([str(ROOT.parent), str(ROOT.parents[1])])
    ran = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path, **env}, capture_output=True, text=True, timeout=300
    )
    return ran.stdout or ran.stderr


def test_the_public_names_are_these() -> None:
    assert sorted(package.__all__) == sorted(NAMES)
    assert all(hasattr(package, name) for name in NAMES)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in NAMES
        if isinstance(getattr(package, name), type) and issubclass(getattr(package, name), Exception)
    ],
)
def test_an_error_is_named_as_it_is_imported(name: str) -> None:
    error = getattr(package, name)
    assert error.__module__ == "pulumi_sagemaker_geospatial"
    assert issubclass(error, package.ExportError)


def test_a_program_that_declares_imports_nothing_that_calls_aws() -> None:
    said = run(sys.executable, "-W", "error", "-c", DECLARES).splitlines()
    assert said[0].startswith("s3://b/p/lake00000000/ pulumi-"), said
    assert said[-1] == "[]"


def test_the_provider_is_64_characters_of_every_state_and_is_found_again() -> None:
    text = serialize_provider(package.P)
    assert len(text) == 64
    assert pickle.loads(base64.b64decode(text)) is package.P
    assert pickle.loads(pickle.dumps(package.P)) is package.P
    assert package.P.serialize_as_secret_always is False


#: The provider as the first version wrote it into users' states.
FIRST = "gASVJQAAAAAAAACMG3B1bHVtaV9zYWdlbWFrZXJfZ2Vvc3BhdGlhbJSMAVCUk5Qu"


def test_the_provider_in_the_state_of_the_first_version_is_found() -> None:
    assert serialize_provider(package.P) == FIRST
    assert pickle.loads(base64.b64decode(FIRST)) is package.P


def test_the_package_is_typed() -> None:
    assert (ROOT / "py.typed").is_file()


def described() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [(name, getattr(package, name)) for name in NAMES]
    for name, kind in list(found):
        for member, value in vars(kind).items():
            if not member.startswith("_") and (isinstance(value, (property, classmethod)) or inspect.isfunction(value)):
                found.append((f"{name}.{member}", value))
    return found


@pytest.mark.parametrize(("name", "what"), described(), ids=[name for name, _ in described()])
def test_everything_public_says_what_it_is(name: str, what: Any) -> None:
    assert (inspect.getdoc(what) or "").strip()


def test_every_file_says_what_it_is_for_and_is_short() -> None:
    for file in ROOT.glob("*.py"):
        assert file.read_text().startswith('"""'), file.name
        assert file.read_text().count("\n") <= 400, file.name


def test_the_pulumi_sdk_in_use_is_one_that_was_tried() -> None:
    assert version("pulumi") in TRIED, (
        f"host.py was not tried with pulumi {version('pulumi')}: run tests/pulumi with it"
    )


@pytest.fixture
def strange_host(monkeypatch: pytest.MonkeyPatch) -> tuple[Host, list[tuple[str, str]]]:
    """A host in a process whose SDK and grpc look different inside: no pool, no table of handlers."""
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(hosting, "_in_a_host", lambda: True)
    monkeypatch.setattr(Host, "log", lambda self, severity, message, *_, **__: said.append((severity, message)))
    monkeypatch.setattr(Host, "_mind_the_engine", lambda self: None)
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    return Host(), said


def test_a_strange_sdk_is_said_and_harms_nothing(strange_host: tuple[Host, list[tuple[str, str]]]) -> None:
    host, said = strange_host
    host.install()
    assert said
    assert {severity for severity, _ in said} == {"warning"}
    assert all("is not known to this package" in message for _, message in said)


def test_a_strange_sdk_is_said_once(strange_host: tuple[Host, list[tuple[str, str]]]) -> None:
    host, said = strange_host
    host.install()
    assert len(said) == 1


def test_outside_a_host_nothing_is_changed_and_nothing_said() -> None:
    limit = getattr(sys, "tracebacklimit", None)
    host = Host()
    host.install()
    host.say_once("warning", "to nobody")
    assert getattr(sys, "tracebacklimit", None) == limit
    assert hosting.call() == hosting.Call()


PROGRAM = """
import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs
key: pulumi.Output[str] = pulumi.Output.from_input("alias/k")
lake = ExportEarthObservationJob("lake", arn={arn}, execution_role_arn="r", output_config={config}, {more})
status: pulumi.Output[str | None] = lake.export_status
where: pulumi.Output[str] = lake.location
"""
RIGHT = {"arn": '"a"', "config": '{"s3_data": {"s3_uri": "s3://b/", "kms_key_id": key}}', "more": ""}
TYPED = 'OutputConfigArgs(s3_data=S3DataArgs(s3_uri="s3://b/", kms_key_id=None))'
PROGRAMS = [
    ({}, None),
    ({"config": TYPED}, None),
    (
        {
            "arn": "key",
            "more": 'triggers={"a": [1, key]}, delete_objects=True, opts=pulumi.ResourceOptions(protect=True)',
        },
        None,
    ),
    ({"arn": "1"}, "arg-type"),
    ({"config": '{"s3_data": {"s3_uri": 1}}'}, "typeddict-item|dict-item|arg-type"),
    ({"config": '{"s3_data": {"s3_url": "s3://b/"}}'}, "typeddict|dict-item|arg-type"),
    ({"config": TYPED.replace("s3_uri", "uri")}, "call-arg"),
    ({"more": "verify_objects=1.5"}, "arg-type"),
    ({"more": "unknown=1"}, "call-arg"),
]


def test_a_type_checker_finds_what_is_wrong_in_a_program_and_only_that(tmp_path: Path) -> None:
    files = []
    for number, (changes, _) in enumerate(PROGRAMS):
        file = tmp_path / f"program_{number}.py"
        file.write_text(
            PROGRAM.replace("{arn}", {**RIGHT, **changes}["arn"])
            .replace("{config}", {**RIGHT, **changes}["config"])
            .replace("{more}", {**RIGHT, **changes}["more"])
        )
        files.append(str(file))
    settings = tmp_path / "mypy.ini"
    settings.write_text("[mypy]\nstrict = True\n")
    said = run(
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(settings),
        "--cache-dir",
        str(tmp_path / "cache"),
        *files,
        MYPYPATH=str(ROOT.parent),
    )
    lines = said.splitlines()
    for number, (changes, code) in enumerate(PROGRAMS):
        found = [line for line in lines if f"program_{number}.py:" in line and " error: " in line]
        if code is None:
            assert not found, changes
        else:
            assert any(each in line for line in found for each in code.split("|")), (changes, said)


def test_what_is_required_is_among_what_is_pinned() -> None:
    def pins(file: str) -> set[tuple[str, str]]:
        found = re.findall(r"^([\w-]+)(?:\[[\w,]+\])?==([\w.]+)", (ROOT.parent.parent / file).read_text(), re.MULTILINE)
        return {(name.lower(), version) for name, version in found}

    required = pins("requirements.txt")
    assert len(required) > 10
    assert required <= pins("constraints.txt")


SLEEPS = """
import os, signal, threading, time
from pulumi_sagemaker_geospatial.host import _waker

def other():
    wake = _waker()
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)  # taken by this thread: the main one sleeps on
    time.sleep(0.5)
    print("sleeps", flush=True)
    wake()
    time.sleep(10)
    os._exit(1)

threading.Thread(target=other, daemon=True).start()
try:
    threading.Event().wait()
except KeyboardInterrupt:
    print("ends")
"""


def test_a_signal_that_another_thread_has_taken_ends_the_host() -> None:
    done = subprocess.run([sys.executable, "-c", SLEEPS], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.split() == ["sleeps", "ends"], done.stderr
