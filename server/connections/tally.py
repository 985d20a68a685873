"""What was cut or refused, by why: counted for `/metrics`, and one line in the log a minute however much it was."""

from __future__ import annotations

import time
from collections import Counter as Counts
from collections.abc import Callable
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter

log = structlog.get_logger(__name__)

EVERY: Final = 60.0
"""Seconds between two lines."""


class Tally:
    """`what` names the metric `yuntiao_<what>_total`, with a label `why`; whoever counts chooses from few words."""

    def __init__(self, what: str, said: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._clock = what, clock
        self._counter = Counter(f"yuntiao_{what}", said, ("why",), registry=None)
        self._untold: Counts[str] = Counts()
        self._told_at = -EVERY

    def register(self, registry: CollectorRegistry) -> None:
        registry.register(self._counter)

    def count(self, why: str) -> None:
        self._counter.labels(why).inc()
        self._untold[why] += 1
        self.tell()

    def tell(self) -> None:
        """What has not been told, unless something was less than a minute ago."""
        now = self._clock()
        if self._untold and now - self._told_at >= EVERY:
            log.warning(self._what.replace("_", " "), **dict(self._untold))
            self._untold.clear()
            self._told_at = now
