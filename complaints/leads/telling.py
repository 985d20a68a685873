"""Telling who reported: what they can be sent now, and who counts as told.

As of a complaint's parties (`complaints.notices.telling`): told is who a message left for, once the gateway has taken
it, or of whom an inspector noted how and when. Whether a case is filed is told to who reported by name (Order 20 Art
31; of Order 121 nobody else is known to be the informant); its result and a reward only where a law says so (Order 121
Art 36); and to whom to turn, to whoever left a number (Art 34).
"""

from __future__ import annotations

from collections.abc import Sequence

from complaints.errors import WrongState
from complaints.leads import commands as c
from complaints.leads.events import (
    BY_HAND,
    FILED,
    TOLD,
    InformantMessaged,
    InformantMessageLost,
    InformantTold,
    LeadEvent,
)
from complaints.leads.lead import Lead
from complaints.state import among, past, short

MOST_MESSAGES = 50


def sendable(lead: Lead) -> Sequence[str]:
    """What can be told by message now: of `TOLD`, and neither told already nor on its way."""
    if not lead.report or not lead.opened.phone or lead.state not in ("open", "decided"):
        return ()
    owed = lead.decision.owed if lead.decision else ()
    apt = {
        "received": lead.state == "open" and lead.real_name,
        "joined": bool(lead.joins),
        "moved": lead.outcome == "moved",
        "decision": lead.outcome in FILED and lead.real_name,
        "result": "result" in owed,
        "reward": "reward" in owed,
    }
    known = {one.what for _, one in lead.standing_told} | {one.what for one in lead.on_their_way}
    return tuple(what for what in TOLD if apt[what] and what not in known)


def tell(
    command: c.TellInformant | c.MessageInformant | c.NoteInformantMessageTaken | c.NoteInformantMessageLost,
    lead: Lead,
) -> Sequence[LeadEvent]:
    """DomainError says why not. Empty: already so, or what it told of stands no more."""
    match command:
        case c.TellInformant(day, what, how, note, today):
            if not lead.reported:
                raise WrongState(state=lead.state)
            short("note", note)
            among("what", what, TOLD)
            among("how", how, BY_HAND)
            past(day, today)
            return [InformantTold(day, what, how, note.strip())]
        case c.MessageInformant(messaged):
            among("what", messaged.what, TOLD)
            if messaged.what not in sendable(lead) or len(lead.messaged) >= MOST_MESSAGES:
                raise WrongState(state=lead.state)
            return [messaged]
        case c.NoteInformantMessageTaken(message, day):
            sent = _sent(lead, message)
            if sent is None or any(one.message == message for one in lead.told):
                return []
            return [InformantTold(day, sent.what, "message", message=message)]
        case c.NoteInformantMessageLost(message, reason):
            sent = _sent(lead, message)
            if sent is None or sent not in lead.on_their_way:
                return []
            return [InformantMessageLost(message, sent.what, reason[:200])]


def _sent(lead: Lead, message: str) -> InformantMessaged | None:
    return next((one for one in lead.messaged if one.message == message), None)
