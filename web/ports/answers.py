"""A business's written answer: the office invites, the business answers from its phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from complaints.notices.answers import AnswerGiven
from complaints.record.attachments import AttachmentAdded
from complaints.record.parties import Claims
from web.ports.people import Office, Officer


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """`claims` and what was answered: only once the code was right. `open`: an answer is still taken."""

    office: Office
    business: str
    phone: str  # masked
    due: date
    late: bool
    open: bool
    verified: bool
    claims: Claims | None
    note: str
    given: AnswerGiven | None
    given_at: datetime | None
    added: Sequence[tuple[str, datetime]]
    files: Sequence[AttachmentAdded]
    typed: Mapping[str, str]  # so far, while nothing was given: field -> text


class AnswerDesk(Protocol):
    """A device's token goes into a cookie. Of links: Refused(410) link_revoked, link_expired, link_used; (404)
    link_unknown; of a token that is none: Refused(401) no_invitation."""

    async def invite(self, officer: Officer, complaint: str, due: date, note: str) -> None:
        """Refused: no_business_phone, bad_choice (field), wrong_state, too_long."""
        ...

    async def link(self, officer: Officer, complaint: str) -> str:
        """The address that was sent, "" when none is good."""
        ...

    async def withdraw(self, officer: Officer, complaint: str, invitation: str, reason: str) -> None:
        """Refused: missing, too_long, wrong_state."""
        ...

    async def look(self, secret: str) -> AnswerPage:
        """Changes nothing."""
        ...

    async def begin(self, secret: str) -> str: ...

    async def send_code(self, token: str, ip: str, language: str) -> str:
        """The masked number it went to. Refused: too_many_codes (seconds)."""
        ...

    async def check_code(self, token: str, code: str, ip: str) -> str:
        """A new token. Refused: bad_code (left), code_expired, too_many_tries."""
        ...

    async def page(self, token: str) -> AnswerPage: ...

    async def known(self, token: str) -> bool:
        """Whether a code was confirmed on this device."""
        ...

    async def keep(self, token: str, typed: Mapping[str, str]) -> None:
        """What is typed so far, in place of what was. Refused: too_long, wrong_state."""
        ...

    async def give(self, token: str, facts: str, willing: str, by: str) -> None:
        """Refused: missing, too_long, bad_choice (field), wrong_state."""
        ...

    async def add(self, token: str, text: str) -> None: ...

    async def attach(self, token: str, address: str, name: str, content: bytes, key: str) -> str: ...

    async def detach(self, token: str, attachment: str, reason: str) -> None: ...
