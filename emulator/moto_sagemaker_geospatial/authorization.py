"""IAM authorization, for those who switch moto's on: INITIAL_NO_AUTH_ACTION_COUNT, `set_initial_no_auth_action_count`.

moto checks signatures, and the actions that the caller's own policies allow. What it leaves out is here: conditions, the policies
of buckets, DeleteObjects by object, iam:PassRole, and what the service does in the name of the execution role.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import xmltodict
from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import BaseResponse
from moto.iam.access_control import IAMPolicy, IAMRequestBase, create_access_key
from moto.iam.models import Role, iam_backends
from moto.kms.models import Key, kms_backends
from moto.s3.models import FakeBucket, s3_backends

from .exceptions import AccessDeniedException
from .iam_policies import Context, Principal, ResourcePolicy, statements_of

SERVICE = "sagemaker-geospatial.amazonaws.com"
_CHECKED_SERVICES = ("s3", "sagemaker-geospatial")

#: What the service does in the name of the execution role, by what it does it on.
BUCKET_ACTIONS = ("s3:ListBucketMultipartUploads",)
OBJECT_ACTIONS = ("s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload")
KEY_ACTIONS = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
)


def find_role(arn: str) -> Role | None:
    """The role with this ARN."""
    _, partition, _, _, account_id, _ = arn.split(":", 5)
    backends = iam_backends[account_id]
    roles = list(backends[partition].roles.values()) if partition in backends else []
    return next((role for role in roles if role.arn == arn), None)


def trusts_service(role: Role) -> bool:
    """Whether the service may assume a role. Conditions are ignored: which ones the service meets is not documented."""
    try:
        statements = [{**each, "Condition": {}} for each in statements_of(json.loads(role.assume_role_policy_document))]
    except (ValueError, TypeError, AttributeError):
        return False
    policy = ResourcePolicy(role.account_id, statements)
    service = Principal(role.arn, role.account_id, (), frozenset({SERVICE}))
    return service.refusal("sts:AssumeRole", role.arn, None, policy) is None


def is_enforced() -> bool:
    """Whether moto checks what a caller is allowed."""
    return bool(ActionAuthenticatorMixin.request_count >= settings.INITIAL_NO_AUTH_ACTION_COUNT)


def install() -> None:
    """Replace moto's check of the calls that our clients make. Call it once a process."""
    check_action_permitted = IAMRequestBase.check_action_permitted

    def check(self: Any, resource: str) -> None:
        if self._service not in _CHECKED_SERVICES:
            check_action_permitted(self, resource)
            return
        caller = _caller(self._access_key, self.account_id)
        if any(caller.refusal(*needed) for needed in _needed(self, resource)):
            self._raise_access_denied()

    IAMRequestBase.check_action_permitted = check  # type: ignore[method-assign]


def check_pass_role(response: BaseResponse, role_arn: str) -> None:
    """Raise AccessDeniedException unless the caller may pass the role to the service."""
    if not is_enforced():
        return
    partition = role_arn.split(":")[1]
    key = create_access_key(response.current_account, partition, response.access_key, response.headers)
    refusal = _caller(key, response.current_account).refusal("iam:PassRole", role_arn, {"iam:PassedToService": SERVICE})
    if refusal:
        raise AccessDeniedException(refusal)


def role_refusals(
    role_arn: str, read_action: str, job_arn: str, bucket: FakeBucket, object_name: str, key: Key | None
) -> Iterator[str]:
    """Yield why the execution role may not do what an export does; nothing where moto checks nobody."""
    if not is_enforced():
        return
    role = _role_session(role_arn)
    bucket_arn = f"arn:{bucket.partition}:s3:::{bucket.name}"
    needed: list[tuple[Iterable[str], str, ResourcePolicy | None]] = [
        ((read_action,), job_arn, None),
        (BUCKET_ACTIONS, bucket_arn, _bucket_policy(bucket)),
        (OBJECT_ACTIONS, f"{bucket_arn}/{object_name}", _bucket_policy(bucket)),
    ]
    if key is not None:
        needed.append((KEY_ACTIONS, key.arn, _key_policy(key)))
    for actions, resource, resource_policy in needed:
        refusals = (role.refusal(action, resource, None, resource_policy) for action in actions)
        yield from filter(None, refusals)


def _needed(request: Any, resource: str) -> Iterator[tuple[str, str, Context, ResourcePolicy | None]]:
    """Yield what a request has to be allowed: action, resource, values of condition keys, and the resource's policy."""
    if request._service != "s3":
        yield request._action, resource, {}, None
        return
    bucket_name, _, name = resource.partition(":::")[2].partition("/")
    bucket = _find_bucket(bucket_name)
    policy = _bucket_policy(bucket) if bucket else None
    if request._action == "s3:DeleteObject" and not name:
        for action, object_name in _deletions(request._body):
            yield action, f"{resource}/{object_name}", {}, policy
        return
    if key := _find_key(request._headers.get("x-amz-server-side-encryption-aws-kms-key-id")):
        yield "kms:GenerateDataKey", key.arn, {}, _key_policy(key)
    if request._action == "s3:GetObject" and (key := _encryption_key(bucket, name)):
        yield "kms:Decrypt", key.arn, {}, _key_policy(key)
    prefix = request._data.get("prefix", "")
    yield request._action, resource, {"s3:prefix": prefix[0] if isinstance(prefix, list) else prefix}, policy


def _deletions(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield each action and object name of a DeleteObjects request."""
    entries = xmltodict.parse(body, force_list=("Object",))["Delete"]["Object"]
    for entry in entries:
        yield "s3:DeleteObject", entry["Key"]
        if entry.get("VersionId") not in (None, "null"):
            yield "s3:DeleteObjectVersion", entry["Key"]
        if entry.get("ETag"):
            yield "s3:GetObject", entry["Key"]


def _find_key(arn: str | None) -> Key | None:
    parts = (arn or "").split(":")
    return kms_backends[parts[4]][parts[3]].keys.get(parts[5].removeprefix("key/")) if len(parts) == 6 else None


def _key_policy(key: Key) -> ResourcePolicy:
    return ResourcePolicy(key.account_id, statements_of(json.loads(key.policy)), is_required=True)


def _find_bucket(bucket_name: str) -> FakeBucket | None:
    partition, account_id = s3_backends.bucket_accounts.get(bucket_name, (None, None))
    return s3_backends[account_id][partition].buckets.get(bucket_name) if account_id and partition else None


def _encryption_key(bucket: FakeBucket | None, name: str) -> Key | None:
    """The KMS key that an object is encrypted with."""
    found = bucket.keys.get(name) if bucket else None
    return _find_key(getattr(found, "kms_key_id", None))


def _bucket_policy(bucket: FakeBucket) -> ResourcePolicy:
    return ResourcePolicy(bucket.account_id, statements_of(json.loads(bucket.policy or "{}")))


def _caller(key: Any, account_id: str) -> Principal:
    """The owner of an access key."""
    statements = [each for policy in key.collect_policies() for each in _statements(policy)]
    return Principal(key.arn, account_id, statements)


def _role_session(role_arn: str) -> Principal:
    """The session in which the service uses a role; without permissions, where there is no such role any longer."""
    _, partition, _, _, account_id, name = role_arn.split(":", 5)
    role = find_role(role_arn)
    policies = [*role.policies.values(), *role.managed_policies.values()] if role else []
    statements = [each for policy in policies for each in _statements(policy)]
    session = f"arn:{partition}:sts::{account_id}:assumed-role/{name.rpartition('/')[2]}/SageMaker"
    return Principal(session, account_id, statements, frozenset({role_arn}))


def _statements(policy: Any) -> list[Any]:
    return statements_of(IAMPolicy(policy)._policy_json)
