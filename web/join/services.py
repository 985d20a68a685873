"""What the join flow and the desk ask about links, one-time codes and trying a connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from aiohttp import web

from offices.people import Officer
from offices.refusal import Refused
from rooms.views import Guest, IssuedLink, VoiceConfirmation as ByVoice


class Links(Protocol):
    """Join links and one-time codes. A link is looked at freely and consumed only by a code on one device."""

    async def issue(self, officer: Officer, session: str, seat: str, send: bool) -> IssuedLink:
        """Revokes the seat's earlier link. `send` also puts the message into the outbox.

        The secret can be shown again to officers of the session's office until it expires (it is kept
        encrypted under the installation's key; only its hash finds it).
        """
        ...

    async def current(self, officer: Officer, session: str) -> dict[str, IssuedLink]:
        """seat id -> live link."""
        ...

    async def revoke(self, officer: Officer, session: str, seat: str, reason: str) -> None: ...

    async def look(self, secret: str) -> Guest:
        """Whom the link is for. Refused(404): link_unknown (cut off), link_foreign (not one of ours); Refused(410):
        link_expired, link_revoked, link_used, session_over, removed.

        Consumes nothing; params carry office_name and office_phone when known.
        """
        ...

    async def begin(self, secret: str) -> str:
        """A device token (for a cookie) bound to the link; records LinkOpened. Refused as `look`."""
        ...

    async def guest(self, device: str) -> Guest | None:
        """Who the device is, while its link or its seat is good."""
        ...

    async def refusal(self, device: str) -> Refused:
        """Why a device is nobody: no_invitation when it never came by a link, else what is wrong with its link now."""
        ...

    async def send_code(self, device: str, ip: str, guest: Guest | None = None) -> str:
        """Send a six-digit code to the phone on file; returns the masked number.

        `guest`: as `guest` said of this device for the same request, so that it is not read once more.

        Refused: too_many_codes (params: seconds), no_phone.
        """
        ...

    async def check_code(self, device: str, code: str, ip: str, guest: Guest | None = None) -> str:
        """Confirm; returns a new device token. Refused: bad_code (params: left), code_expired, too_many_tries.

        `guest`: as of `send_code`.

        Ends the same seat's session on any other device.
        """
        ...

    async def by_voice(self, device: str) -> ByVoice: ...

    async def vouch(self, officer: Officer, session: str, seat: str, number: str, recognised: str) -> None:
        """The officer knew the person by their voice, on the device that shows this number; it has the seat as if it
        had confirmed a code, and the journal says that it did not.

        Refused: no_such_device (params: several), link_used.
        """
        ...

    async def go_on(self, device: str) -> str:
        """A new token for the device that was vouched for. Refused: code_needed."""
        ...


Trial = Callable[[str, str], Mapping[str, Any] | None]
"""For a seat of a session, what `Trial` in trial.ts describes; None when there is nothing to try with."""


LINKS: web.AppKey[Links] = web.AppKey("links", Links)


TRIAL: web.AppKey[Trial] = web.AppKey("trial")
