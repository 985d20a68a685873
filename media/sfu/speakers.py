"""Who speaks in a room, and whose microphones stand in one room, from the audio levels in the clients' packets (RFC
6464); nothing is decoded.

Two microphones at one table rise and fall together. What comes back out of a loudspeaker does so a few tenths of a
second later, and is another fault: one's own browser takes it away, or does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import combinations
from operator import mul
from typing import Final

from media.engine import Echo, MediaEvent, Speaking

VOICE_THRESHOLD = 50  # -dBov (smaller is louder): at least this loud is voice
SILENCE = 127
SMOOTHING = 0.3  # weight of the newest packet: an average of about three packets of 20 ms
START_AFTER = 0.2  # seconds of voice
STOP_AFTER = 0.8  # seconds without voice
PAUSE = 0.3  # seconds between syllables; a longer one resets START_AFTER
TAKEOVER_AFTER = 0.8  # seconds somebody else speaks, alone or clearly louder, before they have the floor
TAKEOVER_LOUDER = 10.0  # dB

FRAME: Final = 0.04  # seconds: two packets
WINDOW: Final = 120  # frames
FLOOR: Final = 70  # -dBov: a room without voices
VOICED: Final = 10.0  # dB above it: something to compare
LEAST_VOICED: Final = 30  # frames of the window
LEAST_SPREAD: Final = 3.0  # dB, standard deviation: what does not rise and fall is no voice
HELD: Final = 3  # frames: packets of 60 ms and a lost one leave no hole
REACH: Final = 10  # frames that one may be late
BESIDE: Final = 4  # frames that the network alone makes one late
ALIKE, UNLIKE = 0.75, 0.5  # correlation
REGULAR: Final = 0.9  # a beep repeats itself like this, a voice never
TIMES: Final = 3  # windows before it counts, and before it no longer does
COMPARE_INTERVAL: Final = 0.5  # seconds between two pairs
AGAIN_AFTER: Final = 2.0  # seconds between two windows of a pair
CLOSE: Final = 2.0  # dB: as good as equally loud


class Envelope:
    """How loud a microphone was in each of the last frames, in dB above FLOOR."""

    __slots__ = ("_frames", "_last")

    def __init__(self) -> None:
        self._frames: deque[float] = deque(maxlen=WINDOW)
        self._last = 0

    def note(self, level: int, now: float) -> None:
        """Note a packet of -`level` dBov."""
        at, loud = int(now / FRAME), float(max(0, FLOOR - level))
        missing = at - self._last if self._frames else 1
        if not missing:
            self._frames[-1] = max(self._frames[-1], loud)
            return
        if missing > 1:
            self._frames.extend([loud if missing <= HELD else 0.0] * min(missing - 1, WINDOW))
        self._frames.append(loud)
        self._last = at

    def until(self, at: int) -> list[float]:
        """Return the window before frame `at`, silent where nothing came; nothing before there is as much.

        That somebody begins to be heard is no voice: two who come from a private talk begin at once.
        """
        late = max(0, at - 1 - self._last)
        frames = [*self._frames, *([0.0] * min(late, WINDOW))][-WINDOW:] if self._frames else []
        return frames if len(frames) == WINDOW else []

    def clear(self) -> None:
        self._frames.clear()


class VoiceDetector:
    """Detects voice on one participant's microphone. Times are seconds of any clock."""

    __slots__ = ("_level", "_voiced_at", "_voiced_for", "envelope", "last_packet_at", "speaking")

    def __init__(self) -> None:
        self.speaking = False
        self.envelope = Envelope()
        self._level = float(SILENCE)
        self.last_packet_at = float("-inf")
        self._voiced_for = 0.0
        self._voiced_at = float("-inf")

    def on_level(self, level: int, now: float) -> None:
        """Note a packet with an audio level of -`level` dBov (RFC 6464: 0 is loudest, 127 silence)."""
        spell = min(now - self.last_packet_at, 0.06)  # what this packet stands for; after a gap, one packet
        self.last_packet_at = now
        self.envelope.note(level, now)
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
        self.envelope.clear()
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


# ------------------------------------------------------------ two microphones in one room


def compare(one: Sequence[float], other: Sequence[float]) -> tuple[float, int]:
    """Return how alike two windows are at best, -1 to 1, and by how many frames the other is later then."""
    first, second = _centred(one), _centred(other)
    middle = first[REACH : WINDOW - REACH]
    return max(
        (_correlation(middle, second[REACH + late : WINDOW - REACH + late]), late) for late in range(-REACH, REACH + 1)
    )


def is_voice(frames: Sequence[float]) -> bool:
    """False for what stays as loud as it is, and for what repeats itself within two seconds: signals of machines."""
    centred = _centred(frames)
    if sum(map(mul, centred, centred)) < LEAST_SPREAD**2 * WINDOW:
        return False
    lags = range(REACH, round(2.0 / FRAME) + 1)
    return all(_correlation(centred[late:], centred[: WINDOW - late]) < REGULAR for late in lags)


def _centred(frames: Sequence[float]) -> list[float]:
    mean = sum(frames) / len(frames)
    return [frame - mean for frame in frames]


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    size = sum(map(mul, one, one)) * sum(map(mul, other, other))
    return float(sum(map(mul, one, other)) / size**0.5) if size > 0 else 0.0


Pair = tuple[str, str]


class EchoDetector:
    """Tells which two participants' microphones stand in one room. Compares one pair at a time, and only those who
    hear each other anyway: of whoever talks apart nothing is told to others."""

    def __init__(self, room: str, emit: Callable[[MediaEvent], None]) -> None:
        self._room = room
        self._emit = emit
        self._alike: dict[Pair, int] = {}  # windows that were alike, up to TIMES
        self._told: dict[Pair, Echo] = {}
        self._compared_at: dict[Pair, float] = {}
        self._updated_at = float("-inf")

    def update(self, voices: Mapping[str, VoiceDetector], hears: Callable[[str, str], bool], now: float) -> None:
        """Compare who is due. `voices`: of everybody who publishes. `hears`: whether the first may hear the second."""

        def together(pair: Pair) -> bool:
            return pair[0] in voices and pair[1] in voices and hears(*pair) and hears(pair[1], pair[0])

        for pair in [pair for pair in self._told if not together(pair)]:
            self._forget(pair)  # at once
        if now - self._updated_at < COMPARE_INTERVAL:
            return
        self._updated_at = now
        pairs = [pair for pair in combinations(sorted(voices), 2) if together(pair)]
        for pair in self._compared_at.keys() - set(pairs):
            self._forget(pair)
        due = min(pairs, key=self._last, default=None)
        if due is not None and now - self._last(due) >= AGAIN_AFTER:
            self._compared_at[due] = now
            self._compare(due, voices[due[0]], voices[due[1]], int(now / FRAME))

    def _last(self, pair: Pair) -> float:
        return self._compared_at.get(pair, float("-inf"))

    def _compare(self, pair: Pair, one: VoiceDetector, other: VoiceDetector, at: int) -> None:
        windows = one.envelope.until(at), other.envelope.until(at)
        if not all(windows):
            return
        voiced = [sum(loud >= VOICED for loud in window) >= LEAST_VOICED for window in windows]
        if not any(voiced):
            return
        likeness, late = compare(*windows) if all(voiced) else (0.0, 0)
        if likeness >= ALIKE and abs(late) <= BESIDE and all(is_voice(window) for window in windows):
            self._alike[pair] = min(TIMES, self._alike.get(pair, 0) + 1)
            if self._alike[pair] == TIMES and pair not in self._told:
                louder = (sum(windows[0]) - sum(windows[1])) / WINDOW
                second = late >= 0 if abs(louder) < CLOSE else louder > 0
                self._tell(pair, Echo(self._room, pair[second], pair[not second], True))
        elif likeness <= UNLIKE or abs(late) > BESIDE:
            self._alike[pair] = max(0, self._alike.get(pair, 0) - 1)
            if not self._alike[pair] and pair in self._told:
                self._end(pair)

    def _tell(self, pair: Pair, echo: Echo) -> None:
        self._told[pair] = echo
        self._emit(echo)

    def _end(self, pair: Pair) -> None:
        if (told := self._told.pop(pair, None)) is not None:
            self._emit(Echo(self._room, told.participant, told.of, False))

    def _forget(self, pair: Pair) -> None:
        self._end(pair)
        self._alike.pop(pair, None)
        self._compared_at.pop(pair, None)
