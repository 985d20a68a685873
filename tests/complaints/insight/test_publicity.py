"""Which business is named with what, and that nothing goes out untold, unanswered or by one person alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from complaints.events import drafted
from complaints.insight.publicity import (
    BusinessCorrected,
    BusinessLeftOut,
    BusinessNamed,
    BusinessTold,
    BusinessWithdrawn,
    EntryFigures,
    ObjectionAnswered,
    ObjectionMade,
    ObjectionsOpened,
    PublicityBegun,
    PublicityEvent,
    PublicityPublished,
    PublicityWithdrawn,
    RecordsViewed,
    number,
    period_of,
    shown,
    stream,
)
from complaints.insight.publicity_rules import Publicity, decide, evolve, fold, working_days_after
from journal import Actor, Event, MemoryJournal
from journal.refusals import DomainError
from law import WorkingCalendar

LIN = Actor("officer", "lin", "林督", "supervisor", "o1")
LU = Actor("officer", "lu", "陆督", "supervisor", "o1")
SHOP = Actor("party", "k1", "知遇桥", "business", "o1")
JULY, DUE, AFTER = date(2026, 7, 2), date(2026, 7, 13), date(2026, 7, 14)
AT = datetime(2026, 7, 2, 1, tzinfo=UTC)
RECORDS = tuple(f"c{n}" for n in range(8))
BEGUN = PublicityBegun("o1", "东湖局", ("o1",), "quarter", date(2026, 4, 1), date(2026, 6, 30), 5, 7)
NAMED = BusinessNamed("k1", "知遇桥", "91420100MA0DEM013Y", EntryFigures(8, 6, {"contract": 8}), RECORDS, {})
OTHER = replace(NAMED, entry="k2", name="东湖健身")
TOLD = [BusinessTold(key, DUE, "hand", note="送达") for key in ("k1", "k2")]
CORRECTED = BusinessCorrected(
    "k1", "知遇桥", EntryFigures(7, 6, {"contract": 7}), RECORDS[1:], {"c0": "review"}, "复核"
)


def after(now: Publicity | None, *asked: PublicityEvent, by: Actor = LIN, today: date = JULY) -> Publicity | None:
    for event in decide(asked, now, by, today):
        now = evolve(now, event, AT, by)
    return now


def ready() -> Publicity:
    now = after(after(None, BEGUN, NAMED, OTHER), ObjectionsOpened(), *TOLD)
    assert now is not None
    return now


def published() -> Publicity:
    now = ready()
    now_ = after(now, PublicityPublished(1, now.digest, "lu", "陆督", "a1"), today=AFTER)
    assert now_ is not None
    return now_


def test_the_second_person_has_had_no_hand_in_it() -> None:
    now = ready()
    with pytest.raises(DomainError, match="same_person"):
        after(now, PublicityPublished(1, now.digest, "lin", "林督", "a1"), today=AFTER)
    touched = after(now, replace(CORRECTED), by=LU)
    assert touched is not None
    with pytest.raises(DomainError, match="same_person"):
        after(touched, PublicityPublished(1, touched.digest, "lu", "陆督", "a1"), today=AFTER)
    assert published().editions[0].second == "陆督"


def test_nothing_goes_out_before_the_period_is_over_and_each_is_told_and_answered() -> None:
    begun = after(None, BEGUN, NAMED, OTHER)
    assert begun is not None
    assert begun.ready(AFTER) == "stage"
    half = after(begun, ObjectionsOpened(), TOLD[0])
    assert half is not None
    assert half.ready(AFTER) == "untold"
    assert ready().ready(DUE) == "period"
    objected = after(ready(), ObjectionMade("k1", "x1", "不是我们的", "陈立", "link"), by=SHOP)
    assert objected is not None
    assert objected.ready(AFTER) == "objections"
    answered = after(objected, ObjectionAnswered("k1", "x1", False, "已核实，确系贵单位"))
    assert answered is not None
    assert answered.ready(AFTER) == ""


def test_an_objection_that_is_upheld_changes_the_entry_or_leaves_it_out() -> None:
    objected = after(ready(), ObjectionMade("k1", "x1", "重复了", "陈立", "link"), by=SHOP)
    with pytest.raises(DomainError, match="missing"):
        after(objected, ObjectionAnswered("k1", "x1", True, "属实"))
    corrected = after(objected, ObjectionAnswered("k1", "x1", True, "属实"), CORRECTED)
    assert corrected is not None
    assert corrected.entries["k1"].named.figures.complaints == 7
    out = after(objected, ObjectionAnswered("k1", "x1", True, "属实"), BusinessLeftOut("k1", "属实"))
    assert out is not None
    assert [one.named.entry for one in out.standing] == ["k2"]


def test_a_correction_adds_no_complaint_and_leaves_none_named_with_too_few() -> None:
    more = replace(CORRECTED, records=(*RECORDS, "c99"))
    few = replace(CORRECTED, figures=EntryFigures(4, 4, {}), records=RECORDS[:4])
    for wrong, why in ((more, "records"), (few, "least")):
        with pytest.raises(DomainError, match="bad_choice") as no:
            after(ready(), wrong)
        assert no.value.params["field"] == why


def test_a_correction_of_what_is_published_is_another_edition_and_takes_two_persons_again() -> None:
    now = after(published(), CORRECTED)
    assert now is not None
    assert now.changed
    assert now.editions[-1].entries[0].figures.complaints == 8  # as it stands until then
    with pytest.raises(DomainError, match="same_person"):
        after(now, PublicityPublished(2, now.digest, "lin", "林督", "a2"), by=LU, today=AFTER)
    second = after(now, PublicityPublished(2, now.digest, "lu", "陆督", "a2"), today=AFTER)
    assert second is not None
    [(before, after_)] = second.editions[-1].changes
    assert before is not None
    assert after_ is not None
    assert (before.figures.complaints, after_.figures.complaints) == (8, 7)
    with pytest.raises(DomainError, match="publicity_not_ready"):
        after(second, PublicityPublished(3, second.digest, "lu", "陆督", "a3"), today=AFTER)


def test_what_was_read_is_what_goes_out() -> None:
    now = ready()
    changed = after(now, CORRECTED)
    with pytest.raises(DomainError, match="wrong_state"):
        after(changed, PublicityPublished(1, now.digest, "lu", "陆督", "a1"), today=AFTER)


def test_one_entry_or_all_of_it_is_withdrawn_at_once_with_a_reason() -> None:
    now = after(published(), BusinessWithdrawn("k1", "正在复核"))
    assert now is not None
    assert [one.withdrawn for one in now.editions[-1].entries] == ["", "正在复核"] or [
        one.withdrawn for one in now.editions[-1].entries
    ] == ["正在复核", ""]
    assert not now.changed  # what was withdrawn does not come back by another edition
    with pytest.raises(DomainError, match="missing"):
        after(now, PublicityWithdrawn(" "))
    gone = after(now, PublicityWithdrawn("统计口径有误"))
    assert gone is not None
    assert gone.stage == "withdrawn"


def test_whoever_is_no_supervisor_makes_nothing_and_a_business_only_objects() -> None:
    mediator = replace(LIN, role="mediator")
    for by in (mediator, SHOP):
        with pytest.raises(DomainError, match="not_allowed"):
            after(None, BEGUN, NAMED, by=by)
        with pytest.raises(DomainError, match="not_allowed"):
            after(ready(), CORRECTED, by=by)
    with pytest.raises(DomainError, match="not_allowed"):
        after(ready(), ObjectionMade("k1", "x1", "来信", "陈立", "letter"), by=SHOP)


def test_a_period_that_is_not_over_and_one_in_which_nobody_qualifies_is_not_begun() -> None:
    with pytest.raises(DomainError, match="bad_day"):
        after(None, BEGUN, NAMED, today=date(2026, 6, 30))
    with pytest.raises(DomainError, match="nobody_named"):
        after(None, BEGUN)
    again = after(after(None, BEGUN, NAMED), BEGUN, OTHER)  # counted anew, as nobody was told
    assert again is not None
    assert list(again.entries) == ["k2"]
    with pytest.raises(DomainError, match="wrong_state"):
        after(ready(), BEGUN, NAMED)


def test_that_somebody_looked_is_noted_once() -> None:
    now = after(ready(), RecordsViewed("k1"))
    assert now is not None
    assert now.entries["k1"].seen_by == {"lin"}
    assert decide([RecordsViewed("k1")], now, LIN, JULY) == []
    assert decide([RecordsViewed("k1")], now, LU, JULY) != []


def test_classes_with_few_complaints_are_kept_back_and_another_with_them() -> None:
    told = shown(EntryFigures(12, 9, {"contract": 7, "price": 3, "quality": 2}, unanswered=2, promised=9, kept=8))
    assert (told.complaints, told.settled, told.share) == (12, 9, Decimal("75.0"))
    assert told.problems == [("contract", None), ("price", None), ("quality", None)]
    assert (told.unanswered, told.promised, told.kept) == (None, None, None)
    plain = shown(EntryFigures(12, 12, {"contract": 12}, promised=12, kept=12))
    assert (plain.problems, plain.unanswered, plain.kept) == ([("contract", 12)], 0, 12)


def test_working_days_are_counted_from_the_day_after() -> None:
    assert working_days_after(date(2026, 6, 29), 7, WorkingCalendar()) == date(2026, 7, 8)


async def test_it_is_read_back_from_the_journal_as_it_was(events: list[Event]) -> None:
    assert fold(events) == published()


@pytest.fixture
async def events() -> list[Event]:
    journal, told = MemoryJournal(), [(BEGUN, LIN), (NAMED, LIN), (OTHER, LIN), (ObjectionsOpened(), LIN)]
    told += [(one, LIN) for one in TOLD]
    told.append((PublicityPublished(1, ready().digest, "lu", "陆督", "a1"), LIN))
    await journal.append(stream("p"), 0, [drafted(event, AT, by) for event, by in told])
    return list(await journal.read(stream("p")))


def test_periods_are_whole_quarters_and_months() -> None:
    assert period_of("quarter", date(2026, 5, 9)).first == date(2026, 4, 1)
    assert number("quarter", date(2026, 4, 1)) == "2026-Q2"
    assert number("month", date(2026, 4, 1)) == "2026-04"
