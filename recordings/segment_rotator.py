"""Where one file ends and the next begins, for one kind of file of one participant.

Owns the open `SegmentFile`. A new file begins: at a key frame once the segment is long enough, when the picture
changes size, when the picture comes or goes, and after a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from recordings.codecs import Frame
from recordings.reorder import Interleaved
from recordings.segment import SealedFile, SegmentFile

# Sound waits this long for a picture before a file without one is begun.
PATIENCE = 0.6
# Silence of everything (or of the picture, beside sound) that ends a file. A still screen sends next to nothing.
FILE_GAP = 2.0
SCREEN_FILE_GAP = 10.0


class SegmentRotator:
    """Takes pictures and sounds in order of wall-clock time (seconds since the epoch)."""

    def __init__(
        self,
        begin: Callable[[float, int, int], SegmentFile],
        ended: Callable[[SealedFile], None],
        ask_key: Callable[[], None],
        segment_seconds: float,
        gap: float = FILE_GAP,
    ) -> None:
        self.file: SegmentFile | None = None
        self._begin, self._ended, self._ask_key = begin, ended, ask_key
        self._length, self._gap = segment_seconds, gap
        self._waiting: list[tuple[float, bytes]] = []  # sound before the first file

    def write(self, items: Sequence[Interleaved[Frame | bytes]]) -> None:
        """Pictures and sounds, in order."""
        file = self.file
        done = file.write(items) if file is not None and file.width and items and self._fits(items[-1][0]) else 0
        for wall, _, _, item, _ in items[done:]:
            if isinstance(item, Frame):
                self._picture(wall, item)
            else:
                self._sound(wall, item)

    def _fits(self, end: float) -> bool:
        """True unless something that ends then must start a new file; a picture of another size may still."""
        file = self.file
        if file is None:
            return False
        last = min(file.last, file.last_picture) if file.width else file.last
        return end - file.origin < self._length and end - last <= self._gap

    def _picture(self, wall: float, frame: Frame) -> None:
        file = self.file
        if file is not None and file.width and wall - file.last_picture <= self._gap:
            due = wall - file.origin >= self._length
            same = (frame.width, frame.height) == (file.width, file.height)
            if same and not (due and frame.key):
                if due:
                    self._ask_key()
                file.write([_alone(wall, frame)])
                return
        if not frame.key:
            self._ask_key()
            return
        self._cut(min(wall, self._waiting[0][0]) if self._waiting else wall, frame.width, frame.height)
        self._write_waiting()
        if self.file is not None:
            self.file.write([_alone(wall, frame)])

    def _sound(self, wall: float, data: bytes) -> None:
        file = self.file
        if file is not None and wall - file.last > self._gap:
            self.end()
            file = None
        if file is None:
            self._waiting.append((wall, data))
            if wall - self._waiting[0][0] >= PATIENCE:
                self._sound_only(self._waiting[0][0])
            return
        if file.width:
            if wall - file.last_picture > self._gap:
                self._sound_only(wall)
            elif wall - file.origin >= self._length:
                self._ask_key()
        elif wall - file.origin >= self._length:
            self._sound_only(wall)
        if self.file is not None:
            self.file.write([_alone(wall, data)])

    def tick(self, wall: float) -> bool:
        """Let time pass; whether a gap ended the file."""
        if self._waiting and not 0 <= wall - self._waiting[0][0] < 2 * PATIENCE:
            self._sound_only(self._waiting[0][0])
        if self.file is not None and wall - self.file.last > self._gap + 0.5:  # what is held back upstream
            self.end()
            return True
        return False

    def end(self) -> None:
        file, self.file = self.file, None
        if file is not None:
            sealed = file.seal()
            if sealed is not None:
                self._ended(sealed)

    def close(self) -> None:
        """End for good; sound still waiting for a picture gets its file."""
        if self._waiting:
            self._sound_only(self._waiting[0][0])
        self.end()

    def abandon(self) -> None:
        """The disk refuses: forget what is not written."""
        self._waiting.clear()
        self.end()

    def _sound_only(self, wall: float) -> None:
        self._cut(wall, 0, 0)
        self._write_waiting()

    def _cut(self, wall: float, width: int, height: int) -> None:
        self.end()
        self.file = self._begin(wall, width, height)

    def _write_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self.file is not None:
            self.file.write([_alone(wall, data) for wall, data in waiting])


def _alone(wall: float, item: Frame | bytes) -> Interleaved[Frame | bytes]:
    return wall, 0, "", item, wall
