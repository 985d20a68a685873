"""How people in rooms fare, as metrics: the distribution of connection quality, and whose pictures rest."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from rooms.live.registry import Rooms


class RoomMetrics(Collector):
    """Counted at each scrape; names nobody."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def collect(self) -> Iterator[GaugeMetricFamily]:
        quality = GaugeMetricFamily(
            "yuntiao_connection_quality_seats", "People in rooms by connection quality, 1 (bad) to 4.", labels=["level"]
        )
        for level, number in self._rooms.qualities().items():
            quality.add_metric([level], number)
        yield quality
        resting = GaugeMetricFamily(
            "yuntiao_pictures_resting_seats", "People whose pictures rest, to or from them.", labels=["way"]
        )
        for way, number in self._rooms.resting().items():
            resting.add_metric([way], number)
        yield resting
