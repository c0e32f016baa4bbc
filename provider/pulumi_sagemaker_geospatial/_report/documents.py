"""The files of a report, as text: report.json, manifest.csv and jobs/<id>.json. docs/report.md describes them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from .._export.manifest import format_utc
from .report import Report, ReportRow

#: Of report.json: changed where a field is removed or gets another meaning, not where one is added.
SCHEMA_VERSION = 1
CSV_COLUMNS = ("job", "export", "key", "bytes", "etag", "last_modified")
#: What a spreadsheet takes for a formula at the beginning of a cell.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render_files(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file, apart from the page and the catalog."""
    yield "report.json", to_json(report_document(report))
    yield "manifest.csv", render_manifest(report)
    for row in report.rows:
        if row.metadata is not None:
            yield f"jobs/{row.id}.json", to_json({"arn": row.arn, "job": row.metadata})


def report_document(report: Report) -> dict[str, Any]:
    """Return report.json as a value."""
    return {
        "schema_version": SCHEMA_VERSION,
        "stack": report.stack,
        "account": report.account,
        "created": report.created_text,
        "complete": not report.missing,
        "totals": {
            "jobs": len({row.arn for row in report.rows}),
            "exported": len(report.exported),
            "missing": len(report.missing),
            "not_exportable": len(report.not_exportable),
            "objects": report.object_count,
            "bytes": report.bytes,
        },
        "exports": [_export(row) for row in report.rows if row.export is not None],
        "not_exported": [_job(row) for row in report.rows if row.export is None],
    }


def render_manifest(report: Report) -> str:
    """Return manifest.csv: one line for each object."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in report.rows:
        for each in row.objects:
            cells = (row.arn, row.export, each.key, each.bytes, each.etag, format_utc(each.last_modified))
            writer.writerow([_cell(cell) for cell in cells])
    return text.getvalue()


def to_json(value: Any) -> str:
    """Return a value as the text of a JSON file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _job(row: ReportRow) -> dict[str, Any]:
    return {
        "job": row.arn,
        "name": row.job,
        "kind": row.kind,
        "type": row.type,
        "job_status": row.job_status,
        "missing": row.is_missing,
        "reason": row.reason,
    }


def _export(row: ReportRow) -> dict[str, Any]:
    return {
        **_job(row),
        "export": row.export,
        "status": row.status,
        "location": row.location,
        "started": format_utc(row.started) if row.started else None,
        "duration_in_seconds": row.duration_in_seconds,
        "objects": len(row.objects),
        "bytes": row.bytes,
        **_rasters(row),
        "metadata": f"jobs/{row.id}.json" if row.metadata is not None else None,
    }


def _rasters(row: ReportRow) -> dict[str, Any]:
    """Return the field ``rasters``, which only a report has that has looked at them."""
    found = [{"key": each.key, **asdict(each.raster)} for each in row.objects if each.raster]
    return {"rasters": found} if found else {}


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
