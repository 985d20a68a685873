"""The benchmark of a long session, short: what it sends does not grow, and it says so in the form of the others."""

from __future__ import annotations

import pytest

from tests.bench.test_reports import check
from tests.tools.bench.clients import room


def test_a_long_session_s_events_cost_no_more_bytes_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "EVENTS_QUICK", 300)
    report = room.measure(True)
    check(report)
    targets = report["targets"]
    assert report["figures"]["events"] >= 300
    for held in ("bytes_last_to_first_ratio_at_most", "largest_view_kb_at_most", "largest_message_kb_at_most"):
        assert targets[held]["holds"], targets[held]
    assert "cpu_last_to_first_ratio_at_most" in targets  # a time: not tested
