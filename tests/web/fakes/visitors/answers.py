"""Written answers, as far as the office's pages ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from journal.refusals import Refused
from offices import Officer
from web import AnswerDesk


class FakeAnswers(AnswerDesk):
    def __init__(self) -> None:
        self.invited: list[tuple[str, date, str]] = []  # complaint, due, note
        self.withdrawn: list[tuple[str, str]] = []  # invitation, reason
        self.refusal: Refused | None = None

    async def invite(self, officer: Officer, complaint: str, due: date, note: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.invited.append((complaint, due, note))

    async def link(self, officer: Officer, complaint: str) -> str:
        return "http://yuntiao.example/a/secret"

    async def withdraw(self, officer: Officer, complaint: str, invitation: str, reason: str) -> None:
        self.withdrawn.append((invitation, reason))

    async def look(self, secret: str) -> NoReturn:
        raise Refused("link_unknown", 404)

    async def begin(self, secret: str) -> NoReturn:
        raise Refused("link_unknown", 404)

    async def send_code(self, token: str, ip: str, language: str) -> NoReturn:
        raise Refused("no_invitation", 401)

    async def check_code(self, token: str, code: str, ip: str) -> NoReturn:
        raise Refused("no_invitation", 401)

    async def page(self, token: str) -> NoReturn:
        raise Refused("no_invitation", 401)

    async def known(self, token: str) -> bool:
        return False

    async def keep(self, token: str, typed: Mapping[str, str]) -> NoReturn:
        raise Refused("no_invitation", 401)

    async def give(self, token: str, facts: str, willing: str, by: str) -> NoReturn:
        raise Refused("no_invitation", 401)

    async def add(self, token: str, text: str) -> NoReturn:
        raise Refused("no_invitation", 401)

    async def attach(self, token: str, address: str, name: str, content: bytes, key: str) -> NoReturn:
        raise Refused("no_invitation", 401)

    async def detach(self, token: str, attachment: str, reason: str) -> NoReturn:
        raise Refused("no_invitation", 401)
