"""Coming in, consent and whoever helps or is put out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from rooms import commands as c
from rooms.vocabulary import Consent
from signaling.messages.shape import Body, CommandMessage, Id, Nothing, OnSeat, Text


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


COMMANDS: Mapping[str, CommandMessage] = {
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
