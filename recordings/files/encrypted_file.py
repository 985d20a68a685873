"""The form of a file at rest: encrypted under its case's key, readable up to wherever its writing was cut off.

A header of 76 bytes:

    magic       4   `YTS1`: AES-256-GCM; `YTS2`: SM4-GCM (`recordings.files.keys`)
    wrapped    60   nonce (12) and, so encrypted, the file's own random key (32 + 16) under the case's key,
                    with the rest of the header bound to it
    prefix      8   of every nonce in the file
    stride      4   plaintext bytes of every record but the last; 0: they vary

then records, each of four bytes of length and what is encrypted under the file's key. The length is that of
ciphertext and tag (three bytes, big endian), behind it a check of these three: else one flipped bit would look like a
file cut short. The nonce is prefix and number of the record (four bytes, from 0); what is bound to it besides is the
header and the number (eight bytes). A last, empty record says that the file was finished. A file without one was cut
off: its whole records are good, and it is left as it is. Zeros may stand behind them: of a file that was to grow, or
whose size was set ahead (`native/disk.c`).
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes

from recordings import Damaged
from recordings.files.keys import CipherName, cipher_of, in_force

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


MAGICS: Final[Mapping[CipherName, bytes]] = {"aes": b"YTS1", "sm4": b"YTS2"}
MAGIC_BYTES: Final = 4
LONGEST = 1 << 20  # plaintext bytes of a record
AT_ONCE = 1 << 16  # bytes that are hashed together
STRIDE = 1 << 18  # of a file that is sealed when it is finished

_SEALED_WITH: Final = {magic: name for name, magic in MAGICS.items()}

KEY, NONCE, TAG, PREFIX = 32, 12, 16, 8  # bytes
WRAPPED = NONCE + KEY + TAG
LENGTH = 4
STRIDE_FIELD = struct.Struct(">I")
HEADER = MAGIC_BYTES + WRAPPED + PREFIX + STRIDE_FIELD.size
END = LENGTH + TAG  # bytes of the last record


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """`sha256`, `sm3` and `size` of what was sealed, `stored_…` of the file it became. Only what was wanted."""

    sha256: str
    size: int
    stored_sha256: str
    stored_size: int
    sm3: str = ""


class Digest:
    """SHA-256 and, where wanted, SM3 (GB/T 32905) of the same bytes.

    Some hundred kilobytes are hashed at a time: each hashing of many bytes lets another thread take the interpreter.
    """

    def __init__(self, sm3: bool = False) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._sm3 = hashes.Hash(hashes.SM3()) if sm3 else None
        self._held: list[bytes] = []
        self._hashed = 0  # bytes

    def update(self, data: bytes) -> None:
        self.size += len(data)
        self._held.append(data)
        if self.size - self._hashed >= AT_ONCE:
            self._hash()

    @property
    def sha256(self) -> str:
        self._hash()
        return self._sha256.hexdigest()

    @property
    def sm3(self) -> str:
        self._hash()
        return self._sm3.copy().finalize().hex() if self._sm3 is not None else ""

    def _hash(self) -> None:
        held = b"".join(self._held)
        self._held.clear()
        self._hashed = self.size
        self._sha256.update(held)
        if self._sm3 is not None:
            self._sm3.update(held)


@dataclass(frozen=True, slots=True)
class SealedHeader:
    """A new file's header, and the key its records are sealed with."""

    header: bytes
    key: bytes
    cipher: CipherName

    @property
    def prefix(self) -> bytes:
        return self.header[-STRIDE_FIELD.size - PREFIX : -STRIDE_FIELD.size]


def new_header(key: bytes, stride: int = 0) -> SealedHeader:
    """`key` is the case's. ValueError as `in_force`."""
    name = in_force()
    file_key, nonce = os.urandom(KEY), os.urandom(NONCE)
    rest = os.urandom(PREFIX) + STRIDE_FIELD.pack(stride)
    wrapped = cipher_of(name, key).encrypt(nonce, file_key, MAGICS[name] + rest)
    return SealedHeader(MAGICS[name] + nonce + wrapped + rest, file_key, name)


class RecordSealer:
    """The records of a new file, one after the other: whatever comes, no nonce is used for two texts."""

    def __init__(self, key: bytes, stride: int = 0) -> None:
        """`key` is the case's."""
        head = new_header(key, stride)
        self.header, self._prefix, self._cipher = head.header, head.prefix, cipher_of(head.cipher, head.key)
        self.number = 0  # of the next record

    def seal(self, plain: bytes) -> bytes:
        made = bytearray(sealed_size(len(plain)))
        self.seal_into(plain, memoryview(made))
        return bytes(made)

    def seal_into(self, plain: bytes, room: memoryview) -> None:
        """`room` has `sealed_size` bytes."""
        number, self.number = self.number, self.number + 1
        room[:LENGTH] = _length(len(plain) + TAG)
        self._cipher.encrypt_into(nonce_of(self._prefix, number), plain, bound_to(self.header, number), room[LENGTH:])


def sealed_size(plain: int) -> int:
    """Bytes of the record that so many become."""
    return LENGTH + plain + TAG


class SealedWriter:
    """Writes a new sealed file through `write`, which is an unbuffered file's: it may take less than it is given.

    What `flush` could not write is written first by the next one, byte for byte.
    """

    def __init__(self, write: Callable[[bytes], int | None], key: bytes, *, stride: int = 0, sm3: bool = False) -> None:
        self._sealer = RecordSealer(key, stride)
        self._write, self._stride = write, stride
        self._buffer = bytearray()
        self._begun = b""  # plaintext of the record that is on its way
        self._pending = self._sealer.header
        self._plain, self._stored = Digest(sm3), Digest()
        self._finished = False

    @property
    def size(self) -> int:
        """Plaintext bytes in whole records in the file."""
        return self._plain.size

    @property
    def stored(self) -> StoredDigest:
        """Of what is in the file by now."""
        plain, stored = self._plain, self._stored
        return StoredDigest(plain.sha256, plain.size, stored.sha256, stored.size, plain.sm3)

    def append(self, data: bytes) -> None:
        self._buffer += data

    def flush(self) -> bool:
        """Write what was appended as one record; whether there was anything to write. OSError."""
        wrote = self._drain()
        while self._buffer and (not self._stride or len(self._buffer) >= self._stride):
            most = self._stride or LONGEST
            if len(self._buffer) <= most:
                self._record(bytes(self._buffer))
                self._buffer.clear()
            else:
                self._record(bytes(memoryview(self._buffer)[:most]))
                del self._buffer[:most]
            wrote = self._drain() or wrote
        return wrote

    def finish(self) -> None:
        """Write what is left and the end. OSError; the file is good as far as it came."""
        self.flush()
        if self._buffer:
            self._record(bytes(self._buffer))
            self._buffer.clear()
            self._drain()
        if not self._finished:
            self._finished = True
            self._record(b"")
        self._drain()

    def _record(self, plain: bytes) -> None:
        self._begun = plain
        self._pending += self._sealer.seal(plain)

    def _drain(self) -> bool:
        if not self._pending or (not self._sealer.number and not self._finished):
            return False  # the header goes with the first record: an empty file never held anything
        while self._pending:
            written = self._write(self._pending) or 0
            self._stored.update(self._pending[:written])
            self._pending = self._pending[written:]
        self._plain.update(self._begun)
        self._begun = b""
        return True


def begins_sealed(content: bytes) -> bool:
    """Whether these first bytes are, or may become, a sealed file's."""
    return any(content.startswith(magic[: len(content)]) for magic in MAGICS.values())


def nonce_of(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4, "big")


def bound_to(header: bytes, number: int) -> bytes:
    return header + number.to_bytes(8, "big")


def _check(three: bytes) -> int:
    return three[0] ^ three[1] ^ three[2] ^ 0xA5


def _length(size: int) -> bytes:
    three = size.to_bytes(3, "big")
    return three + bytes([_check(three)])


def read_length(four: bytes) -> int:
    if len(four) != LENGTH or _check(four) != four[3] or int.from_bytes(four[:3], "big") < TAG:
        raise Damaged("a length was changed")
    return int.from_bytes(four[:3], "big")


class SealedReader(io.RawIOBase):
    """The plaintext, at random. Damaged when something does not verify; at once, where the lengths show it, unless
    `torn`: what comes before is given then."""

    def __init__(self, file: BinaryIO, key: bytes, *, torn: bool = False) -> None:
        self._file = file
        self._at = 0
        self._held = -1  # number of the record that was decrypted last
        self._plain = b""
        self._end = file.seek(0, os.SEEK_END)  # of the file
        file.seek(0)
        self._header = file.read(HEADER)
        if not begins_sealed(self._header):
            raise Damaged("not a sealed file")
        self._starts: list[int] = []  # of the records in the file, and
        self._offsets = [0]  # of what they hold in the plaintext
        self._uniform = self._stride = 0
        self.finished = False
        self._good = self._end  # bytes of the file, as far as its lengths say
        if len(self._header) == HEADER:
            self._open(key, torn)

    def _open(self, key: bytes, torn: bool) -> None:
        magic, wrapped = self._header[:MAGIC_BYTES], self._header[MAGIC_BYTES:][:WRAPPED]
        rest, name = self._header[MAGIC_BYTES + WRAPPED :], _SEALED_WITH[magic]
        self._prefix, (self._stride,) = rest[:PREFIX], STRIDE_FIELD.unpack(rest[PREFIX:])
        try:
            file_key = cipher_of(name, key).decrypt(wrapped[:NONCE], wrapped[NONCE:], magic + rest)
        except InvalidTag:
            raise Damaged("changed, or sealed with another key") from None
        self._cipher = cipher_of(name, file_key)
        if self._stride:
            # All of one length but the last: nothing to look for. A last one that is nearly as long makes, with the
            # end behind it, one too many.
            self._uniform = max(0, (self._end - HEADER) // (LENGTH + self._stride + TAG) - 1)
        try:
            self._index(HEADER + self._uniform * (LENGTH + self._stride + TAG))
        except Damaged:
            if not torn:
                raise
        else:
            self._good = self._end

    def _index(self, at: int) -> None:
        """Find the records from here on."""
        self._offsets = [self._uniform * self._stride]
        while not self.finished and self._end - at >= LENGTH:
            self._good = at
            self._file.seek(at)
            found = self._file.read(LENGTH)
            if found == bytes(LENGTH) and self._nothing_from(at):
                return  # a power cut: the file had grown before what belongs there was written
            size = read_length(found)
            if at + LENGTH + size > self._end:
                return
            self._starts.append(at)
            at += LENGTH + size
            if size == TAG:
                try:
                    self._decrypt(self._count - 1)
                finally:
                    self._starts.pop()
                self.finished = True
            else:
                self._offsets.append(self._offsets[-1] + size - TAG)
        if self.finished and not self._nothing_from(at):
            self._good = at
            raise Damaged("something follows the end")

    def _nothing_from(self, at: int) -> bool:
        self._file.seek(at)
        while piece := self._file.read(1 << 16):
            if piece.count(0) != len(piece):
                return False
        return True

    @property
    def _count(self) -> int:
        return self._uniform + len(self._starts)

    @property
    def size(self) -> int:
        """Plaintext bytes in whole records."""
        return self._offsets[-1]

    def extent(self) -> int:
        """Bytes of the file before the first that its writer has not put there; all of them when there is none. Reads
        and verifies the whole file."""
        for number in range(self._count):
            try:
                self._decrypt(number)
            except Damaged:
                return self._start(number)
        return self._good

    def _start(self, number: int) -> int:
        if number < self._uniform:
            return HEADER + number * (LENGTH + self._stride + TAG)
        return self._starts[number - self._uniform]

    def _decrypt(self, number: int) -> bytes:
        self._file.seek(self._start(number))
        size = read_length(self._file.read(LENGTH))
        sealed = self._file.read(size)
        try:
            if number < self._uniform and size != self._stride + TAG:
                raise InvalidTag
            return self._cipher.decrypt(nonce_of(self._prefix, number), sealed, bound_to(self._header, number))
        except InvalidTag:
            raise Damaged(f"record {number} was changed") from None

    def _find(self, at: int) -> tuple[int, int]:
        """The record that holds this byte, and where it begins in the plaintext."""
        if at < self._offsets[0]:
            return at // self._stride, at // self._stride * self._stride
        index = bisect_right(self._offsets, at) - 1
        return self._uniform + index, self._offsets[index]

    # ------------------------------------------------------------ io.RawIOBase

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._at >= self.size:
            return 0
        number, begins = self._find(self._at)
        if number != self._held:
            self._plain, self._held = self._decrypt(number), number
        view = memoryview(buffer).cast("B")
        piece = self._plain[self._at - begins :][: len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("before the start")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def open_sealed(file: BinaryIO, key: bytes) -> BinaryIO:
    """The plaintext of a sealed file; closing it closes the file. Damaged, also while reading."""
    return io.BufferedReader(SealedReader(file, key), STRIDE)
