"""Throttling: faults that hit a part of the calls, and a limit of calls per second for each operation."""

from __future__ import annotations

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.emulator.emulator_harness import Account, ManualClock


@pytest.fixture
def no_retries(account: Account) -> Account:
    """The account through clients that make no retries."""
    return Account(retries=False)


def hit_calls(account: Account, seed: int) -> list[int]:
    """Return which of 200 calls a fault with a probability of 30 % hits."""
    control, arn = geospatial.get_control(), geospatial.add_job()
    control.clear_faults()
    control.add_fault(operation="*", kind="throttle", times=-1, probability=0.3, seed=seed)
    return [number for number in range(200) if _is_throttled(account, arn)]


def _is_throttled(account: Account, arn: str) -> bool:
    try:
        account.get(arn)
    except account.client.exceptions.ThrottlingException:
        return True
    return False


def test_a_fault_with_a_probability_hits_that_part_of_the_calls_as_its_seed_decides(no_retries: Account) -> None:
    hit = hit_calls(no_retries, seed=1)
    assert 40 <= len(hit) <= 80
    assert hit == hit_calls(no_retries, seed=1)
    assert hit != hit_calls(no_retries, seed=2)


def test_exports_fail_with_the_probability_of_their_fault(account: Account) -> None:
    control = geospatial.get_control()
    control.add_fault(operation="ExportEarthObservationJob", kind="fail_export", times=-1, probability=0.5)
    arns = [geospatial.add_job() for _ in range(40)]
    for arn in arns:
        account.export(arn)
    failed = [arn for arn in arns if account.export_status(arn) == "FAILED"]
    assert 5 <= len(failed) <= 35


def test_more_calls_than_the_limit_of_an_operation_are_throttled(no_retries: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(calls_per_second=5)
    arn = geospatial.add_job()
    assert [_is_throttled(no_retries, arn) for _ in range(7)] == [False] * 5 + [True] * 2
    no_retries.export(arn)  # another operation has a limit of its own
    clock.advance(0.4)
    assert [_is_throttled(no_retries, arn) for _ in range(3)] == [False, False, True]
    clock.advance(60)
    assert [_is_throttled(no_retries, arn) for _ in range(6)] == [False] * 5 + [True]


def test_a_throttled_call_does_nothing(no_retries: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(calls_per_second=0.5)
    arn = geospatial.add_job()
    assert not _is_throttled(no_retries, arn)
    no_retries.export(arn)
    with pytest.raises(no_retries.client.exceptions.ThrottlingException):
        no_retries.export(arn)
    assert geospatial.get_control().exports[arn] == 1
