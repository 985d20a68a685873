"""Lines out of the files of a session: each track by itself, piece by piece, each sentence at its time.

A piece is sound of one track from one quiet moment to another, so that no word is cut: both pieces beside an edge look
at the same sound and find the same moment. What may not be transcribed is silence before any engine hears it.
What a piece gave is kept sealed, as pieces of a film are: who comes after a killed process goes on where it was.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, BinaryIO, Final

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from recordings import CompositionError
from recordings.composing import Clip, Span, pieces
from recordings.composing.encoder import Files, OnProgress
from recordings.composing.pieces import Pieces, WorkStep
from recordings.files.encrypted_file import StoredDigest
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.speech import RATE, ModelIdentity, Sentence, SpeechProcess, Word, as_written
from recordings.transcripts import (
    PIECE_SECONDS,
    HeardPiece,
    HearingPlan,
    Line,
    Transcript,
    heard_pieces,
    plan_to_json,
    to_json,
)

WORK_PREFIX: Final = ".transcribing-"
FORM: Final = "2"  # changed with everything that changes what a piece gives
REACH: Final = 10.0  # seconds to either side of an edge in which a quiet moment is looked for
JOINED: Final = 0.04  # seconds that sound may come late or early without standing apart
PAUSE: Final = 0.8  # seconds without a word that part two lines
SHORT: Final = 2.0  # seconds: a line is not cut before it is as long
MOVED: Final = 0.5  # seconds that a line is made longer by at most, where its sound goes on
_AUDIBLE: Final = 0.06  # of the loudest of a line: below it a voice is not heard any more
LOUD_ENOUGH: Final = 10  # of 32767: below it nothing was recorded but silence
_STOPS: Final = ("。", "？", "！", "?", "!")
_HOP, _QUIET = RATE // 50, 20  # of the search for quiet: 20 ms, 0.4 s together

Sound = NDArray[np.int16]


def sound_between(clips: Iterable[Clip], files: Files, begins: float, ends: float, spans: Iterable[Span]) -> Sound:
    """16 kHz, one channel, from one second of the plan to another; silence where nothing was recorded, or outside of
    `spans`. A file that ends in the middle of a block gives what is whole."""
    made = np.zeros(max(0, round((ends - begins) * RATE)), np.int16)
    for clip in clips:
        if clip.end > begins and clip.start < ends:
            with files(clip.path) as file:
                _lay(file, clip, made, begins)
    allowed = np.zeros(len(made), bool)
    for start, end in spans:
        allowed[max(0, round((start - begins) * RATE)) : max(0, round((end - begins) * RATE))] = True
    made[~allowed] = 0
    return made


def _lay(file: BinaryIO, clip: Clip, made: Sound, begins: float) -> None:
    """Each run of sound without a hole at its time: a sender's clock that drifts moves it by less than `JOINED`."""
    try:
        container = av.open(file, "r")
    except av.error.FFmpegError:
        return  # nothing readable was ever written to it
    with container:
        if not container.streams.audio:
            return
        even = _resampler()
        start = end = -1.0  # of the run
        run: list[Sound] = []
        try:
            for frame in container.decode(container.streams.audio[0]):
                if frame.time is None:
                    continue
                at = clip.start + frame.time
                if at > clip.end + 0.1:  # what a crash cut off has no known end: trust the measured one
                    break
                if not run or abs(at - end) > JOINED:
                    _put(made, start - begins, [*run, *_samples(even, None)])
                    even, run, start, end = _resampler(), [], at, at
                end += frame.samples / frame.sample_rate
                run += _samples(even, frame)
        except av.error.FFmpegError:
            pass
        _put(made, start - begins, [*run, *_samples(even, None)])


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=RATE)


def _samples(even: av.AudioResampler, frame: av.AudioFrame | None) -> list[Sound]:
    return [one.to_ndarray().reshape(-1).astype(np.int16, copy=False) for one in even.resample(frame)]


def _put(made: Sound, seconds: float, run: Sequence[Sound]) -> None:
    if not run:
        return
    whole, at = np.concatenate(run), round(seconds * RATE)
    left, right = max(0, at), min(len(made), at + len(whole))
    if left < right:
        made[left:right] = whole[left - at : right - at]


def quiet_moment(sound: Sound, begins: float, edge: float) -> float:
    """The quietest moment within `REACH` of an edge, of equal ones the nearest; `sound` begins at `begins`."""
    first = max(0, round((edge - REACH - begins) * RATE))
    part = sound[first : round((edge + REACH - begins) * RATE)]
    hops = len(part) // _HOP
    if hops <= _QUIET:
        return edge
    power = np.square(_level(part))
    loud = np.convolve(power, np.ones(_QUIET) / _QUIET, "valid")
    middles = begins + (first + (np.arange(len(loud)) + _QUIET / 2) * _HOP) / RATE
    quiet = np.flatnonzero(loud <= loud.min() + 1.0)
    return float(middles[quiet[np.argmin(np.abs(middles[quiet] - edge))]])


def lines_of(
    sentences: Iterable[Sentence], from_: float, sound: Sound | None = None
) -> list[tuple[float, float, str, float, list[list[Any]]]]:
    """Seconds from the origin. An engine's sentence that holds a long pause, or several sentences, is parted; where
    `sound` is given, which begins at `from_`, a line begins and ends with it."""
    level, found, before = None if sound is None else _level(sound), [], 0.0
    for sentence in sentences:
        for begins, ends, text, words in _parted(sentence):
            if level is not None:
                begins, ends = _edges(level, max(begins, before), max(ends, before), before)
                before = ends
            inside = ((min(max(w.begins, begins), ends), max(begins, min(w.ends, ends)), w.text) for w in words)
            told = [[round(start - begins, 3), round(end - begins, 3), said] for start, end, said in inside]
            found.append((round(from_ + begins, 3), round(from_ + ends, 3), text, sentence.sure, told))
    return found


def _level(sound: Sound) -> NDArray[np.float64]:
    """Of each 20 ms."""
    hops = len(sound) // _HOP
    power = np.square(sound[: hops * _HOP].astype(np.float64)).reshape(hops, _HOP).mean(axis=1)
    return np.asarray(np.sqrt(power))


def _edges(level: NDArray[np.float64], begins: float, ends: float, before: float) -> tuple[float, float]:
    """An engine's times are those of its own grid: a line begins where its sound does, at most `MOVED` earlier."""
    first, last = round(begins * 50), min(len(level), round(ends * 50) + 1)
    loud = np.flatnonzero(level[first:last] >= (least := _AUDIBLE * level[first:last].max(initial=0.0)))
    if not len(loud) or not least:
        return begins, ends
    first, last = first + int(loud[0]), first + int(loud[-1]) + 1
    earliest, latest = max(round(before * 50), first - round(MOVED * 50)), min(len(level), last + round(MOVED * 50))
    while first > earliest and level[first - 1] >= least:
        first -= 1
    while last < latest and level[last] >= least:
        last += 1
    return first / 50, last / 50


def _parted(sentence: Sentence) -> list[tuple[float, float, str, tuple[Word, ...]]]:
    groups: list[list[Word]] = []
    for word in sentence.words:
        if groups:
            first, before = groups[-1][0], groups[-1][-1]
            stopped = before.text.rstrip().endswith(_STOPS) and word.begins - first.begins >= SHORT
        if not groups or stopped or word.begins - before.ends >= PAUSE:
            groups.append([])
        groups[-1].append(word)
    for n in reversed(range(1, len(groups))):  # an engine now and then sets the first word of a sentence too early
        if sum(sign.isalnum() for word in groups[n - 1] for sign in word.text) < 2:
            groups[n - 1 : n + 1] = [groups[n - 1] + groups[n]]
    if len(groups) < 2:
        return [(sentence.begins, sentence.ends, sentence.text, sentence.words)]
    made = ((one[0].begins, one[-1].ends, as_written("".join(word.text for word in one)), tuple(one)) for one in groups)
    return [one for one in made if any(sign.isalnum() for sign in one[2])]


@dataclass(frozen=True, slots=True)
class MadeTranscript:
    """`path` relative to the recordings folder."""

    path: str
    stored: StoredDigest
    lines: int


class Hearing:
    """Of one session's plan, by the model that `speech` has open."""

    def __init__(
        self,
        plan: HearingPlan,
        files: EncryptedFileStore,
        speech: SpeechProcess,
        model: ModelIdentity,
        piece_seconds: float = PIECE_SECONDS,
    ) -> None:
        self._plan, self._files, self._speech, self._model = plan, files, speech, model
        self._cut = heard_pieces(plan, piece_seconds)
        key = repr((FORM, piece_seconds, astuple(model))).encode() + plan_to_json(plan)
        self._pieces = Pieces(files, plan.session, hashlib.sha256(key).hexdigest(), WORK_PREFIX)
        self._intact: set[str] = set()

    async def make(self, target: str, progress: OnProgress, kept: Callable[[], None] = lambda: None) -> MadeTranscript:
        """Put the transcript into the store as `target`; for the rest see `Pieces.make`. SpeechError as the engine."""
        steps = [WorkStep(piece.name, piece.heard, piece.heard, partial(self._hear, piece)) for piece in self._cut]
        stored, lines = await self._pieces.make(steps, lambda: self._join(target), progress, kept)
        return MadeTranscript(target, stored, lines)

    def forget(self) -> None:
        """Give the finished pieces up."""
        self._pieces.forget()

    async def _hear(self, piece: HeardPiece, made: BinaryIO, _progress: OnProgress) -> None:
        begins, sound = await pieces.in_thread(self._sound, piece)
        found: list[Any] = []
        if len(sound) and int(np.abs(sound.astype(np.int32)).max()) >= LOUD_ENOUGH:
            found = lines_of(await self._speech.transcribe(sound.tobytes(), self._plan.hot), begins, sound)
        made.write(json.dumps(found, ensure_ascii=False).encode())

    def _sound(self, piece: HeardPiece) -> tuple[float, Sound]:
        """With the second it begins at."""
        begins, ends = max(0.0, piece.begins - REACH), piece.ends + REACH
        near = [clip for clip in piece.track.clips if clip.end > begins and clip.start < ends]
        for clip in near:  # it may be shown beside the recording: nothing is heard that is not what was recorded
            if clip.path not in self._intact:
                with self._open(clip.path) as file:
                    if pieces.digest(file) != clip.sha256:
                        raise CompositionError("source_changed", clip.path)
                self._intact.add(clip.path)
        sound = sound_between(near, self._open, begins, ends, piece.track.spans)
        first = quiet_moment(sound, begins, piece.begins) if piece.follows else piece.begins
        last = quiet_moment(sound, begins, piece.ends) if piece.goes_on else piece.ends
        return first, sound[round((first - begins) * RATE) : round((last - begins) * RATE)]

    def _open(self, path: str) -> BinaryIO:
        return self._files.open(self._plan.session, path)

    def _join(self, target: str) -> tuple[StoredDigest, int]:
        found = []
        for piece in self._cut:
            with self._pieces.open(piece.name) as file:
                found += [(piece.track.seat, *one) for one in json.load(file)]
        found.sort(key=lambda one: (one[1], one[0]))
        lines = tuple(self._line(number, *one) for number, one in enumerate(found, 1))
        made = Transcript(self._plan.session, self._model, datetime.now(UTC), lines)
        return self._files.put_at_home(self._plan.session, target, io.BytesIO(to_json(made))), len(lines)

    def _line(
        self, number: int, seat: str, begins: float, ends: float, text: str, sure: float, words: Sequence[Any]
    ) -> Line:
        start, end = (self._plan.origin + timedelta(seconds=second) for second in (begins, ends))
        return Line(str(number), seat, start, end, text, sure, tuple(Word(*word) for word in words))
