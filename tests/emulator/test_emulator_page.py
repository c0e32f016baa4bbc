"""docs/emulator.md has all kinds of faults, with their fields and defaults."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields
from typing import Any

import pytest
from moto.core.utils import get_service_model
from moto_sagemaker_geospatial.faults import DEFAULT_SECONDS, ERROR_TYPES, FAULT_KINDS, Fault
from moto_sagemaker_geospatial.responses import FAULT_ERRORS

from tests.emulator.emulator_harness import EMULATOR

FAULTS = (EMULATOR.parent / "docs" / "emulator.md").read_text().partition("\n## Faults\n")[2]
FIELDS = fields(Fault)
#: Fields that apply to each kind, and are not repeated in its row.
GENERAL = {"operation", "kind", "arn", "times", "probability", "seed"}


def table(heading: str) -> dict[str, list[str]]:
    """Return the other cells of each row of the table with this heading, by the name in the first cell."""
    lines = FAULTS.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first.strip("`"): rest for first, *rest in rows}


def test_each_kind_of_fault_is_described_with_the_fields_that_it_reads() -> None:
    kinds = table("kind")
    assert list(kinds) == list(FAULT_KINDS)
    named = {name for _, names in kinds.values() for name in re.findall(r"\w+", names)}
    assert named | GENERAL == {each.name for each in FIELDS}
    assert not named & GENERAL


@pytest.mark.parametrize("kind", FAULT_ERRORS)
def test_each_error_is_described_with_its_code_and_status(kind: str) -> None:
    shape = get_service_model("sagemaker-geospatial").shape_for(FAULT_ERRORS[kind].code)
    assert table("kind")[kind][0] == f"{shape.name}, {shape.metadata['error']['httpStatusCode']}"


def test_each_field_of_a_fault_is_described() -> None:
    documented = table("field")
    assert set(documented) == {each.name for each in FIELDS}
    assert documented["seconds"][1] == f"`latency` 0, `hang` {DEFAULT_SECONDS['hang']:g}"
    assert documented["type"][0].endswith(" or ".join(ERROR_TYPES))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_field_that_has_a_default_shows_it(field: Field[Any]) -> None:
    shown = table("field")[field.name][1]
    assert (shown == "required") == (field.default is MISSING and field.default_factory is MISSING)
    if isinstance(field.default, bool):
        assert shown == str(field.default).lower()
    elif isinstance(field.default, (int, float)):
        assert shown == f"{field.default:g}"
