"""The journal as a package has it: an event a line with the hashes that bind it, decoded as far as this version can;
its files.

Independent of `journal` on purpose: what checks a commitment is not the code that made it (docs/evidence.md,
section 2). Files are those that the two journals name: each `Media` has where it lies in the case's storage, where
in a package, and the hash that was written down for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from journal import Actor
from recordings import evidence
from recordings.evidence import FORMAT, MOST_EVENTS, Unsound, canonical, parsed
from rooms import events as e
from rooms.caucus import state as caucus_state
from rooms.events import KINDS, SessionEntry, typed
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


@dataclass(frozen=True, slots=True)
class Media:
    """A file the journal names: `stored` is its path there, `path` where it lies in a package.

    `size` in bytes, 0 where the journal says only the hash; `case`: whose key it is sealed under, "" for the session's.
    """

    stored: str
    path: str
    sha256: str
    size: int
    sm3: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class SealedPaper:
    """A document under seal, by the lines that tell of it. `hands`: the signatures that were on it, in order."""

    sealed: JournalLine
    hands: tuple[JournalLine, ...] = ()

    @property
    def document(self) -> str:
        return str(self.sealed.data["document"])


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of the complaint. `removed`: the line that says that it is gone, and why."""

    added: JournalLine
    removed: JournalLine | None = None

    @property
    def path(self) -> str:
        return evidence.attachment_path(self.added.data["attachment"], self.added.data["kind"])

    @property
    def sha256(self) -> str:
        """Of what was sent, where that was kept; else of what is shown."""
        return str(self.added.data["original_sha256" if self._original else "sha256"])

    @property
    def media(self) -> Media:
        data, case = self.added.data, self.added.stream.partition("/")[2]
        stored = f"{case}/{data['attachment']}{'.original' if self._original else ''}"
        size = data.get("original_size", 0) if self._original else data["size"]
        return Media(stored, self.path, self.sha256, size, case=case)

    @property
    def _original(self) -> bool:
        return bool(self.added.data.get("original"))


def media_of(
    session: Sequence[JournalLine], complaint: Sequence[JournalLine], format: str = evidence.FORMAT
) -> list[Media]:
    """Every segment, every answer spoken by telephone, the last composed video, the transcript, originals of exhibits
    that were not withdrawn and every document that was sealed; since the second form also what was signed, the
    handwriting, and files attached to the complaint."""
    found = [*_recorded(session), *_exhibits(session), *_documents(session)]
    return found if format == evidence.FIRST else [*found, *later(session, complaint)]


def later(session: Sequence[JournalLine], complaint: Sequence[JournalLine]) -> list[Media]:
    """What packages of the first form did not hold."""
    return [*_signed(session), *(one.media for one in attached(complaint) if one.removed is None)]


def papers(session: Sequence[JournalLine]) -> list[SealedPaper]:
    """Documents with the signatures in force when the seal was put on."""
    found, hands = list[SealedPaper](), dict[str, JournalLine]()
    for line in session:
        if line.erased:
            continue
        match line.type:
            case "Signed":
                hands[line.data["seat"]] = line
            case "SignatureWithdrawn":
                for seat in (line.data["seat"], *line.data.get("voids", ())):
                    hands.pop(seat, None)
            case "SigningVoided":
                hands.clear()
            case "DocumentSealed":
                text = line.data.get("text", "")
                on_it = [hand for hand in hands.values() if text and hand.data["text"] == text]
                found.append(SealedPaper(line, tuple(on_it)))
    return found


def attached(complaint: Sequence[JournalLine]) -> list[AttachedFile]:
    """Every file that was ever attached and whose entry still says so, in order."""
    found: dict[str, AttachedFile] = {}
    for line in complaint:
        if line.erased:
            continue
        if line.type == "AttachmentAdded":
            found[line.data["attachment"]] = AttachedFile(line)
        elif line.type == "AttachmentRemoved" and line.data["attachment"] in found:
            found[line.data["attachment"]] = AttachedFile(found[line.data["attachment"]].added, line)
    return list(found.values())


def handwriting(hand: JournalLine) -> str:
    """Where the strokes of a signature lie; "" of a typed one."""
    return evidence.handwriting_path(hand.data["picture"]) if hand.data.get("picture") else ""


def _recorded(session: Sequence[JournalLine]) -> list[Media]:
    found, film, words = [], None, None
    for line in session:
        if line.type == "SegmentSealed" and not line.erased:
            found.append(_media(line.data, evidence.media_path(line.data["path"])))
        elif line.type == "ConsentSpoken" and not line.erased:
            found.append(_media(line.data, evidence.spoken_path(line.data["path"])))
        elif line.type == "RecordingComposed" and not line.erased:
            film = _media(line.data, evidence.VIDEO)
        elif line.type == "TranscriptMade" and not line.erased:
            words = _media(line.data, evidence.TRANSCRIPT)
    return [*found, *(one for one in (film, words) if one)]


def _exhibits(session: Sequence[JournalLine]) -> Iterator[Media]:
    offered: dict[str, list[Media]] = {}
    for line in session:
        if line.type == "ExhibitOffered" and not line.erased:
            offered[line.data["exhibit"]] = [
                _media(original, evidence.exhibit_path(line.data["exhibit"], number, original["form"]))
                for number, original in enumerate(line.data["originals"], 1)
            ]
        elif line.type == "ExhibitWithdrawn" and not line.erased:
            offered.pop(line.data["exhibit"], None)
    return (one for files in offered.values() for one in files)


def _documents(session: Sequence[JournalLine]) -> Iterator[Media]:
    for paper in papers(session):
        stored, path = f"{_case(paper)}/documents/{paper.document}", evidence.document_path(paper.document)
        yield Media(stored, path, paper.sealed.data["sha256"], paper.sealed.data["size"])


def _signed(session: Sequence[JournalLine]) -> Iterator[Media]:
    """The text that was signed, whose name is its hash, and the strokes of each hand."""
    for paper in papers(session):
        if text := paper.sealed.data.get("text", ""):
            yield Media(f"{_case(paper)}/texts/{text}", evidence.signed_path(paper.document), text, 0)
        for hand in paper.hands:
            if path := handwriting(hand):
                stored = f"{_case(paper)}/hands/{hand.data['picture']}"
                yield Media(stored, path, hand.data["sha256"], 0)


def _media(data: Mapping[str, Any], path: str) -> Media:
    return Media(data["path"], path, data["sha256"], data["size"], data.get("sm3", ""))


def _case(paper: SealedPaper) -> str:
    return paper.sealed.stream.partition("/")[2]
