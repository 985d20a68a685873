"""The process that makes captions: `python -m recordings.captions.worker SOUND_FD MODEL THREADS`.

Sound comes in datagrams on SOUND_FD; whose, on standard input, as a line of JSON each time that changes: `{room, seats,
hot}`, seats being participant -> time.time() since which. Sound of anybody else, and from before, is thrown away
unheard. On standard output, a line each: `{heard: {room, participant, since, text, began, ended}}`, or `{fault}`, a
code of `recordings.speech` ("": it is over). Ends with its input.

What cannot be heard in time is not heard: of what waits the oldest goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from media.tap import PacketRun
from recordings.captions import LARGEST, packets_of
from recordings.captions.sentences import PAUSE, Ear, Utterance, Voice, detector
from recordings.speech import Sentence, SpeechError
from recordings.speech.process import SpeechProcess
from recordings.speech.worker import come_last

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
                self._waiting.popleft()
                self.dropped += 1
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
                self.dropped += 1
                continue
            hot = self._hot.get(spoken.room, ())
            heard = await self._guarded(self._speech.transcribe(spoken.utterance.sound, hot))
            if heard and self._follows(spoken):
                self._say({"heard": _line(spoken, heard)})

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

    speech = SpeechProcess(folder, threads)
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
    come_last()
    asyncio.run(serve(socket.socket(fileno=int(fd)), Path(folder), int(threads)))


if __name__ == "__main__":
    main(*sys.argv[1:])
