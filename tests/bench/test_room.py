"""The benchmark of a long session, short: what it sends does not grow, and it says so in the form of the others."""

from __future__ import annotations

import pytest

from tests.bench.test_reports import check
from tests.tools.bench.clients import costs, room
from tests.tools.figures import Figures


def test_a_long_session_s_events_cost_no_more_bytes_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "EVENTS_QUICK", 300)
    monkeypatch.setattr(costs, "DATABASES", ())
    monkeypatch.setattr(costs, "HANDS_QUICK", 6)
    monkeypatch.setattr(costs, "IDLE_QUICK", 0.2)
    report = room.measure(True)
    check(report)
    targets = report["targets"]
    assert report["figures"]["events"] >= 300
    for held in ("bytes_last_to_first_ratio_at_most", "largest_view_kb_at_most", "largest_message_kb_at_most"):
        assert targets[held]["holds"], targets[held]
    assert "cpu_last_to_first_ratio_at_most" in targets  # a time: not tested


@pytest.mark.long
@pytest.mark.media
def test_an_event_and_a_way_in_are_measured_on_both_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("WAYS_QUICK", 1), ("LINES_QUICK", 6), ("HANDS_QUICK", 6), ("IDLE_QUICK", 0.2)):
        monkeypatch.setattr(costs, name, few)
    figures = Figures()
    costs.measure_costs(figures, True)
    wanted = {f"{name}_{what}" for name in costs.DATABASES for what in ("line_cpu_ms", "hand_cpu_ms", "way_in_cpu_s")}
    told = {f"{name}_{what}_yardsticks_ratio" for name in costs.DATABASES for what in ("line", "hand", "way_in")}
    assert {f"{one}_at_most" for one in told} == figures.targets.keys()
    assert all(0 < figures.values[one] < 1000 for one in wanted | {"wire_cpu_ms", "yardstick_cpu_ms"}), figures.values
