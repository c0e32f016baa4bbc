"""Many calls at a time, for commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .calls import MAX_CONCURRENT_CALLS
from .context import Cancellation

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_concurrently(
    function: Callable[[Item], Result], items: Iterable[Item], cancellation: Cancellation
) -> list[Result]:
    """Return a function's results, in order. The first error cancels the others, and so does Ctrl-C."""
    with ThreadPoolExecutor(MAX_CONCURRENT_CALLS) as pool:
        futures = [pool.submit(function, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            cancellation.cancel()
            raise
