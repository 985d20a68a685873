"""The list of complaints: what it is narrowed by, and that the index follows every change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from complaints import events as c
from complaints.record import PartyRecord, SourceNumber
from complaints.record.changes import FieldChange, RecordAmended
from complaints.views import ComplaintFilter
from offices import Officer
from server.complaints import complaint_rows, follow, listing_store, store, ts_query, wanted as wanted_words
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import catch_up, projectors, rebuild
from server.db.schema import complaints
from tests.server.db.history import MORNING, Teller, registered
from tests.server.db.readers import DAY, ELSEWHERE, LIN, ZHOU


async def ids(reads: SqlReads, wanted: ComplaintFilter, officer: Officer = ZHOU) -> list[str]:
    return [row.id for row in (await reads.complaints(officer, wanted)).rows]


@pytest.fixture
async def told(tell: Teller) -> None:
    """Four in the first office, one in the second; from new to old c1, c2, c3, c4."""
    gym = PartyRecord("何青", organisation="武汉悦动健身服务有限公司")
    phones = PartyRecord("余波", organisation="武汉橙果数码商行")
    for number, change in enumerate(
        (
            {"business": gym, "title": "健身卡退费", "problem_class": "contract", "industry_code": "R8930"},
            {"business": phones, "title": "手机黑屏", "channel": "hotline", "problem_class": "quality"},
            {
                "business": gym,
                "title": "私教不兑现",
                "channel": "board",
                "sources": (SourceNumber("board", "LY77018"),),
            },
            {"business": phones, "title": "平板发热", "problem_class": "quality", "industry_code": "F5274"},
        ),
        start=1,
    ):
        await tell.complaint(f"c{number}", registered(f"c{number}", received=MORNING - number * DAY, **change))  # type: ignore[arg-type]
    await tell.complaint("d1", registered("d1", office="o2", received=MORNING, business=gym))


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (ComplaintFilter(), ["c1", "c2", "c3", "c4"]),
        (ComplaintFilter("健身"), ["c1", "c3"]),
        (ComplaintFilter("悦动"), ["c1", "c3"]),
        (ComplaintFilter("悦动健身服务"), ["c1", "c3"]),
        (ComplaintFilter("健身 退费"), ["c1"]),
        (ComplaintFilter("LY77018"), ["c3"]),
        (ComplaintFilter("ly770"), ["c3"]),
        (ComplaintFilter("橙"), ["c2", "c4"]),
        (ComplaintFilter("没有这个词"), []),
        (ComplaintFilter("。"), []),
        (ComplaintFilter(channel="hotline"), ["c2"]),
        (ComplaintFilter(problem="quality"), ["c2", "c4"]),
        (ComplaintFilter(industry="F"), ["c4"]),
        (ComplaintFilter(industry="R89"), ["c1"]),
        (ComplaintFilter(state="accepted"), []),
        (ComplaintFilter("橙果", problem="quality", channel="hotline"), ["c2"]),
        (ComplaintFilter(since=(MORNING - 3 * DAY).date()), ["c1", "c2", "c3"]),
        (ComplaintFilter(until=(MORNING - 3 * DAY).date()), ["c3", "c4"]),
        (ComplaintFilter("健身", until=(MORNING - 3 * DAY).date()), ["c3"]),
        (ComplaintFilter(office="o2"), []),
    ],
    ids=lambda value: "" if isinstance(value, list) else str(value)[:0],
)
async def test_it_is_narrowed_by_every_filter(reads: SqlReads, wanted: ComplaintFilter, found: Sequence[str]) -> None:
    assert await ids(reads, wanted) == found


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("few", [20, 1])
async def test_each_officer_finds_words_in_their_own_offices_only_be_they_few_or_many(
    reads: SqlReads, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(listing_store, "FEW_OFFICES", few)
    assert await ids(reads, ComplaintFilter("悦动"), ELSEWHERE) == ["d1"]
    assert await ids(reads, ComplaintFilter("悦动"), LIN) == ["d1", "c1", "c3"]
    assert await ids(reads, ComplaintFilter("悦动", office="o1"), LIN) == ["c1", "c3"]
    assert await ids(reads, ComplaintFilter(), LIN) == ["d1", "c1", "c2", "c3", "c4"]
    assert await ids(reads, ComplaintFilter(channel="hotline"), LIN) == ["c2"]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("recent", [timedelta(days=60), timedelta(seconds=1)])
async def test_words_are_found_wherever_in_time_they_stand(
    reads: SqlReads, monkeypatch: pytest.MonkeyPatch, recent: timedelta
) -> None:
    """Whether what is newest was enough, or nothing of it was."""
    monkeypatch.setattr(listing_store, "RECENT", recent)
    monkeypatch.setattr(listing_store, "MOST_COUNTED", 1)
    monkeypatch.setattr(store, "MOST_COUNTED", 1)
    assert await ids(reads, ComplaintFilter("悦动"), LIN) == ["d1"]
    older = (await reads.complaints(LIN, ComplaintFilter("悦动"))).older
    assert await ids(reads, ComplaintFilter("悦动", before=older), LIN) == ["c1"]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("few", [0, 1_500])
async def test_dates_due_are_filtered_by_whether_few_or_many_fall_under_them(
    reads: SqlReads, database: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(listing_store, "FEW_DUE", few)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    async with database.write() as connection:
        for id_, due in (("c1", today), ("c2", today - DAY), ("c3", today + timedelta(days=30)), ("c4", None)):
            await connection.execute(update(complaints).where(complaints.c.id == id_).values(next_due=due))
    moved = SqlReads(reads._database, reads._sessions, reads._recordings.parent, lambda: datetime.now(UTC))
    assert await ids(moved, ComplaintFilter(due="late")) == ["c2"]
    assert await ids(moved, ComplaintFilter(due="today")) == ["c1"]
    assert "c3" not in await ids(moved, ComplaintFilter(due="soon"))
    assert await ids(moved, ComplaintFilter("橙果", due="late", problem="quality")) == ["c2"]
    assert await ids(moved, ComplaintFilter("悦动", due="late")) == []


async def test_what_changes_is_found_by_what_it_became_only(reads: SqlReads, tell: Teller) -> None:
    await tell.complaint("c1", registered("c1"))
    await tell.complaint("c1", c.ComplaintAccepted())
    assert await ids(reads, ComplaintFilter(state="registered")) == []
    assert await ids(reads, ComplaintFilter("积分", state="accepted")) == ["c1"]


async def test_a_process_that_never_saw_the_complaint_before_takes_its_old_words_out(
    reads: SqlReads, tell: Teller, other: Database
) -> None:
    await tell.complaint("c1", registered("c1"))
    await Teller(SqlJournal(other, projectors())).complaint("c1", c.ComplaintAccepted())
    assert await ids(reads, ComplaintFilter(state="registered")) == []
    assert await ids(reads, ComplaintFilter(state="accepted")) == ["c1"]


async def test_two_received_in_the_same_second_both_have_their_place(
    reads: SqlReads, tell: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.complaints.listing_store.place_of", lambda id_, received: 4711)
    for id_ in ("c1", "c2", "c3"):
        await tell.complaint(id_, registered(id_))
    assert set(await ids(reads, ComplaintFilter())) == {"c1", "c2", "c3"}


@pytest.mark.usefixtures("told")
async def test_made_anew_it_finds_the_same(reads: SqlReads, database: Database) -> None:
    await rebuild(database)
    assert await ids(reads, ComplaintFilter("悦动")) == ["c1", "c3"]
    assert await ids(reads, ComplaintFilter(channel="hotline")) == ["c2"]


@pytest.mark.usefixtures("told")
async def test_rows_from_before_the_list_had_an_order_get_it_at_the_start(reads: SqlReads, database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(update(complaints).values(place=None, problem_class=""))
        await listing_store.empty_index(connection)
    assert await ids(reads, ComplaintFilter()) == []
    assert await catch_up(database) == 5
    assert await ids(reads, ComplaintFilter("悦动")) == ["c1", "c3"]
    assert await ids(reads, ComplaintFilter(problem="quality")) == ["c2", "c4"]
    assert await catch_up(database) == 0


@pytest.mark.usefixtures("told")
async def test_a_list_longer_than_a_window_goes_on_in_the_next(
    reads: SqlReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_store, "MOST_COUNTED", 3)
    monkeypatch.setattr("server.complaints.store.MOST_COUNTED", 3)
    for wanted in (ComplaintFilter(), ComplaintFilter("武汉")):
        first = await reads.complaints(ZHOU, wanted)
        assert (len(first.rows), first.total) == (3, 3)
        assert first.older is not None
        rest = await reads.complaints(ZHOU, replace(wanted, before=first.older))
        assert ([row.id for row in rest.rows], rest.older) == (["c4"], None)


async def test_a_place_holds_through_every_change(reads: SqlReads, tell: Teller, database: Database) -> None:
    await tell.complaint("c1", registered("c1"))

    async def place() -> int | None:
        async with database.read() as connection:
            found: int | None = (await connection.execute(select(complaints.c.place))).scalar_one()
            return found

    before = await place()
    await tell.complaint("c1", c.ComplaintRefused(1))
    assert await place() == before


async def test_the_register_has_every_window_of_the_list(
    told: None, reads: SqlReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_store, "MOST_COUNTED", 2)
    monkeypatch.setattr(store, "MOST_COUNTED", 2)
    rows, more = await reads.complaint_register(ZHOU, ComplaintFilter())
    assert [row.id for row in rows] == ["c1", "c2", "c3", "c4"]
    assert not more
    monkeypatch.setattr(store, "REGISTER_MOST", 2)
    rows, more = await reads.complaint_register(ZHOU, ComplaintFilter())
    assert (len(rows), more) == (2, True)


@pytest.mark.parametrize("text", ["没有明码标价", "预付卡退款难", "空调 健身房"])
def test_what_postgresql_is_asked_is_what_was_typed_with_a_word_said_once(text: str) -> None:
    asked = wanted_words(text)
    tokens = sorted({token.text for either in asked for token in either})
    query = re.sub(r"'(\w+)'(:\*)?", lambda found: f"({found[1]!r} in some)", ts_query(asked, ()))
    assert query.count(max(tokens, key=len)) == 1
    for n in range(1 << len(tokens)):
        some = {token for at, token in enumerate(tokens) if n >> at & 1}
        meant = all(any(token.text in some for token in either) for either in asked)
        assert eval(query.replace("&", "and").replace("|", "or"), {"some": some}) == meant


def test_what_rows_have_of_a_record_is_made_once_and_anew_when_it_is_amended() -> None:
    begun = follow(None, registered(title="手机黑屏"), MORNING)
    accepted = follow(begun, c.ComplaintAccepted(), MORNING)
    assert accepted.rowed.rows is begun.rowed.rows
    amended = follow(accepted, RecordAmended(1, (FieldChange("title", "手机黑屏", "平板发热"),), "听错了"), MORNING)
    filed = [complaint_rows("c1", one, "Asia/Shanghai").filed for one in (accepted, amended)]
    assert [one.row["title"] for one in filed] == ["手机黑屏", "平板发热"]
    assert ["平板" in one.words.split() for one in filed] == [False, True]
