"""Pages behind a personal link: answers, questions, documents to sign and to take."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from complaints.insight.views import NamedPage


class ObjectionDesk(Protocol):
    """A business that is to be named, by its link. Refused: as `AnswerDesk`."""

    async def look(self, secret: str) -> NamedPage: ...

    async def start(self, secret: str) -> str: ...

    async def send_code(self, token: str, ip: str, language: str) -> str: ...

    async def check_code(self, token: str, code: str, ip: str) -> str: ...

    async def named(self, token: str) -> NamedPage: ...

    async def known(self, token: str) -> bool: ...

    async def object(self, token: str, text: str, by: str) -> None: ...

    async def attach(self, token: str, address: str, name: str, content: bytes) -> None: ...


OBJECTIONS: web.AppKey[ObjectionDesk] = web.AppKey("objections", ObjectionDesk)
