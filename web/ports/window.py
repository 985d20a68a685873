"""The public window, as its pages ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

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


@dataclass(frozen=True, slots=True)
class WindowVisit:
    purpose: Literal["file", "follow"]
    phone: str  # masked
    verified: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a complaint stands. `due`: until when the office must have taken its next step, with the article."""

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


class Window(Protocol):
    """A visit's token goes into a cookie. Refused(410): window_over when the visit has expired or is another's."""

    async def offices(self) -> Sequence[Office]: ...

    async def file(self, filing: WindowFiling, ip: str) -> str:
        """A visit's token; the code is on its way. Refused: bad_phone, missing, too_long, bad_choice (field),
        too_many_codes (seconds), too_many_tries."""
        ...

    async def follow(self, number: str, phone: str, ip: str) -> str:
        """A visit's token, whether there is such a complaint or not; a code is sent only where there is."""
        ...

    async def visit(self, token: str) -> WindowVisit: ...

    async def send_again(self, token: str, ip: str) -> None: ...

    async def confirm(self, token: str, code: str, ip: str) -> str:
        """A new token; a filing is registered by it. Refused: bad_code (left), code_expired, too_many_tries."""
        ...

    async def standing(self, token: str, language: str) -> Standing:
        """Refused: code_needed."""
        ...

    async def withdraw(self, token: str, reason: str) -> None:
        """Refused: wrong_state, too_long."""
        ...
