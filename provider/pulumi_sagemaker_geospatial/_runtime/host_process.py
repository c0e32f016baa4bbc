"""The process of Pulumi's dynamic provider host: whether this is one, whether its engine lives, and how it ends."""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

#: Methods of the host that serve calls of the engine.
SERVED_METHODS = ("Check", "Diff", "Create", "Read", "Update", "Delete")

_HOST_MODULE = "pulumi.dynamic"
#: Seconds between two signals to the main thread, and between two checks of the engine's address.
_WAKEUP_INTERVAL, _CHECK_INTERVAL = 0.25, 1.0


def running_in_dynamic_host() -> bool:
    """Return whether this process is ``python -m pulumi.dynamic ENGINE``."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return bool(spec and spec.name.startswith(_HOST_MODULE))


def engine_address() -> str:
    """Return the address of the engine, the last argument of a host."""
    return sys.argv[-1]


def exit_with_engine(on_gone: Callable[[], None]) -> None:
    """Wait for the end of the engine, call ``on_gone``, and exit when no call is served any longer.

    An engine that was killed leaves its hosts behind. Where a shell stands between the two, the parent stays alive, and
    the engine's address refuses connections instead.
    """
    parent, refused, wake = os.getppid(), 0, signal_wakeup()
    while os.getppid() == parent and refused < 3:
        for _ in range(int(_CHECK_INTERVAL / _WAKEUP_INTERVAL)):
            time.sleep(_WAKEUP_INTERVAL)
            wake()
        refused = refused + 1 if connection_refused(engine_address()) else 0
    on_gone()
    while is_serving_calls():  # another provider's call may still be at work
        time.sleep(_WAKEUP_INTERVAL)
    os._exit(0)


def is_serving_calls() -> bool:
    """Return whether any thread serves a call of the engine, whichever provider it is for."""
    main = vars(sys.modules["__main__"])
    for top in sys._current_frames().values():
        frame: FrameType | None = top
        while frame is not None:
            if frame.f_globals is main and frame.f_code.co_name in SERVED_METHODS:
                return True
            frame = frame.f_back
    return False


def signal_wakeup() -> Callable[[], None]:
    """Return a function that makes the main thread look for pending signals.

    The engine ends a host with SIGINT, and kills it 5 s later. The host's main thread sleeps in a lock, and handles the
    signal only if the signal interrupts that thread; a thread of grpc's may take it instead. Without this, 10 of 884
    commands took 5 s longer; with it, 0 of 246.
    """
    number, main = getattr(signal, "SIGUSR2", None), threading.main_thread().ident
    if number is None or main is None or signal.getsignal(number) is not signal.SIG_DFL:
        return lambda: None
    # A handler that any thread may set; it only interrupts the sleep.
    faulthandler.register(number, file=open(os.devnull, "w"), all_threads=False)  # noqa: SIM115 - never closed
    signal.siginterrupt(number, True)
    return lambda: signal.pthread_kill(main, number)


def connection_refused(address: str) -> bool:
    """Return whether nothing listens at an address."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except (OSError, ValueError):
        return False
    return False
