"""A film once more, with words burned in that say who took it out of the house, and when.

The words stand across the picture, faint, in places that change: they cannot be cut off, and they hide nobody's face
for long. Sound is taken over as it is.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import av

from recordings.composing import encoder, layout, pieces, subtitles
from recordings.composing.composition import FORM, FPS, lay_out, picture_form
from recordings.composing.encoder import EncoderInput, OnProgress
from recordings.composing.filter_graph import WORDS
from recordings.composing.pieces import Piece, Pieces, Step
from recordings.errors import CompositionError, VaultError
from recordings.files.encrypted_file import StoredDigest
from recordings.files.encrypted_file_store import EncryptedFileStore

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
            at = rf"\an5\pos({layout.WIDTH * across:.0f},{layout.HEIGHT * down:.0f})"
            lines.append(subtitles.line(span, "Text", rf"{{{at}\frz12\fs30\bord1.5\1a&H78&\3a&HA0&}}{text}"))
        number += 1
    foot = rf"{{\an7\pos(12,8)\fs18\bord1.5\1a&H28&\3a&H50&}}{text}"
    return subtitles.head() + "\n".join([*lines, subtitles.line((0.0, seconds), "Text", foot)]) + "\n"


class Watermark:
    """`film` is the path of a composed video of the session. `live` and `font` as in `Composition`."""

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
    ) -> None:
        self._files, self._session, self._film, self._words = files, session, film, words
        self._live, self._font, self._piece_seconds = live, font, piece_seconds
        key = hashlib.sha256(repr((FORM, film, words, piece_seconds)).encode()).hexdigest()
        self._pieces = Pieces(files, session, key, pieces.COPY_PREFIX)

    async def make(self, target: str, progress: OnProgress, kept: Callable[[], None] = lambda: None) -> StoredDigest:
        """Put the copy into the store as `target`; for the rest see `Pieces.make`."""
        try:
            frames = await pieces.in_thread(self._frames)
        except VaultError as fault:
            raise CompositionError("source_missing", str(fault)) from fault
        cut = pieces.cut_pieces(frames / FPS, FPS, self._piece_seconds)
        steps = [Step(piece.name, piece.frames / FPS, piece.frames / FPS, partial(self._mark, piece)) for piece in cut]
        return await self._pieces.make(steps, lambda: self._join(cut, target), progress, kept)

    def forget(self) -> None:
        """Give the finished pieces up."""
        self._pieces.forget()

    async def _mark(self, piece: Piece, made: BinaryIO, on_progress: OnProgress) -> None:
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

    def _join(self, cut: list[Piece], target: str) -> StoredDigest:
        with tempfile.TemporaryFile(dir=self._pieces.scratch) as made:
            with self._opened() as film:
                pieces.join_pieces([(piece, partial(self._pieces.open, piece.name)) for piece in cut], film, FPS, made)
            made.seek(0)
            return self._files.put(self._session, target, made)


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
