"""The codec of a resource's state: the only place that knows the keys of outputs and internal values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from .._geospatial.kinds import ExportKind
from .._geospatial.request import ExportRequest
from .._geospatial.responses import ErrorDetails
from .._geospatial.statuses import ExportStatus, parse_export_status
from .._runtime.s3_objects import Folder
from ..errors import StateError, UnknownStatusError
from .inputs import COMPUTED_OUTPUTS, INTERNAL_OUTPUTS, is_same_folder
from .manifest import ExportManifest, ExportWindow, format_utc, parse_utc

Decoded = TypeVar("Decoded")

_COMPUTED = frozenset({*COMPUTED_OUTPUTS, *INTERNAL_OUTPUTS})
_DECODING_ERRORS = (KeyError, TypeError, ValueError, AttributeError, OverflowError, UnknownStatusError)


@dataclass(frozen=True)
class JobMetadata:
    """Where a job's description is, and its ETag when it was written."""

    key: str
    etag: str

    @classmethod
    def from_state(cls, recorded: Mapping[str, Any]) -> JobMetadata:
        """Return what `to_state` wrote. Raises KeyError or TypeError where it is damaged."""
        key, etag = recorded["key"], recorded["etag"]
        if not (isinstance(key, str) and isinstance(etag, str)):
            raise TypeError("key and etag must be strings")
        return cls(key, etag)

    def to_state(self) -> dict[str, str]:
        return {"key": self.key, "etag": self.etag}


@dataclass(frozen=True)
class ExportState:
    """An export as the state records it.

    Attributes:
        manifest: what it wrote; None where it is not known.
        observed_late: its objects were first listed some time after its end.
        ownership_certain: which objects are its own is known, and not only likely.
        owner: the stack that may delete the objects, see `ownership`; None in states that do not tell.
    """

    request: ExportRequest
    status: ExportStatus
    created: datetime
    manifest: ExportManifest | None = None
    error_details: ErrorDetails | None = None
    drift: str | None = None
    attempt: int = 0
    observed_late: bool = False
    ownership_certain: bool = True
    owner: str | None = None
    verify_objects: bool = True
    #: The job's description, where it was saved.
    metadata: JobMetadata | None = None
    #: The ARN of the resource's id, which is the one to poll.
    output_arn: str = ""

    @classmethod
    def from_outputs(
        cls, kind: ExportKind, outputs: Mapping[str, Any], resource: str = "", output_arn: str = ""
    ) -> ExportState:
        """Decode outputs. Missing values have their defaults, and unknown keys are ignored.

        Raises:
            StateError: a value that is needed is missing, or a value is damaged; the message names resource and key.
        """

        def require(key: str, decoder: Callable[[Any], Decoded]) -> Decoded:
            try:
                return decoder(outputs[key])
            except _DECODING_ERRORS as exc:
                raise _damaged(resource, key, exc) from exc

        def decode(key: str, decoder: Callable[[Any], Decoded], default: Decoded) -> Decoded:
            return default if outputs.get(key) is None else require(key, decoder)

        return cls(
            request=recorded_request(kind, outputs, resource),
            status=require("export_status", lambda value: parse_export_status(value, "the state")),
            created=require("creation_time", parse_utc),
            manifest=decode("exported_objects", ExportManifest.from_state, None),
            error_details=decode("export_error_details", _error_details, None),
            drift=decode("drift", str, None),
            attempt=decode("__attempt", int, 0),
            observed_late=bool(outputs.get("__late")),
            ownership_certain=not outputs.get("__unsure"),
            owner=decode("__owner", str, None),
            verify_objects=outputs.get("verify_objects") is not False,
            metadata=decode("job_metadata", JobMetadata.from_state, None),
            output_arn=output_arn,
        )

    def to_outputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Encode, next to the inputs that the resource was declared with. What has no value is omitted."""
        computed: dict[str, Any] = {
            "creation_time": format_utc(self.created),
            "export_status": self.status,
            "export_error_details": self.error_details,
            "exported_objects": self.manifest.to_state() if self.manifest else None,
            "drift": self.drift,
            "job_metadata": self.metadata.to_state() if self.metadata else None,
            "__attempt": self.attempt or None,
            "__late": self.observed_late or None,
            "__unsure": None if self.ownership_certain else True,
            "__owner": self.owner,
        }
        spelled = spelled_as({"output_config": {"s3_data": {"s3_uri": self.request.s3_uri}}}, only_inputs(inputs))
        return {**spelled, **{name: value for name, value in computed.items() if value is not None}}

    @property
    def window(self) -> ExportWindow:
        """What selects this export's objects from a listing."""
        newest = self.manifest.newest if self.manifest else None
        return ExportWindow(self.request.kind, self.created, newest, self.observed_late)

    @property
    def folder(self) -> Folder:
        return self.request.destination

    @property
    def polled_request(self) -> ExportRequest:
        """The request, with the ARN that the service is asked for."""
        return replace(self.request, arn=self.output_arn) if self.output_arn else self.request


def only_inputs(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Drop computed and internal outputs."""
    return {name: value for name, value in properties.items() if name not in _COMPUTED}


def only_computed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Drop inputs."""
    return {name: value for name, value in properties.items() if name in _COMPUTED}


def spelled_as(recorded: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with the destination as the record spells it, if it differs in the slash at its end alone.

    The export's token was derived from that spelling.
    """
    config = properties.get("output_config")
    before, after = _s3_uri(recorded.get("output_config")), _s3_uri(config)
    if before is None or after is None or before == after or not is_same_folder(before, after):
        return dict(properties)
    assert isinstance(config, Mapping)
    return {**properties, "output_config": {**config, "s3_data": {**config["s3_data"], "s3_uri": before}}}


def _s3_uri(output_config: Any) -> str | None:
    s3_data = output_config.get("s3_data") if isinstance(output_config, Mapping) else None
    s3_uri = s3_data.get("s3_uri") if isinstance(s3_data, Mapping) else None
    return s3_uri if isinstance(s3_uri, str) else None


def is_managed(outputs: Mapping[str, Any]) -> bool:
    """Return whether outputs are those of an export that a stack manages, and not of `get`."""
    return any(name in outputs for name in ("creation_time", "execution_role_arn"))


def with_owner(outputs: Mapping[str, Any], owner: str | None) -> dict[str, Any]:
    """Return outputs that record which stack may delete the export's objects."""
    return dict(outputs) if owner is None else {**outputs, "__owner": owner}


def is_running(outputs: Mapping[str, Any]) -> bool:
    """Return whether an export is recorded as running."""
    return outputs.get("export_status") == "IN_PROGRESS"


def recorded_request(kind: ExportKind, outputs: Mapping[str, Any], resource: str) -> ExportRequest:
    """Decode the request alone. Raises StateError as `ExportState.from_outputs`."""
    key = next((key for key in ("arn", "execution_role_arn") if not isinstance(outputs.get(key), str)), "output_config")
    try:
        request = ExportRequest.from_properties(kind, outputs)
        for value in (request.arn, request.execution_role_arn, request.s3_uri, request.kms_key_id or ""):
            if not isinstance(value, str):
                raise TypeError(f"{type(value).__name__} is no string")
    except _DECODING_ERRORS as exc:
        raise _damaged(resource, key, exc) from exc
    return request


def _error_details(value: Any) -> ErrorDetails:
    if not isinstance(value, Mapping):
        raise TypeError(f"{type(value).__name__} is no object")
    for section in _sections(value):
        if not isinstance(section, Mapping):
            raise TypeError(f"{type(section).__name__} is no object")
    texts = [each.get(name) for each in (value, *_sections(value)) for name in ("type", "message")]
    if not all(isinstance(text, (str, type(None))) for text in texts):
        raise TypeError("type and message are no strings")
    return dict(value)


def _sections(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [section for name, section in details.items() if name not in ("type", "message")]


def _damaged(resource: str, key: str, why: Exception) -> StateError:
    # The value is not repeated: it may be secret.
    what = "is missing" if isinstance(why, KeyError) else f"is damaged ({type(why).__name__})"
    return StateError(
        f"{resource or 'an export'}: {key} {what} in the state. Remove the resource from the state with "
        "`pulumi state delete` and run `pulumi up`, which adopts the export."
    )
