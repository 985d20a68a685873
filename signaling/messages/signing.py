"""Reading through and signing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from rooms import commands as c
from signaling.messages.shape import Body, CommandMessage, Text

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class TextBody(Body):
    """Which text it is about, by its hash."""

    text: Digest


class RefuseBody(TextBody):
    reason: Text


class ReasonBody(Body):
    reason: Text = ""


COMMANDS: Mapping[str, CommandMessage] = {
    "call_off_signing": CommandMessage(ReasonBody, lambda b: c.CallOffSigning(b.reason)),
    "read_through": CommandMessage(TextBody, lambda b: c.ReadThrough(b.text)),
    "consent_handwriting": CommandMessage(TextBody, lambda b: c.ConsentHandwriting(b.text)),
    "refuse_signing": CommandMessage(RefuseBody, lambda b: c.RefuseSigning(b.text, b.reason)),
    "withdraw_signature": CommandMessage(TextBody, lambda b: c.WithdrawSignature(b.text)),
}
