"""A recording file while C writes it: `recordings.segment.SegmentFile` with its numbers in C's memory."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from media.engine import Source
from recordings import webm
from recordings.errors import Unwritten
from recordings.files.encrypted_file import StoredDigest, new_header
from recordings.holes import Ends, Found, Holes
from recordings.segment import Kind, Part, SealedFile, sources

if TYPE_CHECKING:
    from recordings.native.writer import NativeWriter
    from recordings.writer import RecordingContext

SOURCES: tuple[Source, ...] = ("mic", "camera", "screen")  # as C numbers them


class NativeFile:
    def __init__(
        self,
        writer: NativeWriter,
        desk: RecordingContext,
        strand: Any,
        kind: Kind,
        wall: float,
        width: int,
        height: int,
        ends: Ends,
    ) -> None:
        """OSError, VaultError, Unwritten."""
        key = desk.key()
        self._writer, self._desk = writer, desk
        self._part = part = Part(desk.folder, desk.seat, kind, wall)
        self._sources = sources(kind, width)
        self._width, self._height = width, height
        head = new_header(key)
        text = webm.webm_header(part.started, width, height, kind == "camera")
        bits = sum(1 << SOURCES.index(source) for source in self._sources)
        made = writer.lib.yuntiao_file(
            part.descriptor, head.header, head.key, desk.sm3, wall, part.origin, width, height, bits, text, len(text),
            strand,
        )  # fmt: skip
        if not made:
            part.drop()
            part.close()
            raise Unwritten("no memory, or libcrypto refuses")
        self.at = writer.ffi.gc(made, writer.lib.yuntiao_free_file)
        self._holes = holes = Holes(part.origin, desk.tallies, self._sources, ends)
        for source in self._sources:
            number = SOURCES.index(source)
            self.at.ends[number], self.at.seen[number] = holes.begun(source)

    def sync_folder(self) -> None:
        self._part.sync_folder()

    def seal(self) -> SealedFile | None:
        """As `SegmentFile.seal`."""
        at = self.at
        try:
            if at.cluster >= 0:
                self._writer.lib.yuntiao_finish(at)  # a full disk: what is in the file is evidence as it is
            if at.cluster < 0 or not at.size:
                self._part.drop()
                return None
            stored = self._stored()
            self._part.keep()
        finally:
            self._part.close()
        end = max(at.durable, self._part.origin)
        holes = self._holes
        for source in self._sources:
            number = SOURCES.index(source)
            found = [at.holes[n] for n in range(at.hole_count) if at.holes[n].source == number]
            holes.go_on(
                source,
                at.ends[number],
                tuple(at.seen[number]),
                [Found(source, hole.started, hole.ended, tuple(hole.before), tuple(hole.after)) for hole in found],
            )
        return self._part.sealed(end, self._width, self._height, stored, holes.close(end, sources(self._part.kind, 1)))

    def _stored(self) -> StoredDigest:
        ffi = self._writer.ffi
        plain, sm3 = (ffi.new("uint8_t[32]") for _ in range(2))
        if self._writer.lib.yuntiao_sums(self.at, plain, sm3):
            raise OSError(errno.EIO, "libcrypto gave no hash")  # the file is found as an orphan
        sha256, known = (bytes(ffi.buffer(digest)).hex() for digest in (plain, sm3))
        return StoredDigest(sha256, self.at.size, "", self.at.stored_size, known if self._desk.sm3 else "")
