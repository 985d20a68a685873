"""A seat as the desk shows it: how far its person has come, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from law.modes import ROOM
from rooms.joining.guardianship import ASKED
from rooms.seats import SeatState
from rooms.session import Session
from rooms.views import IssuedLink
from rooms.vocabulary import Age, SeatStatus, Status
from web.i18n import N_
from web.office import words

LINK_OUT: Final = N_("has not opened the link yet")
LINK_LOST: Final = N_("the message did not arrive")
LINK_NONE: Final = N_("no link yet")
OPENED: Final = N_("opened the link")
AGREED: Final = N_("agreed to take part")
DECLINED: Final = N_("does not want to take part")
MINOR: Final = N_("under 18: a guardian comes along")
CHILD: Final = N_("under 14: the guardian has agreed")
CHILD_OPEN: Final = N_("under 14: the guardian has not agreed yet")
RECORD_YES: Final = N_("agreed to be recorded")
RECORD_NO: Final = N_("does not want to be recorded")
CONFIRMED: Final = N_("identity confirmed")
BY_VOICE: Final = N_("identity confirmed by voice, without a code")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing known about a seat: a message id and how it is coloured ("", "ok", "warn", "danger")."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class SeatCard:
    seat: SeatState
    link: IssuedLink | None
    remarks: tuple[Remark, ...]
    open_to_links: bool  # a link can be issued, sent, revoked

    @property
    def wish(self) -> str:
        """Another time they asked for, in their own words."""
        return self.seat.wish


def cards(
    session: Session, links: Mapping[str, IssuedLink], now: datetime, undelivered: frozenset[str] = frozenset()
) -> list[SeatCard]:
    """Parties in seat order. Officers enter from their desks and need no link."""
    return [
        SeatCard(
            seat,
            _live(links.get(seat.id), now),
            remarks(seat, seat.id in links, session.over, seat.id in undelivered),
            not session.over and session.mode == ROOM,
        )
        for seat in session.seats.values()
        if not seat.signs_in
    ]


def _live(link: IssuedLink | None, now: datetime) -> IssuedLink | None:
    return link if link is not None and link.expires > now else None


def remarks(seat: SeatState, linked: bool, over: bool = False, lost: bool = False) -> tuple[Remark, ...]:
    """In the order they came about; the present state last, unless the session is over."""
    if seat.status is SeatStatus.REFUSED:
        return (Remark(DECLINED, "danger"),)
    told: list[Remark] = []
    if seat.participate:
        told.append(Remark(AGREED, "ok"))
    elif seat.link_opened:
        told.append(Remark(OPENED))
    elif linked:
        told.append(Remark(LINK_LOST, "danger") if lost else Remark(LINK_OUT))
    else:
        told.append(Remark(LINK_NONE))
    if seat.age == Age.CHILD and seat.role in ASKED:
        told.append(Remark(CHILD, "warn") if seat.guardian_text else Remark(CHILD_OPEN, "danger"))
    elif seat.age == Age.MINOR:
        told.append(Remark(MINOR, "warn"))
    if seat.record is not None:
        told.append(Remark(RECORD_YES, "ok") if seat.record else Remark(RECORD_NO, "warn"))
    if seat.confirmed:
        told.append(Remark(BY_VOICE, "warn") if seat.by_voice else Remark(CONFIRMED, "ok"))
    if seat.status is not SeatStatus.INVITED and not over:
        told.append(Remark(words.SEAT_STATES[seat.status], words.SEAT_TONES.get(seat.status, "")))
    return tuple(told)


def can_enter(session: Session) -> bool:
    return session.mode == ROOM and session.status in (Status.SCHEDULED, Status.LIVE, Status.RECESS)
