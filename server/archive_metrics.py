"""How the archive fares, as metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from server.archive import Tally


class ArchiveMetrics(Collector):
    """`tally` is that of the last look. Alarm on failed files, and on stuck cases that stay."""

    def __init__(self, tally: Callable[[], Tally]) -> None:
        self._tally = tally

    def collect(self) -> Iterator[GaugeMetricFamily]:
        tally = self._tally()
        files = GaugeMetricFamily("yuntiao_archive_files", "Files of closed cases by where they are.", labels=["state"])
        for state, number in (("waiting", tally.waiting), ("archived", tally.archived), ("failed", tally.failed)):
            files.add_metric([state], number)
        yield files
        size = GaugeMetricFamily("yuntiao_archive_bytes", "Their bytes.", labels=["state"])
        for state, number in (("waiting", tally.waiting_bytes), ("archived", tally.archived_bytes)):
            size.add_metric([state], number)
        yield size
        yield GaugeMetricFamily("yuntiao_archive_stuck_sessions", "Cases that wait for the store.", tally.stuck)
