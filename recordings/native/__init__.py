"""The compiled `recordings.writer.Writer` as Python has it, one participant's writer in it, and their files.

For whoever has a compiler; `recordings.writer` is what it is held to.
C does whole passes over many participants in one call, in which the loop has the interpreter; it comes back for what
is seldom: a file begins or ends, a key frame is to be asked for, something is durable for the first time. It
encrypts with the newest libcrypto that is there, since newer ones use more of a processor: pylibsrtp's own, or the
one of Python's hashes. `yuntiao media build-native` builds it; that needs neither Python's headers nor OpenSSL's.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import importlib.util
import itertools
import os
import re
import struct
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cffi import FFI

from media import RUN_HEADER, Batch, FrameBatch, NativeLibrary, NativeMissing
from media.engine import Source
from recordings import Unwritten, webm
from recordings.files import Kind
from recordings.files.encrypted_file import StoredDigest, new_header
from recordings.files.keys import sm4_key
from recordings.segment import FILE_GAP, SCREEN_FILE_GAP, SealedFile, SegmentPath, sources
from recordings.timeline import CLOCKS, Ends, FoundHole, Holes, clock_ms
from recordings.writer import Queue, RecordingContext

WRITING = NativeLibrary(
    Path(__file__).parent,
    "writer",
    (
        "braid.c", "bytes.c", "digest.c", "disk.c", "frames.c", "order.c", "pass.c", "reel.c", "sealed.c", "segment.c",
        "strand.c", "timeline.c",
    ),
    ("writer.h", "parts.h", "crypto.h"),
    # A product and a sum stay two operations, as in Python; names are ours alone.
    ("-ffp-contract=off", "-Wl,-Bsymbolic"),
)  # fmt: skip

NAMES = {
    "new_cipher": "EVP_CIPHER_CTX_new",
    "free_cipher": "EVP_CIPHER_CTX_free",
    "init": "EVP_EncryptInit_ex",
    "update": "EVP_EncryptUpdate",
    "final": "EVP_EncryptFinal_ex",
    "control": "EVP_CIPHER_CTX_ctrl",
    "aes": "EVP_aes_256_gcm",
    "new_digest": "EVP_MD_CTX_new",
    "free_digest": "EVP_MD_CTX_free",
    "begin": "EVP_DigestInit_ex",
    "hash": "EVP_DigestUpdate",
    "end": "EVP_DigestFinal_ex",
    "copy": "EVP_MD_CTX_copy_ex",
    "sha256": "EVP_sha256",
    "sm3": "EVP_sm3",
}
_VERSION = "OpenSSL_version_num"
_FETCH = "void *EVP_CIPHER_fetch(void *, const char *, const char *);"
# Where nothing has loaded one, the machine's own. Of these the calls above are the same.
_USUAL = ("libcrypto.so.3", "libcrypto.so.1.1")
_LOADED = re.compile(r"(?<!\S)/\S*/libcrypto\.so\.(?:3|1\.1)$")


def find(ffi: FFI) -> tuple[Any, list[Any]]:
    """`struct crypto`, and what must live as long. NativeMissing."""
    ours = FFI()
    ours.cdef("".join(f"void {name}(void);\n" for name in NAMES.values()) + f"unsigned long {_VERSION}(void);{_FETCH}")
    newest, found = 0, None
    for place in (*_bundled(), *_loaded(), *_USUAL):
        try:
            library = ours.dlopen(place)
            version, functions = getattr(library, _VERSION)(), ffi.new("struct crypto *")
            for field, name in NAMES.items():
                setattr(functions, field, ffi.cast("void *", int(ours.cast("uintptr_t", getattr(library, name)))))
            functions.sm4 = ffi.cast("void *", _sm4(ours, library))
        except (OSError, AttributeError):
            continue
        if version > newest:
            newest, found = version, (functions, [ours, library])
    if found is None:
        raise NativeMissing("no libcrypto of OpenSSL 3 or 1.1.1")
    return found


def _sm4(ours: FFI, library: Any) -> int:
    """Its SM4-GCM, which is never given back; 0 before OpenSSL 3.1."""
    try:
        return int(ours.cast("uintptr_t", library.EVP_CIPHER_fetch(ours.NULL, b"SM4-GCM", ours.NULL)))
    except AttributeError:
        return 0


def _bundled() -> list[str]:
    binding = importlib.util.find_spec("pylibsrtp._binding")
    return [binding.origin] if binding is not None and binding.origin is not None else []


def _loaded() -> list[str]:
    """What hashlib has brought into this process."""
    hashlib.sha256()
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    return sorted({found[0] for line in lines if (found := _LOADED.search(line))})


BEGIN, END, ASK, SYNCED, OFF = range(5)  # what C tells; as in parts.h
RAISED, FAULT = -1, -2
KINDS: tuple[Kind, ...] = ("camera", "screen")
SOURCES: tuple[Source, ...] = ("mic", "camera", "screen")  # as C numbers them

_PARCEL = struct.Struct("=BBHIIIQQ")  # source, report, 0, generation, size, timestamp, ntp, where
_NUMBER: dict[Source, int] = {source: number for number, source in enumerate(SOURCES)}
_RUN = RUN_HEADER.size


class NativeWriter:
    """The loaded library, which has one for each process (`loaded`)."""

    def __init__(self, path: Path, own_sums: bool = True, direct: bool = True) -> None:
        """NativeMissing. `own_sums`: hash with the processor's instructions, where it has them; `direct`: write past
        the page cache and many files in one request, where the system does."""
        self.path, self.direct = path, direct
        self.ffi, self.lib = WRITING.load(path)
        found, self._kept = find(self.ffi)
        self.sm4 = bool(found.sm4)
        self._writers: weakref.WeakValueDictionary[int, NativeFrameWriter] = weakref.WeakValueDictionary()
        self._numbers = itertools.count(1)
        try:
            self._tell = self.ffi.callback("tell_function", self._told, error=1)
        except (MemoryError, SystemError) as fault:  # a system that lets nobody make code
            raise NativeMissing(f"C cannot call back: {fault}") from fault
        self.own_sums = bool(self.lib.yuntiao_writer(found, self._tell, own_sums, direct))

    def track_writer(self, context: RecordingContext) -> NativeFrameWriter:
        number = next(self._numbers) & 0xFFFFFFFF
        writer = self._writers[number] = NativeFrameWriter(self, number, context)
        return writer

    def work(self, writers: Sequence[NativeFrameWriter], wall: float) -> None:
        """All of them have collected."""
        if writers:
            strands = self.ffi.new("struct strand *[]", [writer.strand for writer in writers])
            self.lib.yuntiao_work(strands, len(writers), wall)

    def _told(self, number: int, what: int, which: int, wall: float, width: int, height: int) -> int:
        writer = self._writers.get(number)
        if writer is None:
            return 1
        try:
            writer.told(what, which, wall, width, height)
        except Exception as fault:
            writer.fault = fault
            return 1
        return 0


@functools.cache
def loaded(path: Path) -> NativeWriter:
    """NativeMissing."""
    return NativeWriter(path)


class NativeFrameWriter:
    """`recordings.writer.FrameWriter`, in C."""

    def __init__(self, writer: NativeWriter, number: int, context: RecordingContext) -> None:
        self.fault: Exception | None = None  # in what C told
        self._writer, self._context = writer, context
        made = writer.lib.yuntiao_strand(number, context.segment_seconds, FILE_GAP, SCREEN_FILE_GAP)
        if not made:
            raise MemoryError
        self.strand = writer.ffi.gc(made, writer.lib.yuntiao_free_strand)
        self._files: list[NativeFile | None] = [None, None]
        self._box: Any = b""  # keeps alive what `strand.mail` points to
        self._batches: list[Batch] = []  # what C reads
        self._dropped = 0
        self._ends = Ends.since(context.opened)

    def collect(self, queue: Queue, now: float, closing: bool) -> None:
        context, strand, mail = self._context, self.strand, list[bytes]()
        for _ in range(len(queue)):
            try:
                item = queue.popleft()
            except IndexError:  # the loop made room meanwhile
                break
            source, generation = _NUMBER[item[0]], item[1] & 0xFFFFFFFF
            if len(item) == 3:
                batch = item[2]
                context.taken += batch.packets
                self._batches.append(batch)
                if isinstance(batch, FrameBatch):
                    for run in batch.runs():
                        size = len(run.payload)
                        mail += (
                            _PARCEL.pack(source, 0, 0, generation, _RUN + size, 0, 0, 0),
                            RUN_HEADER.pack(run.at, run.timestamp, size, run.sequence, run.packets, run.marker),
                            run.payload,
                        )
                else:
                    mail.append(_PARCEL.pack(source, 0, 0, generation, batch.size, 0, 0, batch.address))
            else:
                mail.append(_PARCEL.pack(source, 1, 0, generation, 0, item[3], item[2], 0))
        if mail:
            self._post(b"".join(mail))
        if context.dropped != self._dropped:
            self._dropped = context.dropped
            for number, name in enumerate(SOURCES):
                strand.tallies[number][2] = context.tallies[name].queue
        strand.now, strand.closing, strand.on = now, closing, context.on

    def _post(self, mail: bytes) -> None:
        if len(mail) > len(self._box):
            box = self._writer.ffi.new("uint8_t[]", 2 * len(mail))
            self._box, self.strand.mail = self._writer.ffi.buffer(box), box
        self._box[: len(mail)] = mail
        self.strand.mail_size = len(mail)

    def settle(self) -> None:
        self._give_back()
        result = self.strand.result
        if result:
            self._fail(result)
        if self.strand.closing:
            self._count()

    def forget(self) -> None:
        self._give_back()
        self._writer.lib.yuntiao_forget(self.strand)
        self.fault = None

    def close(self) -> None:
        ends, timelines = self._ends, self.strand.timelines
        ends.closed, ends.delays = self._context.closed, {name: timelines[n].delay for n, name in enumerate(SOURCES)}
        result = self._writer.lib.yuntiao_close(self.strand)
        if result:
            self._fail(result)
        self._count()
        self._context.missing(ends.rest(self._context.tallies))

    def abandon(self) -> None:
        self._writer.lib.yuntiao_forget_waiting(self.strand)
        for which in range(len(KINDS)):
            try:
                self._end(which)
            except OSError:
                continue  # the file stays with its `.part` and is found as an orphan
        self._ends.written.clear()  # what is missing until the next file did come

    def told(self, what: int, which: int, wall: float, width: int, height: int) -> None:
        """By C, in the middle of a pass."""
        if what == ASK:
            self._context.ask_key(SOURCES[which])
        elif what == BEGIN:
            file = NativeFile(self._writer, self._context, self.strand, KINDS[which], wall, width, height, self._ends)
            self._files[which], self.strand.reels[which].file = file, file.at
        elif what == END:
            self._end(which)
        elif what == SYNCED:
            current = self._files[which]
            if width and current is not None:
                current.sync_folder()
            self._context.durable()
            self.strand.on = 1
        else:
            self._context.silent()
            self.strand.on = 0

    def _give_back(self) -> None:
        for batch in self._batches:
            batch.release()
        self._batches.clear()

    def _end(self, which: int) -> None:
        file, self._files[which] = self._files[which], None
        self.strand.reels[which].file = self._writer.ffi.NULL
        if file is None:
            return
        self._count()
        sealed = file.seal()
        if sealed is not None:
            self._context.sealed(sealed, clock_ms(*(self._clock(source) for source in CLOCKS[KINDS[which]])))

    def _clock(self, source: Source) -> tuple[float | None, float | None]:
        line = self.strand.timelines[_NUMBER[source]]
        return line.base if line.has_base else None, line.ntp if line.has_ntp else None

    def _count(self) -> None:
        """Bring the tallies up to date."""
        for number, source in enumerate(SOURCES):
            counted, tally = self.strand.tallies[number], self._context.tallies[source]
            tally.lost, tally.late = counted[0], counted[1]

    def _fail(self, result: int) -> None:
        self.strand.result = 0
        fault, self.fault = self.fault, None
        if result == RAISED and fault is not None:
            raise fault
        if result > 0:
            raise OSError(result, os.strerror(result))
        raise Unwritten("no memory, or libcrypto refuses")


class NativeFile:
    """A recording file while C writes it: `recordings.segment.SegmentFile` with its numbers in C's memory."""

    def __init__(
        self,
        writer: NativeWriter,
        context: RecordingContext,
        strand: Any,
        kind: Kind,
        wall: float,
        width: int,
        height: int,
        ends: Ends,
    ) -> None:
        """OSError, VaultError, Unwritten."""
        key = context.key()
        self._writer, self._context = writer, context
        self._part = part = SegmentPath(context.folder, context.seat, kind, wall)
        self._sources = sources(kind, width)
        self._width, self._height = width, height
        head = new_header(key)
        text = webm.webm_header(part.started, width, height, kind == "camera")
        bits = sum(1 << SOURCES.index(source) for source in self._sources)
        made = writer.lib.yuntiao_file(
            part.descriptor, head.header, sm4_key(head.key) if head.cipher == "sm4" else head.key,
            head.cipher == "sm4", context.sm3, wall, part.origin, width, height, bits, text,
            len(text), strand,
        )  # fmt: skip
        if not made:
            part.drop()
            part.close()
            raise Unwritten("no memory, or libcrypto refuses")
        self.at = writer.ffi.gc(made, writer.lib.yuntiao_free_file)
        self._holes = holes = Holes(part.origin, context.tallies, self._sources, ends)
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
                [FoundHole(source, hole.started, hole.ended, tuple(hole.before), tuple(hole.after)) for hole in found],
            )
        return self._part.sealed(end, self._width, self._height, stored, holes.close(end, sources(self._part.kind, 1)))

    def _stored(self) -> StoredDigest:
        ffi = self._writer.ffi
        plain, sm3 = (ffi.new("uint8_t[32]") for _ in range(2))
        if self._writer.lib.yuntiao_sums(self.at, plain, sm3):
            raise OSError(errno.EIO, "libcrypto gave no hash")  # the file is found as an orphan
        sha256, known = (bytes(ffi.buffer(digest)).hex() for digest in (plain, sm3))
        return StoredDigest(sha256, self.at.size, "", self.at.stored_size, known if self._context.sm3 else "")
