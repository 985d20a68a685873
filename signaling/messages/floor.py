"""Messages about the floor: coming in, consent, who speaks, what lies open, private talks, slips and figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from rooms import commands as c
from rooms.vocabulary import Channel, Consent, GapRule, Opening, Phase, Side
from signaling.messages.shape import Body, CommandMessage, Id, Money, Nothing, OnSeat, Text


class RemoveBody(Body):
    seat: Id
    reason: Text


class ConsentBody(Body):
    kind: Consent


class AssistBody(Body):
    helper: Text
    relation: Id
    agreed: bool
    seat: Annotated[str, StringConstraints(max_length=64)] = ""


class EndAssistanceBody(Body):
    seat: Annotated[str, StringConstraints(max_length=64)] = ""


JOINING_COMMANDS: Mapping[str, CommandMessage] = {
    "arrive": CommandMessage(Nothing, lambda b: c.Arrive()),
    "leave": CommandMessage(Nothing, lambda b: c.Leave()),
    "admit": CommandMessage(OnSeat, lambda b: c.Admit(b.seat)),
    "send_back": CommandMessage(OnSeat, lambda b: c.SendBack(b.seat)),
    "remove": CommandMessage(RemoveBody, lambda b: c.Remove(b.seat, b.reason)),
    "withdraw_consent": CommandMessage(ConsentBody, lambda b: c.WithdrawConsent(b.kind)),
    "give_consent": CommandMessage(ConsentBody, lambda b: c.GiveConsent(b.kind)),
    "assist": CommandMessage(AssistBody, lambda b: c.Assist(b.helper, b.relation, b.agreed, b.seat)),
    "end_assistance": CommandMessage(EndAssistanceBody, lambda b: c.EndAssistance(b.seat)),
}


# ------------------------------------------------------------ who speaks, what is said, what lies open


class CoverOpeningBody(Body):
    item: Opening
    done: bool = True


class EnterPhaseBody(Body):
    phase: Phase


class DoorBody(Body):
    locked: bool


class HandBody(Body):
    raised: bool


class SwitchBody(Body):
    on: bool


class SayBody(Body):
    text: Text
    to: Annotated[str, StringConstraints(max_length=64)] = ""
    caucus: Annotated[int, Field(ge=0, le=100_000)] = 0


class LinesBody(Body):
    """A page of the chat: what follows a line, or leads up to one; without either, to the end."""

    after: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    before: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class CheckItemBody(Body):
    item: Id
    done: bool = True


class ShowLawBody(Body):
    article: Id


class ShowTypicalBody(Body):
    case: Id


FLOOR_COMMANDS: Mapping[str, CommandMessage] = {
    "cover_opening": CommandMessage(CoverOpeningBody, lambda b: c.CoverOpening(b.item, b.done)),
    "enter_phase": CommandMessage(EnterPhaseBody, lambda b: c.EnterPhase(b.phase)),
    "start_recess": CommandMessage(Nothing, lambda b: c.StartRecess()),
    "end_recess": CommandMessage(Nothing, lambda b: c.EndRecess()),
    "set_door": CommandMessage(DoorBody, lambda b: c.SetDoor(b.locked)),
    "mute": CommandMessage(OnSeat, lambda b: c.Mute(b.seat)),
    "unmute": CommandMessage(Nothing, lambda b: c.Unmute()),
    "ask_unmute": CommandMessage(OnSeat, lambda b: c.AskUnmute(b.seat)),
    "set_hand": CommandMessage(HandBody, lambda b: c.SetHand(b.raised)),
    "set_camera": CommandMessage(SwitchBody, lambda b: c.SetCamera(b.on)),
    "set_screen": CommandMessage(SwitchBody, lambda b: c.SetScreen(b.on)),
    "say": CommandMessage(SayBody, lambda b: c.Say(b.text, b.to, b.caucus)),
    "check_item": CommandMessage(CheckItemBody, lambda b: c.CheckItem(b.item, b.done)),
    "show_law": CommandMessage(ShowLawBody, lambda b: c.ShowLaw(b.article)),
    "put_law_away": CommandMessage(Nothing, lambda b: c.PutLawAway()),
    "show_typical": CommandMessage(ShowTypicalBody, lambda b: c.ShowTypical(b.case)),
    "put_typical_away": CommandMessage(Nothing, lambda b: c.PutTypicalAway()),
}


# ------------------------------------------------------------ talks in private, slips and blind figures


Number = Annotated[int, Field(ge=1, le=100_000)]


class CaucusBody(Body):
    side: Side
    interpreters: Annotated[tuple[Id, ...], Field(max_length=8)] = ()


class ChannelBody(Body):
    channel: Channel


class SlipBody(Body):
    text: Text
    amount: Money | None = None
    may_tell: bool = False


class Numbered(Body):
    number: Number


class MarkBody(Body):
    number: Number
    may_tell: bool


class GapBody(Body):
    rule: GapRule


class FigureBody(Body):
    number: Number
    amount: Money


CIRCLES_COMMANDS: Mapping[str, CommandMessage] = {
    "start_caucus": CommandMessage(CaucusBody, lambda b: c.StartCaucus(b.side, b.interpreters)),
    "end_caucus": CommandMessage(Nothing, lambda b: c.EndCaucus()),
    "start_consulting": CommandMessage(OnSeat, lambda b: c.StartConsulting(b.seat)),
    "end_consulting": CommandMessage(Nothing, lambda b: c.EndConsulting()),
    "choose_channel": CommandMessage(ChannelBody, lambda b: c.ChooseChannel(b.channel)),
    "write_slip": CommandMessage(SlipBody, lambda b: c.WriteSlip(b.text, b.amount, b.may_tell)),
    "mark_slip": CommandMessage(MarkBody, lambda b: c.MarkSlip(b.number, b.may_tell)),
    "withdraw_slip": CommandMessage(Numbered, lambda b: c.WithdrawSlip(b.number)),
    "show_slip": CommandMessage(Numbered, lambda b: c.ShowSlip(b.number)),
    "open_gap": CommandMessage(GapBody, lambda b: c.OpenGap(b.rule)),
    "agree_gap": CommandMessage(Numbered, lambda b: c.AgreeGap(b.number)),
    "enter_figure": CommandMessage(FigureBody, lambda b: c.EnterFigure(b.number, b.amount)),
    "drop_gap": CommandMessage(Numbered, lambda b: c.DropGap(b.number)),
}
