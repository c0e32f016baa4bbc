"""What `check` returns for a declaration: its normal form, what is wrong with it, and what it keeps in mind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.check import check_inputs, declaration_key
from pulumi_sagemaker_geospatial._export.registry import DeclarationRegistry
from pulumi_sagemaker_geospatial._export.spec import CreatePlan
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT, ExportKind

from tests.support.aws_names import output_config
from tests.support.declarations import TOKEN, UNKNOWN_VALUE, inputs, inputs_with

LAKE, RIVER = (
    f"urn:pulumi:prod::maps::pulumi-python:dynamic:ExportEarthObservationJob::{n}" for n in ("lake", "river")
)
URI = "output_config.s3_data.s3_uri"
ANOTHER_TOKEN = "b" * 40


def check(
    news: Mapping[str, Any],
    olds: Mapping[str, Any] | None = None,
    *,
    urn: str = LAKE,
    registry: DeclarationRegistry | None = None,
    kind: ExportKind = EARTH_OBSERVATION,
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    return check_inputs(kind, registry or DeclarationRegistry(), urn, olds or {}, news)


def token_error(changed: str) -> list[tuple[str, str]]:
    return [("client_token", f"must change when {changed} changes; a token identifies one export [SGE102]")]


def test_a_valid_declaration_is_returned_without_nulls_and_defaults() -> None:
    declared = inputs(verify_objects=True, delete_objects=True, triggers=None, client_token=TOKEN)
    assert check(declared) == (inputs(delete_objects=True, client_token=TOKEN), [])


def test_every_invalid_property_is_named_with_its_reason() -> None:
    declared = inputs(verify_objects="yes", delete_objects=1)
    normalized, errors = check(declared)
    assert errors == [
        ("verify_objects", "must be true or false, not a string [SGE101]"),
        ("delete_objects", "must be true or false, not a number [SGE101]"),
    ]
    assert normalized == declared


def test_an_invalid_declaration_claims_neither_its_token_nor_its_destination() -> None:
    registry = DeclarationRegistry()
    assert check(inputs(client_token=TOKEN, verify_objects="yes"), registry=registry)[1] != []
    assert check(inputs(client_token=TOKEN), urn=RIVER, registry=registry)[1] == []


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"triggers": 1}, "triggers"),
        ({"execution_role_arn": "arn:aws:iam::123456789012:role/other"}, "execution_role_arn"),
        ({"output_config": output_config("elsewhere")}, URI),
        ({"triggers": 1, "export_source_images": True}, "export_source_images, triggers"),
        ({"triggers": 1, "execution_role_arn": UNKNOWN_VALUE}, "triggers"),
        ({"triggers": 1, "output_config": UNKNOWN_VALUE}, "triggers"),
    ],
)
def test_a_users_token_must_change_with_what_needs_another_export(change: dict[str, Any], changed: str) -> None:
    declared = inputs(client_token=TOKEN)
    assert check({**declared, **change}, declared)[1] == token_error(changed)


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        (inputs(client_token=TOKEN), inputs(client_token=TOKEN)),
        (inputs(client_token=TOKEN), inputs(client_token=TOKEN, verify_objects=False)),
        (inputs(client_token=TOKEN), inputs(client_token=ANOTHER_TOKEN, triggers=1)),
        (inputs(client_token=TOKEN), inputs(client_token=UNKNOWN_VALUE, triggers=1)),
        (inputs(client_token=UNKNOWN_VALUE), inputs(client_token=UNKNOWN_VALUE, triggers=1)),
        (inputs(client_token=TOKEN), inputs(triggers=1)),
        (inputs(), inputs(triggers=1)),
        (inputs(), inputs(client_token=TOKEN, triggers=1)),
        (inputs(client_token=TOKEN), inputs(client_token=TOKEN, triggers=UNKNOWN_VALUE)),
        (inputs(client_token=TOKEN), inputs(client_token=TOKEN, output_config=UNKNOWN_VALUE)),
        (inputs(client_token=TOKEN), {**inputs_with(URI, UNKNOWN_VALUE), "client_token": TOKEN}),
    ],
)
def test_a_token_that_may_belong_to_the_declaration_is_accepted(olds: dict[str, Any], news: dict[str, Any]) -> None:
    assert check(news, olds)[1] == []


def test_a_token_that_another_resource_has_is_refused_with_its_name() -> None:
    registry = DeclarationRegistry()
    assert check(inputs(client_token=TOKEN), registry=registry)[1] == []
    assert check(inputs(client_token=TOKEN), registry=registry)[1] == []  # the engine checks a resource several times
    duplicate = inputs("river0000000", client_token=TOKEN)
    assert check(duplicate, urn=RIVER, registry=registry)[1] == [
        ("client_token", "is already used by lake; a token identifies one export [SGE103]")
    ]
    assert check({**duplicate, "client_token": ANOTHER_TOKEN}, urn=RIVER, registry=registry)[1] == []


@pytest.mark.parametrize(("urn", "token"), [("", TOKEN), (RIVER, None), (RIVER, UNKNOWN_VALUE)])
def test_a_token_is_compared_only_where_it_and_the_resource_are_known(urn: str, token: Any) -> None:
    registry = DeclarationRegistry()
    check(inputs(client_token=TOKEN if token is not None else None), registry=registry)
    for job in ("river0000000", "creek0000000"):
        assert check(inputs(job, client_token=token), urn=urn, registry=registry)[1] == []


def test_unknown_tokens_of_two_resources_are_not_taken_for_the_same() -> None:
    registry = DeclarationRegistry()
    assert check(inputs(client_token=UNKNOWN_VALUE), registry=registry)[1] == []
    assert check(inputs("river0000000", client_token=UNKNOWN_VALUE), urn=RIVER, registry=registry)[1] == []


@pytest.mark.parametrize("kind", [EARTH_OBSERVATION, VECTOR_ENRICHMENT])
def test_a_destination_that_another_resource_has_is_refused_with_both_names(kind: ExportKind) -> None:
    registry = DeclarationRegistry()
    declared = inputs(kind=kind)
    assert check(declared, registry=registry, kind=kind)[1] == []
    without_role = {**declared, "execution_role_arn": UNKNOWN_VALUE}
    assert check(without_role, urn=RIVER, registry=registry, kind=kind)[1] == [
        (
            URI,
            "lake already exports to this folder or to one around or inside it: river and lake would overwrite each other "
            "[SGE104]",
        )
    ]
    elsewhere = {**declared, "output_config": output_config("elsewhere")}
    assert check(elsewhere, urn=RIVER, registry=registry, kind=kind)[1] == []


@pytest.mark.parametrize(
    ("urn", "declared"),
    [("", inputs()), (RIVER, {**inputs(), "arn": UNKNOWN_VALUE}), (RIVER, inputs(output_config=UNKNOWN_VALUE))],
)
def test_a_destination_is_compared_only_where_it_and_the_resource_are_known(urn: str, declared: dict[str, Any]) -> None:
    registry = DeclarationRegistry()
    check(inputs(), registry=registry)
    assert check(declared, urn=urn, registry=registry)[1] == []


def test_a_duplicate_token_and_a_duplicate_destination_are_told_together() -> None:
    registry = DeclarationRegistry()
    check(inputs(client_token=TOKEN), registry=registry)
    reused = inputs(client_token=TOKEN, triggers=1)
    _, errors = check(reused, inputs(client_token=TOKEN), urn=RIVER, registry=registry)
    assert [reason[-8:] for _, reason in errors] == ["[SGE102]", "[SGE103]", "[SGE104]"]


@pytest.mark.parametrize(("olds", "plan"), [({}, CreatePlan()), (inputs(), CreatePlan(may_adopt=False))])
@pytest.mark.parametrize("urn", [LAKE, ""])
def test_a_resource_that_is_in_the_state_adopts_nothing_where_it_is_replaced_without_a_diff(
    urn: str, olds: dict[str, Any], plan: CreatePlan
) -> None:
    registry = DeclarationRegistry()
    declared, _ = check(inputs(triggers=1), olds, urn=urn, registry=registry)
    assert registry.pop_create_plan(declaration_key(urn, declared)) == plan
    assert registry.pop_create_plan(declaration_key(urn, declared)) == CreatePlan()


def test_a_resource_is_known_by_its_urn_or_else_by_what_needs_a_new_export_when_it_changes() -> None:
    assert declaration_key(LAKE, inputs()) == LAKE
    assert declaration_key("", inputs()) == declaration_key("", inputs(verify_objects=False))
    changes: list[dict[str, Any]] = [
        {"triggers": 1},
        {"client_token": TOKEN},
        {"output_config": output_config("other")},
    ]
    for change in changes:
        assert declaration_key("", inputs(**change)) != declaration_key("", inputs())
