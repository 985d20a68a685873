"""What a measured span of forwarding saw."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.tools.figures import quantile


@dataclass(frozen=True, slots=True)
class Load:
    """What a measured span saw. `cpu` is seconds of this process; shares are of everything since the beginning."""

    packets: int
    cpu: float
    wall: float
    sent: int = 0
    arrived: int = 0
    drops: dict[str, int] = field(default_factory=dict)
    lags: list[float] = field(default_factory=list)
    late: float = 0.0  # the clients' own lateness at worst, seconds
    incoming_per_s: float = 0.0  # what the clients sent
    kept_waiting: float = 0.0  # share of the span in which the loop was ready and others had the core
    memory_kb: float = 0.0  # resident at the end of the span
    writer: float = 0.0  # of `cpu`: what the recorder's thread took
    kernel: float = 0.0  # seconds of the kernel's own threads, beside `cpu`; of the whole machine

    def __add__(self, other: Load) -> Load:
        """Both spans together; the worst where that is what counts."""
        return Load(
            self.packets + other.packets,
            self.cpu + other.cpu,
            self.wall + other.wall,
            self.sent + other.sent,
            self.arrived + other.arrived,
            {cause: self.drops.get(cause, 0) + other.drops.get(cause, 0) for cause in self.drops | other.drops},
            self.lags + other.lags,
            max(self.late, other.late),
            min(self.incoming_per_s, other.incoming_per_s),
            max(self.kept_waiting, other.kept_waiting),
            max(self.memory_kb, other.memory_kb),
            self.writer + other.writer,
            self.kernel + other.kernel,
        )

    @property
    def us_per_packet(self) -> float:
        return self.cpu / self.packets * 1e6

    @property
    def us_per_recorded_packet(self) -> float:
        """Of the recorder's thread, with everybody recorded."""
        return self.writer / self.wall / self.incoming_per_s * 1e6

    @property
    def kernel_us(self) -> float:
        """Of the kernel's threads, for each packet that came in."""
        return self.kernel / self.wall / self.incoming_per_s * 1e6

    @property
    def per_s(self) -> float:
        return self.packets / self.wall

    @property
    def delivered(self) -> float:
        return self.arrived / self.sent

    @property
    def lag_p99(self) -> float:
        return quantile(self.lags, 0.99)
