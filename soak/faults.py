"""The faults of the trials, as data: signals to processes, and what the emulated service, S3 and STS do wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: The processes of a command. A group is all of them.
ENGINE, DYNAMIC_HOST, LANGUAGE_HOST, GROUP = "engine", "dynamic host", "language host", "group"
TARGETS = (ENGINE, DYNAMIC_HOST, LANGUAGE_HOST, GROUP)
#: STOP is followed by CONT.
SIGNALS = ("KILL", "TERM", "HUP", "INT", "STOP")

PREVIEW, FIRST_STARTS, WAITING, FINISHING, REFRESH, DESTROY = (
    *("preview", "first starts", "waiting", "finishing"),
    *("refresh", "destroy"),
)
PHASES = (PREVIEW, FIRST_STARTS, WAITING, FINISHING, REFRESH, DESTROY)
#: The phases of faults that last for a whole command.
LASTING_PHASES = (WAITING, REFRESH, DESTROY)

_HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_EXPIRED = {
    "status": 403,
    "body": '{"Message": "The security token included in the request is expired"}',
    "headers": {"X-Amzn-ErrorType": "ExpiredTokenException"},
}


@dataclass(frozen=True)
class Kill:
    """A signal to a process, or to all processes of a command."""

    signal: str
    target: str


@dataclass(frozen=True)
class Fault:
    """What goes wrong in a trial.

    Attributes:
        kill: a signal, in the middle of a command.
        faults: faults of the emulator, during a whole command.
        settings: settings of the emulator.
        config: keys of the stack's config.
        outage: seconds during which every connection is cut, in the middle of a command.
        short_credentials: the credentials are always about to expire.
        export_seconds: how long an export takes; None: the seed decides, from 0.2 to 1.2.
        largest: the most exports.
        phases: where it may happen.
    """

    name: str
    kill: Kill | None = None
    faults: tuple[dict[str, Any], ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    outage: float = 0.0
    short_credentials: bool = False
    export_seconds: float | None = None
    largest: int = 50
    phases: tuple[str, ...] = LASTING_PHASES


def _during(operation: str, kind: str, percent: int = 100, **fault: Any) -> dict[str, Any]:
    return {"operation": operation, "kind": kind, "probability": percent / 100, "times": -1, **fault}


def _kill(signal: str, target: str) -> Fault:
    return Fault(f"{signal} {target}", kill=Kill(signal, target), phases=PHASES)


_THROTTLING = _during("*", "throttle", 30)
_ROLE = {"aws:assumeRole": {"roleArn": "arn:aws:iam::123456789012:role/caller"}}

FAULTS = (
    *(_kill(signal, target) for signal in SIGNALS for target in TARGETS),
    Fault("KILL group, 30 % throttled", kill=Kill("KILL", GROUP), faults=(_THROTTLING,), phases=PHASES),
    Fault(
        "KILL engine, 10 % cut after",
        kill=Kill("KILL", ENGINE),
        faults=(_during("*", "drop_after", 10), _during("s3", "drop_after", 10)),
        phases=PHASES,
    ),
    # Longer than the first polls: an export that no poll has seen running is waited for until its status cannot lag any more.
    Fault(
        "KILL group, tokens refused",
        kill=Kill("KILL", GROUP),
        settings={"tokens": "error"},
        export_seconds=4.0,
        phases=PHASES,
    ),
    Fault("30 % throttled", faults=(_THROTTLING,)),
    Fault(
        "20 calls per second", settings={"calls_per_second": 20}, config={"sagemakergeospatial:maxCallsPerSecond": None}
    ),
    Fault("20 % internal errors", faults=(_during("*", "internal", 20),)),
    Fault("10 % cut before", faults=(_during("*", "drop_before", 10),)),
    Fault("10 % cut after", faults=(_during("*", "drop_after", 10),)),
    Fault("3 s latency", faults=(_during("*", "latency", seconds=3.0),), largest=5),
    Fault("10 % HTML", faults=(_during("*", "respond", 10, body=_HTML, content_type="text/html"),)),
    Fault("quota of 5", settings={"quota": 5}),
    Fault("role visible after 5 s", settings={"role_propagation": 5.0}, phases=(WAITING,)),
    Fault("status 2 s late", settings={"status_lag": 2.0}),
    Fault("20 s outage", outage=20.0, phases=(FIRST_STARTS, WAITING, REFRESH, DESTROY)),
    Fault("20 % of exports fail", faults=(_during("ExportEarthObservationJob", "fail_export", 20),), phases=(WAITING,)),
    Fault("2 % credentials expired", faults=(_during("*", "respond", 2, **_EXPIRED),)),
    Fault("credentials of one minute", short_credentials=True),
    Fault("30 % of sign-ins fail", faults=(_during("sts", "internal", 30),), config=_ROLE),
    Fault("S3: 30 % throttled", faults=(_during("s3", "throttle", 30),)),
    Fault("S3: 20 % internal errors", faults=(_during("s3", "internal", 20),)),
    Fault("S3: 10 % cut before", faults=(_during("s3", "drop_before", 10),)),
    Fault("S3: 10 % cut after", faults=(_during("s3", "drop_after", 10),)),
    Fault("S3: 3 s latency", faults=(_during("s3", "latency", seconds=3.0),), largest=5),
    Fault("S3: 20 % denied", faults=(_during("s3", "access_denied", 20),)),
    Fault("S3: 20 % HTML", faults=(_during("s3", "respond", 20, body=_HTML, content_type="text/html"),)),
)
FAULT_NAMES = tuple(fault.name for fault in FAULTS)
