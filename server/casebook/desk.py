"""Cases as pages ask for them: drawn, worked on, sent on. Implements `web.ports.casebook.Casebook`, with `exchange`.

Whoever works on a case is of its office, or oversees it; what is published is every officer's. Raw texts are opened
here, given to the pure core, and kept sealed; a keyed digest binds them to the stream.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from casebook import collections as co
from casebook.case import TEXTS, State
from casebook.commands import (
    Approve,
    BeginCase,
    BeginRevision,
    CaseCommand,
    DecideSpan,
    DropRevision,
    FillSheet,
    MarkSpan,
    Publish,
    TakeBackApproval,
    UnmarkSpan,
    WriteText,
)
from casebook.compendium import MOST_CASES
from casebook.deidentifying.hints import hints
from casebook.deidentifying.looking import NOTHING, Known, look
from casebook.errors import BadSpan, CaseError, UnknownCase
from casebook.events import CaseBegun, Sheet
from casebook.file import CaseFile, fold, published, working
from casebook.notes import NoteService
from casebook.service import CaseService
from casebook.spans import KEPT, PENDING, Span, pieces
from complaints.clocks import local_day
from complaints.complaint import Complaint
from complaints.numbers import Numbers
from complaints.phones import Sealer
from complaints.service import ComplaintService
from journal import Actor
from law.catalogue import topics
from rooms.codec import history, stream as session_stream
from server.casebook import exchange
from server.casebook.gathering import Material, closed, gather
from server.law_shelf import LawShelf
from server.refusing import said
from server.storage.case_notes import collection_rows, note_rows
from server.storage.case_originals import CaseOriginals
from server.storage.cases import Shelved, case_of_complaint, making_rows, published_cases, shelf_rows
from server.storage.engine import Database
from server.storage.identity_store import IdentityStore
from server.storage.journal_store import SqlJournal
from server.storage.scope import offices_of
from web.ports import Office, Officer, Refused
from web.ports.casebook import (
    CaseList,
    CasePage,
    CaseRow,
    CollectionRow,
    NoteEdition,
    NotePage,
    NoteRow,
    Side,
    Workbench,
    WorkText,
)

PAGE: Final = 30
PURPOSE: Final = "case text"
MAKERS: Final = ("mediator", "supervisor")


@dataclass(frozen=True, slots=True)
class CaseServices:
    database: Database
    journal: SqlJournal
    offices: IdentityStore
    complaints: ComplaintService
    cases: CaseService
    notes: NoteService
    collections: co.CollectionService
    originals: CaseOriginals
    law: LawShelf
    seal: Sealer
    now: Callable[[], datetime]


class CaseDesk:
    def __init__(self, services: CaseServices) -> None:
        self._at = services
        self._numbers = Numbers(services.journal)

    # ------------------------------------------------------------ lists

    async def shelf(self, officer: Officer, problem: str, tag: str, collection: str, page: int) -> CaseList:
        ids: Sequence[str] | None = None
        if collection:
            rows = await collection_rows(self._at.database)
            ids = next((row["cases"] for row in rows if row["id"] == collection), [])
        wanted = Shelved(problem, tag if tag in topics() else "", ids)
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
        _makes(officer)
        state = await self._complaint(officer, complaint)
        if known := await case_of_complaint(self._at.database, complaint):
            return known
        if not closed(state):
            raise Refused("wrong_state", 409)
        material = await self._material(officer, state)
        return await self.begin(officer, "complaint", complaint, material)

    async def begin(self, officer: Officer, origin: str, source: str, material: Material) -> str:
        """A case with a number of its own, its raw texts sealed beside it."""
        at, case = self._at.now(), uuid.uuid4().hex
        year = local_day(at, officer.office.zone).year
        prefix = officer.office.number_prefix.removesuffix("投") + "案"
        number = await self._numbers.next(f"{officer.office.id}/cases", prefix, year, at, officer.actor)
        with _said():
            begun = CaseBegun(officer.office.id, number, origin, source, material.sheet)
            await self._at.cases.submit(case, BeginCase(begun), officer.actor)
            await self._keep(case, material.texts, material.known, {}, officer.actor)
        return case

    async def workbench(self, officer: Officer, case: str) -> Workbench:
        page, file = await self._worked(officer, case)
        raw = await self._raw(case)
        texts = []
        masked: dict[str, str] = {}
        for name in TEXTS:
            original, text = file.originals.get(name), raw.get(name, "")
            spans = original.spans if original is not None and original.length == len(text) else ()
            sides = _sides(text, spans)
            masked[name] = "".join(side.put for side in sides)
            texts.append(WorkText(name, text, sides, original.pending if original is not None else 0))
        found = await asyncio.to_thread(hints, masked)
        return Workbench(page, texts, found, file.pending)

    async def write(self, officer: Officer, case: str, texts: Mapping[str, str]) -> None:
        _, file = await self._worked(officer, case)
        if file.state is not State.DRAFT:
            raise Refused("wrong_state", 409)
        raw = await self._raw(case)
        changed = {name: text.strip() for name, text in texts.items() if raw.get(name, "") != text.strip()}
        if not changed:
            return
        before = {
            (name, raw[name][span.start : span.end]): span
            for name, original in file.originals.items()
            if name in raw
            for span in original.spans
        }
        known = await self._known(officer, file)
        with _said():
            await self._keep(case, {**raw, **changed}, known, before, officer.actor, only=set(changed))

    async def decide(self, officer: Officer, case: str, field: str, span: str, verdict: str, put: str) -> None:
        await self.ask(officer, case, DecideSpan(field, span, verdict, put))

    async def decide_rest(self, officer: Officer, case: str, field: str, verdict: str) -> int:
        _, file = await self._worked(officer, case)
        original = file.originals.get(field)
        open_ = [span for span in original.spans if span.verdict == PENDING] if original is not None else []
        with _said():
            for span in open_:
                await self._at.cases.submit(case, DecideSpan(field, span.id, verdict), officer.actor)
        return len(open_)

    async def mark(self, officer: Officer, case: str, words: str, put: str) -> int:
        _, file = await self._worked(officer, case)
        words, count = words.strip(), 0
        if not 1 <= len(words) <= 200:
            raise Refused("bad_span", 400)
        with _said():
            for name, text in (await self._raw(case)).items():
                original = file.originals.get(name)
                if original is None:
                    continue
                taken = [(span.start, span.end) for span in original.spans]
                for start in _places(text, words):
                    if all(start + len(words) <= left or right <= start for left, right in taken):
                        command = MarkSpan(name, start, start + len(words), put.strip() or "某某", original.digest)
                        await self._at.cases.submit(case, command, officer.actor)
                        count += 1
            if not count:
                raise BadSpan
        return count

    async def unmark(self, officer: Officer, case: str, field: str, span: str) -> None:
        await self.ask(officer, case, UnmarkSpan(field, span))

    async def approve(self, officer: Officer, case: str, anyway: bool) -> None:
        raw = await self._raw(case)
        await self.ask(officer, case, Approve({name: (text, self._digest(text)) for name, text in raw.items()}, anyway))

    async def fill(self, officer: Officer, case: str, sheet: Sheet) -> None:
        """Articles are those that were in force on the day; another one is refused by its name."""
        library = await self._at.law.library()
        for id_ in sheet.articles:
            article = library.articles.get(id_)
            if article is None or not article.in_force(sheet.event_date):
                named = id_ if article is None else article.citation(officer.language)
                raise Refused("case_article", 400, article=named)
        if any(tag not in topics() for tag in sheet.tags):
            raise Refused("bad_choice", 400, field="tags")
        await self.ask(officer, case, FillSheet(sheet))

    async def revise(self, officer: Officer, case: str, reason: str) -> None:
        _, file = await self._worked(officer, case)
        await self.ask(officer, case, BeginRevision(reason))
        with _said():
            texts = dict(file.editions[-1].texts)
            await self._keep(case, texts, NOTHING, {}, officer.actor, looked_at=True)

    async def ask(self, officer: Officer, case: str, command: CaseCommand) -> None:
        _, file = await self._worked(officer, case)
        with _said():
            await self._at.cases.submit(case, command, officer.actor)
            if isinstance(command, TakeBackApproval) and not file.originals and file.editions:
                # It came back from the shelf: what was published is what there is to work on.
                await self._keep(case, file.editions[-1].texts, NOTHING, {}, officer.actor, looked_at=True)
        if isinstance(command, Publish | DropRevision):  # nothing is made of them any more
            await self._at.originals.forget(case)

    # ------------------------------------------------------------ exchange

    async def take_in(self, officer: Officer, name: str, content: bytes) -> Sequence[str]:
        _makes(officer)
        today = local_day(self._at.now(), officer.office.zone)
        materials = await asyncio.to_thread(exchange.read, name, content, today)
        origin = "document" if name.lower().endswith(".docx") else "exchange"
        return [await self.begin(officer, origin, name[-120:], material) for material in materials]

    async def give_out(self, officer: Officer, case: str, form: str, public: bool) -> tuple[str, bytes]:
        page = await self.page(officer, case)
        shown = page.case
        if shown is None and not public and page.draft is not None and page.draft.facts:
            shown = page.draft  # to a colleague elsewhere, before the board has it; to the public never
        if shown is None:
            raise Refused("wrong_state", 409)
        library = await self._at.law.library()
        offices = {page.office.id: page.office.name}
        return await asyncio.to_thread(exchange.written, [shown], form, public, offices, library)

    async def give_out_shelf(self, officer: Officer, form: str, public: bool) -> tuple[str, bytes]:
        rows, _ = await shelf_rows(self._at.database, Shelved(samples=False), 1, MOST_CASES)
        if not rows:
            raise Refused("wrong_state", 409)
        found = await published_cases(self._at.database, [row.id for row in rows])
        offices = {id_: office.name for id_ in {case.office for case in found} if (office := await self._office(id_))}
        library = await self._at.law.library()
        return await asyncio.to_thread(exchange.written, found, form, public, offices, library)

    async def _office(self, office: str) -> Office | None:
        return await self._at.offices.office(office)

    # ------------------------------------------------------------ collections and notes

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
            if (await self.page(officer, case)).case is None:
                raise Refused("wrong_state", 409)
            event = co.CaseCollected(case) if put_in else co.CaseUncollected(case)
        with _said():
            await self._at.collections.submit(collection, event, officer.actor)
        return collection

    async def notes(self, officer: Officer) -> Sequence[NoteRow]:
        rows = await note_rows(self._at.database)
        return [NoteRow(row["id"], row["edition"], row["changed"], row["by"]) for row in rows]

    async def note(self, officer: Officer, problem: str) -> NotePage:
        with _said():
            editions = await self._at.notes.editions(problem)
        of, _, industry = problem.partition("-")
        rows, _ = await shelf_rows(self._at.database, Shelved(of, industry=industry), 1, 10)
        told = [NoteEdition(one.number, one.text, one.at, one.by, one.why) for one in reversed(editions)]
        return NotePage(problem, told, rows)

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        with _said():
            await self._at.notes.write(problem, text, why, seen, officer.actor)

    # ------------------------------------------------------------ steps of the above

    async def _worked(self, officer: Officer, case: str) -> tuple[CasePage, CaseFile]:
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
        with said():
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

    async def _known(self, officer: Officer, file: CaseFile) -> Known:
        """What the file behind it says of people, as far as it still says it."""
        if file.begun.origin != "complaint" or file.editions:
            return NOTHING
        try:
            state = await self._at.complaints.state(file.begun.source)
        except Exception:  # erased meanwhile: rules alone then
            return NOTHING
        return (await self._material(officer, state)).known

    async def _raw(self, case: str) -> dict[str, str]:
        sealed = await self._at.originals.sealed(case)
        return {name: self._at.seal.open(text, PURPOSE) for name, text in sealed.items()}

    async def _keep(
        self,
        case: str,
        texts: Mapping[str, str],
        known: Known,
        before: Mapping[tuple[str, str], Span],
        by: Actor,
        only: set[str] | None = None,
        looked_at: bool = False,
    ) -> None:
        """Seal the texts, then say which they are and what was found in them. `before`: decisions on the same words.

        `looked_at`: they were published; what rules find in them stays unless somebody says otherwise."""
        found = await asyncio.to_thread(look, {name: texts.get(name, "") for name in TEXTS}, known)
        fresh = {name: texts.get(name, "") for name in TEXTS if only is None or name in only}
        await self._at.originals.keep(
            case, {name: self._at.seal.seal(text, PURPOSE) for name, text in fresh.items()}, self._at.now()
        )
        for name, text in fresh.items():
            spans = tuple(
                _as_before(span, before.get((name, text[span.start : span.end])), looked_at) for span in found[name]
            )
            await self._at.cases.submit(case, WriteText(name, text, self._digest(text), spans), by)

    def _digest(self, text: str) -> str:
        return self._at.seal.hash(text, PURPOSE)


def _as_before(span: Span, known: Span | None, looked_at: bool) -> Span:
    if known is not None and known.verdict != PENDING:
        return replace(span, verdict=known.verdict, put=known.put)
    return replace(span, verdict=KEPT) if looked_at else span


def _sides(text: str, spans: Sequence[Span]) -> list[Side]:
    """Cut alike: what stood there and what will."""
    out, at = [], 0
    for put, span in pieces(text, spans):
        length = len(put) if span is None else span.end - span.start
        out.append(Side(text[at : at + length], put, span))
        at += length
    return out


def _places(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + len(words))


def _listed(found: tuple[list[CaseRow], int], page: int) -> CaseList:
    rows, count = found
    return CaseList(rows, count, page, max(1, -(-count // PAGE)))


def _makes(officer: Officer) -> None:
    if officer.role not in MAKERS:
        raise Refused("not_allowed", 403)


class _said:
    """A case's no in the words pages know."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, CaseError):
            raise refused(fault) from None


_STATUS: Final = {UnknownCase.code: 404, "not_allowed": 403, "busy": 503, "wrong_state": 409, "case_same_person": 403}


def refused(fault: CaseError) -> Refused:
    return Refused(fault.code, _STATUS.get(fault.code, 400), **fault.params)
