"""The workloads: which exports are declared."""

from __future__ import annotations

from benchmarks.cases import EXPORTS, MIXED
from benchmarks.workloads import declare_exports, declare_workload


def test_every_other_mixed_export_is_of_the_other_kind_and_the_rest_is_the_same() -> None:
    mixed, one_kind = declare_workload(MIXED, 4), declare_exports(4)
    kinds = [entry["arn"].split(":")[5].partition("/")[0] for entry in mixed]
    assert kinds == ["earth-observation-job", "vector-enrichment-job"] * 2
    assert [{**entry, "arn": None} for entry in mixed] == [{**entry, "arn": None} for entry in one_kind]
    assert declare_workload(EXPORTS, 4) == one_kind
