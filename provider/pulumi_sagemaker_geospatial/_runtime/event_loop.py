"""An event loop for a program that runs without an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

_END_TIMEOUT = 1.0  # seconds until a task is taken to wait for ever


@contextmanager
def event_loop() -> Iterator[None]:
    """Have an event loop, as Pulumi's SDK needs one, and end it with everything that it runs.

    The SDK's mocks need a loop in each of its threads, too, and never close these.
    """
    loops: list[asyncio.AbstractEventLoop] = []

    def set_new_loop() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    set_new_loop()
    loop = loops[0]
    # An error is raised by what runs in the loop; it would also be logged for each output that depends on it.
    loop.set_exception_handler(lambda loop, context: None)
    loop.set_default_executor(ThreadPoolExecutor(initializer=set_new_loop))
    try:
        yield
    finally:
        loop.run_until_complete(_end_tasks())
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        for each in loops:
            each.close()


async def _end_tasks() -> None:
    """Let the tasks that an error has left behind end by themselves, and cancel those that wait for ever."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        done, waiting = await asyncio.wait(others, timeout=_END_TIMEOUT)
        for task in waiting:
            task.cancel()
        for task in done:
            task.cancelled() or task.exception()
