"""The stack's ``aws:`` config, read with the meaning that pulumi-aws gives it.

Source: https://www.pulumi.com/registry/packages/aws/installation-configuration/
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..error_ids import ErrorId
from ..errors import ServiceCallError
from .endpoint_names import ENDPOINT_NAMES
from .settings import GetConfig

#: What pulumi-aws can be configured with and this package does not support; keys that cannot matter here are not in it.
UNSUPPORTED_KEYS = (
    "assumeRoleWithWebIdentity",
    "customCaBundle",
    "httpProxy",
    "httpsProxy",
    "insecure",
    "noProxy",
    "retryMode",
    "sharedConfigFiles",
    "sharedCredentialsFiles",
    "useDualstackEndpoint",
    "useFipsEndpoint",
)
#: The keys that decide which credentials and endpoints are used.
SUPPORTED_KEYS = (
    "accessKey",
    "secretKey",
    "token",
    "profile",
    "region",
    "assumeRole",
    "assumeRoles",
    "allowedAccountIds",
    "forbiddenAccountIds",
    "endpoints",
    "maxRetries",
    "s3UsePathStyle",
)
#: Other keys of pulumi-aws, and of Pulumi itself for each provider: they cannot matter here.
OTHER_KEYS = (
    "defaultTags",
    "ec2MetadataServiceEndpoint",
    "ec2MetadataServiceEndpointMode",
    "ignoreTags",
    "pluginDownloadURL",
    "s3UsEast1RegionalEndpoint",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
    "stsRegion",
    "tagPolicyCompliance",
    "tokenBucketRateLimiterCapacity",
    "userAgents",
    "version",
)
AWS_KEYS = tuple(f"aws:{key}" for key in (*SUPPORTED_KEYS, *UNSUPPORTED_KEYS, *OTHER_KEYS))
DEFAULT_MAX_RETRIES = 4

_ASSUME_ROLE_PARAMETERS = {
    "sessionName": "RoleSessionName",
    "externalId": "ExternalId",
    "policy": "Policy",
    "policyArns": "PolicyArns",
    "tags": "Tags",
    "transitiveTagKeys": "TransitiveTagKeys",
    "sourceIdentity": "SourceIdentity",
}
#: The fields of a role to assume.
ROLE_FIELDS = ("roleArn", "duration", "durationSeconds", *_ASSUME_ROLE_PARAMETERS)
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)


@dataclass(frozen=True)
class RoleToAssume:
    """A role, and the further parameters of STS AssumeRole."""

    arn: str
    parameters: dict[str, Any]


class AwsConfig:
    """Typed access to the ``aws:`` keys. Raises ServiceCallError with the key and the rule where one is not valid."""

    def __init__(self, get: GetConfig) -> None:
        self._get = get

    def unsupported(self) -> list[str]:
        """Return the keys that are set and not supported."""
        return [f"aws:{key}" for key in UNSUPPORTED_KEYS if self._get(f"aws:{key}") is not None]

    def text(self, key: str) -> Any:
        return self._get(f"aws:{key}")

    def access_key(self) -> tuple[str, str] | None:
        """Return the static access key, if the config has one."""
        access, secret = self.text("accessKey"), self.text("secretKey")
        if bool(access) != bool(secret):
            missing = "aws:secretKey" if access else "aws:accessKey"
            raise ServiceCallError(
                f"aws:accessKey and aws:secretKey must be set together: {missing} is missing.",
                "SignIn",
                error_id=ErrorId.INVALID_CONFIG,
            )
        return (access, secret) if access else None

    def roles(self) -> list[RoleToAssume]:
        """Return the roles to assume, one after the other."""
        key = self._roles_key()
        return [_role(f"aws:{key}", each) for each in self._list(key)]

    def role_fields(self) -> tuple[str, list[str]]:
        """Return the key that has the roles, and the names of their fields."""
        key = self._roles_key()
        return f"aws:{key}", self._names(key)

    def account_ids(self, key: str) -> list[str]:
        return [str(each) for each in self._list(key)]

    def path_style(self) -> bool:
        value = self.text("s3UsePathStyle")
        if value is not None and str(value).lower() not in ("true", "false"):
            raise invalid_config("aws:s3UsePathStyle", "true or false", value)
        return str(value).lower() == "true"

    def max_retries(self) -> int:
        value = self.text("maxRetries")
        if value is None:
            return DEFAULT_MAX_RETRIES
        if not re.fullmatch(r"\d{1,3}", str(value)):
            raise invalid_config("aws:maxRetries", "a whole number", value)
        return int(value)

    def endpoint(self, service: str) -> str | None:
        """Return the URL that the config gives for a service of boto3's name."""
        for endpoints in self._list("endpoints"):
            if not isinstance(endpoints, dict):
                raise invalid_config("aws:endpoints", "objects of a service's name and its URL", endpoints)
            for name in ENDPOINT_NAMES[service]:
                if url := endpoints.get(name):
                    if not re.match(r"https?://[^/\s]+", str(url)):
                        raise invalid_config("aws:endpoints", f"the URL of a service for {name}", url)
                    return str(url)
        return None

    def endpoint_names(self) -> list[str]:
        """Return the names under which the config has URLs."""
        return self._names("endpoints")

    def _roles_key(self) -> str:
        return "assumeRoles" if self.text("assumeRoles") else "assumeRole"

    def _names(self, key: str) -> list[str]:
        """Return the names in the objects of a key; none where its value is not valid, which is an error of its user."""
        try:
            objects = self._list(key)
        except ServiceCallError:
            return []
        return [name for each in objects if isinstance(each, dict) for name in each]

    def _list(self, key: str) -> list[Any]:
        value = self._structure(key)
        return [] if value is None else value if isinstance(value, list) else [value]

    def _structure(self, key: str) -> Any:
        # The engine sends structured config to a dynamic provider as JSON text.
        value = self.text(key)
        if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
            return value
        try:
            return json.loads(value)
        except ValueError as exc:
            raise ServiceCallError(
                f"the stack's config aws:{key} is not valid JSON: {exc}", "Config", error_id=ErrorId.INVALID_CONFIG
            ) from exc


def invalid_config(key: str, expected: str, value: Any) -> ServiceCallError:
    """Return the error for a value of the stack's config that cannot be used."""
    return ServiceCallError(
        f"the stack's config has an invalid {key}: expected {expected}, got {value!r}.",
        "Config",
        error_id=ErrorId.INVALID_CONFIG,
    )


def parse_duration(key: str, duration: Any) -> int:
    """Return the seconds of a Go duration such as ``1h30m``, or of a number."""
    text, units = str(duration), {"h": 3600, "m": 60, "s": 1, "": 1}
    parts = re.findall(r"(\d+(?:\.\d+)?)([hms]?)", text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        raise invalid_config(key, "a duration such as 1h30m", duration)
    return int(sum(float(number) * units[unit] for number, unit in parts))


def _role(key: str, role: Any) -> RoleToAssume:
    if not isinstance(role, dict) or not isinstance(role.get("roleArn"), str):
        given = sorted(role) if isinstance(role, dict) else type(role).__name__  # its values may be secret
        raise invalid_config(key, "objects with a roleArn", given)
    if not _ROLE_ARN.fullmatch(role["roleArn"]):
        raise ServiceCallError(
            f"the stack's config has an invalid {key}: a roleArn is not the ARN of a role, "
            "arn:aws:iam::ACCOUNT:role/NAME.",
            "Config",
            error_id=ErrorId.INVALID_CONFIG,
        )
    parameters: dict[str, Any] = {
        _ASSUME_ROLE_PARAMETERS[name]: value
        for name, value in role.items()
        if name in _ASSUME_ROLE_PARAMETERS and value
    }
    if isinstance(parameters.get("PolicyArns"), list):
        parameters["PolicyArns"] = [{"arn": arn} for arn in parameters["PolicyArns"]]
    if isinstance(parameters.get("Tags"), dict):
        parameters["Tags"] = [{"Key": name, "Value": value} for name, value in sorted(parameters["Tags"].items())]
    if duration := role.get("duration") or role.get("durationSeconds"):
        parameters["DurationSeconds"] = parse_duration(key, duration)
    parameters.setdefault("RoleSessionName", "pulumi-sagemaker-geospatial")
    return RoleToAssume(role["roleArn"], parameters)
