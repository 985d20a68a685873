"""Hot spots in memory: a report as the pure core would make it, and streams that fold as the real ones do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from complaints.events import plain
from complaints.insight.spots import (
    ClassWeek,
    ExpectedWeek,
    HotSpotReport,
    NewTerm,
    SeasonNote,
    ShiftedClass,
    Spot,
    SpotCommand,
    SpotFigures,
    SpotFound,
    SpotHandedOn,
    Trait,
    decide,
    evolve,
)
from complaints.insight.views import FocusPage, SpotNow, SpotPage, SpotRecord
from complaints.leads import SpotAtHand
from journal import Event
from journal.refusals import Refused, refusal_of
from offices import Officer
from tests.web.fakes.people import EAST_LAKE, Clock
from web.office.insight.services import Focus

DAY = date(2026, 6, 21)


def weeks(*seen: int, expected: float = 7.0) -> tuple[ExpectedWeek, ...]:
    first = DAY - timedelta(days=7 * len(seen) - 1)
    return tuple(ExpectedWeek(first + timedelta(days=7 * n), count, expected, 3, 12) for n, count in enumerate(seen))


def figures(id_: str, kind: str, key: str, *seen: int, course: str = "rising", name: str = "") -> SpotFigures:
    return SpotFigures(
        id_, kind, key, name, DAY - timedelta(days=9), sum(seen[-2:]), 14.0, 7, seen[-1], 7.0, 1e-8, course, True,
        weeks(*seen), Trait("respondent", "abc", 9, "知遇桥公司"), Trait("trade", "O80|contract", 12), 15, 2,
        (Trait("respondent", "x", 3, "安居"), Trait("respondent", "y", 2, "快修")), (Trait("word", "退卡", 8),),
        ("c0",),
    )  # fmt: skip


class FakeFocus(Focus):
    """Of one office."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.report: HotSpotReport | None = None
        self.spots: dict[str, Spot] = {}
        self.told: dict[str, list[Event]] = {}
        self.office = EAST_LAKE

    def fill(self) -> None:
        spots = (
            figures("s1", "trade", "O80|contract", 5, 7, 5, 8, 12, 17, course="new"),
            figures("s2", "street", "东桥街", 9, 10, 12, 11, 15, 19),
            figures("s3", "respondent", "abc", 31, 29, 25, 20, 15, 6, course="over", name="拾光健身"),
            figures("s4", "word", "小病大修", 2, 2, 3, 4, 9, 13),
        )
        for one in spots:
            self.spots[one.id] = Spot(
                SpotFound(
                    self.office.id, (self.office.id,), one.kind, one.key, DAY, one.since, 7, 17, "7.00", "1e-8", "1e-6"
                )
            )
            self.told[one.id] = []
        self.report = HotSpotReport(
            self.office.id, DAY, 319_460, 63_892, 5e-7, 1.0, 812, 790.0, spots,
            (ClassWeek("O80", 41, 24.0, 25.0), ClassWeek("F52", 198, 205.0, 204.0)),
            (ClassWeek("东桥街", 187, 170.0, 130.0), ClassWeek("柳堤街", 32, 31.0, 31.0)),
            (ShiftedClass("industry", "O80", DAY - timedelta(days=60), 20.0, 31.0, 0.1),
             ShiftedClass("problem", "price", DAY, 9.0, 5.0)),
            (NewTerm("word", "先息后本", 12, 0),), (SeasonNote("O81", 1.6, 92.0, 88),), None,
            date(2023, 1, 1), (1, 2), 900,
        )  # fmt: skip

    def hand_on(self, spot: str, lead: str, officer: Officer) -> None:
        """As opening a lead from it does."""
        self.spots[spot] = evolve(self.spots[spot], SpotHandedOn(lead), self.clock.now, officer.name)

    async def page(self, officer: Officer) -> FocusPage:
        if self.report is None or officer.office.id != self.office.id:
            return FocusPage([officer.office])
        now = [SpotNow(one, self._shown(officer, self.spots[one.id])) for one in self.report.spots]
        return FocusPage([self.office], self.report, self.clock.now, 812, now)

    def _shown(self, officer: Officer, spot: Spot) -> Spot:
        return spot if officer.role == "supervisor" else replace(spot, acts=())

    def _seen(self, officer: Officer, spot: str) -> Spot:
        if spot not in self.spots or officer.office.id != self.office.id:
            raise Refused("not_found", 404)
        return self.spots[spot]

    async def spot(self, officer: Officer, spot: str) -> SpotPage:
        state = self._seen(officer, spot)
        found = self.report.spots if self.report else ()
        one = next((each for each in found if each.id == spot), None)
        record = SpotRecord("c0", "东高一投〔2026〕0917号", "婚恋积分退款", "registered", "一所", DAY)
        history = self.told[spot] if officer.role == "supervisor" else []
        return SpotPage(spot, self._shown(officer, state), one, DAY, [record], history)

    async def at_hand(self, officer: Officer, spot: str) -> SpotAtHand:
        seen = await self.spot(officer, spot)
        if officer.role != "supervisor" or seen.figures is None:
            raise Refused("not_found", 404)
        found = seen.spot.found
        return SpotAtHand(spot, found.kind, found.key, seen.figures, DAY, {}, [one.id for one in seen.records])

    async def ask(self, officer: Officer, spot: str, command: SpotCommand) -> None:
        state = self._seen(officer, spot)
        with refusal_of():
            events: Sequence[object] = decide(command, state, officer.actor)
        for event in events:
            state = evolve(state, event, self.clock.now, officer.name)  # type: ignore[arg-type]
            told = self.told[spot]
            told.append(
                Event(
                    f"hotspot/{spot}", len(told) + 2, type(event).__name__, plain(event), self.clock.now,
                    officer.actor, "", "", "",
                )
            )  # fmt: skip
        self.spots[spot] = state
