"""Who is speaking, from the audio levels clients write into their packets (RFC 6464); nothing is decoded."""

from __future__ import annotations

VOICED = 50  # -dBov: at least this loud (smaller is louder) counts as voice
SILENCE = 127
SMOOTHING = 0.3  # weight of the newest packet: about three packets of 20 ms
START_AFTER = 0.2  # seconds of voice
STOP_AFTER = 0.8  # seconds without
PAUSE = 0.3  # between syllables; a longer one forgets the voice heard so far


class Voice:
    """One participant's microphone. Times are seconds of any steady clock."""

    __slots__ = ("_level", "_previous", "_voiced", "_voiced_at", "speaking")

    def __init__(self) -> None:
        self.speaking = False
        self._level = float(SILENCE)
        self._previous = float("-inf")
        self._voiced = 0.0
        self._voiced_at = float("-inf")

    def hear(self, level: int, now: float) -> None:
        """A packet arrived whose loudness was `-level` dBov (0 loudest, 127 silence)."""
        spell = min(now - self._previous, 0.06)  # what this packet stands for; after a gap, one packet's worth
        self._previous = now
        self._level += SMOOTHING * (min(level, SILENCE) - self._level)
        if self._level > VOICED:
            return
        self._voiced = self._voiced + spell if now - self._voiced_at <= PAUSE else spell
        self._voiced_at = now

    def decide(self, now: float) -> bool:
        """Whether they speak now; call it at least every 100 ms or so."""
        silent = now - self._voiced_at
        if self.speaking:
            self.speaking = silent < STOP_AFTER
        else:
            self.speaking = silent <= PAUSE and self._voiced >= START_AFTER
        return self.speaking

    def reset(self) -> None:
        """They were muted or left: nothing heard so far counts any more."""
        self.speaking = False
        self._level = float(SILENCE)
        self._voiced = 0.0
        self._voiced_at = float("-inf")
