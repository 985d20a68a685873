"""Whose is whose: within an officer's offices, and what complaints and records show there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event

from complaints.record import PartyRecord
from complaints.views import ComplaintFilter
from journal.refusals import Refused
from offices import Officer
from rooms import events as e
from rooms.record.rules import RecordUse
from rooms.views import AuditFilter
from rooms.vocabulary import ExhibitKind, Outcome, OutcomeKind, Side
from server.complaints.store import PAGE_SIZE, SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from tests.server.db.history import MINUTE, MORNING, SETTLED, Teller, registered, scheduled
from tests.server.db.readers import DAY, ELSEWHERE, HE, LIN, ZHOU


@pytest.fixture
async def offices(tell: Teller) -> None:
    for number in (1, 2, 3):
        await tell.mediated(f"c{number}", f"m{number}", office=f"o{number}")


@pytest.mark.parametrize(
    ("officer", "sees", "lists", "watches"),
    [
        (ZHOU, {"1"}, {"1"}, {"1"}),
        (ELSEWHERE, {"2"}, set(), set()),  # a mediator of that office, of no mediation
        (LIN, {"1", "2"}, {"1", "2"}, {"1", "2"}),
        (HE, {"1"}, {"1"}, set()),  # an administrator: how long it is kept, and nothing of what is in it
    ],
    ids=lambda value: value.role + "-" + value.office.id if isinstance(value, Officer) else "",
)
@pytest.mark.usefixtures("offices")
async def test_an_officer_sees_their_own_office_and_a_supervisor_those_they_oversee(
    reads: SqlReads, officer: Officer, sees: set[str], lists: set[str], watches: set[str]
) -> None:
    listed = await reads.complaints(officer, ComplaintFilter())
    assert ({row.id for row in listed.rows}, listed.total) == ({f"c{n}" for n in sees}, len(sees))
    audited = await reads.audit_list(officer, AuditFilter())
    assert ({row.id for row in audited.rows}, audited.total) == ({f"m{n}" for n in lists}, len(lists))
    assert {office.id for office in audited.offices} == {f"o{n}" for n in sees}
    own = lists if officer.role == "mediator" else set()
    assert {row.id for row in (await reads.desk(officer, MORNING)).today} == {f"m{n}" for n in own}
    for number in "123":
        if number in sees:
            assert (await reads.complaint(officer, f"c{number}")).row.id == f"c{number}"
            assert (await reads.session(officer, f"m{number}")).id == f"m{number}"
            if number in watches:
                await reads.recording(officer, f"m{number}")
                continue
            for refused in (
                reads.audit(officer, f"m{number}", "record"),
                reads.recording(officer, f"m{number}"),
                *(reads.record(officer, f"m{number}", use) for use in RecordUse),
            ):
                with pytest.raises(Refused) as no:
                    await refused
                assert (no.value.code, no.value.status) == ("not_of_the_case", 403)
            continue
        for refused in (
            reads.complaint(officer, f"c{number}"),
            reads.session(officer, f"m{number}"),
            reads.audit(officer, f"m{number}", "record"),
            reads.recording(officer, f"m{number}"),
        ):
            with pytest.raises(Refused) as no:
                await refused
            assert (no.value.code, no.value.status) == ("not_found", 404)


@pytest.mark.usefixtures("offices")
async def test_a_filter_for_another_office_opens_nothing(reads: SqlReads) -> None:
    assert (await reads.audit_list(ZHOU, AuditFilter(office="o2"))).rows == []


@pytest.mark.usefixtures("offices")
async def test_whoever_may_not_look_leaves_no_mark_in_the_record(reads: SqlReads, journal: SqlJournal) -> None:
    before = await journal.read("session/m2")
    with pytest.raises(Refused):
        await reads.audit(ZHOU, "m2", "record")
    assert await journal.read("session/m2") == before


# ---------------------------------------------------------------- complaints


async def test_a_complaint_page_shows_all_of_it_but_no_full_number(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1")
    page = await reads.complaint(ZHOU, "c1")
    assert (page.row.state, page.row.loss_recovered, page.order) == ("settled", Decimal("2000.00"), "121")
    assert (page.consumer.phone, page.consumer.city) == ("138****5678", "黄冈")
    assert page.business.organisation == "武汉知遇桥公司"
    assert [row.id for row in page.sessions] == ["m1"]
    assert page.history[0].type == "ComplaintRegistered"
    assert "sealed" not in repr((page.consumer, page.business))
    assert [deadline.code for deadline in page.deadlines] == ["accept", "mediate"]


async def test_a_complaint_page_names_what_its_mediations_left_on_file(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1")
    assert (await reads.complaint(ZHOU, "c1")).papers == {}
    original = e.Original("m1/x", "jpeg", "0" * 64, 9)
    await tell.session(
        "m1",
        e.ExhibitOffered("x1", "s-c", Side.CONSUMER, ExhibitKind.PICTURES, (original,)),
        e.ExhibitOffered("x2", "s-c", Side.CONSUMER, ExhibitKind.PICTURES, (original,)),
        e.ExhibitConfided("x3", "合同", "s-b", Side.BUSINESS, ExhibitKind.PICTURES, (original,)),
        e.ExhibitWithdrawn("x2"),
        e.ExhibitWithdrawn("x3"),
        e.DocumentSealed("d1", "agreement", "东高一调〔2026〕0001号", "0" * 64, 9, "0" * 64, "B-B"),
    )
    papers = (await reads.complaint(ZHOU, "c1")).papers["m1"]
    assert [(one.id, one.kind, one.number) for one in papers.sealed] == [("d1", "agreement", "东高一调〔2026〕0001号")]
    assert papers.exhibits == 1


async def test_a_date_whose_matter_is_done_no_longer_runs(reads: SqlReads, tell: Teller) -> None:
    await tell.complaint("c1", registered())
    assert [(one.code, one.running) for one in (await reads.complaint(ZHOU, "c1")).deadlines] == [("accept", True)]
    await tell.mediated("c2", "m2")
    ran = [(one.code, one.running) for one in (await reads.complaint(ZHOU, "c2")).deadlines]
    assert ran == [("accept", False), ("mediate", False)]


async def test_deadlines_speak_the_officers_language(reads: SqlReads, tell: Teller) -> None:
    await tell.complaint("c1", registered())
    chinese = (await reads.complaint(ZHOU, "c1")).deadlines[0]
    english = (await reads.complaint(replace(ZHOU, language="en"), "c1")).deadlines[0]
    assert "条" in chinese.article
    assert "Art" in english.article
    assert chinese.days[0] == (date(2026, 4, 11), "收到", False)
    assert english.days[0] == (date(2026, 4, 11), "received", False)
    assert chinese.due == english.due == chinese.days[-1][0]


@pytest.mark.parametrize("search", ["积分", "丁小禾", "知遇桥", "〔2026〕c1", "  丁小禾 "])
async def test_complaints_are_found_by_number_title_and_either_party(
    reads: SqlReads, tell: Teller, search: str
) -> None:
    other = PartyRecord("陈一")
    await tell.complaint("c1", registered("c1"))
    await tell.complaint(
        "c2", registered("c2", title="空调", request="维修", facts="不制冷", consumer=other, business=other)
    )
    listed = await reads.complaints(ZHOU, ComplaintFilter(search))
    assert ([row.id for row in listed.rows], listed.total) == (["c1"], 1)


@pytest.mark.parametrize("search", ["%", "_", "\\", "' OR 1=1 --"])
async def test_a_searched_wildcard_stands_for_itself(reads: SqlReads, tell: Teller, search: str) -> None:
    await tell.complaint("c1", registered("c1"))
    assert (await reads.complaints(ZHOU, ComplaintFilter(search))).rows == []


async def test_pages_of_complaints_are_bounded_and_complete(reads: SqlReads, tell: Teller) -> None:
    for number in range(PAGE_SIZE + 3):
        await tell.complaint(f"c{number:03}", registered(f"c{number:03}", received=MORNING - number * MINUTE))
    first = await reads.complaints(ZHOU, ComplaintFilter(page=1))
    second = await reads.complaints(ZHOU, ComplaintFilter(page=2))
    assert (len(first.rows), len(second.rows), first.total) == (PAGE_SIZE, 3, PAGE_SIZE + 3)
    assert [row.id for row in [*first.rows, *second.rows]] == [f"c{n:03}" for n in range(PAGE_SIZE + 3)]
    assert (await reads.complaints(ZHOU, ComplaintFilter(page=-1))).rows == first.rows


# ---------------------------------------------------------------- auditing


async def test_the_audit_list_filters_by_every_criterion(reads: SqlReads, tell: Teller) -> None:
    ended = Outcome(OutcomeKind.ENDED, ground=5)
    await tell.mediated("c1", "short", minutes=5, opened=MORNING - 2 * DAY)
    await tell.mediated("c2", "long", ended, minutes=40, opened=MORNING)
    await tell.session("coming", scheduled("c3"))  # not held: nothing to audit

    async def found(**wanted: object) -> list[str]:
        return [row.id for row in (await reads.audit_list(LIN, AuditFilter(**wanted))).rows]  # type: ignore[arg-type]

    assert await found() == ["long", "short"]
    assert await found(outcome="settled") == ["short"]
    assert await found(mediator="u-zhou", office="o1") == ["long", "short"]
    assert await found(mediator="u-lin") == []
    assert await found(since=date(2026, 4, 14)) == ["long"]
    assert await found(until=date(2026, 4, 13)) == ["short"]
    assert await found(since=date(2026, 4, 12), until=date(2026, 4, 12)) == ["short"]
    assert await found(shortest_ms=10 * 60_000) == ["long"]
    assert await found(longest_ms=10 * 60_000) == ["short"]
    everything = await reads.audit_list(LIN, AuditFilter())
    assert (everything.total, everything.mediators) == (2, [("u-zhou", "周敏")])


async def test_records_of_several_offices_are_one_list_the_newest_first_page_by_page(
    reads: SqlReads, tell: Teller
) -> None:
    for number in range(PAGE_SIZE + 5):
        begun = MORNING - number * MINUTE
        await tell.mediated(f"c{number}", f"m{number:02}", office=f"o{number % 3 + 1}", opened=begun)
    mine = [f"m{number:02}" for number in range(PAGE_SIZE + 5) if number % 3 < 2]  # the third office is not overseen
    pages = [await reads.audit_list(LIN, AuditFilter(page=page)) for page in (1, 2)]
    assert [row.id for page in pages for row in page.rows] == mine
    assert {page.total for page in pages} == {len(mine)}
    second = await reads.audit_list(LIN, AuditFilter(office="o2"))
    assert [row.id for row in second.rows] == [id_ for id_ in mine if int(id_[1:]) % 3 == 1]
    for office in ("o3", "nowhere"):
        other = await reads.audit_list(LIN, AuditFilter(office=office))
        assert (other.rows, other.total) == ([], 0)


async def test_records_come_from_an_index_and_are_not_sorted(reads: SqlReads, tell: Teller, database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        return  # a planner with statistics sorts a handful of rows, rightly
    await tell.mediated("c1", "m1")
    sent: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, sql: str, parameters: object, *_rest: object) -> None:
        sent.append((sql, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    for wanted in (AuditFilter(), AuditFilter(mediator="u-zhou", outcome="settled"), AuditFilter(office="o1")):
        await reads.audit_list(LIN, wanted)
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    lists = [(sql, given) for sql, given in sent if "seats" in sql and "FROM sessions" in sql]
    assert len(lists) == 3
    async with database.read() as connection:
        for sql, given in lists:
            plan = str((await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)).all())  # type: ignore[arg-type]
            assert "COVERING INDEX ix_sessions_records" in plan
            assert "SCAN sessions" not in plan, plan


async def test_an_audit_shows_the_whole_record_and_its_own_look_in_it(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1", SETTLED, minutes=10)
    page = await reads.audit(LIN, "m1", "record")
    assert (page.session.outcome, page.row.outcome) == (SETTLED, "settled")
    assert (page.complaint.row.state, page.timing.joint_ms) == ("settled", 600_000)
    look = page.events[-1]
    assert (look.type, look.data, look.actor) == ("Viewed", {"part": "record"}, LIN.actor)
    assert page.session.version == len(page.events) == look.version
