"""What the engine asks of an export: check, diff, create, read, update, delete. No AWS and no waiting in this file.

The class's path is part of users' state: it never moves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
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

from . import host as hosting
from .declared import Declared, replacement
from .errors import ExportError
from .limits import MAX_CALLS_PER_SECOND, POLL_INTERVAL, positive
from .objects import in_utc, moment
from .request import REPLACING, SETTINGS, Request, arn_of, has_unknown, normal, problems, same_value, short_id

if TYPE_CHECKING:
    from .exports import Outcome, Wanted
    from .process import Process

#: Outputs that a look at AWS gives, next to the inputs.
_SEEN = (
    "creation_time",
    "export_status",
    "export_error_details",
    "exported_objects",
    "drift",
    "__attempt",
    "__late",
    "__unsure",
)

#: The region that the service is known to be in.
HOME = "us-west-2"

#: Objects whose fields a plan names one by one; `triggers` are the user's, and shown as a whole.
_NESTED = ("output_config", "s3_data")


class ExportProvider(ResourceProvider):
    """The life of an ExportEarthObservationJob in a stack. It has no state of its own: it is pickled by its path."""

    # Nothing in it is secret: as a secret, it would be encrypted into every resource's state.
    serialize_as_secret_always = False

    def __reduce__(self) -> str:
        # Every state of every resource holds the provider twice: as `P` of this package it takes 68 characters.
        return "P"

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's config; nothing is imported or asked yet."""
        if hasattr(self, "_declared"):  # the state's pickle may be another text than the program's: one provider still
            return
        self._get: Callable[[str], Any] = req.config.get
        self._host = hosting.Host()
        self._declared = Declared()
        self._process: Process | None = None
        self._looked = False
        self._lock = threading.Lock()
        self._host.install()

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Every rule of the API page, and what only the whole program can break."""
        with hosting.sentences():
            urn = hosting.call().urn
            failures = list(problems(news))
            inputs = normal(news)
            if not failures:
                failures = [
                    *self._spent_token(olds, inputs),
                    *self._same_token(urn, inputs),
                    *self._same_place(urn, inputs),
                ]
            failures += self._mistaken_settings()
            self._other_region(inputs)
            if olds.get("arn"):
                self._declared.exists(_who(urn, inputs))
            # The engine would print the value of a property that is named to it, be it secret or not.
            reasons = [f"property {name} {reason}" if name else reason for name, reason in failures]
            return CheckResult(inputs, [CheckFailure("", reason) for reason in reasons])

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A new export for a change of the request or for drift; everything else is an update in place."""
        with hosting.sentences():
            replaced = _changes(normal(olds), news, REPLACING)
            updated = _changes(normal(olds), news, tuple(SETTINGS))
            if olds.get("drift"):
                unseen = news.get("verify_objects") is False and olds.get("export_status") == "SUCCEEDED"
                (updated if unseen else replaced)["drift"] = ("DELETE", False)
            kinds = {path: (f"{kind}_REPLACE", is_input) for path, (kind, is_input) in replaced.items()}
            hosting.explain({**kinds, **updated})
            if olds.get("drift") and news.get("client_token") and news["client_token"] == olds.get("client_token"):
                self._host.log(
                    "warning",
                    "client_token is that of the export which is no longer true: unless the service has forgotten it, "
                    "exporting anew needs a new one",
                    hosting.call().urn,
                )
            self._plan_replacement(olds, news, another_request=bool(replaced.keys() - {"drift"}))
            replaces = sorted({path.partition(".")[0] for path in replaced})
            return DiffResult(changes=bool(replaced or updated), replaces=replaces)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Export, or join or adopt what was exported, and wait for SUCCEEDED."""
        with hosting.sentences():
            call, process = hosting.call(), self._running()
            wanted = _wanted(props)
            plan = self._declared.plan(_who(call.urn, props))
            self._declared.made(call.urn, wanted.request.place)
            outcome = process.exports.create(wanted, plan, process.world(call))
            return CreateResult(short_id(outcome.answer.arn), _outputs(props, outcome))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What is true now; an empty id where the job and its objects are gone."""
        with hosting.sentences():
            call, process = hosting.call(), self._running()
            if "creation_time" not in props:
                return ReadResult(id_, _only_the_status(process, arn_of(id_)))
            found = process.look_again(arn_of(id_), props, call)
            if found is None:
                return ReadResult("", {})
            for note in found.notes:
                self._host.log("warning", f"{id_}: {note}", call.urn)
            seen = {
                "export_status": found.status,
                "export_error_details": found.errors,
                "exported_objects": found.written.to_state() if found.written else None,
                "drift": found.drift,
                "__late": found.late or None,
            }
            return ReadResult(id_, _without_nulls({**props, **seen}))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Take over the settings; an export that still runs is waited for where that was turned on."""
        with hosting.sentences():
            call = hosting.call()
            seen = {name: olds[name] for name in _SEEN if name in olds}
            if news.get("verify_objects") is False:
                seen.pop("drift", None)
            outputs = {**news, **seen}
            wanted = _wanted(news)
            if olds.get("export_status") == "IN_PROGRESS" and wanted.wait:
                outcome = self._running().join(wanted, arn_of(id_), outputs, call)
                outputs = _outputs(news, outcome)
            return UpdateResult(outputs)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Forget the export; its objects stay, unless `delete_objects` says otherwise and they are still its own."""
        with hosting.sentences():
            call = hosting.call()
            if not props.get("delete_objects"):
                self._host.say_once(
                    "info",
                    "the exported objects stay in S3, as no call deletes an export; delete_objects=True removes them",
                )
                return
            holder = self._declared.held(call.urn, Request.of(props).place)
            if holder is not None:
                same = "the new export of this resource" if holder == call.urn else holder
                self._host.log("info", f"nothing was deleted: {same} holds the same place", call.urn)
                return
            process = self._running()
            said = process.upkeep.take_away(process.service, process.upkeep.as_recorded(props))
            self._host.log("info", said, call.urn)

    def _running(self) -> Process:
        with self._lock:
            if self._process is None:
                from .process import Process

                self._process = Process(self._get, self._host)
            return self._process

    def _mistaken_settings(self) -> list[tuple[str, str]]:
        with self._lock:
            looked, self._looked = self._looked, True
        if looked:
            return []  # it is the same for all
        mistaken = []
        for setting in (POLL_INTERVAL, MAX_CALLS_PER_SECOND):
            try:
                positive(self._get, setting)
            except ExportError as exc:
                mistaken.append(("", str(exc)))
        return mistaken

    def _other_region(self, inputs: Mapping[str, Any]) -> None:
        region = _region(inputs.get("arn"))
        if region and region != HOME:
            self._host.say_once(
                "warning", f"an arn is of a job in {region}: SageMaker geospatial is known to be in {HOME} only"
            )

    def _spent_token(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
        token = inputs.get("client_token")
        if not token or has_unknown(token) or olds.get("client_token") != token:
            return []
        changed = [
            path for path in _changes(olds, inputs, REPLACING) if not has_unknown(inputs.get(path.partition(".")[0]))
        ]
        if not changed:
            return []
        return [("client_token", f"must be a new one, as {', '.join(changed)} changed: one token is one export")]

    def _same_token(self, urn: str, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
        token = inputs.get("client_token")
        if not urn or not token or has_unknown(token):
            return []
        other = self._declared.token(urn, token)
        return [("client_token", f"is that of {_name(other)}: one token is one export")] if other else []

    def _same_place(self, urn: str, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
        if not urn or has_unknown([inputs["arn"], inputs["output_config"]]):
            return []
        request = Request.of({"execution_role_arn": "", **inputs})
        other = self._declared.place(urn, request.place)
        if other is None:
            return []
        reason = f"is where {_name(other)} exports the same job to: {_name(urn)} and {_name(other)} would overwrite each other"
        return [("output_config.s3_data.s3_uri", reason)]

    def _plan_replacement(self, olds: Mapping[str, Any], news: Mapping[str, Any], another_request: bool) -> None:
        token = news.get("client_token")
        newest, created = (olds.get("exported_objects") or {}).get("newest"), olds.get("creation_time")
        plan = replacement(
            attempt=int(olds.get("__attempt") or 0),
            newest=moment(newest) if newest else None,
            created=moment(created) if created else None,
            another_token=bool(token) and token != olds.get("client_token"),
            another_request=another_request,
        )
        self._declared.compared(_who(hosting.call().urn, news), plan)


def _changes(olds: Mapping[str, Any], news: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, tuple[str, bool]]:
    """Path → (kind of change, that it is an input), down to the fields of `output_config`."""
    changes: dict[str, tuple[str, bool]] = {}
    for name in names:
        before, after = olds.get(name), news.get(name)
        if name in _NESTED and isinstance(before, Mapping) and isinstance(after, Mapping):
            inner = _changes(before, after, tuple(sorted({*before, *after})))
            changes.update({f"{name}.{path}": change for path, change in inner.items()})
        elif not (same_value(before, after) or (name == "s3_uri" and _same_folder(before, after))):
            changes[name] = ("ADD" if before is None else "DELETE" if after is None else "UPDATE", True)
    return changes


def _same_folder(one: Any, other: Any) -> bool:
    # With and without a slash at its end, it is one destination.
    return isinstance(one, str) and isinstance(other, str) and one.rstrip("/") == other.rstrip("/")


def _region(arn: Any) -> str:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[3] if len(parts) > 3 else ""


def _wanted(props: Mapping[str, Any]) -> Wanted:
    from .exports import Wanted

    return Wanted(
        request=Request.of(props),
        triggers=props.get("triggers"),
        token=props.get("client_token"),
        wait=props.get("wait_for_completion", True),
        verify=props.get("verify_objects", True),
    )


def _outputs(props: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    declared = {name: value for name, value in props.items() if not name.startswith("__")}
    return _without_nulls(
        {
            **declared,
            "creation_time": in_utc(outcome.answer.created),
            "export_status": outcome.answer.status,
            "exported_objects": outcome.written.to_state() if outcome.written else None,
            "__attempt": outcome.attempt or None,
            "__late": outcome.late or None,
            "__unsure": None if outcome.sure else True,
        }
    )


def _only_the_status(process: Process, arn: str) -> dict[str, Any]:
    """What is known of an export that is read without being managed: the service tells its status, and nothing else."""
    if ":earth-observation-job/" not in arn:
        raise ExportError(f"the id {arn!r} is neither the ARN of an Earth observation job nor ACCOUNT/JOB")
    job = process.service.look(arn)
    return _without_nulls({"arn": arn, "export_status": job.export_status, "export_error_details": job.export_errors})


def _without_nulls(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outputs.items() if value is not None}


def _who(urn: str, inputs: Mapping[str, Any]) -> str:
    # Where a version of the SDK hides the URN, what is declared stands for who declares it.
    return urn or str({name: inputs.get(name) for name in REPLACING})


def _name(urn: str) -> str:
    return urn.rpartition("::")[2] or urn


# The state names the provider by the package and this letter, which therefore never move.
ExportProvider.__module__ = __package__
P = ExportProvider()
