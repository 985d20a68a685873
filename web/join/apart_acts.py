"""What each form of a party's page of an asynchronous mediation asks of the session.

A form names the edition or number of what it answers: what was changed meanwhile is refused by the session, and the
page shows it as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from journal.refusals import Refused
from rooms import commands as c
from rooms.vocabulary import Consent
from web.http.forms import Form

Reader = Callable[[Form], c.Command | None]


def _text(form: Form, name: str = "text") -> str:
    return form.values.get(name, "").strip()


def number(form: Form, name: str) -> int:
    """0 for what is none: refused by the session, as nothing has it."""
    typed = form.values.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


def amount(form: Form, name: str = "amount") -> Decimal | None:
    """Refused(422): bad_value."""
    found = form.amount(name)
    if not form.good:
        raise Refused("bad_value", 422, field="amount")
    return found


def _ticked(form: Form, name: str) -> bool:
    return form.values.get(name) == "yes"


def _offer(form: Form) -> c.Command | None:
    """Accept, decline, or say what one would do instead."""
    answer = form.values.get("answer")
    if answer not in ("accept", "decline", "counter"):
        return None
    if answer == "counter":
        if not _text(form):
            raise Refused("missing", 422, field="text")
        return c.AnswerOffer(number(form, "number"), False, _text(form), amount(form))
    return c.AnswerOffer(number(form, "number"), answer == "accept")


def _figure(form: Form) -> c.Command:
    figure = amount(form)
    if figure is None:
        raise Refused("missing", 422, field="amount")
    return c.EnterFigure(number(form, "number"), figure)


def _exhibit(form: Form) -> c.Command | None:
    which = form.values.get("exhibit", "")
    match form.values.get("answer"):
        case "accept":
            return c.AcceptExhibit(which)
        case "dispute":
            return c.DisputeExhibit(which, _text(form))
        case "withdraw":
            return c.WithdrawExhibit(which)
        case "release":
            return c.ReleaseExhibit(which)
        case _:
            return None


def _clause(form: Form) -> c.Command | None:
    """`told`: the reason is for everybody, not for the mediator alone."""
    which, edition = form.values.get("clause", ""), number(form, "edition")
    match form.values.get("answer"):
        case "agree":
            return c.AnswerClause(which, edition, True)
        case "object":
            return c.AnswerClause(which, edition, False, _text(form), _ticked(form, "told"))
        case "query":
            return c.QueryClause(which)
        case _:
            return None


def _fact(form: Form) -> c.Command | None:
    if form.values.get("answer") not in ("agree", "object"):
        return None
    agrees = form.values["answer"] == "agree"
    return c.AnswerFact(form.values.get("fact", ""), number(form, "edition"), agrees, "" if agrees else _text(form))


def _slip(form: Form) -> c.Command | None:
    match form.values.get("answer"):
        case "write":
            return c.WriteSlip(_text(form), amount(form), _ticked(form, "may_tell"))
        case "tell" | "keep" as answer:
            return c.MarkSlip(number(form, "number"), answer == "tell")
        case "withdraw":
            return c.WithdrawSlip(number(form, "number"))
        case _:
            return None


READERS: Final[Mapping[str, Reader]] = {
    "say": lambda form: c.Say(_text(form)),
    "confide": lambda form: c.Confide(_text(form)),
    "offer": _offer,
    "slip": _slip,
    "rule": lambda form: c.AgreeGap(number(form, "number")),
    "figure": _figure,
    "exhibit": _exhibit,
    "fact": _fact,
    "clause": _clause,
    "outcome": lambda form: c.SeeOutcome(number(form, "number")),
    "not_right": lambda form: c.ObjectToOutcome(number(form, "number"), _text(form)),
    "withdraw": lambda form: c.WithdrawConsent(Consent.PARTICIPATE) if _ticked(form, "sure") else None,
}
"""Name of the form -> what it asks; None for an answer that is none of its own."""
SECTIONS: Final[Mapping[str, str]] = {
    "say": "statement",
    "confide": "confided",
    "offer": "offers",
    "slip": "slips",
    "rule": "blind",
    "figure": "blind",
    "exhibit": "exhibits",
    "fact": "draft",
    "clause": "draft",
    "outcome": "outcome",
    "not_right": "outcome",
    "withdraw": "withdraw",
}
"""Where on the page it stands."""
