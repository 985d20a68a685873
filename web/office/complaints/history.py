"""A complaint's history in sentences, and what was corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import complaints
from complaints import events as e
from complaints.events import from_event
from complaints.notices import Addressee
from complaints.notices.messages import WAYS
from complaints.record.changes import FieldChange, RecordAmended, Transfers
from complaints.record.places import division_named
from complaints.record.rules import undone
from law.grounds import Ground, ending_grounds, refusal_grounds
from law.orders import ORDERS
from offices import Officer
from rooms.views import ComplaintPage
from web import i18n
from web.i18n import KINDS, N_, Words
from web.office.audit.sentences import Voice, Ways, event_sentence
from web.office.complaints import CHANGED

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
FIELDS: Final[Mapping[str, str]] = {
    "place": N_("Where it happened"),
    "unknown": N_("Words not known here"),
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
    "mode": complaints.MODES,
    "requests": complaints.REQUESTS,
    "problem_class": complaints.PROBLEMS,
    "urgency": complaints.URGENCIES,
    "sex": complaints.SEXES,
    "age_band": complaints.AGES,
    "id_kind": complaints.ID_KINDS,
}


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """`changes`: field, before, after, in words. `undone`: taken back by a later one."""

    ordinal: int
    at: datetime
    who: str
    reason: str
    changes: Sequence[tuple[str, str, str]]
    undoes: int
    undone: bool


def corrections(page: ComplaintPage, words: Words) -> list[ShownCorrection]:
    """The newest first."""
    kept = [event for event in page.history if event.type == RecordAmended.__name__ and not event.erased]
    facts = [(event, from_event(event)) for event in kept]
    amendments = [(event, fact) for event, fact in facts if isinstance(fact, RecordAmended)]
    back = undone([fact for _, fact in amendments])
    return [
        ShownCorrection(
            fact.ordinal,
            event.at,
            event.actor.name,
            fact.reason,
            [told for change in fact.changes if (told := _corrected_value(change, words)) is not None],
            fact.undoes,
            fact.ordinal in back,
        )
        for event, fact in reversed(amendments)
    ]


def _fields(changes: Sequence[FieldChange], voice: Voice) -> str:
    """Which fields an amendment changed, each named once."""
    told = [_name(change.field, voice.gettext) for change in changes if change.field.rpartition(".")[2] not in _SEALED]
    return voice.list(dict.fromkeys(told))


def _name(field: str, gettext: Callable[..., str]) -> str:
    whose, _, what = field.rpartition(".")
    name = gettext(FIELDS.get(what, what))
    return f"{gettext(_PARTIES[whose])} · {name}" if whose in _PARTIES else name


def _corrected_value(change: FieldChange, words: Words) -> tuple[str, str, str] | None:
    """In words; None for what stands beside it only to be found or opened again."""
    what = change.field.rpartition(".")[2]
    if what in _SEALED:
        return None
    return _name(change.field, words.gettext), _value(what, change.old, words), _value(what, change.new, words)


def _value(what: str, value: Any, words: Words) -> str:
    match value:
        case None | "" | []:
            return words.gettext("nothing")
        case bool():
            return words.gettext("yes") if value else words.gettext("no")
        case list():
            return words.listed(_value(what, one, words) for one in value)
        case dict():
            shown = (value.get(name, "") for name in ("name", "phone_masked", "number", "said"))
            return " ".join(filter(None, shown))
        case _ if what in _NAMED:
            return complaints.name(_NAMED[what], str(value), words.language)
        case _ if what == "channel":
            return words.gettext(i18n.CHANNELS.get(str(value), str(value)))
        case _ if what == "division":
            return division_named(str(value)) or str(value)
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    at: datetime
    what: str
    who: str
    session: str = ""  # a session this is about


def entries(page: ComplaintPage, words: Words, officer: Officer) -> list[HistoryEntry]:
    """Newest first. An event this program does not know is named by its type: nothing is hidden."""
    told, zone = [], ZoneInfo(officer.office.zone)
    for event in reversed(page.history):
        try:
            fact: e.ComplaintEvent | None = None if event.erased else e.from_event(event)
        except KeyError:
            fact = None
        what = complaint_sentence(fact, page.order, words, zone) if fact is not None else event.type
        if event.erased:
            what = words.gettext("Content erased (%(type)s)", type=event.type)
        who = "" if event.actor.kind == "system" else event.actor.name
        told.append(HistoryEntry(event.at, what, who, getattr(fact, "session", "")))
    return told


def complaint_sentence(fact: e.ComplaintEvent, order: str, words: Words, zone: ZoneInfo) -> str:
    """`order` is the one that applies: it says what a ground's number means."""
    voice = Voice(
        words.gettext, i18n.money, lambda at: i18n.when(at, words.language, zone), {}, words.language, order=order
    )
    return event_sentence("complaint", fact, voice, _WAYS)


def _messaged(to: Sequence[Addressee], voice: Voice) -> str:
    """Who of the office got a message."""
    return "、".join(one.name for one in to if one.message and one.whom in ("mediator", "supervisor"))


def _of_grounds(grounds: Sequence[Ground], number: int, language: str) -> str:
    return next((ground.gist(language) for ground in grounds if ground.number == number), str(number))


def _order(name: str, voice: Voice) -> str:
    order = ORDERS.get(name)
    return name if order is None else order.en if voice.language.startswith("en") else order.zh


def _named(names: Mapping[str, str]) -> Callable[[str, Voice], str]:
    return lambda value, voice: voice.gettext(names.get(value, value))


NOT_REACHED: Final = N_("not reached")
_WAYS: Final[Ways] = {
    "amended": _fields,
    "askers": _named(ASKERS),
    "bodies": _named(BODIES),
    "day": lambda value, voice: i18n.calendar_day(value, voice.language),
    "ending": lambda value, voice: _of_grounds(ending_grounds(voice.order), value, voice.language),
    "messaged": _messaged,
    "money": lambda value, voice: voice.money(value),
    "notices": _named(KINDS),
    "numbers": _named(i18n.NUMBERS),
    "orders": _order,
    "payers": _named(PAYERS),
    "reached": lambda call, voice: voice.gettext(i18n.ANSWERS[call.satisfied] if call.reached else NOT_REACHED),
    "refusal": lambda value, voice: _of_grounds(refusal_grounds(voice.order), value, voice.language),
    "settlements": _named(SETTLED),
    "short": lambda value, voice: value[:6],
    "updated": lambda value, voice: "、".join(voice.gettext(CHANGED.get(name, name)) for name in value),
    "ways": lambda value, voice: WAYS[value][voice.language.startswith("en")] if value in WAYS else value,
    "whom": lambda value, voice: _named(i18n.WHOSE)(value.partition("-")[0], voice),
}


DONE_BEFORE: Final[Mapping[str, str]] = {
    "registered": N_("Registered"),
    "amended": N_("The record was corrected"),
    "dispatched": N_("Dispatch to an office"),
    "returned": N_("Return to the intake unit"),
    "disputed": N_("Competence is disputed"),
    "settled": N_("The dispute is settled"),
    "order": N_("Apply the other order"),
    "notice": N_("Notice issued"),
    "asked": N_("The business was asked to answer"),
    "answered": N_("The business answered"),
    "sent": N_("Transfer to another bureau"),
    "came_back": N_("Returned: not theirs"),
}
"""What the bureau that sent a complaint had done with it."""
DECLINED: Final[Mapping[str, str]] = {
    "too_large": N_("It is too large."),
    "schema": N_("The other installation’s program does not read this version."),
    "changed": N_("Something else was taken in under the same transfer."),
}
NOT_TAKEN: Final = N_("What is on file does not pass the other installation’s checks (%(field)s).")


def declined(transfers: Transfers, spoken: Words) -> str:
    """Why the last transfer was not taken in, "" for one that was."""
    last = transfers.sent[-1].declined if transfers.sent else None
    if last is None:
        return ""
    if last.code in DECLINED:
        return spoken.gettext(DECLINED[last.code])
    return spoken.gettext(NOT_TAKEN, field=last.reason or last.code)
