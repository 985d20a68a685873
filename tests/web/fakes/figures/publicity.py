"""Publicity of complaints of one business, at whatever stage a test puts it; the rules are the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from complaints.insight.publicity import (
    BusinessCorrected,
    BusinessLeftOut,
    BusinessNamed,
    BusinessTold,
    EntryFigures,
    ObjectionsOpened,
    PublicityBegun,
    PublicityEvent,
    PublicityKind,
)
from complaints.insight.publicity_rules import Publicity, decide, evolve
from complaints.insight.views import NamedPage, PublicityPage, PublicityRecord, PublicityRow, PublicPublicity
from journal import Actor
from journal.refusals import Refused, refusal_of
from offices import Officer
from tests.web.fakes.people import LIN, Clock
from web.links import ObjectionDesk
from web.office.insight.services import PublicityDesk

ID, ENTRY, DUE = "0123456789abcdef", "b" * 24, date(2026, 7, 13)
FIGURES = EntryFigures(12, 9, {"contract": 10, "price": 2}, 1, 9, 8)
BEGUN = PublicityBegun(
    LIN.office.id, LIN.office.name, (LIN.office.id,), "quarter", date(2026, 4, 1), date(2026, 6, 30), 5, 7
)
NAMED = BusinessNamed(ENTRY, "武汉知遇桥信息技术有限公司", "91420100MA0DEM013Y", FIGURES, ("c1", "c2"), {})
OTHER = BusinessNamed(
    "c" * 24, "东湖健身有限公司", "91420100MA0DEM0142", EntryFigures(7, 2, {"contract": 7}), ("c3",), {}
)
TOLD = tuple(BusinessTold(key, DUE, "hand", note="送达") for key in (ENTRY, OTHER.entry))
TODAY = date(2026, 7, 14)


class FakePublicity(PublicityDesk):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.now: Publicity | None = None
        self.verified = True

    def put(self, *asked: PublicityEvent, by: Actor = LIN.actor) -> Publicity:
        for event in decide(asked, self.now, by, TODAY):
            self.now = evolve(self.now, event, self.clock.now, by)
        assert self.now is not None
        return self.now

    def told(self) -> Publicity:
        self.put(BEGUN, NAMED, OTHER)
        return self.put(ObjectionsOpened(), *TOLD)

    async def listed(self, officer: Officer) -> Sequence[PublicityRow]:
        if self.now is None:
            return []
        begun, now = self.now.begun, self.now
        row = PublicityRow(
            ID, begun.office_name, begun.kind, begun.first, begun.last, now.stage, len(now.editions),
            len(now.standing), now.due, len(now.objections), now.changed, None,
        )  # fmt: skip
        return [row]

    def may_begin(self, officer: Officer) -> bool:
        return True

    async def begin(self, officer: Officer, kind: PublicityKind, first: date) -> str:
        self.put(BEGUN, NAMED, OTHER)
        return ID

    async def page(self, officer: Officer, publicity: str) -> PublicityPage:
        now = self.standing()
        return PublicityPage(publicity, now, now.ready(TODAY), {}, "", officer.id in now.hands, [])

    async def records(self, officer: Officer, publicity: str, entry: str) -> Sequence[PublicityRecord]:
        self.standing()
        return []

    async def correct(
        self, officer: Officer, publicity: str, entry: str, name: str, out: Mapping[str, str], reason: str,
        objection: str = "",
    ) -> None:  # fmt: skip
        with refusal_of():
            self.put(BusinessCorrected(entry, name, FIGURES, NAMED.records, dict(out), reason), by=officer.actor)

    async def leave_out(self, officer: Officer, publicity: str, entry: str, reason: str, objection: str = "") -> None:
        with refusal_of():
            self.put(BusinessLeftOut(entry, reason), by=officer.actor)

    async def ask(self, officer: Officer, publicity: str, event: PublicityEvent) -> None:
        with refusal_of():
            self.put(event, by=officer.actor)

    async def open(self, officer: Officer, publicity: str) -> None:
        with refusal_of():
            self.put(ObjectionsOpened(), *TOLD, by=officer.actor)

    async def tell(self, officer: Officer, publicity: str, entry: str, phone: str) -> None:
        raise Refused("bad_phone", 400, field="phone")

    async def tell_by_hand(self, officer: Officer, publicity: str, entry: str, note: str) -> None:
        with refusal_of():
            self.put(BusinessTold(entry, DUE, "hand", note=note), by=officer.actor)

    async def link(self, officer: Officer, publicity: str, entry: str) -> str:
        return ""

    async def file(self, officer: Officer, publicity: str, entry: str, attachment: str) -> tuple[str, str, bytes]:
        raise Refused("not_found", 404)

    async def ask_second(self, officer: Officer, token: str, publicity: str, reason: str) -> str:
        return "a1"

    async def published(self) -> Sequence[PublicPublicity]:
        return [await self.public(ID)] if self.now and self.now.editions and self.now.stage == "published" else []

    async def public(self, publicity: str) -> PublicPublicity:
        now = self.standing()
        if publicity != ID or not now.editions:
            raise Refused("not_found", 404)
        gone: datetime | None = now.withdrawn_at
        edition = now.editions[-1] if now.stage == "published" else None
        return PublicPublicity(ID, now.begun.office_name, "quarter", now.period, edition, now.withdrawn, gone)

    def standing(self) -> Publicity:
        if self.now is None:
            raise Refused("not_found", 404)
        return self.now


class FakeObjections(ObjectionDesk):
    """The first business's link to `desk`'s publication."""

    def __init__(self, desk: FakePublicity) -> None:
        self.desk = desk

    async def look(self, secret: str) -> NamedPage:
        return await self.page("")

    async def begin(self, secret: str) -> str:
        return "token"

    async def send_code(self, token: str, ip: str, language: str) -> str:
        return "139 **** 0812"

    async def check_code(self, token: str, code: str, ip: str) -> str:
        self.desk.verified = True
        return "token"

    async def page(self, token: str) -> NamedPage:
        now, verified = self.desk.standing(), self.desk.verified
        return NamedPage(
            LIN.office, "2026-Q2", now.period, "139 **** 0812", DUE, verified, now.stage, now.entries[ENTRY], None
        )

    async def known(self, token: str) -> bool:
        return True

    async def object(self, token: str, text: str, by: str) -> None: ...

    async def attach(self, token: str, address: str, name: str, content: bytes) -> None: ...
