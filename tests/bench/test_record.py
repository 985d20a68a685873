"""The short form of `bench record`: figures of every kind, and what must hold on any machine holds."""

from __future__ import annotations

import pytest

from server.cli.serving import Benchmark
from tests.tools.bench.recording import record


@pytest.mark.long
@pytest.mark.media
def test_recording_forwarding_killing_and_composing_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "ROOMS", {3: 1})
    monkeypatch.setattr(record, "FILLED_QUICK", 0.5)
    monkeypatch.setattr(record, "MEASURED_QUICK", 0.5)
    monkeypatch.setattr(record, "KILLED_ROOMS", 2)
    monkeypatch.setattr(record, "LIVED_QUICK", 1.0)
    monkeypatch.setattr(record, "FILM_QUICK", 6.0)
    monkeypatch.setattr(record, "PIECE_QUICK", 3.0)
    report = record.measure(quick=True)
    figures, targets = report["figures"], report["targets"]
    assert Benchmark("record") is Benchmark.RECORD
    assert figures["us_per_forwarded_packet_recorded_room3"] > 0
    assert "recording_added_share_room3_at_most" in targets
    assert figures["killed_tracks_count"] == 2 * 2 * 2
    assert targets["lost_after_kill_s_max_at_most"]["holds"], figures
    assert targets["recorded_share_clean_network_at_least"]["holds"], figures
    assert targets["av_skew_ms_at_most"]["holds"], figures
    assert figures["film_people_count"] == 4
    assert 0 < figures["composition_core_s_per_s"] < 5
