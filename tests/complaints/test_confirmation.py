"""Judicial confirmation as a complaint's journal has it: the period, papers handed out, and what the court ruled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from complaints import (
    BadDay,
    ConfirmationPrepared,
    Missing,
    NoteRuling,
    PrepareConfirmation,
    RulingNoted,
    TakeBackRuling,
    WrongState,
    apply_by,
)
from complaints.commands import Register
from complaints.decisions import decide
from complaints.statistics.facts import fact, follow_complaint
from law import WorkingCalendar
from tests.complaints.test_complaint import AT, RECORD, ZONE, after, closed, scheduled

SETTLED = after(Register(RECORD), scheduled(), closed("settled"))
RULING = RulingNoted("s1", "武汉市江夏区人民法院", "（2026）鄂0115民特12号", AT.date(), True, "a1")


@pytest.mark.parametrize(
    ("effective", "last"),
    [
        (date(2026, 6, 1), date(2026, 7, 1)),  # a Wednesday
        (date(2026, 6, 4), date(2026, 7, 6)),  # thirty days end on a Saturday
        (date(2026, 9, 2), date(2026, 10, 8)),  # ... within the National Day holiday
    ],
)
def test_the_day_of_effect_is_not_counted_and_a_day_of_rest_moves_the_end_on(effective: date, last: date) -> None:
    assert apply_by(effective, WorkingCalendar()) == last


def test_a_ruling_is_on_file_and_another_takes_its_place() -> None:
    first = after(Register(RECORD), scheduled(), closed("settled"), NoteRuling(RULING))
    assert first.rulings == {"s1": RULING}
    assert decide(NoteRuling(RULING), first, AT) == []
    other = replace(RULING, upheld=False, number="（2026）鄂0115民特13号")
    assert decide(NoteRuling(other), first, AT) == [other]


def test_noted_by_mistake_it_is_taken_back_with_a_reason() -> None:
    noted = after(Register(RECORD), scheduled(), closed("settled"), NoteRuling(RULING))
    with pytest.raises(Missing):
        decide(TakeBackRuling("s1", " "), noted, AT)
    back = after(Register(RECORD), scheduled(), closed("settled"), NoteRuling(RULING), TakeBackRuling("s1", "录错"))
    assert back.rulings == {}
    with pytest.raises(WrongState):
        decide(TakeBackRuling("s1", "再撤"), back, AT)


def test_it_is_of_a_session_of_this_complaint_and_of_a_day_that_has_come() -> None:
    with pytest.raises(WrongState):
        decide(NoteRuling(replace(RULING, session="s9")), SETTLED, AT)
    with pytest.raises(WrongState):
        decide(PrepareConfirmation(ConfirmationPrepared("s9", "", "0" * 64)), SETTLED, AT)
    with pytest.raises(BadDay):
        decide(NoteRuling(replace(RULING, day=AT.date() + timedelta(days=1))), SETTLED, AT)
    for field in ("court", "number", "attachment"):
        with pytest.raises(Missing):
            decide(NoteRuling(replace(RULING, **{field: ""})), SETTLED, AT)  # type: ignore[arg-type]


@pytest.mark.parametrize("upheld", [True, False])
def test_a_confirmed_agreement_counts_on_the_day_of_the_ruling(upheld: bool) -> None:
    followed = None
    complaint = None
    for command in (Register(RECORD), scheduled(), closed("settled"), NoteRuling(replace(RULING, upheld=upheld))):
        for event in decide(command, complaint, AT):
            followed = follow_complaint(followed, event, AT)
            complaint = followed.complaint
    assert followed is not None
    assert fact("c1", followed, ZONE).confirmed == (RULING.day if upheld else None)
