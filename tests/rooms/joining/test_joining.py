from __future__ import annotations

from datetime import timedelta

import pytest

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.media.rules import matrix
from rooms.vocabulary import Consent, Phase, Role, Seat, SeatStatus, Status
from tests.rooms.scene import (
    BU,
    BUSINESS,
    CO,
    CONSUMER,
    MEDIATOR,
    M,
    Scene,
    live,
    opened,
    party,
    scheduled,
    scheduling,
    system,
)


def test_the_mediators_coming_opens_the_session_in_its_opening_phase() -> None:
    scene = scheduled()
    events = scene.ask(c.Arrive())
    assert [type(event) for event in events[:4]] == [e.SessionOpened, e.PhaseEntered, e.Arrived, e.Admitted]
    assert scene.state.status is Status.LIVE
    assert scene.state.phase is Phase.OPENING
    assert scene.state.seats[M].status is SeatStatus.PRESENT
    assert scene.ask(c.Arrive()) == []


def test_a_party_waits_until_admitted_even_before_the_mediator_is_there() -> None:
    scene = scheduled().prepare(CO)
    scene.ask(c.Arrive(), CONSUMER)
    assert scene.state.seats[CO].status is SeatStatus.WAITING
    with pytest.raises(rooms.NotInRoom):
        scene.ask(c.Admit(CO))
    scene.ask(c.Arrive())
    scene.ask(c.Admit(CO))
    assert scene.state.seats[CO].status is SeatStatus.PRESENT


def test_nobody_comes_in_without_consent_and_a_confirmed_identity() -> None:
    scene = opened()
    with pytest.raises(rooms.ConsentNeeded):
        scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    with pytest.raises(rooms.ConsentNeeded):
        scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), CONSUMER)
    assert scene.ask(c.Arrive(), CONSUMER) == [e.Arrived(CO)]


@pytest.mark.parametrize(
    "answer",
    [
        c.AnswerConsent(Consent.PARTICIPATE, True, "v1"),
        c.AnswerConsent(Consent.PARTICIPATE, False, "v1"),
        c.AnswerConsent(Consent.RECORD, True, "v1"),
        c.GiveConsent(Consent.RECORD, "v1"),
        c.AnswerConsent(Consent.TRANSCRIBE, True, "v1"),
        c.GiveConsent(Consent.TRANSCRIBE, "v1"),
        c.AskOtherTime("周四晚上"),
    ],
)
def test_nothing_is_anybodys_answer_before_they_have_shown_who_they_are(answer: c.Command) -> None:
    scene = scheduled()
    with pytest.raises(rooms.IdentityNeeded):
        scene.ask(answer, CONSUMER)
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    assert len(scene.ask(answer, CONSUMER)) == 1


def test_an_officer_who_knows_the_voice_confirms_it_and_every_time_it_is_an_event_of_its_own() -> None:
    scene = scheduled()
    scene.ask(c.AskHelp("no_code"), CONSUMER)
    assert scene.state.seats[CO].help == "no_code"
    with pytest.raises(refusals.WrongState):  # no link, so no device
        scene.ask(c.ConfirmByVoice(CO, "听得出是本人"))
    scene.ask(c.IssueLink(CO, "link", scene.now + timedelta(hours=1)))
    for nothing in ("", "   "):
        with pytest.raises(refusals.Missing):
            scene.ask(c.ConfirmByVoice(CO, nothing))
    with pytest.raises(rooms.BadValue):
        scene.ask(c.ConfirmByVoice(CO, "是"))
    for actor in (CONSUMER, BUSINESS):
        with pytest.raises(refusals.NotAllowed):
            scene.ask(c.ConfirmByVoice(CO, "听得出是本人"), actor)
    said = [e.IdentityConfirmedByVoice(CO, "听得出是本人")]
    assert scene.ask(c.ConfirmByVoice(CO, " 听得出是本人 ")) == said
    seat = scene.state.seats[CO]
    assert (seat.confirmed, seat.by_voice, seat.help) == (True, True, "")
    assert scene.ask(c.ConfirmByVoice(CO, "听得出是本人")) == said
    assert scene.ask(c.ConfirmIdentity("code"), CONSUMER) == [e.IdentityConfirmed(CO, "code")]
    assert not scene.state.seats[CO].by_voice


def test_a_no_to_taking_part_is_recorded_and_can_become_a_yes() -> None:
    scene = scheduled()
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    scene.ask(c.AnswerConsent(Consent.PARTICIPATE, False, "v1"), CONSUMER)
    assert scene.state.seats[CO].status is SeatStatus.REFUSED
    scene.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), CONSUMER)
    assert scene.state.seats[CO].status is SeatStatus.INVITED


def test_the_same_answer_to_another_text_is_another_answer() -> None:
    scene = scheduled().prepare(CO)
    scene.ask(c.AnswerConsent(Consent.TRANSCRIBE, True, "v1"), CONSUMER)
    again = [c.AnswerConsent(kind, True, "v1") for kind in Consent]
    assert [scene.ask(answer, CONSUMER) for answer in again] == [[], [], []]
    newer = c.AnswerConsent(Consent.PARTICIPATE, True, "v2")
    assert scene.ask(newer, CONSUMER) == [e.ConsentGiven(CO, Consent.PARTICIPATE, "v2")]
    assert scene.ask(newer, CONSUMER) == []
    seat = scene.state.seats[CO]
    assert (seat.participate_text, seat.record_text) == ("v2", "v1")  # each answer has its own text


def test_a_no_to_recording_keeps_nobody_out_and_nobody_records_them() -> None:
    scene = live(record=False)
    assert scene.state.seats[CO].status is SeatStatus.PRESENT
    assert matrix(scene.state).recorded == (M, BU)


def test_withdrawing_recording_stops_it_at_once_and_a_later_yes_starts_it_again() -> None:
    scene = live()
    system(scene, c.NoteRecording(e.RecordingStarted(CO)))
    events = scene.ask(c.WithdrawConsent(Consent.RECORD), CONSUMER)
    assert events[:2] == [e.ConsentWithdrawn(CO, Consent.RECORD), e.RecordingStopped(CO, "consent")]
    assert isinstance(events[2], e.Routed)
    assert CO not in events[2].recorded
    assert system(scene, c.NoteRecording(e.RecordingStarted(CO))) == []
    scene.ask(c.GiveConsent(Consent.RECORD, "v1"), CONSUMER)
    assert CO in scene.state.routed.recorded


def test_whether_ones_words_become_text_is_an_answer_of_its_own() -> None:
    scene = scheduled().prepare(CO)
    assert scene.state.seats[CO].transcribe is None
    assert not scene.state.seats[CO].consents_to_transcribe  # nobody's silence is a yes
    scene.ask(c.AnswerConsent(Consent.TRANSCRIBE, False, "v1"), CONSUMER)
    scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.Arrive())
    scene.ask(c.Admit(CO))
    before = scene.state.seats[CO]
    with pytest.raises(refusals.WrongState):  # in the room it is given or withdrawn
        scene.ask(c.AnswerConsent(Consent.TRANSCRIBE, True, "v1"), CONSUMER)
    assert scene.ask(c.GiveConsent(Consent.TRANSCRIBE, "v2"), CONSUMER)[0] == e.ConsentGiven(
        CO, Consent.TRANSCRIBE, "v2"
    )
    seat = scene.state.seats[CO]
    assert (seat.transcribe, seat.transcribe_text) == (True, "v2")
    assert scene.ask(c.WithdrawConsent(Consent.TRANSCRIBE), CONSUMER)[0] == e.ConsentWithdrawn(CO, Consent.TRANSCRIBE)
    after = scene.state.seats[CO]
    assert (after.transcribe, after.consents_to_transcribe) == (False, False)
    assert (after.record, after.participate, after.status) == (before.record, before.participate, before.status)
    assert scene.ask(c.WithdrawConsent(Consent.TRANSCRIBE), CONSUMER) == []


def test_of_their_own_words_the_mediator_decides_and_of_nothing_else_on_duty() -> None:
    scene = opened()
    assert scene.state.seats[M].consents_to_transcribe
    assert scene.ask(c.WithdrawConsent(Consent.TRANSCRIBE))[0] == e.ConsentWithdrawn(M, Consent.TRANSCRIBE)
    assert not scene.state.seats[M].consents_to_transcribe
    assert scene.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"))[0] == e.ConsentGiven(M, Consent.TRANSCRIBE, "v1")
    for kind in (Consent.PARTICIPATE, Consent.RECORD):
        for command in (c.WithdrawConsent(kind), c.GiveConsent(kind, "v1")):
            with pytest.raises(rooms.BadValue):
                scene.ask(command)


def test_withdrawing_from_taking_part_leaves_the_room() -> None:
    scene = live()
    system(scene, c.NoteRecording(e.RecordingStarted(CO)))
    events = scene.ask(c.WithdrawConsent(Consent.PARTICIPATE), CONSUMER)
    assert events[:3] == [
        e.ConsentWithdrawn(CO, Consent.PARTICIPATE),
        e.Left(CO),
        e.RecordingStopped(CO, "consent"),
    ]
    with pytest.raises(rooms.ConsentNeeded):
        scene.ask(c.Arrive(), CONSUMER)


def test_a_locked_door_keeps_out_newcomers_but_not_those_who_only_dropped_out() -> None:
    scene = opened().bring(CO).prepare(BU)
    scene.ask(c.SetDoor(True))
    with pytest.raises(rooms.DoorLocked):
        scene.ask(c.Arrive(), BUSINESS)
    system(scene, c.NoteConnection(CO, False))
    assert scene.state.seats[CO].status is SeatStatus.RECONNECTING
    assert scene.ask(c.Arrive(), CONSUMER) == []
    assert system(scene, c.NoteConnection(CO, True)) == [e.Reconnected(CO)]
    assert scene.state.seats[CO].status is SeatStatus.PRESENT


def test_who_was_inside_before_and_left_may_knock_at_a_locked_door() -> None:
    scene = live()
    scene.ask(c.SetDoor(True))
    scene.ask(c.Leave(), CONSUMER)
    assert scene.ask(c.Arrive(), CONSUMER) == [e.Arrived(CO)]
    scene.ask(c.Remove(CO, "辱骂他人"))
    scene.ask(c.IssueLink(CO, "second", scene.now + timedelta(hours=1)))
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    with pytest.raises(rooms.DoorLocked):  # a removed person is a newcomer
        scene.ask(c.Arrive(), CONSUMER)


def test_who_was_sent_back_knocks_again_unless_the_door_was_locked_meanwhile() -> None:
    scene = opened().prepare(CO)
    scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.SendBack(CO))
    scene.ask(c.SetDoor(True))
    with pytest.raises(rooms.DoorLocked):
        scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.SetDoor(False))
    assert scene.ask(c.Arrive(), CONSUMER) == [e.Arrived(CO)]


def test_a_person_removed_comes_back_only_through_a_new_link_and_is_identified_anew() -> None:
    scene = live()
    scene.ask(c.Remove(CO, "辱骂他人"))
    assert scene.state.seats[CO].status is SeatStatus.REMOVED
    with pytest.raises(rooms.SeatRemoved):
        scene.ask(c.Arrive(), CONSUMER)
    with pytest.raises(rooms.SeatRemoved):
        scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    scene.ask(c.IssueLink(CO, "second", scene.now + timedelta(hours=1)))
    with pytest.raises(rooms.IdentityNeeded):
        scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    assert scene.ask(c.Arrive(), CONSUMER) == [e.Arrived(CO)]


def test_removing_needs_a_reason_and_never_hits_the_mediator() -> None:
    scene = live()
    with pytest.raises(refusals.Missing):
        scene.ask(c.Remove(CO, "  "))
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.Remove(M, "误点"))
    with pytest.raises(rooms.UnknownSeat):
        scene.ask(c.Remove("nobody", "误点"))


def test_somebody_sent_back_may_come_again() -> None:
    scene = opened().prepare(CO)
    scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.SendBack(CO))
    assert scene.state.seats[CO].status is SeatStatus.INVITED
    assert scene.ask(c.Arrive(), CONSUMER) == [e.Arrived(CO)]


def test_an_absence_of_ten_minutes_gives_the_seat_up_and_not_a_second_less() -> None:
    scene = live()
    system(scene, c.NoteConnection(CO, False))
    scene.wait(minutes=9, seconds=59)
    assert system(scene, c.NoteConnection(CO, False, "absent")) == []
    scene.wait(seconds=1)
    assert system(scene, c.NoteConnection(CO, False, "absent"))[0] == e.Left(CO)


def test_somebody_admitted_while_away_is_reconnecting_not_present() -> None:
    scene = opened().prepare(CO)
    scene.ask(c.Arrive(), CONSUMER)
    system(scene, c.NoteConnection(CO, False))
    scene.ask(c.Admit(CO))
    assert scene.state.seats[CO].status is SeatStatus.RECONNECTING


def test_after_a_restart_everybody_is_reconnecting_and_recordings_have_stopped() -> None:
    scene = live()
    system(scene, c.NoteRecording(e.RecordingStarted(BU)))
    events = system(scene, c.Resume())
    assert e.RecordingStopped(BU, "server") in events
    assert {seat.status for seat in scene.state.seats.values() if seat.in_room} == {SeatStatus.RECONNECTING}
    assert scene.state.status is Status.LIVE
    assert system(scene, c.Resume()) == []


def test_a_link_is_noted_as_handed_over_once_and_a_new_one_is_not() -> None:
    scene = scheduled()
    expires = scene.now + timedelta(hours=1)
    scene.ask(c.IssueLink(CO, "one", expires))
    assert scene.ask(c.HandOverLink(CO, "one", "email")) == [e.LinkHandedOver(CO, "one", "email")]
    assert scene.ask(c.HandOverLink(CO, "one", "email")) == []
    assert scene.state.seats[CO].handed == "email"
    with pytest.raises(rooms.BadValue):
        scene.ask(c.HandOverLink(CO, "one", "pigeon"))
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.HandOverLink(CO, "one", "phone"), CONSUMER)
    scene.ask(c.IssueLink(CO, "two", expires))
    assert scene.state.seats[CO].handed == ""
    with pytest.raises(rooms.LinkUnknown):
        scene.ask(c.HandOverLink(CO, "one", "email"))


def test_a_new_link_replaces_the_old_and_the_old_opens_nothing() -> None:
    scene = scheduled()
    expires = scene.now + timedelta(hours=1)
    scene.ask(c.IssueLink(CO, "one", expires))
    assert scene.ask(c.IssueLink(CO, "two", expires)) == [
        e.LinkRevoked(CO, "one", "replaced"),
        e.LinkIssued(CO, "two", expires),
    ]
    with pytest.raises(rooms.LinkUnknown):
        scene.ask(c.OpenLink("one"), CONSUMER)
    assert scene.ask(c.OpenLink("two"), CONSUMER) == [e.LinkOpened(CO, "two")]
    assert scene.ask(c.OpenLink("two"), CONSUMER) == []
    scene.wait(hours=2)
    with pytest.raises(rooms.LinkExpired):
        scene.ask(c.OpenLink("two"), CONSUMER)


def test_a_room_has_eight_seats_and_one_mediator() -> None:
    scene = scheduled()
    for n in range(6, 9):
        scene.ask(c.AddSeat(Seat(f"s{n}", Role.LAWYER, "律师")))
    with pytest.raises(rooms.RoomFull):
        scene.ask(c.AddSeat(Seat("s9", Role.LAWYER, "律师")))
    with pytest.raises(rooms.BadSeat):
        Scene().ask(scheduling(seats=()))
    with pytest.raises(rooms.BadSeat):
        Scene().ask(scheduling(seats=(Seat("a", Role.MEDIATOR, "甲"), Seat("a", Role.CONSUMER, "乙"))))


def test_a_session_is_held_under_an_order_that_is_known() -> None:
    with pytest.raises(rooms.BadValue):
        Scene().ask(scheduling(order="122"))


def test_names_are_chosen_before_the_room_not_in_it() -> None:
    scene = opened().prepare(CO)
    assert scene.ask(c.ChooseName(" 小陈 "), CONSUMER) == [e.NameChosen(CO, "小陈")]
    with pytest.raises(refusals.TooLong):
        scene.ask(c.ChooseName("陈" * 41), CONSUMER)
    scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.Admit(CO))
    with pytest.raises(refusals.WrongState):
        scene.ask(c.ChooseName("周经理"), CONSUMER)


def test_a_party_of_another_session_is_nobody_here() -> None:
    with pytest.raises(refusals.NotAllowed):
        opened().ask(c.Arrive(), party("s-elsewhere"))
    with pytest.raises(refusals.NotAllowed):
        opened().ask(c.SetDoor(True), party(M))  # a party cannot claim the mediator's seat


def test_a_cancelled_session_takes_nobody_in() -> None:
    scene = scheduled().prepare(CO)
    scene.ask(c.Cancel("双方已和解"), MEDIATOR)
    with pytest.raises(refusals.WrongState):
        scene.ask(c.Arrive(), CONSUMER)


@pytest.mark.parametrize("cause", ["socket", "link_ended"])
def test_of_who_is_away_the_mediator_is_told_of_the_new_link_and_not_of_the_old(cause: str) -> None:
    scene = live()
    system(scene, c.NoteConnection(CO, False, cause))
    scene.ask(c.IssueLink(CO, "second", scene.now + timedelta(hours=1)))
    assert scene.state.seats[CO].away_cause == "link_replaced"
