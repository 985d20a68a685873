"""Rows follow their streams, in the same transaction, and can be made anew."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, event, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import events as c
from journal import SYSTEM, Conflict, Draft
from rooms import events as e
from rooms.events import SessionEntry, event_draft
from rooms.session import Session, fold
from rooms.vocabulary import Consent, Outcome, OutcomeKind
from server.db import rows
from server.db.bulk import put_rows
from server.db.engine import Database
from server.db.journal import EventBatch, SqlJournal
from server.db.projections import projectors, rebuild
from server.db.rows import PASSING, ClosedSession, ClosedSessions, SessionRows, session_now
from server.db.schema import complaints, sessions
from tests.server.db.history import (
    BUSINESS,
    CONSUMER,
    MEDIATOR,
    MINUTE,
    MORNING,
    PAID_LATER,
    SETTLED,
    SETTLED_LATER,
    Teller,
    everybody_enters,
    registered,
    scheduled,
)

Row = dict[str, Any]


@pytest.fixture
async def journal(database: Database) -> SqlJournal:
    return SqlJournal(database, projectors())


@pytest.fixture
async def tell(journal: SqlJournal) -> Teller:
    return Teller(journal)


async def session(database: Database, id_: str = "m1") -> Row:
    async with database.read() as connection:
        return dict((await connection.execute(select(sessions).where(sessions.c.id == id_))).mappings().one())


async def complaint(database: Database, id_: str = "c1") -> Row:
    async with database.read() as connection:
        return dict((await connection.execute(select(complaints).where(complaints.c.id == id_))).mappings().one())


async def test_a_scheduled_session_is_listed_with_its_people(database: Database, tell: Teller) -> None:
    await tell.session("m1", scheduled())
    row = await session(database)
    assert (row["status"], row["starts"], row["opened"], row["outcome"]) == ("scheduled", MORNING, None, "")
    assert (row["mediator_name"], row["consumer"], row["business"]) == ("周敏", "丁小禾", BUSINESS.organisation)
    assert row["seats"] == {"mediator": "invited", "consumer": "unlinked", "business": "unlinked"}


async def test_the_list_shows_how_far_an_invitation_got(database: Database, tell: Teller) -> None:
    await tell.session("m1", scheduled())

    async def standing(*happened: e.SessionEvent) -> str:
        await tell.session("m1", *happened)
        seats: dict[str, str] = (await session(database))["seats"]
        return seats["consumer"]

    assert await standing(e.LinkIssued(CONSUMER.id, "l1", MORNING + MINUTE)) == "linked"
    assert await standing(e.LinkOpened(CONSUMER.id, "l1")) == "opened"
    assert await standing(e.ConsentGiven(CONSUMER.id, Consent.PARTICIPATE, "2026-04")) == "agreed"
    assert await standing(e.Arrived(CONSUMER.id)) == "waiting"
    assert await standing(e.SentBack(CONSUMER.id)) == "agreed"


async def test_the_list_shows_where_every_seat_is(database: Database, tell: Teller) -> None:
    await tell.session("m1", scheduled())
    await tell.session("m1", e.Arrived(CONSUMER.id), e.ConsentRefused(BUSINESS.id, Consent.PARTICIPATE, "2026-04"))
    assert (await session(database))["seats"] == {"mediator": "invited", "consumer": "waiting", "business": "refused"}


async def test_the_name_on_file_is_listed_whatever_somebody_calls_themselves(database: Database, tell: Teller) -> None:
    await tell.session("m1", scheduled())
    await tell.session("m1", e.NameChosen(CONSUMER.id, "路过的人"))
    assert (await session(database))["consumer"] == "丁小禾"


async def test_a_closed_session_has_its_outcome_and_its_joint_time(database: Database, tell: Teller) -> None:
    await tell.mediated("c1", "m1", minutes=10)
    row = await session(database)
    assert (row["status"], row["closed"], row["outcome"]) == ("closed", MORNING + 10 * MINUTE, "settled")
    assert (row["loss_recovered"], row["joint_ms"]) == (Decimal("2000.00"), 10 * 60 * 1000)
    assert (row["performing"], row["promises_due"]) == (False, None)


async def test_promises_for_later_are_shown_with_their_last_date(database: Database, tell: Teller) -> None:
    await tell.mediated("c1", "m1", SETTLED_LATER)
    row = await session(database)
    assert (row["performing"], row["promises_due"]) == (True, PAID_LATER.due)


async def test_a_cancelled_session_says_so(database: Database, tell: Teller) -> None:
    await tell.session("m1", scheduled())
    await tell.session("m1", e.SessionCancelled("双方已和解"))
    assert (await session(database))["status"] == "cancelled"


async def test_a_complaint_follows_from_receipt_to_settlement(database: Database, tell: Teller) -> None:
    await tell.complaint("c1", registered())
    row = await complaint(database)
    assert (row["state"], row["running"], row["amount"]) == ("registered", "accept", Decimal("2360.00"))
    assert (row["consumer"]["phone"], row["consumer"]["phone_masked"]) == ("sealed-consumer", "138****5678")
    await tell.complaint("c1", c.ComplaintAccepted())
    row = await complaint(database)
    assert (row["state"], row["running"]) == ("accepted", "mediate")
    assert [clock["code"] for clock in row["deadlines"]] == ["accept", "mediate"]
    assert row["next_due"].isoformat() == row["deadlines"][1]["due"]
    await tell.complaint("c1", c.MediationScheduled("m1", 1, MORNING, "u-zhou"))
    assert (await complaint(database))["state"] == "mediating"
    await tell.complaint("c1", c.MediationClosed("m1", "settled", Decimal("2000.00")))
    row = await complaint(database)
    assert (row["state"], row["running"], row["next_due"]) == ("settled", "", None)
    assert row["loss_recovered"] == Decimal("2000.00")


async def test_statutory_days_are_counted_where_the_office_is(database: Database, tell: Teller) -> None:
    late = MORNING.replace(day=13, hour=17)  # already the 14th in Wuhan, a Tuesday
    await tell.complaint("c1", registered(received=late))
    assert (await complaint(database))["next_due"] == date(2026, 4, 23)


async def test_looking_at_a_phone_changes_nothing_in_the_row(database: Database, tell: Teller) -> None:
    await tell.complaint("c1", registered())
    before = await complaint(database)
    await tell.complaint("c1", c.PhoneRevealed("consumer", "通知调解时间"))
    assert await complaint(database) == before


async def test_everything_can_be_made_anew_from_the_journal(database: Database, tell: Teller) -> None:
    await tell.mediated("c1", "m1", SETTLED_LATER)
    await tell.mediated("c2", "m2", Outcome(OutcomeKind.ENDED, ground=5), office="o2")
    await tell.session("m3", scheduled("c1"))
    before = [await session(database, id_) for id_ in ("m1", "m2", "m3")]
    files = [await complaint(database, id_) for id_ in ("c1", "c2")]
    async with database.write() as connection:
        await connection.execute(update(sessions).values(title="spoilt", joint_ms=1))
        await connection.execute(update(complaints).values(state="spoilt", deadlines=[]))
    assert await rebuild(database) == 5
    assert [await session(database, id_) for id_ in ("m1", "m2", "m3")] == before
    assert [await complaint(database, id_) for id_ in ("c1", "c2")] == files


async def test_two_processes_appending_in_turn_never_build_on_a_stale_row(
    database: Database, other: Database, tell: Teller
) -> None:
    there = Teller(SqlJournal(other, projectors()))
    await tell.session("m1", scheduled())
    await there.session("m1", e.Arrived(CONSUMER.id))
    await tell.session("m1", e.Arrived(BUSINESS.id))
    assert (await session(database))["seats"] == {"mediator": "invited", "consumer": "waiting", "business": "waiting"}


class Failing:
    """Lets the real projector do its work and then spoils the transaction."""

    def __init__(self, real: Any) -> None:
        self.real, self.kind, self.fails = real, real.kind, False

    async def project(self, connection: AsyncConnection, batch: EventBatch) -> None:
        await self.real.project(connection, batch)
        if self.fails:
            raise OSError("disk full")


async def test_after_a_rolled_back_append_the_row_is_still_right(database: Database, other: Database) -> None:
    failing = Failing(projectors()[0])
    journal = SqlJournal(database, [failing])
    tell, there = Teller(journal), Teller(SqlJournal(other, projectors()))
    await tell.session("m1", scheduled())
    failing.fails = True
    with pytest.raises(OSError, match="disk full"):
        await tell.session("m1", e.Arrived(CONSUMER.id))
    failing.fails = False
    await there.session("m1", e.Arrived(MEDIATOR.id))  # takes the version that was rolled back
    await tell.session("m1", e.Arrived(BUSINESS.id))
    assert (await session(database))["seats"] == {"mediator": "waiting", "consumer": "unlinked", "business": "waiting"}


async def test_a_conflict_leaves_the_row_alone(database: Database, journal: SqlJournal, tell: Teller) -> None:
    await tell.session("m1", scheduled())
    with pytest.raises(Conflict):
        await journal.append("session/m1", 0, [Draft("SessionOpened", {}, MORNING)])
    assert (await session(database))["status"] == "scheduled"


async def test_speaking_costs_an_append_the_same_few_statements_however_long_the_session(
    database: Database, tell: Teller
) -> None:
    await tell.session("m1", scheduled())
    await tell.enter_all("m1", MORNING)
    for number in range(50):
        spoke = (e.SpeakingStarted(CONSUMER.id), e.SpeakingStopped(CONSUMER.id))
        await tell.session("m1", *spoke, at=MORNING + timedelta(seconds=number))
    statements: list[str] = []
    event.listen(
        database.engine.sync_engine, "before_cursor_execute", lambda c, cursor, sql, *rest: statements.append(sql)
    )
    await tell.session("m1", e.SpeakingStarted(BUSINESS.id), at=MORNING + MINUTE)
    # The teller's own look at the stream; the tree's new edge and the insert go together below what is listened to
    # here. No row changed, so none is written.
    assert len([sql for sql in statements if not sql.startswith("BEGIN")]) == 1


async def test_rows_of_many_sessions_that_begin_together_are_one_statement(
    database: Database, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[int] = []

    async def counting(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        put.append(len(rows))
        await put_rows(connection, table, rows)

    monkeypatch.setattr(rows, "put_rows", counting)
    begun = event_draft(scheduled(), MORNING, SYSTEM)
    await asyncio.gather(*(journal.append(f"session/m{number}", 0, [begun]) for number in range(30)))
    assert put == [30]
    assert [(await session(database, f"m{number}"))["title"] for number in range(30)] == [scheduled().title] * 30


class Asked:
    """A writer of closed sessions, with what it was told of."""

    types = ("SegmentSealed", "SessionClosed")

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int]] = []

    async def write(self, connection: AsyncConnection, closed: ClosedSession) -> None:
        assert closed.state is not None
        self.told.append((closed.id, closed.state.status, len(closed.entries)))


async def test_what_is_made_of_closed_sessions_is_not_asked_about_one_that_goes_on(database: Database) -> None:
    rows, asked = SessionRows(), Asked()
    tell = Teller(SqlJournal(database, [rows, ClosedSessions(rows, [asked])]))
    entered = [scheduled(), *everybody_enters()]
    sealed = e.SegmentSealed(CONSUMER.id, "m1/a.webm", "ab" * 32, 9, MORNING, MORNING + MINUTE)
    await tell.session("m1", *entered)
    await tell.session("m1", sealed)
    await tell.session("m1", e.OutcomeProposed(SETTLED), e.SessionClosed(SETTLED))
    assert asked.told == [("m1", "closed", len(entered) + 3)]
    await tell.session("m1", e.Corrected("金额大写为贰仟元整"))
    await tell.session("m1", replace(sealed, path="m1/b.webm"))
    assert asked.told[1:] == [("m1", "closed", len(entered) + 5)]


PASSED = (
    e.Said(CONSUMER.id, "在吗"), e.Confided(CONSUMER.id, "底线", "", 1, ()), e.SpeakingStarted(CONSUMER.id),
    e.SpeakingStopped(CONSUMER.id), e.HandRaised(CONSUMER.id), e.HandLowered(CONSUMER.id),
    e.Muted(CONSUMER.id, MEDIATOR.id), e.UnmuteAsked(CONSUMER.id), e.Unmuted(CONSUMER.id),
    e.CameraSet(CONSUMER.id, True), e.BackgroundSet(CONSUMER.id, "blur"), e.CaptionsAsked(CONSUMER.id, True),
    e.QualityChanged(CONSUMER.id, 2), e.PicturesPaused(CONSUMER.id, "to"), e.PicturesResumed(CONSUMER.id, "to"),
    e.Routed({}, {}, ()),
)  # fmt: skip
FOLLOWING = (
    e.Disconnected(CONSUMER.id, "socket"), e.Reconnected(CONSUMER.id), e.SentBack(CONSUMER.id), e.Arrived(CONSUMER.id),
    e.Removed(CONSUMER.id, "吵闹"), e.Left(BUSINESS.id), e.SessionClosed(SETTLED),
)  # fmt: skip


def test_what_passes_in_a_room_says_nothing_in_its_row_nor_changes_what_a_later_event_says_there() -> None:
    assert {type(one).__name__ for one in PASSED} == PASSING

    def rows(*happened: e.SessionEvent) -> list[Row]:
        begun = (scheduled(), *everybody_enters())
        entries = [SessionEntry("m1", n, one, MORNING) for n, one in enumerate([*begun, *happened, *FOLLOWING], 1)]
        states: list[Session | None] = [fold(entries[:n]) for n in range(len(begun) + len(happened), len(entries) + 1)]
        return [session_now(state) for state in states if state is not None]

    for passing in PASSED:
        assert rows(passing) == rows(), passing
    assert rows(*PASSED) == rows()


async def test_a_later_correction_does_not_touch_the_outcome(database: Database, tell: Teller) -> None:
    await tell.mediated("c1", "m1", SETTLED)
    before = await session(database)
    await tell.session("m1", e.Corrected("金额大写为贰仟元整"), at=MORNING + timedelta(days=1))
    assert await session(database) == before
