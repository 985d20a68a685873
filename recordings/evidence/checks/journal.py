"""The two journals: whole chains, contents as they were hashed, erasures accounted for, of one session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from recordings.evidence import form, lines
from recordings.evidence.checks.claim import Claim, withheld
from recordings.evidence.lines import Line
from recordings.evidence.verdict import MOST_DETAILS, Check

_ENDS: Final = {"SessionClosed", "SessionCancelled"}


def session_chain(claim: Claim) -> Iterable[str]:
    yield from chain(claim.session, form.SESSION, "SessionScheduled")
    if not any(line.type in _ENDS for line in claim.session):
        yield "it has no end"


def complaint_chain(claim: Claim) -> Iterable[str]:
    return chain(claim.complaint, form.COMPLAINT, "ComplaintRegistered")


def chain(events: Sequence[Line], name: str, first: str) -> Iterable[str]:
    if not events:
        yield f"{name} has no entries that can be read"
        return
    if events[0].type != first:
        yield f"it begins with {events[0].type}"
    previous = ""
    for number, line in enumerate(events, 1):
        if line.version != number or line.hash != lines.hash_of(previous, line):
            yield f"entry {number}"
            return
        previous = line.hash
    if len({line.stream for line in events}) != 1:
        yield "entries of several streams"


def content(claim: Claim) -> Iterable[str]:
    yield from claim.unread
    for line in claim.events:
        if line.erased:
            if line.data or line.actor[2]:
                yield f"{line.stream} {line.version}"
        elif line.content != lines.content_of(line):
            yield f"{line.stream} {line.version}"


def erased(claim: Claim) -> Check | Iterable[str]:
    """What an entry accounts for is told as well: what was erased can be what mattered."""
    wrong, told = list[str](), list[str]()
    for events in (claim.session, claim.complaint):
        reasons: dict[int, str] = {}
        for line in reversed(events):
            if line.erased and not withheld(line):
                where = f"{line.stream} {line.version}"
                if line.version in reasons:
                    told.append(f"{where}: {line.type}, {reasons[line.version]}")
                else:
                    wrong.append(where)
            elif line.type == lines.ERASED and not line.erased:
                reason = str(line.data.get("reason", ""))
                reasons.update((version, reason) for version in line.data.get("versions", ()) if version < line.version)
    return wrong or Check("erased_unaccounted", "ok", tuple(told[:MOST_DETAILS]))


def foreign(claim: Claim) -> Check | Iterable[str]:
    manifest, found = claim.manifest, list[str]()
    for events, stream in (
        (claim.session, f"session/{manifest.session}"),
        (claim.complaint, f"complaint/{manifest.complaint}"),
    ):
        found += sorted({line.stream for line in events if line.stream != stream})
    begins = claim.session[0] if claim.session else None
    known = begins is not None and not begins.erased
    if known and begins is not None:
        if begins.data.get("complaint") != manifest.complaint:
            found.append("the session is of another complaint")
        if begins.data.get("number") != manifest.complaint_number:
            found.append("the complaint has another number")
        found += foreign_seats(claim, begins)
    scheduled = [line for line in claim.complaint if line.type == "MediationScheduled"]
    if not any(line.data.get("session") == manifest.session for line in scheduled):
        if any(line.erased for line in scheduled):
            known = False
        else:
            found.append("the complaint knows no such session")
    return found if found or known else Check("foreign_session", "open")


def foreign_seats(claim: Claim, begins: Line) -> list[str]:
    added = [line.data["seat"] for line in claim.session if line.type == "SeatAdded" and not line.erased]
    seats = {seat["id"] for seat in [*begins.data["seats"], *added]}
    media = [item.path for item in claim.manifest.items if item.kind == "segment"]
    return [path for path in media if path.split("/")[1] not in seats]
