"""Media workers in `/metrics`."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from server.serving.health import MediaMetrics

LOAD: dict[str, Any] = {
    "packets": 1200,
    "lag": 0.004,
    "most_lag": 0.02,
    "rooms": 2,
    "participants": 5,
    "peers": 10,
    "received": 70,
    "sent": 90,
    "drops": {"srtp": 3, "bitrate": 1},
}


def scraped(*loads: dict[str, Any]) -> set[str]:
    registry = CollectorRegistry()
    registry.register(MediaMetrics(lambda: loads))
    return {line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")}


def test_each_worker_says_its_load_and_why_it_dropped_what() -> None:
    lines = scraped(LOAD, {**LOAD, "packets": 7})
    assert {
        'yuntiao_media_worker_up{worker="0"} 1.0',
        'yuntiao_media_packets_per_second{worker="0"} 1200.0',
        'yuntiao_media_packets_per_second{worker="1"} 7.0',
        'yuntiao_media_loop_lag_seconds{worker="1"} 0.004',
        'yuntiao_media_rooms{worker="0"} 2.0',
        'yuntiao_media_participants{worker="0"} 5.0',
        'yuntiao_media_sent_total{worker="0"} 90.0',
        'yuntiao_media_dropped_total{cause="srtp",worker="0"} 3.0',
        'yuntiao_media_dropped_total{cause="bitrate",worker="1"} 1.0',
    } <= lines


def test_a_worker_that_is_down_says_only_that() -> None:
    assert scraped({}) == {'yuntiao_media_worker_up{worker="0"} 0.0'}
