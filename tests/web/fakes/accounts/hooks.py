"""Nobody is told anything: what they do is tested on the real thing (tests/server/outbox/test_hooks.py,
tests/cells)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import IO, NoReturn

from complaints.channels import ImportReason
from complaints.exchange import (
    ComplaintExchange,
    LinePage,
    LineView,
    ReceiptsRead,
    ReconciliationView,
    Statement,
)
from complaints.statistics.views import CellMonth, ProvinceFigures
from journal.refusals import Refused
from offices import Officer
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


class FakeExchange:
    """Implements `Exchange`: one platform, which was told something, and does not take something else."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        at = datetime(2026, 6, 23, 2, tzinfo=UTC)
        one = Statement(
            "s1", "hotline", "o1", "c1", "GD2026062300001", "东高一投〔2026〕0917号", 1, "received", "c:1", 1, at, at
        )
        refused = replace(one, id="s2", sequence=2, stage="accepted", state="refused", last_error="缺少反馈内容")
        sent = replace(one, state="sent", sent_at=at, receipt="H00011")
        waits = replace(one, id="s3", sequence=3, stage="mediating", state="failed", tries=2, last_error="unreachable")
        line = LineView(
            "hotline", "12345", ("12345热线", "12345 hotline"), "hotline", True, "hotline.example.gov.cn",
            {"sent": 1, "refused": 1, "failed": 1, "handed": 2}, at,
        )  # fmt: skip
        last = ReconciliationView(
            at.date(), at.date(), at, "周敏", "http", {"accepted": 2}, {"accepted": 1, "已归档": 1},
            [("GD2026062300002", "accepted", "已归档", "c1"), ("GD2026062300003", "", "accepted", "")],
        )  # fmt: skip
        self.told = [sent, refused, waits]
        self.seen = LinePage(line, [waits], [refused], [("f1", at, 2)], last)
        self.read = ReceiptsRead(1, 1, 1, ("GD9",))
        self.platforms, self.complaint = [line], "c1"

    async def lines(self, officer: Officer) -> list[LineView]:
        return self.platforms

    async def page(self, officer: Officer, name: str) -> LinePage:
        if name != "hotline":
            raise Refused("not_found", 404)
        return self.seen

    async def again(self, officer: Officer, name: str, statement: str = "") -> None:
        self.asked.append(("again", name, statement))

    async def file(
        self, officer: Officer, name: str, file: str = ""
    ) -> tuple[str, Sequence[str], Sequence[Mapping[str, str]]]:
        await self.page(officer, name)
        return file or "f2", ["工单编号", "反馈内容"], [{"工单编号": "GD2026062300001", "反馈内容": "=1+1"}]

    async def take_receipts(self, officer: Officer, name: str, file: IO[bytes]) -> ReceiptsRead:
        if not file.read(1):
            raise Refused("unreadable", 422, reason=ImportReason("empty"))
        return self.read

    async def note_taken(self, officer: Officer, name: str, file: str, receipt: str) -> int:
        self.asked.append(("taken", name, file, receipt))
        return 2

    async def reconcile(
        self, officer: Officer, name: str, first: date, last: date, file: IO[bytes] | None = None
    ) -> None:
        if first > last:
            raise Refused("bad_day", 422, field="last")
        if file is None and name == "hotline" and first.year < 2020:
            raise Refused("not_reached", 502, why="unreachable")
        self.asked.append(("reconcile", name, first.isoformat(), last.isoformat()))

    async def of_complaint(self, officer: Officer, complaint: str) -> ComplaintExchange:
        if complaint != self.complaint:
            return ComplaintExchange()
        at = datetime(2026, 6, 23, 2, tzinfo=UTC)
        versions = [("hotline", 1, at, "taken"), ("hotline", 2, at, "noted")]
        return ComplaintExchange({"hotline": self.seen.line.names}, self.told, versions)

    async def begin_prior(self, officer: Officer, complaint: str, due: date, note: str) -> None:
        if due.year < 2026:
            raise Refused("bad_day", 422, field="prior_due")
        self.asked.append(("begin", complaint, due.isoformat(), note))

    async def end_prior(self, officer: Officer, complaint: str, settled: bool, note: str) -> None:
        self.asked.append(("end", complaint, str(settled), note))

    def known(self, name: str) -> bool:
        return name == "hotline"

    async def answer(self, name: str, timestamp: str, given: str, body: bytes) -> tuple[int, str, Mapping[str, str]]:
        return 401, "{}", {}


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
