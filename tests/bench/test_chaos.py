"""A node and a database are taken away, once each, under two rooms."""

from __future__ import annotations

import pytest

from tests.tools.bench.clients import chaos


@pytest.mark.long
@pytest.mark.media
@pytest.mark.postgres
@pytest.mark.nginx
@pytest.mark.links
def test_every_room_goes_on_and_nothing_is_lost_or_goes_where_it_must_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaos, "QUICK", ("node", "database"))
    report = chaos.measure(quick=True)
    figures = report["figures"]
    assert (figures["node_events_level"], figures["database_events_level"]) == (1, 1)
    assert figures["outages_level"] > 0
    assert figures["private_rooms_level"] > 0
    assert {name for name, target in report["targets"].items() if not target["holds"]} <= {"back_most_s_at_most"}
    assert report["misses"] == []
