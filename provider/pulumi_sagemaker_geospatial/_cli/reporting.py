"""`report`: looks at a stack's exports and the account's jobs, and writes what it has found."""

from __future__ import annotations

from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from .._export.manifest import format_count, format_size
from .._report.documents import render_files
from .._report.page import render_page
from .._report.report import Report, build_rows
from ..error_ids import ErrorId
from .failure import CommandError
from .stack import Stack
from .tables import plain

if TYPE_CHECKING:
    from .observer import Observer


def require_empty(directory: Path) -> None:
    """Raise CommandError unless files can be written to a directory that is new or empty."""
    if directory.exists() and not directory.is_dir():
        raise CommandError(f"--out {directory} is not a directory", ErrorId.COMMAND_OPTION)
    if directory.is_dir() and any(directory.iterdir()):
        raise CommandError(f"--out {directory} is not empty: choose another directory", ErrorId.COMMAND_OPTION)


def require_extra(option: str, extra: str, module: str) -> None:
    """Raise CommandError unless the extra that an option needs is installed."""
    if find_spec(module) is None:
        raise CommandError(
            f"{option} needs the extra [{extra}]: `pip install 'pulumi-sagemaker-geospatial[{extra}]'`",
            ErrorId.COMMAND_OPTION,
        )


def observe_stack(stack: Stack, observer: Observer, is_deep: bool = False, has_checksums: bool = False) -> Report:
    """Return the report on a stack; a deep one has looked at the headers of its rasters.

    Raises:
        CommandError, ExportError: the service or S3 refused, or did not answer.
    """
    account = observer.require_account(stack)
    jobs = observer.list_jobs(stack)
    exports = observer.map(observer.observe, stack.exports)
    if is_deep:
        exports = observer.map(observer.observe_rasters, exports)
    if has_checksums:
        exports = observer.observe_checksums(exports)
    listed = {job.arn for job in jobs}
    unsaved = {
        seen.export.arn: seen.export
        for seen in exports
        if seen.export.arn in listed and not (seen.metadata and seen.metadata.document)
    }
    found = observer.map(observer.describe, unsaved.values())
    descriptions = {arn: job for arn, job in zip(unsaved, found, strict=True) if job is not None}
    return Report(stack.name, account, datetime.now(timezone.utc), build_rows(exports, jobs, descriptions))


def print_report(report: Report, console: Console) -> None:
    """Print the table, the totals and what is missing."""
    table = Table("job", "kind", "export", "status", "drift or reason")
    for name in ("objects", "bytes"):
        table.add_column(name, justify="right")
    for row in report.rows:
        numbers = (f"{len(row.objects):,}", f"{row.bytes:,}") if row.export else ("-", "-")
        status = row.status or f"job {row.job_status}"
        table.add_row(*plain(f"{row.job} ({row.id})", row.kind, row.export or "-", status, row.reason or "", *numbers))
    console.print(table)
    console.print(
        f"{format_count(len(report.exported), 'export')} complete: {report.object_count:,} objects, "
        f"{format_size(report.bytes)} ({report.bytes:,} bytes); {len(report.missing)} missing; "
        f"{format_count(len(report.not_exportable), 'job')} without results"
    )
    for row in report.missing:
        console.print(f"missing: {row.job} ({row.id}): {row.reason}", markup=False)


def write_report(report: Report, directory: Path, has_catalog: bool = False) -> None:
    """Write the report's files. Raises CommandError where they cannot be written."""
    try:
        for name, text in (*render_files(report), ("index.html", render_page(report))):
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if has_catalog:
            from .._report.stac import write_catalog

            write_catalog(report, directory / "stac")
    except OSError as exc:
        raise CommandError(f"--out {directory} cannot be written: {exc.strerror}", ErrorId.COMMAND_OPTION) from exc
