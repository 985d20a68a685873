"""What was corrected in a complaint's record, in words: fields, values before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from complaints import vocabulary
from complaints.changes.messages import FieldChange, RecordAmended
from complaints.changes.rules import undone
from complaints.events import from_event
from complaints.record.places import division_named
from rooms.views import ComplaintPage
from web.i18n import N_, Words
from web.office import words as names

FIELDS: Final[Mapping[str, str]] = {
    "channel": N_("Came through"),
    "received": N_("Received on"),
    "title": N_("In a few words"),
    "request": N_("Request"),
    "facts": N_("Facts"),
    "amount": N_("Disputed amount in yuan"),
    "industry": N_("Industry"),
    "problem": N_("The problem in words"),
    "order": N_("Rules"),
    "mode": N_("Received by"),
    "sources": N_("Its number there"),
    "joint": N_("Others who complain"),
    "representatives": N_("Representatives"),
    "proxy": N_("Proxy of the complainant"),
    "requests": N_("Asked for"),
    "problem_class": N_("Problem class"),
    "industry_code": N_("Industry code"),
    "division": N_("Division where it does business"),
    "jurisdiction": N_("The office’s own area"),
    "urgency": N_("Why it may not wait"),
    "secret": N_("The complainant asks not to be named to the respondent"),
    "wants_reply": N_("The complainant wants a reply"),
    "keywords": N_("Keywords"),
    "also_reports": N_("It also reports an offence"),
    "name": N_("Name"),
    "organisation": N_("Registered name of the business"),
    "phone_masked": N_("Phone"),
    "other_phone_masked": N_("Another phone"),
    "city": N_("City"),
    "address": N_("Address"),
    "credit_code": N_("Unified social credit code"),
    "sex": N_("Sex"),
    "age_band": N_("Age"),
    "id_kind": N_("Identity document"),
    "id_masked": N_("Number of the document"),
    "email": N_("Mail"),
    "relation": N_("Who they are to the complainant"),
    "matters": N_("Authorised for"),
    "powers": N_("With the powers"),
    "until": N_("Until"),
    "kind": N_("Goods or a service"),
    "category": N_("Class"),
    "brand": N_("Brand"),
    "model": N_("Model"),
    "quantity": N_("How much"),
    "paid": N_("Paid, in yuan"),
    "bought": N_("Bought on"),
    "order_number": N_("Order number"),
    "platform": N_("E-commerce platform"),
    "shop": N_("Shop on it"),
}
_PARTIES: Final = {
    "consumer": N_("Complainant"),
    "business": N_("Respondent"),
    "proxy": N_("Proxy of the complainant"),
    "object": N_("What was bought"),
}
_SEALED: Final = frozenset({"phone", "other_phone", "id_sealed", "code_sealed", "code_key", "phone_key"})
_NAMED: Final = {
    "mode": vocabulary.MODES,
    "requests": vocabulary.REQUESTS,
    "problem_class": vocabulary.PROBLEMS,
    "urgency": vocabulary.URGENCIES,
    "sex": vocabulary.SEXES,
    "age_band": vocabulary.AGES,
    "id_kind": vocabulary.ID_KINDS,
}


@dataclass(frozen=True, slots=True)
class Correction:
    """`changes`: field, before, after, in words. `undone`: taken back by a later one."""

    ordinal: int
    at: datetime
    who: str
    reason: str
    changes: Sequence[tuple[str, str, str]]
    undoes: int
    undone: bool


def corrections(page: ComplaintPage, words: Words) -> list[Correction]:
    """The newest first."""
    kept = [event for event in page.history if event.type == RecordAmended.__name__ and not event.erased]
    facts = [(event, from_event(event)) for event in kept]
    amendments = [(event, fact) for event, fact in facts if isinstance(fact, RecordAmended)]
    back = undone([fact for _, fact in amendments])
    return [
        Correction(
            fact.ordinal,
            event.at,
            event.actor.name,
            fact.reason,
            [told for change in fact.changes if (told := _told(change, words)) is not None],
            fact.undoes,
            fact.ordinal in back,
        )
        for event, fact in reversed(amendments)
    ]


def field_names(fact: RecordAmended, words: Words) -> str:
    """Which fields an amendment changed, each named once."""
    told = [_name(change.field, words) for change in fact.changes if change.field.rpartition(".")[2] not in _SEALED]
    return words.listed(dict.fromkeys(told))


def _name(field: str, words: Words) -> str:
    whose, _, what = field.rpartition(".")
    name = words.gettext(FIELDS.get(what, what))
    return f"{words.gettext(_PARTIES[whose])} · {name}" if whose in _PARTIES else name


def _told(change: FieldChange, words: Words) -> tuple[str, str, str] | None:
    """In words; None for what stands beside it only to be found or opened again."""
    what = change.field.rpartition(".")[2]
    if what in _SEALED:
        return None
    return _name(change.field, words), _value(what, change.old, words), _value(what, change.new, words)


def _value(what: str, value: Any, words: Words) -> str:
    match value:
        case None | "" | []:
            return words.gettext("nothing")
        case bool():
            return words.gettext("yes") if value else words.gettext("no")
        case list():
            return words.listed(_value(what, one, words) for one in value)
        case dict():
            shown = (value.get("name", ""), value.get("phone_masked", ""), value.get("number", ""))
            return " ".join(filter(None, shown))
        case _ if what in _NAMED:
            return vocabulary.name(_NAMED[what], str(value), words.language)
        case _ if what == "channel":
            return words.gettext(names.CHANNELS.get(str(value), str(value)))
        case _ if what == "division":
            return division_named(str(value)) or str(value)
        case _:
            return str(value)
