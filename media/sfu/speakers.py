"""Who speaks in a room, from the audio levels in the clients' packets (RFC 6464); nothing is decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

from media.engine import MediaEvent, Speaking

VOICE_THRESHOLD = 50  # -dBov (smaller is louder): at least this loud is voice
SILENCE = 127
SMOOTHING = 0.3  # weight of the newest packet: an average of about three packets of 20 ms
START_AFTER = 0.2  # seconds of voice
STOP_AFTER = 0.8  # seconds without voice
PAUSE = 0.3  # seconds between syllables; a longer one resets START_AFTER
TAKEOVER_AFTER = 0.8  # seconds somebody else speaks, alone or clearly louder, before they have the floor
TAKEOVER_LOUDER = 10.0  # dB


class VoiceDetector:
    """Detects voice on one participant's microphone. Times are seconds of any clock."""

    __slots__ = ("_level", "_voiced_at", "_voiced_for", "last_packet_at", "speaking")

    def __init__(self) -> None:
        self.speaking = False
        self._level = float(SILENCE)
        self.last_packet_at = float("-inf")
        self._voiced_for = 0.0
        self._voiced_at = float("-inf")

    def on_level(self, level: int, now: float) -> None:
        """Note a packet with an audio level of -`level` dBov (RFC 6464: 0 is loudest, 127 silence)."""
        spell = min(now - self.last_packet_at, 0.06)  # what this packet stands for; after a gap, one packet
        self.last_packet_at = now
        self._level += SMOOTHING * (min(level, SILENCE) - self._level)
        if self._level > VOICE_THRESHOLD:
            return
        self._voiced_for = self._voiced_for + spell if now - self._voiced_at <= PAUSE else spell
        self._voiced_at = now

    @property
    def loudness(self) -> float:
        """Smoothed dB above silence."""
        return SILENCE - self._level

    def update(self, now: float) -> bool:
        """Decide whether they speak, and return `speaking`. Call it about every 100 ms."""
        silent = now - self._voiced_at
        if self.speaking:
            self.speaking = silent < STOP_AFTER
        else:
            self.speaking = silent <= PAUSE and self._voiced_for >= START_AFTER
        return self.speaking

    def reset(self) -> None:
        """Forget everything heard: they were muted or left."""
        self.speaking = False
        self._level = float(SILENCE)
        self._voiced_for = 0.0
        self._voiced_at = float("-inf")


class DominantSpeaker:
    """Decides who has the floor: one participant at a time, who keeps it through pauses and short interruptions."""

    __slots__ = ("_challenged_at", "_challenger", "speaker")

    def __init__(self) -> None:
        self.speaker = ""  # the last one while nobody speaks
        self._challenger = ""
        self._challenged_at = 0.0

    def update(self, speaking: Mapping[str, float], now: float) -> str:
        """Update and return the speaker. `speaking`: who speaks now, and how loud (dB)."""
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
    """Tells who of a room speaks, and who has the floor. A participant whom nobody can hear does not speak."""

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
