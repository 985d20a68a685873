"""The years things are kept, in memory: one change, by the settings, of three years each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offices import Officer
from offices.oversight import RetentionChange, RetentionEffect, RetentionPeriod, RetentionTable
from rooms.record.rules import Retention
from tests.web.fakes.people import NOW

KINDS = ("settled", "not_settled", "ended", "adjourned", "files", "leads")


class FakeRetention:
    def __init__(self, years: int) -> None:
        self.years = dict.fromkeys(KINDS, years)
        self.asked: list[tuple[Mapping[str, int], str]] = []

    async def rule(self) -> Retention:
        return Retention(self.years["files"], self.years, version=1)

    async def table(self, by: Officer) -> RetentionTable:
        said = RetentionChange(1, NOW, "", True, {}, self.years)
        periods = [RetentionPeriod(kind, years, 1, years, said) for kind, years in self.years.items()]
        return RetentionTable(1, periods, [said], "", by.role == "administrator")

    async def foresee(self, by: Officer, years: Mapping[str, int]) -> Sequence[RetentionEffect]:
        return [RetentionEffect(kind, self.years[kind], n, 40, 7, 2, 0, 1) for kind, n in years.items()]

    async def change(self, by: Officer, token: str, number: int, years: Mapping[str, int], reason: str) -> str:
        self.asked.append((years, reason))
        return "a1"
