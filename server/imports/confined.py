"""Tables and messages from outside, read by a confined child: rows come in frames while the child goes on reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from complaints.channels import UnreadableFile
from complaints.channels.mapping import ChannelMapping
from complaints.channels.reading import Numbered
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import SECONDS, Reading, ReadingLimits, read_now
from server.imports.tables import attachment_of, header_of, rows_of

HARD: Final = "hard"  # what a file is refused for that took its reader beyond a limit
_MEGABYTE: Final = 1 << 20
_GROWN: Final = 40  # bytes told per byte of a file at most: a packed workbook's


class ConfinedTable:
    """A file of a batch, read by a child of its own: its header, and the rows below it, which can be read once.

    Raises Unreadable for what the file is refused for, `hard` among it, when it is opened and while its rows are read.
    Blocks. Close it.
    """

    def __init__(
        self, path: Path, mapping: ChannelMapping, source: str = "file", name: str = "", after: int = 0
    ) -> None:
        """Only rows behind number `after` are told."""
        self._file = path.open("rb")
        size = path.stat().st_size
        order = {"mapping": mapping.plain(), "source": source, "name": name, "after": after}
        # A long export takes as long as it is long; it is read while it is written, so nothing waits for it.
        seconds = SECONDS + size // _MEGABYTE if source != "mail" else SECONDS
        limits = ReadingLimits(seconds=seconds, patience=60.0 + 10 * seconds, output=512 * _MEGABYTE + _GROWN * size)
        try:
            self._reading = Reading("table", self._file, order, limits)
        except BaseException:
            self._file.close()
            raise
        self._frames = self._told()
        try:
            self.header = header_of(next(self._frames))
        except BaseException:
            self.close()
            raise
        self.rows: Iterator[Numbered] = (row for frame in self._frames for row in rows_of(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._reading.close()
        self._file.close()

    def _told(self) -> Iterator[bytes]:
        try:
            yield from self._reading
        except Declined as no:
            raise UnreadableFile(no.code, **no.params) from None
        except ReaderStopped:
            raise UnreadableFile(HARD) from None


def attachments(raw: bytes) -> list[tuple[str, bytes]]:
    """(name, content) of the files in a message. Unreadable: hard. Blocks."""
    limits = ReadingLimits(frame=len(raw) + _MEGABYTE, output=2 * len(raw) + _MEGABYTE)
    try:
        return [attachment_of(frame) for frame in read_now("attached", raw, limits=limits).frames]
    except (Declined, ReaderStopped):
        raise UnreadableFile(HARD) from None
