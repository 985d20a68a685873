"""What a client measured of its own connection in the last seconds, as far as anybody else needs it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from media.quality import quality_level


@dataclass(frozen=True, slots=True)
class Measurement:
    """Shares are 0-1, times seconds, rates kbit/s. `None`: the browser does not say, or nothing flows."""

    loss_up: float = 0.0  # of what they send
    loss_down: float = 0.0  # of what they receive
    rtt: float = 0.0
    jitter: float = 0.0
    concealed: float = 0.0  # of the sound they hear, made up by their browser
    frozen: float = 0.0  # of the time, the worst picture they see stood still
    frames: float | None = None  # a second, of the best picture they see
    up: int = 0
    down: int = 0
    available: int | None = None  # what their browser thinks their way out carries
    relayed: bool = False

    @property
    def level(self) -> int:
        return quality_level(max(self.loss_up, self.loss_down), self.rtt, self.concealed, self.frozen)

    def body(self) -> dict[str, Any]:
        return asdict(self)
