"""CSV as bytes: the encoding of every line, the separator, the rows.

An export glued together from two systems may be UTF-8 in one line and GB18030 in the next, so each line is asked by
itself; text of more than one Chinese word in GB18030 is practically never valid UTF-8, so UTF-8 is asked first.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections.abc import Iterable, Iterator

from complaints.channels.errors import Unreadable

LONGEST_LINE = 1 << 20  # bytes
LONGEST_FIELD = 200_000  # characters; a quotation mark that is never closed swallows the file
LONGEST_ROW = 4_000_000  # characters of all lines of a row
_SHOWN = 4_000  # characters of a line
_SEPARATORS = ",\t;|"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY = re.compile(rb"\x00")


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines with their ends. Unreadable: empty, not_text."""
    source = iter(chunks)
    first = next(source, b"")
    while len(first) < 4 and (more := next(source, b"")):
        first += more
    if not first.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        rest = next(source, b"")
        if not rest:
            raise Unreadable("empty")
        first += rest
    if first.startswith(_WIDE):
        yield from _wide(first, source)
        return
    if _BINARY.search(first):
        raise Unreadable("not_text")
    rest = first.removeprefix(codecs.BOM_UTF8)
    while True:
        *whole, rest = rest.splitlines(keepends=True) or [b""]
        if rest.endswith(b"\n"):
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield decoded(line)
        if len(rest) > LONGEST_LINE:
            raise Unreadable("not_text")
        following = next(source, None)
        if following is None:
            break
        rest += following
    if rest:
        yield decoded(rest)


def decoded(line: bytes) -> str:
    """What is neither UTF-8 nor GB18030 keeps its place as U+FFFD: its row will be refused, and the others not."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return line.decode("gb18030")
        except UnicodeDecodeError:
            return line.decode("utf-8", "replace")


def separator(sample: list[str]) -> str:
    """The one that makes the most columns in the fullest of the first lines."""
    counts = {mark: max((line[:_SHOWN].count(mark) for line in sample), default=0) for mark in _SEPARATORS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else "，"  # of Chinese prose, so the last to be thought of


def rows(chunks: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line they begin in. Unreadable: as `lines`, open_quote (row)."""
    source = lines(chunks)
    sample = [line for _, line in zip(range(20), source, strict=False)]
    csv.field_size_limit(LONGEST_FIELD)
    line = 1
    size = 0  # characters of the lines since the last row

    def counted() -> Iterator[str]:
        nonlocal size
        for one in itertools.chain(sample, source):
            size += len(one)
            if size > LONGEST_ROW:
                raise Unreadable("open_quote", row=line)
            yield one

    reader = csv.reader(counted(), delimiter=separator(sample))
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise Unreadable("open_quote", row=line) from None
        if row is None:
            return
        yield line, row
        line, size = reader.line_num + 1, 0


def _wide(first: bytes, source: Iterator[bytes]) -> Iterator[str]:
    """What Excel calls Unicode text."""
    decoder, rest = codecs.getincrementaldecoder("utf-16")("replace"), ""
    for chunk in _bytes(first, source):
        rest += decoder.decode(chunk)
        *whole, rest = rest.split("\n")
        yield from (line + "\n" for line in whole)
        if len(rest) > LONGEST_LINE:
            raise Unreadable("not_text")
    rest += decoder.decode(b"", True)
    if rest:
        yield rest


def _bytes(first: bytes, source: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from source
