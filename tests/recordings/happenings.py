"""What may happen to a participant's packets on their way into a recording.

And a recorder that is played it in simulated time, whoever writes it down.
"""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from hypothesis import strategies as st

from media import RUN_HEADER, PacketRun, parse_runs
from media.engine import Segment, Source
from media.sfu import codecs
from media.sfu.rtp import BUFFER_SIZE, FrameAssembler
from recordings.files.encrypted_file import HEADER
from recordings.recorder import ParticipantRecorder
from recordings.writer import Writer
from tests.recordings.keyring import AnyKey, plain
from tests.recordings.studio import ORIGIN

STEP = 0.1
RATES: dict[Source, int] = {"mic": 48_000, "camera": 90_000, "screen": 90_000}
Fate = Literal["arrives", "is lost", "comes late", "comes twice"]
FATE: tuple[Fate, ...] = get_args(Fate)
Way = Literal[
    "one by one", "collected", "gathered"
]  # how packets come: the last two as from the ways in, in C and Python
WAYS: tuple[Way, ...] = get_args(Way)


@dataclass(frozen=True)
class Picture:
    source: Source = "camera"
    parts: int = 3
    key: bool = False
    wide: int = 320
    tl0: bool = True
    fates: tuple[Fate, ...] = ("arrives",)
    damage: bytes | None = None
    ended: bool = True
    heavy: bool = False
    layer: int = 0  # of time: nothing refers to those above the lowest


@dataclass(frozen=True)
class Sound:
    count: int = 1
    payload: bytes = b"\x78sound"
    fates: tuple[Fate, ...] = ("arrives",)


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class Restart:
    source: Source


@dataclass(frozen=True)
class Report:
    source: Source
    ahead: float


@dataclass(frozen=True)
class Jump:
    """Of a numbering."""

    source: Source
    sequence: int
    timestamp: int


@dataclass(frozen=True)
class Overflow:
    """So many packets of a source are thrown away before they are read."""

    source: Source
    count: int


Happening = Picture | Sound | Wait | Restart | Report | Jump | Overflow

SOURCES = st.sampled_from(("mic", "camera", "screen"))
FATES = st.lists(
    st.sampled_from(("arrives",) * 12 + ("is lost", "comes late", "comes twice")), min_size=1, max_size=7
).map(tuple)
SELDOM = st.sampled_from((False,) * 5 + (True,))
SHIFTS = st.sampled_from((0, 960, -960, 90_000, 300_000, -300_000, 1 << 31))
HAPPENINGS = st.one_of(
    st.builds(
        Picture, st.sampled_from(("camera", "camera", "screen")), st.integers(1, 6), SELDOM,
        st.sampled_from((320, 320, 320, 640)), st.booleans(), FATES,
        st.one_of(st.none(), st.none(), st.none(), st.binary(max_size=8)), SELDOM.map(lambda it: not it), SELDOM,
    ),
    st.builds(Sound, st.integers(1, 12), st.binary(min_size=1, max_size=40), FATES),
    st.builds(Wait, st.sampled_from((0.02, 0.04, 0.1, 0.1, 0.3, 0.7, 1.1, 2.2, 4.0, 11.0))),
    st.builds(Restart, SOURCES),
    st.builds(Report, SOURCES, st.sampled_from((0.0, 0.0, 0.01, -0.4, 2.0, 7.0, -2e8))),
    st.builds(Jump, SOURCES, st.integers(-2000, 2000), SHIFTS),
    st.builds(Overflow, SOURCES, st.integers(1, 5)),
)  # fmt: skip


def talk(seconds: float) -> list[Happening]:
    """An ordinary stretch, so that what happens has something to happen to."""
    return [happening for _ in range(round(seconds * 25)) for happening in (Picture(), Sound(2), Wait(0.04))]


@dataclass
class Speaker:
    """Numbers what a publisher sends, from shortly before their ends on."""

    sequences: dict[Source, int] = field(default_factory=lambda: {"mic": 65_530, "camera": 65_500, "screen": 3})
    shifts: dict[Source, int] = field(default_factory=lambda: {"mic": (1 << 32) - 5000, "camera": 7, "screen": 1 << 31})
    picture: int = 32_760
    tl0: int = 250

    def timestamp(self, source: Source, at: float) -> int:
        return round(at * RATES[source]) + self.shifts[source] & 0xFFFF_FFFF

    def number(self, source: Source) -> int:
        sequence = self.sequences[source] & 0xFFFF
        self.sequences[source] += 1
        return sequence

    def frame(self, picture: Picture) -> Iterator[bytes]:
        """Payloads."""
        self.picture = self.picture + 1 & 0x7FFF
        self.tl0 = self.tl0 + (picture.layer == 0) & 0xFF
        name = struct.pack("!BH", 0x80 | (0x60 if picture.tl0 else 0), 0x8000 | self.picture)
        name += bytes((self.tl0, picture.layer << 6)) if picture.tl0 else b""
        for part in range(picture.parts):
            head = bytes((0x90 if part == 0 else 0x80,)) + name
            if picture.damage is not None and part == picture.parts - 1:
                head = picture.damage
            key = struct.pack("<3s3sHH", b"\x10\x02\x00", b"\x9d\x01\x2a", picture.wide, 240)
            start = key if picture.key else b"\x31"
            yield head + (start if part == 0 else b"") + bytes((part,)) * (7000 if picture.heavy else 20 + part)


@dataclass
class Room:
    """A participant's recorder that is played a script in simulated time, and all that came of it."""

    folder: Path
    writer: Writer | None
    way: Way
    said: list[Any] = field(default_factory=list)
    company: Company | None = None
    step: float = STEP  # seconds between passes

    async def play(self, script: list[Happening], sm3: bool = False) -> None:
        told: list[Any] = self.said
        speaker, at, due = Speaker(), 0.0, 0.0
        self.recorder = recorder = ParticipantRecorder(
            self.folder, "s1", "seat", told.append, told.append, lambda: None, 5.0, AnyKey(), sm3, self.writer,
            lambda: ORIGIN + at,
        )  # fmt: skip
        self._at = ORIGIN
        self._gathers: dict[Source, FrameAssembler] = {source: FrameAssembler(lambda: self._at) for source in RATES}
        self._stamps: dict[Source, int] = {}
        late: list[tuple[float, Source, int, int, bool, bytes]] = []

        def send(source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, fate: Fate) -> None:
            if fate in ("arrives", "comes twice"):
                for _ in range(1 + (fate == "comes twice")):
                    self._give(source, sequence, timestamp, marker, payload, ORIGIN + at)
            elif fate == "comes late":
                late.append((at + 0.25, source, sequence, timestamp, marker, payload))

        for happening in script:
            while late and late[0][0] <= at:
                _, source, sequence, timestamp, marker, payload = late.pop(0)
                self._give(source, sequence, timestamp, marker, payload, ORIGIN + at)
            match happening:
                case Picture(source=source, fates=fates, ended=ended, parts=parts):
                    stamp = speaker.timestamp(source, at)
                    if self.way == "collected" and set(fates) == {"arrives"} and happening.damage is None:
                        first, *rest = speaker.frame(happening)
                        behind = 6 if happening.tl0 else 4  # the descriptor
                        whole, sequence = b"".join([first, *(part[behind:] for part in rest)]), speaker.number(source)
                        speaker.sequences[source] += parts - 1
                        run = RUN_HEADER.pack(ORIGIN + at, stamp, len(whole), sequence, parts, ended) + whole
                        recorder.batch(source, Collected(run, parts))
                        continue
                    for part, payload in enumerate(speaker.frame(happening)):
                        marker = ended and part == parts - 1
                        send(source, speaker.number(source), stamp, marker, payload, fates[part % len(fates)])
                case Sound(count, payload, fates):
                    for number in range(count):
                        stamp = speaker.timestamp("mic", at + number / 50)
                        send("mic", speaker.number("mic"), stamp, True, payload, fates[number % len(fates)])
                case Wait(seconds):
                    at += seconds
                    while due <= at:
                        self._hand_over()
                        if self.company is not None:
                            await self.company.meet(recorder, 100.0 + due, ORIGIN + due)
                        recorder.work(100.0 + due, ORIGIN + due)
                        await asyncio.sleep(0)
                        due += self.step
                case Restart(source):
                    self._hand_over(everything=True)
                    recorder.restart(source)
                    speaker.sequences[source] += 1000
                case Report(source, ahead):
                    self._hand_over()
                    ntp = int((ORIGIN + at + ahead + 2_208_988_800) * (1 << 32))
                    recorder.report(source, ntp, speaker.timestamp(source, at))
                case Jump(source, sequence, timestamp):
                    speaker.sequences[source] += sequence
                    speaker.shifts[source] += timestamp
                case Overflow(source, count):
                    recorder.tallies[source].queue += count
                    recorder.dropped += count
        self._hand_over(everything=True)
        recorder.close("closed")
        assert recorder.work(100.0 + at + self.step, ORIGIN + at + self.step)
        await asyncio.sleep(0)

    def _give(self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float) -> None:
        if self.way == "collected":
            run = RUN_HEADER.pack(at, timestamp, len(payload), sequence, 1, marker) + payload
            self.recorder.batch(source, Collected(run, 1))
        elif self.way == "gathered":
            self._gather(source, sequence, timestamp, marker, payload, at)
        else:
            self.recorder.packet(source, sequence, timestamp, marker, payload, at)

    def _gather(self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float) -> None:
        self._at = at
        gathering = self._gathers[source]
        begins, self._stamps[source] = timestamp != self._stamps.get(source), timestamp
        size = 12 + len(payload)
        mem = memoryview(bytes(12) + payload + bytes(BUFFER_SIZE))
        if source == "mic":
            full = gathering.add_audio(mem, 12, size, 0x80, marker << 7, sequence, timestamp)
        else:
            skip = codecs.read_picture_numbers(codecs.PictureIds(), mem, 12, size) if begins else 0
            full = gathering.add_video(mem, 12, size, 0x80, marker << 7, sequence, timestamp, skip)
        if full:
            self._hand_over()

    def _hand_over(self, everything: bool = False) -> None:
        for source, gathering in self._gathers.items():
            batch = gathering.take_batch(everything)
            if batch.packets:
                self.recorder.batch(source, batch)

    def result(self) -> tuple[Any, ...]:
        """What was said, in order, what the files hold and where their records end, and what became of the packets."""
        files = {}
        for segment in self.segments:
            path = self.folder / segment.path
            stored = path.read_bytes()
            assert len(stored) == segment.stored_size
            with plain(path) as opened:
                text = opened.read()
            assert (hashlib.sha256(text).hexdigest(), len(text)) == (segment.sha256, segment.size)
            files[segment.path] = text, list(lengths(stored))
        names = sorted(path.name for path in self.folder.rglob("*.webm*"))
        return (
            self.said,
            files,
            names,
            {source: tally.seen for source, tally in self.recorder.tallies.items()},
            self.recorder.taken,
        )

    @property
    def asked(self) -> list[str]:
        """Key frames."""
        return [each for each in self.said if isinstance(each, str)]

    @property
    def segments(self) -> list[Segment]:
        return [each for each in self.said if isinstance(each, Segment)]


class Company:
    """So many participants whose passes are one, as a `Recorder`'s are: their scripts last equally long."""

    def __init__(self, writer: Writer, size: int) -> None:
        self._writer, self._size = writer, size
        self._here: list[ParticipantRecorder] = []
        self._done = asyncio.Event()

    async def meet(self, recorder: ParticipantRecorder, now: float, wall: float) -> None:
        done = self._done
        recorder.collect(now)
        self._here.append(recorder)
        if len(self._here) < self._size:
            await done.wait()
            return
        self._writer.work([each.track_writer for each in self._here], wall)
        self._here, self._done = [], asyncio.Event()
        done.set()


def length(script: list[Happening]) -> float:
    """Seconds."""
    return sum(happening.seconds for happening in script if isinstance(happening, Wait))


class Collected:
    """A batch; when it is given back, the next packets come to lie where it lay."""

    def __init__(self, data: bytes, packets: int) -> None:
        self._lies = bytearray(data)
        self.packets, self.size = packets, len(data)
        self.address = ctypes.addressof((ctypes.c_char * len(data)).from_buffer(self._lies))

    def runs(self) -> Iterator[PacketRun]:
        return parse_runs(bytes(self._lies))

    def release(self) -> None:
        self._lies[:] = b"\xee" * self.size


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.webm*")}


def lengths(stored: bytes) -> Iterator[int]:
    at = HEADER
    while at < len(stored):
        size = int.from_bytes(stored[at : at + 3], "big")
        yield size
        at += 4 + size
