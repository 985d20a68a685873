from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest

from rooms import events as e
from rooms.floor.cards import ours
from rooms.vocabulary import (
    Capacity,
    Consent,
    ExhibitKind,
    FloorChannel,
    GapRule,
    MarkShape,
    Opening,
    Outcome,
    OutcomeKind,
    Phase,
    Purpose,
    Role,
    Seat,
    Side,
    Term,
)
from web.i18n import Words
from web.office.audit.sentences import Voice, clock, headline, sentence

VOICE = Voice(
    Words("en", {}).gettext, lambda sum_: f"¥{sum_:,.2f}", lambda at: f"{at:%Y-%m-%d %H:%M}", {"a": "Ding", "b": "Chen"}
)
WHEN = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
SAMPLES: dict[Any, Any] = {
    str: "a",
    int: 3,
    bool: True,
    datetime: WHEN,
    datetime | None: WHEN,
    Consent: Consent.RECORD,
    Capacity: Capacity.AGENT,
    FloorChannel: FloorChannel.BOTH,
    GapRule: GapRule.WHETHER,
    Decimal: Decimal("1500.00"),
    Decimal | None: None,
    Side: Side.BUSINESS,
    Side | None: None,
    ExhibitKind: ExhibitKind.PICTURES,
    Purpose: Purpose.EVIDENCE,
    MarkShape: MarkShape.BOX,
    tuple[tuple[int, int], ...]: ((1, 2),),
    tuple[e.Original, ...]: (e.Original("p", "jpeg", "0" * 64, 1),),
    tuple[e.Picture, ...]: (),
    e.Picture | None: None,
    Term | None: None,
    Opening: Opening.SHAM,
    Phase: Phase.DISCUSSION,
    Outcome: Outcome(OutcomeKind.NOT_SETTLED),
    Seat: Seat("a", Role.CONSUMER, "Ding"),
    tuple[Side, ...]: (Side.CONSUMER,),
    tuple[Seat, ...]: (Seat("a", Role.CONSUMER, "Ding"),),
    tuple[str, ...]: ("camera:denied",),
    tuple[int, ...]: (3, 4),
    tuple[e.Hole, ...]: (e.Hole("mic", WHEN, WHEN, "loss"),),
    int | None: 40,
    e.ScriptCard: ours()["food"],
    e.TypicalLeaf: e.TypicalLeaf("c1", "一所2026-1", {"en": "A gym that shut"}, "It shut.", "It paid."),
    e.Leaf: e.Leaf("consumer-55", {"en": "Consumer Protection Law, Art 55"}, {"en": "A gist."}),
    dict[str, tuple[str, ...]]: {"a": ("b",)},
    int | None: 3,
    dict[str, str]: {"consumer": "a"},
    dict[str, dict[str, str]]: {"a": {"a-1": "1"}},
    tuple[e.StatementChoice, ...]: (e.StatementChoice("a-1", True),),
}


def sample(kind: type[Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(**{field.name: SAMPLES[hints[field.name]] for field in dataclasses.fields(kind)})


@pytest.mark.parametrize("kind", get_args(e.SessionEvent), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_has_a_sentence(kind: type[Any]) -> None:
    said = sentence(sample(kind), VOICE)
    assert said
    assert "%(" not in said


def test_seats_are_called_by_the_name_shown_in_the_room() -> None:
    assert sentence(e.Admitted("b"), VOICE) == "Admitted Chen"


def test_of_routes_that_record_nobody_it_says_who_is_recorded_and_nothing_of_who_took_part() -> None:
    assert sentence(e.Routed({}, {}, ()), VOICE) == "From now on: nobody hears or sees anybody; recorded: nobody"


def test_no_to_recording_reads_differently_from_no_to_taking_part() -> None:
    told = {sentence(e.ConsentRefused("a", kind, "1"), VOICE) for kind in Consent}
    assert len(told) == len(Consent)
    assert len({sentence(e.ConsentWithdrawn("a", kind), VOICE) for kind in Consent}) == len(Consent)


def test_one_short_promise_of_money_is_the_headline() -> None:
    outcome = Outcome(OutcomeKind.SETTLED, (Term(Side.BUSINESS, "refund", Decimal("2000")),))
    assert headline(outcome, VOICE) == "Settled: refund ¥2,000.00"


def test_several_payments_are_added_up_for_the_headline() -> None:
    paid = Decimal("100.10")
    outcome = Outcome(OutcomeKind.SETTLED, (Term(Side.BUSINESS, "refund", paid), Term(Side.BUSINESS, "costs", paid)))
    assert headline(outcome, VOICE) == "Settled: the business pays ¥200.20"


def test_what_the_consumer_pays_is_not_counted_as_the_business_paying() -> None:
    outcome = Outcome(OutcomeKind.SETTLED, (Term(Side.CONSUMER, "pays the rest of it", Decimal("9")),))
    assert headline(outcome, VOICE) == "Settled, 1 promises"


def test_an_end_by_law_names_its_ground() -> None:
    assert "Sixty days" in headline(Outcome(OutcomeKind.ENDED, ground=5), VOICE)


@pytest.mark.parametrize(("ms", "text"), [(0, "00:00"), (2_030_999, "33:50"), (3_723_000, "1:02:03"), (-5, "00:00")])
def test_lengths_are_written_as_clocks(ms: int, text: str) -> None:
    assert clock(ms) == text
