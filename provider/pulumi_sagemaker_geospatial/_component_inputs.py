"""The checks of the component's arguments, which policies are made of before the export itself is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from inspect import isawaitable
from typing import Any, Optional

import pulumi

from ._export.validation import property_errors
from ._geospatial.arns import KEY_ARN, NO_KEY_ARN
from ._geospatial.kinds import EARTH_OBSERVATION
from .error_ids import ErrorId
from .errors import ExportError

#: Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def check_arguments(
    component: str, name: str, inputs: Mapping[str, Any], create_kms_key: Any, unknown: Iterable[str]
) -> dict[str, Any]:
    """Return the inputs of a component; one that is not known yet is checked as soon as it is.

    Raises:
        TypeError: there are arguments that the component does not have.
        ExportError: naming the component, the argument and what it must be.
    """
    for argument in unknown:
        raise TypeError(f"{component}.__init__() got an unexpected keyword argument {argument!r}")
    if not isinstance(create_kms_key, bool):
        raise ExportError(
            f"{name}: create_kms_key must be True or False, not {_type_of(create_kms_key)}", ErrorId.INVALID_PROPERTY
        )
    if inputs["kms_key_arn"] is not None and create_kms_key:
        raise ExportError(
            f"{name}: kms_key_arn and create_kms_key exclude each other: remove one of them", ErrorId.INVALID_ARGUMENT
        )
    return {argument: _checked(name, argument, value) for argument, value in inputs.items()}


def _checked(name: str, argument: str, value: Any) -> Any:
    def check(known: Any) -> Any:
        if reason := _REASONS[argument](known):
            raise ExportError(f"{name}: {argument} {reason}", ErrorId.INVALID_PROPERTY)
        return known

    if isinstance(value, pulumi.Output) or isawaitable(value):
        return pulumi.Output.from_input(value).apply(check)
    return check(value)


def _arn_reason(value: Any) -> Optional[str]:
    return next((reason for _, reason in property_errors(EARTH_OBSERVATION, "arn", value)), None)


def _bucket_reason(value: Any) -> Optional[str]:
    if value is None:
        return None
    if not isinstance(value, str):
        hint = ": pass its name, such as its output `bucket`" if isinstance(value, pulumi.Resource) else ""
        return f"must be a string, not {_type_of(value)}{hint}"
    if _BUCKET_NAME.fullmatch(value):
        return None
    return (
        "must be the name of a bucket, such as my-bucket: no URI, no ARN and no prefix, which is an argument of its own"
    )


def _prefix_reason(value: Any) -> Optional[str]:
    if value is None:
        return None
    if not isinstance(value, str):
        return f"must be a string, not {_type_of(value)}"
    if "://" in value or not value.isprintable():
        return "must be a key prefix, such as results/lake-mead: no URI, and no control characters"
    return None


def _key_reason(value: Any) -> Optional[str]:
    return None if value is None or (isinstance(value, str) and KEY_ARN.fullmatch(value)) else NO_KEY_ARN


def _type_of(value: Any) -> str:
    return type(value).__name__


#: What is wrong with a known value, by argument.
_REASONS: Mapping[str, Callable[[Any], Optional[str]]] = {
    "arn": _arn_reason,
    "bucket": _bucket_reason,
    "prefix": _prefix_reason,
    "kms_key_arn": _key_reason,
}
