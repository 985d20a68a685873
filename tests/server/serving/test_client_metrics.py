"""What clients measure, in `/metrics`."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from media.engine import Measurement
from server.serving.health import ClientMetrics


def test_each_report_counts_once_in_every_distribution() -> None:
    registry = CollectorRegistry()
    metrics = ClientMetrics(registry)
    metrics.note(Measurement(loss_up=0.08, rtt=0.12, frames=14.5))
    metrics.note(Measurement(loss_down=0.3, concealed=0.4, relayed=True))
    lines = set(generate_latest(registry).decode().splitlines())
    assert {
        'yuntiao_client_reports_total{level="2",way="direct"} 1.0',
        'yuntiao_client_reports_total{level="1",way="relay"} 1.0',
        'yuntiao_client_loss_bucket{le="0.06",way="up"} 1.0',
        'yuntiao_client_loss_bucket{le="0.1",way="up"} 2.0',
        'yuntiao_client_rtt_seconds_bucket{le="0.15"} 2.0',
        "yuntiao_client_frames_count 1.0",
    } <= lines
