"""The last weeks, as they were handled here: every step a fact of its own day, by the officer whose case it is.

Steps are asked of the same rules as an officer's (`complaints.decisions`, `rooms.decisions`), at the time they are
told of; what they lead to is appended, many complaints in one transaction. Nobody's voice or picture is in it: the
parties of these mediations did not agree to being recorded.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from complaints import commands as c
from complaints.complaint import evolve as complaint_after, fold
from complaints.decisions import decide as decide_complaint
from complaints.events import to_draft
from complaints.notices.messages import NoteTold
from complaints.procedure import CalledBack, EndMediation, NoteCallBack
from complaints.sample import Sample, filing
from complaints.sample.stories import GIVEN, SURNAMES
from complaints.service import ComplaintService, written_number
from complaints.state import Complaint, ComplaintState, stream
from journal import SYSTEM, Actor, Draft, Event
from law.orders import ON_SITE, PHONE, ROOM
from offices import Officer
from rooms import commands as r
from rooms.decisions import decide as decide_session
from rooms.events import HeldElsewhere, SessionEntry, event_draft, stream as session_stream
from rooms.session import Session, evolve as session_after
from rooms.vocabulary import (
    Consent,
    Opening,
    Outcome,
    OutcomeKind,
    Performance,
    Phase,
    Role,
    Seat,
    Side,
    Term,
)
from server.app.two_years.past import DEAR, GYM
from server.complaints.procedure import after
from server.db.journal import SqlJournal

AT_ONCE: Final = 60  # complaints of a transaction
REFUSED: Final = 0.09
SETTLED, WITHDRAWN = 0.62, 0.08  # of what has ended
IN_ROOM: Final = 0.4  # of what was mediated to an end; the others by telephone or at the office
LAST_UNDECIDED: Final = 8  # days after which nothing waits for a decision any more
LATE, LATE_DAYS = 2, range(12, 15)  # but for so many, which came in so many days ago

KEPT: Final = 0.9  # of promises whose day has come
UNPROVEN: Final = "提交的材料不能说明双方存在消费争议，已电话解释。"
PAPER: Final = "纸质调解记录已归入案卷"
SAID: Final = (
    ("consumer", "我有付款截图，当时店员说可以退。"),
    ("business", "我们核实过订单，愿意协商，但手续费要扣。"),
    ("consumer", "扣一点可以接受，不能扣这么多。"),
    ("business", "可以，我跟公司确认一下，今天就能给答复。"),
)


def invented_id(what: str) -> str:
    """The same for the same thing, so that what was interrupted goes on with what there is."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"yuntiao demo/{what}").hex


@dataclass(slots=True)
class ComplaintStory:
    """One complaint's steps so far. `at` moves on with each."""

    id: str
    state: Complaint
    drafts: list[Draft]

    def ask(self, command: c.Command, actor: Actor, at: datetime) -> None:
        c.check_right(command, actor, self.state)
        for event in decide_complaint(command, self.state, at):
            self.drafts.append(to_draft(event, at, actor))
            self.state = complaint_after(self.state, event, at)


@dataclass(slots=True)
class SessionStory:
    """Likewise of a session."""

    id: str
    state: Session | None
    drafts: list[Draft]

    def ask(self, command: r.Command, actor: Actor, at: datetime) -> None:
        for event in decide_session(command, self.state, actor, at):
            entry = SessionEntry(self.id, len(self.drafts) + 1, event, at, actor)
            self.drafts.append(event_draft(event, at, actor))
            self.state = session_after(self.state, entry)


class RecentWeeks:
    """Makes what of these complaints there is not yet; nothing happens after `now`. `consents`: which texts both sides
    were shown (`rooms.joining.consents`)."""

    def __init__(
        self, journal: SqlJournal, service: ComplaintService, mediators: Sequence[Officer], consents: str, now: datetime
    ) -> None:
        self._journal, self._service, self._mediators, self._now = journal, service, mediators, now
        self._consents = consents
        self._forgotten: set[str] = set()
        self._zone = ZoneInfo(mediators[0].office.zone)

    async def tell(self, some: Sequence[Sample]) -> None:
        forgotten = [one for one in some if _age(one, self._now) in LATE_DAYS][:: max(1, len(some) // 90)][:LATE]
        self._forgotten = {one.number for one in forgotten}
        taken = [one for one in some if self._local(one.received) < self._now - timedelta(minutes=20)]
        for first in range(0, len(taken), AT_ONCE):
            piece = taken[first : first + AT_ONCE]
            ids = [invented_id(one.number) for one in piece]
            known = [fold(await self._journal.read(stream(id_))) for id_ in ids]
            numbers = await self.numbers([one for one, there in zip(piece, known, strict=True) if there is None])
            complaints, sessions = dict[str, list[Draft]](), dict[str, list[Draft]]()
            for one, id_, there in zip(piece, ids, known, strict=True):
                number = there.record.number if there is not None else next(numbers)
                story, held = self._told(one, id_, number)
                complaints[stream(id_)] = story.drafts
                if held is not None:
                    sessions[session_stream(held.id)] = held.drafts
            await self.append(complaints)
            await self.append(sessions)

    async def numbers(self, some: Sequence[Sample]) -> Iterator[str]:
        office, given = self._mediators[0].office, dict[int, list[int]]()
        for year in sorted({one.received.year for one in some}):
            count = sum(one.received.year == year for one in some)
            taken = await self._service.numbers.take(office.id, year, count, self._now, self._mediators[0].actor)
            given[year] = list(taken)
        prefix, years = office.number_prefix, [one.received.year for one in some]
        return iter([written_number(prefix, year, given[year].pop(0)) for year in years])

    async def append(self, stories: dict[str, list[Draft]]) -> None:
        waiting = iter(stories.values())

        def missing(entries: list[Event]) -> Sequence[Draft]:
            drafts = next(waiting)
            return [] if entries else drafts

        if stories:
            await self._journal.append_each(list(stories), missing)

    # ------------------------------------------------------------ one of them

    def _told(self, one: Sample, id_: str, number: str) -> tuple[ComplaintStory, SessionStory | None]:
        chance = Random(one.number)  # noqa: S311 - invented people, no secret
        officer = chance.choices(self._mediators, range(len(self._mediators) + 1, 1, -1))[0]
        received = self._local(one.received)
        story = self.registered(one, id_, number, officer, received)
        age, fate = (self._now.astimezone(self._zone).date() - received.date()).days, chance.random()
        if one.number in self._forgotten or (age < LAST_UNDECIDED and fate < _undecided(age)):
            return story, None
        decided = self._working(received + timedelta(days=chance.randrange(1, 5)), chance)
        if decided >= self._now:
            return story, None
        told = timedelta(minutes=chance.randrange(4, 40))
        if chance.random() < REFUSED:
            story.ask(c.Refuse(chance.choice((2, 3, 5)), UNPROVEN), officer.actor, decided)
            self.note_told(story, "refusal", ("consumer",), officer, decided + told)
            self._close(story, officer, decided + timedelta(days=2, minutes=17))
            return story, None
        story.ask(c.Accept(), officer.actor, decided)
        self.note_told(story, "acceptance", ("consumer",), officer, decided + told)
        if one.business_name == GYM:  # nobody there answers, and nothing can be mediated yet
            return story, None
        held = self._working(decided + timedelta(days=chance.randrange(1, 10)), chance)
        if held >= self._now - timedelta(hours=3):
            return story, None
        return story, self._mediated(story, officer, held, chance)

    def registered(
        self, one: Sample, id_: str, number: str, officer: Officer, received: datetime, reached: bool = False
    ) -> ComplaintStory:
        """`reached`: the business's number is known for sure."""
        office, chance = officer.office, Random(f"{one.number}/business")  # noqa: S311
        typed = filing(one, office.id, office.number_prefix)
        contact = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=2))
        phone = typed.business.phone or f"139000{chance.randrange(100_000):05d}"
        business = typed.business._replace(name=contact, phone=phone if chance.random() < 0.6 or reached else "")
        business = business._replace(credit_code=one.credit_code)
        typed = typed._replace(business=business, received=received)
        at = received + timedelta(minutes=chance.randrange(3, 18))
        record = replace(self._service.record(typed), number=number)
        story = ComplaintStory(id_, Complaint(record), [])
        for event in decide_complaint(c.Register(record), None, at):
            story.drafts.append(to_draft(event, at, officer.actor))
        return story

    def _mediated(self, story: ComplaintStory, officer: Officer, held: datetime, chance: Random) -> SessionStory | None:
        """To an end, whatever end: none where the complainant took it back, or nobody met."""
        ending = chance.random()
        if ending < WITHDRAWN:
            story.ask(EndMediation(1, "投诉人来电撤回投诉，双方已自行和解。"), officer.actor, held)
            self._after(story, officer, held, chance, settled=False)
            return None
        if ending > 0.88:
            story.ask(EndMediation(2, "被投诉人两次无正当理由不参加，电话中明确表示不接受调解。"), officer.actor, held)
            self._after(story, officer, held, chance, settled=False)
            return None
        settled = ending < WITHDRAWN + SETTLED
        reached = chance.random() < IN_ROOM and story.state.record.business.phone
        mode = ROOM if reached else chance.choice((PHONE, PHONE, ON_SITE))
        session = SessionStory(invented_id(f"{story.id}/1"), None, [])
        arranged = held - timedelta(days=1, hours=chance.randrange(1, 5))
        arranged = max(arranged, story.drafts[-1].at + timedelta(minutes=5))
        schedule_both(story, session, officer, arranged, held, mode, "一所调解室" if mode == ON_SITE else "")
        outcome = _outcome(story.state, settled, held, chance, self._now)
        if mode == ROOM:
            over = in_the_room(session, officer, held, outcome, chance, self._consents)
        else:
            over = held + timedelta(minutes=chance.randrange(12, 45))
            later = any(term.performance is Performance.LATER for term in outcome.terms)
            both = settled or mode == ON_SITE
            record = story.state.record
            elsewhere = r.RecordHeld(
                HeldElsewhere(
                    mode, held, over, "一所调解室" if mode == ON_SITE else "",
                    record.consumer.name if both else "", record.business.name if both else "",
                    course="分别听取双方意见，出示付款凭证，提出调解方案。", agreement="waived" if later else "",
                ),
                outcome,
            )  # fmt: skip
            session.ask(elsewhere, officer.actor, over + timedelta(minutes=6))
            over += timedelta(minutes=6)
        assert session.state is not None
        follows = after(session.state)
        assert follows is not None
        story.ask(follows, SYSTEM, over)
        self._after(story, officer, over, chance, settled)
        return session

    def _after(self, story: ComplaintStory, officer: Officer, over: datetime, chance: Random, settled: bool) -> None:
        if not settled and over + timedelta(minutes=30) < self._now:
            self.note_told(story, "termination", ("consumer", "business"), officer, over + timedelta(minutes=30))
        called = self._working(over + timedelta(days=2), chance)
        if settled and called < self._now and chance.random() < 0.5:
            how = chance.choices(("yes", "partly", "no"), (80, 15, 5))[0]
            story.ask(NoteCallBack(CalledBack("consumer", True, how, "电话回访。")), officer.actor, called)
        due = story.state.promises_due
        if due is not None and chance.random() < KEPT:
            seen = max(self._working(due + timedelta(days=1), chance), story.drafts[-1].at + timedelta(hours=1))
            if seen < self._now:
                story.ask(c.NotePromisesKept("消费者电话确认已收到退款。"), officer.actor, seen)
        closed = self._working(over + timedelta(days=4), chance)
        closed = max(closed, story.drafts[-1].at + timedelta(hours=1))
        if closed < self._now and story.state.state is not ComplaintState.PERFORMING and chance.random() < 0.8:
            self._close(story, officer, closed)

    def _close(self, story: ComplaintStory, officer: Officer, at: datetime) -> None:
        if at < self._now:
            story.ask(c.CloseFile(paper=PAPER), officer.actor, at)

    def note_told(
        self, story: ComplaintStory, what: str, whom: tuple[str, ...], officer: Officer, at: datetime
    ) -> None:
        record = story.state.record
        to = "、".join({"consumer": record.consumer.name, "business": record.business.title}[side] for side in whom)
        story.ask(NoteTold(what, tuple(whom), "phone", at, to, officer.name), officer.actor, at)

    def _working(self, at: datetime, chance: Random) -> datetime:
        """That day or the next that is worked on, at an hour at which an officer works."""
        day = at.astimezone(self._zone).date()
        while day.weekday() >= 5:
            day += timedelta(days=1)
        hour = chance.choice((9, 9, 10, 10, 11, 14, 14, 15, 15, 16))
        return datetime.combine(day, time(hour, chance.randrange(0, 60, 5)), self._zone)

    def _local(self, at: datetime) -> datetime:
        return at.replace(tzinfo=self._zone)


def _age(one: Sample, now: datetime) -> int:
    return (now.date() - one.received.date()).days


def _undecided(age: int) -> float:
    """Which share of what came in so many days ago nobody has decided on."""
    return (0.95, 0.7, 0.5, 0.35, 0.25, 0.12, 0.06, 0.03)[age]


# ------------------------------------------------------------ sessions


def schedule_both(
    story: ComplaintStory,
    session: SessionStory,
    officer: Officer,
    arranged: datetime,
    starts: datetime,
    mode: str = ROOM,
    place: str = "",
) -> None:
    """The complaint learns of the session, and the session begins, as `OfficeComplaints.schedule` does it."""
    record = story.state.record
    consumer, business = record.consumer, record.business
    contacts = {"consumer": consumer.phone, "business": business.phone}
    story.ask(c.ScheduleMediation(session.id, starts, officer.id, contacts, mode, place), officer.actor, arranged)
    seats = (
        Seat("mediator", Role.MEDIATOR, officer.name, None, officer.office.name),
        Seat("consumer", Role.CONSUMER, consumer.name, Side.CONSUMER, "", consumer.city, consumer.phone_masked),
        Seat(
            "business", Role.BUSINESS, business.name or business.organisation, Side.BUSINESS, business.organisation,
            business.city, business.phone_masked,
        ),
    )  # fmt: skip
    wanted = r.Schedule(
        story.id, record.number, record.office, len(story.state.sessions), record.title, starts, seats, officer.id,
        record.order, mode, place,
    )  # fmt: skip
    session.ask(wanted, officer.actor, arranged)


def party(session: SessionStory, seat: str) -> Actor:
    assert session.state is not None
    held = session.state.seats[seat].seat
    return Actor("party", held.id, held.name, held.role.value, session.state.office)


def in_the_room(
    session: SessionStory, officer: Officer, held: datetime, outcome: Outcome, chance: Random, text: str
) -> datetime:
    """Both come, are heard, and see how it ends; when it was over."""
    clock = _Clock(held - timedelta(minutes=4))
    for seat in ("consumer", "business"):
        who = party(session, seat)
        session.ask(r.ConfirmIdentity("code"), who, clock.after(chance.randrange(5, 20)))
        session.ask(r.AnswerConsent(Consent.PARTICIPATE, True, text), who, clock.after(6))
        session.ask(r.AnswerConsent(Consent.RECORD, False, text), who, clock.after(4))
        session.ask(r.CheckDevice("video", (), True), who, clock.after(5))
    mediator = officer.actor
    clock.at = held
    session.ask(r.Arrive(), mediator, clock.after(0))
    for seat in ("consumer", "business"):
        session.ask(r.Admit(seat), mediator, clock.after(chance.randrange(2, 15)))
    for item in Opening:
        session.ask(r.CoverOpening(item), mediator, clock.after(12))
    for phase, seat in ((Phase.CONSUMER_STATEMENT, "consumer"), (Phase.BUSINESS_STATEMENT, "business")):
        session.ask(r.EnterPhase(phase), mediator, clock.after(8))
        _speaks(session, seat, clock, chance.randrange(150, 500))
    session.ask(r.EnterPhase(Phase.DISCUSSION), mediator, clock.after(10))
    for seat, text in SAID[: chance.choice((0, 2, 4))]:
        session.ask(r.Say(text), party(session, seat), clock.after(chance.randrange(15, 70)))
    _speaks(session, "business", clock, chance.randrange(90, 400))
    if chance.random() < 0.6:
        side = chance.choice((Side.CONSUMER, Side.BUSINESS))
        session.ask(r.StartCaucus(side), mediator, clock.after(10))
        _speaks(session, side.value, clock, chance.randrange(90, 400))
        session.ask(r.EndCaucus(), mediator, clock.after(chance.randrange(60, 500)))
    session.ask(r.EnterPhase(Phase.PROPOSAL), mediator, clock.after(10))
    _speaks(session, "consumer", clock, chance.randrange(60, 300))
    session.ask(r.EnterPhase(Phase.CLOSING), mediator, clock.after(chance.randrange(120, 900)))
    session.ask(r.ProposeOutcome(outcome), mediator, clock.after(30))
    for seat in ("consumer", "business"):
        session.ask(r.SeeOutcome(), party(session, seat), clock.after(12))
    session.ask(r.Close(), mediator, clock.after(15))
    return clock.at


@dataclass(slots=True)
class _Clock:
    at: datetime

    def after(self, seconds: int) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


def _speaks(session: SessionStory, seat: str, clock: _Clock, seconds: int) -> None:
    session.ask(r.NoteSpeaking(seat, True), SYSTEM, clock.after(3))
    session.ask(r.NoteSpeaking(seat, False), SYSTEM, clock.after(seconds))


def _outcome(state: Complaint, settled: bool, held: datetime, chance: Random, now: datetime) -> Outcome:
    if not settled:
        return Outcome(OutcomeKind.NOT_SETTLED, note="双方对退款比例分歧较大，未能达成一致。")
    claimed = state.record.amount or Decimal(300)
    if claimed >= DEAR:  # of a car or a home only a part is in dispute
        claimed = (claimed / 20).quantize(Decimal(100))
    amount = (claimed * chance.choice((50, 60, 70, 80, 90, 100, 100)) / 100).quantize(Decimal("0.01"))
    if chance.random() < 0.6:
        term = Term(Side.BUSINESS, "退还消费者款项", amount, held, "原路退回", Performance.ON_THE_SPOT)
    else:
        due = held + timedelta(days=chance.choice((3, 5, 7, 10, 15, 20)))
        term = Term(Side.BUSINESS, "退还消费者余款", amount, due, "转账", Performance.LATER)
    return Outcome(OutcomeKind.SETTLED, (term,))
