"""Script cards in memory."""

from __future__ import annotations

from collections.abc import Sequence

from journal.refusals import refusal_of
from offices import Officer
from rooms.floor import ScriptCard
from rooms.floor.cards import CardChange, CardNote, decide_card, kind_of_note, kinds, standing
from tests.web.fakes.people import Clock
from web.office.administration import ScriptCards


class FakeCards(ScriptCards):
    """Of one office."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.changed: list[CardChange] = []
        self.written: list[CardNote] = []

    async def cards(self, officer: Officer) -> Sequence[ScriptCard]:
        found = standing(self.changed)
        return [found[kind] for kind in kinds()]

    async def changes(self, officer: Officer, kind: str) -> Sequence[CardChange]:
        return [one for one in self.changed if one.kind == kind]

    async def change(self, officer: Officer, kind: str, card: ScriptCard | None, seen: int) -> None:
        with refusal_of():
            event = decide_card(card, kind, seen, self.changed, officer.role)
        if event is not None:
            data = event[1]
            kept = ScriptCard(**data["card"]) if "card" in data else None
            self.changed.append(CardChange(kind, data["edition"], self.clock(), officer.name, kept))

    async def notes(self, kind: str, classes: Sequence[str] = ()) -> Sequence[CardNote]:
        return [one for one in self.written if one.problem in classes or kind_of_note(one.problem) == kind]
