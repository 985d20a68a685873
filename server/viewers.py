"""Who a Socket.IO connection is: from its cookies, never from what it says about itself.

An officer's handshake names the session; they are its mediator, or a supervisor whom the room has been told of, or
nobody. A party's device token says both session and seat. `docs/wire.md` has the codes' meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rooms.errors import RoomError
from rooms.session import Session
from server.identity.officers import Officers
from signaling.namespace import Viewer
from web import cookies
from web.permissions import may_hold, may_look_on
from web.ports import Links, Officer, Reads, Refused, Sessions, Site

NOT_SIGNED_IN, NOT_FOUND, NOT_MEDIATOR = "sign_in_needed", "unknown_session", "not_allowed"
NO_INVITATION, NOT_CONFIRMED = "no_invitation", "code_needed"
OLD_PAGE = "old_page"


class Viewers:
    """Called with the handshake's environ and auth; the viewer, or the code of a refusal."""

    def __init__(self, officers: Officers, links: Links, sessions: Sessions, reads: Reads, site: Site) -> None:
        self._officers, self._links, self._sessions, self._reads = officers, links, sessions, reads
        self._site = site

    async def __call__(self, environ: Mapping[str, Any], auth: Mapping[str, Any]) -> Viewer | str:
        # A page from before an upgrade shows texts that are not those an answer would be noted with.
        if auth.get("texts", self._site.shown.named) != self._site.shown.named:
            return OLD_PAGE
        held = _cookies(str(environ.get("HTTP_COOKIE", "")))
        session = auth.get("session")
        if session:
            token = held.get(cookies.name(self._site, cookies.OFFICER), "")
            officer = await self._officers.officer(token)
            return NOT_SIGNED_IN if officer is None else await self._seated(officer, str(session))
        return await self._guest(held.get(cookies.name(self._site, cookies.DEVICE), ""))

    async def may_stay(self, viewer: Viewer) -> bool:
        """Whether who came in may still be there, after who may do what was changed."""
        if viewer.actor.kind != "officer":
            return True
        officer = await self._officers.standing(viewer.actor.id)
        return officer is not None and await self._seated(officer, viewer.session) == viewer

    async def _seated(self, officer: Officer, session: str) -> Viewer | str:
        try:
            state = await self._sessions.state(session)
        except RoomError:
            return NOT_FOUND
        if officer.role == "supervisor":
            return await self._supervisor(officer, state)
        if state.office != officer.office.id:
            return NOT_FOUND  # another office's session does not exist
        if officer.role != "mediator" or officer.id != state.mediator or not may_hold(officer):
            return NOT_MEDIATOR
        return Viewer(session, state.mediator_seat, officer.actor, mediator=True)

    async def _supervisor(self, officer: Officer, state: Session) -> Viewer | str:
        """Once they have come in by giving a reason; whoever no longer oversees the office is out."""
        try:
            await self._reads.session(officer, state.id)
        except Refused:
            return NOT_FOUND
        seat = state.observing_seat(officer.id)
        if not seat or not state.seats[seat].in_room or not may_look_on(officer):
            return NOT_MEDIATOR
        return Viewer(state.id, seat, officer.actor, mediator=False)

    async def _guest(self, device: str) -> Viewer | str:
        guest = await self._links.guest(device)
        if guest is None:
            return NO_INVITATION
        if not guest.verified:
            return NOT_CONFIRMED
        return Viewer(guest.session, guest.seat.id, guest.actor, mediator=False)


def _cookies(header: str) -> dict[str, str]:
    """RFC 6265 5.4, one by one: a neighbour's odd cookie must not hide ours, as it would from `http.cookies`."""
    parts = (part.partition("=") for part in header.split(";"))
    return {name.strip(): value.strip() for name, _, value in parts}
