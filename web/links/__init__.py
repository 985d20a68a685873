"""Pages behind a personal link: answers, questions, documents to sign and to take."""

from __future__ import annotations

from typing import Protocol, TypeVar

from aiohttp import web

from complaints.insight.views import NamedPage
from offices import Office


class CodePage(Protocol):
    @property
    def office(self) -> Office: ...

    @property
    def verified(self) -> bool: ...


Page_co = TypeVar("Page_co", bound=CodePage, covariant=True)


class CodeDesk(Protocol[Page_co]):
    """What a personal link opens once the code to the number on file was right. A device's token goes into a cookie.
    Of links: Refused(410) link_revoked, link_expired, link_used; (404) link_unknown; of a token that is none:
    Refused(401) no_invitation."""

    async def look(self, secret: str) -> Page_co:
        """Changes nothing."""
        ...

    async def begin(self, secret: str) -> str: ...

    async def send_code(self, token: str, ip: str, language: str) -> str:
        """The masked number it went to. Refused: too_many_codes (seconds)."""
        ...

    async def check_code(self, token: str, code: str, ip: str) -> str:
        """A new token. Refused: bad_code (left), code_expired, too_many_tries."""
        ...

    async def page(self, token: str) -> Page_co: ...


class ObjectionDesk(CodeDesk[NamedPage], Protocol):
    """A business that is to be named, by its link."""

    async def known(self, token: str) -> bool: ...

    async def object(self, token: str, text: str, by: str) -> None: ...

    async def attach(self, token: str, address: str, name: str, content: bytes) -> None: ...


OBJECTIONS: web.AppKey[ObjectionDesk] = web.AppKey("objections", ObjectionDesk)
