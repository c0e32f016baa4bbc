"""The fields of an export: their rules from the service model, their normal form, and the client token.

botocore is imported only to check a declaration (in the host process); a program that only declares never needs it.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ExportEarthObservationJob.html
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pulumi.output import Unknown
from pulumi.runtime import rpc

if TYPE_CHECKING:
    from botocore.model import Shape

#: How the engine's wire spells a value that is not known yet; the host hands it on as an object of `Unknown`.
UNKNOWN = rpc.UNKNOWN

#: The inputs that are fields of the API; the other ones are about this resource.
REQUEST_FIELDS = ("arn", "execution_role_arn", "output_config", "export_source_images")
#: The inputs of which a change needs a new export.
REPLACING = (*REQUEST_FIELDS, "client_token", "triggers")
#: The inputs that say how the export is looked after, with their defaults.
SETTINGS = {"wait_for_completion": True, "verify_objects": True, "delete_objects": False}

#: What a pattern of the service model means, in words.
_EXPLAINED = {
    "EarthObservationJobArn": "the ARN of an Earth observation job, "
    "arn:aws:sagemaker-geospatial:REGION:ACCOUNT:earth-observation-job/ID",
    "ExecutionRoleArn": "the ARN of an IAM role, arn:aws:iam::ACCOUNT:role/NAME",
    "S3Uri": "an S3 URI, s3://BUCKET/PREFIX/",
}


@dataclass(frozen=True)
class Request:
    """One export as the API is asked for it, without its token."""

    arn: str
    execution_role_arn: str
    s3_uri: str
    kms_key_id: str | None = None
    export_source_images: bool = False

    @classmethod
    def of(cls, props: Mapping[str, Any]) -> Request:
        """The request that checked inputs, or outputs, declare."""
        s3_data = props["output_config"]["s3_data"]
        return cls(
            arn=props["arn"],
            execution_role_arn=props["execution_role_arn"],
            s3_uri=s3_data["s3_uri"],
            kms_key_id=s3_data.get("kms_key_id") or None,
            export_source_images=bool(props.get("export_source_images")),
        )

    @property
    def region(self) -> str:
        """The job's region, which is where it is exported."""
        return self.arn.split(":")[3]

    @property
    def output_config(self) -> dict[str, Any]:
        """OutputConfig as on the wire."""
        kms = {"KmsKeyId": self.kms_key_id} if self.kms_key_id else {}
        return {"S3Data": {"S3Uri": self.s3_uri, **kms}}

    @property
    def bucket(self) -> str:
        """The bucket of the destination."""
        return self.s3_uri.removeprefix("s3://").partition("/")[0]

    @property
    def prefix(self) -> str:
        """The key prefix of the destination, without slashes at its ends."""
        return self.s3_uri.removeprefix("s3://").partition("/")[2].strip("/")

    @property
    def folder(self) -> str:
        """The key prefix that the export writes below, ``<prefix>/<job id>/``."""
        return location(self.s3_uri, self.arn).removeprefix(f"s3://{self.bucket}/")

    @property
    def place(self) -> tuple[str, str]:
        """Where the export writes: two exports of one place overwrite each other."""
        return self.bucket, self.folder

    def without_secrets(self, words: str) -> str:
        """The service's words, with what may be a secret input replaced by the name of its property."""
        for value, name in (
            (self.s3_uri, "output_config.s3_data.s3_uri"),
            (self.s3_uri.rstrip("/"), "output_config.s3_data.s3_uri"),
            (f"{self.bucket}/{self.prefix}" if self.prefix else None, "output_config.s3_data.s3_uri"),
            (f"{self.prefix}/" if self.prefix else None, "prefix of output_config.s3_data.s3_uri/"),
            (quote(f"{self.prefix}/", safe="") if self.prefix else None, "prefix of output_config.s3_data.s3_uri/"),
            (self.kms_key_id, "output_config.s3_data.kms_key_id"),
            (self.execution_role_arn, "execution_role_arn"),
            (self.bucket, "bucket of output_config.s3_data.s3_uri"),
        ):
            if value:
                end = r"(?![\w-])" if value[-1].isalnum() and not value.endswith("%2F") else ""
                words = re.sub(rf"(?<![\w.-]){re.escape(value)}{end}", f"[{name}]", words)
        return words


#: What the ARN of nearly every job begins with: the service is in one region.
_USUAL = re.compile(r"arn:aws:sagemaker-geospatial:us-west-2:(\d{12}):earth-observation-job/([^/]+)")


def short_id(arn: str) -> str:
    """The resource's id: the job's ARN, without what is the same in nearly all of them, ``ACCOUNT/JOB``."""
    usual = _USUAL.fullmatch(arn)
    return f"{usual[1]}/{usual[2]}" if usual else arn


def arn_of(id_: str) -> str:
    """The job's ARN of a resource's id, which may be the ARN itself."""
    account, slash, job = id_.partition("/")
    if account.startswith("arn:") or not slash:
        return id_
    return f"arn:aws:sagemaker-geospatial:us-west-2:{account}:earth-observation-job/{job}"


def location(s3_uri: str, arn: str) -> str:
    """The folder that an export of the job writes: ``<S3Uri>/<job id>/``."""
    return f"{s3_uri.removesuffix('/')}/{arn.rpartition('/')[2]}/"


def derived_token(request: Request, triggers: Any, attempt: int) -> str:
    """The client token of a declaration: its content's address (55 characters; the API allows 36 to 64).

    The same on every machine and Python version, and users' state: a change of this function re-exports everything.
    """
    content = {
        "Arn": request.arn,
        "ExecutionRoleArn": request.execution_role_arn,
        "OutputConfig": request.output_config,
        "ExportSourceImages": request.export_source_images,
        "triggers": _canonical(triggers),
        "attempt": attempt,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "pulumi-" + hashlib.sha256(text.encode()).hexdigest()[:48]


def client_token(props: Mapping[str, Any]) -> str:
    """The token that an export in the state was started with: the user's, or the derived one."""
    given = props.get("client_token")
    return given or derived_token(Request.of(props), props.get("triggers"), int(props.get("__attempt") or 0))


def normal(news: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs without what says nothing (nulls, defaults, an empty KMS key), so that the state stays small."""
    inputs: dict[str, Any] = {}
    for name, value in news.items():
        if value is None or (name in SETTINGS and value is SETTINGS[name]):
            continue
        if name == "export_source_images" and value is False:
            continue
        inputs[name] = _pruned(value) if name == "output_config" else value
    return inputs


def problems(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(property, reason) for each rule of the API page that the inputs break; unknown values break none."""
    fields = {name: value for name, value in inputs.items() if not name.startswith("__")}
    settings = {name: fields.pop(name) for name in list(fields) if name in SETTINGS}
    triggers = fields.pop("triggers", None)
    yield from _shape_problems(_export_input(), fields, "")
    for name, value in settings.items():
        if not isinstance(value, bool) and not _is_unknown(value):
            yield name, f"must be true or false, not {_kind(value)}"
    yield from _trigger_problems(triggers, "triggers")


def has_unknown(value: Any) -> bool:
    """Whether a value, or something in it, is not known before the update."""
    if isinstance(value, Mapping):
        return any(map(has_unknown, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(has_unknown, value))
    return _is_unknown(value)


def same_value(one: Any, other: Any) -> bool:
    """Whether two values are one in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_value(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same_value, one, other))
    return bool(isinstance(one, bool) == isinstance(other, bool) and one == other)


@functools.cache
def _export_input() -> Shape:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model("sagemaker-geospatial", "service-2"))
    shape = model.operation_model("ExportEarthObservationJob").input_shape
    assert shape is not None
    return shape


def _shape_problems(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    from botocore import xform_name

    if _is_unknown(value):
        return
    if shape.type_name == "structure":
        if not isinstance(value, Mapping):
            yield path, f"must be an object with {_listed(map(xform_name, shape.members))}, not {_kind(value)}"
            return
        members = {xform_name(name): member for name, member in shape.members.items()}
        for name in map(xform_name, shape.required_members):
            if value.get(name) is None:
                yield _join(path, name), "is required"
        for name, inner in value.items():
            if name not in members:
                yield _join(path, name), f"is not a field of {path or 'the resource'}: it has {_listed(members)}"
            elif inner is not None:
                yield from _shape_problems(members[name], inner, _join(path, name))
    elif shape.type_name == "boolean":
        if not isinstance(value, bool):
            yield path, f"must be true or false, not {_kind(value)}"
    elif shape.type_name == "string":
        yield from _string_problems(shape, value, path)
    else:
        yield path, f"has the type {shape.type_name}, which this version cannot check: please upgrade the package"


def _string_problems(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield path, f"must be a string, not {_kind(value)}"
        return
    rules = shape.metadata
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        meaning = _EXPLAINED.get(shape.name)
        yield path, f"must be {meaning} (pattern {rules['pattern']})" if meaning else f"must match {rules['pattern']}"
        return
    if not value.isprintable():
        yield path, "must have no line breaks or other control characters"
    shortest, longest = rules.get("min", 0), rules.get("max", math.inf)
    if not shortest <= len(value) <= longest:
        allowed = f"{shortest} to {longest}" if shortest else f"at most {longest}"
        yield path, f"must have {allowed} characters, not {len(value)}"


def _trigger_problems(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _trigger_problems(inner, _join(path, str(name)))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _trigger_problems(inner, f"{path}[{index}]")
    elif value is not None and not isinstance(value, (str, bool, int, float, Unknown)):
        yield path, f"must be a JSON value (a string, number, boolean, null, list or object), not {_kind(value)}"
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, f"must be a JSON value, and JSON has no {value}"


def _canonical(value: Any) -> Any:
    # Every number travels as a double: 1 and 1.0 are one value, and are written as 1.
    if isinstance(value, Mapping):
        return {str(name): _canonical(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _pruned(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {
        name: _pruned(inner)
        for name, inner in value.items()
        if inner is not None and not (name == "kms_key_id" and inner == "")
    }


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Unknown) or (isinstance(value, str) and value == UNKNOWN)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


def _kind(value: Any) -> str:
    kinds = {bool: "a boolean", str: "a string", dict: "an object", list: "a list"}
    return kinds.get(type(value), "a number" if isinstance(value, (int, float)) else type(value).__name__)
