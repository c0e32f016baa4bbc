"""Mocks for unit tests of programs: exports are validated as the resources validate them, and end at once."""

from __future__ import annotations

import contextvars
import functools
import runpy
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Union

import pulumi
from pulumi.runtime import is_dry_run, rpc
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

from .._export.check import check_inputs
from .._export.job_metadata import metadata_object
from .._export.manifest import ExportManifest
from .._export.registry import DeclarationRegistry
from .._export.spec import ExportSpec
from .._export.stack_state import RESOURCE_TYPES
from .._export.state import ExportState, JobMetadata
from .._geospatial.arns import from_resource_id, to_resource_id
from .._geospatial.kinds import ExportKind
from .._runtime.event_loop import event_loop
from .._runtime.s3_objects import S3Object
from ..error_ids import ErrorId
from ..errors import ExportError

#: Properties that the SDK or this package adds to what the program declares.
_ADDED = "__"
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

    For `pulumi.runtime.set_mocks`, or with `run`. A resource of another package has its inputs as outputs, unless `others` says otherwise.

    Attributes:
        objects: how many objects each export wrote.
        outputs: outputs of single exports by the resource's name, such as `{"lake": {"drift": "1 of 3 objects is gone"}}`.
        others: mocks of the resources and functions of other packages.
        exports: what was declared, by the resource's name. `get` declares nothing.
    """

    objects: int = 3
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    others: pulumi.runtime.Mocks | None = None
    exports: dict[str, DeclaredExport] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._registry = DeclarationRegistry()
        self._lock = threading.Lock()  # the SDK calls mocks on several threads

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
            pulumi.runtime.set_mocks(self, project=project, stack=stack, preview=preview)
            pulumi.runtime.set_all_config(config)
            for step in (declare, resolve):
                pulumi.runtime.test(step)()  # type: ignore[no-untyped-call]
        return found

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Validate an export and return its id and outputs."""
        kind = RESOURCE_TYPES.get(args.typ)
        if kind is None:
            if self.others is not None:
                return self.others.new_resource(args)
            return args.resource_id or f"{args.name}-id", dict(args.inputs)
        if args.resource_id:
            return args.resource_id, self._last_export(kind, args.name, args.resource_id)
        return self._declare(kind, args.name, _plain(args.inputs))

    def call(self, args: MockCallArgs) -> Any:
        """Call a function of another package: `others` has it."""
        return self.others.call(args) if self.others is not None else ({}, [])

    def _declare(self, kind: ExportKind, name: str, properties: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        inputs = self._check(kind, name, properties)
        if is_dry_run():
            id_, outputs = "", inputs
        else:
            spec = ExportSpec.from_inputs(kind, inputs)
            id_ = to_resource_id(spec.request.arn, kind.arn_type)
            outputs = {**self._state(spec).to_outputs(inputs), **self.outputs.get(name, {})}
        declared = {name: value for name, value in inputs.items() if not name.startswith(_ADDED)}
        with self._lock:
            self.exports[name] = DeclaredExport(name, kind.operation, declared, id_, outputs)
        return id_, outputs

    def _check(self, kind: ExportKind, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the engine would hand to the provider. Raises InvalidExportError."""
        news = {key: value for key, value in properties.items() if key != "__provider"}
        inputs, errors = check_inputs(kind, self._registry, f"urn:pulumi:mocks::{kind.operation}::{name}", {}, news)
        if errors:
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

    def _last_export(self, kind: ExportKind, name: str, id_: str) -> dict[str, Any]:
        """Return the outputs of `get`."""
        arn = from_resource_id(id_, kind.arn_type)
        return {"arn": arn, "export_status": "SUCCEEDED", **self.outputs.get(name, {})}


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
