"""Cases as pages ask for them, their raw texts, and what desks of the casebook stand on."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from casebook import KEPT, LONGEST, NOTHING, PENDING, TEXTS, Known, MarkedSpan, collections as co, searched_again
from casebook.collections import (
    ID,
    CollectionService,
    NoteService,
    OwnTopic,
    TopicAdded,
    TopicRestored,
    TopicService,
    TopicWithdrawn,
    with_parents,
)
from casebook.commands import (
    BeginCase,
    BeginRevision,
    CaseCommand,
    DropRevision,
    FillSheet,
    Publish,
    TakeBackApproval,
    TakeComment,
    UnknownCase,
    WriteText,
)
from casebook.decisions import CaseService
from casebook.events import CaseBegun, Sheet
from casebook.file import CaseFile, fold, published, working
from casebook.views import CaseList, CasePage, CaseRow, CollectionRow, NotePage, NoteRow
from complaints.complaint import local_day
from complaints.service import ComplaintService, NumberSeries
from complaints.state import Complaint
from journal import Actor
from journal.refusals import DomainError, Refused, TooLong, refusal_of as complaint_said
from law.catalogue import topics
from offices import Officer, require_role
from rooms.events import history, stream as session_stream
from server.casebook.gathering import Material, closed, gather
from server.casebook.store import (
    CaseOriginals,
    Shelved,
    case_of_complaint,
    collection_rows,
    making_rows,
    note_rows,
    published_cases,
    shelf_rows,
)
from server.complaints.office_store import StoredLaws
from server.confinement.reader import TextProcess
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.rows import offices_of
from server.identity import Seal
from server.identity.store import IdentityStore
from server.signing.copies import TranscriptReader

MAKERS: Final = ("mediator", "supervisor")


@dataclass(frozen=True, slots=True)
class CaseServices:
    database: Database
    journal: SqlJournal
    offices: IdentityStore
    complaints: ComplaintService
    cases: CaseService
    notes: NoteService
    collections: CollectionService
    topics: TopicService
    originals: CaseOriginals
    law: StoredLaws
    seal: Seal
    now: Callable[[], datetime]
    text: TextProcess
    transcripts: TranscriptReader | None = None


@contextmanager
def case_refusal() -> Iterator[None]:
    """DomainError becomes Refused."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise refused(no) from None


_STATUS: Final = {UnknownCase.code: 404, "not_allowed": 403, "busy": 503, "wrong_state": 409, "case_same_person": 403}


def refused(fault: DomainError) -> Refused:
    return Refused(fault.code, _STATUS.get(fault.code, 400), **fault.params)


class CaseShelfService:
    """Collections, notes, own topics, shared by all offices. Implements `CaseShelfService`."""

    def __init__(self, services: CaseServices) -> None:
        self._at = services

    async def collections(self, officer: Officer) -> Sequence[CollectionRow]:
        return [
            CollectionRow(
                row["id"], row["title"], row["office"], row["office"] == officer.office.id, tuple(row["cases"])
            )
            for row in await collection_rows(self._at.database)
        ]

    async def collect(self, officer: Officer, collection: str, title: str, case: str, put_in: bool) -> str:
        event: co.CollectionEvent
        if not collection:
            collection, event = uuid.uuid4().hex, co.CollectionBegun(title, officer.office.id)
        else:
            if not await published_cases(self._at.database, [case]):
                raise Refused("wrong_state", 409)
            event = co.CaseCollected(case) if put_in else co.CaseUncollected(case)
        with case_refusal():
            await self._at.collections.submit(collection, event, officer.actor)
        return collection

    async def topics(self) -> Mapping[str, OwnTopic]:
        return await self._at.topics.all()

    async def add_topic(self, officer: Officer, under: str, zh: str, en: str) -> None:
        with case_refusal():
            await self._at.topics.submit(TopicAdded(f"own-{secrets.token_hex(4)}", under, zh, en), officer.actor)

    async def withdraw_topic(self, officer: Officer, topic: str, reason: str) -> None:
        with case_refusal():
            await self._at.topics.submit(TopicWithdrawn(topic, reason), officer.actor)

    async def restore_topic(self, officer: Officer, topic: str, reason: str) -> None:
        with case_refusal():
            await self._at.topics.submit(TopicRestored(topic, reason), officer.actor)

    async def notes(self, officer: Officer) -> Sequence[NoteRow]:
        rows = await note_rows(self._at.database)
        return [NoteRow(row["id"], row["edition"], row["changed"], row["by"]) for row in rows]

    async def note(self, officer: Officer, problem: str) -> NotePage:
        with case_refusal():
            editions = await self._at.notes.editions(problem)
        of, _, industry = problem.partition("-")
        rows, _ = await shelf_rows(self._at.database, Shelved(of, industry=industry), 1, 10)
        return NotePage(problem, list(reversed(editions)), rows)

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        with case_refusal():
            await self._at.notes.write(problem, text, why, seen, officer.actor)


PURPOSE: Final = "case text"


class RawTexts:
    """Opened here, given to the pure core, kept sealed; a keyed digest binds them to the stream."""

    def __init__(self, services: CaseServices) -> None:
        self._at = services

    async def of(self, case: str) -> dict[str, str]:
        sealed = await self._at.originals.sealed(case)
        return {name: self._at.seal.open(text, PURPOSE) for name, text in sealed.items()}

    async def keep(
        self,
        case: str,
        texts: Mapping[str, str],
        known: Known,
        before: Mapping[tuple[str, str], MarkedSpan],
        by: Actor,
        only: set[str] | None = None,
        looked_at: bool = False,
        standing: Mapping[str, Sequence[MarkedSpan]] = MappingProxyType({}),
    ) -> None:
        """Seal the texts, then say which they are and what was found in them. `before`: decisions on the same words.

        `looked_at`: they were published; what rules find in them stays unless somebody says otherwise. `standing`: what
        is marked in all of them; a name that a new text tells is hidden in those that stay, too."""
        for name in TEXTS:
            if len(texts.get(name, "")) > LONGEST[name]:
                raise TooLong(field=name, most=LONGEST[name])
        found = await self._at.text.look({name: texts.get(name, "") for name in TEXTS}, known)
        fresh = {name: texts.get(name, "") for name in TEXTS if only is None or name in only}
        await self._at.originals.keep(
            case, {name: self._at.seal.seal(text, PURPOSE) for name, text in fresh.items()}, self._at.now()
        )
        for name, text in fresh.items():
            spans = [
                _as_before(span, before.get((name, text[span.start : span.end])), looked_at) for span in found[name]
            ]
            by_hand = {words: one for (field, words), one in before.items() if field == name and one.by_hand}
            every = _marked_again(text, spans, by_hand)
            await self._at.cases.submit(case, WriteText(name, text, self.digest(text), every), by)
        for name in standing.keys() - fresh.keys():
            every = searched_again(standing[name], found[name])
            await self._at.cases.submit(case, WriteText(name, texts[name], self.digest(texts[name]), every), by)

    def digest(self, text: str) -> str:
        return self._at.seal.hash(text, PURPOSE)


def _as_before(span: MarkedSpan, known: MarkedSpan | None, looked_at: bool) -> MarkedSpan:
    if known is not None and known.verdict != PENDING:
        return replace(span, verdict=known.verdict, put=known.put)
    return replace(span, verdict=KEPT) if looked_at else span


def _marked_again(text: str, found: Sequence[MarkedSpan], by_hand: Mapping[str, MarkedSpan]) -> tuple[MarkedSpan, ...]:
    """With the words that somebody had marked in the text before it was changed."""
    every = list(found)
    for words, span in by_hand.items():
        for start, end, _ in left_of(text, (words,), [(one.start, one.end) for one in every]):
            every.append(replace(span, start=start, end=end))
    return tuple(sorted(every, key=lambda one: one.start))


def left_of(text: str, called: Sequence[str], taken: list[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Where the words stand, spaced or not, without what is `taken` already; and whether that is a part of them."""
    from casebook.deidentifying import plain
    from casebook.deidentifying.businesses import literal

    for words in called:
        if len(words) == 1:
            found = [(at, at + 1) for at, char in enumerate(text) if char == words]
        else:
            found = [(one.start, one.end) for one in literal(plain(text), words, "", "", 0)]
        for start, end in found:
            at = start
            for left, right in [*sorted(one for one in taken if one[0] < end and at < one[1]), (end, end)]:
                if at < left:
                    yield at, left, (at, left) != (start, end)
                at = max(at, right)


PAGE: Final = 30


class OfficeCases:
    """Cases drawn, filled, sent on. Implements `Casebook`.

    Whoever works on a case is of its office, or oversees it; what is published is every officer's. Going through texts
    is `server.casebook.workbench`'s, files are `.exchange`'s, what offices share beside cases `.services`'.
    """

    def __init__(self, services: CaseServices) -> None:
        self._at, self.texts = services, RawTexts(services)
        self._numbers = NumberSeries(services.journal)

    # ------------------------------------------------------------ lists

    async def shelf(self, officer: Officer, problem: str, tag: str, collection: str, page: int) -> CaseList:
        ids: Sequence[str] | None = None
        if collection:
            rows = await collection_rows(self._at.database)
            ids = next((row["cases"] for row in rows if row["id"] == collection), [])
        wanted = Shelved(problem, tag if tag in topics() or ID.fullmatch(tag) else "", ids)
        return _listed(await shelf_rows(self._at.database, wanted, page, PAGE), page)

    async def making(self, officer: Officer, work: str, page: int) -> CaseList:
        return _listed(await making_rows(self._at.database, officer, work, page, PAGE), page)

    # ------------------------------------------------------------ one case

    async def page(self, officer: Officer, case: str) -> CasePage:
        entries = await self._at.cases.history(case)
        file = fold(entries)
        if file is None:
            raise Refused("not_found", 404)
        mine = await self._mine(officer, file)
        shown = published(case, file)
        if not mine and shown is None:
            raise Refused("not_found", 404)
        office = await self._at.offices.office(file.begun.office)
        return CasePage(
            case,
            shown,
            working(case, file) if mine else None,
            file if mine else None,
            entries if mine else (),
            office or officer.office,
            mine,
        )

    async def of_complaint(self, officer: Officer, complaint: str) -> tuple[bool, str]:
        if officer.role not in MAKERS:
            return False, ""
        state = await self._complaint(officer, complaint)
        return closed(state), await case_of_complaint(self._at.database, complaint)

    async def draw(self, officer: Officer, complaint: str) -> str:
        require_role(officer, *MAKERS)
        state = await self._complaint(officer, complaint)
        if known := await case_of_complaint(self._at.database, complaint):
            return known
        if not closed(state):
            raise Refused("wrong_state", 409)
        material = await self._material(officer, state)
        return await self.begin(officer, "complaint", complaint, material)

    async def begin(self, officer: Officer, origin: str, source: str, material: Material, case: str = "") -> str:
        """A case with a number of its own, its raw texts sealed beside it. `case`: the id it is to have; where there is
        one of it, it is only given what a fall kept from it."""
        at, before = self._at.now(), fold(await self._at.cases.history(case)) if case else None
        case = case or uuid.uuid4().hex
        if before is not None:
            if len(before.originals) < len(TEXTS):
                with case_refusal():
                    await self.texts.keep(case, material.texts, material.known, {}, officer.actor)
            return case
        year = local_day(at, officer.office.zone).year
        prefix = officer.office.number_prefix.removesuffix("投") + "案"
        number = await self._numbers.next(f"{officer.office.id}/cases", prefix, year, at, officer.actor)
        with case_refusal():
            begun = CaseBegun(officer.office.id, number, origin, source, material.sheet)
            await self._at.cases.submit(case, BeginCase(begun), officer.actor)
            await self.texts.keep(case, material.texts, material.known, {}, officer.actor)
        return case

    async def fill(self, officer: Officer, case: str, sheet: Sheet) -> None:
        """Articles are those that were in force on the day; another one is refused by its name."""
        library = await self._at.law.library()
        for id_ in sheet.articles:
            article = library.articles.get(id_)
            if article is None or not article.in_force(sheet.event_date):
                named = id_ if article is None else article.citation(officer.language)
                raise Refused("case_article", 400, article=named)
        own, page = await self._at.topics.all(), await self.page(officer, case)
        before = page.file.sheet.tags if page.file is not None else ()
        for tag in sheet.tags:  # what was withdrawn meanwhile may stay where it is
            if tag not in topics() and (tag not in own or (own[tag].withdrawn and tag not in before)):
                raise Refused("bad_choice", 400, field="tags")
        await self.ask(officer, case, FillSheet(replace(sheet, tags=with_parents(sheet.tags, own))))

    async def revise(self, officer: Officer, case: str, reason: str) -> None:
        _, file = await self.worked(officer, case)
        await self.ask(officer, case, BeginRevision(reason))
        with case_refusal():
            texts = dict(file.editions[-1].texts)
            await self.texts.keep(case, texts, NOTHING, {}, officer.actor, looked_at=True)

    async def ask(self, officer: Officer, case: str, command: CaseCommand) -> None:
        _, file = await self.worked(officer, case)
        if isinstance(command, TakeComment) and not command.anyway:
            command = replace(command, residues=await self._at.text.residues([command.text.strip()]))
        with case_refusal():
            await self._at.cases.submit(case, command, officer.actor)
            if isinstance(command, TakeBackApproval) and not file.originals and file.editions:
                # It came back from the shelf: what was published is what there is to work on.
                await self.texts.keep(case, file.editions[-1].texts, NOTHING, {}, officer.actor, looked_at=True)
        if isinstance(command, Publish | DropRevision):  # nothing is made of them any more
            await self._at.originals.forget(case)

    # ------------------------------------------------------------ steps of the above

    async def worked(self, officer: Officer, case: str) -> tuple[CasePage, CaseFile]:
        page = await self.page(officer, case)
        if page.file is None:
            raise Refused("not_found", 404)
        return page, page.file

    async def _mine(self, officer: Officer, file: CaseFile) -> bool:
        if officer.role not in MAKERS:
            return False
        if file.begun.office == officer.office.id:
            return True
        return officer.role == "supervisor" and file.begun.office in await self._overseen(officer)

    async def _overseen(self, officer: Officer) -> set[str]:
        return await offices_of(self._at.database, officer)

    async def _complaint(self, officer: Officer, complaint: str) -> Complaint:
        with complaint_said():
            state = await self._at.complaints.state(complaint)
        if state.record.office != officer.office.id:
            raise Refused("not_found", 404)
        return state

    async def _material(self, officer: Officer, state: Complaint) -> Material:
        sessions = [history(await self._at.journal.read(session_stream(id_))) for id_ in state.sessions]
        ended = [entry.at for told in sessions for entry in told if type(entry.event).__name__ == "SessionClosed"]
        decided = max(ended, default=state.ended_at)
        office = await self._at.offices.office(state.record.office) or officer.office
        library = await self._at.law.library()
        return await asyncio.to_thread(gather, state, sessions, library, office.zone, decided)

    async def known(self, officer: Officer, file: CaseFile) -> Known:
        """What the file behind it says of people, as far as it still says it."""
        if file.begun.origin != "complaint" or file.editions:
            return NOTHING
        try:
            state = await self._at.complaints.state(file.begun.source)
        except Exception:  # erased meanwhile: rules alone then
            return NOTHING
        return (await self._material(officer, state)).known


def _listed(found: tuple[list[CaseRow], int], page: int) -> CaseList:
    rows, count = found
    return CaseList(rows, count, page, max(1, -(-count // PAGE)))
