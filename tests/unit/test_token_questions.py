"""How many tokens are asked at once, and that none is asked where the service is known to have forgotten them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pulumi_sagemaker_geospatial._export.outcome import EvidenceTracker
from pulumi_sagemaker_geospatial._export.outcome_wait import OutcomeWaiter
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.token_behavior import TokenBehavior
from pulumi_sagemaker_geospatial._geospatial.responses import StartResponse
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial.errors import EXPORT_CONTINUES, WaitTimeoutError

from tests.support.declarations import export_request
from tests.support.recorded_exports import at, described_job, written_objects
from tests.support.scripted_service import ANSWERED_ARN, ScriptedExports, StartAnswer, running, started

LAKE = ExportSpec(export_request(), verify_objects=False)
RIVER = ExportSpec(export_request("river0000000"), verify_objects=False)
ENDED = {0.0: described_job("SUCCEEDED")}
QUESTION_TIMED_OUT = (
    f"waiting for the export of {ANSWERED_ARN}: timed out; increase custom_timeouts. {EXPORT_CONTINUES} [SGE501]"
)


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def create(exports: ScriptedExports, spec: ExportSpec = LAKE, timeout: float = 600.0) -> str:
    return exports.lifecycle.create(spec, CreatePlan(), exports.context(timeout)).state.status


def ask_about_both(exports: ScriptedExports) -> str:
    """Return how the creation of a second export ends whose token is asked while the first one's is."""
    results = list[str]()

    def answer_while_the_other_token_is_asked() -> StartResponse:
        try:
            results.append(create(exports, RIVER))
        except WaitTimeoutError as exc:
            results.append(str(exc))
        return started("SUCCEEDED")

    exports.script(started(), answer_while_the_other_token_is_asked, started(), started("SUCCEEDED"), jobs=ENDED)
    assert create(exports, ExportSpec(export_request(), triggers="both", verify_objects=False)) == "SUCCEEDED"
    return results[0]


def test_until_a_token_was_replayed_only_one_is_asked_at_a_time(exports: ScriptedExports) -> None:
    assert ask_about_both(exports) == QUESTION_TIMED_OUT
    assert len(exports.client.sent) == 3


@pytest.mark.parametrize(
    "answers",
    [
        (started("SUCCEEDED"),),
        (started("FAILED"), started(), started("SUCCEEDED")),
        (started(), started("SUCCEEDED")),
    ],
)
def test_after_a_token_was_replayed_several_are_asked_at_once(
    exports: ScriptedExports, answers: tuple[StartAnswer, ...]
) -> None:
    exports.script(*answers, jobs=ENDED)
    create(exports)
    assert ask_about_both(exports) == "SUCCEEDED"


def test_an_answer_that_the_export_is_running_does_not_show_that_tokens_are_replayed(exports: ScriptedExports) -> None:
    exports.script(started(), started("IN_PROGRESS"), jobs=ENDED)
    with pytest.raises(WaitTimeoutError):
        create(exports, timeout=20)
    assert len(exports.client.sent) == 2
    assert ask_about_both(exports) == QUESTION_TIMED_OUT


class ForgottenMeanwhile(TokenBehavior):
    """While a question waits for that of another export, this one finds that the service has forgotten its token."""

    @contextmanager
    def asking(self, ctx: OperationContext, doing: str) -> Iterator[None]:
        with super().asking(ctx, doing):
            self.forgets = True
            yield


def test_a_question_that_had_to_wait_is_not_asked_where_the_service_turns_out_to_forget_tokens(
    exports: ScriptedExports,
) -> None:
    exports.script(started(), jobs={0: running(), 30: described_job("SUCCEEDED")}, objects=written_objects(3, last=10))
    spec, tracker = ExportSpec(export_request()), EvidenceTracker(0)
    waiter = OutcomeWaiter(
        exports.retrying,
        exports.store,
        ForgottenMeanwhile(),
        spec,
        CreatePlan(),
        0,
        exports.context(),
        started(),
        tracker,
    )
    state = waiter.wait()
    assert (state.status, state.created, exports.client.sent) == ("SUCCEEDED", at(0), [])
    assert len(exports.warnings) == 1
