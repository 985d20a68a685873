"""What was promised and what became of it, who wants to be called, and which answers are waited for.

Owns `promises`, `call_wishes` and `answers_awaited`: of a closed session its settlement's promises, of a complaint what
became of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold, local_day
from complaints.notices import messages as an
from complaints.procedure import TermKept, TermKeptTakenBack
from complaints.procedure.rules import CHASED, chased, promise_standing, term_reminder
from complaints.public_views import CallWishRow, ChasedPromise, PerformanceView, PromiseRow, PromiseSum
from complaints.record.identifiers import textable_masked
from complaints.state import Complaint
from complaints.statistics.facts import respondent
from journal import Event
from offices import Officer
from rooms.events import SessionClosed, history
from rooms.session import Session
from rooms.views import LaterTerm
from rooms.vocabulary import OutcomeKind, Performance
from server.complaints.projection import ComplaintChange
from server.db.engine import Database
from server.db.journal import event_of, stream_events
from server.db.rows import ClosedSession, closed_session, within
from server.db.schema import (
    answers_awaited,
    call_wishes,
    complaint_facts,
    complaints,
    events,
    offices,
    promises,
    sessions,
)
from server.db.schema.base import among

SHOWN: Final = timedelta(days=400)  # promises due longer ago are told by statistics
MOST: Final = 2_000
MOST_WISHES: Final = 200
MOST_CHASED: Final = 50
ASKED_WITHIN: Final = timedelta(days=90)
AT_ONCE: Final = 1_000  # complaints whose reminders are read at a time
_TERMS: Final = (SessionClosed.__name__, TermKept.__name__, TermKeptTakenBack.__name__)
_SAID: Final = (an.TermReminded.__name__, an.QuestionsSent.__name__)
_PROMISE_EVENTS: Final = frozenset(
    {
        "TermKept", "TermKeptTakenBack", "PromisesKept", "NoteTakenBack", "TermReminded", "QuestionsSent",
        "QuestionsAnswered", "RecordAmended", "Dispatched", "ReturnedToIntake", "CalledBack", "MediationClosed",
    }
)  # fmt: skip


class SettledRows:
    """A settlement's promises, when its session closes. After the sessions' own rows."""

    types = ("SessionClosed",)

    async def write(self, connection: AsyncConnection, closed: ClosedSession) -> None:
        await _settled(connection, closed.id, closed.state)


class PromiseRows:
    """What became of them. After the complaints' own rows."""

    types = _PROMISE_EVENTS

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for one in changes:
            if one.after is not None:
                await _told(connection, one.id, one.after)


async def _settled(connection: AsyncConnection, session: str, state: Session | None) -> None:
    await connection.execute(delete(promises).where(promises.c.session == session))
    outcome = state.outcome if state else None
    if state is None or outcome is None or outcome.kind is not OutcomeKind.SETTLED:
        return
    zone = (await connection.execute(select(offices.c.zone).where(offices.c.id == state.office))).scalar()
    rows = [
        {
            "session": session,
            "number": number,
            "complaint": state.complaint,
            "complaint_number": state.number,
            "office": state.office,
            "respondent": "",
            "business": "",
            "who": term.who.value,
            "action": term.action,
            "amount": term.amount,
            "due": local_day(term.due, zone or "Asia/Shanghai"),
            "kept": None,
            "reminded": False,
            "paid": "",
            "asked": None,
            "answered": None,
        }
        for number, term in enumerate(outcome.terms, 1)
        if term.performance is Performance.LATER and term.due is not None
    ]
    if rows:
        await connection.execute(insert(promises), rows)
        told = await stream_events(connection, f"complaint/{state.complaint}")
        complaint = None if not told or told[0].erased else fold(told)
        if complaint is not None:
            await _told(connection, state.complaint, complaint)


async def _told(connection: AsyncConnection, complaint: str, state: Complaint) -> None:
    row = promises.c
    wanted = select(row.session, row.number, row.who, row.due).where(row.complaint == complaint)
    found = (await connection.execute(wanted)).all()
    zone = (await connection.execute(select(offices.c.zone).where(offices.c.id == state.record.office))).scalar()
    entries = await stream_events(connection, f"complaint/{complaint}") if found else []
    done = kept_at(entries, [(one.session, one.number) for one in found])
    zone = zone or "Asia/Shanghai"
    for one in found:
        asked = [each for each in state.asked if each.sent.session == one.session and each.sent.whom != one.who]
        said = _newest(asked, one.due, zone)
        at = done.get((one.session, one.number))
        values = {
            "office": state.record.office,
            "respondent": respondent(state.record),
            "business": state.business.title,
            "kept": local_day(at, zone) if at else None,
            "reminded": any((one.session, one.number) == key[:2] for key in state.reminded),
            "paid": said.answered.paid if said and said.answered else "",
            "asked": min((each.at for each in asked if local_day(each.at, zone) > one.due), default=None),
            "answered": said.answered_at if said else None,
        }
        await connection.execute(
            update(promises).where(row.session == one.session, row.number == one.number).values(values)
        )
    await _wished(connection, complaint, state)


def _newest(asked: Iterable[an.QuestionsAsked], due: date, zone: str) -> an.QuestionsAsked | None:
    """Which answer counts for a promise: one given after its day, or before it that it was kept already."""
    counts = [
        one
        for one in asked
        if one.answered and one.answered_at and one.answered.paid
        and (one.answered.paid == "yes" or local_day(one.answered_at, zone) > due)
    ]  # fmt: skip
    return max(counts, key=lambda one: one.answered_at or one.at, default=None)


async def _wished(connection: AsyncConnection, complaint: str, state: Complaint) -> None:
    await connection.execute(delete(call_wishes).where(call_wishes.c.complaint == complaint))
    rows = [
        {
            "complaint": complaint,
            "whom": whom,
            "office": state.record.office,
            "number": state.record.number,
            "name": (state.consumer if whom == "consumer" else state.business).title,
            "since": since,
        }
        for whom, since in state.wishes.items()
    ]
    if rows:
        await connection.execute(insert(call_wishes), rows)


async def complete_promises(database: Database) -> int:
    """Promises of settlements from before there were rows; how many sessions."""
    async with database.write() as connection:
        if (await connection.execute(select(promises.c.number).limit(1))).first() is not None:
            return 0
        wanted = select(sessions.c.id).where(sessions.c.performing).order_by(sessions.c.id)
        found = list((await connection.execute(wanted)).scalars())
        for session in found:
            await _settled(connection, session, (await closed_session(connection, session)).state)
        return len(found)


class PerformanceStore:
    """Implements `PerformanceDesk`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def view(self, officer: Officer, wanted: str, respondent: str, now: datetime) -> PerformanceView:
        today, row = now.astimezone(ZoneInfo(officer.office.zone)).date(), promises.c
        asked = select(promises).where(within(officer, row.office), row.due >= today - SHOWN)
        if respondent:
            asked = asked.where(row.respondent == respondent)
        wish = call_wishes.c
        wishing = select(call_wishes).where(within(officer, wish.office)).order_by(wish.since).limit(MOST_WISHES)
        fact = complaint_facts.c
        since = today - ASKED_WITHIN
        counted = select(
            func.count().filter(fact.asked >= since),
            func.count().filter(fact.answered >= since),
            func.count().filter(fact.heard >= since),
            func.count().filter(fact.rated >= since),
            func.count().filter(fact.satisfied >= since),
        ).where(within(officer, fact.office), fact.asked >= since - ASKED_WITHIN)
        async with self._database.read() as connection:
            found = (await connection.execute(asked.order_by(row.due.desc()).limit(MOST))).mappings().all()
            wishes = [CallWishRow(**one) for one in (await connection.execute(wishing)).mappings()]
            numbers = (await connection.execute(counted)).one()
            named = select(offices.c.id, offices.c.short)
            names = {one.id: one.short for one in await connection.execute(named)}
        rows = [
            PromiseRow(**_shown(one), standing=promise_standing(one["due"], one["kept"], one["paid"], today))
            for one in found
        ]
        shown = [one for one in rows if not wanted or one.standing == wanted]
        return PerformanceView(
            rows=sorted(shown, key=_urgency),
            respondents=_sums(rows, lambda one: (one.respondent, one.business)),
            offices=_sums(rows, lambda one: (one.office, names.get(one.office, one.office))),
            wishes=wishes,
            asked=numbers[0],
            answered=numbers[1],
            heard=numbers[2],
            rated=numbers[3],
            satisfied=numbers[4],
        )

    async def chased(self, officer: Officer, now: datetime) -> Sequence[ChasedPromise]:
        """Promises somebody has to see to, those that were not kept first; `MOST_CHASED` at most."""
        zone = ZoneInfo(officer.office.zone)
        today, row = now.astimezone(zone).date(), promises.c
        wanted = select(promises).where(within(officer, row.office), row.kept.is_(None), _to_see_to(today))
        async with self._database.read() as connection:
            found = (await connection.execute(wanted.order_by(row.due, row.session).limit(MOST))).mappings().all()
        rows = []
        for one in found:
            asked = one["asked"].astimezone(zone).date() if one["asked"] else None
            standing = promise_standing(one["due"], one["kept"], one["paid"], today)
            why = chased(one["due"], asked, one["paid"], today)
            if why:
                rows.append(ChasedPromise(PromiseRow(**_shown(one), standing=standing), why, today - one["due"]))
        return sorted(rows, key=lambda each: CHASED.index(each.why))[:MOST_CHASED]

    async def wishes(self, officer: Officer) -> int:
        async with self._database.read() as connection:
            wanted = select(func.count()).select_from(call_wishes).where(within(officer, call_wishes.c.office))
            return (await connection.execute(wanted)).scalar_one()


def _shown(row: RowMapping) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if name not in ("asked", "answered")}


def _to_see_to(today: date) -> ColumnElement[bool]:
    """Its day is over, not longer ago than is shown, or it is said to have been kept already."""
    row = promises.c
    return and_(row.due >= today - SHOWN, or_(row.due < today, row.paid == "yes"))


_ORDER: Final = {name: n for n, name in enumerate(("broken", "escalated", "late", "due", "waiting", "kept"))}


def _urgency(one: PromiseRow) -> tuple[int, date, str]:
    return _ORDER[one.standing], one.due, one.complaint_number


def _sums(rows: Iterable[PromiseRow], by: Callable[[PromiseRow], tuple[str, str]]) -> list[PromiseSum]:
    groups: dict[tuple[str, str], list[PromiseRow]] = defaultdict(list)
    for one in rows:
        groups[by(one)].append(one)
    found = []
    for (key, name), those in groups.items():
        counts: dict[str, int] = defaultdict(int)
        for one in those:
            counts[one.standing] += 1
        promised = sum((one.amount or Decimal(0) for one in those), Decimal(0))
        still = sum((one.amount or Decimal(0) for one in those if one.kept is None), Decimal(0))
        found.append(PromiseSum(key, name, dict(counts), promised, still))
    return sorted(found, key=lambda one: (-one.standing.get("broken", 0), -one.open, one.name))


_ANSWER_EVENTS: Final = {
    kind.__name__ for kind in (an.AnswerInvited, an.AnswerGiven, an.AnswerMissed, an.AnswerWithdrawn)
} | {"Dispatched", "ReturnedToIntake"}


class AwaitedRows:
    """Answers that are waited for: one row a complaint, while the business has not answered."""

    types = _ANSWER_EVENTS

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for one in changes:
            complaint = one.after
            if complaint is None:
                continue
            await connection.execute(delete(answers_awaited).where(answers_awaited.c.complaint == one.id))
            waited = [one for one in complaint.answers if one.waited and one.missed_at is None]
            if waited:
                invited = waited[-1].invited
                row = {"invitation": invited.invitation, "office": complaint.record.office, "due": invited.due}
                await connection.execute(insert(answers_awaited).values(complaint=one.id, **row))


async def overdue_answers(database: Database, first: date) -> Sequence[tuple[str, str, str, date]]:
    """(complaint, invitation, zone of its office, due) of every one due before this day."""
    row = answers_awaited.c
    wanted = (
        select(row.complaint, row.invitation, offices.c.zone, row.due)
        .join(offices, row.office == offices.c.id)
        .where(row.due < first)
        .order_by(row.due, row.complaint)
    )
    async with database.read() as connection:
        return [(one.complaint, one.invitation, one.zone, one.due) for one in await connection.execute(wanted)]


@dataclass(frozen=True, slots=True)
class OwedSettlement:
    """A settlement of which a promise is not noted as kept, and what was said of its promises; made of rows, for
    whoever looks at all there are. `terms`: every promise with a day, number -> (who, due, kept). `reminded`: (number,
    stage). `asked`: (side, term), as `QuestionsSent` has them. `textable`: sides whose number takes messages."""

    session: str
    complaint: str
    zone: str
    terms: Mapping[int, tuple[str, date, bool]]
    reminded: frozenset[tuple[int, str]]
    asked: frozenset[tuple[str, int]]
    textable: frozenset[str]

    def reminds(self, today: date) -> bool:
        """Whether any of its promises is to be reminded of."""
        return any(
            not kept and term_reminder(due, today, {when for one, when in self.reminded if one == number})
            for number, (_, due, kept) in self.terms.items()
        )

    def asks(self, today: date) -> bool:
        """Whether a side is to be asked about promises whose day is over."""
        for position, day in enumerate(sorted({due for _, due, _ in self.terms.values()})):
            of_day = {number: one for number, one in sorted(self.terms.items()) if one[1] == day}
            owed = {who for who, _, kept in of_day.values() if not kept}
            if today > day and any(
                (whom, min(of_day) if position else 0) not in self.asked and owed - {whom} for whom in self.textable
            ):
                return True
        return False


async def performing(database: Database, until: date) -> Sequence[OwedSettlement]:
    """Every settlement of which a promise due by that day is not noted as kept. Of two million complaints thousands
    are, most of them for months: what was said of them is read of all at once, and a journal only where it matters."""
    row, open_ = promises.c, promises.alias().c
    owed = exists().where(open_.session == row.session, open_.kept.is_(None), open_.due <= until)
    wanted = (
        select(
            *(row.session, row.number, row.complaint, row.who, row.due, row.kept, offices.c.zone),
            complaints.c.consumer["phone_masked"].as_string().label("consumer"),
            complaints.c.business["phone_masked"].as_string().label("business"),
        )
        .join(sessions, sessions.c.id == row.session)
        .join(complaints, complaints.c.id == row.complaint)
        .join(offices, offices.c.id == complaints.c.office)
        .where(sessions.c.performing, complaints.c.state == "performing", owed)
        .order_by(row.session, row.number)
    )
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).all()
        said = await _said(connection, sorted({one.complaint for one in rows}))
    found = list[OwedSettlement]()
    for session, some in groupby(rows, key=lambda one: str(one.session)):
        theirs, known = list(some), said.get(session, set())
        one = theirs[0]
        found.append(
            OwedSettlement(
                session,
                one.complaint,
                one.zone or "Asia/Shanghai",
                {each.number: (each.who, each.due, each.kept is not None) for each in theirs},
                frozenset((term, when) for when, whom, term in known if not whom),
                frozenset((whom, term) for when, whom, term in known if whom and when == an.DUE),
                frozenset(side for side in an.SIDES if textable_masked(getattr(one, side) or "")),
            )
        )
    return found


async def later_terms(connection: AsyncConnection, of: Sequence[tuple[str, str]]) -> list[LaterTerm]:
    """What settlements (session, complaint) left for later, the next due first: of the few events that say so."""
    if not of:
        return []
    row, kept, found = events.c, set[tuple[str, int]](), list[LaterTerm]()
    streams = {f"session/{session}" for session, _ in of} | {f"complaint/{complaint}" for _, complaint in of}
    wanted = select(events).where(row.stream.in_(sorted(streams)), row.type.in_(_TERMS)).order_by(row.leaf)
    entries = [event_of(one) for one in (await connection.execute(wanted)).mappings()]
    for entry in (one for one in entries if not one.erased and one.type != SessionClosed.__name__):
        (kept.add if entry.type == TermKept.__name__ else kept.discard)((entry.data["session"], entry.data["term"]))
    for closed in history([one for one in entries if one.type == SessionClosed.__name__]):
        outcome = closed.event.outcome if isinstance(closed.event, SessionClosed) else None
        for number, term in enumerate(outcome.terms if outcome else (), 1):
            if term.performance is Performance.LATER:
                found.append(LaterTerm(closed.session, number, term, (closed.session, number) in kept))
    return sorted(found, key=lambda one: (one.term.due is None, one.term.due, one.session, one.number))


async def _said(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, set[tuple[str, str, int]]]:
    """Of these complaints' sessions, what was said of promises: when, to whom it was a question ("" of a reminder), and
    which term."""
    row, found = events.c, defaultdict[str, set[tuple[str, str, int]]](set)
    for at in range(0, len(ids), AT_ONCE):
        streams = [f"complaint/{one}" for one in ids[at : at + AT_ONCE]]
        wanted = select(
            *(row.data[name].as_string().label(name) for name in ("session", "when", "whom")),
            row.data["term"].as_integer().label("term"),
        ).where(among(connection, row.stream, streams), row.type.in_(_SAID), row.salt != "")
        for one in await connection.execute(wanted):
            found[one.session].add((one.when, one.whom or "", one.term or 0))
    return found


def kept_at(entries: Iterable[Event], terms: Sequence[tuple[str, int]]) -> dict[tuple[str, int], datetime]:
    """When each promise (session, number) was noted as kept: alone, or with everything. `entries`: of the complaint."""
    alone: dict[tuple[str, int], datetime] = {}
    whole: datetime | None = None
    for entry in entries:
        match entry.type:
            case "TermKept":
                alone.setdefault((entry.data["session"], entry.data["term"]), entry.at)
            case "TermKeptTakenBack":
                alone.pop((entry.data["session"], entry.data["term"]), None)
            case "PromisesKept":
                whole = entry.at
            case "NoteTakenBack" if entry.data.get("what") == "kept":
                whole = None
            case _:
                pass
    return {term: at for term in terms if (at := alone.get(term, whole)) is not None}
