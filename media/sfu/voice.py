"""Who is speaking, from the audio levels clients write into their packets (RFC 6464); nothing is decoded."""

from __future__ import annotations

from collections.abc import Mapping

VOICED = 50  # -dBov: at least this loud (smaller is louder) counts as voice
SILENCE = 127
SMOOTHING = 0.3  # weight of the newest packet: about three packets of 20 ms
START_AFTER = 0.2  # seconds of voice
STOP_AFTER = 0.8  # seconds without
PAUSE = 0.3  # between syllables; a longer one forgets the voice heard so far
TAKES_OVER = 0.8  # seconds somebody else speaks (alone, or clearly louder) before the floor is theirs
LOUDER = 10.0  # dB


class Voice:
    """One participant's microphone. Times are seconds of any steady clock."""

    __slots__ = ("_level", "_voiced", "_voiced_at", "heard_at", "speaking")

    def __init__(self) -> None:
        self.speaking = False
        self._level = float(SILENCE)
        self.heard_at = float("-inf")
        self._voiced = 0.0
        self._voiced_at = float("-inf")

    def hear(self, level: int, now: float) -> None:
        """A packet arrived whose loudness was `-level` dBov (0 loudest, 127 silence)."""
        spell = min(now - self.heard_at, 0.06)  # what this packet stands for; after a gap, one packet's worth
        self.heard_at = now
        self._level += SMOOTHING * (min(level, SILENCE) - self._level)
        if self._level > VOICED:
            return
        self._voiced = self._voiced + spell if now - self._voiced_at <= PAUSE else spell
        self._voiced_at = now

    @property
    def loudness(self) -> float:
        """dB above silence, smoothed."""
        return SILENCE - self._level

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


class Floor:
    """Whose the floor is in a room: one person at a time, kept through their pauses and past a short interruption."""

    __slots__ = ("_rival", "_rival_since", "speaker")

    def __init__(self) -> None:
        self.speaker = ""  # stays the last one when nobody speaks
        self._rival = ""
        self._rival_since = 0.0

    def decide(self, speaking: Mapping[str, float], now: float) -> str:
        """`speaking`: who speaks now, and how loud (dB)."""
        if not self.speaker:
            self.speaker = max(speaking, key=lambda name: speaking[name], default="")
        least = speaking[self.speaker] + LOUDER if self.speaker in speaking else 0.0
        others = {name: loud for name, loud in speaking.items() if name != self.speaker and loud >= least}
        rival = self._rival if self._rival in others else max(others, key=lambda name: others[name], default="")
        if rival != self._rival:
            self._rival, self._rival_since = rival, now
        if rival and now - self._rival_since >= TAKES_OVER:
            self.speaker, self._rival = rival, ""
        return self.speaker

    def leave(self, name: str) -> None:
        if self.speaker == name:
            self.speaker = ""
