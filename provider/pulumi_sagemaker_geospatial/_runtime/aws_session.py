"""boto3 clients from the stack's ``aws:`` config, with pulumi-aws's semantics.

One session, and one client for each service and region, made once. What the config leaves out comes from the standard AWS
settings (environment, profiles, instance roles, ``AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL``, …).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError
from botocore.session import get_session

from ..error_ids import ErrorId
from ..errors import ServiceCallError, WrongAccountError
from .aws_config import AwsConfig, RoleToAssume
from .aws_errors import (
    CALL_ERRORS,
    SERVER_FAULT,
    SIGN_IN,
    THROTTLED,
    TRANSIENT_CODES,
    UNEXPECTED_RESPONSE,
    UNREACHABLE,
    UNREACHABLE_TIMEOUT,
    StsUnreachableError,
    describe_error,
    is_throttling,
    is_unreachable,
)
from .calls import MAX_CONCURRENT_CALLS, CallRunner, call_in_progress
from .config_keys import unknown_fields_warnings
from .context import OperationContext
from .endpoint_names import endpoint_settings
from .keyed_lock import KeyedLock
from .rate_limiter import Limiter
from .retry import GracePeriods, RetryableError, retry_until_deadline
from .settings import GetConfig

#: Seconds after which an address that does not answer is unreachable.
CONNECT_TIMEOUT = 10
#: Seconds after which a call that is not answered is made again.
READ_TIMEOUT = 30
#: The service whose calls keep to the rate limit.
RATE_LIMITED_SERVICE = "sagemaker-geospatial"


#: What to do about a failed sign-in, by its code.
_REMEDIES = {
    UNREACHABLE: f"Check the network, {endpoint_settings('sts')}.",
    UNEXPECTED_RESPONSE: f"Check {endpoint_settings('sts')}, and any proxy between this machine and AWS.",
    SIGN_IN: "Check the stack's aws: config (profile, assumeRoles, …) and the AWS settings of the environment; "
    "with SSO, run `aws sso login`.",
}


class AwsSession:
    """The clients of one identity."""

    def __init__(
        self, get: GetConfig, runner: CallRunner, limiter: Limiter, log_warning: Callable[[str], None]
    ) -> None:
        self._config, self._runner, self._limiter = AwsConfig(get), runner, limiter
        self._lock = KeyedLock()
        self._session: boto3.Session | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._refused: ServiceCallError | WrongAccountError | None = None
        if unsupported := self._config.unsupported():
            log_warning(
                f"ignoring unsupported config {', '.join(unsupported)}; "
                "use the standard AWS settings of the environment instead"
            )
        for warning in unknown_fields_warnings(self._config):
            log_warning(warning)

    def client(self, service: str, region: str, ctx: OperationContext) -> Any:
        """Return the client of a service in a region.

        Raises:
            WrongAccountError: the credentials' account is not allowed; no other call was made.
            ServiceCallError: there are no credentials, or they cannot be had.
            CancelledError, WaitTimeoutError: the operation has to return first.
        """
        if self._refused is not None:
            raise self._refused
        key = (service, region)
        if key not in self._clients:
            doing = "signing in to AWS"
            # A session is not thread-safe. Who waits here leaves at its own deadline, also while the first one hangs.
            with self._lock.hold("session", ctx, doing):
                if key not in self._clients:
                    self._clients[key] = self._make_client_with_retries(service, region, ctx, doing)
        return self._clients[key]

    def _make_client_with_retries(self, service: str, region: str, ctx: OperationContext, doing: str) -> Any:
        grace_periods = GracePeriods(ctx)

        def attempt() -> Any:
            grace_periods.begin_attempt()
            try:
                return self._runner.run(ctx, doing, lambda: self._make_client(service, region))
            except ServiceCallError as exc:
                is_answer = exc.code in (THROTTLED, SERVER_FAULT)
                if is_answer or (
                    exc.code in TRANSIENT_CODES and grace_periods.is_within(exc.code, UNREACHABLE_TIMEOUT)
                ):
                    raise RetryableError(exc, "waiting: sign-in") from exc
                raise

        return retry_until_deadline(ctx, doing, attempt)

    def _make_client(self, service: str, region: str) -> Any:
        if self._session is None:
            self._session = self._sign_in(region)
        return self._client(self._session, service, region)

    def _sign_in(self, region: str) -> boto3.Session:
        region = self._config.text("region") or region
        try:
            session = self._base_session()
            for role in self._config.roles():
                session = _assume_role(session, role, self._client(session, "sts", region))
            self._check_account_id(session, region)
        except CALL_ERRORS as exc:
            error = describe_error(exc)
            code = error.code if error.code in TRANSIENT_CODES else SIGN_IN
            raise ServiceCallError(
                f"signing in to AWS failed: {error.message}. {_REMEDIES.get(code, _REMEDIES[SIGN_IN])}",
                code,
                error.message,
                ErrorId.UNREACHABLE if code == UNREACHABLE else ErrorId.SIGN_IN,
            ) from exc
        except (ServiceCallError, WrongAccountError) as exc:
            self._refused = exc  # the config is the same for each operation of this run
            raise
        return session

    def _base_session(self) -> boto3.Session:
        key = self._config.access_key()
        return boto3.Session(
            aws_access_key_id=key[0] if key else None,
            aws_secret_access_key=key[1] if key else None,
            aws_session_token=self._config.text("token") if key else None,
            profile_name=self._config.text("profile") if not key else None,
        )

    def _check_account_id(self, session: boto3.Session, region: str) -> None:
        allowed = self._config.account_ids("allowedAccountIds")
        forbidden = self._config.account_ids("forbiddenAccountIds")
        if not (allowed or forbidden):
            return
        account = self._client(session, "sts", region).get_caller_identity()["Account"]
        if allowed and account not in allowed:
            rule = f"aws:allowedAccountIds allows only {', '.join(allowed)}"
        elif account in forbidden:
            rule = f"aws:forbiddenAccountIds names {', '.join(forbidden)}"
        else:
            return
        raise WrongAccountError(
            f"the credentials are of account {account}, but {rule}. No call was made. "
            "Use the credentials of this stack's account, or correct the stack's config."
        )

    def _client(self, session: boto3.Session, service: str, region: str) -> Any:
        retries: Any = {"mode": "standard", "total_max_attempts": self._config.max_retries() + 1}
        try:
            client = session.client(
                service,  # type: ignore[call-overload]
                region_name=region,
                endpoint_url=self._config.endpoint(service),
                config=Config(
                    retries=retries,
                    connect_timeout=CONNECT_TIMEOUT,
                    read_timeout=READ_TIMEOUT,
                    max_pool_connections=MAX_CONCURRENT_CALLS,
                    s3={"addressing_style": "path"} if self._config.path_style() else None,
                ),
            )
        except (BotoCoreError, ValueError) as exc:
            raise ServiceCallError(
                f"signing in to AWS failed: {exc}. Check the stack's aws: config and the AWS settings of the environment.",
                SIGN_IN,
                error_id=ErrorId.SIGN_IN,
            ) from exc
        # Before each signature, so that botocore's own retries end and are limited too, and no signature grows old.
        client.meta.events.register("before-sign", self._before_attempt, unique_id="before-attempt")
        client.meta.events.register(f"response-received.{RATE_LIMITED_SERVICE}", self._after_attempt)
        return client

    def _before_attempt(self, request: Any = None, **event: Any) -> None:
        call = call_in_progress()
        if call is None:
            return
        call.raise_if_over()
        if call.admitted:
            call.admitted = False
        elif event.get("event_name", "").startswith(f"before-sign.{RATE_LIMITED_SERVICE}."):
            self._limiter.acquire(call.ctx, call.doing, event["event_name"].rpartition(".")[2])
            call.raise_if_over()

    def _after_attempt(self, parsed_response: Any = None, **event: Any) -> None:
        # Each attempt of botocore's is counted, as it hides those that it repeats.
        if parsed_response and is_throttling(parsed_response):
            self._limiter.record_throttling(event["event_name"].rpartition(".")[2])


def _assume_role(session: boto3.Session, role: RoleToAssume, sts: Any) -> boto3.Session:
    """Return the session of a role. Its credentials are fetched by the first call that needs them."""
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=lambda *_args, **_kwargs: sts,
        source_credentials=session.get_credentials() or Credentials("", ""),
        role_arn=role.arn,
        extra_args=role.parameters,
    )

    def fetch() -> Any:
        try:
            return fetcher.fetch_credentials()
        except BotoCoreError as exc:
            if not is_unreachable(exc):
                raise
            raise StsUnreachableError(error=exc) from exc

    assumed = get_session()
    # botocore has no public setter; its own assume-role provider and boto3's documentation do the same.
    assumed._credentials = DeferredRefreshableCredentials(fetch, "assume-role")  # type: ignore[attr-defined]
    return boto3.Session(botocore_session=assumed)
