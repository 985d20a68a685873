"""A session's page: its seats, its links, what it came to."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.record.identifiers import textable_masked
from journal.refusals import DomainError, Refused
from law.orders import ELSEWHERE, OURS, mode_name
from offices import Officer
from rooms import MOST_LINE, BadValue
from rooms.agreement.rules import WANTED
from rooms.commands import Cancel, Correct, HandOverLink
from rooms.joining.rules import ASKED
from rooms.joining.seat_messages import WAYS
from rooms.record.rules import RecordUse
from rooms.seats import SeatState
from rooms.session import MOST_SEATS, Session, apart_on
from rooms.views import IssuedLink, SentMessage, SessionRow
from rooms.vocabulary import Age, SeatStatus, Status
from web import APPOINTMENTS, LINKS, READS, SESSIONS, i18n
from web.http.forms import SAID, Form, now
from web.http.responses import leave_plain
from web.http.security import officer_page
from web.i18n import N_
from web.links.documents import KINDS, OF_A_RECORD
from web.office import sessions
from web.office.administration.messages import TROUBLE_SAID
from web.office.audit.records import voice_of
from web.office.audit.sentences import headline
from web.office.complaints import COMPLAINTS, QUEUE
from web.office.oversight import SIGNATURES
from web.office.sessions import extra, issue_first
from web.rendering import go, officer_in, own_office, posted, show
from web.room import SIGNING, SIGNING_BY_LINK, standing

LINK_OUT: Final = N_("has not opened the link yet")
LINK_LOST: Final = N_("the message did not arrive")
LINK_HANDED: Final = N_("link handed over by the officer")
LINK_NONE: Final = N_("no link yet")
OPENED: Final = N_("opened the link")
AGREED: Final = N_("agreed to take part")
DECLINED: Final = N_("does not want to take part")
MINOR: Final = N_("under 18: a guardian comes along")
CHILD: Final = N_("under 14: the guardian has agreed")
CHILD_OPEN: Final = N_("under 14: the guardian has not agreed yet")
RECORD_YES: Final = N_("agreed to be recorded")
RECORD_NO: Final = N_("does not want to be recorded")
WORDS_YES: Final = N_("agreed that speech becomes text")
WORDS_NO: Final = N_("does not want speech turned into text")
CONFIRMED: Final = N_("identity confirmed")
BY_VOICE: Final = N_("identity confirmed by voice, without a code")
SENT_KINDS: Final = {
    "link": N_("Personal link"),
    "rescheduled": N_("New time"),
    "reminder": N_("Reminder"),
    "cancelled": N_("Called off"),
}


@dataclass(frozen=True, slots=True)
class SeatRemark:
    """One thing known about a seat: a message id and how it is coloured ("", "ok", "warn", "danger")."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class SeatCard:
    seat: SeatState
    link: IssuedLink | None
    remarks: tuple[SeatRemark, ...]
    open_to_links: bool  # a link can be issued, sent, revoked
    sent: Sequence[SentMessage] = ()  # what went to them about this session, the newest first

    @property
    def replaces(self) -> str:
        """The link as the question shows it that is asked before another takes its place."""
        return f"{self.link.id}:{use_of(self.seat)}" if self.link else ""

    @property
    def use(self) -> str:
        return use_of(self.seat)

    @property
    def reads_texts(self) -> bool:
        """Whether the number known of the seat takes text messages."""
        return textable_masked(self.seat.seat.phone)

    @property
    def wish(self) -> str:
        """Another time they asked for, in their own words."""
        return self.seat.wish


def use_of(seat: SeatState) -> str:
    """How far somebody got with its link: "confirmed" | "opened" | "unopened"."""
    return "confirmed" if seat.confirmed or seat.in_room else "opened" if seat.link_opened else "unopened"


def cards(
    session: Session,
    links: Mapping[str, IssuedLink],
    now: datetime,
    undelivered: frozenset[str] = frozenset(),
    sent: Mapping[str, Sequence[SentMessage]] = MappingProxyType({}),
) -> list[SeatCard]:
    """Parties in seat order. Officers enter from their desks and need no link."""
    return [
        SeatCard(
            seat,
            _live(links.get(seat.id), now),
            remarks(seat, seat.id in links, session.over, seat.id in undelivered),
            not session.over and session.mode in OURS,
            sent.get(seat.seat.phone, ()) if seat.seat.phone else (),
        )
        for seat in session.seats.values()
        if not seat.signs_in
    ]


def _live(link: IssuedLink | None, now: datetime) -> IssuedLink | None:
    return link if link is not None and link.expires > now else None


def remarks(seat: SeatState, linked: bool, over: bool = False, lost: bool = False) -> tuple[SeatRemark, ...]:
    """In the order they came about; the present state last, unless the session is over."""
    if seat.status is SeatStatus.REFUSED:
        return (SeatRemark(DECLINED, "danger"),)
    told: list[SeatRemark] = []
    if seat.participate:
        told.append(SeatRemark(AGREED, "ok"))
    elif seat.link_opened:
        told.append(SeatRemark(OPENED))
    elif linked:
        told.append(SeatRemark(LINK_LOST, "danger") if lost else SeatRemark(LINK_OUT))
        told += [SeatRemark(LINK_HANDED)] if seat.handed else []
    else:
        told.append(SeatRemark(LINK_NONE))
    if seat.age == Age.CHILD and seat.role in ASKED:
        told.append(SeatRemark(CHILD, "warn") if seat.guardian_text else SeatRemark(CHILD_OPEN, "danger"))
    elif seat.age == Age.MINOR:
        told.append(SeatRemark(MINOR, "warn"))
    if seat.record is not None:
        told.append(SeatRemark(RECORD_YES, "ok") if seat.record else SeatRemark(RECORD_NO, "warn"))
    if seat.transcribe is not None:
        told.append(SeatRemark(WORDS_YES, "ok") if seat.transcribe else SeatRemark(WORDS_NO))
    if seat.confirmed:
        told.append(SeatRemark(BY_VOICE, "warn") if seat.by_voice else SeatRemark(CONFIRMED, "ok"))
    if seat.status is not SeatStatus.INVITED and not over:
        told.append(SeatRemark(i18n.SEAT_STATES[seat.status], i18n.SEAT_TONES.get(seat.status, "")))
    return tuple(told)


def can_enter(session: Session) -> bool:
    """Not while nobody meets: the room is opened first."""
    open_ = session.status in (Status.SCHEDULED, Status.LIVE, Status.RECESS)
    return session.mode in OURS and open_ and apart_on(session) is None


NO_DEVICE: Final = N_("No phone with this link shows this number. Ask for it once more; a new link has a new number.")
SEVERAL_DEVICES: Final = N_("Two phones show this number. Make a new link and have it opened again.")
A_SENTENCE: Final = N_("Write in a sentence how you knew who it is.")
REVOKED: Final = "withdrawn by the office"  # goes into the journal as it is


async def find_session(request: web.Request) -> tuple[SessionRow, Session]:
    """The officer's own session, or there is none (both the list and the room are asked)."""
    officer, session = officer_in(request), request.match_info["session"]
    row = await request.app[READS].session(officer, session)
    state = await request.app[SESSIONS].state(session)
    own_office(officer, state.office)
    return row, state


@officer_page("mediator")
async def session_page(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    return await session_response(request, row, state, Form())


async def session_response(
    request: web.Request, row: SessionRow, state: Session, form: Form, status: int = 200, ask: str = ""
) -> web.Response:
    officer, at = officer_in(request), now(request)
    links = {} if state.over else await request.app[LINKS].current(officer, state.id)
    reaches = {} if state.over or state.mode in ELSEWHERE else await sessions.seat_reaches(request, officer, state)
    seats = cards(state, links, at, row.undelivered, await request.app[APPOINTMENTS].sent(state.id))
    spoken = i18n.words_for(request)
    texts = {card.seat.id: invitation(spoken, officer, state, card.link.url) for card in seats if card.link}
    heading = await outcome_heading(request, state) if state.outcome else ""
    sealed = await request.app[SIGNING].documents(state.id)
    reads_record = await _reads_record(request, officer, state.id)
    of_record = state.signing is not None and state.signing.of_record
    leave_plain(request)  # the links
    context: dict[str, Any] = {
        "row": row,
        "session": state,
        "cards": seats,
        "invitations": texts,
        "reaches": reaches,
        "missing": sessions.MISSING,
        "ways": sessions.WAY_NAMES,
        "letters": {
            seat: sessions.letter(spoken, reach.email, texts[seat])
            for seat, reach in reaches.items()
            if reach.email and seat in texts
        },
        "heading": heading,
        "enterable": can_enter(state) and state.mediator == officer.id,
        "has_room": len(state.seats) < MOST_SEATS,
        "documents": sealed if reads_record else (),
        "reads_record": reads_record,
        "document_kinds": KINDS,
        "file": state.status is Status.CLOSED and not any(one.kind in OF_A_RECORD for one in sealed),
        "ask": ask or request.query.get("ask", ""),
        "form": form,
        "words": i18n,
        "sent_kinds": SENT_KINDS,
        "sent_states": i18n.SENT_STATES,
        "trouble_said": TROUBLE_SAID,
        "mode": mode_name(state.mode, i18n.language(request)),
        "elsewhere": state.mode in ELSEWHERE,
        "apart": apart_on(state),
        "mine": state.mediator == officer.id,
        "wanted": state.held is not None and state.held.agreement == WANTED,
        "this_case": row.complaint,
        "next_case": await request.app[QUEUE].next_due(officer, row.complaint) if state.outcome else None,
        "of_record": of_record,
        "prepares": state.status is Status.CLOSED and state.held is None and state.mediator == officer.id,
        "signers": await request.app[SIGNING_BY_LINK].signers(officer, state.id) if state.held or of_record else (),
        "own_signature": standing(await request.app[SIGNATURES].of(officer.id)) if state.held or of_record else "",
    }
    return show(request, "sessions/session.html", "complaints", status, **context)


async def _reads_record(request: web.Request, officer: Officer, session: str) -> bool:
    try:
        await request.app[READS].record(officer, session, RecordUse.READ)
    except Refused:
        return False
    return True


async def outcome_heading(request: web.Request, state: Session) -> str:
    """What a ground's number means depends on the order that applies."""
    assert state.outcome is not None
    order = await request.app[COMPLAINTS].order(state.complaint)
    return headline(state.outcome, voice_of(request, {}, order=order))


def invitation(spoken: i18n.Words, officer: Officer, session: Session, url: str) -> str:
    """The text to paste into whatever messenger the office uses."""
    when = i18n.when(session.starts, spoken.language, ZoneInfo(officer.office.zone))
    return spoken.gettext(
        "%(office)s invites you to a video mediation of complaint %(number)s, %(when)s. Open this link on your phone, "
        "nothing to install: %(url)s This link is for you alone, please do not pass it on. Questions: %(phone)s",
        office=officer.office.name,
        number=session.number,
        when=when,
        url=url,
        phone=officer.office.phone,
    )


# ---------------------------------------------------------------- links


@officer_page("mediator")
async def issue_link(request: web.Request) -> web.StreamResponse:
    """A first link for a seat, or the one that stands sent once more. A fresh one takes its place only for whoever was
    asked: the form then names in `replaces` the link that they saw."""
    row, state = await find_session(request)
    seat, form, officer = seat_of(request, state), await posted(request), officer_in(request)
    standing = (await request.app[LINKS].current(officer, state.id)).get(seat)
    send, replaces = form.values.get("send") == "yes", form.values.get("replaces", "")
    if standing is None or replaces == f"{standing.id}:{use_of(state.seats[seat])}":
        await request.app[LINKS].issue(officer, state.id, seat, send, state.seats[seat].link)
        return go(f"/sessions/{row.id}#seat-{seat}")
    if send and not replaces:
        try:
            await request.app[LINKS].send(officer, state.id, seat)
        except Refused as no:
            if no.code != "link_used":
                raise
        else:
            return go(f"/sessions/{row.id}#seat-{seat}")
    return await session_response(request, row, state, form, 409, ask=f"renew-{seat}")


@officer_page("mediator")
async def add_contact(request: web.Request) -> web.StreamResponse:
    """What is put on file reaches the seat at once: where it is a mobile number, the link that stands is sent to it."""
    row, state = await find_session(request)
    seat, form, officer = seat_of(request, state), await posted(request), officer_in(request)
    reach = (await sessions.seat_reaches(request, officer, state)).get(seat)
    if reach is None:
        raise Refused("not_found", 404)
    typed = sessions.read_contact(form, reach, needed=True)
    if typed is None and form.good:
        return go(f"/sessions/{row.id}#seat-{seat}")  # on file already
    if typed is None:
        return await session_response(request, row, state, form, 422)
    try:
        await sessions.put_on_file(request, state.complaint, reach.side, typed)
    except Refused as no:
        if no.code != "wrong_state":
            raise
        form.errors[f"contact_{reach.side}"] = sessions.OVERTAKEN
        return await session_response(request, row, state, form, 409)
    return go(f"/sessions/{row.id}#seat-{seat}")


@officer_page("mediator")
async def note_handed_over(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    seat, form = seat_of(request, state), await posted(request)
    way, link = form.choice("way", WAYS), form.text("link", longest=64)
    if not form.good:
        return await session_response(request, row, state, form, 422)
    await request.app[SESSIONS].submit(state.id, HandOverLink(seat, link, way), officer_in(request).actor)
    return go(f"/sessions/{row.id}#seat-{seat}")


@officer_page("mediator")
async def revoke_link(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    seat, form = seat_of(request, state), await posted(request)
    reason = form.text("reason", longest=200) or REVOKED
    await request.app[LINKS].revoke(officer_in(request), state.id, seat, reason)
    return go(f"/sessions/{row.id}#seat-{seat}")


@officer_page("mediator")
async def vouch(request: web.Request) -> web.StreamResponse:
    """Whoever reads a number from their phone is the person: no code comes, and the officer knew them."""
    row, state = await find_session(request)
    seat, form = seat_of(request, state), await posted(request)
    number = form.text(f"number-{seat}", needed=True, longest=16)
    recognised = form.text(f"recognised-{seat}", needed=True, longest=MOST_LINE)
    if form.good:
        try:
            await request.app[LINKS].vouch(officer_in(request), state.id, seat, number, recognised)
        except Refused as no:
            if no.code != "no_such_device":
                raise
            form.errors[f"number-{seat}"] = SEVERAL_DEVICES if no.params["several"] else NO_DEVICE
        except BadValue:
            form.errors[f"recognised-{seat}"] = A_SENTENCE
        else:
            return go(f"/sessions/{row.id}#seat-{seat}")
    return await session_response(request, row, state, form, 422, ask=f"voice-{seat}")


@officer_page("mediator")
async def qr(request: web.Request) -> web.StreamResponse:
    _, state = await find_session(request)
    seat = seat_of(request, state)
    link = (await request.app[LINKS].current(officer_in(request), state.id)).get(seat)
    if link is None:
        raise Refused("not_found", 404)
    return web.Response(body=qr_picture(link.url), content_type="image/svg+xml")


def qr_picture(text: str) -> bytes:
    """Black on white whatever the theme: cameras want contrast. Three modules of quiet are enough on a white card."""
    import segno

    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(out, kind="svg", scale=6, border=3, dark="#000", light="#fff")
    return out.getvalue()


def seat_of(request: web.Request, state: Session) -> str:
    seat = request.match_info["seat"]
    if seat not in state.seats:
        raise Refused("not_found", 404)
    return seat


# ---------------------------------------------------------------- seats, cancelling, corrections


@officer_page("mediator")
async def add_seat(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    form = await posted(request)
    role, name, phone, side = extra(form, "")
    if form.good:
        try:
            seat = await request.app[COMPLAINTS].add_seat(officer_in(request), state.id, role, name, phone, side)
        except Refused as no:
            if no.code not in SAID:
                raise
            form.errors["phone"] = SAID[no.code]
        else:
            await issue_first(request, officer_in(request), state.id, seat, form.values.get("send") == "yes")
            return go(f"/sessions/{row.id}#seat-{seat}")
    return await session_response(request, row, state, form, 422, ask="add-seat")


@officer_page("mediator")
async def cancel(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=200)
    if not form.good:
        return await session_response(request, row, state, form, 422, ask="cancel")
    await request.app[SESSIONS].submit(state.id, Cancel(reason), officer_in(request).actor)
    return go(f"/complaints/{row.complaint}")


@officer_page("mediator")
async def correct(request: web.Request) -> web.StreamResponse:
    """A further, signed entry; nothing before it changes."""
    row, state = await find_session(request)
    form = await posted(request)
    text = form.text("text", needed=True)
    if form.good:
        try:
            await request.app[SESSIONS].submit(state.id, Correct(text), officer_in(request).actor)
        except DomainError as no:
            if no.code not in SAID:
                raise
            form.errors["text"] = SAID[no.code]
        else:
            return go(f"/sessions/{row.id}#corrections")
    return await session_response(request, row, state, form, 422)
