"""The process that makes captions: `python -m recordings.captions.worker SOUND_FD MODEL THREADS`.

Sound comes in datagrams on SOUND_FD; whose, on standard input, as a line of JSON each time that changes: `{room, seats,
hot}`, seats being participant -> time.time() since which. Sound of anybody else, and from before, is thrown away
unheard. On standard output, a line each: `{heard: {room, participant, since, text, began, ended}}`, or `{fault}`, a
code of `recordings.speech` ("": it is over), or `{missed}`, a room. Ends with its input.

What cannot be heard in time is not heard, and its room is told so: of what waits the oldest goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from media import PacketRun
from recordings.captions import LARGEST, packets_of
from recordings.speech import LIVE, RATE, Samples, Sentence, SpeechError, SpeechProcess
from recordings.speech.worker import give_way

FRAME: Final = 512
"""Samples that are judged at once: 32 ms, as the voice detector was trained."""
PAUSE: Final = 0.5  # seconds of silence that end a sentence
SHORT_PAUSE: Final = 0.25  # once a sentence is long, this is enough
LONG: Final = 4.0  # seconds
LONGEST: Final = 8.0  # seconds after which it is cut where it is quietest
LOOKS_BACK: Final = 1.5  # seconds in which that is looked for
LEAST: Final = 0.2  # seconds of voice; less is a knock or a breath
BEFORE: Final = 0.3  # seconds kept from before the voice was noticed
LIKELY: Final = 0.5
CLOCK: Final = 48_000  # Opus's timestamps
LATE: Final = 2 * CLOCK  # what is further behind is another track
LONGEST_GAP: Final = CLOCK  # of silence that is filled in; beyond it the sentence is over

Voice = Callable[[Samples], float]
"""How likely it is that a frame holds voice, 0…1; it may remember the frames before."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody said without a pause. `began`, `ended`: time.time(); `sound`: 16 bits, one channel, at `RATE`."""

    began: float
    ended: float
    sound: bytes

    @property
    def seconds(self) -> float:
        return len(self.sound) / 2 / RATE


class Energy:
    """Speech told by loudness, where no detector is installed: louder than the room was when nobody spoke."""

    def __init__(self) -> None:
        self._calm = 1e-3

    def __call__(self, frame: Samples) -> float:
        level = float(np.sqrt(np.mean(np.square(frame)))) if len(frame) else 0.0
        # Down at once, up within some ten seconds: a fan is calm after a while, a sentence is not.
        self._calm = min(level, self._calm) if level < self._calm else self._calm * 1.002
        self._calm = max(self._calm, 1e-4)
        return 1.0 if level > max(0.006, 3.5 * self._calm) else 0.0


class Silero:
    """The detector that comes with faster-whisper (MIT). ImportError without it."""

    def __init__(self) -> None:
        from faster_whisper.vad import get_vad_model

        self._session: Any = get_vad_model().session
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(64, np.float32)

    def __call__(self, frame: Samples) -> float:
        given = np.concatenate([self._context, frame])[None, :]
        out, self._h, self._c = self._session.run(None, {"input": given, "h": self._h, "c": self._c})
        self._context = frame[-64:]
        return float(np.ravel(out)[-1])


def detector() -> Voice:
    """A new detector of speech; each microphone has one of its own."""
    try:
        return Silero()
    except Exception:  # not installed, or another edition of it: what is heard then is only cut less well
        return Energy()


class SentenceCutter:
    """Takes frames in order, gives utterances."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._before: deque[NDArray[np.int16]] = deque(maxlen=int(BEFORE * RATE / FRAME) + 1)
        self._frames: list[NDArray[np.int16]] = []
        self._began = 0.0
        self._likely: list[bool] = []  # of each frame
        self._silent = 0  # frames

    @property
    def speaking(self) -> bool:
        return bool(self._frames)

    def take(self, frame: NDArray[np.int16], at: float) -> Utterance | None:
        """`at`: when the frame began."""
        likely = self._voice(np.asarray(frame / np.float32(32768), np.float32)) >= LIKELY
        if not self._frames:
            if not likely:
                self._before.append(frame)
                return None
            self._began = at - len(self._before) * FRAME / RATE
            self._frames = [*self._before, frame]
            self._before.clear()
            self._likely, self._silent = [*[False] * (len(self._frames) - 1), True], 0
            return None
        self._frames.append(frame)
        self._likely.append(likely)
        self._silent = 0 if likely else self._silent + 1
        length, silence = len(self._frames) * FRAME / RATE, self._silent * FRAME / RATE
        if silence >= (SHORT_PAUSE if length > LONG else PAUSE):
            return self.finish()
        return self._first_part() if length >= LONGEST else None

    def _first_part(self) -> Utterance | None:
        """Of somebody who goes on speaking; no word is torn where there is a quiet moment between two."""
        looked = int(LOOKS_BACK * RATE / FRAME)
        loud = [float(np.mean(np.square(one.astype(np.float64)))) for one in self._frames[-looked:]]
        place = len(self._frames) - looked + int(np.argmin(loud)) + 1
        rest, likely, began = self._frames[place:], self._likely[place:], self._began + place * FRAME / RATE
        self._frames, self._likely = self._frames[:place], self._likely[:place]
        part = self.finish()
        self._frames, self._likely, self._began = rest, likely, began
        return part

    def finish(self) -> Utterance | None:
        """What was begun, however it ended; None where it was no voice."""
        frames, voiced, self._frames, self._likely = self._frames, sum(self._likely), [], []
        if not frames or voiced * FRAME / RATE < LEAST:
            return None
        sound = np.concatenate(frames)
        return Utterance(self._began, self._began + len(sound) / RATE, sound.tobytes())

    def forget(self) -> None:
        self._frames = []
        self._before.clear()


class Ear:
    """One microphone: RTP packets of Opus in, utterances out. Packets may be missing, doubled and late."""

    def __init__(self, voice: Voice) -> None:
        self.cutter = SentenceCutter(voice)
        self._open()
        self._next: int | None = None  # timestamp
        self._rest = np.zeros(0, np.int16)
        self.last = 0.0  # when something came

    def _open(self) -> None:
        import av

        self._decoder: Any = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate = CLOCK
        self._decoder.layout = "stereo"
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)

    def hear(self, runs: Iterable[PacketRun]) -> Iterator[Utterance]:
        for run in runs:
            self.last = run.at
            ahead = 0 if self._next is None else (run.timestamp - self._next) & 0xFFFFFFFF
            if (1 << 32) - ahead < LATE:
                continue  # late or doubled
            if ahead > LONGEST_GAP:  # a pause of the sender, or another track
                yield from self.end()
            elif ahead:
                yield from self._frames(np.zeros(ahead * RATE // CLOCK, np.int16), run.at - ahead / CLOCK)
            samples, lasts = self._decoded(run.payload)
            self._next = (run.timestamp + lasts) & 0xFFFFFFFF
            yield from self._frames(samples, run.at)

    def end(self) -> Iterator[Utterance]:
        """Nothing has come for a while."""
        self._rest, self._next = np.zeros(0, np.int16), None
        utterance = self.cutter.finish()
        if utterance is not None:
            yield utterance

    def forget(self) -> None:
        self.cutter.forget()
        self._rest, self._next = np.zeros(0, np.int16), None

    def _decoded(self, payload: bytes) -> tuple[NDArray[np.int16], int]:
        """And how long it lasts, by the sender's clock."""
        import av

        found: list[NDArray[np.int16]] = []
        lasts = 0
        with contextlib.suppress(av.FFmpegError):  # what is no Opus is silence
            for frame in self._decoder.decode(av.Packet(payload)):
                lasts += frame.samples
                frame.pts = None
                found += [np.ravel(part.to_ndarray()) for part in self._resampler.resample(frame)]
        return (np.concatenate(found).astype(np.int16) if found else np.zeros(0, np.int16)), max(lasts, 1)

    def _frames(self, samples: NDArray[np.int16], at: float) -> Iterator[Utterance]:
        begins = at - len(self._rest) / RATE
        whole = np.concatenate([self._rest, samples])
        for place in range(0, len(whole) - FRAME + 1, FRAME):
            utterance = self.cutter.take(whole[place : place + FRAME], begins + place / RATE)
            if utterance is not None:
                yield utterance
        self._rest = whole[len(whole) // FRAME * FRAME :]


MOST_WAITING: Final = 30.0  # seconds of sound that wait to be heard
TOO_LATE: Final = 12.0  # seconds after its end, nobody looks for a sentence any more
QUIET: Final = PAUSE + 0.2  # seconds without a packet that end a sentence: a muted microphone sends none
LOOK: Final = 0.1
AT_ONCE: Final = 64  # datagrams between two looks at anything else
PAUSE_AFTER_FAULT: Final = 5.0  # seconds before a model that did not load is tried again
MOST_TEXT: Final = 600


@dataclass(frozen=True, slots=True)
class Spoken:
    room: str
    participant: str
    since: float  # which stretch of being followed it belongs to
    utterance: Utterance


@dataclass(slots=True)
class Follow:
    ear: Ear
    since: float  # what came before is nobody's to hear, though it may arrive yet


class Captions:
    """Who is followed, what they said, what waits. `say` is told every line; `speech` hears."""

    def __init__(
        self, speech: SpeechProcess, say: Callable[[Any], None], voice: Callable[[], Voice] = detector
    ) -> None:
        self._speech, self._say, self._voice = speech, say, voice
        self._rooms: dict[str, dict[str, Follow]] = {}
        self._hot: dict[str, Sequence[str]] = {}
        self._waiting: deque[Spoken] = deque()
        self._stirred = asyncio.Event()
        self._fault: str | None = None  # nothing was tried yet
        self.packets = self.unheard = 0  # taken; of nobody who is followed
        self.dropped = 0  # sentences that would have been too late

    def follow(self, room: str, participants: Mapping[str, float], hot: Sequence[str]) -> None:
        """Participant -> since when. Another time is another stretch: what was begun in the old one is forgotten."""
        before = self._rooms.pop(room, {})
        followed = {
            one: before[one] if one in before and before[one].since == since else Follow(Ear(self._voice()), since)
            for one, since in participants.items()
        }
        if followed:
            self._rooms[room], self._hot[room] = followed, hot
        else:
            self._hot.pop(room, None)
        self._waiting = deque(one for one in self._waiting if self._follows(one))

    def _follows(self, one: Spoken) -> bool:
        """Still, and all the time since it was said."""
        follow = self._rooms.get(one.room, {}).get(one.participant)
        return follow is not None and follow.since == one.since

    def take(self, datagram: bytes) -> None:
        try:
            room, participant, runs = packets_of(datagram)
        except ValueError:
            return
        self._hear(room, participant, runs)

    def _hear(self, room: str, participant: str, runs: Sequence[PacketRun]) -> None:
        follow = self._rooms.get(room, {}).get(participant)
        if follow is None:
            self.unheard += len(runs)
            return
        self.packets += len(runs)
        self._put(room, participant, follow, follow.ear.hear(run for run in runs if run.at >= follow.since))

    def look(self, now: float) -> None:
        """End what has gone quiet without saying so."""
        for room, people in self._rooms.items():
            for participant, follow in people.items():
                if follow.ear.cutter.speaking and now - follow.ear.last > QUIET:
                    self._put(room, participant, follow, follow.ear.end())

    def _put(self, room: str, participant: str, follow: Follow, utterances: Iterable[Utterance]) -> None:
        for utterance in utterances:
            self._waiting.append(Spoken(room, participant, follow.since, utterance))
            while sum(one.utterance.seconds for one in self._waiting) > MOST_WAITING and len(self._waiting) > 1:
                self._drop(self._waiting.popleft())
            self._stirred.set()

    async def run(self) -> None:
        """Hear what waits, one after another, until cancelled. The model is loaded before anybody speaks."""
        await self._guarded(self._speech.model())
        while True:
            while not self._waiting:
                self._stirred.clear()
                await self._stirred.wait()
            spoken = self._waiting.popleft()
            if time.time() - spoken.utterance.ended > TOO_LATE:
                self._drop(spoken)
                continue
            hot = self._hot.get(spoken.room, ())
            heard = await self._guarded(self._speech.transcribe(spoken.utterance.sound, hot))
            if heard and self._follows(spoken):
                self._say({"heard": _line(spoken, heard)})

    def _drop(self, spoken: Spoken) -> None:
        self.dropped += 1
        if not self._fault and self._follows(spoken):
            self._say({"missed": spoken.room})

    async def _guarded(self, doing: Any) -> Any:
        try:
            answer = await doing
        except SpeechError as fault:
            self._tell(fault.code)
            if fault.code != "speech_gone":  # a process that was killed is another one by the next sentence
                await asyncio.sleep(PAUSE_AFTER_FAULT)
            return None
        self._tell("")
        return answer

    def _tell(self, fault: str) -> None:
        if fault != self._fault:
            self._fault = fault
            self._say({"fault": fault})


def _line(spoken: Spoken, heard: Sequence[Sentence]) -> dict[str, Any]:
    utterance = spoken.utterance
    return {
        "room": spoken.room,
        "participant": spoken.participant,
        "since": spoken.since,
        "text": _joined([one.text for one in heard])[:MOST_TEXT],
        "began": utterance.began,
        "ended": utterance.ended,
    }


def _joined(texts: Sequence[str]) -> str:
    """Of Chinese a comma joins; of what is written in Latin letters a space."""
    text = ""
    for one in filter(None, (part.strip() for part in texts)):
        if text and text[-1].isascii() and one[0].isascii():
            text += " "
        elif text and text[-1] not in "，。？！；：、,.?!;:":
            text += "，"
        text += one
    return text


async def serve(sound: socket.socket, folder: Path, threads: int) -> None:
    loop = asyncio.get_running_loop()

    def say(line: Any) -> None:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    speech = SpeechProcess(folder, threads, niceness=LIVE)
    captions = Captions(speech, say)
    sound.setblocking(False)

    def readable() -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(AT_ONCE):
                captions.take(sound.recv(LARGEST))

    loop.add_reader(sound, readable)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    tasks = [loop.create_task(captions.run()), loop.create_task(_look(captions))]
    try:
        while order := await orders.readline():
            asked = json.loads(order)
            captions.follow(asked["room"], asked["seats"], asked["hot"])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await speech.close()


async def _look(captions: Captions) -> None:
    while True:
        await asyncio.sleep(LOOK)
        captions.look(time.time())


def main(fd: str, folder: str, threads: str) -> None:
    give_way(LIVE)
    asyncio.run(serve(socket.socket(fileno=int(fd)), Path(folder), int(threads)))


if __name__ == "__main__":
    main(*sys.argv[1:])
