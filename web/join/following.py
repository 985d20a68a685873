"""Further messages inside WeChat, for who opens their link there and says so: who they are there (an openid) WeChat is
asked by an address that only this browser is sent to, and says with a word that only this seat was given."""

from __future__ import annotations

from aiohttp import web

from rooms.joining.invitations import Guest
from web.http.security import guest_of, guest_page, visiting
from web.join import FOLLOWING, joining, wechat_offered
from web.rendering import go, render


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
