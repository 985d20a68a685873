"""Who has no picture has a card that says why, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from recordings.composing import CompositionPlan, subtitles, union
from recordings.composing.planning import OUTSIDE, composition_plan
from recordings.composing.subtitles import EN, LANGUAGES, ZH
from recordings.gap_ledger import CAUSES
from rooms import events as e
from rooms.events import SessionEntry
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Phase, Role, Seat, Side
from tests.recordings.composing.test_plans import segment
from tests.recordings.history import OPENED, SEATS, told

RECORDED = tuple(seat.id for seat in SEATS)


def sitting(*more: tuple[float, e.SessionEvent], seats: tuple[Seat, ...] = SEATS) -> list[SessionEntry]:
    """Sixty seconds in which the mediator is recorded, and what a test adds; parties have consented and are inside."""
    events: list[tuple[float, e.SessionEvent]] = [
        (-60.0, e.SessionScheduled("c1", "东高一投〔2026〕7号", "o1", 1, "退款", OPENED, seats, "u1")),
        *((-50.0, e.ConsentGiven(seat, Consent.RECORD, "1")) for seat in ("c", "b")),
        (-5.0, e.SessionOpened()),
        (-5.0, e.PhaseEntered(Phase.OPENING)),
        (-5.0, e.Admitted("m")),
        (0.0, e.Routed({}, {}, RECORDED)),
        *more,
        (60.0, e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED))),
        (60.0, segment("m", 0, 60)),
    ]
    return told(sorted(events, key=lambda pair: pair[0]))


def cards(made: CompositionPlan, seat: str) -> list[tuple[float, float, str]]:
    (person,) = (person for person in made.people if person.seat == seat)
    return [(card.start, card.end, card.text) for card in person.cards]


def test_every_cause_has_words_in_both_languages() -> None:
    for wording in LANGUAGES.values():
        assert wording.missing.keys() == {*CAUSES, *OUTSIDE}
        assert all(wording.missing.values())


def test_a_card_says_why_there_is_no_picture() -> None:
    history = sitting(
        (10.0, e.Admitted("c")),
        (10.0, segment("c", 10, 20)),
        (20.0, e.CameraSet("c", False)),
        (20.0, segment("c", 20, 30, 0)),
        (30.0, e.Disconnected("c", "media")),
        (34.0, e.Reconnected("c")),
        (34.0, segment("c", 34, 40)),
        (40.0, e.ConsentWithdrawn("c", Consent.RECORD)),
        (50.0, e.Left("c")),
    )
    assert cards(composition_plan(history, EN), "c") == [
        (0.0, 10.0, "Not here yet"),
        (20.0, 30.0, "Sound only"),
        (30.0, 34.0, "Reconnecting"),
        (40.0, 50.0, "Not recorded: consent withdrawn"),
        (50.0, 60.0, "Has left"),
    ]
    assert [text for _, _, text in cards(composition_plan(history, ZH), "c")] == [
        "还没有来", "只用声音", "正在重新连接", "没有录制：撤回了录制同意", "已经离开",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        ([(10.0, e.ConsentRefused("c", Consent.RECORD, "1"))], "Not recorded: no consent"),
        ([(10.0, e.RecessStarted()), (50.0, e.RecessEnded())], "Recess, not recorded"),
        (
            [(10.0, e.CaucusStarted(1, Side.BUSINESS)), (50.0, e.CaucusEnded(1, "mediator"))],
            "Private talk, not recorded",
        ),
        (
            [(10.0, e.ConsultingStarted("c", "b")), (50.0, e.ConsultingEnded("c", "b", "asked"))],
            "Consulting with their side, not recorded",
        ),
        (
            [(10.0, e.Routed({}, {}, ("m", "b"))), (50.0, e.Routed({}, {}, RECORDED))],
            "Not to be recorded just then",
        ),
        ([(10.0, e.Disconnected("c", "server")), (50.0, e.Reconnected("c"))], "Not recorded: the server stopped"),
        ([(10.0, e.RecordingFailed("disk_full")), (50.0, e.RecordingStarted("c"))], "Not recorded: storage failed"),
    ],
)
def test_what_keeps_somebody_from_being_recorded_is_on_the_card(
    happened: Iterable[tuple[float, e.SessionEvent]], words: str
) -> None:
    history = sitting((0.0, e.Admitted("c")), (0.0, segment("c", 0, 10)), *happened, (50.0, segment("c", 50, 60)))
    assert cards(composition_plan(history, EN), "c") == [(10.0, 50.0, words)]


def test_cards_are_wherever_there_is_no_picture_and_nowhere_else() -> None:
    observer = Seat("o", Role.OBSERVER, "观察员")
    history = sitting(
        (5.0, e.Admitted("c")), (6.0, segment("c", 6, 20)), (20.1, segment("c", 20.1, 30, 0)),
        (41.0, segment("c", 41, 44)), (8.0, e.Admitted("o")), seats=(*SEATS, observer),
    )  # fmt: skip
    made = composition_plan(history, EN)
    for person in made.people:
        pictures = [(clip.start, clip.end) for clip in person.clips if clip.width]
        covered = [*pictures, *((card.start, card.end) for card in person.cards)]
        assert union(covered) == [(0.0, 60.0)], person.seat
        for one, other in zip(sorted(covered), sorted(covered)[1:], strict=False):
            assert one[1] <= other[0] + 0.11
    assert cards(made, "o") == [(0.0, 60.0, "Observing, not recorded")]
    assert cards(made, "m") == []


def test_a_card_too_short_to_be_read_belongs_to_its_neighbour() -> None:
    history = sitting(
        (0.0, e.Admitted("c")), (0.0, segment("c", 0, 10)),
        (10.1, e.ConsentWithdrawn("c", Consent.RECORD)),
    )  # fmt: skip
    (only,) = cards(composition_plan(history, EN), "c")
    assert only == (10.0, 60.0, "Not recorded: consent withdrawn")


def test_the_card_is_written_into_the_cell() -> None:
    text = subtitles.subtitle_script(composition_plan(sitting((0.0, e.Admitted("c")), (0.0, e.RecessStarted())), ZH))
    lines = [line for line in text.splitlines() if ",Card," in line and "张女士" in line]
    assert [line.split(",")[1:3] for line in lines] == [["0:00:00.00", "0:01:00.00"]]
    assert "休会，没有录制" in lines[0]
