"""What one person alone may not do, under arbitrary commands of arbitrary accounts: nobody says yes to themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from journal import Actor, Event
from journal.refusals import DomainError, NotAllowed, SamePerson
from server.oversight import (
    FRESH,
    LASTS,
    AccountHolder,
    Approval,
    ApprovalEvent,
    Ask,
    Decline,
    Give,
    NoteDone,
    NoteFailed,
    Over,
    TakeApprovalBack,
    decide,
    evolve,
    fold,
    to_draft,
)

NOW = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)
LIN = AccountHolder("u-lin", "林 督", "supervisor", "o1", "at-lins", frozenset({"at-lins"}))
HE = AccountHolder("u-he", "何静", "administrator", "o1", "at-hes", frozenset({"at-hes"}))
ERASE = Ask("erase", "m1", "东高一投〔2026〕0917号", "本人要求")


def actor(person: AccountHolder) -> Actor:
    return Actor("officer", person.id, person.name, person.role, person.office)


def asked(by: AccountHolder = LIN) -> Approval:
    [event] = decide(ERASE, None, by, NOW)
    return evolve(None, event, NOW, actor(by))


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (LIN, "account"),
        (replace(LIN, browser="another-session", browsers=frozenset()), "account"),
        (replace(HE, name="林督"), "name"),
        (
            replace(
                HE,
                name="ＬＩＮ",
            ),
            "",
        ),
        (replace(HE, browser="at-lins"), "browser"),
        (replace(HE, made=NOW - FRESH + timedelta(seconds=1), made_by=LIN.id), "made"),
        (replace(HE, made=NOW - FRESH, made_by=LIN.id), ""),
        (replace(HE, made=NOW, made_by="u-somebody"), ""),
        (HE, ""),
    ],
)
def test_a_second_person_is_somebody_else_as_far_as_the_data_tell(second: AccountHolder, why: str) -> None:
    if why:
        with pytest.raises(SamePerson) as no:
            decide(Give(LIN), asked(), second, NOW)
        assert no.value.params == {"why": why}
    else:
        assert decide(Give(LIN), asked(), second, NOW)


def test_a_browser_the_first_person_used_since_is_no_second_persons() -> None:
    with pytest.raises(SamePerson):
        decide(Give(replace(LIN, browsers=frozenset({"at-hes"}))), asked(), HE, NOW)


def test_a_yes_that_comes_after_three_days_is_none() -> None:
    assert decide(Give(LIN), asked(), HE, NOW + LASTS - timedelta(seconds=1))
    with pytest.raises(Over):
        decide(Give(LIN), asked(), HE, NOW + LASTS)


def test_who_has_lost_the_role_that_asked_is_not_helped_along() -> None:
    with pytest.raises(NotAllowed):
        decide(Give(replace(LIN, role="mediator")), asked(), HE, NOW)


PEOPLE = [
    LIN,
    HE,
    replace(LIN, browser="at-home"),  # a second session
    AccountHolder("u-lin-2", "林督", "administrator", "o1", "fresh"),  # a second account in the same name
    AccountHolder("u-new", "新人", "supervisor", "o1", "fresh-2", made=NOW, made_by="u-lin"),  # made by her this week
    AccountHolder("u-zhou", "周敏", "mediator", "o1", "at-zhous"),
    AccountHolder("u-he-2", "何 静", "supervisor", "o1", "at-hes"),
]
who = st.sampled_from(PEOPLE)


class Requests(RuleBasedStateMachine):
    """One request, and everybody who can think of something to do with it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.approval: Approval | None = None
        self.told: list[tuple[ApprovalEvent, AccountHolder]] = []
        self.entries: list[Event] = []

    def do(self, command: object, person: AccountHolder) -> None:
        try:
            events = decide(command, self.approval, person, self.now)  # type: ignore[arg-type]
        except DomainError:
            return
        for event in events:
            self.approval = evolve(self.approval, event, self.now, actor(person))
            self.told.append((event, person))
            draft = to_draft(event, self.now, actor(person))
            version = len(self.entries) + 1
            self.entries.append(Event("approval/a", version, draft.type, draft.data, draft.at, draft.actor, "", "", ""))

    @initialize(person=who)
    def ask(self, person: AccountHolder) -> None:
        self.do(ERASE, person)

    @rule(person=who)
    def ask_again(self, person: AccountHolder) -> None:
        if self.approval is None:
            self.do(ERASE, person)

    @rule(person=who)
    def give(self, person: AccountHolder) -> None:
        if self.approval is not None:
            asker = next(one for one in PEOPLE if one.id == self.approval.by.id)
            self.do(Give(asker), person)

    @rule(person=who, reason=st.sampled_from(["", "不必", "长" * 501]))
    def decline(self, person: AccountHolder, reason: str) -> None:
        self.do(Decline(reason), person)

    @rule(person=who)
    def take_back(self, person: AccountHolder) -> None:
        self.do(TakeApprovalBack(), person)

    @rule(failed=st.booleans())
    def carry_out(self, failed: bool) -> None:
        self.do(NoteFailed("held") if failed else NoteDone(), AccountHolder("", "", "", ""))

    @rule(hours=st.sampled_from([1, 24, 80]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def nothing_is_done_without_somebody_elses_yes_in_time(self) -> None:
        names = [type(event).__name__ for event, _ in self.told]
        if "ApprovalCarriedOut" in names or "ApprovalFailed" in names:
            assert "ApprovalGiven" in names
        if "ApprovalGiven" in names:
            assert self.approval is not None
            second = self.told[names.index("ApprovalGiven")][1]
            first = self.told[0][1]
            assert second.id != first.id
            assert second.name.replace(" ", "") != first.name.replace(" ", "")
            assert second.browser != first.browser
            assert (second.made_by, self.approval.decided) != (first.id, NOW)
            assert second.role in ("supervisor", "administrator")
            assert self.approval.decided is not None
            assert self.approval.decided < self.approval.asked.expires

    @invariant()
    def it_is_decided_once(self) -> None:
        decided = [event for event, _ in self.told if type(event).__name__ in (
            "ApprovalGiven", "ApprovalDeclined", "ApprovalTakenBack")]  # fmt: skip
        assert len(decided) <= 1

    @invariant()
    def the_journal_tells_the_same(self) -> None:
        assert fold(self.entries) == self.approval


Requests.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestRequests = Requests.TestCase
