"""Files as rows: CSV of any encoding, messages of the mail drop, JSON bodies.

A message board's mail is free text with labels, 联系电话：138…, one a line; what stands under no label is the facts.
"""

from __future__ import annotations

import codecs
import csv
import email
import email.policy
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any, NoReturn

from complaints.channels import UnreadableFile
from complaints.channels.cells import Cell
from complaints.channels.mapping import ChannelMapping, header_key

LARGEST = 32 << 20  # bytes, with what lies in it
LONGEST_HEADER = 256 << 10  # bytes above the first empty line; its parser takes the square of it
MOST_ATTACHED = 20
MOST_KEYS, DEEPEST = 500, 4
_LABEL = re.compile(r"\s*[【\[]?([^\s：:【】\[\]][^：:\n【】\[\]]{0,19}?)[】\]]?\s*[：:]\s*(.*)")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_HIDDEN = ("script", "style", "head")

Named = dict[str, Cell]
"""Header -> cell."""


def of_message(raw: bytes, mapping: ChannelMapping, name: str = "") -> Named:
    """Headers and labels. `name`: of the file, the source number when the message has none. Unreadable: bad_message."""
    if len(raw) > LARGEST:
        raise UnreadableFile("too_big", most=LARGEST >> 20)
    if not raw.strip():
        raise UnreadableFile("empty")
    if not _EMPTY_LINE.search(raw, 0, LONGEST_HEADER) and len(raw) > LONGEST_HEADER:
        raise UnreadableFile("bad_message")
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        subject, sent, sender, number = (_header(message, key) for key in ("Subject", "Date", "From", "Message-ID"))
        body = _body(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, IndexError):
        # The parser of headers trips over many kinds of nonsense; what it says of them is of no use to a clerk.
        raise UnreadableFile("bad_message") from None
    got: Named = {_column(mapping, "title"): subject[:120], _column(mapping, "number"): number[:80] or name[:80]}
    if sent:
        try:
            got[_column(mapping, "received")] = parsedate_to_datetime(sent)
        except (ValueError, TypeError, OverflowError):
            got[_column(mapping, "received")] = sent
    if sender:
        got[_column(mapping, "consumer_name")] = parseaddr(sender)[0][:60]
    return got | of_text(body, mapping)


def attached_files(raw: bytes) -> list[tuple[str, bytes]]:
    """(name, content) of the files in a message that `of_message` could read; what cannot be decoded is empty."""
    found: list[tuple[str, bytes]] = []
    try:
        for part in email.message_from_bytes(raw, policy=email.policy.default).iter_attachments():
            content = part.get_payload(decode=True)
            name = part.get_filename() or ""
            found.append((name[:200], content if isinstance(content, bytes) else b""))
            if len(found) == MOST_ATTACHED:
                break
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, IndexError):
        return found  # the same nonsense as in `of_message`; what came before it counts
    return found


def of_note(raw: bytes, mapping: ChannelMapping, name: str = "") -> Named:
    """A text file without headers."""
    if len(raw) > LARGEST:
        raise UnreadableFile("too_big", most=LARGEST >> 20)
    text = "".join(decoded(line) for line in raw.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True))
    if not text.strip():
        raise UnreadableFile("empty")
    return {_column(mapping, "number"): name[:80], **of_text(text, mapping)}


def of_text(body: str, mapping: ChannelMapping) -> Named:
    """Labels the mapping knows, with the lines below them; everything else is the facts."""
    known = {header_key(header): header for headers in mapping.columns.values() for header in headers}
    known |= {header_key(header): header for header in mapping.keep}
    facts = _column(mapping, "facts")
    under, parts = facts, {facts: ""}
    for line in body.replace("\r\n", "\n").split("\n"):
        found = _LABEL.fullmatch(line)
        label = known.get(header_key(found[1])) if found else None
        if found and label:
            under = facts if label in mapping.columns.get("facts", ()) else label
            parts[under] = f"{parts[under]}\n{found[2]}" if parts.get(under) else found[2]
        elif not line.strip():
            parts[facts] += "\n"
            under = facts  # an empty line ends what a label said
        else:
            parts[under] = f"{parts[under]}\n{line}" if parts.get(under) else line
    return {label: re.sub(r"\n{3,}", "\n\n", text).strip() for label, text in parts.items()}


def of_json(body: object) -> Named:
    """An object's members by name; what lies deeper is named with a dot. Unreadable: bad_json."""
    if not isinstance(body, dict):
        raise UnreadableFile("bad_json")
    got: Named = {}
    _flatten(body, "", got, 1)
    return got


def _flatten(part: Mapping[str, Any], before: str, got: Named, depth: int) -> None:
    for key, value in part.items():
        name = before + key
        if len(got) >= MOST_KEYS or depth > DEEPEST or len(name) > 200:
            raise UnreadableFile("bad_json")
        match value:
            case dict():
                _flatten(value, f"{name}.", got, depth + 1)
            case list():
                if any(isinstance(one, (dict, list)) for one in value):
                    raise UnreadableFile("bad_json")
                got[name] = "、".join(str(one) for one in value)
            case str() | int() | float() | bool() | None:
                got[name] = value
            case _:
                raise UnreadableFile("bad_json")


def _column(mapping: ChannelMapping, field: str) -> str:
    headers = mapping.columns.get(field) or (field,)
    return headers[0]


def _header(message: EmailMessage, name: str) -> str:
    value = message.get(name)
    return "" if value is None else " ".join(str(value).split()).strip("<>" if name == "Message-ID" else None)


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    charset = part.get_content_charset("")
    data = raw if isinstance(raw, bytes) else str(raw).encode("utf-8", "replace")
    try:
        text = data.decode(charset) if charset else None
    except (LookupError, UnicodeDecodeError):
        text = None
    if text is None:  # no charset, or a wrong one
        text = "".join(decoded(line) for line in data.splitlines(keepends=True))
    if part.get_content_type() == "text/html":
        plain = _Plain()
        plain.feed(text)
        return "".join(plain.parts)
    return text


class _Plain(HTMLParser):
    """The text of a page, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in ("br", "p", "div", "tr", "li"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


# ------------------------------------------------------------ bodies of signed requests


MOST_ROWS = 200


def body_rows(body: bytes) -> tuple[list[str], list[Sequence[Cell]]]:
    """One JSON object, or a list of them, as rows of one table: (names, rows).

    The names of all members in the order they first came, and a row of cells for each object. Unreadable: empty,
    bad_json, too_many_rows.
    """
    try:
        told = json.loads(body.decode("utf-8"), parse_constant=_no_number)
        json.dumps(told, ensure_ascii=False).encode()  # half a character, written as \ud800, is no text
    except (ValueError, RecursionError):  # also a whole number of thousands of digits
        raise UnreadableFile("bad_json") from None
    objects: list[Any] = told if isinstance(told, list) else [told]
    if not objects:
        raise UnreadableFile("empty")
    if len(objects) > MOST_ROWS:
        raise UnreadableFile("too_many_rows", most=MOST_ROWS)
    named = [of_json(one) for one in objects]
    names = list(dict.fromkeys(name for one in named for name in one))
    return names, [[one.get(name) for name in names] for one in named]


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


# ------------------------------------------------------------ CSV


LONGEST_LINE = 1 << 20  # bytes
LONGEST_FIELD = 200_000  # characters; a quotation mark that is never closed swallows the file
LONGEST_ROW = 4_000_000  # characters of all lines of a row
_SHOWN = 4_000  # characters of a line
_SEPARATORS = ",\t;|"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY = re.compile(rb"\x00")


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines with their ends, each in its own encoding. Unreadable: empty, not_text.

    An export glued together from two systems may be UTF-8 in one line and GB18030 in the next. Text of more than one
    Chinese word in GB18030 is practically never valid UTF-8, so UTF-8 is tried first.
    """
    source = iter(chunks)
    first = next(source, b"")
    while len(first) < 4 and (more := next(source, b"")):
        first += more
    if not first.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        rest = next(source, b"")
        if not rest:
            raise UnreadableFile("empty")
        first += rest
    if first.startswith(_WIDE):
        yield from _wide(first, source)
        return
    if _BINARY.search(first):
        raise UnreadableFile("not_text")
    rest = first.removeprefix(codecs.BOM_UTF8)
    while True:
        *whole, rest = rest.splitlines(keepends=True) or [b""]
        if rest.endswith(b"\n"):
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield decoded(line)
        if len(rest) > LONGEST_LINE:
            raise UnreadableFile("not_text")
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
                raise UnreadableFile("open_quote", row=line)
            yield one

    reader = csv.reader(counted(), delimiter=separator(sample))
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise UnreadableFile("open_quote", row=line) from None
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
            raise UnreadableFile("not_text")
    rest += decoder.decode(b"", True)
    if rest:
        yield rest


def _bytes(first: bytes, source: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from source
