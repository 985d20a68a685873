"""Reading through and signing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from rooms import commands as c
from signaling.messages.shape import Body, CommandMessage, Id, Text

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class TextBody(Body):
    """Which text it is about, by its hash."""

    text: Digest


class RefuseBody(TextBody):
    reason: Text


class VoiceBody(TextBody):
    seat: Id
    recognised: Text


class ReasonBody(Body):
    reason: Text = ""


COMMANDS: Mapping[str, CommandMessage] = {
    "call_off_signing": CommandMessage(ReasonBody, lambda b: c.CallOffSigning(b.reason)),
    "read_through": CommandMessage(TextBody, lambda b: c.ReadThrough(b.text)),
    "agree_electronic_form": CommandMessage(TextBody, lambda b: c.AgreeElectronicForm(b.text)),
    "consent_handwriting": CommandMessage(TextBody, lambda b: c.ConsentHandwriting(b.text)),
    "confirm_signer_by_voice": CommandMessage(
        VoiceBody, lambda b: c.ConfirmSignerByVoice(b.seat, b.text, b.recognised)
    ),
    "refuse_signing": CommandMessage(RefuseBody, lambda b: c.RefuseSigning(b.text, b.reason)),
    "withdraw_signature": CommandMessage(TextBody, lambda b: c.WithdrawSignature(b.text)),
}
