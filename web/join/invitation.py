"""An invitation as its link opens it: the texts that are agreed to before joining, with who handles and reads the data;
another time than it says, one of the mediator's free ones or a wish in words; and the entry for a calendar.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from journal.refusals import Refused
from offices import Office
from rooms import MOST_NAME
from rooms.commands import AnswerConsent, StateAge, WithdrawConsent
from rooms.joining import consents
from rooms.joining.invitations import Guest
from rooms.record.rules import RecordUse
from rooms.seats import SeatState
from rooms.session import Session, apart_on
from rooms.vocabulary import MINORS, WATCHING, Age, Consent, Role, Side, Status
from web import APPOINTMENTS, LINKS, SESSIONS, SITE, i18n
from web.http import cookies
from web.http.forms import now
from web.http.security import anyone, guest_of, guest_page, known_guest, known_officer, local_path
from web.i18n import N_, Words, words_for
from web.icalendar import entry_response
from web.join import (
    MOST_WISH,
    PATHS,
    Joining,
    JoinStep,
    Waiting,
    app_of,
    at,
    begun,
    first_page,
    joining,
    onward,
    same_device,
    store_waiting,
)
from web.join.moving import move_page, switch_page
from web.office.sessions import opened_link
from web.rendering import go, readers_named, render


def data_handler(office: Office, words: Words) -> str:
    """The authority in whose name the office acts; an address that nobody entered is left out."""
    if office.address:
        return words.gettext(
            "%(name)s (address: %(address)s; telephone: %(phone)s)",
            name=office.issuer,
            address=office.address,
            phone=office.phone,
        )
    return words.gettext("%(name)s (telephone: %(phone)s)", name=office.issuer, phone=office.phone)


@anyone
async def show_consent_text(request: web.Request) -> web.StreamResponse:
    named, kind = request.match_info["version"], request.match_info["kind"]
    try:
        language = i18n.language(request)
        blocks = consents.question(named, language) if kind == "question" else consents.text(named, kind, language)
    except KeyError:
        raise web.HTTPNotFound from None
    return render(request, "consents/text.html", version=named, blocks=blocks)


def register_texts(app: web.Application) -> None:
    app.router.add_get(
        "/texts/{version}/{kind:notice|recording|transcribe|filing|question}", show_consent_text, name="consent_text"
    )


@dataclass(frozen=True, slots=True)
class ShownInvitation:
    """What the page says: who invites, about what, when, with whom."""

    secret: str
    address: str
    guest: Guest
    session: Session
    mediator: str
    others: tuple[str, ...]
    days_ahead: int  # in the office's calendar; 0 is today


async def read_invitation(request: web.Request, used: bool = False) -> ShownInvitation:
    """`used`: also of a link that is in use."""
    secret = request.match_info["secret"]
    guest = await request.app[LINKS].look(secret, used)
    session = await request.app[SESSIONS].state(guest.session)
    zone = ZoneInfo(guest.office.zone)
    ahead = session.starts.astimezone(zone).date() - now(request).astimezone(zone).date()
    return ShownInvitation(
        secret=secret,
        address=f"{request.app[SITE].public_url}/j/{secret}",
        guest=guest,
        session=session,
        mediator=session.seats[session.mediator_seat].name,
        others=_others(session, guest),
        days_ahead=ahead.days,
    )


def _others(session: Session, guest: Guest) -> tuple[str, ...]:
    """The other side; for somebody of no side, both."""
    principals = {Role.CONSUMER: Side.CONSUMER, Role.BUSINESS: Side.BUSINESS}
    return tuple(
        seat.seat.organisation or seat.name
        for seat in session.seats.values()
        if seat.role in principals and principals[seat.role] != guest.seat.side
    )


def invitation_page(request: web.Request, template: str, invitation: ShownInvitation, **more: Any) -> web.Response:
    office = invitation.guest.office
    return render(request, template, invitation=invitation, office=office, **more)


@anyone
async def show_invitation(request: web.Request) -> web.StreamResponse:
    officer = known_officer(request)
    known = same_device(request)
    if officer is not None and "here" not in request.query and known is None:
        return await opened_link(request, officer, request.match_info["secret"])
    try:
        invitation = await read_invitation(request)
    except Refused as no:
        # Who is to show yet that the seat is theirs may have brought what shows it.
        if known is not None and (no.code == "session_over" or (no.code == "link_used" and known.verified)):
            raise web.HTTPSeeOther("/join") from None
        if no.code == "link_used":
            return await move_page(request)
        raise
    apart = apart_on(invitation.session)
    app = app_of(request) if apart is None else ""  # any browser can read and write
    elsewhere = "nowebrtc" in request.query or (app and "elsewhere" in request.query)
    if elsewhere and "here" not in request.query:
        here = f"/j/{invitation.secret}?here=1"
        office = invitation.guest.office
        return switch_page(request, invitation.secret, invitation.address, here, office=office, app=app, moves=False)
    seat = invitation.session.seats[invitation.guest.seat.id]
    return invitation_page(request, "join/invite.html", invitation, seat=seat, apart=apart, app=app)


@anyone
async def code_picture(request: web.Request) -> web.StreamResponse:
    """The link as a QR code, to go on with another phone."""
    invitation = await read_invitation(request, used=True)
    import segno

    picture = io.BytesIO()
    segno.make(invitation.address, error="m").save(picture, kind="svg", scale=4, border=2, xmldecl=False, light="#fff")
    return web.Response(body=picture.getvalue(), content_type="image/svg+xml")


@anyone
async def start_invitation(request: web.Request) -> web.StreamResponse:
    known = same_device(request)
    if known is not None:
        # A second tap on start, or back and on again.
        response = go(await first_page(request, known))
    else:
        response = await begun(request, PATHS[JoinStep.CODE])
    cookies.drop(request, response, cookies.WAITING)
    return response


@anyone
async def ask_decline(request: web.Request) -> web.StreamResponse:
    return invitation_page(request, "join/decline.html", await read_invitation(request))


@anyone
async def decline(request: web.Request) -> web.StreamResponse:
    return await after_the_code(request, Waiting((await read_invitation(request)).guest.link))


async def after_the_code(request: web.Request, answer: Waiting) -> web.Response:
    """Nothing is said in the person's name yet: the answer waits at this device until the code has come back."""
    response = await begun(request, "/join/code")
    store_waiting(request, response, answer)
    return response


INVITING: Final = N_("The authority that sent the invitation")  # to whoever reads a text without a link


@guest_page(verified=False)
async def go_on(request: web.Request) -> web.StreamResponse:
    """To whatever comes next for this guest; after the end, to the result."""
    guest = guest_of(request)
    if guest.verified and (await request.app[SESSIONS].state(guest.session)).status is Status.CLOSED:
        return go("/room")
    return go((await joining(request)).path)


@guest_page(verified=True)
async def show_notice(request: web.Request) -> web.StreamResponse:
    return _consent_page(request, "join/notice.html", await at(request, JoinStep.NOTICE))


@guest_page(verified=True)
async def answer_notice(request: web.Request) -> web.StreamResponse:
    return await _answered(request, JoinStep.NOTICE, Consent.PARTICIPATE, "join/notice.html")


@guest_page(verified=True)
async def show_recording(request: web.Request) -> web.StreamResponse:
    return _consent_page(request, "join/recording.html", await at(request, JoinStep.RECORDING))


@guest_page(verified=True)
async def answer_recording(request: web.Request) -> web.StreamResponse:
    """With it, where there is an engine, whether what they say becomes text; that may be left open."""
    return await _answered(request, JoinStep.RECORDING, Consent.RECORD, "join/recording.html")


@guest_page(verified=True)
async def show_refused(request: web.Request) -> web.StreamResponse:
    found = await joining(request)
    if not found.refused:
        raise web.HTTPSeeOther(found.path)
    return _consent_page(request, "join/refused.html", found)


@guest_page(verified=True)
async def show_asked(request: web.Request) -> web.StreamResponse:
    """Their wish for another time is with the mediator; this time stays arranged."""
    found = await joining(request)
    if not found.seat.wish:
        raise web.HTTPSeeOther(found.path)
    return render(request, "join/asked.html", wish=found.seat.wish, starts=found.session.starts)


@anyone
async def show_text(request: web.Request) -> web.StreamResponse:
    """The whole text a consent is about. Open: it names nobody."""
    site = request.app[SITE]
    template = f"join/text_{request.match_info['kind']}.html"
    version = edition(words_for(request), site.consent_version)
    asked_at = request.app.router["join_notice" if request.match_info["kind"] == "notice" else "join_recording"]
    back = local_path(request.query.get("back", ""), str(asked_at.url_for()))
    text, guest = words_for(request), known_guest(request)
    named = data_handler(guest.office, text) if guest is not None else text.gettext(INVITING)
    return render(
        request, template, version=version, back=back, years=site.retention_years, handler=named, who=who(text)
    )


async def _answered(request: web.Request, step: JoinStep, kind: Consent, template: str) -> web.StreamResponse:
    found = await at(request, step)
    form, shown = await request.post(), request.app[SITE].consent_version
    if form.get("edition", shown) != shown:  # the page is from before an upgrade: what it showed is not asked any more
        return _consent_page(request, template, found, {"changed": True})
    answer = form.get("answer")
    if answer not in ("yes", "no"):
        problem = words_for(request).gettext("Please choose one of the two answers")
        return _consent_page(request, template, found, {"problem": problem})
    named = data_handler(found.guest.office, words_for(request)) if kind is Consent.PARTICIPATE else ""
    command = AnswerConsent(kind, answer == "yes", shown, named)
    await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    if step is JoinStep.RECORDING and transcribes(request, found.seat):
        along = _along(str(form.get("transcribe", "")), found.seat, shown)
        if along is not None:
            await request.app[SESSIONS].submit(found.session.id, along, found.guest.actor)
    return go(await onward(request, found.guest))


def _along(answer: str, seat: SeatState, shown: str) -> AnswerConsent | WithdrawConsent | None:
    """Left open, the question changes nothing, but for a yes to an earlier text: that is none to this one."""
    if answer in ("yes", "no"):
        return AnswerConsent(Consent.TRANSCRIBE, answer == "yes", shown)
    earlier = seat.transcribe and seat.transcribe_text != shown
    return WithdrawConsent(Consent.TRANSCRIBE) if earlier else None


def transcribes(request: web.Request, seat: SeatState) -> bool:
    """Whether they are asked: who only watches says nothing."""
    return request.app[SITE].captions and seat.role not in WATCHING


def _consent_page(
    request: web.Request, template: str, found: Joining, more: Mapping[str, Any] | None = None
) -> web.StreamResponse:
    site = request.app[SITE]
    changed = found.seat.record_text if template == "join/recording.html" else found.seat.participate_text
    context = {
        "problem": "",
        "session": found.session,
        "seat": found.seat,
        "mediator": found.session.seats[found.session.mediator_seat].name,
        "version": edition(words_for(request), site.consent_version),
        "edition": site.consent_version,
        "years": site.retention_years,
        "handler": data_handler(found.guest.office, words_for(request)),
        "who": who(words_for(request)),
        "transcribes": transcribes(request, found.seat),
        "changed": changed not in ("", site.consent_version),
        **(more or {}),
    }
    return render(request, template, **context)


def who(text: Words) -> Callable[[str], str]:
    """For templates: everybody who can do this with the record."""
    return lambda use: readers_named(RecordUse(use), text.gettext)


def _dated(named: str) -> tuple[int, int, int] | None:
    """Year, month and day of the edition of a version of the texts."""
    found = consents.VERSION.fullmatch(named)
    if found is None:
        return None
    year, month, day = map(int, found["edition"].split("-"))
    return year, month, day


def edition(text: Words, version: str) -> str:
    """A version as a person reads it."""
    date = _dated(version)
    if date is None:
        return version
    year, month, day = date
    return text.gettext("edition of %(year)s-%(month)02d-%(day)02d", year=year, month=month, day=day)


AGES: Final = (
    (Age.ADULT.value, N_("18 or older")),
    (Age.MINOR.value, N_("14 to 17")),
    (Age.CHILD.value, N_("Under 14")),
)
CHOOSE: Final = N_("Please choose one of the answers")
NAME_IT: Final = N_("Please write this, in at most 40 characters")
AGREE: Final = N_("Without the guardian’s agreement we cannot go on. Ring the office if you have questions.")
FIELDS: Final = ("guardian", "relation")


@guest_page(verified=True)
async def show_age(request: web.Request) -> web.StreamResponse:
    found = await at(request, JoinStep.AGE)
    seat = found.seat
    typed = {"age": seat.age, "guardian": seat.guardian, "relation": seat.guardian_relation, "consents": ""}
    return _age_page(request, found, typed, {})


@guest_page(verified=True)
async def answer_age(request: web.Request) -> web.StreamResponse:
    """Of a minor the guardian's fields come with the answer; the first time they are only shown."""
    found, form, shown = await at(request, JoinStep.AGE), await request.post(), request.app[SITE].consent_version
    known = found.seat.seat.age
    age = known or str(form.get("age", ""))
    typed = {"age": age, **{name: " ".join(str(form.get(name, "")).split()) for name in FIELDS}}
    typed["consents"] = "yes" if form.get("consents") == "yes" and form.get("edition", shown) == shown else ""
    problems: dict[str, str] = {}
    if age not in dict(AGES):
        problems["age"] = CHOOSE
    elif age in MINORS and "guardian" not in form:
        return _age_page(request, found, typed, {})
    elif age in MINORS:
        problems = {name: NAME_IT for name in FIELDS if not 0 < len(typed[name]) <= MOST_NAME}
        if age == Age.CHILD and not typed["consents"]:
            problems["consents"] = AGREE
    if problems:
        return _age_page(request, found, typed, problems)
    command = StateAge(age, typed["guardian"], typed["relation"], bool(typed["consents"]), shown)
    await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    return go("/join/notice" if found.refused else await onward(request, found.guest))


def _age_page(
    request: web.Request, found: Joining, typed: Mapping[str, str], problems: Mapping[str, str]
) -> web.StreamResponse:
    text, version = words_for(request), request.app[SITE].consent_version
    context = {
        "ages": AGES,
        "values": typed,
        "problems": {
            name: text.gettext(problems[name]) if name in problems else "" for name in ("age", "consents", *FIELDS)
        },
        "minor": typed["age"] in MINORS,
        "known": found.seat.seat.age,
        "version": edition(text, version),
        "edition": version,
    }
    return render(request, "join/age.html", 422 if problems else 200, **context)


OFFERED_TIMES: Final = 12


@anyone
async def ask_other_time(request: web.Request) -> web.StreamResponse:
    invitation = await read_invitation(request)
    return _other_time(request, invitation, await _free_times(request, invitation), "", "")


def _other_time(
    request: web.Request, invitation: ShownInvitation, free: Sequence[datetime], wish: str, problem: str
) -> web.Response:
    zone, days = ZoneInfo(invitation.guest.office.zone), dict[date, list[datetime]]()
    for one in free:
        days.setdefault(one.astimezone(zone).date(), []).append(one)
    context = {"days": list(days.values()), "wish": wish, "problem": problem, "most": MOST_WISH}
    return invitation_page(request, "join/other_time.html", invitation, **context)


async def _free_times(request: web.Request, invitation: ShownInvitation) -> Sequence[datetime]:
    """The mediator's; nothing of what they do otherwise."""
    diary = await request.app[APPOINTMENTS].diary(invitation.session)
    free = diary.free(now(request), OFFERED_TIMES + 1, a_day=3)
    return [one for one in free if one != invitation.session.starts][:OFFERED_TIMES]


@anyone
async def calendar_entry(request: web.Request) -> web.StreamResponse:
    """For whoever has the link, also once it is used, and once the mediation was called off."""
    office, session, name = await request.app[LINKS].appointment(request.match_info["secret"])
    url = f"{request.app[SITE].public_url}/j/{request.match_info['secret']}"
    return entry_response(request, office, session, words_for(request), url, name)


@anyone
async def other_time(request: web.Request) -> web.StreamResponse:
    _ = words_for(request).gettext
    invitation, form = await read_invitation(request), await request.post()
    wish, chosen = str(form.get("wish", "")).strip(), str(form.get("starts", ""))
    free = await _free_times(request, invitation)
    starts = next((one for one in free if i18n.iso(one) == chosen), None)
    problem = ""
    if chosen and starts is None:
        problem = _("Somebody else was faster: this time is taken. Please choose another one.")
    elif starts is not None:
        said = i18n.when(starts, words_for(request).language, ZoneInfo(invitation.guest.office.zone))
        wish = f"{said} {wish}".strip()
    elif not wish:
        problem = _("Please write when it would suit you, for example a day or a time of day")
    if not problem and len(wish) > MOST_WISH:
        problem = _("Please say it in at most %(most)s characters", most=MOST_WISH)
    if problem:
        return _other_time(request, invitation, free, wish, problem)
    return await after_the_code(request, Waiting(invitation.guest.link, wish, starts))
