"""Messages that go nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from journal.refusals import Refused
from offices import Officer
from offices.systems import Message, MessageSums, MessageTemplate
from web.office.administration import MessageTemplates, Outbox


class FakeOutbox(Outbox):
    def __init__(self) -> None:
        self.kept: list[Message] = []
        self.counted: list[MessageSums] = []

    async def messages(
        self, officer: Officer, page: int = 1, outcome: str = "", provider: str = ""
    ) -> tuple[Sequence[Message], int]:
        kept = [m for m in self.kept if outcome in ("", m.stands) and provider in ("", m.provider)]
        return kept[20 * (page - 1) : 20 * page], len(kept)

    async def sums(self, officer: Officer) -> Sequence[MessageSums]:
        return self.counted

    async def resend(self, officer: Officer, message: str) -> None:
        self.kept = [replace(m, state="queued", error="") if m.id == message else m for m in self.kept]


class FakeMessageTemplates(MessageTemplates):
    """One connection, two templates."""

    def __init__(self) -> None:
        said = "您的投诉{number}已受理。不放心可以打027-1核实。"
        self.known = {
            name: MessageTemplate(name, said, "", "number", "", None) for name in ("news_accepted", "news_settled")
        }

    async def chosen(self, officer: Officer) -> Mapping[str, int]:
        return {"aliyun": 35}

    async def listed(self, officer: Officer, connection: str, language: str) -> Sequence[MessageTemplate]:
        return list(self.known.values())

    async def one(self, officer: Officer, connection: str, name: str, language: str) -> MessageTemplate:
        if connection != "aliyun" or name not in self.known:
            raise Refused("not_found", 404)
        return self.known[name]

    async def enter(
        self, officer: Officer, connection: str, name: str, language: str, code: str, written: str, state: str
    ) -> None:
        known = await self.one(officer, connection, name, language)
        if written != "number":
            raise Refused("bad_choice", 422, field="parameters")
        self.known[name] = replace(known, code=code, parameters=written, state=state)
