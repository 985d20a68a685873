"""How people fare, as the metrics say it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from media import engine as m
from server.serving.health import RoomMetrics
from tests.rooms.house import X, house
from tests.rooms.scene import CO, M


async def test_metrics_count_qualities_and_resting_pictures_and_name_nobody() -> None:
    async with house() as at:
        await at.open(M)
        await at.bring(CO)
        await at.reported(m.Quality(X, CO, 1), m.Quality(X, M, 4), m.PicturesPaused(X, CO, "to", True))
        registry = CollectorRegistry()
        registry.register(RoomMetrics(at.rooms))
        text = generate_latest(registry).decode()
    assert 'yuntiao_connection_quality_seats{level="1"} 1.0' in text
    assert 'yuntiao_connection_quality_seats{level="4"} 1.0' in text
    assert 'yuntiao_pictures_resting_seats{way="to"} 1.0' in text
    assert CO not in text
