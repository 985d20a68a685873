"""What the desk lists: today, waiting, due, promised; and what it costs to look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event

from complaints import events as c
from complaints.views import ComplaintFilter
from rooms import events as e
from rooms.views import AuditFilter
from server.complaints import store
from server.complaints.store import DUE_LATE, DUE_MOST, SqlReads
from server.db.engine import Database
from server.identity.link_store import Link, LinkStore
from server.outbox.store import State, StoredMessage
from tests.server.db.history import MINUTE, MORNING, SETTLED, SETTLED_LATER, Teller, registered, scheduled
from tests.server.db.readers import DAY, LIN, ZHOU


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements sent meanwhile, transaction control left out."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if not sql.startswith("BEGIN"):
            statements.append(sql)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_the_desk_shows_what_is_held_today_where_the_office_is(reads: SqlReads, tell: Teller) -> None:
    midnight = MORNING.replace(hour=16) - DAY  # the 14th begins in Wuhan
    for name, starts in {
        "before": midnight - MINUTE,
        "first": midnight,
        "last": midnight + DAY - MINUTE,
        "after": midnight + DAY,
    }.items():
        await tell.session(name, scheduled(f"c-{name}", starts=starts))
    desk = await reads.desk(ZHOU, MORNING)
    assert [row.id for row in desk.today] == ["first", "last"]
    assert [row.id for row in desk.coming] == ["after"]


async def test_a_session_under_way_stays_on_the_desk_past_midnight_and_a_cancelled_one_leaves(
    reads: SqlReads, tell: Teller
) -> None:
    await tell.session("late", scheduled(starts=MORNING - DAY))
    await tell.session("late", e.SessionOpened(), at=MORNING - DAY)
    await tell.session("off", scheduled(), e.SessionCancelled("改期"))
    assert [row.id for row in (await reads.desk(ZHOU, MORNING)).today] == ["late"]


async def test_what_is_still_to_come_today_is_first_and_a_colleagues_is_in_the_calendar_only(
    reads: SqlReads, tell: Teller
) -> None:
    await tell.mediated("c-over", "over")
    await tell.session("next", scheduled("c-next", starts=MORNING + 60 * MINUTE))
    for name, starts in {"colleague": MORNING, "colleague-later": MORNING + DAY}.items():
        await tell.session(name, replace(scheduled(f"c-{name}", starts=starts), mediator="u-wu"))
    desk = await reads.desk(ZHOU, MORNING)
    assert [row.id for row in desk.today] == ["next", "over"]
    assert desk.coming == []


async def test_complaints_wait_until_a_session_is_coming_the_earliest_deadline_first(
    reads: SqlReads, tell: Teller
) -> None:
    await tell.complaint("later", registered("later", received=MORNING))
    await tell.complaint("sooner", registered("sooner", received=MORNING - 5 * DAY))
    await tell.complaint("planned", registered("planned"))
    await tell.session("m1", scheduled("planned", starts=MORNING + DAY))
    await tell.complaint("missed", registered("missed", received=MORNING - 4 * DAY))
    await tell.session("m2", scheduled("missed", starts=MORNING - DAY))  # nobody came
    await tell.complaint("refused", registered("refused"), c.ComplaintRefused(1))
    await tell.mediated("done", "m3")
    await tell.complaint("live", registered("live"))
    await tell.session("m4", *(scheduled("live", starts=MORNING - DAY), e.SessionOpened()))
    desk = await reads.desk(ZHOU, MORNING)
    assert [row.id for row in desk.waiting] == ["sooner", "missed", "later"]
    assert desk.waiting_all == 3


async def test_a_deadline_within_three_working_days_is_due_and_one_gone_by_too(reads: SqlReads, tell: Teller) -> None:
    for name, received in {"over": 30, "near": 8, "far": 0}.items():
        await tell.complaint(name, registered(name, received=MORNING - received * DAY))
    due = (await reads.desk(ZHOU, MORNING)).due
    assert [row.id for row in due] == ["over", "near"]
    assert [row.deadline.due for row in due if row.deadline] == sorted(row.deadline.due for row in due if row.deadline)


async def test_a_desk_counts_everything_that_is_late_and_lists_what_can_be_read(reads: SqlReads, tell: Teller) -> None:
    for number in range(DUE_MOST + 3):
        await tell.complaint(f"late{number}", registered(f"late{number}", received=MORNING - 30 * DAY))
    await tell.complaint("near", registered("near", received=MORNING - 8 * DAY))
    desk = await reads.desk(ZHOU, MORNING)
    assert (len(desk.due), desk.late, desk.near) == (DUE_MOST, DUE_MOST + 3, DUE_MOST + 4)
    assert [row.id for row in desk.due][-1] == "near"
    assert desk.waiting_all == DUE_MOST + 4
    due = next(row.deadline.due for row in desk.waiting if row.id == "near" and row.deadline)
    then = datetime.combine(due, MORNING.timetz())
    assert (await reads.desk(ZHOU, then)).due_today == 1


async def test_a_backlog_leaves_most_of_the_list_to_what_is_due_now(reads: SqlReads, tell: Teller) -> None:
    for number in range(DUE_MOST):
        await tell.complaint(f"late{number}", registered(f"late{number}", received=MORNING - 30 * DAY))
        await tell.complaint(f"near{number}", registered(f"near{number}", received=MORNING - 8 * DAY))
    shown = [row.id for row in (await reads.desk(ZHOU, MORNING)).due]
    assert len(shown) == DUE_MOST
    assert [name.startswith("late") for name in shown] == [True] * DUE_LATE + [False] * (DUE_MOST - DUE_LATE)


async def test_a_settlement_with_promises_is_shown_until_they_are_kept(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1", SETTLED_LATER, opened=MORNING - 2 * DAY)
    await tell.mediated("c2", "m2", SETTLED, opened=MORNING - 2 * DAY)
    assert [row.id for row in (await reads.desk(ZHOU, MORNING)).performing] == ["m1"]
    await tell.complaint("c1", c.PromisesKept())
    assert (await reads.desk(ZHOU, MORNING)).performing == []


async def test_of_many_settlements_the_next_due_are_shown_and_that_there_are_more(
    reads: SqlReads, tell: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await tell.mediated(f"c{number}", f"m{number}", SETTLED_LATER, opened=MORNING - 2 * DAY)
    monkeypatch.setattr(store, "PERFORMING_MOST", 3)
    desk = await reads.desk(ZHOU, MORNING)
    assert (len(desk.performing), desk.performing_more) == (3, False)
    monkeypatch.setattr(store, "PERFORMING_MOST", 2)
    desk = await reads.desk(ZHOU, MORNING)
    assert (len(desk.performing), desk.performing_more) == (2, True)


@pytest.mark.parametrize(("state", "lost"), [("sent", False), ("queued", False), ("failed", True), ("dead", True)])
async def test_a_link_whose_message_did_not_arrive_is_named(
    reads: SqlReads, tell: Teller, database: Database, state: State, lost: bool
) -> None:
    await tell.session("m1", scheduled())
    await tell.session("m2", scheduled("c2"))
    link = Link("l1", "o1", "m1", "consumer", "h", "s", "s", "138 **** 5076", MORNING, "u1", MORNING + DAY)
    text = StoredMessage("n1", "o1", "m1", "link", "s", "138 **** 5076", "s", MORNING, MORNING, state)
    await LinkStore(database).issue(link, text)
    undelivered = {row.id: row.undelivered for row in (await reads.desk(ZHOU, MORNING)).today}
    assert undelivered == {"m1": {"consumer"} if lost else set(), "m2": set()}
    assert (await reads.session(ZHOU, "m1")).undelivered == undelivered["m1"]
    again = replace(link, id="l2", secret_hash="h2", created=MORNING + MINUTE)
    await LinkStore(database).issue(again, None)  # told in some other way
    assert (await reads.session(ZHOU, "m1")).undelivered == set()


# ---------------------------------------------------------------- cost


async def test_lists_cost_the_same_number_of_queries_however_long_they_are(
    reads: SqlReads, tell: Teller, database: Database
) -> None:
    async def costs() -> list[int]:
        found = []
        for look in (
            lambda: reads.desk(LIN, MORNING),
            lambda: reads.complaints(LIN, ComplaintFilter("积分")),
            lambda: reads.audit_list(LIN, AuditFilter()),
            lambda: reads.complaint(LIN, "c0"),
            lambda: reads.session(LIN, "m0"),
        ):
            with counted(database) as statements:
                await look()
            found.append(len(statements))
        return found

    await tell.mediated("c0", "m0", SETTLED_LATER)
    few = await costs()
    for number in range(1, 12):
        await tell.mediated(f"c{number}", f"m{number}", SETTLED_LATER, office=f"o{number % 2 + 1}")
    # A complaint’s page reads what was left for later, who handles it and what promises were sent; a desk the first.
    # PostgreSQL is told before a list, and afterwards, to plan by what is asked for.
    assert await costs() == few == ([12, 4, 4, 8, 2] if database.sqlite else [12, 6, 5, 8, 2])
