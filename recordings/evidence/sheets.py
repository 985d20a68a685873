"""What the journals say in many places, said in one: people, outcome, chat, routing, gaps, clocks, timing.

Pure functions of the two streams, each with an edition of its own: whoever changes what a sheet says gives it the next
edition and keeps the old one for packages that are out there (docs/evidence.md, section 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from journal.events import stamp
from journal.intervals import Span
from recordings.evidence import documents
from recordings.evidence.form import FIRST, media_path
from recordings.evidence.media import attached, papers
from recordings.evidence.recorded import gaps as gaps_of
from recordings.evidence.told import Sheet, Told
from recordings.gap_ledger import ledger, third
from rooms import events as e
from rooms.codec import plain
from rooms.timing import measure
from rooms.vocabulary import Consent, Seat

TEXTS: Final[Mapping[Consent, str]] = {Consent.PARTICIPATE: "notice", Consent.RECORD: "recording"}
LANGUAGES: Final = ("zh", "en")


def people(told: Told) -> Sheet:
    rows: dict[str, dict[str, Any]] = {
        seat.id: {**_named(seat), "consents": [], "devices": [], "identity": [], "names": []}
        for seat in told.seats.values()
    }
    for entry in told.history:
        at, event = stamp(entry.at), entry.event
        match event:
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
    told: dict[str, Any] = plain(seat)
    return {name: told[name] for name in ("id", "role", "name", "side", "organisation", "city", "phone")}


def text_files(event: e.ConsentGiven | e.ConsentRefused) -> list[str]:
    """Where the text of an answer lies; none when no text was named (an answer given in the room)."""
    return [f"texts/{event.text}/{TEXTS[event.kind]}.{language}.txt" for language in LANGUAGES] if event.text else []


def outcome(told: Told) -> Sheet:
    steps: list[dict[str, Any]] = []
    corrections: list[dict[str, Any]] = []
    closed: dict[str, Any] | None = None
    for entry in told.history:
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


def chat(told: Told) -> Sheet:
    said = [(entry, entry.event) for entry in told.history if isinstance(entry.event, e.Said)]
    return {
        "messages": [
            {"at": stamp(entry.at), "seat": event.seat, "text": event.text, "to": event.to, "version": entry.version}
            for entry, event in said
        ]
    }


def routing(told: Told) -> Sheet:
    """Stretches between two changes of the matrix, up to the session's end."""
    changes: list[tuple[datetime, int, e.Routed]] = []
    end = told.end
    for entry in told.history:
        if isinstance(entry.event, e.Routed):
            changes.append((entry.at, entry.version, entry.event))
        elif isinstance(entry.event, e.SessionClosed | e.SessionCancelled):
            end = entry.at
    stretches, heard = [], defaultdict[str, defaultdict[str, int]](lambda: defaultdict(int))
    for number, (at, version, routed) in enumerate(changes):
        until = changes[number + 1][0] if number + 1 < len(changes) else max(end, at)
        stretches.append({**plain(routed), "from": stamp(at), "until": stamp(until), "version": version})
        for listener, others in routed.hears.items():
            for other in others:
                heard[listener][other] += Span(at, until).ms
    return {"could_hear_ms": {who: dict(others) for who, others in heard.items()}, "stretches": stretches}


def gaps(told: Told) -> Sheet:
    return gaps_of(told.history)


def clocks(told: Told) -> Sheet:
    """`ahead_ms`: by how much the device's clock was ahead of the server's; null where the device did not say."""
    segments = [entry.event for entry in told.history if isinstance(entry.event, e.SegmentSealed)]
    return {
        "devices": [
            {"ahead_ms": getattr(one, "clock_ms", None), "at": stamp(one.started), "path": media_path(one.path),
             "seat": one.seat, "source": one.source}
            for one in segments
        ],
        "first": told.lines[0].at,
        "last": told.lines[-1].at,
    }  # fmt: skip


def timing(told: Told) -> Sheet:
    found = plain(measure(told.history, told.end))
    found["phases"] = [{"ms": ms, "phase": phase} for phase, ms in found["phases"].items()]
    found["phase_spans"] = [{**span, "phase": phase} for phase, span in found["phase_spans"]]
    caucuses, spent = found.pop("caucuses"), found.pop("caucus_ms")
    if edition("timing", told) > 1:
        found["caucuses"] = [{**span, "side": side} for side, span in caucuses]
        found["caucus_ms"] = [{"ms": ms, "side": side} for side, ms in spent.items()]
    return {"timing": found}


DERIVED: Final[Mapping[str, Callable[[Told], Sheet]]] = {
    "people": people,
    "outcome": outcome,
    "chat": chat,
    "routing": routing,
    "gaps": gaps,
    "clocks": clocks,
    "timing": timing,
    "exhibits": documents.exhibits,
    "signatures": documents.signatures,
    "attachments": documents.attachments,
}
"""Name -> what makes it. `authenticity` also depends on the other items and is in its own module."""
_SECOND: Final = frozenset({"gaps", "timing"})
"""Sheets that say more of a session in which somebody talked in private: that is their second edition. The third of the
gaps: where it says more of what was not connected, did not come, or was still being written."""
NEWEST: Final[Mapping[str, int]] = {"gaps": 3, "timing": 2, "exhibits": 2}
"""The latest edition of a sheet, where it is not the first."""


def names(told: Told) -> list[str]:
    """Of the sheets of this session: those of exhibits, signatures and attachments only where there are any."""
    later = told.format != FIRST
    some = {
        "exhibits": any(isinstance(entry.event, e.ExhibitOffered) for entry in told.history),
        "signatures": later and any(paper.sealed.data.get("text") for paper in papers(told.lines)),
        "attachments": later and bool(attached(told.complaint)),
    }
    return [name for name in DERIVED if some.get(name, True)]


def edition(name: str, told: Told) -> int:
    """Of a session without private talks what was always said of it: packages that are out there stay as they are."""
    if name == "gaps" and (third(told.history) or ledger(told.history) != ledger(told.history, 2)):
        return 3
    more = {"exhibits": documents.shown_in_private}.get(name, _in_private if name in _SECOND else None)
    return 2 if more is not None and more(told) else 1


def _in_private(told: Told) -> bool:
    return any(isinstance(entry.event, e.CaucusStarted | e.ConsultingStarted) for entry in told.history)


def derive(name: str, told: Told, stated: int = 0) -> Sheet:
    """`stated`: the edition that a sheet to compare with says it is. Until there was a second edition of exhibits, all
    sessions had the first, which says less and nothing else."""
    if (name, stated) == ("exhibits", 1):
        return {**documents.exhibits(told, 1), "edition": 1, "sheet": name}
    if name == "gaps" and stated in (1, 2) and not third(told.history):
        # Until there was a third, all sessions had one of these, which explain less and nothing else.
        return {**gaps_of(told.history, 2), "edition": 1 + _in_private(told), "sheet": name}
    return {**DERIVED[name](told), "edition": edition(name, told), "sheet": name}
