"""The journal as a package has it: one event a line, with the hashes that bind it (docs/evidence.md, section 2).

Independent of `journal.events` on purpose: what checks a commitment is not the code that made it.

What overviews are made of: a session's lines, decoded as far as this version of the program can.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from journal import Actor
from recordings.evidence.errors import Unsound
from recordings.evidence.form import FORMAT, MOST_EVENTS, canonical, parsed
from rooms import events as e
from rooms.caucus import state as caucus_state
from rooms.codec import KINDS, SessionEntry, typed
from rooms.vocabulary import Seat

LOOKS: Final = frozenset({"Viewed", "Exported", "PhoneRevealed", "AttachmentTaken"})
ERASED: Final = "ContentErased"
WITHHELD: Final = frozenset(kind.__name__ for kind in caucus_state.CONFIDENTIAL)
"""Types of entries of a session whose content is in no package: concessions (docs/evidence.md, section 2)."""

OFFERED: Final = frozenset(kind.__name__ for kind in caucus_state.OFFERED)
"""Types whose content is in a package only where it is what was agreed in the end."""
WITHHOLDABLE: Final = WITHHELD | OFFERED

_HEX = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{32}|")
_STAMP = re.compile(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\.[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class JournalLine:
    """An event. `actor`: kind, id, name, role, office. `at` is a stamp, `leaf` its number in the log."""

    stream: str
    version: int
    type: str
    data: dict[str, Any]
    at: str
    actor: tuple[str, str, str, str, str]
    salt: str
    content: str
    hash: str
    leaf: int

    @property
    def erased(self) -> bool:
        return not self.salt

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.at)


def content_of(line: JournalLine) -> str:
    body = canonical({"actor": list(line.actor), "data": line.data})
    return hashlib.sha256(line.salt.encode() + b"\n" + body).hexdigest()


def hash_of(previous: str, line: JournalLine) -> str:
    body = {"at": line.at, "content": line.content, "stream": line.stream, "type": line.type, "version": line.version}
    return hashlib.sha256(previous.encode() + b"\n" + canonical(body)).hexdigest()


def withheld(lines: Sequence[JournalLine]) -> list[JournalLine]:
    """Without what was said in confidence or offered in vain, and by whom; what it commits to stays, and with it chain
    and tree. Done twice it is the same."""
    agreed = _agreed(lines)
    return [
        replace(line, data={}, actor=(line.actor[0], "", "", "", ""), salt="") if _confidential(line, agreed) else line
        for line in lines
    ]


def _confidential(line: JournalLine, agreed: frozenset[tuple[str, int]]) -> bool:
    if line.type not in OFFERED:
        return line.type in WITHHELD
    in_force = (line.data.get("clause"), line.data.get("edition")) in agreed
    return not in_force or line.type == "ClauseRemoved" or line.data.get("agrees") is False


def _agreed(lines: Sequence[JournalLine]) -> frozenset[tuple[str, int]]:
    """Clauses and their editions that the session closed with as its agreement; none when it closed otherwise."""
    last: dict[str, int] = {}
    settled = False
    for line in lines:
        if line.erased:
            continue
        match line.type:
            case "ClausePut":
                last[line.data["clause"]] = line.data["edition"]
            case "ClauseRemoved":
                last.pop(line.data["clause"], None)
            case "SessionClosed":
                settled = line.data["outcome"]["kind"] == "settled"
    return frozenset(last.items()) if settled else frozenset()


def until_last_fact(lines: Sequence[JournalLine]) -> list[JournalLine]:
    """Without the looks at the end: they would make every export another one."""
    end = len(lines)
    while end and lines[end - 1].type in LOOKS:
        end -= 1
    return list(lines[:end])


def to_text(lines: Sequence[JournalLine]) -> bytes:
    return b"".join(canonical(_plain(line)) + b"\n" for line in lines)


def from_text(text: bytes) -> list[JournalLine]:
    """Unsound when a line is not one."""
    if text and not text.endswith(b"\n"):
        raise Unsound("the last line is cut off")
    raw = text.split(b"\n")[:-1]
    if len(raw) > MOST_EVENTS:
        raise Unsound("more events than any session has")
    return [_line(number, line) for number, line in enumerate(raw, 1)]


def _plain(line: JournalLine) -> dict[str, Any]:
    return {
        "actor": list(line.actor),
        "at": line.at,
        "content": line.content,
        "data": line.data,
        "hash": line.hash,
        "leaf": line.leaf,
        "salt": line.salt,
        "stream": line.stream,
        "type": line.type,
        "version": line.version,
    }


def _line(number: int, text: bytes) -> JournalLine:
    try:
        value = parsed(text)
        made = JournalLine(
            value["stream"], value["version"], value["type"], value["data"], value["at"], tuple(value["actor"]),
            value["salt"], value["content"], value["hash"], value["leaf"],
        )  # fmt: skip
        whole = all(type(n) is int and n >= 0 for n in (made.version, made.leaf))
        texts = all(type(t) is str for t in (made.stream, made.type, made.at, *made.actor))
        exact = len(value) == 10 and len(made.actor) == 5 and isinstance(made.data, dict)
        forms = _SALT.fullmatch(made.salt) and _HEX.fullmatch(made.content) and _HEX.fullmatch(made.hash)
        if whole and texts and exact and forms and _STAMP.fullmatch(made.at):
            datetime.fromisoformat(made.at)
            return made
    except (Unsound, KeyError, TypeError, ValueError):
        pass
    raise Unsound(f"line {number} is no event")


def corrections(session: Iterable[JournalLine]) -> dict[int, int]:
    """Entry -> the newest entry that corrects it."""
    return {
        line.data["entry"]: line.version
        for line in session
        if line.type == "EntryCorrected" and not line.erased and line.data["entry"] < line.version
    }


Sheet = dict[str, Any]


@dataclass(frozen=True)
class DecodedLines:
    """A session's lines, decoded as far as this version of the program can. `complaint`: those of its complaint.

    Erased entries are left out, and those about a seat whose own entry was erased.
    """

    session: str
    lines: Sequence[JournalLine]
    complaint: Sequence[JournalLine] = ()
    format: str = FORMAT

    @cached_property
    def history(self) -> list[SessionEntry]:
        return list(_decoded(self.session, self.lines))

    @cached_property
    def seats(self) -> dict[str, Seat]:
        found: dict[str, Seat] = {}
        for entry in self.history:
            if isinstance(entry.event, e.SessionScheduled):
                found.update((seat.id, seat) for seat in entry.event.seats)
            elif isinstance(entry.event, e.SeatAdded):
                found[entry.event.seat.id] = entry.event.seat
        return found

    @property
    def end(self) -> datetime:
        return self.lines[-1].time


def _decoded(session: str, lines: Iterable[JournalLine]) -> Iterator[SessionEntry]:
    seats: set[str] = set()
    for line in lines:
        if line.erased or line.type not in KINDS:
            continue
        event: e.SessionEvent = typed(KINDS[line.type], line.data)
        if isinstance(event, e.SessionScheduled):
            seats.update(seat.id for seat in event.seats)
        elif isinstance(event, e.SeatAdded):
            seats.add(event.seat.id)
        elif getattr(event, "seat", "") not in seats | {""}:
            continue
        kind, id_, name, role, office = line.actor
        actor = Actor(kind, id_, name, role, office)  # type: ignore[arg-type]
        yield SessionEntry(session, line.version, event, line.time, actor)
