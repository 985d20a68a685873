"""Random command sequences by random people: no illegal state is ever reached, and folding is deterministic."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import get_args

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from journal import SYSTEM, Actor, sealed
from journal.refusals import DomainError
from rooms import commands as c, events, events as e
from rooms.caucus import rules as caucus_rules
from rooms.floor.state import remarked
from rooms.media.rules import matrix
from rooms.session import RIGHTS, fold
from rooms.vocabulary import (
    Consent,
    FloorChannel,
    GapRule,
    Opening,
    Outcome,
    OutcomeKind,
    Phase,
    Role,
    Seat,
    SeatStatus,
    Side,
    Status,
)
from tests.rooms.scene import (
    BU,
    CO,
    COLLEAGUE,
    MEDIATOR,
    OB,
    STRANGER,
    SUPERVISOR,
    M,
    Scene,
    party,
    scheduling,
    settled,
)
from tests.rooms.whole import lines, view

seats = st.sampled_from([M, CO, BU, OB, "s-i", "s-l", "s-n", "s-x"])
actors: st.SearchStrategy[Actor] = st.one_of(
    st.sampled_from([MEDIATOR, MEDIATOR, MEDIATOR, SYSTEM, COLLEAGUE, STRANGER, SUPERVISOR]), seats.map(party)
)
flags = st.booleans()
consents = st.sampled_from(Consent)
outcomes = st.sampled_from(
    [settled(), Outcome(OutcomeKind.NOT_SETTLED), Outcome(OutcomeKind.ENDED, ground=4), Outcome(OutcomeKind.SETTLED)]
)
LEAF = e.Leaf("consumer-55", {"zh": "某条"}, {"zh": "要点。"})
facts = st.one_of(
    seats.map(e.RecordingStarted),
    st.builds(e.RecordingStopped, seats, st.just("disconnected")),
    st.builds(e.RecordingFailed, st.sampled_from(["disk_full", "io"]), st.sampled_from(["", CO])),
)
commands: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(c.OpenLink, st.sampled_from(["l1", "l2"])),
    st.builds(c.AnswerConsent, consents, flags, st.just("v1")),
    st.builds(c.WithdrawConsent, consents),
    st.builds(c.GiveConsent, consents, st.just("v1")),
    st.builds(c.ConfirmIdentity, st.just("code")),
    st.builds(c.ConfirmByVoice, seats, st.just("听得出是本人")),
    st.builds(c.AskHelp, st.sampled_from(["no_code", "other_number"])),
    st.builds(c.ChooseName, st.sampled_from(["甲", "乙"])),
    st.just(c.Arrive()),
    st.builds(c.Admit, seats),
    st.builds(c.SendBack, seats),
    st.just(c.Leave()),
    st.just(c.Observe("s-v", SUPERVISOR.id, SUPERVISOR.name, "一所", "理由")),
    st.builds(c.Remove, seats, st.just("理由")),
    st.builds(c.CoverOpening, st.sampled_from(Opening), flags),
    st.builds(c.EnterPhase, st.sampled_from(Phase)),
    st.just(c.StartRecess()),
    st.just(c.EndRecess()),
    st.builds(c.SetDoor, flags),
    st.builds(c.Mute, seats),
    st.just(c.Unmute()),
    st.builds(c.AskUnmute, seats),
    st.builds(c.SetHand, flags),
    st.builds(c.SetCamera, flags),
    st.builds(c.SetCaptions, flags),
    st.builds(c.AskCaptions, flags),
    st.builds(c.SetScreen, flags),
    st.builds(c.Say, st.just("话"), st.sampled_from(["", M, CO])),
    st.builds(c.ProposeOutcome, outcomes),
    st.just(c.TakeBackOutcome()),
    st.just(c.SeeOutcome()),
    st.builds(c.ObjectToOutcome, st.just(0), st.sampled_from(["金额不对", "日期不对"])),
    st.builds(c.Correct, st.just("更正")),
    st.builds(c.AddNote, st.just("记一笔"), st.sampled_from([None, 0, -1]), st.sampled_from([0, 7])),
    st.builds(c.NoteConnection, seats, flags, st.sampled_from(["socket", "media", "absent"])),
    st.builds(c.NoteSpeaking, seats, flags),
    st.builds(c.NotePictures, seats, st.sampled_from(["to", "from"]), flags),
    st.builds(c.NoteQuality, seats, st.integers(1, 4)),
    st.builds(c.NoteRecording, facts),
    st.just(c.NoteView("record")),
    st.just(c.Resume()),
    st.builds(c.StartCaucus, st.sampled_from(Side), st.sampled_from([(), ("s-n",), ("s-i",)])),
    st.just(c.EndCaucus()),
    st.builds(c.StartConsulting, seats),
    st.just(c.EndConsulting()),
    st.builds(c.WriteSlip, st.just("密话"), st.sampled_from([None, Decimal("1500")]), flags),
    st.builds(c.MarkSlip, st.integers(1, 3), flags),
    st.builds(c.WithdrawSlip, st.integers(1, 3)),
    st.builds(c.ShowSlip, st.integers(1, 3)),
    st.builds(c.OpenGap, st.sampled_from(GapRule)),
    st.builds(c.AgreeGap, st.integers(1, 3)),
    st.builds(c.EnterFigure, st.integers(1, 3), st.sampled_from([Decimal("1500"), Decimal("2000")])),
    st.builds(c.DropGap, st.integers(1, 3)),
    st.builds(c.ChooseChannel, st.sampled_from(FloorChannel)),
    st.builds(c.Say, st.just("密话"), st.sampled_from(["", M, BU]), st.integers(0, 3)),
    st.builds(c.AddSeat, st.sampled_from([Seat("s-l", Role.LAWYER, "律师", Side.BUSINESS)])),
    st.builds(c.ShowLaw, st.sampled_from(["consumer-55", "x-1"]), st.sampled_from([None, LEAF])),
    st.just(c.PutLawAway()),
    st.builds(c.CheckItem, st.sampled_from(["opening.introduced", "closing.read_out", "x"]), flags),
    st.builds(
        c.Assist,
        st.sampled_from(["王小华", ""]),
        st.sampled_from(["family", "x"]),
        flags,
        st.sampled_from(["", CO, OB]),
    ),
    st.builds(c.EndAssistance, st.sampled_from(["", CO])),
    st.builds(c.AddSeat, st.sampled_from([Seat("s-x", Role.LAWYER, "律师"), Seat(CO, Role.COMPANION, "重名")])),
)

LATER = {
    "s-l": Seat("s-l", Role.LAWYER, "律师", Side.BUSINESS),
    "s-n": Seat("s-n", Role.INTERPRETER, "译员"),
}
ALLOWED = {
    Status.SCHEDULED: {Status.SCHEDULED, Status.LIVE, Status.CANCELLED},
    Status.LIVE: {Status.LIVE, Status.RECESS, Status.CLOSED},
    Status.RECESS: {Status.LIVE, Status.RECESS, Status.CLOSED},
    Status.CLOSED: {Status.CLOSED},
    Status.CANCELLED: {Status.CANCELLED},
}
IN = {SeatStatus.PRESENT, SeatStatus.RECONNECTING}


class AnyMediation(RuleBasedStateMachine):
    @initialize()
    def schedule(self) -> None:
        self.scene = Scene()
        self.scene.ask(scheduling())
        self.before = self.scene.state

    def _ask(self, command: c.Command, actor: Actor) -> None:
        self.before, written = self.scene.state, len(self.scene.history)
        try:
            self.scene.ask(command, actor)
        except DomainError:
            assert self.scene.state is self.before
        routed = [entry for entry in self.scene.history[written:] if isinstance(entry.event, e.Routed)]
        assert len(routed) == (self.scene.state.routed != self.before.routed), "one event for each change of routes"

    @rule(command=commands, actor=actors, seconds=st.sampled_from([0, 1, 5, 601]))
    def anybody_asks_anything(self, command: c.Command, actor: Actor, seconds: int) -> None:
        self.scene.wait(seconds=seconds)
        self._ask(command, actor)

    @rule(command=commands)
    def the_right_person_asks(self, command: c.Command) -> None:
        rights = RIGHTS[type(command)]
        seat = getattr(command, "seat", CO)
        able = MEDIATOR if Role.MEDIATOR in rights else SYSTEM if "system" in rights else party(seat)
        self._ask(command, able)

    @precondition(lambda self: not self.scene.state.over)
    @rule(seat=st.sampled_from([CO, BU, OB, "s-l", "s-n"]), record=flags)
    def somebody_comes_the_usual_way(self, seat: str, record: bool) -> None:
        if seat in LATER and seat not in self.scene.state.seats:
            self._ask(c.AddSeat(LATER[seat]), MEDIATOR)
        for command, actor in (
            (c.IssueLink(seat, f"l{len(self.scene.history)}", self.scene.now + timedelta(days=1)), MEDIATOR),
            (c.ConfirmIdentity("code"), party(seat)),
            (c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), party(seat)),
            (c.AnswerConsent(Consent.RECORD, record, "v1"), party(seat)),
            (c.Arrive(), party(seat)),
            (c.Arrive(), MEDIATOR),
            (c.Admit(seat), MEDIATOR),
        ):
            self._ask(command, actor)

    @precondition(lambda self: len(self.scene.history) > 40)
    @rule(anyway=st.sampled_from(["", "理由"]))
    def the_mediator_closes(self, anyway: str) -> None:
        self._ask(c.Close(anyway), MEDIATOR)

    @invariant()
    def statuses_only_move_along_their_arrows(self) -> None:
        assert self.scene.state.status in ALLOWED[self.before.status]

    @invariant()
    def a_phase_exists_exactly_when_the_session_was_opened(self) -> None:
        state = self.scene.state
        assert (state.phase is None) is (state.opened is None)
        assert (state.recess_since is not None) is (state.status is Status.RECESS)
        assert (state.outcome is not None) is (state.status is Status.CLOSED)
        assert state.proposed is None or not state.over

    @invariant()
    def whoever_is_in_the_room_has_consented_and_is_known(self) -> None:
        for seat in self.scene.state.seats.values():
            if seat.status in IN and seat.role not in (Role.MEDIATOR, Role.SUPERVISOR):
                assert seat.participate is True
                assert seat.confirmed
            if seat.status is SeatStatus.PRESENT and not self.scene.state.over:
                assert self.scene.state.opened is not None
            assert (seat.waiting_since is not None) is (seat.status is SeatStatus.WAITING)
            assert (seat.status is SeatStatus.RECONNECTING) is (seat.away_since is not None and seat.status in IN)

    @invariant()
    def nobody_speaks_or_is_recorded_who_may_not(self) -> None:
        state = self.scene.state
        for seat in state.seats.values():
            if seat.speaking_since is not None:
                assert state.status is Status.LIVE
                assert seat.status is SeatStatus.PRESENT
                assert not seat.muted
            if seat.recording:
                assert seat.consents_to_record
                assert state.status is Status.LIVE

    @invariant()
    def the_journal_says_who_hears_whom(self) -> None:
        state = self.scene.state
        assert state.routed == matrix(state)
        for who, others in {**state.routed.hears, **state.routed.sees}.items():
            assert state.seats[who].status in IN
            assert all(state.seats[other].status in IN for other in others)
            assert who not in others

    @precondition(lambda self: self.scene.state.status is Status.LIVE)
    @rule(side=st.sampled_from(Side), interpreters=st.sampled_from([(), ("s-n",)]))
    def the_mediator_talks_to_one_side(self, side: Side, interpreters: tuple[str, ...]) -> None:
        self._ask(c.StartCaucus(side, interpreters), MEDIATOR)

    @invariant()
    def a_private_talk_is_private(self) -> None:
        state = self.scene.state
        caucus, inside = state.caucus, caucus_rules.members(state)
        if caucus is None:
            return
        assert state.status is Status.LIVE
        assert state.mediator_seat in inside
        assert any(state.seats[seat].side is caucus.side for seat in inside)
        assert all(state.seats[seat].side in (None, caucus.side) for seat in inside)
        assert state.routed.recorded == ()
        pairs = {frozenset(one.pair) for one in state.circles.consulting}
        for who, others in state.routed.hears.items():
            assert all((who in inside and one in inside) or frozenset({who, one}) in pairs for one in others)
        for who, others in state.routed.sees.items():
            assert {who, *others} <= set(inside)
        for seat in state.seats.values():
            if seat.id not in inside:
                assert not seat.screen
                assert seat.speaking_since is None

    @invariant()
    def nobody_hears_two_who_consult(self) -> None:
        state = self.scene.state
        for one in state.circles.consulting:
            assert state.status is Status.LIVE
            assert len({state.seats[seat].side for seat in one.pair}) == 1
            assert not set(one.pair) & set(state.routed.recorded)
            for who, others in state.routed.hears.items():
                assert not set(one.pair) & set(others) or who in one.pair

    @invariant()
    def what_was_written_in_private_is_shown_to_its_readers_alone(self) -> None:
        confided = [said for said in map(remarked, self.scene.history) if said is not None and said.caucus]
        if not confided:
            return
        for seat in self.scene.state.seats.values():
            for said in lines(self.scene, seat.id):
                assert "caucus" not in said or any(
                    seat.id in one.readers and (one.text, one.caucus) == (said["text"], said["caucus"])
                    for one in confided
                )

    @invariant()
    def a_kept_slip_and_a_figure_are_shown_to_their_own_side_alone(self) -> None:
        state = self.scene.state
        if not (state.concessions.slips or state.concessions.gaps):
            return
        for seat in state.seats.values():
            seen = view(state, self.scene.timing, seat.id, self.scene.now)
            if seat.role is Role.MEDIATOR:
                continue
            for slip in seen.get("slips", []):
                assert slip["side"] == seat.side or (slip["may_tell"] and slip["shown"])
            gap = seen.get("gap")
            assert gap is None or gap["own"] is None or seat.side in state.concessions.gap.figures  # type: ignore[union-attr]

    @invariant()
    def folding_the_written_journal_gives_the_same_state(self) -> None:
        if len(self.scene.history) % 5:
            return
        drafts = [events.event_draft(entry.event, entry.at, entry.actor) for entry in self.scene.history]
        assert fold(events.history(sealed("session/x1", 0, "", drafts))) == self.scene.state


AnyMediation.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestAnyMediation = AnyMediation.TestCase


def test_every_command_has_its_line_in_the_table_of_rights() -> None:
    assert set(RIGHTS) == set(get_args(c.Command))
