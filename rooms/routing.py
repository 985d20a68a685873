"""Who hears, sees and is recorded: a function of the session's state, so that the journal can say it of any moment."""

from __future__ import annotations

from rooms.rights import SENDING
from rooms.session import Routes, Session
from rooms.vocabulary import Status


def matrix(session: Session) -> Routes:
    """Only those in the room, only while it is live: in the waiting room and in a recess nobody receives anybody.

    A seat that is reconnecting stays in, so that its streams flow again the moment it is back.
    """
    if session.status is not Status.LIVE:
        return Routes()
    inside = [seat for seat in session.seats.values() if seat.in_room]
    senders = [seat for seat in inside if seat.role in SENDING]
    voices = [seat.id for seat in senders if not seat.muted]
    pictures = [seat.id for seat in senders]
    return Routes(
        hears=_others([seat.id for seat in inside], voices),
        sees=_others([seat.id for seat in inside], pictures),
        recorded=tuple(seat.id for seat in senders if seat.consents_to_record),
    )


def _others(receivers: list[str], sources: list[str]) -> dict[str, tuple[str, ...]]:
    received = {who: tuple(source for source in sources if source != who) for who in receivers}
    return {who: others for who, others in received.items() if others}
