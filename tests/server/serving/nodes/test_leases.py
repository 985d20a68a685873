"""How long a node may act: counted from before it asked, and ended before others may take what it had."""

from __future__ import annotations

import pytest

from journal.clock import lease_clock
from server.serving.nodes import LEASE, MARGIN, RENEW, HeldLease

pytestmark = pytest.mark.pure


class At:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_before_it_was_renewed_nothing_is_held() -> None:
    lease = HeldLease(At())
    assert not lease.held
    assert lease.left == 0.0


def test_it_ends_a_margin_before_the_databases_whenever_the_answer_comes() -> None:
    at = At()
    lease = HeldLease(at)
    asked = at.now
    at.now += 2.0  # the database wrote at some moment between, and its answer took this long
    lease.renewed(asked)
    at.now = asked + LEASE - MARGIN - 0.001
    assert lease.held
    at.now = asked + LEASE - MARGIN
    assert not lease.held
    assert at.now + MARGIN <= asked + LEASE, "the database counts from later than this"


def test_an_answer_from_before_a_long_stop_gives_nothing() -> None:
    at = At()
    lease = HeldLease(at)
    asked = at.now
    at.now += LEASE * 3  # stopped between asking and hearing
    lease.renewed(asked)
    assert not lease.held


def test_a_late_answer_takes_nothing_away() -> None:
    at = At()
    lease = HeldLease(at)
    lease.renewed(at.now)
    until = lease.until
    lease.renewed(at.now - 3.0)
    assert lease.until == until
    lease.end()
    assert not lease.held


def test_a_renewal_may_fail_once_without_anybody_noticing() -> None:
    assert 2 * RENEW < LEASE - MARGIN


def test_its_clock_goes_on_for_all_processes_of_the_machine_alike() -> None:
    one = lease_clock()
    assert one <= lease_clock() <= one + 60
