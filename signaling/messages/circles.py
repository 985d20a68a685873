"""Talks in private, slips and blind figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from rooms import commands as c
from rooms.vocabulary import Channel, GapRule, Side
from signaling.messages.shape import Body, CommandMessage, Id, Money, Nothing, OnSeat, Text

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


COMMANDS: Mapping[str, CommandMessage] = {
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
