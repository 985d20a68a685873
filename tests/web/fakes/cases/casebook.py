"""A shelf with one published case and one in the making; and nobody has been invited."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from casebook import CHECKS, TEXTS, collections as own_topics, commands as c, sides
from casebook.collections import (
    NoteChanged,
    NoteEdition,
    OwnTopic,
    TopicAdded,
    TopicEvent,
    TopicRestored,
    TopicWithdrawn,
)
from casebook.commands import CaseCommand
from casebook.decisions import decide
from casebook.deidentifying.businesses import hints
from casebook.deidentifying.looking import look
from casebook.events import CaseBegun, Sheet, draft
from casebook.file import CaseFile, evolve, published, working
from casebook.views import (
    CaseList,
    CasePage,
    CaseRow,
    CollectionRow,
    LawyerPage,
    NotePage,
    NoteRow,
    TextSide,
    Workbench,
    WorkText,
)
from journal import Actor, Draft, Event, sealed
from journal.refusals import DomainError, Refused
from offices import Officer
from tests.web.fakes.people import LIN, ZHOU

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
RAW = {
    "title_zh": "健身房关门，预付卡余额怎么退",
    "title_en": "A gym closes: what of the prepaid balance?",
    "facts": "丁小禾于2026年3月15日办卡，支付4980元，门店关门。电话13800001234。",
    "claims": "退还4980元。",
    "process": "第一次调解：双方到场。",
    "outcome": "退还2490元，当场付清。",
    "experience": "先核对余额和已用次数，再谈比例。",
}
SHEET = Sheet(date(2026, 3, 15), "R89", "contract", ("prepaid",), ("cpl-53",), Decimal(5000), Decimal(2500), 18)


class Work:
    """One case, driven by the real core."""

    def __init__(self, id: str) -> None:
        self.id, self.raw = id, dict(RAW)
        self._file: CaseFile | None = None
        self.history: list[Event] = []
        self.ask(c.BeginCase(CaseBegun(ZHOU.office.id, "东高一案〔2026〕0001号", "complaint", "c0", SHEET)), ZHOU.actor)
        found = look(self.raw)
        for name in TEXTS:
            self.ask(c.WriteText(name, self.raw[name], "d", found[name]), ZHOU.actor)

    @property
    def now(self) -> CaseFile:
        assert self._file is not None
        return self._file

    def ask(self, command: CaseCommand, by: Actor) -> None:
        try:
            for event in decide(command, self._file, by, NOW):
                self._file = evolve(self._file, event, NOW, by)
                told = draft(event, NOW, by)
                version = len(self.history) + 1
                self.history.append(Event(f"case/{self.id}", version, told.type, told.data, NOW, by, "", "", ""))
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None

    def copied(self) -> Work:
        """One that can go another way; files are never changed, only followed by others."""
        made = copy.copy(self)
        made.raw, made.history = dict(self.raw), list(self.history)
        return made

    def finish(self) -> Work:
        for field, original in list(self.now.originals.items()):
            for span in original.spans:
                self.ask(c.DecideSpan(field, span.id, "hidden"), ZHOU.actor)
        self.ask(c.Approve({name: (text, "d") for name, text in self.raw.items()}), ZHOU.actor)
        self.ask(c.SendToBoard(CHECKS), ZHOU.actor)
        self.ask(c.Publish(), LIN.actor)
        return self


@functools.cache
def _works() -> tuple[Work, ...]:
    """One published and one being made, made once: what they say is looked through for persons each time."""
    return Work("k1").finish(), Work("k2")


class FakeCasebook:
    def __init__(self) -> None:
        self.works = {work.id: work.copied() for work in _works()}
        self.written: dict[str, list[NoteEdition]] = {}
        self.shelves: dict[str, CollectionRow] = {}
        self.own: dict[str, OwnTopic] = {}
        self.told: list[Draft] = []

    def _row(self, work: Work) -> CaseRow:
        case = published(work.id, work.now) or working(work.id, work.now)
        return CaseRow(
            work.id, case.number, case.office, case.state, work.now.state.value, case.edition, case.sample,
            case.title_zh, case.title_en, case.industry, case.problem, case.tags, case.claimed, case.settled, case.days,
            NOW, NOW if work.now.standing else None,
        )  # fmt: skip

    async def shelf(self, officer: Officer, problem: str, tag: str, collection: str, page: int) -> CaseList:
        rows = [self._row(work) for work in self.works.values() if work.now.standing]
        rows = [row for row in rows if not problem or row.problem == problem]
        return CaseList(rows, len(rows), page, 1)

    async def making(self, officer: Officer, work: str, page: int) -> CaseList:
        rows = [self._row(one) for one in self.works.values() if officer.office.id == one.now.begun.office]
        rows = [row for row in rows if (row.work == work if work else row.work != "published")]
        return CaseList(rows, len(rows), page, 1)

    async def page(self, officer: Officer, case: str) -> CasePage:
        work = self.works.get(case)
        mine = work is not None and officer.office.id == work.now.begun.office
        if work is None or (not mine and work.now.standing is None):
            raise Refused("not_found", 404)
        draft, file = (working(case, work.now), work.now) if mine else (None, None)
        return CasePage(case, published(case, work.now), draft, file, tuple(work.history), ZHOU.office, mine)

    async def of_complaint(self, officer: Officer, complaint: str) -> tuple[bool, str]:
        return True, ""

    async def draw(self, officer: Officer, complaint: str) -> str:
        if officer.office.id != ZHOU.office.id:
            raise Refused("not_found", 404)
        return "k2"

    async def add_spoken(self, officer: Officer, case: str, session: str, line: str) -> None:
        raise Refused("not_found", 404)  # nothing was said in any of these

    async def workbench(self, officer: Officer, case: str) -> Workbench:
        page = await self.page(officer, case)
        if page.file is None:
            raise Refused("not_found", 404)
        work = self.works[case]
        texts = []
        for name in TEXTS:
            original = page.file.originals[name]
            cut = [TextSide(*one) for one in sides(work.raw[name], original.spans)]
            texts.append(WorkText(name, work.raw[name], cut, original.pending))
        masked = {text.field: "".join(side.put for side in text.sides) for text in texts}
        return Workbench(page, texts, hints(masked), page.file.pending)

    async def write(self, officer: Officer, case: str, texts: Mapping[str, str]) -> None:
        if (await self.page(officer, case)).file is None:
            raise Refused("not_found", 404)
        for name, text in texts.items():
            (spans,) = look({name: text}).values()
            await self.ask(officer, case, c.WriteText(name, text, "d", spans))
            self.works[case].raw[name] = text

    async def decide(self, officer: Officer, case: str, field: str, span: str, verdict: str, put: str) -> None:
        await self.ask(officer, case, c.DecideSpan(field, span, verdict, put))

    async def decide_rest(self, officer: Officer, case: str, field: str, verdict: str) -> int:
        for span in self.works[case].now.originals[field].spans:
            await self.ask(officer, case, c.DecideSpan(field, span.id, verdict))
        return 0

    async def decide_kind(self, officer: Officer, case: str, kind: str, verdict: str) -> int:
        open_ = [
            c.DecideSpan(name, span.id, verdict)
            for name, original in self.works[case].now.originals.items()
            for span in original.spans
            if span.kind == kind and not span.verdict
        ]
        await self.ask(officer, case, c.DecideSpans(tuple(open_)))
        return len(open_)

    async def take_back(self, officer: Officer, case: str, since: int) -> int:
        done = [one for one in (await self.page(officer, case)).history if one.version > since]
        marked = [one.data for one in done if one.type == "SpanMarked"]
        each = tuple(c.UnmarkSpan(one["field"], f"{one['span']['start']}-{one['span']['end']}") for one in marked)
        await self.ask(officer, case, c.DecideSpans(each))
        return len(each)

    async def mark(self, officer: Officer, case: str, words: str, put: str) -> int:
        count, facts = 0, self.works[case].raw["facts"]
        at = facts.find(words)
        while at >= 0:
            await self.ask(officer, case, c.MarkSpan("facts", at, at + len(words), put or "某某", "d", "name"))
            at, count = facts.find(words, at + len(words)), count + 1
        return count

    async def unmark(self, officer: Officer, case: str, field: str, span: str) -> None:
        await self.ask(officer, case, c.UnmarkSpan(field, span))

    async def approve(self, officer: Officer, case: str, anyway: bool) -> None:
        raw = {name: (text, "d") for name, text in self.works[case].raw.items()} if case in self.works else {}
        await self.ask(officer, case, c.Approve(raw, anyway))

    async def fill(self, officer: Officer, case: str, sheet: Sheet) -> None:
        await self.ask(officer, case, c.FillSheet(sheet))

    async def revise(self, officer: Officer, case: str, reason: str) -> None:
        await self.ask(officer, case, c.BeginRevision(reason))

    async def ask(self, officer: Officer, case: str, command: CaseCommand) -> None:
        if (await self.page(officer, case)).file is None:
            raise Refused("not_found", 404)
        self.works[case].ask(command, officer.actor)

    async def take_in(self, officer: Officer, name: str, content: bytes) -> Sequence[str]:
        raise Refused("case_file", 400, why="kind")

    async def give_out(self, officer: Officer, case: str, form: str, public: bool) -> tuple[str, bytes]:
        await self.page(officer, case)
        return f"case.{form}", b"{}"

    async def give_out_shelf(self, officer: Officer, form: str, public: bool) -> tuple[str, bytes]:
        return f"cases.{form}", b"{}"

    async def collections(self, officer: Officer) -> Sequence[CollectionRow]:
        return list(self.shelves.values())

    async def collect(self, officer: Officer, collection: str, title: str, case: str, put_in: bool) -> str:
        id = collection or "c" * 32
        before = self.shelves.get(id, CollectionRow(id, title, officer.office.id, True, ()))
        cases = (*before.cases, case) if case and put_in else before.cases
        self.shelves[id] = replace(before, cases=cases)
        return id

    async def topics(self) -> Mapping[str, OwnTopic]:
        return self.own

    async def add_topic(self, officer: Officer, under: str, zh: str, en: str) -> None:
        self._topic(officer, TopicAdded(f"own-{len(self.own):08x}", under, zh, en))

    async def withdraw_topic(self, officer: Officer, topic: str, reason: str) -> None:
        self._topic(officer, TopicWithdrawn(topic, reason))

    async def restore_topic(self, officer: Officer, topic: str, reason: str) -> None:
        self._topic(officer, TopicRestored(topic, reason))

    def _topic(self, officer: Officer, event: TopicEvent) -> None:
        try:
            for each in own_topics.decide_topic(event, self.own, officer.actor):
                self.told.append(draft(each, NOW, officer.actor))
        except DomainError as no:
            raise Refused(no.code, 403 if no.code == "not_allowed" else 400, **no.params) from None
        self.own = own_topics.fold_topics(sealed("topics/shared", 0, "", self.told))

    async def notes(self, officer: Officer) -> Sequence[NoteRow]:
        return [NoteRow(of, len(told), NOW, "周敏") for of, told in self.written.items()]

    async def note(self, officer: Officer, problem: str) -> NotePage:
        return NotePage(problem, self.written.get(problem, [])[::-1], [self._row(self.works["k1"])])

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        told = self.written.setdefault(problem, [])
        if seen != len(told):
            raise Refused(NoteChanged.code, 400)
        told.append(NoteEdition(len(told) + 1, text, why, NOW, officer.name))


class FakeLawyers:
    """Nobody was ever invited."""

    def __init__(self, casebook: FakeCasebook) -> None:
        self._casebook = casebook

    async def invite(self, officer: Officer, case: str, name: str, firm: str, phone: str, until: date) -> str:
        await self.withdraw(officer, case, "")
        return "http://yuntiao.example/l/secret"

    async def link(self, officer: Officer, case: str, invitation: str) -> str:
        await self.withdraw(officer, case, invitation)
        return ""

    async def withdraw(self, officer: Officer, case: str, invitation: str) -> None:
        if (await self._casebook.page(officer, case)).file is None:
            raise Refused("not_found", 404)

    async def look(self, secret: str) -> LawyerPage:
        raise Refused("link_unknown", 404)

    async def begin(self, secret: str) -> str:
        raise Refused("link_unknown", 404)

    async def send_code(self, token: str, ip: str, language: str) -> str:
        raise Refused("no_invitation", 401)

    async def check_code(self, token: str, code: str, ip: str) -> str:
        raise Refused("no_invitation", 401)

    async def page(self, token: str) -> LawyerPage:
        raise Refused("no_invitation", 401)

    async def comment(self, token: str, text: str) -> None:
        raise Refused("no_invitation", 401)
