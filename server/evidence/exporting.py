"""The job `export`: an order becomes a sealed file that can be taken, and everybody can read how far it is."""

from __future__ import annotations

import asyncio
import errno
import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from journal import stamp
from journal.notes import Signer
from recordings import Damaged, FileMissing, KeyDestroyed, KeyMissing, RecordingsError
from recordings.evidence import TRANSCRIPT, Absent, Changed, kind_of, part, stream
from recordings.evidence.lines import Media, media_of
from recordings.evidence.package import Export, PackagePages, PieceGone, Record, packed, put_together
from recordings.files.encrypted_file import StoredDigest
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.evidence.exports import ExportOrder, export_path, order_from_json
from server.serving.jobs import Claim, RetryLater

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PATIENCE = (5.0, 60.0)  # seconds before a passing fault is tried again

log = logging.getLogger(__name__)


class ExportJob:
    """Handler of `export(session, export)`. `signer` reads the log's key: ValueError when it cannot be used.

    `documents` is where sealed documents, signed texts and handwriting lie, `attachments` where files of complaints do;
    everything else, and what comes of it, is on `shelf`. `pages` makes what people read.
    """

    def __init__(
        self,
        shelf: EncryptedFileStore,
        documents: EncryptedFileStore,
        attachments: EncryptedFileStore,
        signer: Callable[[], Signer],
        pages: PackagePages,
    ) -> None:
        self._shelf, self._signer, self._pages = shelf, signer, pages
        self._places = {
            "document": documents, "signed": documents, "handwriting": documents, "attachment": attachments
        }  # fmt: skip

    async def __call__(self, job: Claim, session: str, export: str, **_: object) -> None:
        order = export_path(session, export, ".order")
        path = export_path(session, export, f"-{job.number}.zip")
        try:
            stored = await asyncio.to_thread(self._make, job, session, order, path)
        except _Failed as fault:
            log.warning("Export %s of %s: %s", export, session, fault)
            if fault.code == "missing":
                if self._shelf.away is not None:  # another node wrote it, and it may be on its way
                    job.await_files("")
                fault.code = "erased"
            if fault.code in ("io", "changed") and job.job.tries <= len(PATIENCE):
                raise RetryLater(PATIENCE[job.job.tries - 1], fault.code) from fault
            taken = await job.failed(fault.code)
        else:
            taken = await job.ready(path=path, sha256=stored.sha256, size=stored.size)
        with suppress(OSError):  # the folder may be gone with its key
            await asyncio.to_thread(self._shelf.remove, order if taken else path)

    # ------------------------------------------------------------ in a thread

    def _make(self, job: Claim, session: str, order: str, path: str) -> StoredDigest:
        try:
            with self._shelf.open(session, order) as file:
                wanted = order_from_json(file.read())
            pieces = self._masked(wanted) if wanted.kind == "masked" else self.package(wanted, job)
            stored = self._shelf.put_at_home(session, path, io.BufferedReader(_Pieces(pieces), 1 << 20))
        except FileMissing as fault:
            raise _Failed("missing", fault) from fault
        except (KeyDestroyed, KeyMissing) as fault:
            raise _Failed("erased", fault) from fault
        except Changed as fault:
            raise _Failed("changed", fault) from fault
        except OSError as fault:
            full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
            raise _Failed("disk_full" if full else "io", fault) from fault
        except RecordingsError as fault:
            raise _Failed("io", fault) from fault
        except ValueError as fault:
            raise _Failed("key", fault) from fault
        return stored

    def _masked(self, order: ExportOrder) -> Iterator[bytes]:
        return stream([part(name, page) for name, page in sorted(self._pages.masked(order.record, order.zone).items())])

    def package(self, order: ExportOrder, progress: Callable[[float], None] = lambda _: None) -> Iterator[bytes]:
        """The pieces of its file. `progress` hears 0…1."""
        whole, signer = order.record, self._signer()
        told = _Told(progress, 2 * sum(one.size for one in media_of(whole.session, whole.complaint)))
        page = self._pages.verifier()
        verifier = page.read_bytes() if page is not None else None

        def pages(absent: Sequence[Absent]) -> Mapping[str, bytes]:
            told = replace(whole, heard=self._heard(whole, absent))
            return self._pages.record(told, absent, order.zone, verifier)

        package = put_together(
            whole,
            pages,
            signer,
            self._opened(whole.id),
            told,
        )
        now = datetime.now(UTC)
        export = Export(
            at=stamp(now),
            exporter=order.exporter,
            watermark=f"{order.exporter['name']} {order.office} {stamp(now)}",
            page=self._pages.watermark(order.exporter["name"], order.office, now, order.zone),
        )
        for piece in packed(package, export, signer, self._opened(whole.id)):
            told(len(piece))
            yield piece

    def _heard(self, record: Record, absent: Sequence[Absent]) -> bytes:
        """The transcript's file, which was weighed a moment ago; packing it finds out when it is another one now."""
        gone = {one.path for one in absent}
        for one in media_of(record.session, record.complaint):
            if one.path == TRANSCRIPT and one.path not in gone:
                with self._opened(record.id)(one) as file:
                    return file.read()
        return b""

    def _opened(self, session: str) -> Callable[[Media], BinaryIO]:
        def opened(media: Media) -> BinaryIO:
            try:
                shelf = self._places.get(kind_of(media.path), self._shelf)
                return io.BufferedReader(_Whole(shelf.open(media.case or session, media.stored)), 1 << 20)
            except KeyDestroyed as fault:
                raise PieceGone("erased") from fault
            except (FileMissing, KeyMissing) as fault:
                raise PieceGone("missing") from fault
            except Damaged as fault:
                raise PieceGone("damaged") from fault

        return opened


class _Failed(Exception):
    def __init__(self, code: str, fault: Exception) -> None:
        super().__init__(f"{code}: {fault}")
        self.code = code


class _Pieces(io.RawIOBase):
    """An iterator of bytes, to be read like a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        into = memoryview(buffer).cast("B")
        count = min(len(into), len(self._left))
        into[:count], self._left = self._left[:count], self._left[count:]
        return count


class _Whole(io.RawIOBase):
    """A piece of media whose damage, found while it is read, is told as what it means for a package."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        into = memoryview(buffer).cast("B")
        try:
            piece = self._file.read(len(into))
        except Damaged as fault:
            raise PieceGone("damaged") from fault
        into[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Told:
    """From bytes that were dealt with to how far it is."""

    def __init__(self, progress: Callable[[float], None], whole: int) -> None:
        self._progress, self._whole, self._done = progress, max(1, whole), 0

    def __call__(self, size: int) -> None:
        self._done += size
        self._progress(min(0.99, self._done / self._whole))
