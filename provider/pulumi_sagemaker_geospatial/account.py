"""Whose account: the stack's ``aws:`` config, with the meaning that pulumi-aws gives it, as boto3 clients.

One session and one client a region and service, made once. What the config leaves out comes from the standard AWS
settings (environment, profiles, instance roles, ``AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL``, …).
Source: https://www.pulumi.com/registry/packages/aws/installation-configuration/
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session, get_session
from botocore.utils import parse_timestamp

from .errors import CallFailed, WrongAccount

#: Calls under way at once, and so connections: more would only wait for the processor.
WIDTH = 32
#: Seconds after which an address that does not answer is out of reach.
CONNECT_TIMEOUT = 10
#: Seconds after which a call that is not answered is made again.
READ_TIMEOUT = 30
#: What pulumi-aws is configured with and we do not honour; keys that cannot matter to an export are not in it.
NOT_HONOURED = (
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
_ASSUMED = {
    "roleArn": "RoleArn",
    "sessionName": "RoleSessionName",
    "externalId": "ExternalId",
    "policy": "Policy",
    "policyArns": "PolicyArns",
    "tags": "Tags",
    "transitiveTagKeys": "TransitiveTagKeys",
    "sourceIdentity": "SourceIdentity",
}
_ENDPOINT_NAMES = {
    "sagemaker-geospatial": ("sagemakergeospatial", "sagemaker-geospatial"),
    "s3": ("s3",),
    "sts": ("sts",),
}


class Account:
    """The clients of one identity. ``get`` reads a key of the stack's config; ``warn`` says a sentence to the user."""

    def __init__(self, get: Callable[[str], Any], warn: Callable[[str], None]) -> None:
        self._get = get
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: boto3.Session | None = None
        self._refused: CallFailed | WrongAccount | None = None
        ignored = [f"aws:{key}" for key in NOT_HONOURED if get(f"aws:{key}") is not None]
        if ignored:
            warn(
                f"exports do not honour {', '.join(ignored)}; use the standard AWS settings of the environment instead"
            )

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region.

        Raises:
            WrongAccount: the credentials' account is not allowed; no other call was made.
            CallFailed: there are no credentials, or they cannot be had.
        """
        with self._lock:
            if self._session is None and self._refused is None:
                try:
                    self._session = self._sign_in(region)
                except (CallFailed, WrongAccount) as exc:
                    self._refused = exc  # the same for each export of this run
            if self._refused is not None or self._session is None:
                raise self._refused or AssertionError("no session")
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = self._client(self._session, service, region)
            return self._clients[key]

    def _sign_in(self, region: str) -> boto3.Session:
        region = self._get("aws:region") or region
        try:
            session = self._assumed(self._first(), region)
            self._refuse(session, region)
        except (BotoCoreError, ClientError) as exc:
            raise CallFailed(
                f"signing in to AWS failed: {exc}. Check the stack's aws: config (profile, assumeRoles, …) "
                "and the AWS settings of the environment; with SSO, sign in again.",
                "SignIn",
            ) from exc
        return session

    def _first(self) -> boto3.Session:
        access, secret = self._get("aws:accessKey"), self._get("aws:secretKey")
        if bool(access) != bool(secret):
            missing = "aws:secretKey" if access else "aws:accessKey"
            raise CallFailed(f"the stack's config sets only one half of a key: {missing} is missing.", "SignIn")
        return boto3.Session(
            botocore_session=_botocore(),
            aws_access_key_id=access,
            aws_secret_access_key=secret,
            aws_session_token=self._get("aws:token") if access else None,
            profile_name=self._get("aws:profile") if not access else None,
        )

    def _assumed(self, session: boto3.Session, region: str) -> boto3.Session:
        key = "aws:assumeRoles" if self._get("aws:assumeRoles") else "aws:assumeRole"
        for role in self._list(key):
            if not isinstance(role, dict) or not isinstance(role.get("roleArn"), str):
                given = sorted(role) if isinstance(role, dict) else type(role).__name__  # its values may be secret
                raise _mistaken(key, "each role is an object with a roleArn", given)
            session = _assume(session, role, self._client(session, "sts", region))
        return session

    def _refuse(self, session: boto3.Session, region: str) -> None:
        allowed = [str(each) for each in self._list("aws:allowedAccountIds")]
        forbidden = [str(each) for each in self._list("aws:forbiddenAccountIds")]
        if not (allowed or forbidden):
            return
        ours = self._client(session, "sts", region).get_caller_identity()["Account"]
        if (allowed and ours not in allowed) or ours in forbidden:
            rule = (
                f"aws:allowedAccountIds allows only {', '.join(allowed)}"
                if allowed and ours not in allowed
                else f"aws:forbiddenAccountIds names {', '.join(forbidden)}"
            )
            raise WrongAccount(
                f"the credentials are of account {ours}, but {rule}. No call was made. "
                "Use the credentials of this stack's account, or correct the stack's config."
            )

    def _client(self, session: boto3.Session, service: str, region: str) -> Any:
        retries: Any = {"mode": "adaptive", "total_max_attempts": self._max_retries() + 1}
        path_style = str(self._get("aws:s3UsePathStyle")).lower() == "true"
        return session.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=self._endpoint(service),
            config=Config(
                retries=retries,
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                max_pool_connections=WIDTH,
                s3={"addressing_style": "path"} if path_style else None,
            ),
        )

    def _endpoint(self, service: str) -> str | None:
        for endpoints in self._list("aws:endpoints"):
            if not isinstance(endpoints, dict):
                raise _mistaken("aws:endpoints", "each entry is an object of a service's name and its URL", endpoints)
            for name in _ENDPOINT_NAMES[service]:
                if url := endpoints.get(name):
                    if not re.match(r"https?://[^/\s]+", str(url)):
                        raise _mistaken("aws:endpoints", f"{name} is the URL of a service", url)
                    return str(url)
        return None

    def _max_retries(self) -> int:
        value = self._get("aws:maxRetries")
        if value is None:
            return 4
        if not re.fullmatch(r"\d{1,3}", str(value)):
            raise _mistaken("aws:maxRetries", "it is a whole number", value)
        return int(value)

    def _list(self, key: str) -> list[Any]:
        value = self._structure(key)
        return [] if value is None else value if isinstance(value, list) else [value]

    def _structure(self, key: str) -> Any:
        # The engine hands structured config to a dynamic provider as JSON text.
        value = self._get(key)
        if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
            return value
        try:
            return json.loads(value)
        except ValueError as exc:
            raise CallFailed(f"the stack's config {key} is not valid JSON: {exc}", "SignIn") from exc


def _botocore() -> Session:
    inner: Session = get_session()
    # An export's files are of few seconds, and reading a time is most of what reading a listing costs.
    remembering = functools.lru_cache(maxsize=4096)(parse_timestamp)
    inner.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=remembering)
    return inner


def _assume(session: boto3.Session, role: dict[str, Any], sts: Any) -> boto3.Session:
    extra: dict[str, Any] = {_ASSUMED[name]: value for name, value in role.items() if name in _ASSUMED and value}
    role_arn = extra.pop("RoleArn")
    if isinstance(extra.get("PolicyArns"), list):
        extra["PolicyArns"] = [{"arn": arn} for arn in extra["PolicyArns"]]
    if isinstance(extra.get("Tags"), dict):
        extra["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(extra["Tags"].items())]
    if duration := role.get("duration") or role.get("durationSeconds"):
        extra["DurationSeconds"] = _seconds(duration)
    extra.setdefault("RoleSessionName", "pulumi-sagemaker-geospatial")
    source = session.get_credentials() or Credentials("", "")
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=lambda *_args, **_kwargs: sts,
        source_credentials=source,
        role_arn=role_arn,
        extra_args=extra,
    )
    inner = _botocore()
    # botocore has no public setter; its own assume-role provider and boto3's documentation do the same.
    inner._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")  # type: ignore[attr-defined]
    return boto3.Session(botocore_session=inner)


def _seconds(duration: Any) -> int:
    """Seconds of a Go duration such as ``1h30m``, or of a number."""
    text, units = str(duration), {"h": 3600, "m": 60, "s": 1, "": 1}
    parts = re.findall(r"(\d+(?:\.\d+)?)([hms]?)", text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        raise _mistaken("aws:assumeRoles", "duration is a time such as 1h30m", duration)
    return int(sum(float(number) * units[unit] for number, unit in parts))


def _mistaken(key: str, rule: str, value: Any) -> CallFailed:
    return CallFailed(f"the stack's config {key} is mistaken: {rule}, not {value!r}.", "Config")
