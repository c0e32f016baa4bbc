"""What each call of an engine does with an export: plain functions of explicit values, for any provider adapter."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from .._geospatial.arns import from_resource_id
from .._geospatial.kinds import ExportKind
from .._runtime.context import OperationContext
from .._runtime.pulumi_cli import PulumiCommandError
from .._runtime.s3_objects import Folder
from .._runtime.urns import resource_name
from ..errors import FORCE_NEW_EXPORT, ServiceCallError, StateError, WaitInterruptedError
from .check import declaration_key
from .delete import delete_exported_objects
from .drift import detect_drift
from .inputs import is_metadata_due
from .job_metadata import find_changed_metadata, save_job_metadata
from .other_records import ProjectRecords
from .ownership import ADOPTED_WITHOUT_DELETION, ANOTHER, owner_of_created, owner_of_updated, reason_to_keep
from .preflight import is_occupied
from .refresh import refresh_export
from .registry import Adoption, DeclarationRegistry
from .replacement import plan_from_state
from .runtime import Runtime
from .spec import CreatePlan, ExportSpec
from .state import ExportState, is_running, only_computed, spelled_as, with_owner
from .validation import arn_of_id


@dataclass(frozen=True)
class ReadResult:
    """A resource's outputs now; None where it is gone. The warnings belong to the resource."""

    outputs: dict[str, Any] | None
    warnings: list[str] = field(default_factory=list)


def create_export(
    kind: ExportKind,
    runtime: Runtime,
    registry: DeclarationRegistry,
    records: ProjectRecords | None,
    inputs: Mapping[str, Any],
    ctx: OperationContext,
) -> ExportState:
    """Export, or join or adopt an earlier export, and wait for SUCCEEDED.

    ``records``: as for `delete_export`. Raises as `ExportLifecycle.create`.
    """
    spec = ExportSpec.from_inputs(kind, inputs)
    destination = spec.request.destination
    plan = registry.pop_create_plan(declaration_key(ctx.urn, inputs))
    registry.record_write(ctx.urn, destination)
    if records is not None and plan == CreatePlan() and spec.token is None:
        _record_spellings(
            runtime, registry, records, spec, replace(ctx, interruption_note="")
        )  # nothing is started yet
    spec = registry.as_recorded(spec)
    created = runtime.lifecycle.create(spec, plan, ctx)
    if created.adopted is not None:
        adoption = Adoption(ctx.urn, created.state.created, created.adopted)
        registry.record_adoption(destination, adoption)
        for urn, recorded in registry.states_at(destination).items():
            if warning := _adopted_drift(kind, adoption, urn, recorded):
                ctx.log_warning(warning)
    owner = owner_of_created(inputs, ctx.urn, adopted=created.adopted is not None)
    if owner == ANOTHER and records is not None:
        owner = _recorded_owner(records, destination, ctx)
    if owner == ANOTHER:
        ctx.log_warning(ADOPTED_WITHOUT_DELETION)
    return _with_metadata(runtime, spec, replace(created.state, owner=owner), ctx)


def _recorded_owner(records: ProjectRecords, destination: Folder, ctx: OperationContext) -> str | None:
    """Return who may delete what was adopted: who it was before, where the resource itself has a record of the export."""
    with suppress(PulumiCommandError, StateError, WaitInterruptedError):
        for recorded in records.of_stack(ctx.urn, ctx):
            if recorded.urn == ctx.urn and recorded.state.folder == destination and recorded.deletes_objects:
                return recorded.state.owner
    return ANOTHER


def _record_spellings(
    runtime: Runtime, registry: DeclarationRegistry, records: ProjectRecords, spec: ExportSpec, ctx: OperationContext
) -> None:
    """Record how the stack's state spells the export that a first creation may adopt.

    The record of a resource that was renamed without an alias is shown to no call before this one.
    """
    # Where S3 does not tell about the bucket, a second answer is not waited for.
    if runtime.lifecycle.check_destination(spec, ctx) and is_occupied(runtime.store, spec.request.destination, ctx):
        with suppress(PulumiCommandError, StateError):  # as where there is no record
            for recorded in records.of_stack(ctx.urn, ctx):
                registry.record_spelling(recorded.spec)


def read_unmanaged(kind: ExportKind, runtime: Runtime, id_: str, ctx: OperationContext) -> dict[str, Any]:
    """Return what the service tells of a job's last export, for `get`: its status and error details.

    Raises:
        ExportError: the id is not one of this kind of job.
        ServiceCallError, CancelledError, WaitTimeoutError
    """
    arn = arn_of_id(kind, id_)
    job = runtime.client.describe_unmanaged(kind, arn, ctx)
    found = {"arn": arn, "export_status": job.export_status, "export_error_details": job.export_errors}
    return {name: value for name, value in found.items() if value is not None}


def read_export(
    kind: ExportKind,
    runtime: Runtime,
    registry: DeclarationRegistry,
    id_: str,
    outputs: Mapping[str, Any],
    ctx: OperationContext,
) -> ReadResult:
    """Return the outputs after a refresh.

    Raises:
        StateError, ServiceCallError, CancelledError, WaitTimeoutError
    """
    arn = from_resource_id(id_, kind.arn_type)
    state = ExportState.from_outputs(kind, outputs, resource_name(ctx.urn) or id_, arn)
    refreshed = refresh_export(runtime.client, runtime.store, state, datetime.now(timezone.utc), ctx)
    key = declaration_key(ctx.urn, outputs)
    if refreshed.state is None:
        registry.forget(key)
        return ReadResult(None)
    registry.record_state(ctx.urn, refreshed.state)
    registry.record_spelling(ExportSpec.from_inputs(kind, outputs))
    registry.set_create_plan(key, plan_from_state(refreshed.state))
    state, drift = refreshed.state, refreshed.drift_warning
    warnings = [drift, *refreshed.warnings] if drift else refreshed.warnings
    if state.metadata and (change := find_changed_metadata(runtime.store, state.request, state.metadata, ctx)):
        warnings = [*warnings, f"the job's metadata {change}; `pulumi up` writes it again"]
        state = replace(state, metadata=None)
    return ReadResult(state.to_outputs(outputs), warnings)


def update_export(
    kind: ExportKind,
    runtime: Runtime | None,
    id_: str,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    ctx: OperationContext,
) -> dict[str, Any]:
    """Take over new settings; wait for an export that is still running where waiting was turned on; save metadata.

    ``runtime`` is needed for calls alone, see `needs_calls`. Raises as `ExportLifecycle.create`.
    """
    news, owner = spelled_as(olds, news), owner_of_updated(olds, news, ctx.urn)
    computed = only_computed(olds)
    if news.get("verify_objects") is False:
        computed.pop("drift", None)
    if not news.get("save_job_metadata"):
        computed.pop("job_metadata", None)
    if runtime is None:
        return with_owner({**news, **computed}, owner)
    arn = from_resource_id(id_, kind.arn_type)
    state = ExportState.from_outputs(kind, {**computed, **news}, resource_name(ctx.urn) or id_, arn)
    spec = ExportSpec.from_inputs(kind, news)
    if _waits_for_end(olds, news):
        age = (datetime.now(timezone.utc) - state.created).total_seconds()
        joined = runtime.lifecycle.join(spec, state, ctx, age)
        state = replace(joined, owner=state.owner, metadata=state.metadata)
    return with_owner(_with_metadata(runtime, spec, state, ctx).to_outputs(news), owner)


def needs_calls(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether an update has to call AWS."""
    return is_metadata_due(olds, news) or _waits_for_end(olds, news)


def _waits_for_end(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether an update has to wait for an export that is recorded as running."""
    return is_running(olds) and news.get("wait_for_completion") is not False


def delete_export(
    kind: ExportKind,
    runtime: Runtime,
    registry: DeclarationRegistry,
    records: ProjectRecords | None,
    outputs: Mapping[str, Any],
    ctx: OperationContext,
) -> str:
    """Delete the objects that the export wrote, where they are its own and nobody else holds them.

    ``records``: what the states of the project's stacks hold; None where there are no states.

    Returns what was deleted or kept, and why, in one sentence.

    Raises:
        StateError, ServiceCallError, CancelledError, WaitTimeoutError
    """
    state = ExportState.from_outputs(kind, outputs, resource_name(ctx.urn))
    owner = registry.find_owner(ctx.urn, state.folder)
    if owner is not None:
        who = "the new export of this resource" if owner == ctx.urn else owner
        return f"objects kept: {who} uses the same destination"
    reason, others = reason_to_keep(state.owner, ctx.urn), list[str]()
    try:
        others = records.holders(ctx.urn, state.folder, ctx) if records else []
    except (PulumiCommandError, StateError) as exc:
        reason = reason or f"whether another resource or stack holds them is not known: {exc}"
    if reason := registry.resign(ctx.urn, state.folder, others, reason):
        return f"objects kept: {reason}"
    return delete_exported_objects(runtime.store, state, ctx)


def _with_metadata(runtime: Runtime, spec: ExportSpec, state: ExportState, ctx: OperationContext) -> ExportState:
    """Save the job's metadata where that was declared. A failure is a warning: the export itself is done."""
    if not spec.save_job_metadata or state.metadata is not None:
        return state
    ctx = replace(ctx, interruption_note="")  # which says that the export goes on
    try:
        return replace(state, metadata=save_job_metadata(runtime.client, runtime.store, spec.request, ctx))
    except (ServiceCallError, WaitInterruptedError) as exc:
        ctx.log_warning(exc.error_id.mark(f"{exc.message} The next `pulumi up` saves it."))
        return state


def drift_of_adopted(
    kind: ExportKind, registry: DeclarationRegistry, urn: str, outputs: Mapping[str, Any]
) -> tuple[str, str] | None:
    """Return a warning, and the URN that it is for, where the record of a deleted resource shows drift of what was adopted."""
    try:
        state = ExportState.from_outputs(kind, outputs, resource_name(urn))
    except StateError:
        return None  # a damaged record does not keep a resource from being deleted
    adoption = registry.adoption_at(state.folder)
    if adoption is None or urn in registry.states_at(state.folder):  # the creation has compared this record
        return None
    warning = _adopted_drift(kind, adoption, urn, state)
    return (adoption.urn, warning) if warning else None


def _adopted_drift(kind: ExportKind, adoption: Adoption, urn: str, recorded: ExportState) -> str | None:
    if recorded.status == "IN_PROGRESS":
        return None  # how it has ended was not known before the adoption
    newest = recorded.manifest.newest if recorded.manifest else None
    if adoption.created.replace(microsecond=0) > (newest or recorded.created):
        return None  # a newer export than the recorded one: of a replacement whose record was lost
    drift = recorded.drift
    if recorded.manifest is not None:
        drift = detect_drift(kind, recorded.manifest, recorded.window.select(adoption.objects)) or drift
    if drift is None:
        return None
    return (
        f"the adopted export has drifted from the record of {resource_name(urn)}: {drift}; to repair it: "
        f"{FORCE_NEW_EXPORT.replace('URN', repr(adoption.urn))}"
    )
