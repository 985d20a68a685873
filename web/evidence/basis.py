"""What an outcome rests on, in plain sentences: papers under seal or none, the closing entry, who had seen it; money.

Owns which facts are told; everything is read from the two journals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from recordings.evidence.decoded_lines import DecodedLines
from recordings.evidence.lines import Line
from recordings.evidence.media import SealedPaper, papers
from rooms import events as e
from rooms.vocabulary import Outcome, OutcomeKind, Role
from web.audit.signing import KINDS
from web.audit.voice import Voice
from web.i18n import N_

PAID: Final = N_("paid")
CLAIMED: Final = N_("claimed")
RECOVERED: Final = N_("recovered")


def money(complaint: Sequence[Line], outcome: Outcome | None) -> list[tuple[str, Decimal]]:
    """What was paid and claimed, as the complaint has it now, and what was recovered: name and sum, where there is
    one."""
    now: dict[str, object] = {}
    for line in complaint:
        if line.erased:
            continue
        if line.type == "ComplaintRegistered":
            bought = line.data.get("object") or {}
            now = {"amount": line.data.get("amount"), "object.paid": bought.get("paid")}
        elif line.type == "RecordAmended":
            now |= {change["field"]: change["new"] for change in line.data["changes"] if change["field"] in now}
    told = [(name, now.get(field)) for name, field in ((PAID, "object.paid"), (CLAIMED, "amount"))]
    sums = [(name, Decimal(str(found))) for name, found in told if found is not None]
    return [*sums, (RECOVERED, outcome.loss_recovered)] if outcome and (sums or outcome.loss_recovered) else sums


def sentences(told: DecodedLines, voice: Voice, clock: Callable[[datetime], str]) -> list[str]:
    """None while there is no outcome."""
    closed = next((entry for entry in told.history if isinstance(entry.event, e.SessionClosed)), None)
    if closed is None or not isinstance(closed.event, e.SessionClosed):
        return []
    _ = voice.gettext
    sealed = papers(told.lines)
    said = [_papers(told, sealed, voice)]
    seen = _seen(told)
    by = {"number": closed.version, "when": clock(closed.at)}
    if sealed:
        rests = _("The mediator's closing entry names this outcome (journal no. %(number)s, %(when)s).", **by)
    elif closed.event.outcome.kind is OutcomeKind.SETTLED:
        rests = _("That they settled rests on the mediator's closing entry (journal no. %(number)s, %(when)s).", **by)
    else:
        rests = _("This outcome rests on the mediator's closing entry (journal no. %(number)s, %(when)s).", **by)
    said.append(rests)
    if seen:
        who = voice.list(
            _("%(name)s (no. %(number)s, %(when)s)", name=voice.name(seat), number=number, when=clock(at))
            for seat, (number, at) in seen.items()
        )
        said.append(_("Marked as seen before that: %(who)s; seen means read, not signed.", who=who))
    sides = [seat.id for seat in told.seats.values() if seat.role in (Role.CONSUMER, Role.BUSINESS)]
    if unseen := [voice.name(seat) for seat in sides if seat not in seen]:
        said.append(_("Not marked as seen: %(who)s.", who=voice.list(unseen)))
    if closed.event.anyway:
        said.append(_("Why it was closed all the same: %(reason)s", reason=closed.event.anyway))
    return said


def _papers(told: DecodedLines, sealed: Sequence[SealedPaper], voice: Voice) -> str:
    _ = voice.gettext
    if sealed:
        data = [paper.sealed.data for paper in sealed]
        what = voice.list(f"{_(KINDS.get(one['kind'], KINDS['record']))} {one['number']}" for one in data)
        return _("Under the bureau's seal: %(what)s; see files and documents.", what=what)
    if any(isinstance(entry.event, e.Signed) for entry in told.history):
        return _("Somebody signed, but no document was put under the bureau's seal; see the journal.")
    return _("Nobody signed anything and no document was sealed in this mediation.")


def _seen(told: DecodedLines) -> dict[str, tuple[int, datetime]]:
    """Who marked the outcome as it was shown last as seen: the entry's number and time."""
    found: dict[str, tuple[int, datetime]] = {}
    for entry in told.history:
        match entry.event:
            case e.OutcomeProposed() | e.OutcomeTakenBack():
                found.clear()
            case e.OutcomeSeen(seat=seat):
                found[seat] = (entry.version, entry.at)
            case _:
                pass
    return found
