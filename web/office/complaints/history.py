"""A complaint's history in sentences, and what was corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints import events as e, vocabulary
from complaints.events import from_event
from complaints.notices import messages as an, notice as n
from complaints.notices.messages import WAYS, PartyTold, QuestionsAnswered, QuestionsSent, TellingFailed, TermReminded
from complaints.procedure.messages import CalledBack, CallTakenBack, ReturnedToIntake, TermKept, TermKeptTakenBack
from complaints.procedure.rules import ComplaintWithdrawn, NewsWanted, NoticeAgreed
from complaints.record.changes import (
    ComplaintMerged,
    FieldChange,
    ImportUndone,
    MergeUndone,
    NotADuplicate,
    RecordAmended,
    SourceUpdated,
)
from complaints.record.places import division_named
from complaints.record.record import AttachmentAdded, AttachmentRemoved, AttachmentTaken
from complaints.record.rules import undone
from complaints.triage import TriageConfirmed
from law.grounds import ending_grounds, refusal_grounds
from offices.people import Officer
from rooms.views import ComplaintPage
from web import words as figures
from web.i18n import N_, Words
from web.office.audit.sentences import complaint_sentence
from web.office.complaints.import_words import CHANGED
from web.office.complaints.steps import procedure_step
from web.words import DECIDED, KINDS

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


def field_names(fact: RecordAmended, words: Words) -> str:
    """Which fields an amendment changed, each named once."""
    told = [_name(change.field, words) for change in fact.changes if change.field.rpartition(".")[2] not in _SEALED]
    return words.listed(dict.fromkeys(told))


def _name(field: str, words: Words) -> str:
    whose, _, what = field.rpartition(".")
    name = words.gettext(FIELDS.get(what, what))
    return f"{words.gettext(_PARTIES[whose])} · {name}" if whose in _PARTIES else name


def _corrected_value(change: FieldChange, words: Words) -> tuple[str, str, str] | None:
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
            return words.gettext(figures.CHANNELS.get(str(value), str(value)))
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
    told = []
    for event in reversed(page.history):
        try:
            fact: e.ComplaintEvent | None = None if event.erased else e.from_event(event)
        except KeyError:
            fact = None
        what = (
            history_sentence(fact, page.order, words, ZoneInfo(officer.office.zone)) if fact is not None else event.type
        )
        if event.erased:
            what = words.gettext("Content erased (%(type)s)", type=event.type)
        who = "" if event.actor.kind == "system" else event.actor.name
        told.append(HistoryEntry(event.at, what, who, getattr(fact, "session", "")))
    return told


def history_sentence(fact: e.ComplaintEvent, order: str, words: Words, zone: ZoneInfo) -> str:
    _, language = words.gettext, words.language
    match fact:
        case (
            e.ComplaintRegistered()
            | e.ComplaintAccepted()
            | e.MediationScheduled()
            | e.SeatContactAdded()
            | e.MediationCancelled()
            | e.EndTold()
            | e.NoteTakenBack()
            | n.NoticeWithdrawn()
            | ReturnedToIntake()
            | ImportUndone()
            | MergeUndone()
            | TermKeptTakenBack()
            | CallTakenBack()
            | NoticeAgreed()
            | NewsWanted()
            | an.AnswerOpened()
            | an.AnswerGiven()
            | an.AnswerAdded()
            | an.AnswerMissed()
            | an.AnswerWithdrawn()
            | TellingFailed()
        ):  # said in a package as here
            return complaint_sentence(fact, words, zone)
        case e.ComplaintRefused(ground=ground, note=note, apart=apart):
            gist = _gist(refusal_grounds(order), ground, language)
            said = _("Decided not to accept it: %(ground)s", ground=gist)
            if not apart:
                said = _("Not accepted, and told, as it was noted then: %(ground)s", ground=gist)
            return said + (f" · {note}" if note else "")
        case PartyTold():
            return _told(fact, words, zone)
        case e.MediationClosed(outcome=outcome, loss_recovered=loss, ground=ground):
            said = _("Mediation closed: %(outcome)s", outcome=_(figures.OUTCOMES.get(outcome, outcome)))
            if loss:
                said += _(", loss recovered %(amount)s", amount=figures.money(loss))
            if ground:
                said += f" · {_gist(ending_grounds(order), ground, language)}"
            return said
        case e.PromisesKept(note=note):
            return _("Everything promised was done") + (f" · {note}" if note else "")
        case e.ComplaintClosed(represented=represented, paper=paper):
            said = _("The file was closed")
            if represented:
                said = _("The file was closed; those represented agreed: %(how)s", how=represented)
            if paper:
                said += " · " + _("the record of the mediation is kept on paper: %(where)s", where=paper)
            return said
        case e.PhoneRevealed(whose=whose, reason=reason, what=what, in_hand=in_hand):
            who, number = _(figures.WHOSE[whose.partition("-")[0]]), _(figures.NUMBERS.get(what, what))
            if in_hand:
                return _(
                    "Full number of the %(who)s looked at (%(what)s), the case being in hand", who=who, what=number
                )
            return _("Full number of the %(who)s looked at (%(what)s): %(reason)s", who=who, what=number, reason=reason)
        case ComplaintMerged(number=number, kept=kept, reason=reason):
            told = _("Took %(number)s: one dispute, this number serves", number=number)
            if not kept:
                told = _("Went into %(number)s: one dispute, that number serves", number=number)
            return told + (f" · {reason}" if reason else "")
        case NotADuplicate(number=number, reason=reason):
            return _("Not the same dispute as %(number)s", number=number) + (f" · {reason}" if reason else "")
        case an.AnswerInvited(due=due):
            day = figures.day(due, words.language, zone)
            return _("The business was asked for a written answer by %(day)s", day=day)
        case TermKept() | CalledBack():
            return _after(fact, words)
        case AttachmentAdded() | AttachmentTaken() | AttachmentRemoved():
            return _file(fact, words)
        case RecordAmended(undoes=undoes, reason=reason) if undoes:
            return _("Correction %(number)s of the record taken back: %(reason)s", number=undoes, reason=reason)
        case RecordAmended(reason=reason):
            changed = field_names(fact, words)
            return _("Record corrected (%(fields)s): %(reason)s", fields=changed, reason=reason)
        case SourceUpdated(changes=changes):
            parts = "、".join(_(CHANGED.get(name, name)) for name in changes)
            return _("Its channel sent it once more with changes: %(parts)s", parts=parts)
        case ComplaintWithdrawn(reason=reason):
            return _("Withdrawn by the complainant") + (f" · {reason}" if reason else "")
        case TriageConfirmed(changed=changed):
            return _("Triage changed and confirmed") if changed else _("Triage confirmed as suggested")
        case n.NoticeIssued(kind=kind, number=number):
            return _("Issued: %(kind)s, %(number)s", kind=_(KINDS.get(kind, kind)), number=number)
        case n.NoticeRead(number=number, whom=whom):
            return _("Notice %(number)s read on the phone by the %(who)s", number=number, who=_(figures.WHOSE[whom]))
        case TermReminded(term=term, when=when, to=to):
            told = "、".join(one.name for one in to if one.message and one.whom in ("mediator", "supervisor"))
            sent = " · " + _("by message: %(names)s", names=told) if told else ""
            if when == "before":
                return _("The side that owes promise %(number)s was reminded of its day", number=term)
            if when == "escalated":
                return _("Promise %(number)s is a week late: the supervisor’s to look at", number=term) + sent
            return _("The day of promise %(number)s passed; the office was told", number=term) + sent
        case QuestionsSent(whom=whom, when=when):
            if when == "due":
                return _("Asked whether the promise was kept: %(who)s", who=_(figures.WHOSE[whom]))
            return _("Asked how the mediation was: %(who)s", who=_(figures.WHOSE[whom]))
        case QuestionsAnswered(whom=whom, talk=talk):
            said = _("The questions were answered: %(who)s", who=_(figures.WHOSE[whom]))
            return " · ".join((said, _("wants to be called"))) if talk else said
        case e.ContentErased(versions=versions, reason=reason):
            return words.ngettext(
                "Content of %(num)s entry erased", "Content of %(num)s entries erased", len(versions)
            ) + (f" · {reason}" if reason else "")
        case _:
            return procedure_step(fact, order, words)


def _told(fact: PartyTold, words: Words, zone: ZoneInfo) -> str:
    _ = words.gettext
    who, what = _(figures.WHOSE[fact.whom]), _(DECIDED.get(fact.what, fact.what))
    way = WAYS[fact.how][words.language.startswith("en")] if fact.how in WAYS else fact.how
    when = figures.when(fact.when, words.language, zone)
    said = _("The %(who)s was told %(what)s (%(how)s, %(when)s)", who=who, what=what, how=way, when=when)
    rest = [_("to: %(name)s", name=fact.to)] if fact.to and not fact.message else []
    rest += [_("told by: %(name)s", name=fact.by)] if fact.by else []
    return " · ".join([said, *rest, *([fact.note] if fact.note else [])])


def _after(fact: TermKept | CalledBack, words: Words) -> str:
    _ = words.gettext
    match fact:
        case TermKept(term=term, note=note):
            return _("Promise %(number)s was kept", number=term) + (f" · {note}" if note else "")
        case CalledBack(whom=whom, reached=reached, satisfied=satisfied, note=note):
            answer = _(figures.ANSWERS[satisfied] if reached else N_("not reached"))
            said = _("Called the %(who)s back: %(answer)s", who=_(figures.WHOSE[whom]), answer=answer)
            return said + (f" · {note}" if note else "")


def _file(fact: AttachmentAdded | AttachmentTaken | AttachmentRemoved, words: Words) -> str:
    match fact:
        case AttachmentAdded(name=name, by=by) if by:
            who = words.gettext(figures.WHOSE[by])
            return words.gettext("File sent by the %(who)s: %(name)s", who=who, name=name)
        case AttachmentAdded(name=name):
            return words.gettext("File attached: %(name)s", name=name)
        case AttachmentTaken(attachment=which, original=True):
            return words.gettext("File downloaded as it was sent (%(id)s)", id=which[:6])
        case AttachmentTaken(attachment=which):
            return words.gettext("File downloaded (%(id)s)", id=which[:6])
        case AttachmentRemoved(attachment=which, reason=reason):
            return words.gettext("File removed (%(id)s): %(reason)s", id=which[:6], reason=reason)


def _gist(grounds: Any, number: int, language: str) -> str:
    return next((ground.gist(language) for ground in grounds if ground.number == number), str(number))
