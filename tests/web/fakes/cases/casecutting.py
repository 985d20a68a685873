"""One compendium of two cases, kept as the program keeps it: by places of its paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from casebook.views import CutAct, CutCase, CutLine, CutPage, WaitingCut
from journal.refusals import Refused
from offices import Officer

AT = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


class FakeCutting:
    async def begin(self, officer: Officer, name: str, content: bytes) -> str:
        raise Refused("case_file", 400, why="kind")

    async def waiting(self, officer: Officer) -> Sequence[WaitingCut]:
        return [WaitingCut("a-cut", "汇编.docx", "周敏", AT, 2)]

    async def look(self, officer: Officer, cut: str, all_of: int = -1) -> CutPage:
        if cut != "a-cut":
            raise Refused("not_found", 404)
        first = CutCase(2, "健身卡退款案", 320, ["facts", "outcome"], True, False, [CutLine(3, "基本案情")], 4)
        second = CutCase(9, "", 12, [], False, False, [], 0)
        return CutPage(
            cut, "汇编.docx", "周敏", AT, 1, [first, second], [CutLine(0, "某局汇编"), CutLine(1, "前言")], 0
        )

    async def change(self, officer: Officer, cut: str, act: CutAct, at: int, seen: int) -> None:
        await self.look(officer, cut)

    async def make(self, officer: Officer, cut: str, seen: int) -> Sequence[str]:
        await self.look(officer, cut)
        return []

    async def drop(self, officer: Officer, cut: str) -> None:
        await self.look(officer, cut)
