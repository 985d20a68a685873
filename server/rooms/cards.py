"""An office's script cards: which one a session takes, how an office rewrites them, and its notes of experience beside
them.

Sole writer of `office/<id>/cards`, which is read whole: an office has thirteen cards and changes them seldom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from complaints import UnknownComplaint
from complaints.record import ComplaintRegistered
from complaints.service import ComplaintService
from complaints.triage import Submission, triage
from journal import Conflict, Draft, Journal
from journal.refusals import Refused, refusal_of
from offices.people import Officer
from rooms.floor import ScriptCard
from rooms.floor.cards import (
    CardChange,
    CardNote,
    Dispute,
    cards_stream,
    changes,
    decide_card,
    kind_of,
    kind_of_note,
    kinds,
    standing,
)
from rooms.session import Session
from server.casebook.store import note_rows
from server.db.engine import Database


class CardService:
    """Implements `ScriptCards`; `find` is a room's `CardFinder`."""

    def __init__(
        self, database: Database, journal: Journal, complaints: ComplaintService, now: Callable[[], datetime]
    ) -> None:
        self._database, self._journal, self._complaints, self._now = database, journal, complaints, now

    async def find(self, session: Session, kind: str) -> ScriptCard | None:
        """Of a kind, "" for that of the session's complaint; None for what is no kind."""
        if not kind:
            try:
                kind = kind_of(dispute((await self._complaints.state(session.complaint)).record))
            except UnknownComplaint:
                return None
        return (await self._of(session.office)).get(kind)

    async def cards(self, officer: Officer) -> Sequence[ScriptCard]:
        """One of each kind, in order."""
        found = await self._of(officer.office.id)
        return [found[kind] for kind in kinds()]

    async def changes(self, officer: Officer, kind: str) -> Sequence[CardChange]:
        """Of one card, oldest first."""
        return [one for one in await self._changes(officer.office.id) if one.kind == kind]

    async def change(self, officer: Officer, kind: str, card: ScriptCard | None, seen: int) -> None:
        """`card` None puts ours back. Refused: as `rooms.floor.cards.decide_card`, busy."""
        stream = cards_stream(officer.office.id)
        entries = await self._journal.read(stream)
        with refusal_of():
            event = decide_card(card, kind, seen, changes(entries), officer.role)
        if event is None:
            return
        try:
            await self._journal.append(stream, len(entries), [Draft(*event, self._now(), officer.actor)])
        except Conflict:
            raise Refused("busy", 503) from None

    async def notes(self, kind: str, classes: Sequence[str] = ()) -> Sequence[CardNote]:
        """The notes of experience on disputes of this kind, those of these `classes` first."""
        rows = await note_rows(self._database)
        notes = [CardNote(row["id"], row["text"], row["changed"], row["by"]) for row in rows]
        wanted = [note for note in notes if note.problem in classes or kind_of_note(note.problem) == kind]
        return sorted(wanted, key=lambda note: note.problem not in classes)

    async def _of(self, office: str) -> dict[str, ScriptCard]:
        return standing(await self._changes(office))

    async def _changes(self, office: str) -> list[CardChange]:
        return changes(await self._journal.read(cards_stream(office)))


def dispute(record: ComplaintRegistered) -> Dispute:
    """As an officer confirmed it, as it is on file, or as triage suggests."""
    bought, problem, industry = record.object, record.problem_class, record.industry_code
    if not (problem and industry):
        guess = triage(
            Submission(
                record.title,
                record.request,
                record.facts,
                record.business.organisation,
                bought.name,
                record.industry,
                record.problem,
            )
        )
        problem = problem or next((one.value for one in guess.problem), "")
        industry = industry or next((one.value for one in guess.industry), "")
    return Dispute(
        problem=problem,
        industry=industry,
        urgency=record.urgency,
        platform=bought.platform,
        goods=bought.kind == "goods" and bool(bought.name),
        text="\n".join((record.title, record.request, record.facts, bought.name)),
    )
