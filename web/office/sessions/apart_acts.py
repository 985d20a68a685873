"""What each form of the mediator's page of an asynchronous mediation asks of the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from journal.refusals import Refused
from rooms import commands as c
from rooms.session import Session
from rooms.vocabulary import Capacity, GapRule, Outcome, OutcomeKind, Performance, Side, Term
from web.http.forms import Form
from web.join.apart_acts import amount, number

Reader = Callable[[Form, Session, str], c.Command]
"""The form, the session as it is, and the office's zone. Refused(422) for what no page of ours sends."""
Word = TypeVar("Word", Side, GapRule, Capacity, OutcomeKind)


def _text(form: Form, name: str = "text") -> str:
    return form.values.get(name, "").strip()


def _one(kind: type[Word], form: Form, name: str) -> Word:
    try:
        return kind(form.values.get(name, ""))
    except ValueError:
        raise Refused("bad_value", 422, field=name) from None


def _confide(form: Form, _session: Session, _zone: str) -> c.Command:
    return c.Confide(_text(form), _one(Side, form, "side"))


def _offer(form: Form, _session: Session, _zone: str) -> c.Command:
    """Of the mediator's own words, to one side or to both; or a slip that is passed on."""
    slip = number(form, "slip")
    if slip:
        return c.PutOffer("", slip=slip)
    to = None if form.values.get("to") == "both" else _one(Side, form, "to")
    return c.PutOffer(_text(form), amount(form), to)


def _clause(form: Form, _session: Session, zone: str) -> c.Command:
    """A promise, which the program puts into words, or words alone."""
    which, edition, heading = form.values.get("clause", ""), number(form, "edition"), _text(form, "heading")
    if not _text(form, "action"):
        return c.PutClause(clause=which, edition=edition, text=_text(form), heading=heading)
    return c.PutClause(clause=which, edition=edition, text=_text(form), heading=heading, term=_term(form, zone))


def _term(form: Form, zone: str) -> Term:
    at_once, day = form.values.get("done") == "yes", form.day("due")
    money: Decimal | None = amount(form)
    # The whole day it is due on: until its last minute where the office is.
    due = None if at_once or day is None else datetime.combine(day, time(23, 59), ZoneInfo(zone))
    performance = Performance.ON_THE_SPOT if at_once else Performance.LATER
    return Term(_one(Side, form, "who"), _text(form, "action"), money, due, _text(form, "how"), performance)


def _authority(form: Form, _session: Session, _zone: str) -> c.Command:
    special = form.values.get("special") == "yes"
    return c.RecordAuthority(
        form.values.get("seat", ""), _one(Capacity, form, "capacity"), special, _text(form, "basis")
    )


def _propose(form: Form, _session: Session, zone: str) -> c.Command:
    """Of a draft that both have agreed to, the outcome is what it promises."""
    kind = _one(OutcomeKind, form, "outcome")
    note = _text(form, "note")
    if kind is OutcomeKind.SETTLED:
        return c.ProposeAgreed(note)
    if kind is OutcomeKind.ENDED:
        return c.ProposeOutcome(Outcome(kind, ground=number(form, "ground") or None, note=note))
    if kind is OutcomeKind.ADJOURNED:
        to = form.moment("adjourned", zone)
        if to is None:
            raise Refused("bad_value", 422, field="adjourned_to")
        return c.ProposeOutcome(Outcome(kind, adjourned_to=to, note=note))
    return c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note=note))


READERS: Final[Mapping[str, Reader]] = {
    "say": lambda form, _session, _zone: c.Say(_text(form)),
    "confide": _confide,
    "offer": _offer,
    "offer_back": lambda form, _session, _zone: c.TakeBackOffer(number(form, "number")),
    "blind": lambda form, _session, _zone: c.OpenGap(_one(GapRule, form, "rule")),
    "blind_off": lambda form, _session, _zone: c.DropGap(number(form, "number")),
    "clause": _clause,
    "clause_off": lambda form, _session, _zone: c.RemoveClause(form.values.get("clause", ""), number(form, "edition")),
    "explained": lambda form, _session, _zone: c.ExplainClause(form.values.get("clause", "")),
    "fact": lambda form, _session, _zone: c.PutFact(text=_text(form)),
    "fact_off": lambda form, _session, _zone: c.RemoveFact(form.values.get("fact", ""), number(form, "edition")),
    "authority": _authority,
    "resume": lambda _form, _session, _zone: c.EndRecess(),
    "propose": _propose,
    "propose_off": lambda _form, _session, _zone: c.TakeBackOutcome(),
    "close": lambda form, _session, _zone: c.Close(_text(form, "anyway")),
}
SECTIONS: Final[Mapping[str, str]] = {
    "say": "said",
    "confide": "private",
    "offer": "offers",
    "offer_back": "offers",
    "blind": "blind",
    "blind_off": "blind",
    "clause": "draft",
    "clause_off": "draft",
    "explained": "draft",
    "fact": "draft",
    "fact_off": "draft",
    "authority": "sides",
    "resume": "head",
    "propose": "outcome",
    "propose_off": "outcome",
    "close": "outcome",
}
"""Where on the page each stands."""
