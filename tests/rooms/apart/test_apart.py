"""Each side in its own time: what is taken from whom while nobody meets, in which order, and back into the room."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

import rooms
from journal import SYSTEM
from journal.refusals import Missing, NotAllowed, WrongState
from law.orders import APART, ROOM
from rooms import commands as c, events as e
from rooms.apart.rules import DAY, END, HOUR, MEETING, MOST_WORDS, NUDGE, ROOM_OPEN, WORD_EVERY, TaskKind, open_tasks
from rooms.caucus.rules import MOST_SLIPS
from rooms.floor.state import Chat
from rooms.record.minutes import minutes
from rooms.vocabulary import (
    Capacity,
    Consent,
    GapRule,
    Opening,
    Outcome,
    OutcomeKind,
    Performance,
    Role,
    Seat,
    SeatStatus,
    Side,
    Status,
    Term,
)
from tests.rooms.scene import (
    BU,
    BUSINESS,
    CO,
    CONSUMER,
    IN,
    OB,
    OBSERVER,
    SEATS,
    START,
    STRANGER,
    M,
    Scene,
    live,
    party,
    scheduled,
    scheduling,
)

UNTIL = START + timedelta(days=7)
LINKS = UNTIL + timedelta(days=7)


def begun() -> Scene:
    """Without meeting; nobody has come yet."""
    scene = scheduled()
    scene.ask(c.GoApart(UNTIL, LINKS))
    return scene


def come(scene: Scene, seat: str) -> Scene:
    """By link, code, consent and the notice of rights."""
    actor = party(seat)
    scene.ask(c.IssueLink(seat, f"link-{seat}", LINKS))
    scene.ask(c.OpenLink(f"link-{seat}"), actor)
    scene.ask(c.ConfirmIdentity("code"), actor)
    scene.ask(c.NoteVisit(), actor)
    scene.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), actor)
    scene.ask(c.ReadRights(), actor)
    return scene


def both() -> Scene:
    scene = come(begun(), CO).wait(days=1)
    return come(scene, BU)


def kinds(scene: Scene, seat: str) -> list[TaskKind]:
    return [task.kind for task in open_tasks(scene.state, scene.state.seats[seat])]


# ------------------------------------------------------------ beginning, end date, the room


def test_it_begins_at_once_without_anybody_in_the_room() -> None:
    scene = scheduled()
    assert scene.state.mode == ROOM
    assert scene.ask(c.GoApart(UNTIL, LINKS)) == [e.SessionOpened(), e.ApartBegun(UNTIL, LINKS)]
    assert (scene.state.status, scene.state.mode) == (Status.LIVE, APART)
    assert not any(seat.in_room for seat in scene.state.seats.values())


@pytest.mark.parametrize("until", [START, START - timedelta(days=1), START + timedelta(days=61)])
def test_an_end_that_is_past_or_further_than_the_law_gives_a_mediation_is_refused(until: object) -> None:
    with pytest.raises(rooms.BadValue):
        scheduled().ask(c.GoApart(until, LINKS + timedelta(days=90)))  # type: ignore[arg-type]


def test_only_its_mediator_begins_it_and_moves_its_end() -> None:
    for asker in (CONSUMER, STRANGER, SYSTEM):
        with pytest.raises(NotAllowed):
            scheduled().ask(c.GoApart(UNTIL, LINKS), asker)
        with pytest.raises(NotAllowed):
            begun().ask(c.MoveEnd(UNTIL + timedelta(days=1), LINKS), asker)


def test_its_end_is_moved_and_links_last_beyond_it() -> None:
    scene = both()
    later = UNTIL + timedelta(days=5)
    scene.ask(c.MoveEnd(later, later + timedelta(days=7)))
    assert scene.state.apart is not None
    assert scene.state.apart.until == later
    assert scene.state.seats[CO].link_expires == later + timedelta(days=7)


def test_nothing_lapses_on_the_end_date() -> None:
    scene = both().wait(days=30)
    scene.ask(c.Say("晚了几天，还是想说清楚"), CONSUMER)
    assert scene.state.status is Status.LIVE
    assert scene.state.apart is not None
    assert scene.state.apart.on


def test_from_the_room_everybody_leaves_it_and_their_sound_goes_nowhere_any_more() -> None:
    scene = live()
    events = scene.ask(c.GoApart(UNTIL, LINKS))
    assert e.Left(CO) in events
    assert events.index(e.Left(BU)) < events.index(e.ApartBegun(UNTIL, LINKS))
    assert scene.state.routed.hears == {}
    assert not any(seat.recording for seat in scene.state.seats.values())


def test_a_recess_ends_with_it() -> None:
    scene = live()
    scene.ask(c.StartRecess())
    assert e.RecessEnded() in scene.ask(c.GoApart(UNTIL, LINKS))
    assert scene.state.status is Status.LIVE


def test_back_in_the_room_only_who_is_in_it_acts_and_then_apart_again() -> None:
    scene = both()
    with pytest.raises(WrongState):
        scene.ask(c.Arrive())
    assert scene.ask(c.OpenRoom())[0] == e.RoomOpened()
    with pytest.raises(rooms.NotInRoom):
        scene.ask(c.Say("还能写吗"), CONSUMER)
    scene.ask(c.Arrive())
    scene.ask(c.Arrive(), CONSUMER)
    scene.ask(c.Admit(CO))
    scene.ask(c.Say("当面说一句"), CONSUMER)
    scene.wait(hours=1)
    scene.ask(c.GoApart(UNTIL, LINKS))
    assert scene.state.seats[CO].status is SeatStatus.LEFT
    scene.ask(c.Say("回头又想起一件事"), CONSUMER)
    assert scene.state.apart is not None
    first, second = scene.state.apart.stretches(scene.now)
    assert first[1] < second[0]


def test_a_meeting_is_called_for_a_time_and_called_off() -> None:
    scene = both()
    at = scene.now + timedelta(days=1)
    assert scene.ask(c.CallMeeting(at)) == [e.MeetingCalled(at)]
    assert scene.ask(c.CallMeeting(at)) == []
    assert scene.ask(c.CallMeeting(None)) == [e.MeetingCalled(None)]
    with pytest.raises(rooms.BadValue):
        scene.ask(c.CallMeeting(scene.now - timedelta(hours=1)))


# ------------------------------------------------------------ who acts


@pytest.mark.parametrize(
    ("left_out", "refused"),
    [("code", rooms.IdentityNeeded), ("consent", rooms.ConsentNeeded), ("rights", rooms.RightsUnread)],
)
def test_what_lets_into_a_room_is_needed_here_as_well(left_out: str, refused: type[Exception]) -> None:
    scene = begun()
    scene.ask(c.IssueLink(CO, "l", LINKS))
    if left_out != "code":
        scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    if left_out == "rights":
        scene.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), CONSUMER)
    with pytest.raises(refused):
        scene.ask(c.Say("先说一句"), CONSUMER)


def test_who_withdraws_acts_no_more_and_may_come_back() -> None:
    scene = both()
    scene.ask(c.WithdrawConsent(Consent.PARTICIPATE), CONSUMER)
    with pytest.raises(rooms.ConsentNeeded):
        scene.ask(c.Say("再说一句"), CONSUMER)
    assert kinds(scene, CO) == [TaskKind.CONSENT]
    scene.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), CONSUMER)
    scene.ask(c.Say("我想通了"), CONSUMER)


def test_once_both_sides_have_read_their_rights_the_opening_is_covered() -> None:
    scene = come(begun(), CO)
    assert scene.state.covered == frozenset()
    come(scene, BU)
    assert scene.state.covered == frozenset(Opening)


def test_a_statement_is_for_everybody_and_a_note_for_one_side() -> None:
    scene = both()
    scene.ask(c.Say("锅炉漏水，要求退款"), CONSUMER)
    scene.ask(c.Confide("其实修好也行"), CONSUMER)
    scene.ask(c.Confide("您最多能退多少", Side.BUSINESS))
    chat = Chat(scene.history)
    read = {seat: [line["text"] for line in chat.after(seat, 0)] for seat in (M, CO, BU, IN, OB)}
    assert read[M] == ["锅炉漏水，要求退款", "其实修好也行", "您最多能退多少"]
    assert read[CO] == read[IN] == ["锅炉漏水，要求退款", "其实修好也行"]
    assert read[BU] == ["锅炉漏水，要求退款", "您最多能退多少"]
    assert read[OB] == ["锅炉漏水，要求退款"]


def test_who_only_watches_confides_nothing() -> None:
    scene = come(both(), OB)
    with pytest.raises(NotAllowed):
        scene.ask(c.Confide("我也说一句"), OBSERVER)


def test_media_and_private_talks_are_for_the_room() -> None:
    scene = both()
    for command in (c.StartCaucus(Side.CONSUMER), c.StartRecess(), c.AskUnmute(CO), c.ShowExhibit("x")):
        with pytest.raises(rooms.NotInRoom):
            scene.ask(command)


# ------------------------------------------------------------ offers


def test_a_slip_that_may_be_told_becomes_an_offer_and_is_countered() -> None:
    scene = both()
    scene.ask(c.WriteSlip("最多退八百", Decimal("800"), False), BUSINESS)
    scene.ask(c.WriteSlip("退五百，送滤芯", Decimal("500"), True), BUSINESS)
    with pytest.raises(rooms.NotReleased):
        scene.ask(c.PutOffer("", slip=1))
    scene.ask(c.PutOffer("", slip=2))
    assert TaskKind.OFFER in kinds(scene, CO)
    assert TaskKind.OFFER not in kinds(scene, BU)
    with pytest.raises(NotAllowed):
        scene.ask(c.AnswerOffer(1, True), BUSINESS)
    scene.ask(c.AnswerOffer(1, False, "退七百就行", Decimal("700")), CONSUMER)
    slip = scene.state.concessions.slips[3]
    assert (slip.side, slip.amount, slip.may_tell) == (Side.CONSUMER, Decimal("700.00"), True)
    with pytest.raises(rooms.Outdated):
        scene.ask(c.AnswerOffer(1, True), CONSUMER)


def test_what_the_mediator_proposes_to_both_is_accepted_when_both_have() -> None:
    scene = both()
    scene.ask(c.PutOffer("退六百，互不追究", Decimal("600")))
    scene.ask(c.AnswerOffer(1, True), CONSUMER)
    assert scene.state.apart is not None
    assert not scene.state.apart.offers[1].accepted
    scene.ask(c.AnswerOffer(1, True), BUSINESS)
    assert scene.state.apart.offers[1].accepted


def test_an_offer_that_was_taken_back_is_answered_no_more() -> None:
    scene = both()
    scene.ask(c.PutOffer("退六百", Decimal("600")))
    scene.ask(c.TakeBackOffer(1))
    with pytest.raises(rooms.Outdated):
        scene.ask(c.AnswerOffer(1, True), CONSUMER)
    with pytest.raises(rooms.UnknownOffer):
        scene.ask(c.AnswerOffer(9, True), CONSUMER)


def test_blind_figures_are_entered_days_apart_and_compared_once() -> None:
    scene = both()
    scene.ask(c.OpenGap(GapRule.MIDPOINT))
    scene.ask(c.AgreeGap(1), CONSUMER)
    with pytest.raises(rooms.NotAgreedYet):
        scene.ask(c.EnterFigure(1, Decimal("500")), CONSUMER)
    scene.wait(days=1)
    scene.ask(c.AgreeGap(1), BUSINESS)
    scene.ask(c.EnterFigure(1, Decimal("700")), BUSINESS)
    scene.wait(days=1)
    events = scene.ask(c.EnterFigure(1, Decimal("500")), CONSUMER)
    assert events[-1] == e.GapRevealed(1, True, Decimal("600.00"))


# ------------------------------------------------------------ the agreement, and its end


def agreed() -> Scene:
    scene = both()
    scene.ask(c.RecordAuthority(BU, Capacity.HEAD))
    refund = Term(Side.BUSINESS, "退还货款", Decimal("600"), None, "微信", Performance.ON_THE_SPOT)
    scene.ask(c.PutClause(term=refund))
    return scene


def test_each_side_confirms_in_its_own_time_and_a_stale_answer_is_refused() -> None:
    scene = agreed()
    assert TaskKind.CLAUSE in kinds(scene, CO)
    scene.ask(c.AnswerClause("c1", 1, True), CONSUMER)
    refund = Term(Side.BUSINESS, "退还货款", Decimal("550"), None, "微信", Performance.ON_THE_SPOT)
    scene.ask(c.PutClause(clause="c1", edition=1, term=refund))
    with pytest.raises(rooms.Outdated):
        scene.ask(c.AnswerClause("c1", 1, True), BUSINESS)
    assert TaskKind.CLAUSE in kinds(scene, CO)
    for actor in (CONSUMER, BUSINESS):
        scene.ask(c.AnswerClause("c1", 2, True), actor)
    assert TaskKind.CLAUSE not in kinds(scene, CO)


def test_it_ends_exactly_as_a_room_does() -> None:
    scene = agreed()
    with pytest.raises(rooms.NotAgreed):
        scene.ask(c.ProposeAgreed())
    for actor in (CONSUMER, BUSINESS):
        scene.ask(c.AnswerClause("c1", 1, True), actor)
    scene.ask(c.ProposeAgreed())
    assert kinds(scene, BU)[-1] is TaskKind.OUTCOME
    with pytest.raises(rooms.OutcomeNotSeen):
        scene.ask(c.Close())
    scene.ask(c.ObjectToOutcome(1, "说好的是周五前"), CONSUMER)
    assert scene.state.objections == {CO: "说好的是周五前"}
    for actor in (CONSUMER, BUSINESS):
        scene.ask(c.SeeOutcome(1), actor)
    scene.ask(c.Close())
    assert scene.state.status is Status.CLOSED
    assert scene.state.outcome is not None
    assert scene.state.outcome.loss_recovered == Decimal("600.00")
    assert scene.state.apart is not None
    assert not scene.state.apart.on
    assert (scene.state.mode, len(scene.state.apart.done)) == (APART, 1)


def test_without_an_agreement_it_ends_with_a_reason_for_who_did_not_look() -> None:
    scene = come(begun(), CO)
    scene.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note="对方没有来")))
    scene.ask(c.Close("商家一直没有打开链接"))
    assert scene.state.status is Status.CLOSED


def test_its_record_says_that_nobody_met_who_came_and_when_the_room_was_opened() -> None:
    scene = both()
    scene.ask(c.OpenRoom())
    scene.wait(hours=1)
    scene.ask(c.GoApart(UNTIL, LINKS))
    scene.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note="差得太远")))
    scene.ask(c.Close("都已看过，未按确认"))
    found = minutes(scene.history)
    assert found.mode == "互联网（错时）调解"
    assert [person.seat for person in found.parties] == [CO, BU]
    steps = [step.text for step in found.steps]
    assert sum("错时调解" in step for step in steps) == 2
    assert sum("调解室" in step for step in steps) == 1


# ------------------------------------------------------------ messages


def test_reminders_to_a_side_are_counted_and_not_too_soon() -> None:
    scene = both()
    scene.ask(c.SendWord(CO, NUDGE, "m0"))
    with pytest.raises(rooms.TooSoon):
        scene.ask(c.SendWord(CO, NUDGE, "m1"))
    scene.ask(c.SendWord(BU, NUDGE, "m2"))
    for number in range(1, MOST_WORDS):
        scene.now += WORD_EVERY
        scene.ask(c.SendWord(CO, NUDGE, f"n{number}"))
    scene.now += WORD_EVERY
    with pytest.raises(rooms.Enough):
        scene.ask(c.SendWord(CO, NUDGE, "more"))


def test_nobody_is_messaged_who_does_not_take_part() -> None:
    scene = both()
    scene.ask(c.WithdrawConsent(Consent.PARTICIPATE), CONSUMER)
    with pytest.raises(NotAllowed):
        scene.ask(c.SendWord(CO, NUDGE, "m0"))


def test_a_visit_is_noted_each_time() -> None:
    scene = both()
    first = scene.state.apart
    assert first is not None
    scene.wait(days=2)
    assert scene.ask(c.NoteVisit(), CONSUMER) == [e.Visited(CO)]
    assert scene.state.apart is not None
    assert scene.state.apart.visits[CO] - first.visits[CO] > timedelta(days=2)


def test_what_somebody_was_told_already_is_not_told_again() -> None:
    scene = both()
    at = scene.now + timedelta(days=3)
    scene.ask(c.CallMeeting(at))
    for kind in (MEETING, DAY, HOUR):
        assert scene.ask(c.SendWord(CO, kind, f"{kind}1")) == [e.WordSent(CO, kind, f"{kind}1")]
        assert scene.ask(c.SendWord(CO, kind, f"{kind}2")) == []
        assert len(scene.ask(c.SendWord(BU, kind, f"{kind}3"))) == 1
    scene.ask(c.CallMeeting(at + timedelta(hours=1)))
    assert len(scene.ask(c.SendWord(CO, MEETING, "later"))) == 1
    scene.ask(c.CallMeeting(at))
    assert len(scene.ask(c.SendWord(CO, MEETING, "as before"))) == 1
    scene.ask(c.SendWord(CO, ROOM_OPEN, "room1"))
    assert scene.ask(c.SendWord(CO, ROOM_OPEN, "room2")) == []
    scene.ask(c.OpenRoom())
    scene.wait(hours=1)
    scene.ask(c.GoApart(UNTIL, LINKS))
    assert len(scene.ask(c.SendWord(CO, ROOM_OPEN, "another room"))) == 1


def test_nobody_is_messaged_who_was_put_out() -> None:
    scene = both()
    scene.ask(c.Remove(CO, "扰乱调解"))
    with pytest.raises(NotAllowed):
        scene.ask(c.SendWord(CO, END, "m0"))


# ------------------------------------------------------------ at the edges


def test_a_mediation_that_was_interrupted_goes_on_without_meeting() -> None:
    scene = both()
    scene.ask(c.StartRecess(), SYSTEM)  # somebody asks for another mediator
    assert scene.state.status is Status.RECESS
    with pytest.raises(NotAllowed):
        scene.ask(c.EndRecess(), CONSUMER)
    assert scene.ask(c.EndRecess())[0] == e.RecessEnded()
    assert scene.state.apart is not None
    assert scene.state.apart.on
    scene.ask(c.PutOffer("退六百", Decimal("600")))


def test_after_a_restart_everybody_acts_as_before() -> None:
    scene = both()
    scene.ask(c.Resume(), SYSTEM)
    scene.ask(c.Say("服务器重启以后"), CONSUMER)
    assert scene.state.status is Status.LIVE


def test_what_somebody_would_do_instead_is_a_slip_like_any_other_and_counted_with_them() -> None:
    scene = both()
    for number in range(MOST_SLIPS):
        scene.ask(c.WriteSlip(f"第{number}种办法", None, False), BUSINESS)
    scene.ask(c.PutOffer("退六百", Decimal("600"), Side.CONSUMER))
    with pytest.raises(rooms.Enough):
        scene.ask(c.AnswerOffer(1, False, "退七百", Decimal("700")), CONSUMER)
    scene.ask(c.AnswerOffer(1, False), CONSUMER)


def test_an_offer_that_was_accepted_first_is_taken_back_no_more() -> None:
    scene = both()
    scene.ask(c.PutOffer("退六百", Decimal("600"), Side.CONSUMER))
    scene.ask(c.AnswerOffer(1, True), CONSUMER)
    with pytest.raises(rooms.Outdated):
        scene.ask(c.TakeBackOffer(1))


def test_an_offer_of_nothing_is_none() -> None:
    scene = both()
    for command in (c.PutOffer("  "), c.PutOffer("", Decimal("5"))):
        with pytest.raises(Missing):
            scene.ask(command)
    scene.ask(c.PutOffer("退六百"))
    with pytest.raises(Missing):
        scene.ask(c.AnswerOffer(1, False, "", Decimal("5")), CONSUMER)


def test_a_proxy_whose_term_is_over_neither_acts_nor_reads_their_rights() -> None:
    proxy = Seat("s-p", Role.REPRESENTATIVE, "代理人", Side.BUSINESS, until=START + timedelta(days=2))
    scene = Scene()
    scene.ask(scheduling((*SEATS, proxy)))
    scene.ask(c.GoApart(UNTIL, LINKS))
    come(scene, "s-p")
    scene.ask(c.Say("我代表商家"), party("s-p"))
    scene.wait(days=3)
    with pytest.raises(rooms.AuthorityOver):
        scene.ask(c.Say("还能说吗"), party("s-p"))
    with pytest.raises(rooms.AuthorityOver):
        scene.ask(c.ReadRights(), party("s-p"))
