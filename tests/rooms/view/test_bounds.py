"""Whatever happens in a session, no message to any seat is larger than the wire's bound.

One session in which every seat is taken, every text is as long as its limit and made of the signs that take the most
bytes, and every list is full; everything that is sent to anybody is measured.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from journal import SYSTEM, Actor, Event
from rooms import MOST_LINE, MOST_NAME, MOST_TEXT, commands as c, events as e
from rooms.agreement.outcome import MOST_TERMS
from rooms.agreement.rules import MOST_CLAUSES, MOST_FACTS, MOST_HEADING, MOST_WORDS
from rooms.caucus.rules import MOST_SLIPS
from rooms.events import json_size
from rooms.exhibits.rules import GRAIN, MOST_EXHIBITS, MOST_MARKS, MOST_PAGES, MOST_POINTS, MOST_TITLE
from rooms.live import Subscription
from rooms.live.registry import Rooms
from rooms.session import Session
from rooms.view import LineView
from rooms.view.seat_view import MOST_BYTES, RoomContext
from rooms.vocabulary import (
    Capacity,
    ExhibitKind,
    FloorChannel,
    GapRule,
    MarkShape,
    Opening,
    Outcome,
    OutcomeKind,
    Performance,
    Phase,
    Purpose,
    Role,
    Seat,
    Side,
    Term,
)
from server.app.rehearsal.person import WholeView
from tests.rooms.exhibits.samples import offering
from tests.rooms.house import House, X
from tests.rooms.scene import BU, CO, MEDIATOR, START, M, party

LAW_C, LAW_B, REP, INT, OBS = "s-lc", "s-lb", "s-r", "s-i", "s-o"
WIDE = "𠮷"  # four bytes in UTF-8
HARSH = "\u0001"  # six in JSON


def wide(most: int) -> str:
    return WIDE * most


def harsh(most: int) -> str:
    return f"头{HARSH * (most - 2)}尾"


SEATS = (
    Seat(M, Role.MEDIATOR, harsh(MOST_NAME)),
    Seat(CO, Role.CONSUMER, wide(MOST_NAME), Side.CONSUMER, city=wide(300)),
    Seat(BU, Role.BUSINESS, wide(MOST_NAME), Side.BUSINESS, wide(500), wide(300)),
    Seat(LAW_C, Role.LAWYER, harsh(MOST_NAME), Side.CONSUMER, wide(500), wide(300)),
    Seat(LAW_B, Role.LAWYER, wide(MOST_NAME), Side.BUSINESS, wide(500), wide(300)),
    Seat(REP, Role.REPRESENTATIVE, wide(MOST_NAME), Side.BUSINESS, wide(500), wide(300)),
    Seat(INT, Role.INTERPRETER, wide(MOST_NAME), None, wide(500), wide(300)),
)
OVERSEER = Actor("officer", "u3", wide(MOST_NAME), "supervisor", "o1")
CASE = {
    "request": wide(4_000),
    "facts": harsh(20_000),
    "attachments": [{"id": f"{n:032x}", "name": wide(120), "kind": "jpeg", "about": "evidence"} for n in range(40)],
    "amount": "1.00",
    "consumer": {"name": wide(60), "detail": wide(8_000)},
    "business": {"name": wide(60), "detail": wide(8_000)},
}


class Measured(House):
    """A house in which everything that anybody is sent is measured and put together again."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms = Rooms(self.journal, self.engine, self.clock, self._case, articles=self._leaf, cases=self._typical)
        self.listeners: dict[str, Subscription] = {}
        self.largest: dict[str, int] = defaultdict(int)
        self.wholes: dict[str, WholeView] = {}
        self.views: dict[str, dict[str, Any]] = {}  # the newest message of each

    async def _case(self, _session: object) -> RoomContext:
        return RoomContext(wide(300), wide(300), CASE)

    async def _leaf(self, _session: Session, article: str) -> e.Leaf:
        named = {"zh": wide(200), "en": wide(200)}
        return e.Leaf(article, named, {"zh": wide(2_000), "en": wide(2_000)}, harsh(30_000), edition=named)

    async def _typical(self, _session: Session, case: str) -> e.TypicalLeaf:
        named = {"zh": wide(200), "en": wide(200)}
        return e.TypicalLeaf(case, wide(60), named, harsh(20_000), harsh(20_000), [named] * 20)

    async def ask(self, command: c.Command, actor: Actor = MEDIATOR) -> Sequence[Event]:
        done = await super().ask(command, actor)
        await self.read()
        return done

    async def attach(self, seat: str) -> None:
        self.wholes[seat] = WholeView()
        self.listeners[seat] = await self.rooms.attach(X, seat)
        await self.read()

    async def read(self) -> None:
        for seat, listener in self.listeners.items():
            while listener.unsent:
                name, text = await anext(listener)
                self.largest[name] = max(self.largest[name], json_size(text))
                body = json.loads(text)
                assert json_size(text) <= MOST_BYTES, f"{name} to {seat}: {json_size(text)} bytes"
                if name == "part":
                    self.wholes[seat].part(body)
                elif name == "line":
                    self.wholes[seat].line(body)
                elif name == "view":
                    self.views[seat] = body

    def seen(self, seat: str) -> dict[str, Any]:
        return self.wholes[seat].view(self.views[seat])

    async def seated(self, seat: str) -> None:
        await self.ask(c.IssueLink(seat, f"link-{seat}", self.clock.now() + timedelta(days=1)))
        await self.ask(c.OpenLink(f"link-{seat}"), party(seat))
        await self.prepare(seat)
        if seat in (CO, BU):  # the others begin to listen when there is most to be told
            await self.attach(seat)
        await self.ask(c.Arrive(), party(seat))
        await self.ask(c.Admit(seat))


@pytest.fixture
async def full() -> AsyncIterator[Measured]:
    """Opened, with seven seats taken and a supervisor looking on, the third who comes."""
    at = Measured()
    await at.rooms.start()
    try:
        await at.ask(c.Schedule("k1", wide(60), "o1", 1, wide(MOST_LINE), START, SEATS, "u1", "121"))
        await at.attach(M)
        await at.ask(c.Arrive())
        for guest in SEATS[1:]:
            await at.seated(guest.id)
        for n in range(40):
            watching = Actor("officer", f"w{n}", wide(MOST_NAME), "supervisor", "o1")
            seat = f"s-w{n}"
            await at.ask(c.Observe(seat, watching.id, watching.name, wide(60), wide(MOST_LINE)), watching)
            if n < 39:
                await at.ask(c.Leave(), Actor("officer", watching.id, watching.name, "supervisor", "o1"))
            else:
                await at.attach(seat)
        yield at
    finally:
        await at.rooms.stop()


def term() -> Term:
    return Term(Side.BUSINESS, wide(MOST_LINE), Decimal("4999999.99"), None, wide(MOST_LINE), Performance.ON_THE_SPOT)


def outcome() -> Outcome:
    return Outcome(OutcomeKind.SETTLED, (term(),) * MOST_TERMS, note=harsh(MOST_TEXT))


async def exhibits(at: Measured) -> None:
    for n in range(MOST_EXHIBITS):
        offer = offering(f"{n:032x}", wide(MOST_TITLE), MOST_PAGES, kind=ExhibitKind.DOCUMENT)
        await at.ask(offer, party(CO))
        await at.ask(c.DisputeExhibit(offer.exhibit, wide(MOST_LINE)), party(BU))
    await at.ask(c.LetShow(CO))
    await at.ask(c.ShowExhibit(f"{0:032x}"), party(CO))
    line = tuple((GRAIN - n, GRAIN - n) for n in range(MOST_POINTS))
    for _ in range(MOST_MARKS):
        await at.ask(c.MarkExhibit(MarkShape.PEN, line), party(CO))
    await at.ask(c.TurnPage(2))
    await at.ask(c.TurnPage(1))
    await at.ask(c.AskExhibit(BU, Purpose.PERFORMANCE))


async def agreement(at: Measured) -> None:
    for seat in (BU, LAW_C, LAW_B, REP):
        await at.ask(c.RecordAuthority(seat, Capacity.AGENT, True, wide(MOST_LINE)))
    for n in range(MOST_CLAUSES):
        promise = term() if n < MOST_TERMS else None
        texts = (wide(MOST_WORDS),) * 3
        words = ("", "", "") if promise is not None else texts
        await at.ask(c.PutClause("", 0, *words, wide(MOST_HEADING), promise))
        await at.ask(c.AskConfirmation(f"c{n + 1}"))
        for seat in (CO, BU):
            await at.ask(c.AnswerClause(f"c{n + 1}", 1, False, wide(MOST_LINE), n % 2 == 0), party(seat))
            await at.ask(c.QueryClause(f"c{n + 1}"), party(seat))
        if promise is None:
            await at.ask(c.PutClause(f"c{n + 1}", 1, "改" * MOST_WORDS, *texts[1:], wide(MOST_HEADING), None))
    for n in range(MOST_FACTS):
        await at.ask(c.PutFact("", 0, wide(MOST_LINE)))
        await at.ask(c.AnswerFact(f"f{n + 1}", 1, n % 2 == 0), party(CO))
        await at.ask(c.PutFact(f"f{n + 1}", 1, "改" * MOST_LINE))
    for side in Side:
        await at.ask(c.PutClaim(side, wide(MOST_WORDS)))
    await at.ask(c.MoveClause("c1", MOST_CLAUSES))
    for n in range(30):  # one goes, another comes
        last = MOST_CLAUSES + n
        await at.ask(c.RemoveClause(f"c{last}", 2 if n == 0 else 1))
        await at.ask(c.PutClause("", 0, wide(MOST_WORDS), "", "", "", None))


async def private(at: Measured) -> None:
    await at.ask(c.StartCaucus(Side.CONSUMER, (INT,)))
    for n in range(MOST_SLIPS):
        await at.ask(c.WriteSlip(harsh(MOST_LINE), Decimal("99999999.99"), True), party((CO, LAW_C)[n % 2]))
    await at.ask(c.Say(harsh(MOST_TEXT), caucus=1), party(CO))
    await at.ask(c.Say(harsh(MOST_TEXT), M), party(BU))
    await at.ask(c.EndCaucus())
    await at.ask(c.OpenGap(GapRule.MIDPOINT))
    for seat in (CO, BU):
        await at.ask(c.AgreeGap(1), party(seat))
    for n in range(MOST_SLIPS):
        await at.ask(c.ShowSlip(n + 1))
    await at.ask(c.StartConsulting(LAW_C), party(CO))


async def floor(at: Measured) -> None:
    for seat in [seat.id for seat in SEATS[1:]]:
        for command in (c.SetHand(True), c.SetCamera(True), c.Mute(seat)):
            await at.ask(command, party(seat))
        await at.ask(c.AskUnmute(seat))
        await at.ask(c.Unmute(), party(seat))
        await at.ask(c.NoteSpeaking(seat, True), SYSTEM)
        for way in ("from", "to"):
            await at.ask(c.NotePictures(seat, way, True), SYSTEM)
        await at.ask(c.NoteRecording(e.RecordingStarted(seat)), SYSTEM)
    for seat in (CO, BU, REP):
        await at.ask(c.Assist(wide(MOST_NAME), "family", True, seat))
    await at.ask(c.ChooseChannel(FloorChannel.INTERPRETER), party(CO))
    for phase in Phase:
        await at.ask(c.EnterPhase(phase))
    for item in Opening:
        await at.ask(c.CoverOpening(item))
    await at.ask(c.SetScreen(True))


async def test_no_message_to_any_seat_is_larger_than_the_bound_whatever_happened(full: Measured) -> None:
    at = full
    await floor(at)
    await agreement(at)
    await at.ask(c.ShowLaw("xbf-24"))
    await at.ask(c.ShowTypical("t-1"))
    await private(at)
    await exhibits(at)
    for _ in range(45):
        at.clock.move(timedelta(minutes=1))
        for seat in (CO, BU):
            await at.ask(c.Say(harsh(MOST_TEXT)), party(seat))
    # Whoever comes back is sent everything there is, and it is what the others hold.
    moving = dict.fromkeys(("clock", "chat", "seats"))
    before = {seat: at.seen(seat) | moving for seat in at.listeners}
    for seat in before:
        await at.attach(seat)
        assert at.seen(seat) | moving == before[seat], seat
    for guest in SEATS[3:]:
        await at.attach(guest.id)
    assert len(at.seen(M)["case"]["facts"]) == 20_000
    assert at.seen(CO)["law"]["official"] == harsh(30_000)
    assert len(at.seen(CO)["draft"]["clauses"]) == MOST_CLAUSES
    assert len(at.seen(CO)["exhibits"]["shown"]["marks"]) == MOST_MARKS
    assert len(at.seen(BU)["slips"]) == MOST_SLIPS
    assert len(at.seen(CO)["seats"]) == 8, "seven, and who looks on now; the thirty-nine who did are gone"
    assert set(at.largest) >= {"view", "part", "line"}


async def test_no_result_is_larger_than_the_bound_for_those_inside_nor_for_those_who_left(full: Measured) -> None:
    at = full
    await floor(at)
    await exhibits(at)
    await at.ask(c.ProposeOutcome(outcome()))
    await at.ask(c.SeeOutcome(), party(CO))
    await at.ask(c.Remove(REP, harsh(MOST_LINE)))
    await at.ask(c.Close(harsh(MOST_LINE)))
    assert len(at.seen(CO)["closed"]["terms"]) == MOST_TERMS
    for n in range(30):
        await at.ask(c.Correct(f"{n}{harsh(MOST_TEXT - 4)}"))
    await at.attach(CO)
    await at.attach(REP)
    assert [one["text"][:2] for one in at.seen(CO)["corrections"]] == [str(n) for n in range(10, 30)]
    assert "chat" not in at.seen(REP)


async def test_pages_of_the_chat_are_within_the_bound_and_leave_nothing_out(full: Measured) -> None:
    at = full
    for n in range(60):
        at.clock.move(timedelta(minutes=1))
        await at.ask(c.Say(f"{n}{harsh(1500)}" if n % 3 else f"{n}短"), party(CO))
    for forwards in (True, False):
        found: list[LineView] = []
        while page := (
            await at.rooms.read_lines(X, BU, after=found[-1]["n"] if found else 0)
            if forwards
            else await at.rooms.read_lines(X, BU, before=found[0]["n"] if found else None)
        ):
            assert json_size(json.dumps({"ok": {"lines": page}}, ensure_ascii=False)) <= MOST_BYTES
            found = [*found, *page] if forwards else [*page, *found]
        assert [line["n"] for line in found] == list(range(1, 61))
