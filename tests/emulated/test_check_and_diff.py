"""check and diff as the dynamic host calls them: what is refused at preview, and what a change means."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial.provider import ExportProvider

from tests.support.aws_names import BUCKET
from tests.support.declarations import TOKEN, UNKNOWN_VALUE, inputs
from tests.support.provider_harness import Changes, ProviderHarness, RecordingHost

URI = "output_config.s3_data.s3_uri"
COMPUTED = {"export_status": "SUCCEEDED", "creation_time": "2024-01-01T00:00:00Z"}


@pytest.fixture
def process() -> ProviderHarness:
    """The provider of one process, which makes no call."""
    return ProviderHarness()


def failures(result: Any) -> list[str]:
    """Return the reasons. The engine is told no property, as it would print its value."""
    assert {each.property for each in result.failures} <= {""}
    return [each.reason for each in result.failures]


def named(result: Any) -> list[str]:
    """Return the properties that the reasons begin with."""
    return [reason.removeprefix("property ").partition(":")[0] for reason in failures(result)]


def test_check_returns_normalized_inputs_and_names_what_is_wrong(process: ProviderHarness) -> None:
    result = process.check({**inputs(), "arn": "x", "verify_objects": True, "triggers": None})
    [reason] = failures(result)
    assert reason.startswith("property arn: must be the ARN of an Earth observation job")
    assert result.inputs == {**inputs(), "arn": "x"}


@pytest.mark.parametrize("path", ["arn", "execution_role_arn", "output_config", "client_token", "export_source_images"])
def test_a_failure_does_not_repeat_a_value_that_may_be_secret(process: ProviderHarness, path: str) -> None:
    result = process.check({**inputs(), path: "a-secret-of-the-users"})
    assert named(result) == [path]
    assert "a-secret" not in str(failures(result))


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"triggers": 2}, "triggers"),
        ({"export_source_images": True}, "export_source_images"),
        ({"output_config": inputs(prefix="elsewhere")["output_config"]}, URI),
    ],
)
def test_a_token_with_another_request_is_refused(
    process: ProviderHarness, change: dict[str, Any], changed: str
) -> None:
    olds = inputs(client_token=TOKEN)
    assert failures(process.check({**olds, **change}, olds)) == [
        f"property client_token: must change when {changed} changes; a token identifies one export [SGE102]"
    ]


@pytest.mark.parametrize(
    "news",
    [
        inputs(client_token=TOKEN),
        inputs(client_token="b" * 40, triggers=1),
        inputs(triggers=1),
        inputs(client_token=TOKEN, verify_objects=False),
        {**inputs(client_token=TOKEN), "arn": UNKNOWN_VALUE},
        inputs(client_token=UNKNOWN_VALUE, triggers=1),
    ],
    ids=["same", "both", "none", "setting", "unknown arn", "unknown token"],
)
def test_a_token_that_may_be_right_is_accepted(process: ProviderHarness, news: dict[str, Any]) -> None:
    assert failures(process.check(news, inputs(client_token=TOKEN))) == []


def test_two_declarations_of_one_destination_are_refused_and_both_named(process: ProviderHarness) -> None:
    assert failures(process.check(inputs(), name="one")) == []
    assert failures(process.check(inputs(triggers=1), name="two")) == [
        f"property {URI}: one already exports to this folder or to one around or inside it: two and one would overwrite each other [SGE104]"
    ]


@pytest.mark.parametrize(
    "news",
    [inputs(prefix="river"), inputs("river0000000"), {**inputs(), "arn": UNKNOWN_VALUE}],
    ids=["destination", "job", "unknown"],
)
def test_declarations_of_other_destinations_are_accepted(process: ProviderHarness, news: dict[str, Any]) -> None:
    process.check(inputs(), name="one")
    assert failures(process.check(news, name="two")) == []
    assert failures(process.check(inputs(), inputs(), name="one")) == []


def test_a_destination_with_and_without_a_slash_at_its_end_is_the_same(process: ProviderHarness) -> None:
    process.check(inputs(), name="one")
    slashless = inputs(output_config={"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}})
    assert named(process.check(slashless, name="two")) == [URI]
    assert not process.diff({**inputs(), **COMPUTED}, slashless).changes


def test_a_destination_that_a_declaration_has_left_is_free(process: ProviderHarness) -> None:
    process.check(inputs(), name="one")
    process.check(inputs(prefix="river"), inputs(), name="one")
    assert failures(process.check(inputs(), name="two")) == []


def test_a_token_of_two_declarations_is_refused(process: ProviderHarness) -> None:
    assert failures(process.check(inputs(client_token=TOKEN), name="one")) == []
    news = inputs("river0000000", client_token=TOKEN)
    assert failures(process.check(news, name="two")) == [
        "property client_token: is already used by one; a token identifies one export [SGE103]"
    ]
    assert failures(process.check({**news, "client_token": "another" * 6}, name="two")) == []


def test_another_process_knows_nothing_of_these_declarations(process: ProviderHarness) -> None:
    process.check(inputs(client_token=TOKEN), name="one")
    process.restart()
    assert failures(process.check(inputs(client_token=TOKEN), name="two")) == []


def test_a_setting_that_is_not_a_number_is_reported_once() -> None:
    process = ProviderHarness()
    process.config["sagemakergeospatial:pollInterval"] = "fast"
    assert failures(process.check(inputs())) == [
        "the stack's config sagemakergeospatial:pollInterval must be a number of seconds above 0 and at most 300, "
        "not 'fast' [SGE105]"
    ]
    assert failures(process.check(inputs("river0000000"), name="two")) == []


def test_a_misspelled_service_of_an_endpoint_is_told_before_any_call() -> None:
    host = RecordingHost()
    endpoints = {"aws:endpoints": '[{"S3": "http://localhost:1", "dynamodb": "http://localhost:1"}]'}
    ExportProvider(EARTH_OBSERVATION, "P", host).configure(ConfigureRequest(Config(endpoints, "test-project")))
    assert [message for _, message, _ in host.messages] == [
        "ignoring unknown services of aws:endpoints: S3 (did you mean s3?); used here are sagemakergeospatial, s3, sts"
    ]


def test_a_job_in_a_region_without_the_service_is_a_warning(process: ProviderHarness) -> None:
    elsewhere = {**inputs(), "arn": inputs()["arn"].replace("us-west-2", "us-east-1")}
    assert failures(process.check(elsewhere)) == []
    assert failures(process.check(elsewhere, elsewhere)) == []
    assert process.logged("warning") == ["job is in us-east-1; the service is only available in us-west-2"]


@pytest.mark.parametrize(
    ("news", "replaces", "detail"),
    [
        (inputs(), [], {}),
        (inputs("other0000000"), ["arn"], {"arn": ("UPDATE_REPLACE", True)}),
        (inputs(client_token=TOKEN), ["client_token"], {"client_token": ("ADD_REPLACE", True)}),
        (inputs(prefix="b"), ["output_config"], {URI: ("UPDATE_REPLACE", True)}),
        (inputs(delete_objects=True), [], {"delete_objects": ("ADD", True)}),
        (
            inputs(wait_for_completion=False, triggers=[1]),
            ["triggers"],
            {"wait_for_completion": ("ADD", True), "triggers": ("ADD_REPLACE", True)},
        ),
        ({**inputs(), "arn": UNKNOWN_VALUE}, ["arn"], {"arn": ("UPDATE_REPLACE", True)}),
    ],
)
def test_a_diff_tells_the_engine_what_changes(
    process: ProviderHarness, news: Any, replaces: list[str], detail: Changes
) -> None:
    result = process.diff({**inputs(), **COMPUTED}, news)
    assert (result.replaces, process.detailed_diff, result.changes) == (replaces, detail, bool(detail))


def test_drift_is_replaced(process: ProviderHarness) -> None:
    olds = {**inputs(), **COMPUTED, "drift": "gone"}
    assert process.replaced(olds, inputs()) == (["drift"], {"drift": ("DELETE_REPLACE", False)})
    assert process.logged("warning") == []


def test_drift_of_an_export_with_the_users_token_is_replaced_with_a_warning(process: ProviderHarness) -> None:
    olds = {**inputs(client_token=TOKEN), **COMPUTED, "drift": "gone"}
    assert process.diff(olds, inputs(client_token=TOKEN)).replaces == ["drift"]
    assert process.logged("warning") == ["export drifted; re-exporting normally needs a new client_token"]
