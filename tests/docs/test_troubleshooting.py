"""docs/troubleshooting.md and the identifiers of errors are in step, in both directions."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pulumi_sagemaker_geospatial as package
import pytest
from pulumi_sagemaker_geospatial import ErrorId
from pulumi_sagemaker_geospatial._geospatial.error_rules import ERROR_RULES
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT, ExportKind

from tests.harness import CHECKOUT

PAGE = (CHECKOUT / "docs" / "troubleshooting.md").read_text()
ENTRIES = dict(re.findall(r"^### (SGE\d{3})\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
PACKAGE = Path(package.__file__).parent
CALLS = [
    (path.relative_to(PACKAGE), node)
    for path in sorted(PACKAGE.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.Call)
]


def test_each_identifier_has_an_entry_and_each_entry_an_identifier() -> None:
    assert sorted(ENTRIES) == sorted(each.value for each in ErrorId)
    assert len(re.findall(r"^### ", PAGE, re.MULTILINE)) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_entry_has_a_symptom_a_cause_and_what_to_do(entry: str) -> None:
    assert re.findall(r"^\*\*([\w ]+):\*\* \S", ENTRIES[entry], re.MULTILINE) == ["Printed", "Cause", "What to do"]


@pytest.mark.parametrize("kind", [EARTH_OBSERVATION, VECTOR_ENRICHMENT], ids=lambda kind: kind.operation)
def test_each_error_of_the_api_page_has_a_rule_whose_entry_names_it(kind: ExportKind) -> None:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model("sagemaker-geospatial", "service-2"))
    for operation in (kind.operation, kind.describe_operation):
        for shape in model.operation_model(operation).error_shapes:
            assert shape.name in ENTRIES[ERROR_RULES[shape.name].error_id.value]


def test_no_two_rules_share_an_identifier() -> None:
    assert len({rule.error_id for rule in ERROR_RULES.values()}) == len(ERROR_RULES)


def test_each_identifier_is_used() -> None:
    source = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.name != "error_ids.py")
    assert [each for each in ErrorId if f"ErrorId.{each.name}" not in source] == []


def test_each_error_of_a_general_class_is_raised_with_an_identifier() -> None:
    without = [
        f"{path}:{node.lineno}"
        for path, node in CALLS
        if isinstance(node.func, ast.Name) and node.func.id in ("ExportError", "ServiceCallError", "CommandError")
        if "ErrorId." not in ast.unparse(node) and "error_id" not in ast.unparse(node)
    ]
    assert without == []
