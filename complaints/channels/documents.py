"""One complaint a document: a message of the mail drop (.eml, .txt) or a JSON body, as a named row.

A message board's mail is free text with labels, 联系电话：138…, one a line; what stands under no label is the facts.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping as Of
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

from complaints.channels.cells import Cell
from complaints.channels.delimited import decoded
from complaints.channels.errors import Unreadable
from complaints.channels.mapping import Mapping, header_key

LARGEST = 32 << 20  # bytes, with what lies in it
LONGEST_HEADER = 256 << 10  # bytes above the first empty line; its parser takes the square of it
MOST_ATTACHED = 20
MOST_KEYS, DEEPEST = 500, 4
_LABEL = re.compile(r"\s*[【\[]?([^\s：:【】\[\]][^：:\n【】\[\]]{0,19}?)[】\]]?\s*[：:]\s*(.*)")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_HIDDEN = ("script", "style", "head")

Named = dict[str, Cell]
"""Header -> cell."""


def of_message(raw: bytes, mapping: Mapping, name: str = "") -> Named:
    """Headers and labels. `name`: of the file, the source number when the message has none. Unreadable: bad_message."""
    if len(raw) > LARGEST:
        raise Unreadable("too_big", most=LARGEST >> 20)
    if not raw.strip():
        raise Unreadable("empty")
    if not _EMPTY_LINE.search(raw, 0, LONGEST_HEADER) and len(raw) > LONGEST_HEADER:
        raise Unreadable("bad_message")
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        subject, sent, sender, number = (_header(message, key) for key in ("Subject", "Date", "From", "Message-ID"))
        body = _body(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, IndexError):
        # The parser of headers trips over many kinds of nonsense; what it says of them is of no use to a clerk.
        raise Unreadable("bad_message") from None
    got: Named = {_column(mapping, "title"): subject[:120], _column(mapping, "number"): number[:80] or name[:80]}
    if sent:
        try:
            got[_column(mapping, "received")] = parsedate_to_datetime(sent)
        except (ValueError, TypeError, OverflowError):
            got[_column(mapping, "received")] = sent
    if sender:
        got[_column(mapping, "consumer_name")] = parseaddr(sender)[0][:60]
    return got | of_text(body, mapping)


def attached(raw: bytes) -> list[tuple[str, bytes]]:
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


def of_note(raw: bytes, mapping: Mapping, name: str = "") -> Named:
    """A text file without headers."""
    if len(raw) > LARGEST:
        raise Unreadable("too_big", most=LARGEST >> 20)
    text = "".join(decoded(line) for line in raw.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True))
    if not text.strip():
        raise Unreadable("empty")
    return {_column(mapping, "number"): name[:80], **of_text(text, mapping)}


def of_text(body: str, mapping: Mapping) -> Named:
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
        raise Unreadable("bad_json")
    got: Named = {}
    _flatten(body, "", got, 1)
    return got


def _flatten(part: Of[str, Any], before: str, got: Named, depth: int) -> None:
    for key, value in part.items():
        name = before + key
        if len(got) >= MOST_KEYS or depth > DEEPEST or len(name) > 200:
            raise Unreadable("bad_json")
        match value:
            case dict():
                _flatten(value, f"{name}.", got, depth + 1)
            case list():
                if any(isinstance(one, (dict, list)) for one in value):
                    raise Unreadable("bad_json")
                got[name] = "、".join(str(one) for one in value)
            case str() | int() | float() | bool() | None:
                got[name] = value
            case _:
                raise Unreadable("bad_json")


def _column(mapping: Mapping, field: str) -> str:
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
