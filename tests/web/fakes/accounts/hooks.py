"""Nobody is told anything: what they do is tested on the real thing (tests/server/outbox/test_hooks.py,
tests/cells)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NoReturn

from complaints.statistics.views import CellMonth, ProvinceFigures
from journal.refusals import Refused
from offices.people import Officer
from offices.systems import ConnectionState, Hook, KnownCell, OwnCell, Undelivered, UntakenDelivery


class FakeHooks:
    """Implements `Hooks`."""

    possible = True

    async def subscribe(self, by: Officer, name: str, url: str) -> tuple[str, str]:
        return "hook0", "ys_secret0"

    async def hooks(self, by: Officer) -> list[Hook]:
        return []

    async def undelivered(self, by: Officer) -> list[Undelivered]:
        return []

    async def revoke(self, by: Officer, hook: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def resend(self, by: Officer, delivery: str) -> NoReturn:
        raise Refused("not_found", 404)


KEY = "yuntiao/0123456789abcdef+d2c80d1e+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh"
THEIRS = KnownCell(
    "yuntiao/fedcba9876543210", "o1", "黄冈市市场监督管理局", "https://hg.example", KEY, "below",
    datetime(2026, 6, 1, tzinfo=UTC), "he",
)  # fmt: skip


class FakeConnections:
    """Implements `Connections`: one that works and wants a number, and one that nobody has used yet."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.known = [
            ConnectionState(
                "messages",
                "aliyun",
                "dysmsapi.aliyuncs.com",
                True,
                "phone",
                succeeded_at=datetime(2026, 6, 1, tzinfo=UTC),
            ),
            ConnectionState("sign_on", "keycloak", "sso.example.gov.cn", True, ""),
        ]

    async def states(self, officer: Officer) -> list[ConnectionState]:
        return self.known

    async def test(self, officer: Officer, kind: str, name: str, given: str) -> ConnectionState:
        self.given.append(given)
        for one in self.known:
            if (one.kind, one.name) == (kind, name):
                return one
        raise Refused("not_found", 404)


class FakeCells:
    """Implements `Cells` and `CellFigures`: one bureau, which answers and has sent nothing."""

    possible = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.known: list[KnownCell] = [THEIRS]
        self.trouble = ""

    async def own(self) -> OwnCell:
        return OwnCell("yuntiao/0123456789abcdef", KEY)

    async def cells(self, by: Officer) -> list[KnownCell]:
        return self.known

    async def admit(self, by: Officer, name: str, address: str, key: str, relation: str) -> KnownCell:
        if not address.startswith("https://"):
            raise Refused("foreign_address", 422, field="address")
        return THEIRS

    async def revoke(self, by: Officer, cell: str) -> None:
        if cell != THEIRS.id:
            raise Refused("not_found", 404)

    async def test(self, by: Officer, cell: str) -> tuple[str, str]:
        if cell != THEIRS.id:
            raise Refused("not_found", 404)
        return self.trouble, "" if self.trouble else "黄冈中心"

    async def untaken(self, by: Officer) -> list[UntakenDelivery]:
        return []

    async def send(self, officer: Officer, complaint: str, cell: str, reason: str) -> None:
        self.sent.append((complaint, cell, reason))

    async def give_back(self, officer: Officer, complaint: str, reason: str) -> None:
        self.sent.append((complaint, "", reason))

    async def knows(self, signature: str) -> str:
        return ""

    async def answer(self, body: bytes, signature: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def take_file(
        self, transfer: str, sha256: str, signature: str, length: int | None, read: Callable[[], Awaitable[bytes]]
    ) -> NoReturn:
        raise Refused("not_found", 404)

    async def below(self, officer: Officer) -> list[KnownCell]:
        return []

    async def pull_now(self, officer: Officer) -> None: ...

    async def province(self, officer: Officer, name: str) -> ProvinceFigures:
        return ProvinceFigures(name, {}, ())

    async def one(self, officer: Officer, id: str, name: str, edition: int = 0) -> CellMonth:
        raise Refused("not_found", 404)
