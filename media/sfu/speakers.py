"""Who is speaking, from the audio levels clients write into their packets (RFC 6464); nothing is decoded.

Who speaks in a room and whose the floor is; whom nobody can hear does not speak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

from media.engine import MediaEvent, Speaking

VOICE_THRESHOLD = 50  # -dBov: at least this loud (smaller is louder) counts as voice
SILENCE = 127
SMOOTHING = 0.3  # weight of the newest packet: about three packets of 20 ms
START_AFTER = 0.2  # seconds of voice
STOP_AFTER = 0.8  # seconds without
PAUSE = 0.3  # between syllables; a longer one forgets the voice heard so far
TAKEOVER_AFTER = 0.8  # seconds somebody else speaks (alone, or clearly louder) before the floor is theirs
TAKEOVER_LOUDER = 10.0  # dB


class VoiceDetector:
    """One participant's microphone. Times are seconds of any steady clock."""

    __slots__ = ("_level", "_voiced_at", "_voiced_for", "last_packet_at", "speaking")

    def __init__(self) -> None:
        self.speaking = False
        self._level = float(SILENCE)
        self.last_packet_at = float("-inf")
        self._voiced_for = 0.0
        self._voiced_at = float("-inf")

    def on_level(self, level: int, now: float) -> None:
        """A packet arrived whose loudness was `-level` dBov (0 loudest, 127 silence)."""
        spell = min(now - self.last_packet_at, 0.06)  # what this packet stands for; after a gap, one packet's worth
        self.last_packet_at = now
        self._level += SMOOTHING * (min(level, SILENCE) - self._level)
        if self._level > VOICE_THRESHOLD:
            return
        self._voiced_for = self._voiced_for + spell if now - self._voiced_at <= PAUSE else spell
        self._voiced_at = now

    @property
    def loudness(self) -> float:
        """dB above silence, smoothed."""
        return SILENCE - self._level

    def update(self, now: float) -> bool:
        """Whether they speak now; call it at least every 100 ms or so."""
        silent = now - self._voiced_at
        if self.speaking:
            self.speaking = silent < STOP_AFTER
        else:
            self.speaking = silent <= PAUSE and self._voiced_for >= START_AFTER
        return self.speaking

    def reset(self) -> None:
        """They were muted or left: nothing heard so far counts any more."""
        self.speaking = False
        self._level = float(SILENCE)
        self._voiced_for = 0.0
        self._voiced_at = float("-inf")


class DominantSpeaker:
    """Whose the floor is in a room: one person at a time, kept through their pauses and past a short interruption."""

    __slots__ = ("_challenged_at", "_challenger", "speaker")

    def __init__(self) -> None:
        self.speaker = ""  # stays the last one when nobody speaks
        self._challenger = ""
        self._challenged_at = 0.0

    def update(self, speaking: Mapping[str, float], now: float) -> str:
        """`speaking`: who speaks now, and how loud (dB)."""
        if not self.speaker:
            self.speaker = max(speaking, key=lambda name: speaking[name], default="")
        least = speaking[self.speaker] + TAKEOVER_LOUDER if self.speaker in speaking else 0.0
        others = {name: loud for name, loud in speaking.items() if name != self.speaker and loud >= least}
        rival = (
            self._challenger if self._challenger in others else max(others, key=lambda name: others[name], default="")
        )
        if rival != self._challenger:
            self._challenger, self._challenged_at = rival, now
        if rival and now - self._challenged_at >= TAKEOVER_AFTER:
            self.speaker, self._challenger = rival, ""
        return self.speaker

    def remove(self, name: str) -> None:
        if self.speaker == name:
            self.speaker = ""


class ActiveSpeakerDetector:
    """Tells who of a room speaks, and whose the floor is. A person whom nobody can hear does not speak."""

    def __init__(self, room: str, emit: Callable[[MediaEvent], None]) -> None:
        self._room = room
        self._emit = emit
        self._dominant = DominantSpeaker()

    @property
    def speaker(self) -> str:
        """The participant who speaks, or spoke last; "" before anybody did."""
        return self._dominant.speaker

    def update(self, voices: Iterable[tuple[str, VoiceDetector]], audible: Set[str], now: float) -> None:
        """Decide who speaks. Call it at least every 100 ms with the voice of every participant who publishes."""
        speaking: dict[str, float] = {}
        for name, voice in voices:
            if name not in audible:
                self.silence(name, voice)
                continue
            before = voice.speaking
            if voice.update(now) != before:
                self._emit(Speaking(self._room, name, not before))
            if voice.speaking:
                speaking[name] = voice.loudness
        self._dominant.update(speaking, now)

    def silence(self, name: str, voice: VoiceDetector | None) -> None:
        """Forget what was heard of a participant who was muted or left."""
        self._dominant.remove(name)
        if voice is not None:
            if voice.speaking:
                self._emit(Speaking(self._room, name, False))
            voice.reset()
