"""Which browser has a seat, and how another takes its place: from inside an app to the phone's own browser by an
address copied there, to a second phone by a code or a voice.

Further messages inside WeChat, for who opens their link there and says so: who they are there (an openid) WeChat is
asked by an address that only this browser is sent to, and says with a word that only this seat was given.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from journal.refusals import Refused
from rooms.joining.invitations import Guest
from web import LINKS, refusals
from web.http import cookies
from web.http.responses import leave_plain
from web.http.security import anyone, guest_of, guest_page, visiting
from web.i18n import words_for
from web.join import (
    FOLLOWING,
    PATHS,
    JoinStep,
    app_of,
    begun,
    first_page,
    holds,
    joining,
    same_device,
    wechat_offered,
)
from web.rendering import go, render

# ------------------------------------------------------------ out of an app


def switch_page(
    request: web.Request, secret: str, address: str, here: str, room: bool = False, **more: Any
) -> web.Response:
    """How to open it in the phone's own browser. `here`: where one goes on in this one, or stays in the room."""
    leave_plain(request)
    return render(request, "join/switch.html", secret=secret, address=address, here=here, room=room, **more)


@guest_page(verified=False)
async def show_switch(request: web.Request) -> web.StreamResponse:
    """For a browser that turns out to lack what video needs when the link is no longer at hand; from the room, for
    whoever would rather go on elsewhere."""
    guest = guest_of(request)
    return render(request, "join/no_video.html", office=guest.office, room=request.query.get("from") == "room")


@guest_page(verified=False)
async def copy_link(request: web.Request) -> web.StreamResponse:
    guest, address = guest_of(request), await request.app[LINKS].copied(cookies.read(request, cookies.DEVICE))
    secret = address.rpartition("/j/")[2].partition("#")[0]
    room = (await request.post()).get("from") == "room"
    more = {"office": guest.office, "app": app_of(request), "moves": guest.verified}
    return switch_page(request, secret, address, "/room" if room else "/join", room, **more)


# ------------------------------------------------------------ into another browser


async def move_page(request: web.Request, refused: Refused | None = None) -> web.Response:
    """Of a link that another browser has. What stands behind "#" in its address only a script can see."""
    secret, problem = request.match_info["secret"], ""
    guest = await request.app[LINKS].look(secret, used=True)
    if refused is not None:
        text = words_for(request)
        problem = refusals.sentence(text, refused.code, refused.params) + text.gettext(". ")
        problem += refusals.advice(text, refused.code, refused.params)
    status = refused.status if refused is not None else 200
    return render(request, "join/move.html", status, secret=secret, office=guest.office, problem=problem)


@anyone
async def begin_move(request: web.Request) -> web.StreamResponse:
    """They show by a code, or by their voice, that it is them; nothing has moved before."""
    await request.app[LINKS].look(request.match_info["secret"], used=True)
    known = same_device(request)
    if known is not None and known.verified:
        return go(await first_page(request, known))
    return await begun(request, PATHS[JoinStep.CODE], moves=True)


@anyone
async def move_here(request: web.Request) -> web.StreamResponse:
    known, links, secret = same_device(request), request.app[LINKS], request.match_info["secret"]
    if known is not None and known.verified:
        return go(await first_page(request, known))  # a second tap
    try:
        token = await links.move(secret, str((await request.post()).get("token", "")))
    except Refused as no:
        if no.code != "token_over":
            raise
        return await move_page(request, no)
    guest = await links.guest(token)
    response = go("/join" if guest is None else await first_page(request, guest))
    holds(request, response, secret, token)
    cookies.drop(request, response, cookies.WAITING)
    return response


@anyone
async def come_back(request: web.Request) -> web.StreamResponse:
    """The browser that is out of a seat is asked whether it goes on here."""
    address = await request.app[LINKS].came_by(cookies.read(request, cookies.DEVICE))
    raise web.HTTPSeeOther("/j/" + address.rpartition("/j/")[2])


# ------------------------------------------------------------ following


async def _guest(request: web.Request) -> Guest:
    """Whose phone it is just now, was shown by a code: also on a page between whose visits weeks pass."""
    found, guest = await joining(request), guest_of(request)
    if found.apart and not await visiting(request, guest):
        raise web.HTTPSeeOther("/join")
    return guest


@guest_page(verified=True)
async def show_following(request: web.Request) -> web.StreamResponse:
    guest, following = await _guest(request), request.app[FOLLOWING]
    address = await following.address(guest) if await wechat_offered(request, guest) else ""
    return render(request, "join/following.html", address=address, follows=await following.follows(guest))


@guest_page(verified=True)
async def came_back(request: web.Request) -> web.StreamResponse:
    """Refused: not_allowed. Without a code they said no, or WeChat did."""
    code, state = request.query.get("code", ""), request.query.get("state", "")
    if code:
        await request.app[FOLLOWING].come_back(await _guest(request), code, state)
    return go("/join/wechat")


@guest_page(verified=True)
async def stop_following(request: web.Request) -> web.StreamResponse:
    await request.app[FOLLOWING].leave(await _guest(request))
    return go("/join/wechat")


def register_following(app: web.Application) -> None:
    app.router.add_get("/join/wechat", show_following, name="join_wechat")
    app.router.add_get("/join/wechat/back", came_back, name="join_wechat_back")
    app.router.add_post("/join/wechat/stop", stop_following, name="join_wechat_stop")
