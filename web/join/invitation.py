"""An invitation as its link opens it, also within an app's own browser."""

from __future__ import annotations

import hashlib
import hmac
import io
import re
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from offices.refusal import Refused
from rooms.session import Session
from rooms.views import Guest
from rooms.vocabulary import Role, Side
from web import cookies
from web.clock import now
from web.i18n import N_, words_for
from web.join.services import LINKS
from web.join.steps import MOST_WISH, PATHS, Step, Waiting, first_page, store_waiting
from web.rendering import go, render
from web.security import anyone, known_guest
from web.services import SESSIONS, SITE

IN_APP: Final = (
    # DingTalk and WeCom also say MicroMessenger-like things: the more particular first.
    (re.compile(r"wxwork", re.I), N_("WeCom")),
    (re.compile(r"MicroMessenger", re.I), N_("WeChat")),
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


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the page says: who invites, about what, when, with whom."""

    secret: str
    address: str
    guest: Guest
    session: Session
    mediator: str
    others: tuple[str, ...]
    days_ahead: int  # in the office's calendar; 0 is today


async def _invitation(request: web.Request) -> Invitation:
    secret = request.match_info["secret"]
    guest = await request.app[LINKS].look(secret)
    session = await request.app[SESSIONS].state(guest.session)
    zone = ZoneInfo(guest.office.zone)
    ahead = session.starts.astimezone(zone).date() - now(request).astimezone(zone).date()
    return Invitation(
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


def _page(request: web.Request, template: str, invitation: Invitation, **more: Any) -> web.Response:
    office = invitation.guest.office
    return render(request, template, invitation=invitation, office=office, **more)


@anyone
async def show_invitation(request: web.Request) -> web.StreamResponse:
    try:
        invitation = await _invitation(request)
    except Refused as no:
        if no.code in ("link_used", "session_over") and _same_device(request):
            raise web.HTTPSeeOther("/join") from None
        raise
    app = in_app(request.headers.get("User-Agent", ""))
    if "here" not in request.query and (app or "nowebrtc" in request.query):
        return _page(request, "join/switch.html", invitation, app=app)
    seat = invitation.session.seats[invitation.guest.seat.id]
    return _page(request, "join/invite.html", invitation, seat=seat)


@anyone
async def code_picture(request: web.Request) -> web.StreamResponse:
    """The link as a QR code, to go on with another phone."""
    invitation = await _invitation(request)
    import segno

    picture = io.BytesIO()
    segno.make(invitation.address, error="m").save(picture, kind="svg", scale=4, border=2, xmldecl=False, light="#fff")
    return web.Response(body=picture.getvalue(), content_type="image/svg+xml")


@anyone
async def start_invitation(request: web.Request) -> web.StreamResponse:
    known = known_guest(request)
    if known is not None and _same_device(request):
        # A second tap on start, or back and on again.
        response = go(await first_page(request, known))
    else:
        response = await _begun(request, PATHS[Step.CODE])
    cookies.drop(request, response, cookies.WAITING)
    return response


async def _begun(request: web.Request, path: str) -> web.Response:
    """With the device of this link, begun now unless this browser has it already."""
    response, secret = go(path), request.match_info["secret"]
    if not _same_device(request):
        cookies.put(request, response, cookies.DEVICE, await request.app[LINKS].begin(secret))
        cookies.put(request, response, cookies.LINK, _fingerprint(secret))
    return response


@anyone
async def ask_decline(request: web.Request) -> web.StreamResponse:
    return _page(request, "join/decline.html", await _invitation(request))


@anyone
async def decline(request: web.Request) -> web.StreamResponse:
    return await _after_the_code(request, Waiting((await _invitation(request)).guest.link))


async def _after_the_code(request: web.Request, answer: Waiting) -> web.Response:
    """Nothing is said in the person's name yet: the answer waits at this device until the code has come back."""
    response = await _begun(request, "/join/code")
    store_waiting(request, response, answer)
    return response


@anyone
async def ask_other_time(request: web.Request) -> web.StreamResponse:
    return _page(request, "join/other_time.html", await _invitation(request), wish="", problem="", most=MOST_WISH)


@anyone
async def other_time(request: web.Request) -> web.StreamResponse:
    _ = words_for(request).gettext
    invitation = await _invitation(request)
    wish = str((await request.post()).get("wish", "")).strip()
    problem = ""
    if not wish:
        problem = _("Please write when it would suit you, for example a day or a time of day")
    elif len(wish) > MOST_WISH:
        problem = _("Please say it in at most %(most)s characters", most=MOST_WISH)
    if problem:
        return _page(request, "join/other_time.html", invitation, wish=wish, problem=problem, most=MOST_WISH)
    return await _after_the_code(request, Waiting(invitation.guest.link, wish))


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _same_device(request: web.Request) -> bool:
    """This browser came in through this very link before, and is still known."""
    secret = request.match_info["secret"]
    kept = cookies.read(request, cookies.LINK)
    return known_guest(request) is not None and hmac.compare_digest(kept.encode(), _fingerprint(secret).encode())
