"""What a record quotes, of lines that stand in a test; every choice is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from journal.refusals import Refused
from offices import Officer
from recordings.transcripts.condensing import ProposedLine, Rule, Sighting
from recordings.transcripts.statements import RecordDraft, RecordStatement
from rooms.vocabulary import Phase, Side
from tests.web.fakes.people import EAST_LAKE
from web.office.audit.transcript import Statements


def line(id: str, seat: str, at: datetime, heard: str, *rules: Rule, taken: bool = True) -> RecordStatement:
    said = ProposedLine(id, seat, Side.CONSUMER, Phase.CONSUMER_STATEMENT, at, at, heard, heard, rules, taken)
    return RecordStatement(said, taken, heard)


class FakeStatements(Statements):
    def __init__(self) -> None:
        self.now = RecordDraft((), False, 0, 0, "preparing")
        self.decided: list[tuple[str, bool, str]] = []
        self.done: list[str] = []
        self.refuse = ""
        self.sightings: list[Sighting] = []

    async def draft(self, officer: Officer, session: str) -> RecordDraft:
        if officer.office.id != EAST_LAKE.id:
            raise Refused("not_found", 404)
        return self.now

    async def decide(self, officer: Officer, session: str, line: str, taken: bool, text: str) -> None:
        self._refused()
        self.decided.append((line, taken, text))
        rows = tuple(replace(row, taken=taken) if row.line.line == line else row for row in self.now.rows)
        self.now = replace(self.now, rows=rows, undoable=self.now.undoable + 1)

    async def undo(self, officer: Officer, session: str) -> None:
        self.done.append("undo")

    async def propose(self, officer: Officer, session: str) -> None:
        self._refused()
        self.done.append("propose")

    async def send(self, officer: Officer, session: str) -> None:
        self._refused()
        self.done.append("send")

    async def seal(self, officer: Officer, session: str) -> None:
        self._refused()
        self.done.append("seal")

    async def moments(self, session: str) -> Sequence[Sighting]:
        return self.sightings

    def _refused(self) -> None:
        if self.refuse:
            raise Refused(self.refuse, 502)
