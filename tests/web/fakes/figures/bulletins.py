"""Bulletins of an office in which nothing was received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from casebook.views import CaseRow
from complaints.events import plain
from complaints.insight.bulletin import (
    AskLeaders,
    Bulletin,
    BulletinIssued,
    BulletinRegister,
    ChooseCase,
    IssueBulletin,
    IssueCommand,
    Kind,
    LeadsTold,
    TypicalCase,
    WithdrawBulletin,
    decide,
    evolve,
    made_public,
    number,
)
from complaints.insight.views import BulletinPaper, IssuedBulletin
from complaints.insight.warnings import AdviceWritten, OwnAdvice, decide_advice, fold_advice
from complaints.statistics.figures import Period
from journal import Actor, Event
from journal.refusals import Refused, refusal_of
from offices import Officer
from server.insight.bulletins import told
from tests.web.fakes.people import Clock
from web.i18n import words_of
from web.office.insight.bulletin_paper import bulletin_paper, edition
from web.office.insight.services import Advice, Bulletins, IssuedBulletins


class FakeBulletins(Bulletins):
    case: TypicalCase | None = None
    rows: Sequence[CaseRow] = ()

    async def bulletin(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> Bulletin:
        made = Bulletin(kind, period, officer.office.name, False, [], [("2026-06", 0)], {"problem": []}, [], LEADS)
        told = replace(made, case=self.case, untold="" if self.case else "period")
        return made_public(told) if public else told

    async def cases(
        self, officer: Officer, bulletin: Bulletin, found: Sequence[str] | None = None
    ) -> Sequence[CaseRow]:
        return self.rows if found is None else [row for id_ in found for row in self.rows if row.id == id_]

    async def printed(self, paper: BulletinPaper) -> bytes:
        return b"%PDF-"


class FakeAdvice(Advice):
    """An office's own words in memory; the rules are the real ones."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.told: list[Event] = []

    async def own(self, office: str) -> Mapping[str, OwnAdvice]:
        return fold_advice(self.told)

    async def write(self, wanted: AdviceWritten, seen: int, actor: Actor) -> None:
        with refusal_of():
            events = decide_advice(wanted, seen, fold_advice(self.told), actor)
        at, name = self.clock.now, AdviceWritten.__name__
        self.told += [Event("advice/o", 1, name, plain(one), at, actor, "salt", "", "") for one in events]


class FakeIssued(IssuedBulletins):
    """Editions of a paper in memory; the rules are the real ones."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.shelf = BulletinRegister()

    async def editions(self, officer: Officer, kind: Kind, period: Period) -> Sequence[IssuedBulletin]:
        mine = [one for one in self.shelf.editions if one.issued.scope == officer.office.id]
        return [told(kind, one) for one in mine if one.issued.first == period.first]

    async def issue(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> None:
        which = len(self.shelf.of(officer.office.id, public)) + 1
        issued = BulletinIssued(
            officer.office.id, (officer.office.id,), officer.office.name, public, which, number(kind, period.first),
            period.first, period.last, "p", {"zh": "z", "en": "e"}, "f",
        )  # fmt: skip
        self._ask(officer, IssueBulletin(issued, today))

    async def withdraw(self, officer: Officer, kind: Kind, period: Period, public: bool, reason: str) -> None:
        self._ask(officer, WithdrawBulletin(officer.office.id, public, reason))

    async def asked(self, officer: Officer, kind: Kind, period: Period) -> str:
        return self.shelf.asked.get(officer.office.id, "")

    async def ask_leaders(self, officer: Officer, kind: Kind, period: Period, text: str) -> None:
        self._ask(officer, AskLeaders(officer.office.id, text))

    async def choose_case(
        self, officer: Officer, kind: Kind, period: Period, public: bool, how: str, case: str
    ) -> None:
        self._ask(officer, ChooseCase(officer.office.id, public, how, case))

    def _ask(self, officer: Officer, command: IssueCommand) -> None:
        with refusal_of():
            for event in decide(command, self.shelf, officer.actor):
                self.shelf = evolve(self.shelf, event, self.clock.now, officer.name)

    async def published(self) -> Sequence[IssuedBulletin]:
        return [told("month", one) for one in self.shelf.editions if one.issued.public and not one.withdrawn]

    async def public(self, kind: Kind, first: date, scope: str) -> IssuedBulletin:
        found = [one for one in self.shelf.of(scope, True) if one.issued.first == first]
        if not found:
            raise Refused("not_found", 404)
        return told(kind, found[-1])

    async def paper(self, issued: IssuedBulletin, language: str) -> BulletinPaper:
        made = Bulletin("month", issued.period, issued.office, True, [], [("2026-06", 9)], {"problem": []}, [], LEADS)
        return edition(bulletin_paper(made, issued.office, words_of(language)), issued.number, issued.edition, None)

    async def print(self, issued: IssuedBulletin, language: str) -> bytes:
        return f"%PDF-{issued.edition}".encode()


LEADS = LeadsTold(0, [])
