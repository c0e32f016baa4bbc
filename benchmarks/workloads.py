"""The Pulumi programs of the workloads, and the exports that they declare."""

from __future__ import annotations

from typing import Any

from benchmarks.cases import BASELINE, EXPORTS, LEAST, MIXED
from tests.harness import ROLE, job_arn

#: The programs differ only in the class that they declare.
_PROGRAM = """\
import json
from {module} import {resource}

for entry in json.load(open("exports.json")):
    {resource}(entry["name"], **{{name: value for name, value in entry.items() if name != "name"}})
"""

_MIXED_PROGRAM = """\
import json
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, ExportVectorEnrichmentJob

for entry in json.load(open("exports.json")):
    is_vector = ":vector-enrichment-job/" in entry["arn"]
    resource = ExportVectorEnrichmentJob if is_vector else ExportEarthObservationJob
    resource(entry["name"], **{name: value for name, value in entry.items() if name != "name"})
"""

PROGRAMS = {
    MIXED: _MIXED_PROGRAM,
    BASELINE: _PROGRAM.format(module="noop", resource="NoOp"),
    LEAST: _PROGRAM.format(module="least", resource="LeastExport"),
    EXPORTS: _PROGRAM.format(module="pulumi_sagemaker_geospatial", resource="ExportEarthObservationJob"),
}


def declare_exports(n: int) -> list[dict[str, Any]]:
    """Return the arguments of N exports, each with a destination of 40 characters, 100 of them per bucket.

    The emulator's S3 reads every object of a bucket to list one folder, which the real S3 does not.
    """
    exports = []
    for number in range(n):
        job, bucket = f"job{number:09d}", f"exports-{number // 100:02d}"
        uri = f"s3://{bucket}/{job}/".ljust(39, "x") + "/"
        output = {"s3_data": {"s3_uri": uri}}
        exports.append({"name": job, "arn": job_arn(job), "execution_role_arn": ROLE, "output_config": output})
    return exports


def declare_workload(workload: str, n: int) -> list[dict[str, Any]]:
    """Return the arguments of N exports; with `mixed`, every other one is of a vector enrichment job."""
    exports = declare_exports(n)
    for entry in exports[1::2] if workload == MIXED else ():
        entry["arn"] = job_arn(entry["name"], "vector-enrichment-job")
    return exports


def list_buckets(declared: list[dict[str, Any]]) -> list[str]:
    """Return the names of the buckets that the exports write to."""
    return sorted({entry["output_config"]["s3_data"]["s3_uri"].split("/")[2] for entry in declared})
