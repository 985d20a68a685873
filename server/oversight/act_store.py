"""Rows of what officers did that somebody may ask about, hints at what is worth a second look, and what waits for two.

Owns `acts`, a row an act (viewed, exported, unmasked, erased, changed a role or a rule), whose office is whose the
thing is; projects every stream of which an event is one of these. Owns `approvals`; projects `approval/…`. A hint is
pure and accuses nobody: it says what differs from somebody's own usual day, from working hours, or from where they
work, with the acts that it rests on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from offices import Officer
from offices.oversight import ActFilter, ActList, ActRow
from offices.systems import SCIM
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.rows import within
from server.db.schema import acts, approvals, complaints, consultations, events, leads, sessions, users
from server.oversight import STREAM, fold

Code = Literal["volume", "off_hours", "other_office", "burst", "rushed"]

EARLIEST, LATEST = time(7, 0), time(21, 0)  # where the office is: an hour or two around office hours, with some grace
LEAST: Final = 15  # acts of a day that are not worth a word however few are usual
TIMES: Final = 3  # their own usual day
BURST: Final = 10  # full numbers, or erasures asked for, ...
BURST_WITHIN: Final = timedelta(minutes=10)
RUSHED_WITHIN: Final = timedelta(seconds=60)  # between a request and its second yes: nobody read it
OFF_HOURS_LEAST: Final = 3  # acts of one night
LOOKING: Final = frozenset({"viewed", "exported", "unmasked"})


@dataclass(frozen=True, slots=True)
class Act:
    """`id`: stream and version. `office`: whose the thing is; `subject`: the thing."""

    id: str
    at: datetime
    act: str
    actor: str
    actor_office: str
    office: str
    subject: str


@dataclass(frozen=True, slots=True)
class UnusualActs:
    """`number`: how many acts; `usual`: of a usual day, where that is what it is about."""

    code: Code
    actor: str
    day: date
    acts: tuple[str, ...]
    number: int
    usual: int = 0


def hints(
    acts: Sequence[Act], zone: str, worked: Callable[[date], bool], since: date, until: date
) -> Sequence[UnusualActs]:
    """Of days in the period, newest first. Acts from before it say what is usual. Order does not matter."""
    local = ZoneInfo(zone)
    days: dict[tuple[str, date], list[Act]] = defaultdict(list)
    for act in sorted(acts, key=lambda one: (one.at, one.id)):
        days[act.actor, act.at.astimezone(local).date()].append(act)
    found: list[UnusualActs] = []
    for (actor, day), those in days.items():
        if since <= day <= until:
            usual = [len(other) for (who, when), other in days.items() if who == actor and when < day]
            found += _volume(actor, day, those, usual)
            found += _off_hours(actor, day, those, local, worked)
            found += _other_office(actor, day, those)
            found += _burst(actor, day, those)
    found += _rushed([one for one in acts if one.act in ("asked", "approved")], local, since, until)
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.code, one.actor))


def _volume(actor: str, day: date, acts: Sequence[Act], usual: Sequence[int]) -> Iterable[UnusualActs]:
    """More than three times the median of their own earlier days, and enough to be worth a word."""
    middle = int(median(usual)) if usual else 0
    if len(acts) >= LEAST and len(acts) > TIMES * middle and usual:
        yield UnusualActs("volume", actor, day, _ids(acts), len(acts), middle)


def _off_hours(
    actor: str, day: date, acts: Sequence[Act], zone: ZoneInfo, worked: Callable[[date], bool]
) -> Iterable[UnusualActs]:
    late = [
        one
        for one in acts
        if one.act in LOOKING and (not worked(day) or not EARLIEST <= one.at.astimezone(zone).time() < LATEST)
    ]
    if len(late) >= OFF_HOURS_LEAST:
        yield UnusualActs("off_hours", actor, day, _ids(late), len(late))


def _other_office(actor: str, day: date, acts: Sequence[Act]) -> Iterable[UnusualActs]:
    away = [one for one in acts if one.office and one.actor_office and one.office != one.actor_office]
    if away:
        yield UnusualActs("other_office", actor, day, _ids(away), len(away))


def _burst(actor: str, day: date, acts: Sequence[Act]) -> Iterable[UnusualActs]:
    """Many different things opened within minutes: nobody reads that fast."""
    opened = [one for one in acts if one.act in ("unmasked", "exported", "asked")]
    best: Sequence[Act] = ()
    first = 0
    for last, one in enumerate(opened):
        while one.at - opened[first].at > BURST_WITHIN:
            first += 1
        window = opened[first : last + 1]
        if len(window) > len(best):
            best = window
    if len(best) >= BURST:
        yield UnusualActs("burst", actor, day, _ids(best), len(best))


def _rushed(acts: Sequence[Act], zone: ZoneInfo, since: date, until: date) -> Iterable[UnusualActs]:
    asked = {one.subject: one for one in acts if one.act == "asked"}
    for one in acts:
        before = asked.get(one.subject)
        day = one.at.astimezone(zone).date()
        if one.act != "approved" or before is None or not since <= day <= until:
            continue
        if one.at - before.at < RUSHED_WITHIN:
            yield UnusualActs("rushed", one.actor, day, (before.id, one.id), int((one.at - before.at).total_seconds()))


def _ids(acts: Sequence[Act]) -> tuple[str, ...]:
    return tuple(one.id for one in acts)


PAGE: Final = 50
MOST: Final = 20_000  # acts that hints are looked for among, and that a workbook holds

ACTS: Final[Mapping[str, Mapping[str, str]]] = {
    "session": {
        "Viewed": "viewed",
        "Exported": "exported",
        "ErasureOrdered": "erased",
        "HoldPlaced": "held",
        "HoldLifted": "released",
        "EntryCorrected": "corrected",
    },
    "lead": {"LeadHeld": "held", "LeadHoldLifted": "released"},
    "complaint": {"PhoneRevealed": "unmasked", "ContentErased": "erased"},
    "consultation": {"PersonRevealed": "unmasked"},
    "officer": {
        "OfficerAdded": "role",
        "RoleChanged": "role",
        "AccountClosed": "role",
        "AccountOpened": "role",
        "PasswordSet": "role",
        "SecondStepDropped": "role",
        "OfficerMoved": "role",
        "OfficerRenamed": "role",
        "SignOnLinked": "role",
        "SignOnUnlinked": "role",
    },
    "approval": {
        "ApprovalAsked": "asked",
        "ApprovalGiven": "approved",
        "ApprovalDeclined": "declined",
        "ApprovalTakenBack": "taken back",
    },
    "oversight": {"ActsExported": "exported"},
    "token": {"TokenIssued": "token", "TokenRevoked": "token"},
    "installation": {"RetentionChanged": "rule"},
}
RULES: Final = frozenset({"bureau", "office"})  # kinds of streams whose entries change a rule
OF_OFFICE: Final = ("/areas", "/calendar", "/looks", "/cards")  # of an office's: the others count numbers


class ActRows(StreamProjector):
    """Projects one kind of streams."""

    def __init__(self, kind: str) -> None:
        self.kind, self.types = kind, ACTS.get(kind)

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        rows = [await _row(connection, self.kind, event, act) for event in appended if (act := _act(self.kind, event))]
        if rows:
            await connection.execute(insert(acts), rows)


def act_rows() -> list[ActRows]:
    return [ActRows(kind) for kind in (*ACTS, *sorted(RULES))]


def _act(kind: str, event: Event) -> str:
    # What a provider's or a directory's word changed of somebody's account is told as well.
    if event.erased or (event.actor.kind != "officer" and event.actor.role not in ("sign_on", SCIM)):
        return ""
    if kind in RULES:
        return "rule" if kind == "bureau" or event.stream.endswith(OF_OFFICE) else ""
    return ACTS[kind].get(event.type, "")


async def _row(connection: AsyncConnection, kind: str, event: Event, act: str) -> dict[str, Any]:
    subject = event.stream.partition("/")[2]
    office, label = await _NAMED[kind](connection, event, subject)
    data = event.data
    what = next((str(data[key]) for key in ("part", "kind", "what", "to", "role") if data.get(key)), event.type)
    return {
        "stream": event.stream,
        "version": event.version,
        "at": event.at,
        "act": act,
        "what": what[:80],
        "actor": event.actor.id,
        "actor_name": event.actor.name,
        "actor_role": event.actor.role,
        "actor_office": event.actor.office,
        "office": office,
        "kind": kind,
        "subject": subject[:64],
        "label": label,
        "reason": str(data.get("reason", ""))[:500],
    }


async def _of_session(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    row = sessions.c
    found = (await connection.execute(select(row.office, row.number).where(row.id == subject))).one_or_none()
    return (found.office, found.number) if found else (event.actor.office, "")


async def _of_complaint(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    row = complaints.c
    found = (await connection.execute(select(row.office, row.number).where(row.id == subject))).one_or_none()
    return (found.office, found.number) if found else (event.actor.office, "")


async def _of_lead(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    """By its number alone: what it is about is for who verifies it."""
    row = leads.c
    found = (await connection.execute(select(row.office, row.number).where(row.id == subject))).one_or_none()
    return (found.office, found.number) if found else (event.actor.office, "")


async def _of_consultation(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    row = consultations.c
    found = (await connection.execute(select(row.office, row.number).where(row.id == subject))).one_or_none()
    return (found.office, found.number) if found else (event.actor.office, "")


async def _of_officer(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    row = users.c
    found = (await connection.execute(select(row.office, row.name).where(row.id == subject))).one_or_none()
    return (found.office, found.name) if found else (event.actor.office, "")


async def _of_approval(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    if "label" in event.data:
        return event.data["office"], event.data["label"]
    row = acts.c
    asked = select(row.office, row.label).where(row.stream == event.stream).order_by(row.version).limit(1)
    found = (await connection.execute(asked)).one_or_none()
    return (found.office, found.label) if found else (event.actor.office, "")


async def _of_bureau(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    return str(event.data.get("office", event.actor.office)), ""


async def _of_office(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    return subject.partition("/")[0], ""


async def _of_the_actor(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    """What is every office's stands with whose administrator changed it."""
    return event.actor.office, ""


async def _of_token(connection: AsyncConnection, event: Event, subject: str) -> tuple[str, str]:
    return event.data["office"], event.data["name"]


_NAMED: Final[Mapping[str, Callable[..., Any]]] = {
    "session": _of_session,
    "lead": _of_lead,
    "complaint": _of_complaint,
    "consultation": _of_consultation,
    "officer": _of_officer,
    "approval": _of_approval,
    "bureau": _of_bureau,
    "office": _of_office,
    "oversight": _of_office,
    "token": _of_token,
    "installation": _of_the_actor,
}


class ActStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def acts(self, officer: Officer, wanted: ActFilter, most: int = PAGE) -> ActList:
        """Newest first."""
        row, where = acts.c, _asked(officer, wanted)
        offset = (wanted.page - 1) * most
        mine = within(officer, row.office).label("mine")
        found = select(acts, mine).where(*where).order_by(row.at.desc(), row.stream, row.version)
        async with self._database.read() as connection:
            rows = (await connection.execute(found.limit(most).offset(offset))).mappings().all()
            total = (await connection.execute(select(func.count()).select_from(acts).where(*where))).scalar_one()
            names = select(row.actor, func.max(row.actor_name)).where(_scope(officer)).group_by(row.actor).limit(300)
            people = [(id_, name) for id_, name in await connection.execute(names)]
        return ActList([_shown(one) for one in rows], total, most, sorted(people, key=lambda one: one[1]))

    async def between(self, officer: Officer, since: datetime, until: datetime) -> Sequence[Act]:
        """For hints; of more than can be looked at the newest."""
        row = acts.c
        wanted = (
            select(acts).where(_scope(officer), row.at >= since, row.at < until).order_by(row.at.desc()).limit(MOST)
        )
        async with self._database.read() as connection:
            return [
                Act(
                    f"{one['stream']}#{one['version']}", one["at"], one["act"], one["actor"], one["actor_office"],
                    one["office"], one["subject"],
                )
                for one in (await connection.execute(wanted)).mappings()
            ]  # fmt: skip

    async def count(self, actor: str, act: str, since: datetime) -> int:
        row = acts.c
        wanted = select(func.count()).select_from(acts).where(row.actor == actor, row.act == act, row.at > since)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one()

    async def looks(self, actor: str, in_hand: bool, since: datetime) -> int:
        """At full numbers: of complaints in hand, which need no reason, or with a reason."""
        row = acts.c
        wanted = (
            select(func.count())
            .select_from(acts)
            .where(
                row.actor == actor,
                row.act == "unmasked",
                row.at > since,
                row.reason == "" if in_hand else row.reason != "",
            )
        )
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one()


def _scope(officer: Officer) -> ColumnElement[bool]:
    """What was done to what is theirs, by whomever, and what their own people did, wherever."""
    return or_(within(officer, acts.c.office), acts.c.actor_office == officer.office.id)


def _asked(officer: Officer, wanted: ActFilter) -> list[ColumnElement[bool]]:
    row, where = acts.c, [_scope(officer)]
    if wanted.actor:
        where.append(row.actor == wanted.actor)
    if wanted.act:
        where.append(row.act == wanted.act)
    if wanted.since:
        where.append(row.at >= wanted.since)
    if wanted.until:
        where.append(row.at < wanted.until)
    return where


def _shown(one: RowMapping) -> ActRow:
    """Of another office's thing it is told that something was done, not what it is."""
    mine = bool(one["mine"])
    return ActRow(
        at=one["at"],
        act=one["act"],
        what=one["what"],
        actor=one["actor_name"],
        actor_role=one["actor_role"],
        actor_office=one["actor_office"],
        office=one["office"],
        kind=one["kind"],
        subject=one["subject"] if mine else "",
        label=one["label"] if mine else "",
        reason=one["reason"] if mine else "",
    )


async def complete_acts(database: Database) -> int:
    """Rows of what was done before there were rows; how many streams."""
    known = [name for of in ACTS.values() for name in of]
    async with database.write() as connection:
        if (await connection.execute(select(acts.c.version).limit(1))).first() is not None:
            return 0
        row = events.c
        wanted = (
            select(row.kind, row.stream)
            .where(or_(row.type.in_(known), row.kind == "bureau", row.stream.endswith(OF_OFFICE[0]),
                       row.stream.endswith(OF_OFFICE[1])))
            .group_by(row.kind, row.stream)
            .order_by(func.min(row.leaf))
        )  # fmt: skip
        found = [one for one in await connection.execute(wanted) if one.kind in ACTS or one.kind in RULES]
        for kind, stream in found:
            await ActRows(kind).project_stream(connection, await stream_events(connection, stream))
        return len(found)


MOST_WAITING: Final = 100


class ApprovalRows(StreamProjector):
    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        approval = fold(await stream_events(connection, appended[0].stream))
        if approval is None:
            return
        id_ = appended[0].stream.partition("/")[2]
        row = {
            "id": id_,
            "office": approval.asked.office,
            "kind": approval.asked.kind,
            "subject": approval.asked.subject,
            "state": approval.state,
            "asker": approval.by.id,
            "asked": approval.at,
            "expires": approval.asked.expires,
            "decided": approval.decided,
        }
        changed = await connection.execute(update(approvals).where(approvals.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(approvals).values(row))


class ApprovalStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, officer: Officer) -> list[str]:
        """Ids of what their offices asked for: what is open first, then the newest."""
        row = approvals.c
        wanted = (
            select(row.id)
            .where(within(officer, row.office))
            .order_by(row.state != "open", row.asked.desc(), row.id)
            .limit(MOST_WAITING)
        )
        if officer.role == "mediator":
            wanted = wanted.where(row.asker == officer.id)
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def sees(self, officer: Officer, approval: str) -> bool:
        row = approvals.c
        wanted = select(row.id).where(row.id == approval, within(officer, row.office))
        if officer.role == "mediator":
            wanted = wanted.where(row.asker == officer.id)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def open(self, kind: str, subject: str, now: datetime) -> str:
        """The id of one that waits, "" when none does."""
        row = approvals.c
        wanted = select(row.id).where(row.kind == kind, row.subject == subject, row.state == "open", row.expires > now)
        async with self._database.read() as connection:
            return (await connection.execute(wanted.limit(1))).scalar() or ""

    async def agreed(self, kind: str, subject: str) -> bool:
        """Whether one was approved, and is not done yet."""
        row = approvals.c
        wanted = select(row.id).where(row.kind == kind, row.subject == subject, row.state == "approved")
        async with self._database.read() as connection:
            return (await connection.execute(wanted.limit(1))).scalar() is not None

    async def to_do(self) -> list[str]:
        """Approved, and not done: a crash came between."""
        async with self._database.read() as connection:
            return list(
                (await connection.execute(select(approvals.c.id).where(approvals.c.state == "approved"))).scalars()
            )

    async def given(self, kind: str, asker: str, since: datetime) -> int:
        """How many such requests of theirs were carried out since."""
        row = approvals.c
        wanted = select(row.id).where(
            row.kind == kind, row.asker == asker, row.state.in_(("approved", "done")), row.decided > since
        )
        async with self._database.read() as connection:
            return len((await connection.execute(wanted)).all())
