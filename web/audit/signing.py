"""What happened to the signing of an agreement and to its documents, said in words. None for whatever else happened."""

from __future__ import annotations

from typing import Final

from rooms import events as e
from web.audit.voice import Voice
from web.i18n import N_

KINDS: Final = {
    "agreement": N_("Mediation agreement"),
    "record": N_("Mediation record"),
    "failure": N_("Record of failure to settle"),
}
VOIDED: Final = {
    "edited": N_("The text was changed"),
    "called_off": N_("Signing was stopped"),
    "closed": N_("The mediation ended before the seal"),
}


def signing(fact: e.SessionEvent, voice: Voice) -> str | None:
    _ = voice.gettext
    match fact:
        case e.SigningOffered(kind=kind, number=number, text=text):
            return _(
                "Asked both sides to sign: %(what)s %(number)s, SHA-256 of the text %(digest)s…",
                what=_(KINDS.get(kind, KINDS["record"])),
                number=number,
                digest=text[:12],
            )
        case e.SigningRead():
            return _("Read the text to its end")
        case e.ElectronicFormAgreed(notice=notice):
            return _("Agreed to sign electronically (text %(notice)s)", notice=notice)
        case e.HandwritingConsented(notice=notice):
            return _("Agreed that the handwriting is kept (text %(notice)s)", notice=notice)
        case e.SignerConfirmed(how="account"):
            return _("Signs with their own account")
        case e.SignerConfirmed():
            return _("Confirmed with a one-time code that it is them who signs")
        case e.SignerConfirmedByVoice(seat=seat, recognised=recognised):
            return _(
                "Confirmed by voice, without a code, that it is %(name)s who signs: %(recognised)s",
                name=voice.name(seat),
                recognised=recognised,
            )
        case e.Signed(how="typed", name=name):
            return _("Signed with their typed name: %(name)s", name=name)
        case e.Signed():
            return _("Signed by hand")
        case e.SigningRefused(reason=reason):
            return _("Did not want to sign: %(reason)s", reason=reason)
        case e.SignatureWithdrawn(voids=voids):
            said = _("Took their signature back")
            return said + (_("; the mediator's signature is void") if voids else "")
        case e.SigningVoided(reason=reason, seats=seats, note=note):
            names = _(", ").join(voice.name(seat) for seat in seats)
            said = _(VOIDED.get(reason, VOIDED["edited"]))
            said += _("; void: %(names)s", names=names) if names else ""
            return said + (_(": %(reason)s", reason=note) if note else "")
        case e.DocumentSealed(kind=kind, number=number, sha256=digest, level="", certifier=certifier):
            return _(
                "Had %(certifier)s put the office's seal on: %(what)s %(number)s, SHA-256 %(digest)s…",
                certifier=certifier,
                what=_(KINDS.get(kind, KINDS["record"])),
                number=number,
                digest=digest[:12],
            )
        case e.DocumentSealed(kind=kind, number=number, sha256=digest, level=level):
            return _(
                "Put the office's seal on: %(what)s %(number)s, PAdES %(level)s, SHA-256 %(digest)s…",
                what=_(KINDS.get(kind, KINDS["record"])),
                number=number,
                level=level,
                digest=digest[:12],
            )
        case e.CopyTaken():
            return _("Took a copy of the sealed document")
        case _:
            return None
