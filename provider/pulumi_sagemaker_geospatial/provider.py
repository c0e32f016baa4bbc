"""The dynamic-provider adapter: translates a call of Pulumi's dynamic host into a call of the handlers.

It is pickled by reference into users' state: the references in the package's ``__init__`` never move.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from ._export.check import check_inputs, declaration_key
from ._export.diff import diff_inputs
from ._export.registry import DeclarationRegistry
from ._export.replacement import plan_from_diff
from ._export.spec import ExportSpec
from ._export.state import is_managed, is_running
from ._geospatial.arns import SERVICE_REGION, job_id, region_of, to_resource_id
from ._geospatial.error_causes import cause_of
from ._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT, ExportKind
from ._geospatial.request import SECRET_INPUTS
from ._progress.operations import Result, Verb
from ._runtime.aws_config import AwsConfig
from ._runtime.clock import Clock, MonotonicClock
from ._runtime.config_keys import unknown_fields_warnings, unknown_keys_warning
from ._runtime.context import OperationContext
from ._runtime.dynamic_host import HOST, DynamicHost, HostCall, config_keys, current_call
from ._runtime.settings import invalid_settings
from ._runtime.urns import resource_name
from .errors import EXPORT_CONTINUES

if TYPE_CHECKING:
    from ._export.other_records import ProjectRecords
    from ._export.runtime import Runtime
    from ._progress.reporter import ProgressReporter, ReportedOperation

#: Seconds that an operation may take, where `custom_timeouts` has no value for it.
DEFAULT_TIMEOUT = 3600.0
#: What is shown in place of a job whose ARN is secret, as the engine hides secrets.
HIDDEN = "[secret]"
WRITES_ON = (
    "the export had not ended when it was last observed: the service cannot stop it, and it goes on writing to its "
    "destination"
)
NOT_WAITED_FOR = (
    "with wait_for_completion=False, `pulumi up` does not see how an export ends: until the next `pulumi refresh`, "
    "exported_objects is not known, drift is not detected, and a failure is not reported"
)


class ExportProvider(ResourceProvider):
    """The provider of one kind of export. It has no state of its own, and is pickled by its reference."""

    # Nothing in it is secret: as a secret, it would be encrypted into every resource's state.
    serialize_as_secret_always = False

    def __init__(
        self,
        kind: ExportKind,
        reference: str,
        host: DynamicHost = HOST,
        clock: Clock | None = None,
        runtime: Runtime | None = None,
        registry: DeclarationRegistry | None = None,
        has_states: bool = False,
    ) -> None:
        """``reference``: the name in the package by which states name this provider.

        ``has_states``: whether there is an engine, whose states tell what else holds an export.
        """
        super().__init__()
        self.kind, self._reference, self._host = kind, reference, host
        self._clock = clock or MonotonicClock()
        self._made_runtime = runtime
        self._configured = False
        self._settings_checked = False
        self._registry = registry or DeclarationRegistry()
        self._has_states = has_states
        self._lock = threading.Lock()
        self._get: Callable[[str], Any] = lambda key: None

    def __reduce__(self) -> str:
        # The state of every resource has the provider twice: as a name of this package it takes 64 characters.
        return self._reference

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's config. Nothing is imported or called yet."""
        if self._configured:  # equivalent pickles may unpickle separately; they share one provider
            return
        self._configured = True
        self._get = req.config.get
        self._host.install()
        self._host.error_reports.cause_of = cause_of
        unknown_keys = unknown_keys_warning(config_keys(req.config))
        for warning in filter(None, (unknown_keys, *unknown_fields_warnings(AwsConfig(self._get)))):
            self._host.log_once("warning", warning)

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate inputs; see `check_inputs`."""
        call = current_call()
        inputs, errors = check_inputs(self.kind, self._registry, call.urn, olds, news)
        self._warn_unsupported_region(inputs)
        if not olds and inputs.get("wait_for_completion") is False:
            self._host.log_once("info", NOT_WAITED_FOR)
        if not olds and not errors:
            self._progress.expect(*self._subject(call, inputs))
        # The engine would print the value of a property that is named to it, be it secret or not.
        reasons = [f"property {name}: {reason}" for name, reason in errors] + self._invalid_settings()
        return CheckResult(inputs, [CheckFailure("", reason) for reason in reasons])

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replace for a change of the request or for drift; update in place for everything else."""
        call = current_call()
        diff = diff_inputs(olds, news)
        if diff.replacing:
            self._progress.expect(*self._subject(call, news))
        call.detailed_diff = diff.detailed()
        token = news.get("client_token")
        if olds.get("drift") and token and token == olds.get("client_token"):
            self._host.log("warning", "export drifted; re-exporting normally needs a new client_token", call.urn)
        plan = plan_from_diff(self.kind, olds, news, diff, resource_name(call.urn) or id_)
        self._registry.record_spelling(ExportSpec.from_inputs(self.kind, olds))
        self._registry.set_create_plan(declaration_key(call.urn, news), plan)
        return DiffResult(changes=bool(diff.replacing or diff.updating), replaces=diff.replaced_properties)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Export, or join or adopt an earlier export, and wait for SUCCEEDED."""
        from ._export.handlers import create_export
        from ._progress.host import result_of

        call = current_call()
        with self._operation(call, props, Verb.CREATE) as operation:
            ctx = self._context(call, EXPORT_CONTINUES, operation)
            state = create_export(self.kind, self._runtime(), self._registry, self._records, props, ctx)
            operation.set_result(*result_of(state))
        return CreateResult(to_resource_id(state.output_arn, self.kind.arn_type), state.to_outputs(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh the status; an empty id means that the job and its objects are gone."""
        from ._export.handlers import read_export, read_unmanaged

        ctx = self._context(current_call())
        if not is_managed(props):
            return ReadResult(id_, read_unmanaged(self.kind, self._runtime(), id_, ctx))
        result = read_export(self.kind, self._runtime(), self._registry, id_, props, ctx)
        if result.outputs is None:
            return ReadResult("", {})
        for warning in result.warnings:
            ctx.log_warning(f"{id_}: {warning}")
        return ReadResult(id_, result.outputs)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Take over new settings, and wait for a running export where waiting was turned on."""
        from ._export.handlers import needs_calls, update_export

        call = current_call()
        with self._operation(call, news, Verb.UPDATE) as operation:
            runtime = self._runtime() if needs_calls(olds, news) else None
            ctx = self._context(call, EXPORT_CONTINUES, operation)
            outputs = update_export(self.kind, runtime, id_, olds, news, ctx)
            operation.set_result(Result.UPDATED)
        return UpdateResult(outputs)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Forget the export. Its objects are retained, unless `delete_objects` is set and they are still its own."""

        call = current_call()
        with self._operation(call, props, Verb.DELETE) as operation:
            self._delete(call, props)
            operation.set_result(Result.REMOVED)

    def _delete(self, call: HostCall, props: dict[str, Any]) -> None:
        from ._export.handlers import delete_export, drift_of_adopted

        if drift := drift_of_adopted(self.kind, self._registry, call.urn, props):
            urn, warning = drift
            self._host.log("warning", warning, urn)
        # A job's next export starts when this one has ended.
        if is_running(props) and not self._registry.has_written(call.urn):
            self._host.log("warning", WRITES_ON, call.urn)
        if not props.get("delete_objects"):
            self._host.log_once("info", "objects retained in S3; set delete_objects=True to remove them")
            return
        summary = delete_export(self.kind, self._runtime(), self._registry, self._records, props, self._context(call))
        self._host.log("info", summary, call.urn)

    def _operation(self, call: HostCall, inputs: dict[str, Any], verb: Verb) -> ReportedOperation:
        return self._progress.operation(*self._subject(call, inputs), verb)

    def _subject(self, call: HostCall, inputs: dict[str, Any]) -> tuple[str, str, str]:
        """Return what progress is reported of: the URN, the kind and the id of the job, unless its ARN is secret."""
        is_secret = "arn" in (inputs.get(SECRET_INPUTS) or ())
        return call.urn, self.kind.job, HIDDEN if is_secret else job_id(str(inputs.get("arn")))

    def _context(
        self, call: HostCall, interruption_note: str = "", operation: ReportedOperation | None = None
    ) -> OperationContext:
        return OperationContext(
            urn=call.urn,
            deadline=self._clock.now() + (call.timeout or DEFAULT_TIMEOUT),
            cancellation=self._host.cancellation,
            clock=self._clock,
            interruption_note=interruption_note,
            log_progress=operation.set_status if operation else lambda status: None,
            log_adoption=operation.set_adopted if operation else lambda sentence: None,
            log_warning=lambda message: self._host.log("warning", message, call.urn),
            log_warning_once=lambda message: self._host.log_once("warning", message),
            log_info_once=lambda message: self._host.log_once("info", message),
        )

    @property
    def _progress(self) -> ProgressReporter:
        from ._progress.host import reporter_of

        return reporter_of(self._host)

    @property
    def _records(self) -> ProjectRecords | None:
        if not self._has_states:
            return None
        from ._export.other_records import ProjectRecords

        return self._host.shared(("project records",), ProjectRecords)

    def _runtime(self) -> Runtime:
        if self._made_runtime is None:
            from ._export.runtime import build_runtime, runtime_key

            self._made_runtime = self._host.shared(
                runtime_key(self._get),
                lambda: build_runtime(self._get, self._clock, lambda message: self._host.log_once("warning", message)),
            )
        return self._made_runtime

    def _invalid_settings(self) -> list[str]:
        with self._lock:
            checked, self._settings_checked = self._settings_checked, True
        return [] if checked else invalid_settings(self._get)  # they are the same for all resources

    def _warn_unsupported_region(self, inputs: dict[str, Any]) -> None:
        arn = inputs.get("arn")
        region = region_of(arn) if isinstance(arn, str) else ""
        if region and region != SERVICE_REGION:
            self._host.log_once("warning", f"job is in {region}; the service is only available in {SERVICE_REGION}")


# States name the class and its instances by the package.
ExportProvider.__module__ = __package__ or ""

# Exports of different kinds may have overlapping destinations.
_REGISTRY = DeclarationRegistry()
#: What the state of every ExportEarthObservationJob names as its provider.
P = ExportProvider(EARTH_OBSERVATION, "P", registry=_REGISTRY, has_states=True)
#: What the state of every ExportVectorEnrichmentJob names as its provider.
V = ExportProvider(VECTOR_ENRICHMENT, "V", registry=_REGISTRY, has_states=True)
