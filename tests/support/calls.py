"""A call runner for tests that run on one thread, with a clock that takes no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pulumi_sagemaker_geospatial._runtime.calls import CallInProgress, calling
from pulumi_sagemaker_geospatial._runtime.context import OperationContext

Result = TypeVar("Result")


class InlineCallRunner:
    """Runs each call on the caller's thread."""

    def run(self, ctx: OperationContext, doing: str, call: Callable[[], Result]) -> Result:
        ctx.raise_if_done(doing)
        with calling(CallInProgress(ctx, doing)):
            return call()
