"""What may be issued: numbered editions, and nothing that could be subtracted from what others published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from complaints import BadChoice, BadDay, Missing, NotAllowed, TooLong, Unchanged, WrongState
from complaints.insight.bulletin import (
    LONGEST_ASKED,
    AskLeaders,
    BulletinCaseChosen,
    BulletinIssued,
    BulletinRegister,
    ChooseCase,
    IssueBulletin,
    IssueCommand,
    SmallCells,
    WithdrawBulletin,
    decide,
    evolve,
    number,
)
from journal import Actor

LIN = Actor("officer", "u-lin", "林督", "supervisor", "o1")
AT = datetime(2026, 7, 2, 1, tzinfo=UTC)
JUNE = BulletinIssued(
    "o1", ("o1",), "一所", True, 1, "2026-06", date(2026, 6, 1), date(2026, 6, 30), "p", {"zh": "z"}, "f"
)
BUREAU = replace(JUNE, scope="c1", offices=("o1", "o2"), office_name="市局")
JULY = date(2026, 7, 2)


def after(*commands: IssueCommand) -> BulletinRegister:
    shelf = BulletinRegister()
    for command in commands:
        for event in decide(command, shelf, LIN):
            shelf = evolve(shelf, event, AT, LIN.name)
    return shelf


@pytest.mark.parametrize(("first", "second"), [(JUNE, BUREAU), (BUREAU, JUNE)])
def test_an_office_and_its_bureau_do_not_both_publish_a_month(first: BulletinIssued, second: BulletinIssued) -> None:
    with pytest.raises(SmallCells) as no:
        decide(IssueBulletin(second, JULY), after(IssueBulletin(first, JULY)), LIN)
    assert no.value.params == {"office": first.office_name}


def test_what_was_withdrawn_was_read_and_still_counts() -> None:
    shelf = after(IssueBulletin(JUNE, JULY), WithdrawBulletin("o1", True, "数字有误"))
    with pytest.raises(SmallCells):
        decide(IssueBulletin(BUREAU, JULY), shelf, LIN)


def test_offices_that_have_nothing_in_common_both_publish_and_an_internal_one_is_nobodys_to_subtract() -> None:
    other = replace(JUNE, scope="o9", offices=("o9",))
    internal = replace(BUREAU, public=False)
    assert (
        len(after(IssueBulletin(JUNE, JULY), IssueBulletin(other, JULY), IssueBulletin(internal, JULY)).editions) == 3
    )


def test_a_new_edition_needs_other_figures_and_the_next_number() -> None:
    shelf = after(IssueBulletin(JUNE, JULY))
    with pytest.raises(Unchanged):
        decide(IssueBulletin(replace(JUNE, edition=2), JULY), shelf, LIN)
    with pytest.raises(WrongState):
        decide(IssueBulletin(replace(JUNE, figures="g"), JULY), shelf, LIN)
    again = IssueBulletin(replace(JUNE, edition=2, figures="g"), JULY)
    assert [one.issued.edition for one in after(IssueBulletin(JUNE, JULY), again).of("o1", True)] == [1, 2]


def test_only_the_newest_is_withdrawn_and_with_a_reason() -> None:
    again = IssueBulletin(replace(JUNE, edition=2, figures="g"), JULY)
    shelf = after(IssueBulletin(JUNE, JULY), again, WithdrawBulletin("o1", True, " 数字有误 "))
    assert [one.withdrawn for one in shelf.editions] == ["", "数字有误"]
    with pytest.raises(WrongState):
        decide(WithdrawBulletin("o1", True, "again"), shelf, LIN)
    with pytest.raises(Missing):
        decide(WithdrawBulletin("o1", True, " "), after(IssueBulletin(JUNE, JULY)), LIN)


def test_a_period_that_is_not_over_is_not_issued_nor_by_a_mediator() -> None:
    with pytest.raises(BadDay):
        decide(IssueBulletin(JUNE, date(2026, 6, 30)), BulletinRegister(), LIN)
    with pytest.raises(NotAllowed):
        decide(IssueBulletin(JUNE, JULY), BulletinRegister(), replace(LIN, role="mediator"))


def test_numbers_are_those_of_the_calendar() -> None:
    assert number("month", date(2026, 6, 1)) == "2026-06"
    assert number("week", date(2025, 12, 29)) == "2026-W01"


def test_what_is_asked_of_leaders_is_each_offices_own_fits_on_a_page_and_is_written_once() -> None:
    shelf = after(AskLeaders("o1", "请协调金融部门"), AskLeaders("o2", "请支持检测经费"), IssueBulletin(JUNE, JULY))
    assert shelf.asked == {"o1": "请协调金融部门", "o2": "请支持检测经费"}
    assert decide(AskLeaders("o1", " 请协调金融部门 "), shelf, LIN) == []
    with pytest.raises(TooLong):
        decide(AskLeaders("o1", "长" * (LONGEST_ASKED + 1)), shelf, LIN)
    assert after(AskLeaders("o1", "请"), AskLeaders("o1", "")).asked == {"o1": ""}


def test_a_case_is_chosen_for_one_paper_of_a_period_and_by_the_rule_where_nobody_says_anything() -> None:
    shelf = after(ChooseCase("o1", True, "case", "k1"), ChooseCase("o1", False, "none"))
    assert shelf.choice("o1", True) == BulletinCaseChosen("o1", True, "case", "k1")
    assert [shelf.choice("o1", False).how, shelf.choice("o2", True).how] == ["none", "rule"]
    assert decide(ChooseCase("o1", True, "case", "k1"), shelf, LIN) == []
    assert decide(ChooseCase("o2", True, "rule"), shelf, LIN) == []
    for wrong in (ChooseCase("o1", True, "case"), ChooseCase("o1", True, "none", "k1"), ChooseCase("o1", True, "best")):
        with pytest.raises(BadChoice):
            decide(wrong, shelf, LIN)
    with pytest.raises(NotAllowed):
        decide(ChooseCase("o1", True, "none"), shelf, Actor("officer", "u", "周敏", "mediator", "o1"))
