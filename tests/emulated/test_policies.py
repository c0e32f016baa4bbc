"""The IAM policies of the package: they suffice, and without any one of their actions a sentence says which one to allow.

moto's authorization is switched on: it checks signatures and the caller's identity. The emulator adds the rest: conditions,
bucket and key policies, DeleteObjects by object, iam:PassRole, and what the service does in the name of the execution role.
The bucket and the key are of another account, so that each of the five policies is needed.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto.core import enable_iam_authentication
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from pulumi.runtime import set_all_config
from pulumi_sagemaker_geospatial import ExportError, completed_earth_observation_jobs, policies
from pulumi_sagemaker_geospatial.__main__ import STATEMENT_OPTIONS, main

from tests.support.aws_names import ACCOUNT, REGION, job_arn
from tests.support.command_stack import CommandStack
from tests.support.emulated_account import FIRST_FILE, JOB, client, inputs
from tests.support.provider_harness import ProviderHarness
from tests.support.simulated_clock import SimulatedClock

OTHER_ACCOUNT = "999999999999"
BUCKET, ROLE = "results", f"arn:aws:iam::{ACCOUNT}:role/export"
DESTINATION = f"s3://{BUCKET}/lake/"
ADVICE = re.compile(r"\b([Aa]llow|Grant|Let)\b")

OPTIONS = tuple(STATEMENT_OPTIONS)
#: The options for commands: these need an export that has saved its job's metadata.
COMMAND_OPTIONS = {"--report", "--read-objects", "--delete-jobs"}

Policies = dict[str, Any]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def all_actions() -> Iterator[tuple[str, str, str]]:
    """Yield each action of the policies: the policy, the statement's Sid, the action."""
    placeholders = dict.fromkeys(("JOB_ARN", "ROLE_ARN", "BUCKET_ARN", "PREFIX", "KEY_ARN", "ACCOUNT_ARN"), "x")
    for name in policies.NAMES:
        for statement in policies.fill_policy(name, placeholders)["Statement"]:
            yield from ((name, statement["Sid"], action) for action in as_list(statement["Action"]))


def without_action(documents: Policies, name: str, sid: str, action: str) -> Policies:
    """Return the policies without one action of one statement."""
    changed = copy.deepcopy(documents)
    [statement] = [each for each in changed[name]["Statement"] if each["Sid"] == sid]
    statement["Action"] = [each for each in as_list(statement["Action"]) if each != action]
    if not statement["Action"]:  # IAM accepts no statement without an action
        statement["Action"] = "iam:GetUser"
    return changed


@dataclass
class Owner:
    """A bucket and a key, and whose they are."""

    account: str
    versioned: bool = False

    def __post_init__(self) -> None:
        self.bucket = s3_backends[self.account]["aws"].create_bucket(BUCKET, REGION)
        if self.versioned:
            self.bucket.versioning_status = "Enabled"
        self.key = kms_backends[self.account][REGION].create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)

    def rendered(self, capsys: pytest.CaptureFixture[str], *options: str) -> Policies:
        """Return the policies as the command prints them."""
        arguments = ["--job", job_arn(JOB), "--destination", DESTINATION, "--role", ROLE, "--key", self.key.arn]
        main(["policies", *arguments, *options])
        printed: Policies = json.loads(capsys.readouterr().out)
        return printed

    def adopt(self, documents: Policies) -> None:
        """Give the bucket and the key the policies for them."""
        self.bucket.policy = json.dumps(documents["bucket"]).encode()
        self.key.policy = json.dumps(documents["key"])


def sign_in_as_caller(prod: CommandStack, documents: Policies) -> None:
    """Create the caller and the execution role with their policies, and let the provider sign in as the caller."""
    iam = client("iam")
    iam.create_role(RoleName="export", AssumeRolePolicyDocument=json.dumps(documents["execution-role-trust"]))
    iam.put_role_policy(RoleName="export", PolicyName="p", PolicyDocument=json.dumps(documents["execution-role"]))
    iam.create_user(UserName="caller")
    iam.put_user_policy(UserName="caller", PolicyName="p", PolicyDocument=json.dumps(documents["caller"]))
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    keys = {"aws:accessKey": key["AccessKeyId"], "aws:secretKey": key["SecretAccessKey"]}
    prod.provider.config.update(keys)
    prod.provider.restart()
    prod.pulumi.write_config({**keys, "aws:maxRetries": "0"})
    set_all_config(keys)


def told_by_whole_life(
    prod: CommandStack, clock: SimulatedClock, owner: Owner, options: tuple[str, ...] = OPTIONS
) -> str:
    """List the jobs; create, report, refresh, damage and delete an export; return all that was told, errors included."""
    provider = prod.provider
    s3_data = {"s3_uri": DESTINATION, "kms_key_id": owner.key.arn}
    declared = inputs(
        execution_role_arn=ROLE,
        output_config={"s3_data": s3_data},
        delete_objects="--delete-objects" in options,
        save_job_metadata="--save-job-metadata" in options,
    )
    told = []
    with enable_iam_authentication():
        try:
            if "--list-jobs" in options:
                assert len(completed_earth_observation_jobs()) == 1
            outputs = provider.create(declared).outs
            told += provider.logged("warning")
            prod.pulumi.add_export("lake", outputs)
            told += told_by_commands(prod, options)
            clock.advance(3600)
            provider.restart()
            assert provider.read(outputs).outs.get("drift") is None
            owner.bucket.keys.pop(f"lake/{JOB}/{FIRST_FILE}")
            told.append(f"drift: {provider.read(outputs).outs.get('drift')}")
            provider.delete(outputs)
        except ExportError as exc:
            told.append(str(exc))
    return "\n".join([*told, *provider.logged("warning"), *provider.logged("info")])


def told_by_commands(prod: CommandStack, options: tuple[str, ...]) -> Iterator[str]:
    """Report on the stack, with a look into the objects where the options allow that, and delete the job."""
    if "--report" in options:
        deep = ["--deep"] if "--read-objects" in options else []
        if deep:
            pytest.importorskip("rasterio", reason="the extra [raster] is not installed")
        result = prod.report(*deep)
        yield result.error or result.out.splitlines()[-1]
    if "--delete-jobs" in options:
        result = prod.delete_jobs("--yes")
        yield result.error or result.out.splitlines()[-1]


@pytest.fixture(autouse=True)
def _setup(provider: ProviderHarness) -> Iterator[None]:
    provider.control.configure(export_seconds=5)  # few polls
    yield
    set_all_config({})


@pytest.mark.parametrize(
    ("owning_account", "versioned"), [(ACCOUNT, False), (OTHER_ACCOUNT, False), (OTHER_ACCOUNT, True)], ids=str
)
def test_the_policies_suffice_for_the_whole_life_of_an_export(
    prod: CommandStack,
    clock: SimulatedClock,
    capsys: pytest.CaptureFixture[str],
    owning_account: str,
    versioned: bool,
) -> None:
    owner = Owner(owning_account, versioned)
    documents = owner.rendered(capsys, *OPTIONS)
    if owning_account != ACCOUNT:  # in the same account, the bucket needs no policy, and the key has its default one
        owner.adopt(documents)
    sign_in_as_caller(prod, documents)
    told = told_by_whole_life(prod, clock, owner)
    assert "1 export complete: 3 objects" in told
    assert "deleted 1 job, which stored 3.9 kB" in told
    assert "drift: 1 of 3 objects is gone" in told
    assert "deleted the 2 objects that this export wrote of 3" in told
    assert not ADVICE.search(told), told


@pytest.mark.parametrize(("name", "sid", "action"), list(all_actions()))
def test_without_any_action_a_sentence_names_it_and_says_what_to_do(
    prod: CommandStack,
    clock: SimulatedClock,
    capsys: pytest.CaptureFixture[str],
    name: str,
    sid: str,
    action: str,
) -> None:
    owner = Owner(OTHER_ACCOUNT, versioned=action == "s3:DeleteObjectVersion")
    options = tuple(option for option, (sids, _) in STATEMENT_OPTIONS.items() if sid in sids)
    if COMMAND_OPTIONS.intersection(options):
        options += ("--save-job-metadata", "--report")
    documents = without_action(owner.rendered(capsys, *options), name, sid, action)
    owner.adopt(documents)
    sign_in_as_caller(prod, documents)
    told = told_by_whole_life(prod, clock, owner, options)
    named = [line for line in told.splitlines() if re.search(rf"{action}\b", line) and ADVICE.search(line)]
    assert named, told
