"""What the public window's pages ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from complaints.public_views import ComplaintStanding as Standing, WindowFiling, WindowVisit
from complaints.views import PrintedPaper, ReadableNotice
from offices.people import Office


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

    async def notice_file(self, token: str, notice: str) -> PrintedPaper:
        """As `notice`."""
        ...


WINDOW: web.AppKey[Window] = web.AppKey("window", Window)
