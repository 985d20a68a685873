"""One video out of all files of a session (everybody in a grid with names, phase and clock, all voices mixed), and such
a film once more with words burned in that say who took it out of the house, and when.

Made in pieces, each of which is kept once it is done. Text reaches the encoder only through a subtitle file,
recordings only through pipes and after their digests were found to be the journal's. The words of a copy stand across
the picture, faint, in places that change: they cannot be cut off, and they hide nobody's face for long. Its sound is
taken over as it is.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import av

from recordings import CompositionError, VaultError, composing
from recordings.composing import Clip, CompositionPlan, encoder, pieces, subtitles
from recordings.composing.encoder import WORDS, EncoderInput, GraphInputs, InputStrand, OnProgress
from recordings.composing.pieces import FilmPiece, Pieces, WorkStep
from recordings.files.encrypted_file import StoredDigest
from recordings.files.encrypted_file_store import EncryptedFileStore

FPS = 20
# Changed with everything that changes what a piece looks like: pieces of different forms are not joined.
FORM = "3"
SOUND = "sound.piece"
_SOUND_WEIGHT = 0.06  # what a second of it costs beside a second of pictures, for the progress only


@dataclass(frozen=True, slots=True)
class ComposedVideo:
    """`path` relative to the recordings folder; `origin` is the wall-clock time of the first picture."""

    path: str
    stored: StoredDigest
    duration_ms: int
    origin: datetime


def default_font() -> Path:
    """The font file that is installed with the program."""
    found = importlib.util.find_spec("manimgx_fonts_cjk")
    if found is None or found.origin is None:
        raise CompositionError("encoder", "the font package is missing")
    fonts = sorted(path for path in Path(found.origin).parent.iterdir() if path.suffix in (".ttc", ".otf", ".ttf"))
    if not fonts:
        raise CompositionError("encoder", "the font package holds no font")
    return fonts[0]


def picture_form(fps: int) -> list[str]:
    """How the encoder is told to make pictures: the same in every piece, or they could not be joined."""
    form = [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "25",
        "-pix_fmt",
        "yuv420p",
        "-g",
        str(fps * 2),
        "-bf",
        "1",
    ]
    # VP8 is BT.601; without saying so players would take a picture of this size for BT.709.
    form += ["-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m"]
    return [*form, "-f", "mp4"]


def lay_out(folder: Path, script: str, font: Path | None) -> None:
    """Words and letters, where the filter `graph.WORDS` looks for them."""
    (folder / "words.ass").write_text(script, "utf-8")
    (folder / "fonts").mkdir(exist_ok=True)
    chosen = (font or default_font()).resolve()
    if not (link := folder / "fonts" / chosen.name).is_symlink():
        link.symlink_to(chosen)


class Composition:
    """Of one session's plan. `live`: whether rooms need the machine; `font` has to hold `subtitles.FAMILY`."""

    def __init__(
        self,
        plan: CompositionPlan,
        files: EncryptedFileStore,
        *,
        live: Callable[[], bool] = lambda: False,
        font: Path | None = None,
        piece_seconds: float = pieces.PIECE_SECONDS,
    ) -> None:
        self._plan, self._files = plan, files
        self._live, self._font = live, font
        self._cut = pieces.cut_pieces(plan.seconds, FPS, piece_seconds)
        key = hashlib.sha256(FORM.encode() + composing.to_json(plan) + repr(self._cut).encode()).hexdigest()
        self._pieces = Pieces(files, plan.session, key)
        self._intact: set[str] = set()  # paths whose digest is the journal's

    async def make(self, target: str, progress: OnProgress, kept: Callable[[], None] = lambda: None) -> ComposedVideo:
        """Put the video into the store as `target`; for the rest see `Pieces.make`."""
        seconds = self._plan.seconds
        steps = [WorkStep(SOUND, seconds, seconds * _SOUND_WEIGHT, self._hear)]
        steps += [
            WorkStep(piece.name, piece.frames / FPS, piece.frames / FPS, partial(self._see, piece))
            for piece in self._cut
        ]
        stored = await self._pieces.make(steps, lambda: self._join(target), progress, kept)
        last = self._cut[-1]
        return ComposedVideo(target, stored, (last.first + last.frames) * 1000 // FPS, self._plan.origin)

    def forget(self) -> None:
        """Give the finished pieces up."""
        self._pieces.forget()

    # ------------------------------------------------------------ pieces

    async def _hear(self, made: BinaryIO, on_progress: OnProgress) -> None:
        found = await pieces.in_thread(self._sounds)
        if not found and not any(
            clip.width for person in self._plan.people for clip in (*person.clips, *person.screens)
        ):
            raise CompositionError("nothing_recorded", "no file holds anything readable")
        scratch = self._pieces.scratch
        (scratch / "graph.txt").write_text(encoder.sound_graph(len(found), self._plan.seconds), "utf-8")
        arguments = ["-/filter_complex", "graph.txt", "-map", "[sound]", "-t", f"{self._plan.seconds:.3f}"]
        arguments += ["-c:a", "aac", "-b:a", "64k", "-f", "mp4"]
        await encoder.encode(
            [EncoderInput(strand.write) for strand in found], arguments, made, scratch, on_progress, self._live
        )

    def _sounds(self) -> list[InputStrand]:
        found = (encoder.sound(self._verified(person.clips), self._open) for person in self._plan.people)
        return [strand for strand in found if strand is not None]

    async def _see(self, piece: FilmPiece, made: BinaryIO, on_progress: OnProgress) -> None:
        plan = composing.window(self._plan, piece.first / FPS, (piece.first + piece.frames) / FPS)
        inputs = await pieces.in_thread(self._inputs, plan)
        found = [*inputs.pictures.values(), *inputs.screens.values()]
        arguments = ["-/filter_complex", "graph.txt", "-map", "[picture]", "-frames:v", str(piece.frames)]
        arguments += picture_form(FPS)
        feeds = [EncoderInput(strand.write, ("-reinit_filter", "0")) for strand in found]
        await encoder.encode(feeds, arguments, made, self._pieces.scratch, on_progress, self._live)

    def _inputs(self, plan: CompositionPlan) -> GraphInputs:
        pictures, screens = {}, {}
        for index, person in enumerate(plan.people):
            if strand := encoder.picture(self._verified(person.clips), self._open, plan.seconds):
                pictures[index] = strand
            if strand := encoder.picture(self._verified(person.screens), self._open, plan.seconds):
                screens[index] = strand
        inputs = GraphInputs(pictures, screens)
        scratch = self._pieces.scratch
        (scratch / "graph.txt").write_text(encoder.picture_graph(plan, inputs, FPS), "utf-8")
        lay_out(scratch, subtitles.subtitle_script(plan), self._font)
        return inputs

    def _verified(self, clips: Sequence[Clip]) -> Sequence[Clip]:
        """The video may be shown as evidence: nothing goes in that is not what the journal says was recorded."""
        for clip in clips:
            if clip.path not in self._intact:
                with self._open(clip.path) as file:
                    if pieces.digest(file) != clip.sha256:
                        raise CompositionError("source_changed", clip.path)
                self._intact.add(clip.path)
        return clips

    def _open(self, path: str) -> BinaryIO:
        return self._files.open(self._plan.session, path)

    def _join(self, target: str) -> StoredDigest:
        with tempfile.TemporaryFile(dir=self._pieces.scratch) as film:
            opened = [(piece, partial(self._pieces.open, piece.name)) for piece in self._cut]
            with self._pieces.open(SOUND) as sound:
                pieces.join_pieces(opened, sound, FPS, film)
            film.seek(0)
            return self._files.put_at_home(self._plan.session, target, film)


MOVES_EVERY = 12.0  # seconds
_PLACES = ((0.28, 0.2), (0.72, 0.42), (0.3, 0.62), (0.7, 0.82), (0.5, 0.3), (0.25, 0.42), (0.75, 0.2), (0.5, 0.72))
_AT_ONCE = 3


def watermark_script(words: str, seconds: float, start: float = 0.0) -> str:
    """The ASS script of a part of a film that begins at `start`."""
    text = subtitles.plain(words)
    lines = []
    number = int(start // MOVES_EVERY)
    while (begin := number * MOVES_EVERY) < start + seconds:
        span = max(begin, start) - start, min(begin + MOVES_EVERY, start + seconds) - start
        for other in range(_AT_ONCE):
            across, down = _PLACES[(number * _AT_ONCE + other) % len(_PLACES)]
            at = rf"\an5\pos({subtitles.WIDTH * across:.0f},{subtitles.HEIGHT * down:.0f})"
            lines.append(subtitles.line(span, "Text", rf"{{{at}\frz12\fs30\bord1.5\1a&H78&\3a&HA0&}}{text}"))
        number += 1
    foot = rf"{{\an7\pos(12,8)\fs18\bord1.5\1a&H28&\3a&H50&}}{text}"
    return subtitles.head() + "\n".join([*lines, subtitles.line((0.0, seconds), "Text", foot)]) + "\n"


class Watermark:
    """`film` is the path of a composed video of the session; `name`: of this copy of it, which others may be made
    beside. `live` and `font` as in `Composition`."""

    def __init__(
        self,
        files: EncryptedFileStore,
        session: str,
        film: str,
        words: str,
        *,
        live: Callable[[], bool] = lambda: False,
        font: Path | None = None,
        piece_seconds: float = pieces.PIECE_SECONDS,
        name: str = "",
    ) -> None:
        self._files, self._session, self._film, self._words = files, session, film, words
        self._live, self._font, self._piece_seconds = live, font, piece_seconds
        key = hashlib.sha256(repr((FORM, film, words, piece_seconds)).encode()).hexdigest()
        self._pieces = Pieces(files, session, key, f"{pieces.COPY_PREFIX}{name}")

    async def make(self, target: str, progress: OnProgress, kept: Callable[[], None] = lambda: None) -> StoredDigest:
        """Put the copy into the store as `target`; for the rest see `Pieces.make`."""
        try:
            frames = await pieces.in_thread(self._frames)
        except VaultError as fault:
            raise CompositionError("source_missing", str(fault)) from fault
        cut = pieces.cut_pieces(frames / FPS, FPS, self._piece_seconds)
        steps = [
            WorkStep(piece.name, piece.frames / FPS, piece.frames / FPS, partial(self._mark, piece)) for piece in cut
        ]
        return await self._pieces.make(steps, lambda: self._join(cut, target), progress, kept)

    def forget(self) -> None:
        """Give the finished pieces up."""
        self._pieces.forget()

    async def _mark(self, piece: FilmPiece, made: BinaryIO, on_progress: OnProgress) -> None:
        scratch, start, seconds = self._pieces.scratch, piece.first / FPS, piece.frames / FPS
        key = await pieces.in_thread(self._key_before, start)
        lay_out(scratch, watermark_script(self._words, seconds, start), self._font)
        begun = f"trim=start={max(0.0, start - key - 0.2 / FPS):.3f},setpts=PTS-STARTPTS"
        (scratch / "graph.txt").write_text(f"[0:v]{begun},{WORDS}[picture]", "utf-8")
        arguments = ["-/filter_complex", "graph.txt", "-map", "[picture]", "-frames:v", str(piece.frames)]
        feed = EncoderInput(partial(self._write, key, start + seconds))
        await encoder.encode([feed], [*arguments, *picture_form(FPS)], made, scratch, on_progress, self._live)

    def _write(self, key: float, end: float, target: BinaryIO) -> None:
        """The film's pictures from a key frame on, as the encoder reads them."""
        with self._opened() as film, av.open(film, "r") as container, _matroska(target) as out:
            stream = container.streams.video[0]
            copied = out.add_stream_from_template(stream)
            for packet in _from(container, stream, key):
                if packet.dts is None or packet.time_base is None:
                    continue
                if float(packet.dts * packet.time_base) > end + 0.5:
                    break
                packet.stream = copied
                out.mux(packet)

    def _key_before(self, start: float) -> float:
        with self._opened() as film, av.open(film, "r") as container:
            stream = container.streams.video[0]
            packet = next(_from(container, stream, start))
            return float((packet.pts or 0) * stream.time_base) if stream.time_base else 0.0

    def _frames(self) -> int:
        with self._opened() as film, av.open(film, "r") as container:
            return container.streams.video[0].frames

    def _opened(self) -> BinaryIO:
        return self._files.open(self._session, self._film)

    def _join(self, cut: list[FilmPiece], target: str) -> StoredDigest:
        with tempfile.TemporaryFile(dir=self._pieces.scratch) as made:
            with self._opened() as film:
                pieces.join_pieces([(piece, partial(self._pieces.open, piece.name)) for piece in cut], film, FPS, made)
            made.seek(0)
            return self._files.put_at_home(self._session, target, made)


def _matroska(target: BinaryIO) -> av.container.OutputContainer:
    return av.open(_Onward(target), "w", format="matroska")


class _Onward:
    """A pipe as something that is only written: without a `seek` nothing is gone back to."""

    def __init__(self, target: BinaryIO) -> None:
        self.write = target.write


def _from(container: av.container.InputContainer, stream: av.VideoStream, start: float) -> Iterator[av.Packet[Any]]:
    assert stream.time_base is not None
    container.seek(round((start + 0.001) / float(stream.time_base)), stream=stream)
    return container.demux(stream)
