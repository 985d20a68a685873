"""The bell: what a mediator is alerted of, its history, and the socket by which windows hear of it at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from aiohttp import WSMsgType, web

from journal.refusals import Refused
from offices import Officer
from rooms.events import encode_json
from rooms.views import Alert, Change
from web import i18n
from web.http.responses import json_response
from web.http.security import officer_page, same_origin
from web.i18n import N_, Words
from web.rendering import go, officer_in

TEXTS: Final = {
    "arrival": N_("%(who)s opened the invitation"),
    "knock": N_("%(who)s waits to be let in"),
    "message": N_("%(who)s wrote to you in private"),
    "consent": N_("%(who)s took a consent back"),
    "lost": N_("%(who)s lost the connection"),
    "time": N_("%(who)s asks for another time"),
    "help": N_("%(who)s cannot come in and asks to be called"),
    "begins": N_("%(who)s: begins in a quarter of an hour"),
    "ends": N_("%(who)s: the end date has come, decide how it goes on"),
    "due": N_("%(who)s: due today"),
    "assigned": N_("%(who)s: assigned to you"),
    "unkept": N_("%(who)s: what was promised was not kept, or not all of it"),
    "unanswered": N_("%(who)s: nobody has said whether what was promised was kept"),
}
OUTSIDE: Final = {  # on a lock screen others may read: nobody's name
    "arrival": N_("An invitation was opened"),
    "knock": N_("Somebody waits to be let in"),
    "message": N_("A private message came"),
    "consent": N_("A consent was taken back"),
    "lost": N_("Somebody lost the connection"),
    "time": N_("Somebody asks for another time"),
    "help": N_("Somebody cannot come in"),
    "begins": N_("A mediation begins in a quarter of an hour"),
    "ends": N_("A mediation has come to its end date"),
    "due": N_("A complaint is due today"),
    "assigned": N_("A complaint was assigned to you"),
    "unkept": N_("A promise was not kept"),
    "unanswered": N_("Nobody has said whether a promise was kept"),
}
_OF_COMPLAINTS: Final = frozenset({"due", "assigned", "unkept", "unanswered"})
CLOCKS_EVERY: Final = 30.0  # seconds
LASTS: Final = 600.0  # seconds; then a window asks anew, and shows who it is
_ROOM: Final = frozenset({"knock", "message", "consent", "lost"})


class Alerts(Protocol):
    def window(self, officer: Officer) -> AbstractAsyncContextManager[asyncio.Queue[Alert | Change | None] | None]:
        """What happens from now on (None in it: ask anew who it is); None when they have too many windows open."""
        ...

    async def history(self, officer: Officer) -> list[Alert]:
        """A week's, the newest first."""
        ...

    async def clocks(self, officer: Officer) -> list[Alert]: ...

    async def read_until(self, officer: Officer) -> datetime: ...

    async def note_read(self, officer: Officer) -> None: ...


ALERTS: web.AppKey[Alerts] = web.AppKey("alerts", Alerts)


def told(alert: Alert, spoken: Words) -> dict[str, Any]:
    role = alert.seat.rpartition("-")[0] or alert.seat
    who = alert.who or (spoken.gettext(i18n.ROLE_NAMES[role]) if role in i18n.ROLE_NAMES else "") or alert.number
    path = f"/complaints/{alert.about}" if alert.kind in _OF_COMPLAINTS else f"/sessions/{alert.about}"
    return {
        "id": alert.id,
        "kind": alert.kind,
        "text": spoken.gettext(TEXTS[alert.kind], who=who),
        "outside": f"{spoken.gettext(OUTSIDE[alert.kind])} · {alert.number}",
        "path": f"{path}/room" if alert.kind in _ROOM else f"{path}/apart" if alert.kind == "ends" else path,
        "at": i18n.iso(alert.at),
    }


@officer_page("mediator")
async def alert_list(request: web.Request) -> web.StreamResponse:
    officer, desk = officer_in(request), request.app[ALERTS]
    spoken, until = i18n.words_for(request), await desk.read_until(officer)
    listed = [{**told(one, spoken), "fresh": one.at > until} for one in await desk.history(officer)]
    return json_response({"alerts": listed})


@officer_page("mediator")
async def note_read(request: web.Request) -> web.StreamResponse:
    await request.app[ALERTS].note_read(officer_in(request))
    return go("/desk")


@officer_page("mediator")
async def alert_socket(request: web.Request) -> web.StreamResponse:
    """Sends alerts and changes; what a window sends is not read. Another site's script is refused (RFC 6455 10.2)."""
    socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1024, timeout=1.0)
    if socket.can_prepare(request).ok and not same_origin(request, request.headers.get("Origin", "")):
        raise Refused("not_allowed", 403)
    officer, spoken = officer_in(request), i18n.words_for(request)
    await socket.prepare(request)
    async with request.app[ALERTS].window(officer) as news:
        if news is not None:
            sending = asyncio.create_task(_send(request, socket, officer, spoken, news))
            try:
                async with asyncio.timeout(LASTS):
                    async for message in socket:
                        if message.type != WSMsgType.TEXT:
                            break
            except TimeoutError:
                pass
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
    await socket.close()
    return socket


async def _send(
    request: web.Request,
    socket: web.WebSocketResponse,
    officer: Officer,
    spoken: Words,
    news: asyncio.Queue[Alert | Change | None],
) -> None:
    clocks = partial(request.app[ALERTS].clocks, officer)
    async for one in with_clocks(news, clocks, {one.id for one in await clocks()}):
        if one is None:
            await socket.close()
            return
        if isinstance(one, Alert):
            await socket.send_str(encode_json({"alert": told(one, spoken)}))
        else:
            await socket.send_str(encode_json({"changed": {"session": one.session}}))


async def with_clocks(
    news: asyncio.Queue[Alert | Change | None], clocks: Callable[[], Awaitable[Sequence[Alert]]], known: set[str]
) -> AsyncIterator[Alert | Change | None]:
    """News, and clocks that are not `known` yet; also where news come without a pause, as in a busy office."""
    loop = asyncio.get_running_loop()
    look = loop.time() + CLOCKS_EVERY
    while True:
        if loop.time() >= look:
            look = loop.time() + CLOCKS_EVERY
            for due in await clocks():
                if due.id not in known:
                    known.add(due.id)
                    yield due
        try:
            async with asyncio.timeout_at(look):
                one = await news.get()
        except TimeoutError:
            continue
        yield one


def register(app: web.Application) -> None:
    app.router.add_get("/alerts", alert_list, name="alerts")
    app.router.add_post("/alerts/read", note_read, name="alerts_read")
    app.router.add_get("/alerts/socket", alert_socket, name="alerts_socket")
