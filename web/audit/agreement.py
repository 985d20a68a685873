"""What happened to the draft of an agreement, said in words. None for whatever else happened."""

from __future__ import annotations

from typing import Final

from rooms import events as e
from rooms.vocabulary import Capacity, Side
from web.audit.voice import Voice
from web.i18n import N_

CAPACITIES: Final = {
    Capacity.SELF: N_("in person"),
    Capacity.LEGAL_REPRESENTATIVE: N_("as the legal representative"),
    Capacity.HEAD: N_("as the person in charge"),
    Capacity.GUARDIAN: N_("as the guardian"),
    Capacity.AGENT: N_("as an authorised agent"),
}


def agreement(fact: e.SessionEvent, voice: Voice) -> str | None:
    return _clause(fact, voice) or _beside(fact, voice)


def _clause(fact: e.SessionEvent, voice: Voice) -> str | None:
    _ = voice.gettext
    match fact:
        case e.ClausePut(clause=clause, edition=1, text=text):
            return _("Wrote clause %(clause)s: %(text)s", clause=clause, text=text)
        case e.ClausePut(clause=clause, edition=edition, text=text, voids=voids):
            said = _(
                "Changed clause %(clause)s, edition %(edition)s: %(text)s", clause=clause, edition=edition, text=text
            )
            return said + _void(voids, voice)
        case e.ClauseRemoved(clause=clause, text=text, voids=voids):
            said = _("Removed clause %(clause)s: %(text)s", clause=clause, text=text)
            return said + _void(voids, voice)
        case e.ClauseMoved(clause=clause, number=number):
            return _("Made clause %(clause)s the %(number)s. of the draft", clause=clause, number=number)
        case e.ConfirmationAsked(clause=clause, edition=edition):
            return _("Asked both sides about clause %(clause)s, edition %(edition)s", clause=clause, edition=edition)
        case e.ClauseAnswered(clause=clause, edition=edition, agrees=True):
            return _("Agreed to clause %(clause)s, edition %(edition)s", clause=clause, edition=edition)
        case e.ClauseAnswered(clause=clause, edition=edition, reason=reason):
            said = _("Did not agree to clause %(clause)s, edition %(edition)s", clause=clause, edition=edition)
            return said + (_(": %(reason)s", reason=reason) if reason else "")
        case e.ReasonConfided(clause=clause):
            return _("Told the mediator alone why not to clause %(clause)s", clause=clause)  # and nobody else
        case e.ClauseQueried(clause=clause):
            return _("Asked the mediator what clause %(clause)s means", clause=clause)
        case e.ClauseExplained(clause=clause):
            return _("Explained clause %(clause)s", clause=clause)
        case _:
            return None


def _beside(fact: e.SessionEvent, voice: Voice) -> str | None:
    """Facts, authorities, and whether it is wanted in writing."""
    _ = voice.gettext
    match fact:
        case e.FactPut(fact=id, edition=1, text=text):
            return _("Wrote down fact %(fact)s: %(text)s", fact=id, text=text)
        case e.FactPut(fact=id, edition=edition, text=text, voids=voids):
            said = _("Changed fact %(fact)s, edition %(edition)s: %(text)s", fact=id, edition=edition, text=text)
            return said + _void(voids, voice)
        case e.FactRemoved(fact=id, text=text):
            return _("Removed fact %(fact)s: %(text)s", fact=id, text=text)
        case e.FactAnswered(fact=id, edition=edition, agrees=True):
            return _("Accepted fact %(fact)s, edition %(edition)s", fact=id, edition=edition)
        case e.FactAnswered(fact=id, edition=edition):
            return _("Did not accept fact %(fact)s, edition %(edition)s", fact=id, edition=edition)
        case e.AuthorityRecorded(seat=seat, capacity=capacity, special=special, basis=basis):
            said = _(
                "Recorded by what right %(name)s acts: %(capacity)s",
                name=voice.name(seat),
                capacity=_(CAPACITIES[capacity]),
            )
            return said + (_(", may settle") if special else "") + (_(" (%(basis)s)", basis=basis) if basis else "")
        case e.ClaimPut(side=side, text=text):
            if side is Side.CONSUMER:
                return _("Wrote down what the consumer asks for: %(text)s", text=text)
            return _("Wrote down what the business answers: %(text)s", text=text)
        case e.AgreementWaived():
            return _("Needs no written agreement")
        case e.AgreementWanted():
            return _("Wants the agreement in writing")
        case _:
            return None


def _void(voids: tuple[str, ...], voice: Voice) -> str:
    if not voids:
        return ""
    return voice.gettext("; what %(names)s had answered is void", names=voice.list(map(voice.name, voids)))
