"""How connections are at the clients, where it matters: distributions of what they report. Names nobody."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from rooms.live.subscription import Measurement

_SHARES = (0.0, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5)
_SECONDS = (0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0)
_FRAMES = (0.0, 2.0, 5.0, 8.0, 12.0, 16.0, 20.0, 25.0)


class ClientMetrics:
    """`note` takes each report as it comes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def share(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(f"yuntiao_client_{name}", text, labels, buckets=_SHARES, registry=registry)

        self._reports = Counter(
            "yuntiao_client_reports", "Reports by quality, 1 (bad) to 4, and by way.", ("level", "way"),
            registry=registry,
        )  # fmt: skip
        self._loss = share("loss", "Share of packets lost, as clients report it.", "way")
        self._concealed = share("concealed", "Share of sound made up by the browser.")
        self._frozen = share("frozen", "Share of time a picture stood still.")
        self._rtt = Histogram(
            "yuntiao_client_rtt_seconds", "Round trips as clients measure them.", buckets=_SECONDS, registry=registry
        )
        self._frames = Histogram(
            "yuntiao_client_frames", "Frames a second of the best picture seen.", buckets=_FRAMES, registry=registry
        )

    def note(self, measured: Measurement) -> None:
        self._reports.labels(str(measured.level), "relay" if measured.relayed else "direct").inc()
        self._loss.labels("up").observe(measured.loss_up)
        self._loss.labels("down").observe(measured.loss_down)
        self._concealed.observe(measured.concealed)
        self._frozen.observe(measured.frozen)
        self._rtt.observe(measured.rtt)
        if measured.frames is not None:
            self._frames.observe(measured.frames)
