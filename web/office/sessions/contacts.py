"""How the two sides of a mediation are reached: what is missing, a number or an address put on file, a link that an
officer hands over, and a party's link that an officer opened.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from complaints.record import PartyRecord
from complaints.record.identifiers import masked_phone, normal_phone, textable_masked
from complaints.views import Contact, KnownContact
from journal.refusals import DomainError, Refused
from offices.people import Officer
from rooms.session import Session
from rooms.views import ComplaintPage
from rooms.vocabulary import Role
from web import i18n
from web.http.forms import BAD_PHONE, NEEDED, Form
from web.i18n import N_, Words
from web.office.complaints import COMPLAINTS
from web.office.complaints.entry import BAD_EMAIL, EMAIL
from web.office.insight.services import RESPONDENTS
from web.rendering import officer_in, show
from web.services import LINKS, READS

SIDES: Final[Mapping[Role, str]] = {Role.CONSUMER: "consumer", Role.BUSINESS: "business"}
OVERTAKEN: Final = N_("Somebody else has just corrected this complaint. Check it again.")
ADDED: Final = N_("Contact added for the mediation")
TAKEN: Final = N_("Contact added for the mediation, taken from complaint %(number)s")
MISSING: Final[Mapping[str, str]] = {
    "none": N_("No phone number is on file: neither the link nor a code can be sent."),
    "landline": N_("The number on file is a landline: neither the link nor a code can be sent to it."),
    "email": N_(
        "An e-mail address is on file and no mobile number: you send the link yourself, and no code can be sent."
    ),
}
WAY_NAMES: Final[Mapping[str, str]] = {
    "email": N_("by e-mail"),
    "messenger": N_("by a messaging app"),
    "in_person": N_("in person"),
    "phone": N_("read out on the telephone"),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a side can be told something. `missing`: of `MISSING`, "" where text messages reach it."""

    side: str
    name: str
    phone: str  # masked
    email: str
    missing: str
    known: Sequence[KnownContact] = ()  # of other complaints about the same business


async def reaches(request: web.Request, officer: Officer, page: ComplaintPage) -> dict[str, Reach]:
    """By side."""
    found = {}
    for side, party in (("consumer", page.record.consumer), ("business", page.record.business)):
        missing = _missing(party.phone_masked, party.email)
        own = page.record.office == officer.office.id
        known = (
            await request.app[RESPONDENTS].contacts(officer, page.row.id)
            if missing and side == "business" and own
            else ()
        )
        found[side] = Reach(side, party.title, party.phone_masked, party.email, missing, _new(known, party))
    return found


def _new(known: Sequence[KnownContact], party: PartyRecord) -> list[KnownContact]:
    """What is not on file here already."""
    return [one for one in known if one.phone not in ("", party.phone_masked) or one.email not in ("", party.email)]


def _missing(phone: str, email: str) -> str:
    if textable_masked(phone):
        return ""
    return "email" if email else "landline" if phone else "none"


async def seat_reaches(request: web.Request, officer: Officer, session: Session) -> dict[str, Reach]:
    """By seat, of the two sides."""
    sides = await reaches(request, officer, await request.app[READS].complaint(officer, session.complaint))
    return {seat.id: sides[SIDES[seat.role]] for seat in session.seats.values() if seat.role in SIDES}


@dataclass(frozen=True, slots=True)
class TypedContact:
    contact: Contact
    known: KnownContact | None


def read_contact(form: Form, reach: Reach, needed: bool = False) -> TypedContact | None:
    """A number or an address in `contact_<side>`, or one that is known in `known_<side>`. None for neither, for what is
    on file already, and for what is wrong, which is in `form.errors`; so is a number where another came on file."""
    if reach.missing:
        return _read(form, reach, needed)
    name, chosen = f"contact_{reach.side}", form.values.get(f"known_{reach.side}", "")
    typed = _read(form, reach, needed) if form.values.get(name, "").strip() else None
    wanted = masked_phone(typed.contact.phone) if typed is not None else "".join(chosen.split("|")[1:2])
    if (typed is not None or chosen) and wanted != reach.phone:
        form.errors[name] = OVERTAKEN
    return None


def _read(form: Form, reach: Reach, needed: bool) -> TypedContact | None:
    name = f"contact_{reach.side}"
    typed = form.text(name, longest=120)
    if typed and name not in form.errors:
        if "@" in typed:
            if EMAIL.fullmatch(typed):
                return TypedContact(Contact(email=typed), None)
            form.errors[name] = BAD_EMAIL
            return None
        try:
            return TypedContact(Contact(phone=normal_phone(typed)), None)
        except DomainError:
            form.errors[name] = BAD_PHONE
            return None
    if chosen := form.values.get(f"known_{reach.side}", ""):
        known = next((one for one in reach.known if one.choice == chosen), None)
        if known is not None:
            return TypedContact(Contact(), known)
        form.errors[name] = OVERTAKEN
    elif needed:
        form.errors.setdefault(name, NEEDED)
    return None


async def put_on_file(request: web.Request, complaint: str, side: str, typed: TypedContact) -> None:
    """Refused(409): wrong_state, somebody else corrected it meanwhile."""
    said, known = i18n.words_for(request).gettext, typed.known
    reason = said(TAKEN, number=known.number) if known else said(ADDED)
    await request.app[COMPLAINTS].add_contact(
        officer_in(request), complaint, side, typed.contact, reason, known.complaint if known else ""
    )


def letter(words: Words, address: str, text: str) -> str:
    """A link by which the officer's own mail program writes it (RFC 6068)."""
    subject = quote(words.gettext("Invitation to a mediation"), safe="")
    return f"mailto:{quote(address, safe='@')}?subject={subject}&body={quote(text, safe='')}"


async def opened_link(request: web.Request, officer: Officer, secret: str) -> web.Response:
    """For an officer: whose link it is and how it stands. It is neither opened nor used up. Refused as
    `Links.whose`."""
    found, row = await request.app[LINKS].whose(secret), None
    if officer.role in ("mediator", "supervisor"):
        with contextlib.suppress(Refused):  # another office's party is nobody's business
            row = await request.app[READS].session(officer, found.session.id)
    own = row is not None and officer.role == "mediator" and row.office == officer.office.id
    context: dict[str, Any] = {"found": found, "row": row, "own": own, "secret": secret, "words": i18n}
    return show(request, "sessions/opened_link.html", "", **context)
