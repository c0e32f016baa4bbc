"""The calls of the service, and its errors turned into sentences.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ExportEarthObservationJob.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004

from .account import WIDTH, Account
from .errors import GOES_ON, AnswerMismatch, CallFailed, Cancelled, JobNotFound, StatusUnknown
from .limits import Pace
from .listing import Listings
from .objects import Stored
from .request import Request

Status = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]
STATUSES: tuple[Status, ...] = ("IN_PROGRESS", "SUCCEEDED", "FAILED")

#: What a failure that nobody answered is called.
UNREACHABLE = "Unreachable"
#: How long a lagging status may speak of the export before; an export that is older than this has ended.
PATIENCE = timedelta(minutes=15)
#: Faults that pass: they are waited for within the timeout.
PASSING = frozenset({"ThrottlingException", "InternalServerException", UNREACHABLE})

_ADVICE = {
    "AccessDeniedException": "Allow the caller sagemaker-geospatial:ExportEarthObservationJob and "
    "sagemaker-geospatial:GetEarthObservationJob on the job, and iam:PassRole on execution_role_arn with "
    "iam:PassedToService sagemaker-geospatial.amazonaws.com.",
    "ConflictException": "Another export of the job is running, or the job is not COMPLETED; "
    "run `pulumi up` again when it has ended.",
    "InternalServerException": "The fault is the service's; run `pulumi up` again.",
    "ResourceNotFoundException": "Check the property arn: its region and account, and whether the job was deleted.",
    "ServiceQuotaExceededException": "Run `pulumi up` again when other exports have ended, or have the quota raised.",
    "ThrottlingException": "Lower sagemakergeospatial:maxCallsPerSecond in the stack's config, or run `pulumi up` again.",
    "ValidationException": "Correct the property that the service names.",
    UNREACHABLE: "Check the network, aws:endpoints and AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL; "
    "the service exists in us-west-2 only.",
}
_ADVICE_ON_CREDENTIALS = "Check the credentials and the region: the stack's aws: config and the AWS settings of the environment; with SSO, sign in again."


@dataclass(frozen=True)
class Answer:
    """What ExportEarthObservationJob answered: it speaks of the export of our token, and of no other.

    ``fresh``: this call made the export; ``old``: the status of its job cannot lag behind it any more.
    """

    arn: str
    created: datetime
    status: Status
    fresh: bool = False
    old: bool = False


@dataclass(frozen=True)
class Job:
    """What GetEarthObservationJob answered; its export is the job's last one, whoever started it."""

    status: str
    error: str | None
    export_status: Status | None
    export_errors: dict[str, dict[str, str]] | None


class Service:
    """SageMaker geospatial and the S3 beside it, at a measured pace."""

    def __init__(self, account: Account, pace: Pace) -> None:
        self._account, self._pace = account, pace
        self._width = threading.BoundedSemaphore(WIDTH)
        self._paced: set[int] = set()
        self._listings = Listings(self._width)
        self._turn = threading.local()

    def start(self, request: Request, token: str) -> Answer:
        """Ask for the export of a token: it starts one, or answers for the one that the token has started.

        Raises:
            CallFailed: the service refused, or did not answer.
            AnswerMismatch: the answer is for another request.
            StatusUnknown: the answer's status is none of the API page's.
        """
        self._turn.began = None
        with self._asked("starting the export of", request.arn, request, token) as client:
            answer = client.export_earth_observation_job(
                Arn=request.arn,
                ClientToken=token,
                ExecutionRoleArn=request.execution_role_arn,
                ExportSourceImages=request.export_source_images,
                OutputConfig=request.output_config,
            )
        _compare(request, answer)
        created = answer["CreationTime"].astimezone(timezone.utc)
        said = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        now = parsedate_to_datetime(said) if said else datetime.now(timezone.utc)
        # By the service's own clock, which tells whole seconds: did this very call make the export, or is it a replay?
        fresh = now - created <= timedelta(seconds=time.monotonic() - (self._turn.began or time.monotonic()))
        status = _status(answer["ExportStatus"], request.arn)
        return Answer(answer["Arn"], created, status, fresh, now - created > PATIENCE)

    def look(self, arn: str, request: Request | None = None) -> Job:
        """Ask for the job's status, and its last export's.

        Raises:
            JobNotFound: the service does not know the job (any longer).
            CallFailed: the service refused, or did not answer.
        """
        with self._asked("asking for the status of", arn, request) as client:
            answer = client.get_earth_observation_job(Arn=arn)
        status = answer.get("ExportStatus")
        error = answer.get("ErrorDetails")
        return Job(
            status=answer["Status"],
            error=_words(error.get("Type"), error.get("Message")) if error else None,
            export_status=_status(status, arn) if status else None,
            export_errors=_export_errors(answer.get("ExportErrorDetails"), request),
        )

    def listed(self, request: Request) -> list[Stored]:
        """All that lies where the request exports to. Raises botocore's errors, as S3 is asked."""
        return self._listings.folder(self.s3(request), request.bucket, request.folder)

    def s3(self, request: Request) -> Any:
        """The S3 client for the request's destination."""
        return self._account.client("s3", request.region)

    def _client(self, region: str) -> Any:
        client = self._account.client("sagemaker-geospatial", region)
        if id(client) not in self._paced:
            # Before each signature, so that botocore's own retries keep the pace too and no signature grows old.
            client.meta.events.register("before-sign.sagemaker-geospatial", self._take_turn, unique_id="pace")
            self._paced.add(id(client))
        return client

    def _take_turn(self, **_: Any) -> None:
        if not self._pace.take():
            raise Cancelled("cancelled")
        # Not the time in the queue: what was made while this call waited for its turn is no work of this call.
        self._turn.began = getattr(self._turn, "began", None) or time.monotonic()

    @contextmanager
    def _asked(self, doing: str, arn: str, request: Request | None, token: str = "") -> Iterator[Any]:
        try:
            # The poller's looks name no request: most are followed by the next look, and no listing need wait for them.
            with self._listings.coming() if request else nullcontext(), self._width:
                yield self._client(arn.split(":")[3])
        except ClientError as exc:
            raise _refused(doing, arn, exc, request, token) from exc
        except Cancelled as exc:
            raise Cancelled(f"{doing} {arn}: cancelled. {GOES_ON}.") from exc
        except (HTTPClientError, ConnectionError) as exc:
            words = _plain(str(exc).rstrip("."), request)
            raise CallFailed(f"{doing} {arn} failed: {words}. {_ADVICE[UNREACHABLE]}", UNREACHABLE, words) from exc
        except (BotoCoreError, ValueError) as exc:
            words = _plain(str(exc).rstrip("."), request)
            raise CallFailed(f"{doing} {arn} failed: {words}. {_ADVICE_ON_CREDENTIALS}", "SignIn", words) from exc


def _refused(doing: str, arn: str, exc: ClientError, request: Request | None, token: str) -> CallFailed:
    error = exc.response.get("Error", {})
    said, words = error.get("Code", "Unknown"), _plain(error.get("Message", "").rstrip("."), request, token)
    code = said
    if exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        code = "InternalServerException"  # a gateway's answer, or a common error: InternalFailure, ServiceUnavailable
    kind = JobNotFound if code == "ResourceNotFoundException" else CallFailed
    advice = _ADVICE.get(code, _ADVICE_ON_CREDENTIALS)
    return kind(f"{doing} {arn} was refused: {said}: {words}. {advice}", code, words)


def _compare(request: Request, answer: dict[str, Any]) -> None:
    data = answer["OutputConfig"]["S3Data"]
    checks = (
        ("output_config.s3_data.s3_uri", data["S3Uri"].rstrip("/") == request.s3_uri.rstrip("/")),
        ("output_config.s3_data.kms_key_id", _same_key(data.get("KmsKeyId"), request.kms_key_id)),
        ("execution_role_arn", answer["ExecutionRoleArn"] == request.execution_role_arn),
        ("export_source_images", bool(answer.get("ExportSourceImages")) == request.export_source_images),
    )
    other = [name for name, same in checks if not same]
    if other:
        raise AnswerMismatch(
            f"starting the export of {request.arn}: the service answered for an export with another {', '.join(other)}, "
            "which the same client token has started. Give a client_token that was not used before."
        )


def _same_key(theirs: str | None, ours: str | None) -> bool:
    # A key may be asked for by its id and answered by its ARN.
    theirs, ours = theirs or "", ours or ""
    return theirs == ours or bool(ours and theirs.endswith(f"/{ours}"))


def _status(status: str, arn: str) -> Status:
    if status not in STATUSES:
        raise StatusUnknown(
            f"the export of {arn} has the status {status}, which this version does not know: upgrade it."
        )
    return status


def _export_errors(details: dict[str, Any] | None, request: Request | None) -> dict[str, dict[str, str]] | None:
    if not details:
        return None
    names = {"ExportResults": "export_results", "ExportSourceImages": "export_source_images"}
    return {
        ours: {"type": details[name].get("Type", ""), "message": _plain(details[name].get("Message", ""), request)}
        for name, ours in names.items()
        if details.get(name)
    }


def errors_in_words(errors: dict[str, dict[str, str]] | None) -> str:
    """ExportErrorDetails in one line."""
    parts = [f"{name}: {_words(each['type'], each['message'])}" for name, each in (errors or {}).items()]
    return "; ".join(parts) or "the service gave no details"


def _words(kind: str | None, message: str | None) -> str:
    return f"{kind}: {message}" if kind and message else kind or message or "no details"


def _plain(words: str, request: Request | None, token: str = "") -> str:
    words = words.replace(token, "[client_token]") if token else words
    return request.without_secrets(words) if request else words
