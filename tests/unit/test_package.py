"""The package as others see it: its names, its weight, its reference in users' states, its types, and its pins."""

from __future__ import annotations

import base64
import importlib
import inspect
import os
import pickle
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pulumi_sagemaker_geospatial as package
import pytest
from pulumi.dynamic.dynamic import serialize_provider

ROOT = Path(package.__file__).parent

#: The errors, and what each is a kind of.
ERRORS = {
    "ServiceCallError": "ExportError",
    "JobNotFoundError": "ServiceCallError",
    "UnexpectedResponseError": "ServiceCallError",
    "JobNotExportableError": "ExportError",
    "ExportFailedError": "ExportError",
    "ClientTokenUsedError": "ExportError",
    "OutcomeUndeterminedError": "ExportError",
    "ResponseMismatchError": "ExportError",
    "UnknownStatusError": "ExportError",
    "StateError": "ExportError",
    "WaitInterruptedError": "ExportError",
    "WaitTimeoutError": "WaitInterruptedError",
    "CancelledError": "WaitInterruptedError",
    "WrongAccountError": "ExportError",
}
#: The names of errors in version 0.1.0, which are deprecated.
ALIASES = {
    "AnswerMismatch": "ResponseMismatchError",
    "CallFailed": "ServiceCallError",
    "Cancelled": "CancelledError",
    "ExportFailed": "ExportFailedError",
    "JobNotExportable": "JobNotExportableError",
    "JobNotFound": "JobNotFoundError",
    "StatusUnknown": "UnknownStatusError",
    "TimedOut": "WaitTimeoutError",
    "TokenSpent": "ClientTokenUsedError",
    "WaitEnded": "WaitInterruptedError",
    "WrongAccount": "WrongAccountError",
}
OTHER_NAMES = (
    *("EarthObservationJob", "ExportEarthObservationJob", "ExportVectorEnrichmentJob", "ExportError"),
    *("ErrorId", "ExportedObjects", "JobMetadata", "OutputConfig"),
    *("OutputConfigArgs", "OutputConfigArgsDict", "S3Data", "S3DataArgs", "S3DataArgsDict"),
    *("JobList", "VectorEnrichmentJob"),
    *("completed_earth_observation_jobs", "completed_vector_enrichment_jobs"),
)
NAMES = sorted([*ERRORS, *ALIASES, *OTHER_NAMES])

DECLARATION = """
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
lake = ExportEarthObservationJob("lake", arn="arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/lake00000000",
    execution_role_arn="r", output_config={"s3_data": {"s3_uri": "s3://b/p/"}}, triggers=[1])
@pulumi.runtime.test
def print_outputs():
    return pulumi.Output.all(lake.location, lake.client_token).apply(lambda both: print(*both))
print_outputs()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"boto3", "botocore", "tenacity", "moto"}))
"""


def run(*command: str, **env: str) -> str:
    """Return what a command prints, with the package of this checkout on its path."""
    path = os.pathsep.join([str(ROOT.parent), str(ROOT.parents[1])])
    completed = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path, **env}, capture_output=True, text=True, timeout=300
    )
    return completed.stdout or completed.stderr


def test_the_public_names_are_these() -> None:
    assert sorted(package.__all__) == NAMES
    assert all(hasattr(package, name) for name in NAMES)


@pytest.mark.parametrize(("name", "base"), ERRORS.items())
def test_an_error_has_its_place_in_the_tree_and_is_named_as_it_is_imported(name: str, base: str) -> None:
    error = getattr(package, name)
    assert error.__base__ is getattr(package, base)
    assert issubclass(error, package.ExportError)
    assert (error.__module__, error.__qualname__) == ("pulumi_sagemaker_geospatial", name)
    assert f"{name} " in (inspect.getdoc(importlib.import_module("pulumi_sagemaker_geospatial.errors")) or "")


def test_a_program_that_ends_in_an_error_prints_its_message_only() -> None:
    assert package.ExportError.__base__ is pulumi.RunError


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_the_errors_names_of_version_0_1_0_are_aliases(alias: str, name: str) -> None:
    assert getattr(package, alias) is getattr(package, name)


def test_the_service_message_has_the_alias_of_version_0_1_0() -> None:
    error = package.ServiceCallError("a sentence", "ConflictException", "the service's message")
    assert (str(error), error.code, error.words) == ("a sentence [SGE311]", "ConflictException", error.service_message)


def test_a_program_that_declares_imports_nothing_that_calls_aws() -> None:
    lines = run(sys.executable, "-W", "error", "-c", DECLARATION).splitlines()
    assert lines[0].startswith("s3://b/p/lake00000000/ pulumi-"), lines
    assert lines[-1] == "[]"


#: The providers as they are written into users' states, P since version 0.1.0.
RECORDED_PROVIDERS = {
    "P": "gASVJQAAAAAAAACMG3B1bHVtaV9zYWdlbWFrZXJfZ2Vvc3BhdGlhbJSMAVCUk5Qu",
    "V": "gASVJQAAAAAAAACMG3B1bHVtaV9zYWdlbWFrZXJfZ2Vvc3BhdGlhbJSMAVaUk5Qu",
}


@pytest.mark.parametrize(("name", "recorded"), RECORDED_PROVIDERS.items())
def test_the_provider_is_64_characters_of_every_state_and_is_found_again(name: str, recorded: str) -> None:
    provider = getattr(package, name)
    assert serialize_provider(provider) == recorded
    assert len(recorded) == 64
    assert pickle.loads(base64.b64decode(recorded)) is provider
    assert pickle.loads(pickle.dumps(provider)) is provider
    assert provider.serialize_as_secret_always is False


def test_the_package_is_typed() -> None:
    assert (ROOT / "py.typed").is_file()


def public_things() -> list[tuple[str, Any]]:
    """Return the public names, and the public members of public classes."""
    found: list[tuple[str, Any]] = [(name, getattr(package, name)) for name in NAMES]
    for name, value in list(found):
        for member, inner in vars(value).items():
            if not member.startswith("_") and (isinstance(inner, (property, classmethod)) or inspect.isfunction(inner)):
                found.append((f"{name}.{member}", inner))
    return found


@pytest.mark.parametrize(("name", "thing"), public_things(), ids=[name for name, _ in public_things()])
def test_every_public_thing_has_a_docstring(name: str, thing: Any) -> None:
    assert (inspect.getdoc(thing) or "").strip()


@pytest.mark.parametrize("module", [each.name for each in pkgutil.walk_packages([str(ROOT)], f"{package.__name__}.")])
def test_every_module_says_in_its_first_line_what_it_is_for(module: str) -> None:
    docstring = inspect.getdoc(importlib.import_module(module)) or ""
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":")), docstring


PROGRAM = """
import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs
key: pulumi.Output[str] = pulumi.Output.from_input("alias/k")
lake = ExportEarthObservationJob("lake", arn={arn}, execution_role_arn="r", output_config={config}, {more})
status: pulumi.Output[str | None] = lake.export_status
where: pulumi.Output[str] = lake.location
"""
VALID = {"arn": '"a"', "config": '{"s3_data": {"s3_uri": "s3://b/", "kms_key_id": key}}', "more": ""}
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


def test_a_type_checker_finds_every_mistake_in_a_program_and_nothing_else(tmp_path: Path) -> None:
    files = []
    for number, (changes, _) in enumerate(PROGRAMS):
        file = tmp_path / f"program_{number}.py"
        file.write_text(
            PROGRAM.replace("{arn}", {**VALID, **changes}["arn"])
            .replace("{config}", {**VALID, **changes}["config"])
            .replace("{more}", {**VALID, **changes}["more"])
        )
        files.append(str(file))
    settings = tmp_path / "mypy.ini"
    settings.write_text("[mypy]\nstrict = True\n")
    report = run(
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
    lines = report.splitlines()
    for number, (changes, code) in enumerate(PROGRAMS):
        found = [line for line in lines if f"program_{number}.py:" in line and " error: " in line]
        if code is None:
            assert not found, changes
        else:
            assert any(each in line for line in found for each in code.split("|")), (changes, report)


def test_every_requirement_is_pinned() -> None:
    def pins(file: str) -> set[tuple[str, str]]:
        found = re.findall(r"^([\w-]+)(?:\[[\w,]+\])?==([\w.]+)", (ROOT.parent.parent / file).read_text(), re.MULTILINE)
        return {(name.lower(), version) for name, version in found}

    required = pins("requirements.txt")
    assert len(required) > 10
    assert required <= pins("constraints.txt")


def test_every_locked_package_has_the_hashes_of_its_files() -> None:
    text = (ROOT.parent.parent / "constraints.txt").read_text().replace("\\\n", "")
    locked = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(locked) > 90
    assert not [line for line in locked if not re.search(r" --hash=sha256:[0-9a-f]{64}", line)]


@pytest.mark.parametrize("command", ["report", "delete-jobs"])
def test_a_command_without_its_extra_says_what_to_install(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pulumi_sagemaker_geospatial._cli import run_command

    for name in [name for name in sys.modules if name.startswith("pulumi_sagemaker_geospatial._cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "click", None)
    assert run_command([command]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pip install 'pulumi-sagemaker-geospatial[cli]'" in error
