"""Validation of inputs against the service model, before any call is made.

botocore is imported by the first validation, in the host process; a program that only declares exports never needs it.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pulumi.output import Unknown

from .._geospatial.arns import from_resource_id
from .._geospatial.kinds import ExportKind
from ..error_ids import ErrorId
from ..errors import ExportError
from .inputs import IN_PLACE_INPUTS, JSON_VALUE, is_unknown, leaves

if TYPE_CHECKING:
    from botocore.model import Shape

#: From here on, different integers are equal as the doubles that Pulumi's protocol has.
MAX_EXACT_INTEGER = 2**53

#: A property's path, and what is wrong with it.
ValidationError = tuple[str, str]


def validation_errors(kind: ExportKind, inputs: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Yield a property and a reason for each rule of the API page that the inputs break; unknown values break none."""
    fields = {name: value for name, value in inputs.items() if not name.startswith("__")}
    settings = {name: fields.pop(name) for name in list(fields) if name in IN_PLACE_INPUTS}
    triggers = fields.pop("triggers", None)
    yield from _shape_errors(kind, _input_shape(kind.operation), fields, "")
    for name, value in settings.items():
        if not isinstance(value, bool) and not is_unknown(value):
            yield name, f"must be true or false, not {_json_type(value)}"
    yield from _trigger_errors(triggers)


def property_errors(kind: ExportKind, name: str, value: Any) -> Iterator[ValidationError]:
    """Yield the property and a reason for each rule that the value of one property of the request breaks."""
    from botocore import xform_name

    shape: Any = _input_shape(kind.operation)
    [member] = [member for key, member in shape.members.items() if xform_name(key) == name]
    if value is None:
        yield name, "is required"
    else:
        yield from _shape_errors(kind, member, value, name)


def arn_of_id(kind: ExportKind, id_: str) -> str:
    """Return the job's ARN of the id that `get` was called with.

    Raises:
        ExportError: the id is not one of this kind of job.
    """
    arn = from_resource_id(id_, kind.arn_type)
    if not kind.is_job_arn(arn):
        raise ExportError(
            f"the id {id_!r} is neither ACCOUNT/JOB nor the ARN of a job of the type {kind.arn_type}",
            ErrorId.INVALID_RESOURCE_ID,
        )
    return arn


@functools.cache
def _input_shape(operation: str) -> Shape:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model("sagemaker-geospatial", "service-2"))
    shape = model.operation_model(operation).input_shape
    assert shape is not None
    return shape


def _shape_errors(kind: ExportKind, shape: Any, value: Any, path: str) -> Iterator[ValidationError]:
    if is_unknown(value):
        return
    if shape.type_name == "structure":
        yield from _structure_errors(kind, shape, value, path)
    elif shape.type_name == "boolean":
        if not isinstance(value, bool):
            yield path, f"must be true or false, not {_json_type(value)}"
    elif shape.type_name == "string":
        yield from _string_errors(kind, shape, value, path)
    else:
        yield path, f"has the type {shape.type_name}, which this version cannot check: please upgrade the package"


def _structure_errors(kind: ExportKind, shape: Any, value: Any, path: str) -> Iterator[ValidationError]:
    from botocore import xform_name

    members = {xform_name(name): member for name, member in shape.members.items()}
    if not isinstance(value, Mapping):
        yield path, f"must be an object with {_join_names(members)}, not {_json_type(value)}"
        return
    for name in map(xform_name, shape.required_members):
        if value.get(name) is None:
            yield _join(path, name), "is required"
    for name, inner in value.items():
        if name not in members:
            yield _join(path, name), f"is not a field of {path or 'the resource'}: it has {_join_names(members)}"
        elif inner is not None:
            yield from _shape_errors(kind, members[name], inner, _join(path, name))


def _string_errors(kind: ExportKind, shape: Any, value: Any, path: str) -> Iterator[ValidationError]:
    if not isinstance(value, str):
        yield path, f"must be a string, not {_json_type(value)}"
        return
    rules = shape.metadata
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        meaning = kind.pattern_descriptions.get(shape.name)
        yield path, f"must be {meaning} (pattern {rules['pattern']})" if meaning else f"must match {rules['pattern']}"
        return
    if not value.isprintable():
        yield path, "must have no line breaks or other control characters"
    shortest, longest = rules.get("min", 0), rules.get("max", math.inf)
    if not shortest <= len(value) <= longest:
        allowed = f"{shortest} to {longest}" if shortest else f"at most {longest}"
        yield path, f"must have {allowed} characters, not {len(value)}"


def _trigger_errors(triggers: Any) -> Iterator[ValidationError]:
    for path, value in leaves(triggers, "triggers"):
        if value is not None and not isinstance(value, (str, bool, int, float, Unknown)):
            yield path, f"must be {JSON_VALUE}, not {_json_type(value)}"
        elif isinstance(value, float) and not math.isfinite(value):
            yield path, f"must be a JSON value, and JSON has no {value}"
        elif isinstance(value, (int, float)) and abs(value) >= MAX_EXACT_INTEGER:
            yield path, "is a number of 2^53 or more, which Pulumi does not keep exactly: pass it as a string"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _join_names(names: Any) -> str:
    return ", ".join(sorted(names))


def _json_type(value: Any) -> str:
    kinds = {bool: "a boolean", str: "a string", dict: "an object", list: "a list"}
    return kinds.get(type(value), "a number" if isinstance(value, (int, float)) else type(value).__name__)
