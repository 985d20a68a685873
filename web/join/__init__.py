"""The way into a session, in the order of its steps: what waits until the code is right, the code, the texts that are
agreed to, a person's name, and their device; which browser came in by a link; and a call to oneself for whoever wants
to try their device before there is a link.

Longer than other modules: the steps are one way, and each knows what comes before it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, Protocol

from aiohttp import web

from complaints import BadCode
from complaints.record.identifiers import resident_number
from journal.numbers import digits_in
from journal.refusals import DomainError, Refused, Throttle
from rooms import MOST_NAME
from rooms.commands import AnswerConsent, AskHelp, AskOtherTime, CheckDevice, ChooseName, NoteRealName
from rooms.joining.invitations import Guest
from rooms.joining.rules import HELP, age_asked, age_open
from rooms.seats import SeatState
from rooms.session import Session, apart_on
from rooms.vocabulary import Consent, Role, SeatStatus
from web import APART, LINKS, REAL_NAMES, SESSIONS, SITE, TRIAL, refusals
from web.http import cookies, security
from web.http.security import anyone, counted_as, guest_of, guest_page, known_guest
from web.i18n import N_, words_for
from web.rendering import go, render


class JoinStep(IntEnum):
    """In the order they are asked. Who it is comes first: what whoever holds the link answers is nobody's answer."""

    CODE = 1
    REAL_NAME = 2
    AGE = 3
    NOTICE = 4
    RECORDING = 5
    DEVICE = 6
    ROOM = 7


PATHS = {
    JoinStep.CODE: "/join/code",
    JoinStep.REAL_NAME: "/join/real-name",
    JoinStep.AGE: "/join/age",
    JoinStep.NOTICE: "/join/notice",
    JoinStep.RECORDING: "/join/recording",
    JoinStep.DEVICE: "/join/device",
    JoinStep.ROOM: "/room",
}

APART_PATH = "/join/apart"
"""Where asynchronous mediation goes on; recording and device are asked before the room."""

_INSIDE = frozenset({SeatStatus.WAITING, SeatStatus.PRESENT, SeatStatus.RECONNECTING})


@dataclass(frozen=True, slots=True)
class Joining:
    """A guest with their session as it is now."""

    guest: Guest
    session: Session
    version: str  # of the texts that are shown now

    @property
    def seat(self) -> SeatState:
        return self.session.seats[self.guest.seat.id]

    @property
    def refused(self) -> bool:
        return self.guest.verified and self.seat.participate is False

    @property
    def step(self) -> JoinStep:
        return first_open(self.seat, self.guest.verified, self.version)

    @property
    def apart(self) -> bool:
        """Nobody has to be there at one time just now."""
        return apart_on(self.session) is not None

    @property
    def path(self) -> str:
        if self.refused:
            return "/join/refused"
        return APART_PATH if self.apart and self.step > JoinStep.NOTICE else PATHS[self.step]


def first_open(seat: SeatState, verified: bool, version: str) -> JoinStep:
    """An answer to an earlier text is no answer to this one; whoever is inside is not called out for it."""
    if not verified:
        return JoinStep.CODE
    inside = seat.status in _INSIDE
    if seat.real_name_due and not inside:
        return JoinStep.REAL_NAME
    if age_open(seat) and not inside:
        return JoinStep.AGE
    if seat.participate is not True or (seat.participate_text != version and not inside):
        return JoinStep.NOTICE
    if seat.record is None or (seat.record_text != version and not inside):
        return JoinStep.RECORDING
    return JoinStep.ROOM if inside else JoinStep.DEVICE


async def joining(request: web.Request) -> Joining:
    """Refused(410) session_over."""
    guest = guest_of(request)
    session = await request.app[SESSIONS].state(guest.session)
    if session.over:
        raise Refused("session_over", 410, office_name=guest.office.name, office_phone=guest.office.phone)
    return Joining(guest, session, request.app[SITE].consent_version)


async def onward(request: web.Request, guest: Guest) -> str:
    """Where this guest goes on: the page itself, for a redirect to `/join` would only lead to the next."""
    session = await request.app[SESSIONS].state(guest.session)
    return "/join" if session.over else Joining(guest, session, request.app[SITE].consent_version).path


async def at(request: web.Request, step: JoinStep) -> Joining:
    """For a page of the flow: earlier questions may be looked at again, later ones not before their turn."""
    found = await joining(request)
    ahead = step > found.step or (found.refused and step > JoinStep.NOTICE)
    if (step is JoinStep.AGE and not age_asked(found.seat)) or (
        step is JoinStep.REAL_NAME and not found.seat.real_name_due
    ):
        raise web.HTTPSeeOther(found.path)
    if found.apart and step > JoinStep.NOTICE:
        raise web.HTTPSeeOther(found.path)
    if found.apart and found.guest.verified and not await security.visiting(request, found.guest):
        raise web.HTTPSeeOther(APART_PATH)  # whose phone it is just now, is shown by a code first
    # Whoever waits may look at their camera once more; in the room everything else is settled.
    again = step is JoinStep.DEVICE and found.seat.status is SeatStatus.WAITING
    if ahead or (found.step is JoinStep.ROOM and not again):
        # Who declined and changes their mind goes on with what is still open, not back to where they declined.
        raise web.HTTPSeeOther(PATHS[found.step] if step is JoinStep.NOTICE else found.path)
    return found


async def first_page(request: web.Request, guest: Guest) -> str:
    """Who declined and starts all the same has changed their mind: the question is asked again."""
    session = await request.app[SESSIONS].state(guest.session)
    seat = session.seats[guest.seat.id]
    if guest.verified and seat.participate is False and not age_open(seat):
        return "/join/notice"
    return await onward(request, guest)


MOST_WISH = 200  # characters


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer to one link's invitation: another time wished for, or, with no wish, not to take part."""

    link: str
    wish: str = ""
    starts: datetime | None = None  # a free time that they chose


def store_waiting(request: web.Request, response: web.StreamResponse, answer: Waiting) -> None:
    starts = answer.starts.isoformat() if answer.starts else ""
    told = json.dumps([answer.link, answer.wish, starts]).encode()
    cookies.put(request, response, cookies.WAITING, base64.urlsafe_b64encode(told).decode())


def waiting(request: web.Request, guest: Guest) -> Waiting | None:
    """None as well for one about another link: what was answered there is no answer here."""
    kept = cookies.read(request, cookies.WAITING)
    if not kept:
        return None
    try:
        link, wish, *more = json.loads(base64.urlsafe_b64decode(kept))
        starts = datetime.fromisoformat(more[0]) if more and more[0] else None
    except (binascii.Error, ValueError, TypeError):
        return None
    if link != guest.link or not isinstance(wish, str) or len(wish) > MOST_WISH:
        return None
    return Waiting(link, wish, starts if starts is None or starts.tzinfo else None)


async def keep_answers(request: web.Request) -> str:
    """The answer that waited is theirs now: submit it. Where they go on, "" when none waited."""
    guest = guest_of(request)
    answer = waiting(request, guest)
    if answer is None:
        return ""
    sessions = request.app[SESSIONS]
    if answer.wish:
        await sessions.submit(guest.session, AskOtherTime(answer.wish, answer.starts), guest.actor)
        return "/join/asked"
    refusal = AnswerConsent(Consent.PARTICIPATE, False, "")  # on the way to this answer no text was shown
    await sessions.submit(guest.session, refusal, guest.actor)
    return "/join/refused"


RESEND_AFTER = 60  # seconds
_STAYS = frozenset({"bad_code", "code_expired", "too_many_codes", "too_many_tries", "no_phone"})
"""Refusals that belong above the field, not on a page of their own."""


@guest_page(verified=False)
async def show_code_form(request: web.Request) -> web.StreamResponse:
    return await _identity_page(request, sent="sent" in request.query)


@guest_page(verified=False)
async def send_code(request: web.Request) -> web.StreamResponse:
    await _unconfirmed(request)
    device = cookies.read(request, cookies.DEVICE)
    try:
        await request.app[LINKS].send_code(device, security.counted_as(request), guest_of(request))
    except Refused as no:
        if no.code not in _STAYS:
            raise
        # One was sent a moment ago: it may still be on its way, so the field stays open.
        return await _identity_page(request, sent=no.code == "too_many_codes", refused=no)
    return go("/join/code?sent=1")


@guest_page(verified=False)
async def confirm_code(request: web.Request) -> web.StreamResponse:
    await _unconfirmed(request)
    typed = str((await request.post()).get("code", ""))
    code = digits_in(typed)
    device = cookies.read(request, cookies.DEVICE)
    try:
        rotated = await request.app[LINKS].check_code(device, code, security.counted_as(request), guest_of(request))
    except Refused as no:
        if no.code not in _STAYS:
            raise
        return await _identity_page(request, sent=True, refused=no, typed=typed[:6])
    return await _confirmed(request, rotated)


async def _confirmed(request: web.Request, rotated: str) -> web.StreamResponse:
    """It is them: what they had answered before is given now, and they go on under a token nobody has seen."""
    response = await _known(request)
    cookies.put(request, response, cookies.DEVICE, rotated)  # a token seen before the code is worth nothing after
    return response


async def _known(request: web.Request) -> web.Response:
    """On they go. What they had answered waits on where a service has yet to say who they are."""
    guest = replace(guest_of(request), verified=True)
    path = await first_page(request, guest)
    due = path == PATHS[JoinStep.REAL_NAME]
    if not due:
        with contextlib.suppress(DomainError):  # it went on meanwhile: the page they come to says how it stands
            path = await keep_answers(request) or path
    response = go(path)
    if not due:
        cookies.drop(request, response, cookies.WAITING)
    await begin_visit(request, response, guest)
    return response


REAL_NAME_SAID: Final[Mapping[str, str]] = {
    "number": N_("This is no identity number. Please compare it with the card."),
    "name": N_("Please write the name as it stands on the card."),
    "no_match": N_("Name and number do not belong together. Please compare both with the card."),
}


@guest_page(verified=True)
async def show_real_name(request: web.Request) -> web.StreamResponse:
    found = await at(request, JoinStep.REAL_NAME)
    return _real_name_page(request, found, found.seat.name)


@guest_page(verified=True)
async def check_real_name(request: web.Request) -> web.StreamResponse:
    """The number is in this request and in the one to the service, and nowhere else: no page shows it again."""
    found, form = await at(request, JoinStep.REAL_NAME), await request.post()
    name = " ".join(str(form.get("name", "")).split())
    if not 0 < len(name) <= MOST_NAME:
        return _real_name_page(request, found, name[:MOST_NAME], "name")
    try:
        number = resident_number(str(form.get("number", ""))[:40])
    except BadCode:
        number = ""
    if not number:
        return _real_name_page(request, found, name, "number")
    service, names = found.seat.real_name_due, request.app[REAL_NAMES]
    outcome = await names.ask(service, name, number, f"{found.session.id}/{found.seat.id}", counted_as(request))
    await request.app[SESSIONS].submit(found.session.id, NoteRealName(service, outcome), found.guest.actor)
    if outcome == "no_match":
        return _real_name_page(request, await at(request, JoinStep.REAL_NAME), name, "no_match")
    return await _known(request)


def _real_name_page(request: web.Request, found: Joining, name: str, problem: str = "") -> web.Response:
    shown = {
        "name": name,
        "service": request.app[REAL_NAMES].called(found.seat.real_name_due),
        "problem": problem,
        "said": REAL_NAME_SAID,
        "most": MOST_NAME,
    }
    return render(request, "join/real_name.html", 422 if problem else 200, **shown)


async def begin_visit(request: web.Request, response: web.StreamResponse, guest: Guest) -> None:
    """They have just shown who they are."""
    cookies.put(request, response, cookies.VISIT, request.app[APART].ticket(guest))
    with contextlib.suppress(DomainError, Refused):  # the mediation went on in the room meanwhile, or is over
        await request.app[APART].note_visit(guest)


@guest_page(verified=False)
async def show_voice(request: web.Request) -> web.StreamResponse:
    """For whom no code comes: ring the office, read out the number, and wait until the officer has said yes."""
    await _unconfirmed(request)
    state = await request.app[LINKS].by_voice(cookies.read(request, cookies.DEVICE))
    query = request.query
    return render(request, "join/voice.html", state=state, noted=query.get("noted", ""), sent="sent" in query)


@guest_page(verified=False)
async def go_on_by_voice(request: web.Request) -> web.StreamResponse:
    await _unconfirmed(request)
    try:
        rotated = await request.app[LINKS].go_on(cookies.read(request, cookies.DEVICE))
    except Refused as no:
        if no.code != "code_needed":
            raise
        return go("/join/voice")
    return await _confirmed(request, rotated)


@guest_page(verified=False)
async def ask_help(request: web.Request) -> web.StreamResponse:
    """Tell the mediator: they see it at the seat."""
    found = await _unconfirmed(request)
    form = await request.post()
    why = str(form.get("why", ""))
    if why not in HELP:
        return go("/join/code")
    await request.app[SESSIONS].submit(found.session.id, AskHelp(why), found.guest.actor)
    return go(f"/join/voice?noted={why}" + ("&sent=1" if form.get("sent") else ""))


async def _unconfirmed(request: web.Request) -> Joining:
    found = await at(request, JoinStep.CODE)
    if found.guest.verified:
        raise web.HTTPSeeOther(found.path)
    return found


async def _identity_page(
    request: web.Request, sent: bool, refused: Refused | None = None, typed: str = ""
) -> web.Response:
    found = await _unconfirmed(request)
    text, problem = words_for(request), ""
    if refused is not None:
        stop = text.gettext(". ")  # between two sentences
        problem = refusals.sentence(text, refused.code, refused.params) + stop + hint(request, refused)
    return render(
        request,
        "join/code.html",
        sent=sent,
        wait=RESEND_AFTER if sent and refused is None else 0,
        answer=waiting(request, found.guest),
        problem=problem,
        typed=typed,
        phone=found.guest.seat.phone,
    )


def hint(request: web.Request, refused: Refused) -> str:
    """What can be done about a code that was refused."""
    text = words_for(request)
    if refused.code == "bad_code" and "left" in refused.params:
        left = int(refused.params["left"])
        return text.ngettext("%(num)s more try", "%(num)s more tries", left)
    if refused.code == "too_many_codes" and "seconds" in refused.params:
        seconds = int(refused.params["seconds"])
        if seconds < 120:
            return text.ngettext("Wait %(num)s second", "Wait %(num)s seconds", seconds)
        minutes = round(seconds / 60)
        return text.ngettext("Wait %(num)s minute", "Wait %(num)s minutes", minutes)
    return refusals.advice(text, refused.code, refused.params)


WECHAT: Final = N_("WeChat")
IN_APP: Final = (
    # DingTalk and WeCom also say MicroMessenger-like things: the more particular first.
    (re.compile(r"wxwork", re.I), N_("WeCom")),
    (re.compile(r"MicroMessenger", re.I), WECHAT),
    (re.compile(r"DingTalk", re.I), N_("DingTalk")),
    (re.compile(r"AlipayClient|AliApp\(AP", re.I), N_("Alipay")),
    (re.compile(r"AliApp\(TB", re.I), N_("Taobao")),
    (re.compile(r"Weibo", re.I), N_("Weibo")),
    (re.compile(r"\bQQ/[0-9]", re.I), N_("QQ")),  # not QQBrowser, which is a browser of its own
    (re.compile(r"aweme|BytedanceWebview|ToutiaoMicroApp|NewsArticle", re.I), N_("Douyin or Toutiao")),
    (re.compile(r"baiduboxapp", re.I), N_("Baidu")),
    (re.compile(r"xhsdiscover|discover/[0-9]", re.I), N_("Xiaohongshu")),
)


def in_app(user_agent: str) -> str:
    """The name of the app this browser lives in, as a message id; "" for a browser of its own."""
    return next((name for pattern, name in IN_APP if pattern.search(user_agent)), "")


def app_of(request: web.Request) -> str:
    return in_app(request.headers.get("User-Agent", ""))


def same_device(request: web.Request) -> Guest | None:
    """Who this browser is for, if it came in through this very link before and is still known."""
    secret, guest = request.match_info["secret"], known_guest(request)
    kept = cookies.read(request, cookies.LINK)
    return guest if hmac.compare_digest(kept.encode(), _fingerprint(secret).encode()) else None


async def begun(request: web.Request, path: str, moves: bool = False) -> web.Response:
    """With the device of this link, begun now unless this browser has it already."""
    response, secret = go(path), request.match_info["secret"]
    if same_device(request) is None:
        holds(request, response, secret, await request.app[LINKS].begin(secret, moves))
    return response


def holds(request: web.Request, response: web.StreamResponse, secret: str, token: str) -> None:
    cookies.put(request, response, cookies.DEVICE, token)
    cookies.put(request, response, cookies.LINK, _fingerprint(secret))


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Following(Protocol):
    """Messages to a party by the office's official account, beside text messages."""

    async def possible(self, guest: Guest) -> bool:
        """Whether the office has one, and the guest a number that messages go to."""

    async def address(self, guest: Guest) -> str:
        """Where WeChat says who this is; good for ten minutes. "" where it is not possible."""

    async def follows(self, guest: Guest) -> bool: ...

    async def come_back(self, guest: Guest, code: str, state: str) -> None:
        """Refused: not_allowed, busy (503: WeChat does not answer)."""

    async def leave(self, guest: Guest) -> None: ...


FOLLOWING: web.AppKey[Following] = web.AppKey("following", Following)


async def wechat_offered(request: web.Request, guest: Guest) -> bool:
    """Whether further messages may go into WeChat: inside it, and where the office has an official account."""
    return app_of(request) == WECHAT and await request.app[FOLLOWING].possible(guest)


MODES = ("video", "audio", "text")
MOST_FINDINGS = 16
MOST_FINDING = 80  # characters


@guest_page(verified=True)
async def show_name(request: web.Request) -> web.StreamResponse:
    found = await at(request, JoinStep.DEVICE)
    return render(request, "join/name.html", name=found.seat.name, problem="", most=MOST_NAME)


@guest_page(verified=True)
async def choose_name(request: web.Request) -> web.StreamResponse:
    found = await at(request, JoinStep.DEVICE)
    _ = words_for(request).gettext
    name = " ".join(str((await request.post()).get("name", "")).split())
    problem = ""
    if not name:
        problem = _("Please write the name others shall see")
    elif len(name) > MOST_NAME:
        problem = _("Please use at most %(most)s characters", most=MOST_NAME)
    if problem:
        return render(request, "join/name.html", name=name, problem=problem, most=MOST_NAME)
    await request.app[SESSIONS].submit(found.session.id, ChooseName(name), found.guest.actor)
    return go("/join/device")


@guest_page(verified=True)
async def show_device_check(request: web.Request) -> web.StreamResponse:
    return await _device_page(request, await at(request, JoinStep.DEVICE))


@guest_page(verified=True)
async def arrive(request: web.Request) -> web.StreamResponse:
    found = await at(request, JoinStep.DEVICE)
    form = await request.post()
    # An observer sends neither picture nor sound, whatever the browser says.
    mode = "text" if found.seat.role is Role.OBSERVER else str(form.get("mode", ""))
    if mode not in MODES:
        return await _device_page(request, found)
    command = CheckDevice(mode, _findings(str(form.get("findings", ""))), arrives=True)
    await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    return go("/room")


async def _device_page(request: web.Request, found: Joining) -> web.Response:
    seat = found.seat
    trial = request.app[TRIAL](found.session.id, seat.id) if TRIAL in request.app else None
    shown = {"session": found.session, "trial": trial, "app": app_of(request)}
    wechat = await wechat_offered(request, found.guest)
    return render(request, "join/device.html", 200, name=seat.name, role=seat.role, wechat=wechat, **shown)


def _findings(text: str) -> tuple[str, ...]:
    """`camera:denied,network:3` as the script reports it; anything odd is left out."""
    parts = (part.strip() for part in text.split(","))
    return tuple(part for part in parts if part and part.isprintable() and len(part) <= MOST_FINDING)[:MOST_FINDINGS]


# ------------------------------------------------------------ a trial call, without a link

MOST_TRIALS: Final = 12  # each with credentials of the relay, which are good for minutes
TRIALS_WITHIN: Final = timedelta(minutes=10)
_TRIED: web.AppKey[Throttle] = web.AppKey("trial_calls")


@anyone
async def show_trial_call(request: web.Request) -> web.StreamResponse:
    """Refused: too_many_tries. Tries the network with what a device check does: who needs the relay is told so."""
    address = counted_as(request)
    request.app[_TRIED].pass_(address)
    trial = request.app[TRIAL]("", address) if TRIAL in request.app else None
    return render(request, "join/trial_call.html", office=None, trial=trial)


def register_trial_call(app: web.Application) -> None:
    app[_TRIED] = Throttle(MOST_TRIALS, TRIALS_WITHIN, "too_many_tries")
    app.router.add_get("/test-call", show_trial_call, name="test_call")
