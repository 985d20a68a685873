"""The public window, as its pages ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

from complaints.record.attachments import AttachmentAdded
from web.ports.notices import Printed, ReadableNotice
from web.ports.people import Office


@dataclass(frozen=True, slots=True)
class WindowFiling:
    """What a consumer typed; the phone is complete here."""

    office: str
    title: str
    facts: str
    request: str
    requests: tuple[str, ...]
    amount: Decimal | None
    name: str
    phone: str
    city: str
    business_name: str
    business_phone: str
    business_city: str
    business_address: str
    language: str = "zh"  # of the pages it was written on
    agreed: str = ""  # version of the text on filing that was shown
    age_band: str = ""  # complaints.vocabulary.AgeBand
    guardian: str = ""  # of a minor: the guardian's name, and who that is to them
    relation: str = ""
    guardian_phone: str = ""
    address: str = ""  # correspondence address (Order 121 Art 10); filed from before it was asked, none
    consents: bool = False  # the guardian of a child agreed that its data are processed


@dataclass(frozen=True, slots=True)
class WindowVisit:
    purpose: Literal["file", "follow"]
    phone: str  # masked
    verified: bool
    seconds: int  # until it ends, when nothing more is looked at


@dataclass(frozen=True, slots=True)
class WindowNotice:
    """A notice in force that went to the complainant."""

    notice: str
    kind: str
    number: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a complaint stands. `due`: until when the office must have taken its next step, with the article.

    `files`: what the complainant sent themselves; `fresh`: it was filed on this visit.
    """

    office: Office
    number: str
    title: str
    business: str
    state: str
    received: datetime
    due: date | None
    article: str
    withdrawn: bool
    can_withdraw: bool
    can_attach: bool = False
    files: Sequence[AttachmentAdded] = ()
    notices: Sequence[WindowNotice] = ()  # newest first
    news: bool = False
    fresh: bool = False


class Window(Protocol):
    """A visit's token goes into a cookie. Refused(410): window_over when the visit has expired or is another's."""

    async def offices(self) -> Sequence[Office]: ...

    async def begin(self, ip: str) -> str:
        """A visit's token, to write a complaint on. Refused: too_many_tries."""
        ...

    async def typed(self, token: str) -> Mapping[str, str]:
        """What was written so far, field by field."""
        ...

    async def keep(self, token: str, fields: Mapping[str, str]) -> None:
        """Write these fields. Refused: too_long."""
        ...

    async def file(self, token: str, filing: WindowFiling, ip: str) -> None:
        """What was written is complete: the code is on its way. Refused: bad_phone, missing, too_long, bad_choice
        (field), too_many_codes (seconds), too_many_tries."""
        ...

    async def follow(self, number: str, phone: str, ip: str, language: str) -> str:
        """A visit's token, whether there is such a complaint or not; a code is sent only where there is."""
        ...

    async def visit(self, token: str) -> WindowVisit: ...

    async def send_again(self, token: str, ip: str, language: str) -> None: ...

    async def confirm(self, token: str, code: str, ip: str) -> str:
        """A new token; a filing is registered by it. Refused: bad_code (left), code_expired, too_many_tries."""
        ...

    async def standing(self, token: str, language: str) -> Standing:
        """Refused: code_needed."""
        ...

    async def withdraw(self, token: str, reason: str) -> None:
        """Refused: wrong_state, too_long."""
        ...

    async def want_news(self, token: str, wanted: bool, language: str) -> None: ...

    async def require_room(self, address: str, size: int) -> None:
        """Before a body is read. Refused: window_quota (by: address, day)."""
        ...

    async def attach(self, token: str, address: str, name: str, content: bytes, key: str) -> str:
        """Its id; with the same `key` it is there once. Refused: bad_upload (why), too_many (most), wrong_state,
        too_many_tries."""
        ...

    async def detach(self, token: str, attachment: str, reason: str) -> None:
        """Refused(404): none of theirs."""
        ...

    async def notice(self, token: str, notice: str) -> ReadableNotice:
        """Noted as read, the first time. Refused(404): none of theirs."""
        ...

    async def notice_file(self, token: str, notice: str) -> Printed:
        """As `notice`."""
        ...
