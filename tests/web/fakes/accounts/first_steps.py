"""Steps that a test says were done, and what each officer said of the card."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from offices import Officer


@dataclass
class FakeFirstSteps:
    happened: set[str] = field(default_factory=set)
    said: dict[str, Literal["away", "wanted"]] = field(default_factory=dict)

    async def shown(self, officer: Officer) -> Literal["", "away", "wanted"]:
        return self.said.get(officer.id, "")

    async def done(self, officer: Officer, steps: tuple[str, ...]) -> frozenset[str]:
        return frozenset(self.happened.intersection(steps))

    async def show(self, officer: Officer, shown: Literal["away", "wanted"]) -> None:
        self.said[officer.id] = shown
