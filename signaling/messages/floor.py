"""Who speaks, how far the mediation is, what is said and lies open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from rooms import commands as c
from rooms.vocabulary import Opening, Phase
from signaling.messages.shape import Body, CommandMessage, Id, Nothing, OnSeat, Text


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


COMMANDS: Mapping[str, CommandMessage] = {
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
