"""Sessions of mediation: their pages, one without a room; and arranging one: when, who comes besides the two sides and
the mediator, and how the two sides are reached.

Of their reach: what is missing, a number or an address put on file, a link that an officer hands over, and a party's
link that an officer opened.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from complaints import AgeBand
from complaints.record import PartyRecord
from complaints.record.identifiers import masked_phone, normal_phone, textable_masked
from complaints.views import Contact, KnownContact, NoticeWish
from journal.refusals import DomainError, Refused
from law.orders import APART as NOT_AT_ONE_TIME, ON_SITE, OURS, PHONE, ROOM
from offices import Officer
from rooms import MOST_PLACE
from rooms.apart.rules import LONGEST
from rooms.scheduling import NOTICE, Diary, Objection, ObjectionKind
from rooms.session import MOST_SEATS, Session
from rooms.views import ComplaintPage
from rooms.vocabulary import Role, Side
from web import APART, APPOINTMENTS, LINKS, READS, SESSIONS, i18n
from web.http.forms import BAD_CHOICE, BAD_PHONE, NEEDED, SAID, Form, now
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office.complaints import COMPLAINTS, NOTICES
from web.office.complaints.entry import BAD_EMAIL, EMAIL
from web.office.insight.services import RESPONDENTS
from web.rendering import go, officer_in, posted, show

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


async def side_reaches(request: web.Request, officer: Officer, page: ComplaintPage) -> dict[str, Reach]:
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
    sides = await side_reaches(request, officer, await request.app[READS].complaint(officer, session.complaint))
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


log = structlog.get_logger(__name__)

ARRANGED: Final = (ROOM, NOT_AT_ONE_TIME, ON_SITE, PHONE)
AT_ONE_TIME: Final = (ROOM, ON_SITE, PHONE)
MOST_EXTRA: Final = MOST_SEATS - 3  # besides mediator, consumer and business
USUAL: Final = timedelta(days=7)  # of an asynchronous mediation, unless the mediator says otherwise
TOO_FAR: Final = N_("Choose a time in the future, at most 60 days ahead.")
PAST: Final = N_("This time has already passed. Choose a later one, or “now”.")
TERM_OVER: Final = N_(
    "The authorisation of %(name)s is good up to %(last)s and does not cover the day of the mediation (Order 121 "
    "Art 11): they cannot be let in. Have a new one shown and correct the complaint, or have the complainant come in "
    "person."
)
NO_GUARDIAN: Final = N_(
    "The complainant is registered as under 18, and no guardian is on file: they cannot be let in alone. Add the "
    "guardian to the complaint first (Correct the record); the seat then comes by itself. Who is 16 or 17 and lives on "
    "their own earnings can be let in once the room has noted on what that rests."
)
NOT_READ: Final = N_("Correct it first, or tick that it is arranged all the same.")
TROUBLES: Final = {
    ObjectionKind.BOOKED: N_("The mediator already has another mediation then: %(named)s."),
    ObjectionKind.HOLIDAY: N_("This day is off: %(named)s."),
    ObjectionKind.CLOSED: N_("This is outside of the hours in which the office holds mediations."),
    ObjectionKind.AWAY: N_("The mediator is away then: %(named)s."),
}
MINORS: Final = frozenset({AgeBand.CHILD.value, AgeBand.TEENAGER.value, AgeBand.MINOR.value})
Extra = tuple[Role, str, str, Side | None]


def concerns(request: web.Request, page: ComplaintPage, day: date) -> list[str]:
    """Why somebody could not be let in on that day, and what to do about it."""
    said, proxy = i18n.words_for(request).gettext, page.record.proxy
    found = []
    if page.record.consumer.age_band in MINORS and (proxy is None or not proxy.guardian):
        found.append(said(NO_GUARDIAN))
    if proxy is not None and not proxy.guardian and proxy.until is not None and day > proxy.until:
        found.append(said(TERM_OVER) % {"name": proxy.name, "last": proxy.until.isoformat()})
    return found


def warnings(objections: Sequence[Objection], spoken: Words) -> list[str]:
    english, said = spoken.language.startswith("en"), []
    for one in objections:
        named = (one.en if english else one.zh) or spoken.gettext("no reason given")
        said.append(spoken.gettext(TROUBLES[one.trouble], named=named))
    return said


def suggested(diary: Diary, at: datetime) -> Form:
    """The next free time from tomorrow on; "later" is not chosen beforehand for anybody in a hurry."""
    day = at.astimezone(diary.zone).date()
    tomorrow = datetime.combine(day + timedelta(days=1), time(), diary.zone)
    free = next(iter(diary.free(tomorrow - NOTICE, 1)), tomorrow.replace(hour=9, minute=30)).astimezone(diary.zone)
    meeting = {"starts_day": f"{free:%Y-%m-%d}", "starts_time": f"{free:%H:%M}"}
    until = {"until_day": (day + USUAL).isoformat(), "until_time": "18:00"}
    return Form({"at": "now", **meeting, **until, "send": "yes", "mode": ROOM})


@officer_page("mediator")
async def schedule_form(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    page = await request.app[READS].complaint(officer, request.match_info["complaint"])
    at, reaches = now(request), await side_reaches(request, officer, page)
    diary = await request.app[APPOINTMENTS].diary_for(officer.id, officer.office)
    return _page(request, page, suggested(diary, at), concerns(request, page, _day(officer, at)), reaches)


@officer_page("mediator")
async def schedule(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    at = now(request)
    mode = form.values.setdefault("mode", ROOM)
    apart = mode == NOT_AT_ONE_TIME  # there is no time to meet at, but a date by which it ends
    until = form.moment("until", officer.office.zone) if apart else None
    if until is not None and not at < until <= at + LONGEST:
        form.errors["until"] = TOO_FAR
    starts = at if apart or form.values.get("at") == "now" else form.moment("starts", officer.office.zone)
    if starts is not None and starts < at - timedelta(minutes=1):
        form.errors["starts"] = PAST
    extra = extras(form)
    if mode not in ARRANGED:
        form.errors["mode"] = BAD_CHOICE
    place = form.text("place", needed=mode == ON_SITE, longest=MOST_PLACE)
    page = await request.app[READS].complaint(officer, complaint)
    reaches = await side_reaches(request, officer, page)
    added = {side: read_contact(form, reach) for side, reach in reaches.items()}
    troubles = concerns(request, page, _day(officer, starts or at))
    if starts is not None and starts > at:
        diary = await request.app[APPOINTMENTS].diary_for(officer.id, officer.office)
        troubles += warnings(diary.objections(starts), i18n.words_for(request))
    if troubles and form.values.get("anyway") != "yes":
        form.errors["anyway"] = NOT_READ
    for side, typed in added.items():
        if typed is None or not form.good:
            continue
        try:
            await put_on_file(request, complaint, side, typed)
        except Refused as no:
            if no.code != "wrong_state":
                raise
            form.errors[f"contact_{side}"] = OVERTAKEN
            reaches = await side_reaches(request, officer, await request.app[READS].complaint(officer, complaint))
    if form.good and starts is not None:
        try:
            session = await request.app[COMPLAINTS].schedule(officer, complaint, starts, extra, mode, place)
        except Refused as no:
            if no.code not in SAID:
                raise
            form.errors["starts"] = SAID[no.code]
        else:
            send = form.values.get("send") == "yes"
            if until is not None:
                await request.app[APART].begin(officer, session, until)
            if mode in OURS:
                await issue_all(request, officer, session, send=send)
            if send:
                await notify(request, officer, complaint, mode)
            return go(f"/sessions/{session}/apart" if apart else f"/sessions/{session}")
    return _page(request, page, form, troubles, reaches, 422)


def _day(officer: Officer, at: datetime) -> date:
    return at.astimezone(ZoneInfo(officer.office.zone)).date()


def _page(
    request: web.Request,
    page: ComplaintPage,
    form: Form,
    troubles: Sequence[str],
    reaches: Mapping[str, Reach],
    status: int = 200,
) -> web.Response:
    context = {"page": page, "form": form, "words": i18n, "most_extra": MOST_EXTRA, "troubles": troubles}
    context |= {"reaches": reaches, "missing": MISSING}
    return show(request, "sessions/schedule.html", "complaints", status, **context)


async def notify(request: web.Request, officer: Officer, complaint: str, mode: str) -> None:
    """Tell what arranging it decided: that the complaint is accepted, where it was not before; and, where no link says
    so, time, place and mediator (Order 121 Arts 15, 20). What cannot be issued now stays owed on the record."""
    page = await request.app[READS].complaint(officer, complaint)
    wanted = ["acceptance"] if page.telling.what == "acceptance" else []
    wanted += ["mediation"] if mode not in OURS else []
    for kind in wanted:
        if kind in page.notices.owed:
            try:
                await request.app[NOTICES].issue(officer, complaint, NoticeWish(kind))
            except Refused as no:  # the session is arranged; the page it leads to says what is still owed
                log.warning("a notice was not issued", complaint=complaint, kind=kind, code=no.code)


def extras(form: Form) -> Sequence[Extra]:
    """Rows with a name are wanted; a row with anything else but no name is a mistake to be pointed out."""
    wanted: list[Extra] = []
    for row in range(1, MOST_EXTRA + 1):
        if form.values.get(f"name_{row}", "").strip() or form.values.get(f"phone_{row}", "").strip():
            wanted.append(extra(form, f"_{row}"))
    return wanted


def extra(form: Form, suffix: str) -> Extra:
    """One further seat; the interpreter and the observer may belong to neither side."""
    role = form.choice(f"role{suffix}", i18n.EXTRA_ROLES)
    name = form.text(f"name{suffix}", needed=True, longest=40)
    phone = form.phone(f"phone{suffix}", needed=True)
    side = form.choice(f"side{suffix}", i18n.SIDES)
    if role in ("representative", "lawyer") and not side and f"side{suffix}" not in form.errors:
        form.errors[f"side{suffix}"] = N_("A representative or a lawyer is with one of the two sides.")
    known = Role(role) if role in i18n.EXTRA_ROLES else Role.OBSERVER
    return known, name, phone, Side(side) if side in ("consumer", "business") else None


async def issue_all(request: web.Request, officer: Officer, session: str, send: bool) -> None:
    """A personal link for everybody who does not sign in. Somebody without a phone gets a link that is not sent."""
    state = await request.app[SESSIONS].state(session)
    for seat in state.seats.values():
        if not seat.signs_in:
            await issue_first(request, officer, session, seat.id, send)


async def issue_first(request: web.Request, officer: Officer, session: str, seat: str, send: bool) -> None:
    """A link for a seat that has none, sent where a message can be."""
    try:
        await request.app[LINKS].issue(officer, session, seat, send)
    except Refused as no:
        if no.code != "no_phone":
            raise
        await request.app[LINKS].issue(officer, session, seat, False)
