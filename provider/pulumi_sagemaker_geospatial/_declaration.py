"""What the resources of all kinds of export have in common: outputs that a state may omit, and a warning at scale."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from inspect import isawaitable
from pathlib import PurePath
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime import settings

from ._export.inputs import COMPUTED_OUTPUTS, IN_PLACE_INPUTS, JSON_VALUE, leaves
from ._export.stack_state import DYNAMIC_PACKAGE
from ._geospatial.request import SECRET_INPUTS
from .error_ids import ErrorId
from .errors import ExportError

#: The computed properties that a resource is registered with; the internal one is needed for `client_token`.
REGISTERED_OUTPUTS = (*COMPUTED_OUTPUTS, "__attempt")
#: Types that people put into `triggers` and that no state can hold.
_UNSUPPORTED_TRIGGERS = (date, time, timedelta, bytes, bytearray, set, frozenset, PurePath, Decimal, UUID, complex)

_export_count: WeakKeyDictionary[pulumi.Resource, int] = WeakKeyDictionary()


def properties(resource_name: str, declared: Mapping[str, Any], opts: pulumi.ResourceOptions | None) -> dict[str, Any]:
    """Return what a resource is registered with: its arguments, and what the provider and the outputs need beside them.

    Raises:
        ExportError: an argument has a value that no state can hold, or an option is one that the resource cannot have.
    """
    check_options(resource_name, opts)
    check_keys(resource_name, declared)
    check_triggers(resource_name, declared["triggers"])
    warn_if_over_parallelism()
    return {**declared, SECRET_INPUTS: secret_inputs(declared), **dict.fromkeys(REGISTERED_OUTPUTS)}


def optional_output(resource: pulumi.Resource, name: str) -> pulumi.Output[Any]:
    """Return an output that the state may omit: None then, and known in a plan as soon as the export's status is."""
    output: pulumi.Output[Any] = pulumi.get(resource, name)
    status: pulumi.Output[Any] = pulumi.get(resource, "export_status")

    async def is_known() -> bool:
        return await output.is_known() or await status.is_known()

    parts = (output.resources, output.future, is_known, output.is_secret)
    return pulumi.Output(*map(_OnAwait, parts))  # type: ignore[arg-type]


class _OnAwait:
    """An awaitable that calls its function when it is awaited.

    Where a resource fails, the SDK awaits the first part of an output only, and a coroutine that is never awaited causes a warning.
    """

    def __init__(self, function: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._function = function

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._function().__await__()


def setting_output(resource: pulumi.Resource, name: str) -> pulumi.Output[bool]:
    """Return an input that is updated in place, or its default."""
    return optional_output(resource, name).apply(lambda value: IN_PLACE_INPUTS[name] if value is None else bool(value))


def secret_inputs(declared: Mapping[str, Any]) -> pulumi.Input[list[str]]:
    """Return the paths of the inputs that are secret, which the engine does not tell a dynamic provider."""
    inputs = {name: declared[name] for name in ("arn", "execution_role_arn")}
    inputs |= _destination_inputs(declared["output_config"])
    # A plain value is never secret, and is not worth a task of the event loop for each of hundreds of exports.
    outputs = {path: value for path, value in inputs.items() if value is not None and not isinstance(value, str)}

    async def find() -> list[str]:
        return [path for path, value in outputs.items() if await pulumi.Output.from_input(value).is_secret()]

    return pulumi.Output.from_input(find()) if outputs else []


def _destination_inputs(output_config: Any) -> dict[str, Any]:
    """Return the fields of the destination by their paths; the whole where it is not known before it is resolved."""
    s3_data = _field(output_config, "s3_data")
    fields = {name: _field(s3_data, name) for name in ("s3_uri", "kms_key_id")}
    if fields["s3_uri"] is None:
        return {"output_config": output_config}
    return {f"output_config.s3_data.{name}": value for name, value in fields.items()}


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    return None if value is None or isinstance(value, pulumi.Output) else getattr(value, name, None)


def check_triggers(resource_name: str, triggers: Any) -> None:
    """Refuse what no state can hold, which the SDK would refuse with a traceback.

    Raises:
        ExportError: naming the value's place.
    """
    for path, value in leaves(triggers, "triggers"):
        if isinstance(value, _UNSUPPORTED_TRIGGERS):
            raise ExportError(
                f"{resource_name}: {path} must be {JSON_VALUE}, not {type(value).__name__}: pass str(...), or a hash of it",
                ErrorId.INVALID_PROPERTY,
            )


def check_keys(resource_name: str, declared: Mapping[str, Any]) -> None:
    """Refuse keys that are not strings, which the SDK would refuse with a traceback.

    Raises:
        ExportError: naming the place and the key.
    """
    for path, key in _invalid_keys(declared):
        raise ExportError(
            f"{resource_name}: a key of {path} must be a string, not {type(key).__name__}: {key!r}; pass str(...)",
            ErrorId.INVALID_PROPERTY,
        )


def _invalid_keys(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of each mapping in a value, with its keys that are not strings."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                yield path, name
            yield from _invalid_keys(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _invalid_keys(inner, f"{path}[{index}]")


def check_options(resource_name: str, opts: pulumi.ResourceOptions | None) -> None:
    """Refuse options that a dynamic resource cannot have.

    The SDK ignores providers of other packages: their credentials and region would not be used. It cannot import.

    Raises:
        ExportError: naming the option.
    """
    if opts is not None and opts.import_ is not None:
        raise ExportError(
            f"{resource_name}: the option import_ is not supported for dynamic resources: remove it, and declare the "
            "export with the inputs that it was started with and, if it was started outside Pulumi, its client_token; "
            "the first `pulumi up` adopts it",
            ErrorId.INVALID_ARGUMENT,
        )
    for option, provider in _given_providers(opts):
        if provider.package != DYNAMIC_PACKAGE:
            raise ExportError(
                f"{resource_name}: the option {option} has a provider of the package {provider.package}, which an export "
                "does not use: remove it, and set credentials and endpoints in the stack's aws: config; the region is "
                "that of arn",
                ErrorId.UNUSED_PROVIDER,
            )


def check_id(resource_name: str, id_: Any) -> None:
    """Refuse ids that are no strings, which the SDK would refuse with a traceback; the provider checks strings.

    Raises:
        ExportError: naming the type.
    """
    if not isinstance(id_, (str, pulumi.Output)) and not isawaitable(id_):
        raise ExportError(
            f"{resource_name}: id must be the ARN of a job, not {type(id_).__name__}", ErrorId.INVALID_RESOURCE_ID
        )


def _given_providers(opts: pulumi.ResourceOptions | None) -> Iterator[tuple[str, pulumi.ProviderResource]]:
    """Yield the option and the value of each provider that is given to the resource itself, and not to a parent."""
    if opts is None:
        return
    if opts.provider is not None:
        yield "provider", opts.provider
    providers: Iterable[pulumi.ProviderResource] = (
        opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers or ()
    )
    yield from (("providers", each) for each in providers)


def warn_if_over_parallelism() -> None:
    """Warn once where a program declares more exports than the engine runs at once.

    Each export that waits takes one of the engine's workers; the others would wait for a worker, not for AWS.
    """
    stack, parallel = settings.get_root_resource(), settings.SETTINGS.parallel
    if stack is None or not parallel or settings.is_dry_run():
        return
    _export_count[stack] = _export_count.get(stack, 0) + 1
    if _export_count[stack] == parallel + 1:
        pulumi.log.warn(
            f"this program declares more exports than the {parallel} that `pulumi up` runs at once: "
            "run `pulumi up --parallel 256`, or set PULUMI_PARALLEL=256"
        )
