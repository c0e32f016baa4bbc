"""The registry that correlates the engine's calls for one resource, and the resources of one run."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial._export.registry import Adoption, DeclarationRegistry
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder

from tests.support.aws_names import BUCKET, REGION
from tests.support.declarations import TOKEN, export_request
from tests.support.recorded_exports import START, recorded, written_objects


def folder(prefix: str, bucket: str = BUCKET) -> Folder:
    return Folder(bucket, prefix, REGION)


LAKE, RIVER = folder("lake/1/"), folder("river/1/")


def test_a_destination_is_claimed_by_one_declaration() -> None:
    registry = DeclarationRegistry()
    assert registry.claim_destination("one", LAKE) is None
    assert registry.claim_destination("one", LAKE) is None
    assert registry.claim_destination("two", LAKE) == "one"
    assert registry.claim_destination("two", RIVER) is None


@pytest.mark.parametrize("nested", ["lake/1/output/2/", "lake/", ""])
def test_destinations_that_nest_are_claimed_by_one_declaration(nested: str) -> None:
    registry = DeclarationRegistry()
    assert registry.claim_destination("one", LAKE) is None
    assert registry.claim_destination("two", folder(nested)) == "one"
    assert registry.claim_destination("two", folder(nested, "another-bucket")) is None
    assert registry.claim_destination("three", folder("lake/10/")) is None


def test_a_declaration_that_moves_frees_its_destination() -> None:
    registry = DeclarationRegistry()
    registry.claim_destination("one", LAKE)
    assert registry.claim_destination("one", RIVER) is None
    assert registry.claim_destination("two", LAKE) is None
    assert registry.claim_destination("two", RIVER) == "one"


def test_a_refused_claim_changes_nothing() -> None:
    registry = DeclarationRegistry()
    registry.claim_destination("one", LAKE)
    registry.claim_destination("two", RIVER)
    assert registry.claim_destination("two", LAKE) == "one"
    assert registry.claim_destination("three", RIVER) == "two"


def test_a_token_is_claimed_by_one_declaration() -> None:
    registry = DeclarationRegistry()
    assert registry.claim_token("one", TOKEN) is None
    assert registry.claim_token("two", TOKEN) == "one"
    assert registry.claim_token("one", "another") is None
    assert registry.claim_token("two", TOKEN) is None


def test_a_first_creation_adopts_what_is_there() -> None:
    assert DeclarationRegistry().pop_create_plan("one") == CreatePlan()


def test_a_resource_that_is_replaced_without_a_diff_adopts_nothing() -> None:
    registry = DeclarationRegistry()
    registry.mark_existing("one")
    assert registry.pop_create_plan("one") == CreatePlan(may_adopt=False)


def test_the_plan_of_a_diff_is_used_once() -> None:
    registry, plan = DeclarationRegistry(), CreatePlan(3, newer_than=START)
    registry.set_create_plan("one", plan)
    registry.mark_existing("one")  # the engine checks again before it creates the replacement
    assert registry.pop_create_plan("other") == CreatePlan()
    assert registry.pop_create_plan("one") == plan
    assert registry.pop_create_plan("one") == CreatePlan()


def test_a_resource_that_is_gone_is_created_like_a_first_one() -> None:
    registry = DeclarationRegistry()
    registry.set_create_plan("one", CreatePlan(3))
    registry.forget("one")
    registry.forget("another")
    assert registry.pop_create_plan("one") == CreatePlan()


def test_nobody_owns_a_folder_that_only_the_deleted_resource_declared() -> None:
    registry = DeclarationRegistry()
    registry.claim_destination("one", LAKE)
    assert registry.find_owner("one", LAKE) is None
    assert registry.find_owner("one", RIVER) is None


def test_another_declaration_owns_its_folder_and_what_overlaps_with_it() -> None:
    registry = DeclarationRegistry()
    registry.claim_destination("two", LAKE)
    for overlapping in (LAKE, folder("lake/"), folder("lake/1/deeper/"), folder("")):
        assert registry.find_owner("one", overlapping) == "two"
    for apart in (folder("lake/1", "another-bucket"), folder("lake/12/"), RIVER):
        assert registry.find_owner("one", apart) is None


def test_the_resource_itself_owns_a_folder_that_its_new_export_has_written() -> None:
    registry = DeclarationRegistry()
    registry.record_write("one", LAKE)
    assert registry.find_owner("one", LAKE) == "one"
    assert registry.find_owner("two", folder("lake/1/deeper/")) == "one"


def test_an_adoption_is_known_by_its_destination() -> None:
    registry, objects = DeclarationRegistry(), written_objects(2)
    adoption = Adoption("one", objects[0].modified, objects)
    registry.record_adoption(LAKE, adoption)
    assert registry.adoption_at(LAKE) == adoption
    assert registry.adoption_at(RIVER) is None


def test_recorded_states_are_known_by_their_destination_and_resource() -> None:
    registry, state = DeclarationRegistry(), recorded("SUCCEEDED", written_objects(2))
    registry.record_state("one", recorded("IN_PROGRESS"))
    registry.record_state("one", state)
    registry.record_state("two", state)
    assert registry.states_at(state.folder) == {"one": state, "two": state}
    assert registry.states_at(RIVER) == {}


@pytest.mark.parametrize("first", ["starter", "adopter"])
def test_of_two_records_that_are_both_deleted_the_last_one_deletes_the_objects(first: str) -> None:
    registry = DeclarationRegistry()
    others = {"starter": ["adopter"], "adopter": ["starter"]}
    reasons = {"starter": None, "adopter": "adopted"}
    last = {"starter": "adopter", "adopter": "starter"}[first]
    assert registry.resign(first, LAKE, others[first], reasons[first]) is not None
    assert registry.resign(last, LAKE, others[last], reasons[last]) is None


def test_a_record_that_is_deleted_alone_leaves_the_objects_to_the_other_one() -> None:
    assert DeclarationRegistry().resign("starter", LAKE, ["adopter"], None) == "adopter uses the same destination"
    assert DeclarationRegistry().resign("adopter", LAKE, ["starter"], "adopted") == "adopted"
    assert DeclarationRegistry().resign("starter", LAKE, [], None) is None


def test_a_record_inherits_nothing_but_the_folder_that_was_left_to_it() -> None:
    registry = DeclarationRegistry()
    registry.resign("starter", LAKE, ["adopter"], None)
    assert registry.resign("adopter", RIVER, [], "adopted") == "adopted"
    assert registry.resign("another", LAKE, ["adopter"], "adopted") == "adopted"


def test_a_resource_that_this_run_has_exported_is_known() -> None:
    registry = DeclarationRegistry()
    registry.record_write("one", LAKE)
    assert registry.has_written("one") is True
    assert registry.has_written("two") is False


WITH_SLASH = ExportSpec(export_request())
WITHOUT_SLASH = WITH_SLASH.with_other_spelling()


@pytest.mark.parametrize(
    ("recorded_specs", "expected"),
    [
        ([], WITH_SLASH),
        ([WITH_SLASH], WITH_SLASH),
        ([WITHOUT_SLASH], WITHOUT_SLASH),
        ([WITHOUT_SLASH, WITH_SLASH], WITH_SLASH),
        ([ExportSpec(WITHOUT_SLASH.request, triggers=1)], WITH_SLASH),
    ],
)
def test_a_declaration_is_spelled_as_it_is_unless_the_state_has_the_other_spelling_alone(
    recorded_specs: list[ExportSpec], expected: ExportSpec
) -> None:
    registry = DeclarationRegistry()
    for each in recorded_specs:
        registry.record_spelling(each)
    assert registry.as_recorded(WITH_SLASH) == expected
