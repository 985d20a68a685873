"""What the journals say in many places, said in one: people, outcome, chat, routing, gaps, clocks, timing; exhibits,
signatures and files of the complaint that lie beside the recordings.

Pure functions of the two streams, each with an edition of its own: whoever changes what a sheet says gives it the
next edition and keeps the old one for packages that are out there (docs/evidence.md, section 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from journal import stamp
from journal.clock import TimeSpan
from recordings.evidence import FIRST, document_path, exhibit_path, media_path, signed_path
from recordings.evidence.lines import DecodedLines, JournalLine, Sheet, attached, handwriting, papers
from recordings.gap_ledger import CAUSES, EDITION, ledger, third
from rooms import events as e
from rooms.events import SessionEntry, plain
from rooms.joining.consents import TEXTS
from rooms.timing import measure
from rooms.vocabulary import Seat


def exhibits(decoded: DecodedLines, edition: int) -> Sheet:
    """Those that were offered to everybody: where their originals lie in the package, and what became of them. Edition
    1 does not say to whom they were shown."""
    rows: dict[str, dict[str, Any]] = {}

    def whom(event: e.ExhibitShown | e.ExhibitPutAway) -> dict[str, Any]:
        return {"side": plain(event.side), "talk": event.talk} if edition > 1 else {}

    for entry in decoded.history:
        event, at = entry.event, {"at": stamp(entry.at), "version": entry.version}
        if isinstance(event, e.ExhibitOffered):
            files = [
                {"path": exhibit_path(event.exhibit, number, one.form), "sha256": one.sha256, "size": one.size}
                for number, one in enumerate(event.originals, 1)
            ]
            rows[event.exhibit] = {
                **at, "exhibit": event.exhibit, "files": files, "kind": event.kind.value, "pages": len(event.pages),
                "purpose": event.purpose.value, "seat": event.seat, "side": plain(event.side), "steps": [],
                "term": event.term, "title": "",
            }  # fmt: skip
        row = rows.get(getattr(event, "exhibit", ""))
        if row is None:
            continue
        match event:
            case e.ExhibitTitled(title=title):
                row["title"] = title
            case e.ExhibitShown(page=page):
                row["steps"].append({**at, **whom(event), "page": page, "step": "shown"})
            case e.ExhibitPutAway():
                row["steps"].append({**at, **whom(event), "step": "put_away"})
            case e.ExhibitAccepted(seat=seat):
                row["steps"].append({**at, "seat": seat, "step": "accepted"})
            case e.ExhibitDisputed(seat=seat, reason=reason):
                row["steps"].append({**at, "reason": reason, "seat": seat, "step": "disputed"})
            case e.ExhibitAnswerTakenBack(seat=seat):
                row["steps"].append({**at, "seat": seat, "step": "taken_back"})
            case e.ExhibitWithdrawn():
                row["files"] = []
                row["steps"].append({**at, "step": "withdrawn"})
            case _:
                pass
    return {"exhibits": list(rows.values())}


def signatures(decoded: DecodedLines, edition: int) -> Sheet:
    """Each sealed document that was signed: its text, and who signed it, when, how and by what right. Edition 1 takes
    the last confirmation there is, even one from after the signature, and leaves out the agreement to sign
    electronically."""
    return {
        "documents": [
            {
                "at": paper.sealed.at,
                "document": paper.document,
                "file": document_path(paper.document),
                "hands": [_hand(decoded, hand, edition) for hand in paper.hands],
                "kind": paper.sealed.data["kind"],
                "number": paper.sealed.data["number"],
                "text": {"file": signed_path(paper.document), "sha256": paper.sealed.data["text"]},
                "version": paper.sealed.version,
            }
            for paper in papers(decoded.lines)
            if paper.sealed.data.get("text")
        ]
    }


def _hand(decoded: DecodedLines, hand: JournalLine, edition: int) -> dict[str, Any]:
    confirmed = _last(decoded, hand, ("SignerConfirmed", "SignerConfirmedByVoice"), edition > 1)
    agreed = _last(decoded, hand, ("ElectronicFormAgreed",), True)
    electronic = agreed and {"at": agreed.at, "notice": agreed.data["notice"], "version": agreed.version}
    return {
        "at": hand.at,
        "basis": hand.data.get("basis", ""),
        "capacity": hand.data.get("capacity", ""),
        "confirmed": confirmed and _confirmation(confirmed),
        **({"electronic": electronic} if edition > 1 else {}),
        "file": handwriting(hand),
        "how": hand.data["how"],
        "name": hand.data["name"],
        "seat": hand.data["seat"],
        "sha256": hand.data.get("sha256", ""),
        "version": hand.version,
    }


def _last(decoded: DecodedLines, hand: JournalLine, types: tuple[str, ...], before: bool) -> JournalLine | None:
    """What the same seat said of the same text, `before` it signed."""
    whose = (hand.data["seat"], hand.data["text"])
    found = [
        line
        for line in decoded.lines
        if line.type in types and not line.erased and (line.data["seat"], line.data["text"]) == whose
    ]
    return next((line for line in reversed(found) if not before or line.version < hand.version), None)


def _confirmation(line: JournalLine) -> dict[str, Any]:
    if line.type == "SignerConfirmed":
        return {"at": line.at, "how": line.data["how"], "version": line.version}
    return {"at": line.at, "how": "voice", "recognised": line.data["recognised"], "version": line.version}


def attachments(decoded: DecodedLines) -> Sheet:
    """Files of the complaint: where each lies in the package, who attached it, and whether it was removed and why."""
    return {
        "attachments": [
            {
                "about": one.added.data.get("about", "evidence"),
                "at": one.added.at,
                "attachment": one.added.data["attachment"],
                "by": one.added.data.get("by", ""),
                "file": "" if one.removed else one.path,
                "kind": one.added.data["kind"],
                "name": one.added.data["name"],
                "note": one.added.data.get("note", ""),
                "removed": one.removed
                and {"at": one.removed.at, "reason": one.removed.data["reason"], "version": one.removed.version},
                "sha256": one.sha256,
                "shown_sha256": one.added.data["sha256"],
                "version": one.added.version,
            }
            for one in attached(decoded.complaint)
        ]
    }


def shown_in_private(decoded: DecodedLines) -> bool:
    """Whether an exhibit was shown to one side alone: then its steps say to whom."""
    shown = (entry.event for entry in decoded.history if isinstance(entry.event, e.ExhibitShown | e.ExhibitPutAway))
    return any(event.talk for event in shown)


LANGUAGES: Final = ("zh", "en")


def people(decoded: DecodedLines, edition: int) -> Sheet:
    """In edition 1 the phone number is the one from before any correction."""
    rows: dict[str, dict[str, Any]] = {
        seat.id: {**_named(seat), "consents": [], "devices": [], "identity": [], "names": []}
        for seat in decoded.seats.values()
    }
    if edition > 1:
        for row in rows.values():
            row["phones"] = []
    for entry in decoded.history:
        at, event = stamp(entry.at), entry.event
        match event:
            case e.SessionScheduled() | e.SeatAdded():
                for named in event.seats if isinstance(event, e.SessionScheduled) else (event.seat,):
                    rows[named.id]["phone"] = named.phone if edition > 1 else rows[named.id]["phone"]
            case e.PhoneCorrected(seat=seat, phone=phone) if edition > 1:
                rows[seat]["phones"].append(
                    {"at": at, "from": rows[seat]["phone"], "to": phone, "version": entry.version}
                )
                rows[seat]["phone"] = phone
            case e.ConsentGiven() | e.ConsentRefused():
                answer = "given" if isinstance(event, e.ConsentGiven) else "refused"
                rows[event.seat]["consents"].append(
                    {"answer": answer, "at": at, "files": text_files(event), "kind": event.kind.value,
                     "text": event.text, "version": entry.version}
                )  # fmt: skip
            case e.ConsentWithdrawn(seat=seat, kind=kind):
                rows[seat]["consents"].append(
                    {"answer": "withdrawn", "at": at, "files": [], "kind": kind.value, "text": "",
                     "version": entry.version}
                )  # fmt: skip
            case e.IdentityConfirmed(seat=seat, method=method):
                rows[seat]["identity"].append({"at": at, "method": method, "version": entry.version})
            case e.IdentityConfirmedByVoice(seat=seat, recognised=recognised):
                rows[seat]["identity"].append(
                    {"at": at, "by": plain(entry.actor), "method": "voice", "recognised": recognised,
                     "version": entry.version}
                )  # fmt: skip
            case e.NameChosen(seat=seat, name=name):
                rows[seat]["names"].append({"at": at, "name": name, "version": entry.version})
            case e.DeviceChecked(seat=seat, mode=mode, findings=findings):
                rows[seat]["devices"].append(
                    {"at": at, "findings": list(findings), "mode": mode, "version": entry.version}
                )
            case _:
                pass
    return {"people": list(rows.values())}


def _named(seat: Seat) -> dict[str, Any]:
    """As this edition of the sheet has a seat; what was added since stands in the journal."""
    known: dict[str, Any] = plain(seat)
    return {name: known[name] for name in ("id", "role", "name", "side", "organisation", "city", "phone")}


def text_files(event: e.ConsentGiven | e.ConsentRefused) -> list[str]:
    """Where the text of an answer lies; none when no text was named (an answer given in the room)."""
    return [f"texts/{event.text}/{TEXTS[event.kind]}.{language}.txt" for language in LANGUAGES] if event.text else []


def outcome(decoded: DecodedLines) -> Sheet:
    steps: list[dict[str, Any]] = []
    corrections: list[dict[str, Any]] = []
    closed: dict[str, Any] | None = None
    for entry in decoded.history:
        where = {"at": stamp(entry.at), "version": entry.version}
        match entry.event:
            case e.OutcomeProposed(outcome=shown):
                steps.append({**where, "outcome": plain(shown), "step": "shown"})
            case e.OutcomeTakenBack():
                steps.append({**where, "step": "taken_back"})
            case e.OutcomeSeen(seat=seat):
                steps.append({**where, "seat": seat, "step": "seen"})
            case e.SessionClosed(outcome=decided, anyway=anyway):
                closed = {**where, "anyway": anyway, "outcome": plain(decided)}
            case e.SessionCancelled(reason=reason):
                closed = {**where, "cancelled": reason}
            case e.Corrected(text=text):
                corrections.append({**where, "by": plain(entry.actor), "text": text})
            case _:
                pass
    return {"closed": closed, "corrections": corrections, "steps": steps}


def chat(decoded: DecodedLines) -> Sheet:
    said = [(entry, entry.event) for entry in decoded.history if isinstance(entry.event, e.Said)]
    return {
        "messages": [
            {"at": stamp(entry.at), "seat": event.seat, "text": event.text, "to": event.to, "version": entry.version}
            for entry, event in said
        ]
    }


def routing(decoded: DecodedLines) -> Sheet:
    """Stretches between two changes of the matrix, up to the session's end."""
    changes: list[tuple[datetime, int, e.Routed]] = []
    end = decoded.end
    for entry in decoded.history:
        if isinstance(entry.event, e.Routed):
            changes.append((entry.at, entry.version, entry.event))
        elif isinstance(entry.event, e.SessionClosed | e.SessionCancelled):
            end = entry.at
    stretches, heard = [], defaultdict[str, defaultdict[str, int]](lambda: defaultdict(int))
    for number, (at, version, routed) in enumerate(changes):
        until = changes[number + 1][0] if number + 1 < len(changes) else max(end, at)
        received = {name: value for name, value in plain(routed).items() if name in ("hears", "recorded", "sees")}
        stretches.append({**received, "from": stamp(at), "until": stamp(until), "version": version})
        for listener, others in routed.hears.items():
            for other in others:
                heard[listener][other] += TimeSpan(at, until).ms
    return {"could_hear_ms": {who: dict(others) for who, others in heard.items()}, "stretches": stretches}


def gaps(decoded: DecodedLines) -> Sheet:
    return gap_sheet(decoded.history)


def clocks(decoded: DecodedLines) -> Sheet:
    """`ahead_ms`: by how much the device's clock was ahead of the server's; null where the device did not say."""
    segments = [entry.event for entry in decoded.history if isinstance(entry.event, e.SegmentSealed)]
    return {
        "devices": [
            {"ahead_ms": getattr(one, "clock_ms", None), "at": stamp(one.started), "path": media_path(one.path),
             "seat": one.seat, "source": one.source}
            for one in segments
        ],
        "first": decoded.lines[0].at,
        "last": decoded.lines[-1].at,
    }  # fmt: skip


def timing(decoded: DecodedLines, edition: int) -> Sheet:
    """Editions 1 and 2 count interruptions in a private talk."""
    found = plain(measure(decoded.history, decoded.end, private=edition < 3))
    found["phases"] = [{"ms": ms, "phase": phase} for phase, ms in found["phases"].items()]
    found["phase_spans"] = [{**span, "phase": phase} for phase, span in found["phase_spans"]]
    caucuses, spent = found.pop("caucuses"), found.pop("caucus_ms")
    if edition > 1:
        found["caucuses"] = [{**span, "side": side} for side, span in caucuses]
        found["caucus_ms"] = [{"ms": ms, "side": side} for side, ms in spent.items()]
    return {"timing": found}


def _same(make: Callable[[DecodedLines], Sheet]) -> Callable[[DecodedLines, int], Sheet]:
    """Of a sheet whose editions say the same in the same way."""
    return lambda decoded, _edition: make(decoded)


DERIVED: Final[Mapping[str, Callable[[DecodedLines, int], Sheet]]] = {
    "people": people,
    "outcome": _same(outcome),
    "chat": _same(chat),
    "routing": _same(routing),
    "gaps": _same(gaps),
    "clocks": _same(clocks),
    "timing": timing,
    "exhibits": exhibits,
    "signatures": signatures,
    "attachments": _same(attachments),
}
"""Name -> what makes it, in an edition. `authenticity` also depends on the other items and is in its own module."""
NEWEST: Final[Mapping[str, int]] = {"people": 2, "gaps": 3, "timing": 3, "exhibits": 2, "signatures": 2}
"""The latest edition of a sheet, where it is not the first."""


def names(decoded: DecodedLines) -> list[str]:
    """Of the sheets of this session: those of exhibits, signatures and attachments only where there are any."""
    later = decoded.format != FIRST
    some = {
        "exhibits": any(isinstance(entry.event, e.ExhibitOffered) for entry in decoded.history),
        "signatures": later and any(paper.sealed.data.get("text") for paper in papers(decoded.lines)),
        "attachments": later and bool(attached(decoded.complaint)),
    }
    return [name for name in DERIVED if some.get(name, True)]


def edition(name: str, decoded: DecodedLines) -> int:
    """The one in which it is made now: a session that a later edition says nothing else of keeps the earlier, so that
    packages that are out there stay as they are."""
    match name:
        case "people":
            return 1 + _has(decoded, e.PhoneCorrected)
        case "gaps" if third(decoded.history) or ledger(decoded.history) != ledger(decoded.history, 2):
            return 3
        case "timing" if _has(decoded, e.CaucusStarted):
            return 3
        case "gaps" | "timing":
            return 1 + _has(decoded, e.CaucusStarted, e.ConsultingStarted)
        case "exhibits":
            return 1 + shown_in_private(decoded)
        case "signatures":
            return 2
        case _:
            return 1


def before(name: str, decoded: DecodedLines, newest: int) -> frozenset[int]:
    """Editions in which programs of before made it of this very session; each says less, or what the next mends."""
    match name, newest:
        case "people" | "exhibits" | "signatures", _:
            return frozenset({1})
        case "timing", 3:
            return frozenset({2})
        case "gaps", 3 if not third(decoded.history):
            return frozenset({1 + _has(decoded, e.CaucusStarted, e.ConsultingStarted)})
        case _:
            return frozenset()


def _has(decoded: DecodedLines, *kinds: type[e.SessionEvent]) -> bool:
    return any(isinstance(entry.event, kinds) for entry in decoded.history)


def derive(name: str, decoded: DecodedLines, stated: int = 0) -> Sheet:
    """`stated`: the edition that a sheet to compare with says it is; any other than may be is made as it is now."""
    newest = edition(name, decoded)
    which = stated if stated in before(name, decoded, newest) else newest
    if name == "gaps" and which < 3:
        return {**gap_sheet(decoded.history, 2), "edition": which, "sheet": name}
    return {**DERIVED[name](decoded, which), "edition": which, "sheet": name}


def gap_sheet(history: Sequence[SessionEntry], edition: int = EDITION) -> dict[str, Any]:
    """What of each person's tracks was recorded, and what is missing and why (`recordings.gap_ledger`).

    `missing_ms`: in all, of every cause there was.
    """
    found = ledger(history, edition)
    return {
        "missing_ms": {cause: found.ms(cause) for cause in CAUSES if found.ms(cause)},
        "tracks": [
            {
                "expected": [[stamp(span.start), stamp(span.end)] for span in track.expected],
                "missing": [
                    {"cause": gap.cause, "from": stamp(gap.span.start), "until": stamp(gap.span.end)}
                    for gap in track.missing
                ],
                "recorded": [[stamp(span.start), stamp(span.end)] for span in track.recorded],
                "seat": track.seat,
                "source": track.source,
            }
            for track in found.tracks
        ],
    }
