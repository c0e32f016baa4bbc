"""Carries out the faults of one call: waits, errors, raw responses, dropped connections and calls that hang."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .control import control
from .faults import ConnectionDropped, Fault, Hang
from .operations import OTHER_SERVICES


class RawResponse(NamedTuple):
    """An HTTP response as moto represents it."""

    status: int
    headers: dict[str, str]
    body: str | bytes


def inject_faults(
    operation: str,
    arn: str | None,
    carry_out: Callable[[], object],
    error_response: Callable[[Fault], RawResponse],
    endpoint: str,
) -> RawResponse | None:
    """Apply the faults of a call; returns the response that replaces the operation's, or None where there is none.

    `carry_out` runs the operation, for faults that let it happen and lose its response.
    Raises ConnectionDropped where the connection closes without a response.
    """
    consumed = control.consume_faults(operation, arn)
    if consumed.latency:
        control.sleep(consumed.latency)
    fault = consumed.fault
    if fault is None:
        return None
    if fault.kind == "drop_after" or (fault.after and fault.kind in ("hang", "respond")):
        carry_out()
    if fault.kind == "hang":
        control.hold_connection(Hang(consumed.cleared, fault.seconds or 0.0))
    if fault.kind in ("hang", "drop_before", "drop_after"):
        raise ConnectionDropped(endpoint_url=endpoint)
    if fault.kind == "respond":
        return _raw_response(fault, operation)
    return error_response(fault)


def _raw_response(fault: Fault, operation: str) -> RawResponse:
    is_xml = operation.partition(":")[0] in OTHER_SERVICES
    content_type = fault.content_type or ("application/xml" if is_xml else "application/json")
    return RawResponse(fault.status, {"Content-Type": content_type, **fault.headers}, fault.body)
