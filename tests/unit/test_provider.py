"""check and diff as the dynamic host calls them: what is refused at preview, and what a change means."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.provider_harness import DETAILS, Caller, process
from tests.unit.unit_harness import BUCKET, TOKEN, UNKNOWN_YET, inputs


def failures(found: Any) -> list[tuple[str, str]]:
    """(property, reason); the engine is told no property, as it would print its value."""
    assert {each.property for each in found.failures} <= {""}
    parts = [each.reason.removeprefix("property ").partition(" ") for each in found.failures]
    return [(name, reason) for name, _, reason in parts]


def test_a_check_gives_the_normal_form_and_names_what_is_wrong(caller: Caller) -> None:
    found = caller.check({**inputs(), "arn": "x", "verify_objects": True, "triggers": None})
    assert [name for name, _ in failures(found)] == ["arn"]
    assert found.inputs == {**inputs(), "arn": "x"}


@pytest.mark.parametrize("path", ["arn", "execution_role_arn", "output_config", "client_token", "export_source_images"])
def test_no_failure_repeats_a_value_that_may_be_secret(caller: Caller, path: str) -> None:
    found = failures(caller.check({**inputs(), path: "a-secret-of-the-users"}))
    assert found
    assert "a-secret" not in str(found)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"triggers": 2}, "triggers"), ({"export_source_images": True}, "export_source_images")]
    + [({"output_config": inputs(prefix="elsewhere")["output_config"]}, "output_config.s3_data.s3_uri")],
)
def test_one_token_with_another_request_is_refused(caller: Caller, change: dict[str, Any], named: str) -> None:
    olds = inputs(client_token=TOKEN)
    assert failures(caller.check({**olds, **change}, olds)) == [
        ("client_token", f"must be a new one, as {named} changed: one token is one export")
    ]


@pytest.mark.parametrize(
    "news",
    [
        inputs(client_token=TOKEN),
        inputs(client_token="b" * 40, triggers=1),
        inputs(triggers=1),
        inputs(client_token=TOKEN, verify_objects=False),
        {**inputs(client_token=TOKEN), "arn": UNKNOWN_YET},
        inputs(client_token=UNKNOWN_YET, triggers=1),
    ],
)
def test_a_token_that_may_be_right_is_let_through(caller: Caller, news: dict[str, Any]) -> None:
    assert failures(caller.check(news, inputs(client_token=TOKEN))) == []


def test_two_declarations_of_one_place_are_refused_and_both_named(caller: Caller) -> None:
    assert failures(caller.check(inputs(), name="one")) == []
    [(path, reason)] = failures(caller.check(inputs(triggers=1), name="two"))
    assert path == "output_config.s3_data.s3_uri"
    assert "one exports the same job to" in reason
    assert "two and one would overwrite each other" in reason
    assert "s3://" not in reason
    assert "lake" not in reason


@pytest.mark.parametrize(
    "news",
    [inputs(prefix="river"), inputs("river0000000"), {**inputs(), "arn": UNKNOWN_YET}],
    ids=["place", "job", "unknown"],
)
def test_declarations_of_other_places_are_no_duplicates(caller: Caller, news: dict[str, Any]) -> None:
    caller.check(inputs(), name="one")
    assert failures(caller.check(news, name="two")) == []
    assert failures(caller.check(inputs(), inputs(), name="one")) == []


def test_a_slash_at_the_end_makes_no_other_place(caller: Caller) -> None:
    caller.check(inputs(), name="one")
    slashless = {"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}}
    assert len(failures(caller.check(inputs(output_config=slashless), name="two"))) == 1


def test_one_client_token_in_two_declarations_is_refused_and_both_are_named(caller: Caller) -> None:
    assert failures(caller.check(inputs(client_token=TOKEN), name="one")) == []
    news = inputs("river0000000", client_token=TOKEN)
    assert failures(caller.check(news, name="two")) == [("client_token", "is that of one: one token is one export")]
    caller.check(inputs(), inputs(client_token=TOKEN), name="one")
    assert failures(caller.check({**news, "client_token": "another" * 6}, name="two")) == []


def test_a_setting_that_is_no_number_is_said_at_the_preview_and_once(caller: Caller) -> None:
    caller.provider = process(**{"sagemakergeospatial:pollInterval": "fast"})
    [failure] = caller.check(inputs()).failures
    assert failure.reason == "the stack's config sagemakergeospatial:pollInterval must be a number above 0, not 'fast'"
    assert failures(caller.check(inputs("river0000000"), name="two")) == []


def test_a_job_of_a_region_without_the_service_is_a_warning(caller: Caller) -> None:
    elsewhere = {**inputs(), "arn": inputs()["arn"].replace("us-west-2", "us-east-1")}
    assert failures(caller.check(elsewhere)) == []
    assert (
        "an arn is of a job in us-east-1: SageMaker geospatial is known to be in us-west-2 only" in caller.sentences()
    )


def test_a_slash_at_the_end_is_no_change(caller: Caller) -> None:
    slashless = inputs(output_config={"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}})
    assert not caller.diff(inputs(), slashless).changes


def test_a_place_that_was_left_is_free(caller: Caller) -> None:
    caller.check(inputs(), name="one")
    caller.check(inputs(prefix="river"), inputs(), name="one")
    assert failures(caller.check(inputs(), name="two")) == []


@pytest.mark.parametrize(
    ("news", "replaces", "detail"),
    [
        (inputs(), [], {}),
        (inputs("other0000000"), ["arn"], {"arn": ("UPDATE_REPLACE", True)}),
        (inputs(client_token=TOKEN), ["client_token"], {"client_token": ("ADD_REPLACE", True)}),
        (inputs(triggers={"a": [1]}), ["triggers"], {"triggers": ("ADD_REPLACE", True)}),
        (inputs(prefix="b"), ["output_config"], {"output_config.s3_data.s3_uri": ("UPDATE_REPLACE", True)}),
        (inputs(delete_objects=True), [], {"delete_objects": ("ADD", True)}),
        (
            inputs(wait_for_completion=False, verify_objects=False),
            [],
            {"wait_for_completion": ("ADD", True), "verify_objects": ("ADD", True)},
        ),
        (
            {**inputs(), "arn": UNKNOWN_YET},
            ["arn"],
            {"arn": ("UPDATE_REPLACE", True)},
        ),
    ],
)
def test_a_diff_names_what_has_changed(caller: Caller, news: Any, replaces: list[str], detail: DETAILS) -> None:
    olds = {**inputs(), "export_status": "SUCCEEDED", "creation_time": "2024-01-01T00:00:00Z"}
    found = caller.diff(olds, news)
    assert (found.replaces, caller.details[-1], found.changes) == (replaces, detail, bool(detail))


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (1, 1.0, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ([1, 2], [2, 1], True),
        ("a", "A", True),
        (0, None, True),
    ],
)
def test_triggers_are_compared_by_value(caller: Caller, before: Any, after: Any, changed: bool) -> None:
    assert bool(caller.diff(inputs(triggers=before), inputs(triggers=after)).replaces) == changed


@pytest.mark.parametrize(("before", "after"), [(1, True), ({"a": [0]}, {"a": [False]})])
def test_a_number_and_a_boolean_are_two_triggers(caller: Caller, before: Any, after: Any) -> None:
    assert caller.diff(inputs(triggers=before), inputs(triggers=after)).replaces == ["triggers"]


def test_drift_replaces_unless_nobody_wants_to_see_it(caller: Caller) -> None:
    olds = {**inputs(), "drift": "1 of 3 objects is gone", "export_status": "SUCCEEDED"}
    assert caller.replaced(olds, inputs()) == (["drift"], {"drift": ("DELETE_REPLACE", False)})
    unseen = caller.replaced(olds, inputs(verify_objects=False))
    assert unseen == ([], {"drift": ("DELETE", False), "verify_objects": ("ADD", True)})
    failed = {**olds, "export_status": "FAILED"}
    assert caller.replaced(failed, inputs(verify_objects=False))[0] == ["drift"]
