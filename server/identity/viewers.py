"""Who a Socket.IO connection is: from its cookies, never from what it says about itself.

An officer's handshake names the session; they are its mediator, or a supervisor whom the room has been told of, or
nobody. A party's device token says both session and seat. A viewer holds the digest of the token they came by, and
whether they may stay is asked with it once more, the same way. `docs/wire.md` has the codes' meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from journal.refusals import Refused, UnknownSession
from offices import Officer, may_hold, may_look_on
from rooms.apart.rules import APART
from rooms.floor.rules import ShownTexts
from rooms.live.registry import Sessions
from rooms.session import Session, apart_on
from server.complaints.store import SqlReads
from server.identity import digest
from server.identity.links import JoinLinks
from server.identity.officers import Officers
from signaling import Viewer

NOT_SIGNED_IN, NOT_FOUND, NOT_MEDIATOR = "sign_in_needed", "unknown_session", "not_allowed"
WITHHELD, NO_INVITATION, NOT_CONFIRMED = "withheld", "no_invitation", "code_needed"
OLD_PAGE, WITHOUT_MEETING = "old_page", APART


class SocketAuthenticator:
    """Called with the handshake's environ and auth; the viewer, or the code of a refusal.

    `shown`: the texts that pages made now show; `tokens`: an officer's and a device's out of a Cookie header, "" for
    one that is not there.
    """

    def __init__(
        self,
        officers: Officers,
        links: JoinLinks,
        sessions: Sessions,
        reads: SqlReads,
        shown: ShownTexts,
        tokens: Callable[[str], tuple[str, str]],
    ) -> None:
        self._officers, self._links, self._sessions, self._reads = officers, links, sessions, reads
        self._shown, self._tokens = shown, tokens

    async def __call__(self, environ: Mapping[str, Any], auth: Mapping[str, Any]) -> Viewer | str:
        # A page from before an upgrade shows texts that are not those an answer would be noted with.
        if auth.get("texts", self._shown.named) != self._shown.named:
            return OLD_PAGE
        token, device = self._tokens(str(environ.get("HTTP_COOKIE", "")))
        session = auth.get("session")
        if session:
            return await self._officer(digest(token), str(session)) if token else NOT_SIGNED_IN
        return await self._guest(digest(device)) if device else NO_INVITATION

    async def ended(self, viewer: Viewer) -> str:
        """The code of why who came in may stay no longer, "" while they may. Counts as a use of their sign-in."""
        if viewer.actor.kind == "officer":
            found = await self._officer(viewer.credential, viewer.session)
        else:
            found = await self._guest(viewer.credential)
        if isinstance(found, str):
            return found
        return "" if found.place == viewer.place else NOT_MEDIATOR

    async def _officer(self, credential: str, session: str) -> Viewer | str:
        officer = await self._officers.by_session(credential)
        return NOT_SIGNED_IN if officer is None else await self._seated(officer, session, credential)

    async def _seated(self, officer: Officer, session: str, credential: str) -> Viewer | str:
        try:
            state = await self._sessions.state(session)
        except UnknownSession:
            return NOT_FOUND
        if officer.role == "supervisor":
            return await self._supervisor(officer, state, credential)
        if state.office != officer.office.id:
            return NOT_FOUND  # another office's session does not exist
        if officer.role != "mediator" or officer.id != state.mediator:
            return NOT_MEDIATOR
        if not may_hold(officer):
            return WITHHELD
        return Viewer(session, state.mediator_seat, officer.actor, mediator=True, credential=credential)

    async def _supervisor(self, officer: Officer, state: Session, credential: str) -> Viewer | str:
        """Once they have come in by giving a reason; whoever no longer oversees the office is out."""
        try:
            await self._reads.session(officer, state.id)
        except Refused:
            return NOT_FOUND
        seat = state.observing_seat(officer.id)
        if not seat or not state.seats[seat].in_room:
            return NOT_MEDIATOR
        if not may_look_on(officer):
            return WITHHELD
        return Viewer(state.id, seat, officer.actor, mediator=False, credential=credential)

    async def _guest(self, credential: str) -> Viewer | str:
        guest = await self._links.by_device(credential)
        if guest is None:
            return await self._why_not(credential)
        if not guest.verified:
            return NOT_CONFIRMED
        if apart_on(await self._sessions.state(guest.session)) is not None:
            return WITHOUT_MEETING  # nobody is in the room, and what is done instead needs a code on each visit
        return Viewer(guest.session, guest.seat.id, guest.actor, mediator=False, credential=credential)

    async def _why_not(self, credential: str) -> str:
        try:
            return (await self._links.refusal_by_device(credential)).code
        except Refused as no:  # its session or office is no more
            return no.code
