"""`EarthObservationExport` with Pulumi's mocks: its resources, the role's policies, and what its URNs are."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

import pulumi
import pytest
from pulumi_sagemaker_geospatial import ExportError
from pulumi_sagemaker_geospatial.__main__ import main
from pulumi_sagemaker_geospatial.testing import ExportMocks

from tests.harness import CHECKOUT, job_arn

JOB = job_arn("lake00000000")
KEY = "arn:aws:kms:us-west-2:123456789012:key/given"
CREATED_KEY = "arn:aws:kms:us-west-2:123456789012:key/created"
ROLE = "arn:aws:iam::123456789012:role/created"

#: Declares a component for each set of arguments, and prints the requests that the engine gets, by name.
PROGRAM = """
import asyncio, json, sys
import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockMonitor

KEY, ROLE, components = json.loads(sys.argv[1])
requests, register = {}, MockMonitor.RegisterResource

def record(self, request):
    requests[request.name] = {
        "type": request.type,
        "inputs": MessageToDict(request.object),
        "dependencies": sorted(each.rpartition("::")[2] for each in request.dependencies),
        "timeouts": MessageToDict(request.customTimeouts),
        "provider": request.provider,
    }
    response = register(self, request)
    requests[request.name]["urn"] = response.urn
    return response

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        created = {
            "aws:kms/key:Key": {"arn": KEY},
            "aws:iam/role:Role": {"arn": ROLE, "name": "created"},
            "aws:s3/bucket:Bucket": {"bucket": "created"},
        }.get(args.typ, {})
        return [args.name, {**args.inputs, **created}]
    def call(self, args):
        raise AssertionError(args.token)

MockMonitor.RegisterResource = record
asyncio.set_event_loop(asyncio.new_event_loop())
pulumi.runtime.set_mocks(Mocks(), project="p", stack="s")

@pulumi.runtime.test
def declare():
    import pulumi_aws
    from pulumi_sagemaker_geospatial.component import EarthObservationExport

    for name, arguments in components.items():
        timeouts = pulumi.CustomTimeouts(create=arguments.pop("create", None))
        provider = pulumi_aws.Provider("other") if arguments.pop("other_provider", False) else None
        options = pulumi.ResourceOptions(custom_timeouts=timeouts, provider=provider)
        EarthObservationExport(name, **arguments, opts=options)

declare()
print(json.dumps(requests))
"""
COMPONENTS: dict[str, dict[str, Any]] = {
    "own": {"arn": JOB, "create_kms_key": True, "prefix": "/a*/b/", "create": "5m", "triggers": ["t"]},
    "given": {"arn": JOB, "bucket": "given", "kms_key_arn": KEY, "prefix": "lake", "save_job_metadata": True},
    "least": {"arn": JOB.replace("arn:aws:", "arn:aws-us-gov:"), "bucket": "given", "other_provider": True},
}


@pytest.fixture(scope="module")
def requests() -> dict[str, dict[str, Any]]:
    """The requests that the engine gets, by the resource's name; a component's is that of its export."""
    command = [sys.executable, "-c", PROGRAM, json.dumps([CREATED_KEY, ROLE, COMPONENTS])]
    done = subprocess.run(command, cwd=CHECKOUT / "provider", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def of_component(requests: dict[str, dict[str, Any]], name: str) -> dict[str, str]:
    """Return the types of the pulumi-aws resources of a component, by the end of their names."""
    return {key.removeprefix(f"{name}-"): each["type"] for key, each in requests.items() if key.startswith(f"{name}-")}


def test_resources_are_created_only_for_what_is_not_given(requests: dict[str, dict[str, Any]]) -> None:
    role = {"role": "aws:iam/role:Role", "permissions": "aws:iam/rolePolicy:RolePolicy"}
    assert of_component(requests, "given") == of_component(requests, "least") == role
    assert of_component(requests, "own") == {
        **role,
        "key": "aws:kms/key:Key",
        "bucket": "aws:s3/bucket:Bucket",
        "private": "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "encrypted": "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    }


@pytest.mark.parametrize(
    ("name", "job", "destination", "key"),
    [
        ("own", JOB, "s3://created/a*/b/", CREATED_KEY),
        ("given", JOB, "s3://given/lake/", KEY),
        ("least", COMPONENTS["least"]["arn"], "s3://given/", None),
    ],
)
def test_the_role_has_the_policies_that_the_command_prints_for_the_export(
    requests: dict[str, dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    name: str,
    job: str,
    destination: str,
    key: str | None,
) -> None:
    role = ROLE.replace("arn:aws:", f"arn:{job.split(':')[1]}:")
    main(["policies", "--job", job, "--destination", destination, "--role", role, *(["--key", key] if key else [])])
    printed = json.loads(capsys.readouterr().out)
    assert json.loads(requests[f"{name}-permissions"]["inputs"]["policy"]) == printed["execution-role"]
    assert json.loads(requests[f"{name}-role"]["inputs"]["assumeRolePolicy"]) == printed["execution-role-trust"]
    export = requests[name]["inputs"]
    assert export["execution_role_arn"] == ROLE
    assert export["output_config"]["s3_data"] == {"s3_uri": destination} | ({"kms_key_id": key} if key else {})


def test_a_created_bucket_is_private_and_encrypted_with_the_key(requests: dict[str, dict[str, Any]]) -> None:
    private = requests["own-private"]["inputs"]
    assert private.pop("bucket") == "created"
    assert private == dict.fromkeys(
        ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
    )
    [rule] = requests["own-encrypted"]["inputs"]["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": CREATED_KEY}
    assert requests["own-bucket"]["inputs"] == {}
    assert requests["own-key"]["inputs"]["enableKeyRotation"] is True


def test_the_export_starts_when_the_role_and_the_bucket_are_ready(requests: dict[str, dict[str, Any]]) -> None:
    assert {"own-permissions", "own-private", "own-encrypted"} <= set(requests["own"]["dependencies"])
    assert {"given-permissions"} <= set(requests["given"]["dependencies"])


def test_settings_and_timeouts_are_those_of_the_export(requests: dict[str, dict[str, Any]]) -> None:
    assert requests["own"]["inputs"]["triggers"] == ["t"]
    assert requests["own"]["timeouts"] == {"create": "5m"}
    assert requests["given"]["inputs"]["save_job_metadata"] is True
    assert "save_job_metadata" not in requests["own"]["inputs"]


def test_resources_of_pulumi_aws_use_the_provider_of_the_component(requests: dict[str, dict[str, Any]]) -> None:
    assert "pulumi:providers:aws::other::" in requests["least-role"]["provider"]
    assert requests["own-role"]["provider"] == ""


def test_the_urns_which_are_users_state_do_not_change(requests: dict[str, dict[str, Any]]) -> None:
    component = (
        "::sagemaker-geospatial:index:EarthObservationExport$"  # the mocks of older SDKs have a stack of their own
    )
    assert requests["own"]["urn"].endswith(f"{component}pulumi-python:dynamic:ExportEarthObservationJob::own")
    assert requests["own-role"]["urn"].endswith(f"{component}aws:iam/role:Role::own-role")


BUCKET = "bucket must be the name of a bucket, such as my-bucket"
NO_KEY = "kms_key_arn must be the ARN of a KMS key.*cannot name an alias"
INVALID: list[tuple[dict[str, Any], str]] = [
    ({"kms_key_arn": KEY, "create_kms_key": True}, "kms_key_arn and create_kms_key exclude each other"),
    ({"kms_key_arn": "alias/own"}, NO_KEY),
    ({"kms_key_arn": 5}, NO_KEY),
    ({"arn": "lake00000000"}, "arn must be the ARN of an Earth observation job"),
    ({"arn": None}, "arn is required"),
    ({"arn": 12}, "arn must be a string, not a number"),
    ({"prefix": 5}, "prefix must be a string, not int"),
    ({"prefix": "s3://b/x"}, "prefix must be a key prefix"),
    ({"bucket": "s3://my-bucket"}, BUCKET),
    ({"bucket": "arn:aws:s3:::my-bucket"}, BUCKET),
    ({"bucket": "my-bucket/x"}, BUCKET),
    ({"bucket": 4}, "bucket must be a string, not int"),
    ({"bucket": object.__new__(pulumi.CustomResource)}, "bucket must be a string, not CustomResource: pass its name"),
    ({"create_kms_key": "false"}, "create_kms_key must be True or False, not str"),
    ({"create_kms_key": None}, "create_kms_key must be True or False, not NoneType"),
]


@pytest.mark.parametrize(("arguments", "message"), INVALID, ids=lambda each: str(each)[:40])
def test_an_argument_of_another_type_or_form_is_refused_with_its_name(arguments: dict[str, Any], message: str) -> None:
    component = importlib.import_module("pulumi_sagemaker_geospatial.component")
    with pytest.raises(ExportError, match=rf"^lake: {message}.*\[SGE10[18]\]$"):
        component.EarthObservationExport("lake", **{"arn": JOB, **arguments})


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("arn", "lake00000000", "arn must be the ARN of an Earth observation job"),
        ("bucket", "s3://my-bucket", BUCKET),
        ("prefix", 5, "prefix must be a string, not int"),
        ("kms_key_arn", "alias/x", NO_KEY),
    ],
)
def test_an_output_is_checked_when_it_is_known(argument: str, value: Any, message: str) -> None:
    component = importlib.import_module("pulumi_sagemaker_geospatial.component")

    def program() -> None:
        component.EarthObservationExport("lake", **{"arn": JOB, argument: pulumi.Output.from_input(value)})

    with pytest.raises(ExportError, match=rf"^lake: {message}.*\[SGE101\]$"):
        ExportMocks().run(program)


def test_an_output_is_refused_where_the_program_has_to_know_the_value() -> None:
    component = importlib.import_module("pulumi_sagemaker_geospatial.component")

    def program() -> None:
        component.EarthObservationExport("lake", JOB, create_kms_key=pulumi.Output.from_input(True))

    with pytest.raises(ExportError, match=r"^lake: create_kms_key must be True or False, not Output"):
        ExportMocks().run(program)


def test_an_unknown_argument_is_an_error_of_the_component() -> None:
    component = importlib.import_module("pulumi_sagemaker_geospatial.component")
    with pytest.raises(TypeError, match=r"^EarthObservationExport.__init__\(\) got an unexpected .* 'wait'$"):
        component.EarthObservationExport("lake", JOB, wait=True)


def test_without_pulumi_aws_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pulumi_sagemaker_geospatial.component", raising=False)
    monkeypatch.setitem(sys.modules, "pulumi_aws", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'pulumi-sagemaker-geospatial\[aws\]'"):
        importlib.import_module("pulumi_sagemaker_geospatial.component")
