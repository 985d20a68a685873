"""Dashboards in SQL: what they count, in which order, and why a figure is another than it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from complaints.events import ComplaintAccepted, to_draft
from complaints.insight.respondents import JoinRespondents, PartRespondents, RespondentJoinService
from complaints.record.changes import ComplaintMerged, ImportUndone
from complaints.state import stream
from complaints.statistics import find_statistic
from complaints.statistics.facts import respondent
from complaints.statistics.figures import Period, month
from complaints.statistics.views import Comparison, StatisticsQuery, TooMuchChanged
from journal import SYSTEM
from journal.refusals import Refused
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.statistics import store
from server.statistics.store import SqlDashboards, SqlStatistics
from tests.server.db.history import MORNING, Teller, registered
from tests.server.db.readers import LIN, ZHOU

DAY = timedelta(days=1)
MONTH = month(MORNING.date())
RECEIVED = find_statistic("received")


@pytest.fixture
async def dashboards(database: Database, tmp_path: Path, tell: Teller) -> SqlDashboards:
    for number, problem in enumerate(("quality", "quality", "price")):
        await tell.complaint(f"c{number}", registered(f"c{number}", "o1", problem_class=problem, received=MORNING))
    await tell.complaint("d1", registered("d1", "o2", problem_class="price", received=MORNING - 20 * DAY))
    return SqlDashboards(database, tmp_path)


async def test_groups_stand_by_how_many_there_are_beside_what_they_are_compared_with(dashboards: SqlDashboards) -> None:
    asked = StatisticsQuery(MONTH, MONTH.last, by="problem")
    board = await dashboards.board(LIN, asked, RECEIVED, Comparison(MONTH.previous()), 30)
    assert [(row.label, row.now.top) for row in board.rows][:2] == [("quality", 2), ("price", 1 + (MORNING.day > 20))]
    only = await dashboards.board(ZHOU, asked, RECEIVED, None, 1)
    assert ([row.label for row in only.rows], only.groups, only.total.top, only.other) == (["quality"], 2, 3, None)


async def test_a_respondent_that_a_person_joined_counts_as_the_other_also_in_another_period_and_earlier(
    dashboards: SqlDashboards, database: Database, journal: SqlJournal, tell: Teller
) -> None:
    keys = []
    for n, name in enumerate(("悦动健身", "悦动健身", "飞扬瑜伽")):
        business = replace(registered().business, organisation=name)
        record = registered(f"e{n}", "o1", business=business, received=MORNING)
        await tell.complaint(f"e{n}", record)
        keys.append(respondent(record))
    asked = StatisticsQuery(MONTH, MONTH.last, by="respondent")
    before = await dashboards.board(ZHOU, asked, RECEIVED, None, 30)
    assert [(row.label, row.now.top) for row in before.rows if row.label in keys] == [(keys[0], 2), (keys[2], 1)]
    service, shop = RespondentJoinService(journal, lambda: MORNING), "a" * 24
    for key in set(keys):
        await service.submit(key, JoinRespondents(shop, ("name", "phone")), ZHOU.actor)
    for as_of in (None, datetime.now(UTC)):
        board = await dashboards.board(ZHOU, replace(asked, as_of=as_of), RECEIVED, Comparison(MONTH.previous()), 1)
        assert (board.rows[0].now.top, board.groups, board.total.top) == (3, before.groups - 1, before.total.top)
    (row,) = [row for row in (await dashboards.board(ZHOU, asked, RECEIVED, None, 30)).rows if row.label == shop]
    assert row.now.top == 3
    await service.submit(keys[0], PartRespondents(shop, "两家"), ZHOU.actor)
    parted = await dashboards.board(ZHOU, asked, RECEIVED, None, 30)
    assert {row.label: row.now.top for row in parted.rows if row.label in (keys[0], shop)} == {keys[0]: 2, shop: 1}


@pytest.mark.parametrize("by", ["problem|office", "problem|month", "industry2|band", "office|problem", "month|channel"])
async def test_two_things_at_once_add_up_to_each_of_them(dashboards: SqlDashboards, by: str) -> None:
    period = Period(MONTH.previous().first, MONTH.last)
    seen = await dashboards.cross(LIN, StatisticsQuery(period, MONTH.last, by=by), RECEIVED)
    assert seen.total.top == 4
    for labels, at in ((seen.rows, 0), (seen.columns, 1)):
        for label, whole in labels:
            assert sum(one.top for key, one in seen.cells.items() if key[at] == label) == whole.top
    if by == "problem|office":
        assert {key: one.top for key, one in seen.cells.items()} == {
            ("quality", "o1"): 2,
            ("price", "o1"): 1,
            ("price", "o2"): 1,
        }


async def test_a_business_is_named_and_nobody_elses(dashboards: SqlDashboards) -> None:
    board = await dashboards.board(ZHOU, StatisticsQuery(MONTH, MONTH.last, by="respondent"), RECEIVED, None, 30)
    assert len(board.rows) == 1
    assert set(board.names) == {board.rows[0].label}
    with pytest.raises(Refused):
        await dashboards.board(
            ZHOU, StatisticsQuery(MONTH, MONTH.last, by="problem"), RECEIVED, Comparison(MONTH, "o2"), 30
        )


async def test_a_question_is_narrowed_to_complaints_that_say_some_words(
    dashboards: SqlDashboards, database: Database, tell: Teller
) -> None:
    for n, told in enumerate(("健身房办卡后不肯退费", "健身房搬走了", "驾校不退费，说过期了")):
        await tell.complaint(f"w{n}", registered(f"w{n}", "o1", facts=told, received=MORNING))
    asked = StatisticsQuery(MONTH, MONTH.last, by="problem")
    counts = {}
    for words in ("健身房", "健身房 退费", "退费", "游泳池", "%", ""):
        narrowed = replace(asked, only=(("said", (words,)),))
        counts[words] = (await dashboards.board(ZHOU, narrowed, RECEIVED, None, 30)).total.top
        found, total = await SqlStatistics(database).records(ZHOU, narrowed, RECEIVED, "top", None, 1)
        assert total == len(found) == counts[words]
    assert counts == {"健身房": 2, "健身房 退费": 1, "退费": 2, "游泳池": 0, "%": 0, "": 0}


async def test_a_median_is_told_of_each_group(dashboards: SqlDashboards, tell: Teller) -> None:
    for n, days in enumerate((2, 4, 9)):
        await tell.complaint(f"m{n}", registered(f"m{n}", "o1", problem_class="safety", received=MORNING))
        await tell.complaint(f"m{n}", ComplaintAccepted(), at=MORNING + days * DAY)
    taken = find_statistic("median_days_to_decision")
    asked = StatisticsQuery(Period(MONTH.first, (MORNING + 20 * DAY).date()), MONTH.last, by="problem")
    board = await dashboards.board(ZHOU, asked, taken, Comparison(MONTH.previous()), 30)
    (row,) = board.rows
    assert (row.label, row.now.value, row.now.top) == ("safety", Decimal(4), 3)
    assert (board.total.value, board.groups) == (Decimal(4), 1)


async def test_why_a_figure_is_another_than_it_was(
    dashboards: SqlDashboards, journal: SqlJournal, tell: Teller
) -> None:
    then, later = MORNING + DAY, MORNING + 2 * DAY
    await journal.append(stream("c0"), 1, [to_draft(ComplaintMerged("c1", "一号", kept=False), later, SYSTEM)])
    await journal.append(stream("c2"), 1, [to_draft(ImportUndone("b1", "导错了"), later, SYSTEM)])
    await journal.append(stream("c1"), 1, [to_draft(ComplaintAccepted(), later, SYSTEM)])
    for number in (7, 8, 9):
        await tell.complaint(f"e{number}", registered(f"e{number}", "o1", received=MORNING - DAY / 24), at=later)
    asked = StatisticsQuery(Period(MORNING.date() - DAY, MONTH.last), MONTH.last)
    since = await dashboards.since(ZHOU, asked, RECEIVED, then)
    assert (since.before, since.now) == (3, 4)
    assert (since.entered, since.merged, since.undone, since.came, since.left) == (3, 1, 1, 0, 0)
    board = await dashboards.board(ZHOU, replace(asked, by="problem"), RECEIVED, None, 30)
    assert board.total.top == since.now
    accepted = await dashboards.since(ZHOU, asked, find_statistic("accepted"), then)
    assert (accepted.before, accepted.now, accepted.came) == (0, 1, 1)  # the next step of the procedure


async def test_too_much_is_not_looked_at_while_somebody_waits(
    dashboards: SqlDashboards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_CHANGED", 2)
    with pytest.raises(TooMuchChanged):
        await dashboards.since(ZHOU, StatisticsQuery(MONTH, MONTH.last), RECEIVED, MORNING - 900 * DAY)


async def test_how_mediation_goes_is_counted_for_each_office_seen(
    database: Database, tmp_path: Path, tell: Teller
) -> None:
    for number in (1, 2, 3):
        await tell.mediated(f"c{number}", f"m{number}", office=f"o{number}")
    dashboards = SqlDashboards(database, tmp_path)
    whole = Period(date(2026, 1, 1), date(2026, 12, 31))
    seen = await dashboards.performance(LIN, StatisticsQuery(whole, whole.last, by="problem"))
    assert [(one.label, one.figures["mediated@1"].top, one.like) for one in seen.mine] == [
        ("o1", 1, None),
        ("o2", 1, None),
    ]
    assert seen.total.figures["settled_share@1"].value == 100
    assert sum(seen.total.days.values()) == 2


async def test_a_map_is_read_from_its_own_folder_only(dashboards: SqlDashboards, tmp_path: Path) -> None:
    (tmp_path / "o1.json").write_bytes(b"[]")
    (tmp_path.parent / "o9.json").write_bytes(b"[]")
    assert await dashboards.outline("o1") == b"[]"
    assert await dashboards.outline("../o9") is None
    assert await dashboards.outline("o2") is None
