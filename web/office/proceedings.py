"""The steps of the procedure in words: what each event of `complaints.procedure.messages` says in the history.

Owns the names of recusals' askers, of how a testing body or an office was found, and of the events themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from complaints.procedure import messages as p
from law.grounds import ending_grounds
from law.orders import ORDERS
from web.i18n import N_, Words

ASKERS: Final[Mapping[str, str]] = {
    "consumer": N_("the complainant"),
    "business": N_("the respondent"),
    "mediator": N_("the mediator"),
}
BODIES: Final[Mapping[str, str]] = {
    "agreed": N_("both sides agreed on it"),
    "designated": N_("designated by the office"),
}
PAYERS: Final[Mapping[str, str]] = {
    "": N_("not agreed yet"),
    "consumer": N_("the complainant bears them"),
    "business": N_("the respondent bears them"),
    "both": N_("both sides share them"),
}
SETTLED: Final[Mapping[str, str]] = {
    "agreed": N_("agreed between the offices"),
    "designated": N_("decided by the common superior"),
}


def step(fact: p.ProcedureEvent, order: str, words: Words) -> str:
    """`order` is the one that applies: it says what a ground's number means."""
    _, language = words.gettext, words.language
    match fact:
        case p.TestingBegun(body=body, chosen=chosen, note=note, payer=payer):
            said = _("Testing begins: %(body)s, %(how)s", body=body, how=_(BODIES.get(chosen, chosen)))
            if payer:
                said += "; " if words.language == "en" else "；"
                said += _("costs: %(who)s", who=_(PAYERS.get(payer, payer)))
            return _with(said, note)
        case p.TestingEnded(note=note):
            return _with(_("Testing is over; the clock runs again"), note)
        case p.RecusalRequested(by=by, reason=reason):
            who = _(ASKERS.get(by, by))
            return _("Recusal of the mediator requested by %(who)s: %(reason)s", who=who, reason=reason)
        case p.RecusalDecided(granted=granted, reason=reason):
            if granted:
                return _("Recusal granted: %(reason)s", reason=reason)
            return _("Recusal not granted: %(reason)s", reason=reason)
        case p.MediationEnded(ground=ground, note=note):
            gist = next((one.gist(language) for one in ending_grounds(order) if one.number == ground), str(ground))
            return _with(_("Mediation terminated: %(ground)s", ground=gist), note)
        case p.MediationDelegated(to=to, note=note):
            return _with(_("Mediation delegated to %(whom)s", whom=to), note)
        case p.DelegationEnded(reason=reason):
            return _("Delegation ended: %(reason)s", reason=reason)
        case p.CompetenceDisputed(other=other, reason=reason):
            return _("Competence disputed with %(whom)s: %(reason)s", whom=other, reason=reason)
        case p.CompetenceSettled(how=how, ours=ours, note=note):
            how = _(SETTLED.get(how, how))
            if ours:
                return _with(_("Competence settled, this office handles it (%(how)s)", how=how), note)
            return _with(_("Competence settled, another office handles it (%(how)s)", how=how), note)
        case _:
            return _way(fact, words)


def _way(fact: p.ProcedureEvent, words: Words) -> str:
    _, language = words.gettext, words.language
    match fact:
        case p.OrderChosen(order=order, reason=reason):
            chosen = ORDERS.get(order)
            name = order if chosen is None else chosen.en if language.startswith("en") else chosen.zh
            return _("From now on %(order)s applies: %(reason)s", order=name, reason=reason)
        case p.Dispatched(note=note):
            return _with(_("Dispatched to the office that handles it"), note)
        case p.ReturnedToIntake(reason=reason):
            return _("Returned to the intake unit: %(reason)s", reason=reason)
        case p.Supervised(note=note):
            return _("The bureau asks: %(note)s", note=note)
        case p.ReportSplit():
            return _("The report part was split off and goes its own way")
        case p.LeadNoted():
            return _("A sign of an offence was handed on for verification")
        case _:
            return type(fact).__name__


def _with(said: str, note: str) -> str:
    return f"{said} · {note}" if note else said
