"""How the log stands, in `/metrics`: signed up to where and when, what keeps it from that, what outsiders owe."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from server.log.attesting import Attesting
from server.log.keeper import FAULTS, CheckpointKeeper


class LogMetrics(Collector):
    def __init__(self, keeper: CheckpointKeeper, attesting: Attesting) -> None:
        self._keeper, self._attesting = keeper, attesting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        newest = self._keeper.newest
        size = GaugeMetricFamily("yuntiao_log_checkpoint_events", "Events under the newest signed checkpoint.")
        size.add_metric([], newest.size if newest else 0)
        yield size
        made = GaugeMetricFamily("yuntiao_log_checkpoint_timestamp_seconds", "When it was signed, Unix time.")
        made.add_metric([], newest.made.timestamp() if newest else 0)
        yield made
        faults = GaugeMetricFamily("yuntiao_log_fault", "1: the log is not signed for this reason.", labels=["fault"])
        for fault in FAULTS:
            faults.add_metric([fault], float(self._keeper.fault == fault))
        yield faults
        attestations = GaugeMetricFamily(
            "yuntiao_log_attestations", "Of checkpoints by outsiders, by state.", labels=["kind", "state"]
        )
        for (kind, state), number in self._attesting.states.items():
            attestations.add_metric([kind, state], number)
        yield attestations
