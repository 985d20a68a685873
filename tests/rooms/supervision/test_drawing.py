"""The draw: a function of what is published, done over by a script that knows nothing of the program."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from journal import Actor, Draft, Event, sealed
from journal.refusals import Missing, NotAllowed
from rooms import supervision
from rooms.supervision import (
    Add,
    PlanMade,
    SetAside,
    TakeUp,
    begins,
    drawing,
    monday,
    quarter_before,
    quarter_days,
    quarter_of,
    week_of,
)
from rooms.supervision.drawing import DEFAULT, BadRule, Candidate, Draw, SamplingRule, draw, risks, seed_of, ticket
from tests.server.supervision.recompute import drawn

MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # 00:00 in Wuhan
ROOT = bytes(range(32))
LIN = Actor("officer", "u-lin", "林岚", "supervisor", "o1")
ZHOU = Actor("officer", "u-zhou", "周敏", "mediator", "o1")
QUIET = Candidate("m0", "u-zhou", "settled", together=40 * 60_000, length=50 * 60_000)
"""Nothing speaks for looking at it."""


def quiet(n: int, mediator: str = "u-zhou", **changed: Any) -> Candidate:
    return replace(QUIET, session=f"m{n}", mediator=mediator, **changed)


def entries(candidates: list[Candidate], rule: SamplingRule = DEFAULT) -> list[Event]:
    """A plan's stream as it is appended."""
    seed = seed_of("o1", "2026-W48", 4711, ROOT)
    found = draw(candidates, rule, seed)
    made = PlanMade(
        "o1", "2026-W48", MONDAY - timedelta(days=7), MONDAY, "yuntiao/t", 4711,
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", seed, 0, drawing.plain_rule(rule),
        len(candidates), len(found.chosen),
    )  # fmt: skip
    drafts = [supervision.draft(event, MONDAY, LIN) for event in supervision.first_events(made, found)]
    return sealed("plan/o1/2026-W48", 0, "", drafts)


ids = st.integers(0, 10**6)
numbers = st.integers(0, 4_000_000)
candidates = st.lists(
    st.builds(
        Candidate,
        session=ids.map("m{}".format),
        mediator=st.sampled_from(["u-a", "u-b", "u-c", "u-d"]),
        outcome=st.sampled_from(["settled", "not_settled", "ended", "adjourned"]),
        fresh=st.booleans(),
        claimed=st.none() | st.integers(0, 10**7),
        settled=st.integers(0, 10**7),
        together=numbers,
        length=numbers,
        private=numbers,
        consumer=numbers,
        business=numbers,
        lost=st.integers(0, 200_000),
        repeats=st.integers(1, 6),
        withdrawn=st.none() | numbers,
        overdue=st.integers(0, 3),
        known=st.booleans(),
        gone=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda one: one.session,
)
written = st.builds(
    SamplingRule,
    share=st.integers(0, 1000),
    least=st.integers(0, 6),
    each=st.integers(0, 3),
    most=st.integers(6, 30),
    kept=st.integers(0, 6),
    below=st.integers(0, 100),
    short=st.integers(0, 60),
    silent=st.integers(0, 50),
    caucus=st.integers(0, 100),
    gaps=st.integers(0, 120),
    repeats=st.integers(0, 5),
    withdrawn=st.integers(0, 60),
    overdue=st.integers(0, 3),
)


@settings(max_examples=150, deadline=None)
@given(candidates, written)
def test_a_script_of_its_own_draws_the_same_from_what_was_published(among: list[Candidate], rule: SamplingRule) -> None:
    published = json.loads(json.dumps(supervision.published(entries(among, rule))))
    assert drawn(published) == published["drawn"]


@settings(max_examples=150, deadline=None)
@given(candidates, written, st.integers(0, 10**9))
def test_everybody_is_drawn_or_passed_over_for_a_reason(among: list[Candidate], rule: SamplingRule, size: int) -> None:
    found = draw(among, rule, seed_of("o1", "2026-W48", size, ROOT))
    chosen, passed = {one.candidate.session for one in found.chosen}, {one.candidate.session for one in found.passed}
    assert chosen | passed == {one.session for one in among}
    assert not chosen & passed
    assert len(chosen) <= rule.most
    assert all(one.reasons for one in found.chosen)
    assert not any(one.candidate.known or one.candidate.gone for one in found.chosen)
    if any(one.why == "no_place" for one in found.passed):
        assert len(chosen) == rule.most
    assert all(bool(one.spoke) is (one.why == "no_place") for one in found.passed)


def test_the_order_of_the_candidates_does_not_matter() -> None:
    among = [quiet(n, f"u-{n % 4}", lost=n * 3000) for n in range(50)]
    seed = seed_of("o1", "2026-W48", 9, ROOT)
    assert draw(among, DEFAULT, seed) == draw(among[::-1], DEFAULT, seed)


def test_another_checkpoint_another_period_another_office_draw_others() -> None:
    among = [quiet(n) for n in range(400)]

    def of(office: str = "o1", period: str = "2026-W48", size: int = 9, root: bytes = ROOT) -> set[str]:
        return {one.candidate.session for one in draw(among, DEFAULT, seed_of(office, period, size, root)).chosen}

    known = of()
    assert all(known != other for other in (of("o2"), of(period="2026-W49"), of(size=10), of(root=ROOT[::-1])))


def test_every_mediator_is_looked_at_however_few_of_theirs_there_are() -> None:
    among = [quiet(n) for n in range(200)] + [quiet(999, "u-new")]
    for size in range(20):
        found = draw(among, replace(DEFAULT, share=10), seed_of("o1", "2026-W48", size, ROOT))
        assert "m999" in {one.candidate.session for one in found.chosen}


def test_places_are_kept_for_risks_and_the_most_risks_come_first() -> None:
    rule = replace(DEFAULT, share=1000, most=6, kept=2)
    risky = [quiet(100, lost=61_000), quiet(101, lost=61_000, repeats=9), quiet(102, repeats=9)]
    found = draw([*(quiet(n) for n in range(50)), *risky], rule, seed_of("o1", "2026-W48", 9, ROOT))
    assert len(found.chosen) == 6
    by_risk = [one for one in found.chosen if set(one.reasons) - {"share", "mediator"}]
    assert len(by_risk) >= 2
    assert "m101" in {one.candidate.session for one in by_risk}
    passed_over = {one.candidate.session: one for one in found.passed}
    assert all(one.why == "no_place" for one in passed_over.values())


def test_chance_is_even() -> None:
    """Of 40, each is drawn about as often as any other over 2,000 seeds: a chi-squared far from the 0.001 bound."""
    among = [quiet(n) for n in range(40)]
    rule = replace(DEFAULT, share=100, least=0, each=0)
    drawn_times = dict.fromkeys((one.session for one in among), 0)
    for size in range(2000):
        for one in draw(among, rule, seed_of("o1", "2026-W48", size, ROOT)).chosen:
            drawn_times[one.candidate.session] += 1
    expected = 2000 * 4 / 40
    assert sum((count - expected) ** 2 / expected for count in drawn_times.values()) < 72  # 39 degrees, p = 0.001


@pytest.mark.parametrize(
    ("changed", "risk"),
    [
        ({"claimed": 100_000, "settled": 29_999}, "below"),
        ({"together": 599_999}, "short"),
        ({"consumer": 95_000, "business": 5_000}, "silent"),
        ({"private": 25 * 60_000 + 1}, "caucus"),
        ({"lost": 60_001}, "gaps"),
        ({"repeats": 3}, "repeated"),
        ({"withdrawn": 0, "outcome": "ended"}, "withdrawn"),
        ({"overdue": 1}, "overdue"),
    ],
)
def test_each_risk_is_seen_at_its_threshold_and_not_before(changed: dict[str, Any], risk: str) -> None:
    assert risks(QUIET, DEFAULT) == ()
    assert risks(replace(QUIET, **changed), DEFAULT) == (risk,)


@pytest.mark.parametrize(
    "changed",
    [
        {"claimed": 100_000, "settled": 30_000},
        {"claimed": 0, "settled": 0},
        {"together": 600_000},
        {"consumer": 90_000, "business": 10_000},
        {"consumer": 59_000},  # hardly anybody spoke
        {"private": 25 * 60_000},
        {"lost": 60_000},
        {"repeats": 2},
        {"withdrawn": 30 * 60_000, "outcome": "ended"},
        {"together": 0, "apart": True},  # asynchronous: nobody had to be there at one time
        {"together": 0, "outcome": "ended"},  # nobody came: there is nothing to be short
    ],
)
def test_what_stays_below_a_threshold_is_no_risk(changed: dict[str, Any]) -> None:
    assert risks(replace(QUIET, **changed), DEFAULT) == ()


def test_a_threshold_of_nought_switches_its_risk_off() -> None:
    off = SamplingRule(below=0, short=0, silent=0, caucus=0, gaps=0, repeats=0, withdrawn=0, overdue=0)
    worst = Candidate("m", "u", "settled", True, 10**9, 0, 0, 1, 1, 10**6, 0, 10**6, 99, 0, 99)
    assert risks(worst, off) == ()


def test_a_plan_is_read_from_its_journal_and_changed_only_with_a_reason() -> None:
    stored = entries([quiet(n) for n in range(600)])
    assert len([entry for entry in stored if entry.type == "MediationsPassed"]) == 3  # batches, not one huge event
    plan = supervision.fold(stored)
    assert plan is not None
    assert len(plan.places) == plan.made.drawn == 12
    first = next(iter(plan.places))
    with pytest.raises(NotAllowed):
        supervision.decide(SetAside(first, "我认识他"), plan, ZHOU)
    with pytest.raises(Missing):
        supervision.decide(SetAside(first, " "), plan, LIN)
    (aside,) = supervision.decide(SetAside(first, "与当事人是亲属"), plan, LIN)
    plan = supervision.evolve(plan, aside, MONDAY)
    assert plan.places[first].aside == "与当事人是亲属"
    (again,) = supervision.decide(TakeUp(first, "弄错了人"), plan, LIN)
    assert not supervision.evolve(plan, again, MONDAY).places[first].aside
    (added,) = supervision.decide(Add("m-by-hand", "消费者来电"), plan, LIN)
    assert supervision.evolve(plan, added, MONDAY).places["m-by-hand"].reasons == ("hand",)


def test_a_rule_is_data_with_editions_and_only_the_one_before_the_period_counts() -> None:
    wanted = replace(DEFAULT, share=100)
    with pytest.raises(NotAllowed):
        drawing.choose_rule(DEFAULT, wanted, "更严", ZHOU)
    with pytest.raises(Missing):
        drawing.choose_rule(DEFAULT, wanted, "", LIN)
    assert drawing.choose_rule(DEFAULT, DEFAULT, "同样", LIN) is None
    data = drawing.choose_rule(DEFAULT, wanted, "投诉多了", LIN)
    assert data is not None
    stored = sealed("sampling/o1", 0, "", [Draft(drawing.CHOSEN, data, MONDAY, LIN)])
    known = drawing.rule_editions(stored)
    assert [one.number for one in known] == [0, 1]
    assert drawing.rule_in_force(known, MONDAY - timedelta(seconds=1)).rule == DEFAULT
    assert drawing.rule_in_force(known, MONDAY).rule == wanted


@pytest.mark.parametrize(
    "changed", [{"most": 0}, {"kept": 13}, {"share": 1001}, {"below": -1}, {"share": 0, "least": 0, "each": 0}]
)
def test_a_rule_that_could_be_steered_or_cannot_be_is_refused(changed: dict[str, int]) -> None:
    with pytest.raises(BadRule):
        drawing.check_rule(replace(DEFAULT, **changed))


def test_weeks_and_quarters_are_those_of_the_office() -> None:
    assert begins(monday("2026-W48") or datetime.min.date(), "Asia/Shanghai") == MONDAY
    assert week_of(MONDAY.date() + timedelta(days=1)) == "2026-W48"
    assert monday("2026-W60") is None
    assert monday("<script>") is None
    assert quarter_of(MONDAY.date()) == "2026-Q4"
    assert [str(day) for day in quarter_days("2026-Q4") or ()] == ["2026-10-01", "2027-01-01"]
    assert [quarter_before(one) for one in ("2026-Q1", "2026-Q4")] == ["2025-Q4", "2026-Q3"]


def test_a_draw_of_nobody_is_empty() -> None:
    assert draw([], DEFAULT, ticket("a", "b")) == Draw()
