"""What the media workers say of themselves, in `/metrics`: load, lag and why packets were dropped, for each worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_GAUGES = {
    "packets": ("packets_per_second", "Media packets in and out in the last second."),
    "lag": ("loop_lag_seconds", "How late its loop comes to its timers, mean of three seconds."),
    "most_lag": ("loop_lag_max_seconds", "The same, worst of the last second."),
    "rooms": ("rooms", "Rooms with media."),
    "participants": ("participants", "People in them."),
    "peers": ("peers", "Their connections, two for most people."),
}
_COUNTERS = {
    "received": ("received", "Datagrams received."),
    "sent": ("sent", "Media packets sent."),
}


class MediaMetrics(Collector):
    """`loads` gives each worker's last report, empty while it is down. Counts begin anew with a new worker."""

    def __init__(self, loads: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        self._loads = loads

    def collect(self) -> Iterator[Metric]:
        loads = {str(n): load for n, load in enumerate(self._loads())}
        up = GaugeMetricFamily("yuntiao_media_worker_up", "Whether the worker reports.", labels=["worker"])
        for worker, load in loads.items():
            up.add_metric([worker], 1.0 if load else 0.0)
        yield up
        for key, (name, text) in _GAUGES.items():
            gauge = GaugeMetricFamily(f"yuntiao_media_{name}", text, labels=["worker"])
            for worker, load in loads.items():
                if key in load:
                    gauge.add_metric([worker], float(load[key]))
            yield gauge
        for key, (name, text) in _COUNTERS.items():
            counter = CounterMetricFamily(f"yuntiao_media_{name}", text, labels=["worker"])
            for worker, load in loads.items():
                if key in load:
                    counter.add_metric([worker], float(load[key]))
            yield counter
        dropped = CounterMetricFamily(
            "yuntiao_media_dropped", "Datagrams and packets dropped, by cause.", labels=["worker", "cause"]
        )
        for worker, load in loads.items():
            for cause, count in sorted(load.get("drops", {}).items()):
                dropped.add_metric([worker, cause], float(count))
        yield dropped
