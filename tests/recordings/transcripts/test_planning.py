"""From a journal to whose words may be taken down, and when."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from recordings import CompositionError
from recordings.transcripts import (
    HearingPlan,
    heard_pieces,
    heard_spans,
    hearing_plan,
    plan_from_json,
    plan_to_json,
)
from rooms import events as e
from rooms.events import SegmentSealed, SessionEntry
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Role, Seat, Side
from tests.recordings.history import OPENED, SEATS, at, told

TRANSCRIBE = Consent.TRANSCRIBE
Fact = tuple[float, e.SessionEvent]


def given_(seat: str, kind: Consent, second: float = -10.0) -> Fact:
    return second, e.ConsentGiven(seat, kind, "text-1")


BOTH: list[Fact] = [given_(seat, kind) for seat in "cb" for kind in (Consent.RECORD, TRANSCRIBE)]


def life(*facts: Fact, seats: tuple[Seat, ...] = SEATS) -> list[SessionEntry]:
    scheduled = e.SessionScheduled("c1", "东高一投〔2026〕7号", "o1", 1, "退款", OPENED, seats, "u1")
    closed = e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED))
    whole: list[Fact] = [(-60.0, scheduled), (0.0, e.SessionOpened()), *facts, (600.0, closed)]
    return told(sorted(whole, key=lambda fact: fact[0]))


def spans(*facts: Fact, seats: tuple[Seat, ...] = SEATS) -> dict[str, list[tuple[float, float]]]:
    return {
        seat: [((one.start - OPENED).total_seconds(), (one.end - OPENED).total_seconds()) for one in found]
        for seat, found in heard_spans(life(*facts, seats=seats)).items()
    }


def test_an_officer_is_heard_and_parties_only_by_both_consents() -> None:
    assert spans() == {"m": [(0, 600)]}
    assert spans(given_("c", Consent.RECORD), given_("b", TRANSCRIBE)) == {"m": [(0, 600)]}
    assert spans(*BOTH) == {seat: [(0, 600)] for seat in "mcb"}


def test_a_mediator_who_says_no_is_not_put_into_words() -> None:
    assert spans((100.0, e.ConsentWithdrawn("m", TRANSCRIBE))) == {}
    assert spans((100.0, e.ConsentWithdrawn("m", TRANSCRIBE)), given_("m", TRANSCRIBE, 200.0)) == {
        "m": [(0, 100), (200, 600)]
    }


def test_of_who_has_taken_the_consent_back_by_the_end_nothing_is_put_into_words() -> None:
    assert "b" not in spans(*BOTH, (300.0, e.ConsentWithdrawn("b", TRANSCRIBE)))


def test_words_are_taken_from_when_the_second_consent_came_until_either_is_withdrawn() -> None:
    found = spans(
        given_("c", Consent.RECORD),
        given_("c", TRANSCRIBE, 100.0),
        (200.0, e.ConsentWithdrawn("c", TRANSCRIBE)),
        given_("c", TRANSCRIBE, 300.0),
        (400.0, e.ConsentWithdrawn("c", Consent.RECORD)),
    )
    assert found["c"] == [(100, 200), (300, 400)]


def test_what_is_said_in_private_or_in_a_recess_is_nobodys_to_read() -> None:
    found = spans(
        *BOTH,
        (100.0, e.CaucusStarted(1, Side.CONSUMER)),
        (150.0, e.CaucusEnded(1, "mediator")),
        (200.0, e.RecessStarted()),
        (300.0, e.RecessEnded()),
        (400.0, e.ConsultingStarted("c", "m")),
        (410.0, e.ConsultingEnded("c", "m", "left")),
    )
    assert found["b"] == [(0, 100), (150, 200), (300, 600)]
    assert found["c"] == found["m"] == [(0, 100), (150, 200), (300, 400), (410, 600)]


def test_who_only_watches_says_nothing() -> None:
    watching = (*SEATS, Seat("o", Role.OBSERVER, "旁听"))
    assert "o" not in spans(given_("o", Consent.RECORD), given_("o", TRANSCRIBE), seats=watching)


def segment(seat: str, start: float, end: float, source: str = "camera") -> Fact:
    return 599.0, SegmentSealed(seat, f"s1/{seat}/{start}.webm", "0" * 64, 9, at(start), at(end), 0, 0, source)


def planned(*facts: Fact) -> HearingPlan | None:
    return hearing_plan(life(*facts), ["良缘网"])


def test_a_plan_holds_only_what_was_recorded_and_may_be_heard() -> None:
    plan = planned(
        *BOTH,
        (20.0, e.ConsentWithdrawn("b", Consent.RECORD)),
        segment("c", 10, 55),
        segment("c", 55.1, 90),
        segment("b", 15, 40),
        segment("c", 60, 90, "screen"),
    )
    assert plan is not None
    assert plan.origin == at(10)
    assert {track.seat: (len(track.clips), track.spans) for track in plan.tracks} == {
        "c": (2, ((0.0, 80.0),)),
        "b": (1, ((5.0, 10.0),)),
    }
    assert plan.seconds == 85
    assert plan_from_json(plan_to_json(plan)) == plan


def test_without_anything_that_may_be_heard_there_is_no_plan() -> None:
    assert planned() is None
    assert planned(segment("c", 10, 55)) is None


def test_what_is_no_plan_and_what_is_longer_than_a_day_are_refused() -> None:
    with pytest.raises(CompositionError, match="bad_plan"):
        plan_from_json(b"{}")
    with pytest.raises(CompositionError, match="too_long"):
        planned(segment("m", 0, 25 * 3600))


@given(
    st.lists(st.tuples(st.floats(0, 3000), st.floats(0.5, 900)), min_size=1, max_size=6),
    st.floats(10, 300),
)
def test_pieces_cover_everything_that_may_be_heard_once(stretches: list[tuple[float, float]], piece: float) -> None:
    facts: Any = [segment("m", start, start + length) for start, length in stretches]
    plan = hearing_plan(told([(-60.0, life()[0].event), (0.0, e.SessionOpened()), *facts, (5000.0, life()[-1].event)]))
    assert plan is not None
    pieces = heard_pieces(plan, piece)
    assert sum(one.heard for one in pieces) == pytest.approx(plan.seconds)
    assert len({one.name for one in pieces}) == len(pieces)
    for one in pieces:
        beside = [other for other in pieces if abs(other.begins - one.ends) < 1e-6]
        assert one.goes_on == bool(beside)
        assert all(other.follows for other in beside)


def test_twelve_hours_of_three_people_are_pieces_of_a_few_minutes() -> None:
    day = [segment(seat, 45.0 * n, 45.0 * (n + 1)) for seat in "mcb" for n in range(12 * 80)]
    plan = hearing_plan(
        told([(-60.0, life()[0].event), *BOTH, (0.0, e.SessionOpened()), *day, (43200.0, life()[-1].event)])
    )
    assert plan is not None
    assert len(heard_pieces(plan)) == 3 * 12 * 15
