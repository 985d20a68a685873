"""Two years of the demo office: what came in and what became of it, and a desk of today. All of it is invented.

Here is the order in which they are made, once, and how far it has come: `past` is what came in as an earlier system's
history, `recent` the last weeks as they were handled here, `shelf` what supervisors and the casebook have of it.
Everything has an id of its own that is the same each time, so that a program that was killed meanwhile goes on with
what is missing. `<data>/demo-years.json` says for which day and how many, and when all is there.

And a desk of today: appointments of several mediators, one of them in ten minutes, and what parties ask of them. It is
looked at anew at every start. What was arranged for a day that is over, and did not take place, is moved to today's
hours as an officer would move it: links stay good. What took place is followed by another one.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from complaints.commands import Accept
from complaints.complaint import fold, local_day
from complaints.sample import Sample, samples
from complaints.state import Complaint, stream
from journal import Actor
from journal.clock import utc_now
from journal.refusals import Refused
from offices import Officer
from recordings.files import sync_folder
from rooms import commands as r
from rooms.events import stream as session_stream
from rooms.session import Session
from rooms.supervision import begins, monday, week_of
from rooms.vocabulary import Consent, Status
from server.app import demo
from server.app.parts import PARTS, Parts
from server.app.topics import appointment_service
from server.app.two_years import past
from server.app.two_years.past import SEED
from server.app.two_years.recent import ComplaintStory, RecentWeeks, SessionStory, invented_id, schedule_both
from server.app.two_years.shelf import Shelf
from server.evidence import log_keeper
from server.evidence.log_keeper import CheckpointKeeper, KnownKeys
from server.evidence.log_store import LogStore
from server.identity import installation_seal
from server.imports.batches import Batches
from server.imports.encoding import seldom_collected
from server.imports.importing import EncoderPool
from server.imports.store import IntakeStore
from server.rooms.appointments import AppointmentService

MEDIATORS: Final = (demo.MEDIATOR, *(login for login, _, role in demo.STAFF if role == "mediator"))
MARK: Final = "demo-years.json"
FURNISHING: web.AppKey[asyncio.Task[None]] = web.AppKey("furnishing", asyncio.Task)
"""What makes the rest beside the pages; done when nothing is missing."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """`day`: the last of the two years. `done`: nothing of them is missing."""

    complaints: int
    day: date
    done: bool = False
    steps: tuple[str, ...] = ()  # of `shelf` that are done

    @classmethod
    def read(cls, data: Path) -> Progress | None:
        try:
            told = json.loads((data / MARK).read_text())
        except FileNotFoundError:
            return None
        return cls(told["complaints"], date.fromisoformat(told["day"]), told["done"], tuple(told["steps"]))

    def write(self, data: Path) -> None:
        told = {
            "complaints": self.complaints,
            "day": self.day.isoformat(),
            "done": self.done,
            "steps": self.steps,
        }
        part = data / f"{MARK}.part"
        with part.open("w") as file:
            file.write(json.dumps(told))
            file.flush()
            os.fsync(file.fileno())
        part.replace(data / MARK)
        sync_folder(data)


async def fill(parts: Parts, complaints: int, password: str) -> None:
    """Before anything is served: people and complaints of the demo office, as far as they are missing."""
    await demo.add_people(parts.store, parts.officers, demo.STAFF, password)
    data = parts.settings.data
    progress = Progress.read(data)
    if progress is None:
        progress = Progress(complaints, local_day(utc_now(), demo.OFFICE.zone))
        progress.write(data)
    if progress.done:
        return
    log.info("演示单位：正在准备两年的虚构投诉 / making two years of invented complaints", complaints=complaints)
    with seldom_collected():
        before, here = everything(progress)
        await _import(parts, progress, past.register(before, progress.day))
        log.info("原系统的投诉已导入 / the earlier register is imported", complaints=len(before))
        await (await weeks_of(parts)).tell(here)
        log.info("近几周的投诉已办理 / the last weeks are told", complaints=len(here))
        await _signed_before_this_week(parts)
    replace(progress, done=True).write(data)


def everything(progress: Progress) -> tuple[list[Sample], list[Sample]]:
    before, here = past.everything(progress.complaints, progress.day)
    return before, sorted([*here, *past.gym(progress.day)], key=lambda one: one.received)


async def furnishing(app: web.Application) -> AsyncIterator[None]:
    """Beside the pages, once the program runs: today's desk at every start, and what is missing of the rest."""
    app[FURNISHING] = asyncio.create_task(_furnish(app))
    yield
    app[FURNISHING].cancel()
    await asyncio.gather(app[FURNISHING], return_exceptions=True)


async def _furnish(app: web.Application) -> None:
    parts = app[PARTS]
    progress = Progress.read(parts.settings.data)
    assert progress is not None
    made = await _made("today", _today(parts, progress))
    logins = (demo.ADMINISTRATOR, demo.SUPERVISOR, *MEDIATORS, *(login for login, _, _ in demo.STAFF))
    people = {login: await officer_of(parts, login) for login in dict.fromkeys(logins)}
    if set(Shelf(app, people, (), progress.day).steps()) <= set(progress.steps):
        return
    _, here = await asyncio.to_thread(everything, progress)
    shelf = Shelf(app, people, [invented_id(one.number) for one in here], progress.day)
    for name, step in shelf.steps().items():
        if name in progress.steps:
            continue
        if await _made(name, step()):
            progress = replace(progress, steps=(*progress.steps, name))
            progress.write(parts.settings.data)
        else:
            made = False
    if made:
        log.info("演示单位已准备好 / the demo office is complete")


async def _today(parts: Parts, progress: Progress) -> None:
    weeks, some = await weeks_of(parts), await mediators(parts)
    await Today(parts, weeks, appointment_service(parts), some, utc_now()).plan(progress.day)


async def _made(name: str, step: Awaitable[None]) -> bool:
    """The demo does without a part that fails; it is tried again at the next start."""
    try:
        await step
    except Exception:
        log.exception("a part of the demo office could not be made", part=name)
        return False
    return True


async def _signed_before_this_week(parts: Parts) -> None:
    """The log as it stood before Monday, from which this week's plan of reviews is drawn."""
    first = monday(week_of(local_day(utc_now(), demo.OFFICE.zone)))
    assert first is not None
    at = begins(first, demo.OFFICE.zone) - timedelta(minutes=1)
    data = parts.settings.data
    keys, signer = KnownKeys(parts.journal, lambda: at), partial(log_keeper.configured_signer, data)
    await CheckpointKeeper(LogStore(parts.database), keys, signer, data, timedelta(hours=1), lambda: at).make()


async def _import(parts: Parts, progress: Progress, content: bytes) -> None:
    settings, office = parts.settings, demo.OFFICE
    pool = EncoderPool(1, partial(installation_seal, settings.data))
    batches = Batches(
        parts.complaints, parts.journal, IntakeStore(parts.database), parts.seal, settings.data, utc_now, pool,
        settings.reserve(),
    )  # fmt: skip
    id_ = invented_id(f"past/{progress.day}/{progress.complaints}")
    batch = await batches.store.batch(id_)
    if batch is None:
        actor = (await officer_of(parts, demo.MEDIATOR)).actor
        mapping = await batches.mapping(office.id, "hotline")
        batch = await batches.begin(office, actor, mapping, content, past.NAME, id=id_)
    if batch.state in ("queued", "running"):
        await batches.run(batch, office, again=True)


async def officer_of(parts: Parts, login: str) -> Officer:
    user = await parts.store.user_by_login(login)
    if user is None:
        raise demo.NotADemo
    return Officer(user.id, user.login, user.name, user.role, demo.OFFICE, totp=False)


async def mediators(parts: Parts) -> list[Officer]:
    return [await officer_of(parts, login) for login in MEDIATORS]


async def weeks_of(parts: Parts) -> RecentWeeks:
    some = await mediators(parts)
    return RecentWeeks(parts.journal, parts.complaints, some, parts.site.consent_version, utc_now())


HOURS: Final = ((9, 11, 15), (10, 14, 16), (9, 14, 16), (10, 15, 17))  # of each mediator in turn, today
LATER: Final = ((14, 0), (11, 1), (16, 2), (10, 3))  # hour, and which mediator, of each of the next working days
SOON: Final = timedelta(minutes=10)
SPACE: Final = timedelta(minutes=40)  # between the one in ten minutes and the next
WISHES: Final = (
    (1, "consumer", "下午要接孩子放学，能不能改到明天上午？"),
    (4, "business", "经办人在外地，后天以后都可以。"),
)
NEW_ONES: Final = 9  # received on a later day on which the demo is started


@dataclass(frozen=True, slots=True)
class Slot:
    """`key` stays the same from day to day."""

    key: str
    mediator: Officer
    starts: datetime


class Today:
    def __init__(
        self,
        parts: Parts,
        weeks: RecentWeeks,
        appointments: AppointmentService,
        mediators: Sequence[Officer],
        now: datetime,
    ) -> None:
        self._parts, self._weeks, self._appointments = parts, weeks, appointments
        self._mediators, self._now = mediators, now
        self._zone = ZoneInfo(mediators[0].office.zone)
        self._day = now.astimezone(self._zone).date()

    async def plan(self, last: date) -> None:
        """`last`: the day the two years end with; of a later one some complaints have come in."""
        if self._day > last:
            seed = SEED + self._day.toordinal()
            new = [one for one in samples(730 * NEW_ONES, seed, self._day) if one.received.date() == self._day]
            await self._weeks.tell(new)
        for number, slot in enumerate(self._slots()):
            session = await self._booked(number, slot)
            for which, seat, wish in WISHES:
                if which == number:
                    await self._known(session, seat)
                    await self._ask(session, seat, r.AskOtherTime(wish))
            if slot.key == "soon":
                await self._ready(session)

    def _slots(self) -> Iterator[Slot]:
        """The one in ten minutes first; then today's, those of a mediator together; then the next working days'."""
        first = self._mediators[0]
        soon = self._now.replace(second=0, microsecond=0) + SOON
        yield Slot("soon", first, soon)
        for n, hours in enumerate(HOURS):
            for hour in hours:
                yield Slot(f"{n}/{hour}", self._mediators[n], self._at(self._day, hour))
        day = self._day
        for hour, n in LATER:
            day = self._working(day + timedelta(days=1))
            yield Slot(f"later/{n}", self._mediators[n], self._at(day, hour))

    def _at(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), self._zone)

    def _working(self, day: date) -> date:
        while day.weekday() >= 5:
            day += timedelta(days=1)
        return day

    def _free(self, slot: Slot) -> datetime:
        """When it can begin: later where the hour is over, or the one in ten minutes is too near."""
        starts, soon = slot.starts, self._now + SOON
        while (
            slot.key != "soon"
            and starts < soon + SPACE
            and (starts < self._now + SPACE or slot.mediator is self._mediators[0])
        ):
            day = self._working(starts.astimezone(self._zone).date() + timedelta(days=1))
            starts = self._at(day, slot.starts.astimezone(self._zone).hour)
        return starts

    async def _booked(self, number: int, slot: Slot) -> Session:
        """The newest of this slot that has not been held."""
        turn = 0
        while True:
            complaint = invented_id(f"appointment/{slot.key}/{turn}")
            session = invented_id(f"{complaint}/1")
            known = fold(await self._parts.journal.read(stream(complaint)))
            if known is None or not await self._parts.journal.read(session_stream(session)):
                await self._arrange(number, turn, slot, complaint, session, known)
            state = await self._parts.rooms.state(session)
            soon = slot.key == "soon"
            past = state.starts < self._now if soon else state.starts.astimezone(self._zone).date() < self._day
            if state.over and (soon or past):
                turn += 1
                continue
            if state.status is Status.SCHEDULED and past:
                await self._appointments.reschedule(slot.mediator, session, self._free(slot))
            await self._parts.links.issue_first(slot.mediator, session)
            return await self._parts.rooms.state(session)

    async def _arrange(
        self, number: int, turn: int, slot: Slot, complaint: str, session: str, known: Complaint | None
    ) -> None:
        """Received days ago, accepted, and both invited yesterday. `known`: the program died after that was noted."""
        one = self._told(number, turn)
        starts = known.appointments[session].starts if known is not None else self._free(slot)
        written = known.record.number if known is not None else next(await self._weeks.numbers([one]))
        received = one.received.replace(tzinfo=self._zone)
        story = self._weeks.registered(one, complaint, written, slot.mediator, received, reached=True)
        decided = datetime.combine(self._day - timedelta(days=3), time(10, 5 + number), self._zone)
        story.ask(Accept(), slot.mediator.actor, decided)
        self._weeks.note_told(story, "acceptance", ("consumer",), slot.mediator, decided + timedelta(minutes=9))
        arranged = datetime.combine(self._day - timedelta(days=1), time(15, 10 + number), self._zone)
        held = SessionStory(session, None, [])
        schedule_both(story, held, slot.mediator, arranged, starts)
        await self._append(story, held)

    async def _append(self, story: ComplaintStory, held: SessionStory) -> None:
        await self._weeks.append({stream(story.id): story.drafts})
        await self._weeks.append({session_stream(held.id): held.drafts})

    def _told(self, number: int, turn: int) -> Sample:
        """What it is about: something that was received six days ago."""
        last = self._day - timedelta(days=6)
        found = list(islice(samples(60, SEED + 3 + turn, last), 60))
        chosen = [one for one in found if one.amount is not None and one.amount < 9_000][number]
        at = datetime.combine(last, time(9 + number % 8, 7 + number))
        marked = f"样例YY{last:%Y%m%d}{turn:03d}{number:04d}"
        return replace(chosen, number=marked, received=at, channel="12315", mode="internet")

    # ------------------------------------------------------------ what parties did

    async def _known(self, session: Session, seat: str) -> None:
        if not session.seats[seat].confirmed:
            await self._ask(session, seat, r.ConfirmIdentity("code"))

    async def _ready(self, session: Session) -> None:
        """The consumer is: has agreed to take part and to being recorded, and has tried camera and microphone."""
        if session.status is not Status.SCHEDULED or session.seats["consumer"].participate is not None:
            return
        text = self._parts.site.consent_version
        await self._known(session, "consumer")
        await self._ask(session, "consumer", r.AnswerConsent(Consent.PARTICIPATE, True, text))
        await self._ask(session, "consumer", r.AnswerConsent(Consent.RECORD, True, text))
        await self._ask(session, "consumer", r.CheckDevice("video", ()))

    async def _ask(self, session: Session, seat: str, command: r.Command) -> None:
        if session.status is not Status.SCHEDULED:
            return
        held = session.seats[seat].seat
        try:
            await self._parts.rooms.submit(
                session.id, command, Actor("party", held.id, held.name, held.role.value, session.office)
            )
        except Refused:  # whoever tried the demo has moved on from it
            return
