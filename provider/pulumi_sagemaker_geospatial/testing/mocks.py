"""Mocks for unit tests of programs: exports are validated as the resources validate them, and end at once."""

from __future__ import annotations

import contextvars
import functools
import runpy
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Union

import pulumi
from pulumi.runtime import is_dry_run, rpc
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

from .._export.check import check_inputs
from .._export.inputs import COMPUTED_OUTPUTS, IN_PLACE_INPUTS, REPLACE_ON_CHANGES, is_unknown
from .._export.job_metadata import metadata_object
from .._export.manifest import ExportManifest
from .._export.registry import DeclarationRegistry
from .._export.spec import ExportSpec
from .._export.stack_state import RESOURCE_TYPES
from .._export.state import ExportState, JobMetadata
from .._export.validation import arn_of_id
from .._geospatial.arns import to_resource_id
from .._geospatial.kinds import ExportKind
from .._runtime.event_loop import event_loop
from .._runtime.s3_objects import S3Object
from .._runtime.urns import resource_name
from ..error_ids import ErrorId
from ..errors import ExportError
from ._monitor import ExportMonitor, current_urn

#: Properties that the SDK or this package adds to what the program declares.
_ADDED = "__"
#: What `outputs` can have.
_OUTPUTS = (*COMPUTED_OUTPUTS, *REPLACE_ON_CHANGES, *IN_PLACE_INPUTS)
STARTED = datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
DURATION = timedelta(minutes=5)


class InvalidExportError(ExportError):
    """An export that `pulumi preview` would refuse. The message has the reasons, one a line."""

    default_id = ErrorId.INVALID_PROPERTY

    def __str__(self) -> str:
        return self.message  # each of its lines ends with an identifier


@dataclass(frozen=True)
class DeclaredExport:
    """An export that a program has declared.

    Attributes:
        name: the resource's name.
        operation: `ExportEarthObservationJob` or `ExportVectorEnrichmentJob`.
        inputs: the arguments, without those that have no value or their default.
        id: the resource's id.
        outputs: what the program sees.
    """

    name: str
    operation: str
    inputs: Mapping[str, Any]
    id: str
    outputs: Mapping[str, Any]


@dataclass
class ExportMocks(pulumi.runtime.Mocks):
    """Mocks in which each export SUCCEEDED, or, with `wait_for_completion=False`, is IN_PROGRESS.

    For `pulumi.runtime.set_mocks`, or with `run`. Make one for each run of a program: it remembers what was declared.
    A resource of another package has its inputs as outputs, unless `others` says otherwise.

    Where exports of both kinds have the same name, it is `ExportEarthObservationJob:lake` or `ExportVectorEnrichmentJob:lake`
    in `outputs` and `exports`.

    Attributes:
        objects: how many objects each export wrote.
        outputs: outputs of single exports by the resource's name, such as `{"lake": {"drift": "1 of 3 objects is gone"}}`.
        others: mocks of the resources and functions of other packages.
        exports: what was declared, by the resource's name. `get` declares nothing.

    Raises:
        ExportError: `objects` is not a number of objects, or `outputs` has what is not an output.
    """

    objects: int = 3
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    others: pulumi.runtime.Mocks | None = None
    exports: dict[str, DeclaredExport] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._registry = DeclarationRegistry()
        self._lock = threading.Lock()  # the SDK calls mocks on several threads
        self._operations: dict[str, set[str]] = {}  # of each resource's name, also those that are read
        self._declared: dict[str, dict[str, DeclaredExport]] = {}  # by name and URN
        self._check_arguments()

    def _check_arguments(self) -> None:
        if not isinstance(self.objects, int) or isinstance(self.objects, bool) or self.objects < 0:
            raise ExportError(f"objects must be a number of objects, not {self.objects!r}", ErrorId.INVALID_ARGUMENT)
        for name, outputs in self.outputs.items():
            if unknown := sorted(set(outputs) - set(_OUTPUTS)):
                raise ExportError(
                    f"outputs[{name!r}]: an export has no output {', '.join(unknown)}: it has {', '.join(_OUTPUTS)}",
                    ErrorId.INVALID_ARGUMENT,
                )

    def run(
        self,
        program: Union[str, Path, Callable[[], Any]],
        *,
        config: Mapping[str, str] = {},
        project: str = "project",
        stack: str = "stack",
        preview: bool = False,
    ) -> dict[str, Any]:
        """Run a program and return the stack's outputs; in a preview, only those that are known. A secret one is in plain.

        :param program: A function, or the path of a program, such as `__main__.py`.
        :param config: The stack's config, such as `{"project:bucket": "exports"}`; values are strings or JSON text.
        :param project: The project's name.
        :param stack: The stack's name.
        :param preview: True: what `pulumi preview` runs; outputs that only an update knows are unknown.

        Raises:
            InvalidExportError: the inputs of an export are refused.
            ExportError: an export is declared twice, or `outputs` has a name that the program does not declare.
        """
        return contextvars.Context().run(self._run, program, dict(config), project, stack, preview)

    def _run(
        self, program: str | Path | Callable[[], Any], config: dict[str, str], project: str, stack: str, preview: bool
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def declare() -> None:
            program() if callable(program) else _run_path(Path(program))

        def resolve() -> None:
            root = pulumi.runtime.get_root_resource()
            for name, value in getattr(root, "outputs", {}).items():
                pulumi.Output.from_input(value).apply(functools.partial(found.__setitem__, name))

        with event_loop():
            monitor = ExportMonitor(self)
            pulumi.runtime.set_mocks(self, project=project, stack=stack, preview=preview, monitor=monitor)
            pulumi.runtime.set_all_config(config)
            for step in (declare, resolve):
                pulumi.runtime.test(step)()  # type: ignore[no-untyped-call]
        self._check_names()
        return found

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Validate an export and return its id and outputs."""
        kind = RESOURCE_TYPES.get(args.typ)
        if kind is None:
            if self.others is not None:
                return self.others.new_resource(args)
            return args.resource_id or f"{args.name}-id", dict(args.inputs)
        # Without `run`, the monitor is the SDK's, which does not tell the URN.
        urn = current_urn.get() or f"urn:pulumi:mocks::{kind.operation}::{args.name}"
        given = self._given_outputs(kind, args.name)
        if args.resource_id:
            return args.resource_id, {**_last_export(kind, args.resource_id), **given}
        return self._declare(kind, urn, _plain(args.inputs), given)

    def call(self, args: MockCallArgs) -> Any:
        """Call a function of another package: `others` has it."""
        return self.others.call(args) if self.others is not None else ({}, [])

    def _declare(
        self, kind: ExportKind, urn: str, properties: Mapping[str, Any], given: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        inputs = self._check(kind, urn, properties)
        if is_dry_run():
            id_, outputs = "", inputs
        else:
            spec = ExportSpec.from_inputs(kind, inputs)
            id_ = to_resource_id(spec.request.arn, kind.arn_type)
            outputs = {**self._state(spec).to_outputs(inputs), **given}
        declared = {name: value for name, value in inputs.items() if not name.startswith(_ADDED)}
        self._record(urn, DeclaredExport(resource_name(urn), kind.operation, declared, id_, outputs))
        return id_, outputs

    def _record(self, urn: str, export: DeclaredExport) -> None:
        """Add an export to those of its name: each is found by the name alone, where it is the only one."""
        with self._lock:
            same = self._declared.setdefault(export.name, {})
            same[urn] = export
            if len(same) == 1:
                self.exports[export.name] = export
                return
            self.exports.pop(export.name, None)
            count = Counter(each.operation for each in same.values())
            for other, each in same.items():
                key = f"{each.operation}:{each.name}"
                if count[each.operation] == 1:
                    self.exports[key] = each
                else:  # they have parents of different types
                    self.exports.pop(key, None)
                    self.exports[other] = each

    def _given_outputs(self, kind: ExportKind, name: str) -> Mapping[str, Any]:
        """Return what `outputs` has for a resource. Raises ExportError where that is not clear."""
        with self._lock:
            operations = self._operations.setdefault(name, set())
            operations.add(kind.operation)
            names = [f"{each}:{name}" for each in sorted(operations)]
        if name in self.outputs and len(names) > 1:
            raise ExportError(
                f"outputs[{name!r}]: several kinds of export have this name: use {' or '.join(names)}",
                ErrorId.INVALID_ARGUMENT,
            )
        return self.outputs.get(f"{kind.operation}:{name}", self.outputs.get(name, {}))

    def _check_names(self) -> None:
        names = {key for name, each in self._operations.items() for key in (name, *(f"{kind}:{name}" for kind in each))}
        if unknown := [name for name in self.outputs if name not in names]:
            raise ExportError(
                f"outputs: the program declares no export {', '.join(unknown)}: it declares "
                f"{', '.join(sorted(self._operations)) or 'none'}",
                ErrorId.INVALID_ARGUMENT,
            )

    def _check(self, kind: ExportKind, urn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the engine would hand to the provider. Raises InvalidExportError."""
        news = {key: value for key, value in properties.items() if key != "__provider"}
        inputs, errors = check_inputs(kind, self._registry, urn, {}, news)
        if errors:
            name = resource_name(urn)
            raise InvalidExportError("\n".join(f"{name}: property {path}: {reason}" for path, reason in errors))
        return inputs

    def _state(self, spec: ExportSpec) -> ExportState:
        done, end = spec.wait_for_completion, STARTED + DURATION
        names = [f"{spec.request.kind.results_prefix}result_{number}" for number in range(self.objects)]
        written = [S3Object(name, 1024, f"{index:032x}", end) for index, name in enumerate(names)]
        return ExportState(
            request=spec.request,
            status="SUCCEEDED" if done else "IN_PROGRESS",
            created=STARTED,
            manifest=ExportManifest.of(written) if done and spec.verify_objects else None,
            metadata=JobMetadata(metadata_object(spec.request).prefix, "0" * 32) if spec.save_job_metadata else None,
        )


def _last_export(kind: ExportKind, id_: str) -> dict[str, Any]:
    """Return the outputs of `get`. Raises ExportError for an id that is none of a job of this kind."""
    return {} if is_unknown(id_) else {"arn": arn_of_id(kind, id_), "export_status": "SUCCEEDED"}


def _run_path(program: Path) -> None:
    """Run a program as the engine does: modules beside it can be imported."""
    sys.path.insert(0, str(program.resolve().parent))
    try:
        runpy.run_path(str(program), run_name="__main__")
    finally:
        sys.path.pop(0)


def _plain(value: Any) -> Any:
    """Return a value without the marks of secrets, as the engine hands it to a dynamic provider."""
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
