"""A room through a long session: what an event costs at its beginning, in its middle and at its end.

Eight people in one room over a real journal; everything every seat is sent is encoded as it goes over the wire and
counted. Each tenth of the session holds the same kinds of events, so that only what came before can make it dearer.
Media is left out: an engine that carries nothing takes its routes. And what an event and a way in cost the web process
of the real program (`costs`).
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import fmean, median
from typing import Any

from journal import SYSTEM, Actor
from journal.clock import HandClock
from media import engine as m
from rooms import commands as c
from rooms.agreement.state import CLAUSE
from rooms.events import Original, Picture
from rooms.live import Subscription
from rooms.live.registry import Rooms
from rooms.session import Session
from rooms.view.seat_view import MOST_BYTES, RoomContext
from rooms.vocabulary import (
    Capacity,
    Consent,
    ExhibitKind,
    MarkShape,
    Performance,
    Phase,
    Role,
    Seat,
    Side,
    Term,
)
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from signaling.namespace import event_text
from tests.tools.bench.clients.costs import measure_costs
from tests.tools.figures import Figures

EVENTS, EVENTS_QUICK = 2_000, 200
EVERY = timedelta(seconds=4)  # between two things that are done
TENTHS = {"first": 0, "middle": 5, "last": 9}
ROOM, OFFICE = "bench", "o-bench"
START = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
MEDIATOR = Actor("officer", "u-bench", "林岚", "mediator", OFFICE)
SEATS = (
    Seat("s-mediator", Role.MEDIATOR, "林岚"),
    Seat("s-consumer", Role.CONSUMER, "丁小禾", Side.CONSUMER, city="黄冈"),
    Seat("s-business", Role.BUSINESS, "周经理", Side.BUSINESS, "武汉知遇桥信息科技有限公司", "武汉"),
    Seat("s-lawyer", Role.LAWYER, "吴青", Side.CONSUMER, "湖北楚风律师事务所", "武汉"),
    Seat("s-counsel", Role.LAWYER, "郑安", Side.BUSINESS, "湖北江城律师事务所", "武汉"),
    Seat("s-second", Role.REPRESENTATIVE, "何店长", Side.BUSINESS, "武汉知遇桥信息科技有限公司", "武汉"),
    Seat("s-interpreter", Role.INTERPRETER, "手语翻译"),
    Seat("s-observer", Role.OBSERVER, "见习调解员"),
)
CONSUMER, BUSINESS = "s-consumer", "s-business"
TALKERS = tuple(seat.id for seat in SEATS[1:7])
SAYING = "我在四月三日付了两千三百六十元，只用过一次，对方说过七天之内可以退，聊天记录还在。"

Asked = tuple[c.Command, Actor]


class Silent(m.MediaEngine):
    """Carries nothing."""

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def admit(self, room: str, participant: str) -> m.Admission:
        return m.Negotiated()

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, m.Source]) -> str:
        return ""

    async def answer(self, room: str, participant: str, sdp: str) -> None:
        return

    async def restart(self, room: str, participant: str) -> None:
        return

    async def pin(self, room: str, participant: str, pinned: str) -> None:
        return

    async def remove(self, room: str, participant: str) -> None:
        return

    async def close_room(self, room: str) -> None:
        return

    async def route(self, room: str, matrix: m.RouteMatrix) -> None:
        return

    async def events(self) -> AsyncIterator[m.MediaEvent]:
        await asyncio.Event().wait()
        yield m.RoomClosed(ROOM)


class Ears:
    """Everybody's connection: takes what its seat is sent and encodes it."""

    def __init__(self) -> None:
        self.bytes = 0
        self.largest: dict[str, int] = {}
        self._listeners: list[Subscription] = []

    def add(self, listener: Subscription) -> None:
        self._listeners.append(listener)

    async def take(self) -> None:
        for listener in self._listeners:
            while listener.unsent:
                name, body = await anext(listener)
                sent = len(event_text(name, body).encode())
                self.bytes += sent
                self.largest[name] = max(self.largest.get(name, 0), sent)


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        figures.on_disk(Path(folder))
        asyncio.run(_measure(figures, Path(folder), EVENTS_QUICK if quick else EVENTS))
    figures.at_most("cpu_last_to_first_ratio", 1.2)
    figures.at_most("bytes_last_to_first_ratio", 1.1)
    figures.at_most("largest_view_kb", MOST_BYTES / 1024)
    figures.at_most("largest_message_kb", MOST_BYTES / 1024)
    measure_costs(figures, quick)
    return figures.json()


async def _measure(figures: Figures, folder: Path, events: int) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder / 'yuntiao.db'}")
    await database.migrate()
    clock, ears = HandClock(START), Ears()
    rooms = Rooms(SqlJournal(database, projectors()), Silent(), clock, _no_context)
    await rooms.start()
    try:
        await _gather(rooms, ears)
        cpu: list[list[float]] = [[] for _ in range(10)]
        sent: list[list[int]] = [[] for _ in range(10)]
        begun = (await rooms.state(ROOM)).version
        happened = 0
        for command, actor in _sitting():
            clock.move(EVERY)
            before, bytes_before = time.process_time(), ears.bytes
            happened += len(await rooms.submit(ROOM, command, actor))
            await ears.take()
            tenth = min(9, happened * 10 // events)
            cpu[tenth].append(time.process_time() - before)
            sent[tenth].append(ears.bytes - bytes_before)
            if happened >= events:
                break
        figures.values["events"] = (await rooms.state(ROOM)).version - begun
    finally:
        await rooms.stop()
        await database.close()
    for name, tenth in TENTHS.items():
        figures.values[f"{name}_tenth_cpu_ms"] = round(median(cpu[tenth]) * 1000, 3)
        figures.values[f"{name}_tenth_kb"] = round(fmean(sent[tenth]) / 1024, 2)
    for what in ("cpu_ms", "kb"):
        first, last = (figures.values[f"{name}_tenth_{what}"] for name in ("first", "last"))
        figures.values[f"{'cpu' if what == 'cpu_ms' else 'bytes'}_last_to_first_ratio"] = round(last / first, 3)
    figures.values["largest_view_kb"] = round(ears.largest["view"] / 1024, 2)
    figures.values["largest_message_kb"] = round(max(ears.largest.values()) / 1024, 2)


async def _no_context(_session: Session) -> RoomContext:
    return RoomContext("东湖高新区市场监管一所", "027-6000", {"request": "退还剩余积分款", "facts": SAYING * 10})


async def _gather(rooms: Rooms, ears: Ears) -> None:
    """Everybody is in the room and listens."""
    scheduled = c.Schedule("k", "东高一投〔2026〕7号", OFFICE, 1, "积分退款", START, SEATS, MEDIATOR.id, "121")
    await rooms.submit(ROOM, scheduled, MEDIATOR)
    ears.add(await rooms.attach(ROOM, SEATS[0].id))
    await rooms.submit(ROOM, c.Arrive(), MEDIATOR)
    for seat in SEATS[1:]:
        guest = _guest(seat.id)
        await rooms.submit(ROOM, c.ConfirmIdentity("code"), guest)
        for kind in Consent:
            await rooms.submit(ROOM, c.AnswerConsent(kind, True, "v1"), guest)
        ears.add(await rooms.attach(ROOM, seat.id))
        await rooms.submit(ROOM, c.Arrive(), guest)
        await rooms.submit(ROOM, c.Admit(seat.id), MEDIATOR)
        await ears.take()
    await rooms.submit(ROOM, c.RecordAuthority(BUSINESS, Capacity.HEAD), MEDIATOR)
    await rooms.submit(ROOM, c.LetShow(CONSUMER), MEDIATOR)


def _guest(seat: str) -> Actor:
    return Actor("party", seat, seat)


def _sitting() -> Iterator[Asked]:
    """What is done in a mediation, round after round: each speaks, writes, mutes, raises a hand; a page is shown and
    marked, a clause edited and answered, now and then a private talk."""
    for n in itertools.count():
        seat = TALKERS[n % len(TALKERS)]
        guest = _guest(seat)
        yield from _words(n, seat, guest)
        yield from _papers(n)
        yield _clause(n + 1), MEDIATOR
        for side in (CONSUMER, BUSINESS):
            yield c.AnswerClause(f"{CLAUSE}1", n + 1, True), _guest(side)
        if n % 2:
            yield c.StartCaucus(tuple(Side)[n // 2 % 2]), MEDIATOR
            yield c.Say("底线是多少？", "", (n + 1) // 2), MEDIATOR
            yield c.EndCaucus(), MEDIATOR
        else:
            yield c.StartRecess(), MEDIATOR
            yield c.EndRecess(), MEDIATOR
        yield c.EnterPhase(tuple(Phase)[(n + 1) % len(Phase)]), MEDIATOR


def _words(n: int, seat: str, guest: Actor) -> Iterator[Asked]:
    yield c.NoteSpeaking(seat, True), SYSTEM
    yield c.NoteSpeaking(seat, False), SYSTEM
    for sentence in range(4):
        yield c.Say(f"{n} {sentence} {SAYING}"), guest
    yield c.Say(f"{n} {SAYING}", seat), MEDIATOR
    yield c.SetHand(True), guest
    yield c.SetHand(False), guest
    yield c.Mute(seat), MEDIATOR
    yield c.Unmute(), guest


def _papers(n: int) -> Iterator[Asked]:
    exhibit = f"x-{n}"
    if n < 20:
        folder = f"{ROOM}/exhibits/{exhibit}"
        original = Original(f"{folder}/original", "jpeg", "a" * 64, 1000, "b" * 64, 1100)
        pages = tuple(Picture(f"{folder}/{page}", 1080, 2400, "c" * 64, 500) for page in range(3))
        yield c.OfferExhibit(exhibit, f"聊天记录{n}", ExhibitKind.DOCUMENT, (original,), pages), _guest(CONSUMER)
        yield c.DisputeExhibit(exhibit, "截图不全，前面还有两句。"), _guest(BUSINESS)
    else:
        exhibit = f"x-{n % 20}"
        yield c.TakeBackAnswer(exhibit), _guest(BUSINESS)
        yield c.DisputeExhibit(exhibit, f"还是不全，第{n}次说了。"), _guest(BUSINESS)
    yield c.ShowExhibit(exhibit), _guest(CONSUMER)
    yield c.MarkExhibit(MarkShape.BOX, ((100, 100), (900, 900))), _guest(CONSUMER)
    yield c.TurnPage(2), _guest(CONSUMER)
    yield c.PutAwayExhibit(), _guest(CONSUMER)


def _clause(edition: int) -> c.PutClause:
    term = Term(Side.BUSINESS, "退还积分款", Decimal(2000 + edition), None, "原路退回", Performance.ON_THE_SPOT)
    return c.PutClause(f"{CLAUSE}1" if edition > 1 else "", edition - 1, term=term)
