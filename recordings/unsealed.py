"""What a sealed file holds, read at random (`recordings.sealed` describes its form)."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordings.errors import Damaged
from recordings.sealed import (
    HEADER,
    LENGTH,
    MAGIC,
    NONCE,
    PREFIX,
    STRIDE,
    STRIDE_FIELD,
    TAG,
    WRAPPED,
    bound_to,
    nonce_of,
    read_length,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


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
        if not self._header.startswith(MAGIC[: len(self._header)]):
            raise Damaged("not a sealed file")
        self._starts: list[int] = []  # of the records in the file, and
        self._offsets = [0]  # of what they hold in the plaintext
        self._uniform = self._stride = 0
        self.finished = False
        self._good = self._end  # bytes of the file, as far as its lengths say
        if len(self._header) == HEADER:
            self._open(key, torn)

    def _open(self, key: bytes, torn: bool) -> None:
        wrapped, rest = self._header[len(MAGIC) :][:WRAPPED], self._header[len(MAGIC) + WRAPPED :]
        self._prefix, (self._stride,) = rest[:PREFIX], STRIDE_FIELD.unpack(rest[PREFIX:])
        try:
            file_key = AESGCM(key).decrypt(wrapped[:NONCE], wrapped[NONCE:], MAGIC + rest)
        except InvalidTag:
            raise Damaged("changed, or sealed with another key") from None
        self._cipher = AESGCM(file_key)
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
