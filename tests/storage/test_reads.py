"""What pages list and show: within an officer's offices, bounded, and at a constant number of queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event

from complaints import events as c
from journal import Actor, Event
from rooms import events as e
from rooms.codec import draft, history
from rooms.codec import stream as session_stream
from rooms.commands import Command, NoteView
from rooms.session import Session, fold
from rooms.vocabulary import Outcome, OutcomeKind
from server.storage.engine import Database
from server.storage.identity_store import IdentityStore, User
from server.storage.journal_store import SqlJournal
from server.storage.link_store import Link, LinkStore
from server.storage.message_store import State, StoredMessage
from server.storage.projections import projectors
from server.storage.reads import PAGE_SIZE, SqlReads
from tests.storage.history import MINUTE, MORNING, SETTLED, SETTLED_LATER, Teller, registered, scheduled
from web.ports import AuditFilter, Office, Officer, Refused, Sessions

DAY = timedelta(days=1)
FIRST = Office("o1", "东湖高新区市场监管一所", "一所", "027-6000", "东高一投")
SECOND = replace(FIRST, id="o2", name="东湖高新区市场监管二所", short="二所")
THIRD = replace(FIRST, id="o3", name="东湖高新区市场监管三所", short="三所")
ZHOU = Officer("u-zhou", "zhou", "周敏", "mediator", FIRST, totp=False)
ELSEWHERE = Officer("u-else", "else", "外所", "mediator", SECOND, totp=False)
LIN = Officer("u-lin", "lin", "林督", "supervisor", FIRST, totp=False)
HE = Officer("u-he", "he", "何管", "administrator", FIRST, totp=False)


class JournaledSessions(Sessions):
    """Sessions that only take note of looks, straight in the journal."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal

    async def submit(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        assert isinstance(command, NoteView)
        stream = session_stream(session)
        after = await self._journal.last(stream)
        return await self._journal.append(stream, after, [draft(e.Viewed(command.part), MORNING, actor)])

    async def state(self, session: str) -> Session:
        folded = fold(history(await self._journal.read(session_stream(session))))
        assert folded is not None
        return folded


@pytest.fixture
async def journal(database: Database) -> SqlJournal:
    store = IdentityStore(database)
    for office in (FIRST, SECOND, THIRD):
        await store.add_office(office)
    for officer in (ZHOU, ELSEWHERE, LIN, HE):
        user = User(officer.id, officer.login, officer.name, officer.role, officer.office.id, "argon2", MORNING)
        await store.add_user(user)
    await store.oversee(LIN.id, [SECOND.id])
    return SqlJournal(database, projectors())


@pytest.fixture
async def tell(journal: SqlJournal) -> Teller:
    return Teller(journal)


@pytest.fixture
async def reads(database: Database, journal: SqlJournal, tmp_path: Path) -> SqlReads:
    return SqlReads(database, JournaledSessions(journal), tmp_path, lambda: MORNING + DAY)


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


# ---------------------------------------------------------------- the desk


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
    assert [row.id for row in (await reads.desk(ZHOU, MORNING)).waiting] == ["sooner", "missed", "later"]


async def test_a_deadline_within_three_working_days_is_due_and_one_gone_by_too(reads: SqlReads, tell: Teller) -> None:
    for name, received in {"over": 30, "near": 8, "far": 0}.items():
        await tell.complaint(name, registered(name, received=MORNING - received * DAY))
    due = (await reads.desk(ZHOU, MORNING)).due
    assert [row.id for row in due] == ["over", "near"]
    assert [row.deadline.due for row in due if row.deadline] == sorted(row.deadline.due for row in due if row.deadline)


async def test_a_settlement_with_promises_is_shown_until_they_are_kept(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1", SETTLED_LATER, opened=MORNING - 2 * DAY)
    await tell.mediated("c2", "m2", SETTLED, opened=MORNING - 2 * DAY)
    assert [row.id for row in (await reads.desk(ZHOU, MORNING)).performing] == ["m1"]
    await tell.complaint("c1", c.PromisesKept())
    assert (await reads.desk(ZHOU, MORNING)).performing == []


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


# ---------------------------------------------------------------- whose is whose


@pytest.fixture
async def offices(tell: Teller) -> None:
    for number in (1, 2, 3):
        await tell.mediated(f"c{number}", f"m{number}", office=f"o{number}")


@pytest.mark.parametrize(
    ("officer", "sees"),
    [(ZHOU, {"1"}), (ELSEWHERE, {"2"}), (LIN, {"1", "2"}), (HE, {"1"})],
    ids=lambda value: value.role + "-" + value.office.id if isinstance(value, Officer) else "",
)
@pytest.mark.usefixtures("offices")
async def test_an_officer_sees_their_own_office_and_a_supervisor_those_they_oversee(
    reads: SqlReads, officer: Officer, sees: set[str]
) -> None:
    listed, total = await reads.complaints(officer)
    assert ({row.id for row in listed}, total) == ({f"c{n}" for n in sees}, len(sees))
    audited = await reads.audit_list(officer, AuditFilter())
    assert {row.id for row in audited.rows} == {f"m{n}" for n in sees}
    assert {office.id for office in audited.offices} == {f"o{n}" for n in sees}
    assert {row.id for row in (await reads.desk(officer, MORNING)).today} == {f"m{n}" for n in sees}
    for number in "123":
        if number in sees:
            assert (await reads.complaint(officer, f"c{number}")).row.id == f"c{number}"
            assert (await reads.session(officer, f"m{number}")).id == f"m{number}"
            await reads.recording(officer, f"m{number}")
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
    other = c.PartyRecord("陈一")
    await tell.complaint("c1", registered("c1"))
    await tell.complaint("c2", registered("c2", title="空调", consumer=other, business=other))
    listed, total = await reads.complaints(ZHOU, search)
    assert ([row.id for row in listed], total) == (["c1"], 1)


@pytest.mark.parametrize("search", ["%", "_", "\\", "' OR 1=1 --"])
async def test_a_searched_wildcard_stands_for_itself(reads: SqlReads, tell: Teller, search: str) -> None:
    await tell.complaint("c1", registered("c1"))
    assert await reads.complaints(ZHOU, search) == ([], 0)


async def test_pages_of_complaints_are_bounded_and_complete(reads: SqlReads, tell: Teller) -> None:
    for number in range(PAGE_SIZE + 3):
        await tell.complaint(f"c{number:03}", registered(f"c{number:03}", received=MORNING - number * MINUTE))
    first, total = await reads.complaints(ZHOU, page=1)
    second, _ = await reads.complaints(ZHOU, page=2)
    assert (len(first), len(second), total) == (PAGE_SIZE, 3, PAGE_SIZE + 3)
    assert [row.id for row in [*first, *second]] == [f"c{n:03}" for n in range(PAGE_SIZE + 3)]
    assert (await reads.complaints(ZHOU, page=-1))[0] == first


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


async def test_an_audit_shows_the_whole_record_and_its_own_look_in_it(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1", SETTLED, minutes=10)
    page = await reads.audit(LIN, "m1", "record")
    assert (page.session.outcome, page.row.outcome) == (SETTLED, "settled")
    assert (page.complaint.row.state, page.timing.joint_ms) == ("settled", 600_000)
    look = page.events[-1]
    assert (look.type, look.data, look.actor) == ("Viewed", {"part": "record"}, LIN.actor)
    assert page.session.version == len(page.events) == look.version


# ---------------------------------------------------------------- recordings


COMPOSED = e.RecordingComposed("m1/mediation.mp4", "00" * 32, 3, 600_000, MORNING)


@pytest.mark.parametrize(
    ("noted", "state", "progress"),
    [
        (None, "none", 0.0),
        ({"state": "queued"}, "queued", 0.0),
        ({"state": "composing", "progress": 0.4, "error": ""}, "composing", 0.4),
        ({"state": "failed", "progress": 0.9, "error": "ffmpeg"}, "failed", 0.0),
        ([], "none", 0.0),
    ],
)
async def test_the_page_can_follow_the_composition(
    reads: SqlReads, tell: Teller, tmp_path: Path, noted: object, state: str, progress: float
) -> None:
    await tell.session("m1", scheduled())
    if noted is not None:
        _write(tmp_path, json.dumps(noted))
    recording = await reads.recording(ZHOU, "m1")
    assert (recording.state, recording.progress, recording.file) == (state, progress, None)


async def test_a_composed_recording_is_handed_out_as_a_file(reads: SqlReads, tell: Teller, tmp_path: Path) -> None:
    await tell.mediated("c1", "m1")
    file = _write(tmp_path, "mp4", "mediation.mp4")
    await tell.session("m1", e.CompositionFailed("ffmpeg"), COMPOSED)
    recording = await reads.recording(ZHOU, "m1")
    assert (recording.state, recording.file) == ("ready", file)
    assert (recording.duration_ms, recording.origin) == (600_000, MORNING)
    assert (await reads.audit(LIN, "m1", "recording")).recording == recording


async def test_a_composition_given_up_is_failed_until_it_is_tried_again(
    reads: SqlReads, tell: Teller, tmp_path: Path
) -> None:
    await tell.session("m1", scheduled(), e.CompositionFailed("ffmpeg"))
    assert (await reads.recording(ZHOU, "m1")).state == "failed"
    _write(tmp_path, '{"state": "composing", "progress": 0.1}')
    assert (await reads.recording(ZHOU, "m1")).state == "composing"


@pytest.mark.parametrize("path", ["m1/gone.mp4", "../outside.mp4", "/etc/hostname"])
async def test_no_file_outside_the_recordings_and_no_lost_one_is_handed_out(
    reads: SqlReads, tell: Teller, tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside.mp4").write_bytes(b"mp4")
    await tell.session("m1", scheduled(), replace(COMPOSED, path=path))
    recording = await reads.recording(ZHOU, "m1")
    assert (recording.state, recording.file) == ("failed", None)


async def test_a_half_written_progress_file_is_as_good_as_none(reads: SqlReads, tell: Teller, tmp_path: Path) -> None:
    await tell.session("m1", scheduled())
    _write(tmp_path, '{"state": "comp')
    assert (await reads.recording(ZHOU, "m1")).state == "none"


def _write(data: Path, text: str, name: str = "composition.json") -> Path:
    folder = data / "recordings" / "m1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


# ---------------------------------------------------------------- cost


async def test_lists_cost_the_same_number_of_queries_however_long_they_are(
    reads: SqlReads, tell: Teller, database: Database
) -> None:
    async def costs() -> list[int]:
        found = []
        for look in (
            lambda: reads.desk(LIN, MORNING),
            lambda: reads.complaints(LIN, "积分"),
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
    assert await costs() == few == [6, 2, 4, 3, 2]
