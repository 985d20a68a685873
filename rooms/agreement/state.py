"""The draft of an agreement: its clauses and their wording, the facts both sides accept, and who has answered what.

Owns `AgreementDraft`, the session's part that events of `rooms.agreement` change; what may be asked of it
is decided in `rooms.agreement.rules`. An answer is to one edition of one clause. It counts as its side's when a
principal gave it, or whoever acted for an absent one under an authority that still stands.

A promise becomes a clause (the Chinese that is signed, the same in everyday words, an English explanation, amounts
in words) from a `Term`, both sides' names and the day it is written on. Everything is in Beijing time, the one time
of day that a Chinese agreement can mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from rooms import events as e
from rooms.vocabulary import Capacity, Performance, Side, Term

SIDES = tuple(Side)

CLAUSE, FACT = "c", "f"
"""How their ids begin; a number follows that is never given twice in a session."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`number` is its place, from 1. `before`: the text of the edition before, "" in the first; `voided`: whose answers
    the last edit took away."""

    id: str
    number: int
    edition: int
    text: str
    plain: str = ""
    term: Term | None = None
    gloss: str = ""
    heading: str = ""
    before: str = ""
    voided: tuple[str, ...] = ()
    asked: bool = False  # both were asked to answer this edition
    queries: tuple[str, ...] = ()  # seats that asked the mediator what it means


@dataclass(frozen=True, slots=True)
class AcceptedFact:
    id: str
    number: int
    edition: int
    text: str
    before: str = ""
    voided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseAnswer:
    """To one edition. `reason` everybody may read, `confided` only the mediator; `version` is its journal entry."""

    edition: int
    agrees: bool
    reason: str
    at: datetime
    version: int
    confided: str = ""


@dataclass(frozen=True, slots=True)
class Authority:
    """As the mediator has recorded it. `special`: it reaches as far as settling."""

    capacity: Capacity
    special: bool
    basis: str
    at: datetime
    version: int

    @property
    def settles(self) -> bool:
        return self.capacity is not Capacity.AGENT or self.special


@dataclass(frozen=True, slots=True)
class Waiver:
    at: datetime
    version: int


Answers = Mapping[str, Mapping[str, ClauseAnswer]]
"""Id of a clause or fact -> seat -> what it answered last, perhaps to an edition that is no more."""


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    clauses: tuple[Clause, ...] = ()
    facts: tuple[AcceptedFact, ...] = ()
    answers: Answers = field(default_factory=dict)
    accepted: Answers = field(default_factory=dict)  # facts, likewise
    claims: Mapping[Side, str] = field(default_factory=dict)  # what each side asks for, and why
    authorities: Mapping[str, Authority] = field(default_factory=dict)  # by seat
    waivers: Mapping[str, Waiver] = field(default_factory=dict)  # by seat
    removed: tuple[Clause, ...] = ()
    put: int = 0  # clauses there ever were
    noted: int = 0  # facts there ever were

    def clause(self, id: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.id == id), None)

    def fact(self, id: str) -> AcceptedFact | None:
        return next((fact for fact in self.facts if fact.id == id), None)

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(clause.term for clause in self.clauses if clause.term is not None)


EMPTY = AgreementDraft()


def canonical(content: Any) -> bytes:
    """UTF-8, names sorted, no spaces."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def draft_after(draft: AgreementDraft, event: e.AgreementEvent, at: datetime, version: int) -> AgreementDraft:
    """The draft after an event of it; `at` and `version` are the entry's."""
    match event:
        case e.ClausePut():
            return _put(draft, event)
        case e.ClauseRemoved(clause=id):
            gone = tuple(clause for clause in draft.clauses if clause.id == id)
            kept = [clause for clause in draft.clauses if clause.id != id]
            return replace(draft, clauses=_numbered(kept), removed=(*draft.removed, *gone), waivers={})
        case e.ClauseMoved(clause=id, number=number):
            moved = [clause for clause in draft.clauses if clause.id == id]
            kept = [clause for clause in draft.clauses if clause.id != id]
            return replace(draft, clauses=_numbered([*kept[: number - 1], *moved, *kept[number - 1 :]]))
        case e.ConfirmationAsked(clause=id):
            return _changed(draft, id, asked=True)
        case e.ClauseAnswered(seat=seat, clause=id, edition=edition, agrees=agrees, reason=reason):
            answer = ClauseAnswer(edition, agrees, reason, at, version)
            answered = replace(draft, answers=_answered(draft.answers, id, seat, answer))
            return _changed(answered, id, queries=_without(answered.clause(id), seat))
        case e.ReasonConfided(seat=seat, clause=id, reason=reason):
            before = draft.answers.get(id, {}).get(seat)
            if before is None:
                return draft
            return replace(draft, answers=_answered(draft.answers, id, seat, replace(before, confided=reason)))
        case e.ClauseQueried(seat=seat, clause=id):
            return _changed(draft, id, queries=(*_without(draft.clause(id), seat), seat))
        case e.ClauseExplained(clause=id):
            return _changed(draft, id, queries=())
        case e.FactPut():
            return _noted(draft, event)
        case e.FactRemoved(fact=id):
            facts = tuple(fact for fact in draft.facts if fact.id != id)
            return replace(draft, facts=tuple(replace(fact, number=n) for n, fact in enumerate(facts, 1)))
        case e.FactAnswered(seat=seat, fact=id, edition=edition, agrees=agrees):
            answer = ClauseAnswer(edition, agrees, "", at, version)
            return replace(draft, accepted=_answered(draft.accepted, id, seat, answer))
        case e.FactDisputed(seat=seat, fact=id, reason=reason):
            before = draft.accepted.get(id, {}).get(seat)
            if before is None:
                return draft
            return replace(draft, accepted=_answered(draft.accepted, id, seat, replace(before, confided=reason)))
        case e.ClaimPut(side=side, text=text):
            rest = {other: said for other, said in draft.claims.items() if other is not side}
            return replace(draft, claims={**rest, side: text} if text else rest)
        case e.AuthorityRecorded(seat=seat, capacity=capacity, special=special, basis=basis):
            authority = Authority(capacity, special, basis, at, version)
            return replace(draft, authorities={**draft.authorities, seat: authority})
        case e.AgreementWaived(seat=seat):
            return replace(draft, waivers={**draft.waivers, seat: Waiver(at, version)})
        case e.AgreementWanted(seat=seat):
            return replace(draft, waivers={who: waiver for who, waiver in draft.waivers.items() if who != seat})
        case _:
            assert_never(event)


def _put(draft: AgreementDraft, event: e.ClausePut) -> AgreementDraft:
    before = draft.clause(event.clause)
    made = Clause(
        event.clause,
        len(draft.clauses) + 1 if before is None else before.number,
        event.edition,
        event.text,
        event.plain,
        event.term,
        event.gloss,
        event.heading,
        "" if before is None else before.text,
        event.voids,
    )
    # Whoever wanted nothing in writing said so of what was there; and a clause that is new is there to be read first.
    if before is None:
        removed = tuple(clause for clause in draft.removed if clause.id != made.id)  # a restored one
        return replace(draft, clauses=(*draft.clauses, made), removed=removed, put=draft.put + 1, waivers={})
    clauses = tuple(made if clause.id == made.id else clause for clause in draft.clauses)
    return replace(draft, clauses=clauses, waivers={})


def _noted(draft: AgreementDraft, event: e.FactPut) -> AgreementDraft:
    before = draft.fact(event.fact)
    number = len(draft.facts) + 1 if before is None else before.number
    made = AcceptedFact(
        event.fact, number, event.edition, event.text, "" if before is None else before.text, event.voids
    )
    if before is None:
        return replace(draft, facts=(*draft.facts, made), noted=draft.noted + 1)
    return replace(draft, facts=tuple(made if fact.id == made.id else fact for fact in draft.facts))


def _numbered(clauses: list[Clause]) -> tuple[Clause, ...]:
    return tuple(replace(clause, number=number) for number, clause in enumerate(clauses, 1))


def _changed(draft: AgreementDraft, id: str, **change: Any) -> AgreementDraft:
    return replace(
        draft, clauses=tuple(replace(clause, **change) if clause.id == id else clause for clause in draft.clauses)
    )


def _answered(answers: Answers, id: str, seat: str, answer: ClauseAnswer) -> Answers:
    return {**answers, id: {**answers.get(id, {}), seat: answer}}


def _without(clause: Clause | None, seat: str) -> tuple[str, ...]:
    return () if clause is None else tuple(other for other in clause.queries if other != seat)


BEIJING: Final = ZoneInfo("Asia/Shanghai")
_WEEKDAYS: Final = "一二三四五六日"
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_STOPS: Final = "。．.；;，,、 "

Names = Mapping[Side, str]


@dataclass(frozen=True, slots=True)
class ClausePhrasing:
    heading: str
    text: str
    plain: str
    gloss: str


def phrased(term: Term, names: Names, now: datetime) -> ClausePhrasing:
    """All that is said of a promise; `names` as both sides are called in the agreement."""
    return ClausePhrasing(
        clause_heading(term), clause_text(term, names), plain_words(term, names, now), english_gloss(term, names)
    )


def clause_heading(term: Term) -> str:
    return "付款" if term.amount is not None else "履行事项"


def clause_text(term: Term, names: Names) -> str:
    who, other = names[term.who], names[_other(term.who)]
    action, how = term.action.strip(_STOPS), term.how.strip(_STOPS)
    paid = f"，向{other}支付{sum_of(term)}" if term.amount is not None else ""
    way = f"，{'支付' if paid else '履行'}方式：{how}" if how else ""
    if term.performance is Performance.ON_THE_SPOT:
        return f"{who}当场{action}{paid}{way}。双方确认本条已当场履行完毕。"
    by = f"应于{deadline(term.due)}前" if term.due is not None else "应"
    return f"{who}{by}{action}{paid}{way}。"


def plain_words(term: Term, names: Names, now: datetime) -> str:
    who, other = names[term.who], names[_other(term.who)]
    action, how = term.action.strip(_STOPS), term.how.strip(_STOPS)
    way = f"（{how}）" if how else ""
    what = f"{action}，{figures(term.amount)}元交给{other}" if term.amount is not None else action
    if term.performance is Performance.ON_THE_SPOT:
        return f"白话：今天当场，{who}{what}{way}，已经办完。"
    by = f"最迟{_day_of(term.due, now)}，" if term.due is not None else ""
    return f"白话：{by}{who}{what}{way}。"


def english_gloss(term: Term, names: Names) -> str:
    who = f"{'The business' if term.who is Side.BUSINESS else 'The consumer'}, {names[term.who]},"
    money = "" if term.amount is None else f" and pays ¥{figures(term.amount)} to {names[_other(term.who)]}"
    way = f" ({term.how.strip(_STOPS)})" if term.how.strip(_STOPS) else ""
    if term.performance is Performance.ON_THE_SPOT:
        when = ", which has been done on the spot"
    else:
        when = f" by {_english_day(term.due)}" if term.due is not None else ""
    return f"{who} does this: {term.action.strip(_STOPS)}{money}{way}{when}."


def needed(term: Term) -> Mapping[str, tuple[str, ...]]:
    """What a text written by hand must hold to say what its term says: field of the term -> words."""
    must: dict[str, tuple[str, ...]] = {}
    if term.amount is not None:
        must["amount"] = (figures(term.amount), capitals(term.amount))
    if term.due is not None and term.performance is Performance.LATER:
        must["due"] = (deadline(term.due),)
    return must


def sum_of(term: Term) -> str:
    """人民币2,000.00元（大写：贰仟元整）."""
    assert term.amount is not None
    return f"人民币{figures(term.amount)}元（大写：{capitals(term.amount)}）"


def deadline(due: datetime) -> str:
    """2026年7月3日17时; without an hour where the whole day is meant."""
    local = due.astimezone(BEIJING)
    day = f"{local.year}年{local.month}月{local.day}日"
    if _whole_day(local):
        return f"{day}24时"
    return f"{day}{local.hour}时{f'{local.minute}分' if local.minute else ''}"


def _whole_day(local: datetime) -> bool:
    return (local.hour, local.minute) == (23, 59)


def _day_of(due: datetime, now: datetime) -> str:
    local, today = due.astimezone(BEIJING), now.astimezone(BEIJING)
    year = "" if local.year == today.year else f"{local.year}年"
    day = f"{year}{local.month}月{local.day}日（星期{_WEEKDAYS[local.weekday()]}）"
    return f"{day}这一天结束" if _whole_day(local) else f"{day}{_clock(local)}"


def _clock(local: datetime) -> str:
    part = "凌晨" if local.hour < 6 else "上午" if local.hour < 12 else "中午" if local.hour == 12 else "下午"
    part = "晚上" if local.hour >= 18 else part
    hour = local.hour - 12 if local.hour > 12 else local.hour
    return f"{part}{hour}点{f'{local.minute:02}分' if local.minute else ''}"


def _english_day(due: datetime) -> str:
    local = due.astimezone(BEIJING)
    day = f"{_DAYS[local.weekday()]}, {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"the end of {day}" if _whole_day(local) else f"{day}, {local:%H:%M}"


def _other(side: Side) -> Side:
    return Side.CONSUMER if side is Side.BUSINESS else Side.BUSINESS


# ------------------------------------------------------------ money


DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "兆")
_MOST: Final = Decimal(10) ** 16


def figures(amount: Decimal) -> str:
    """`2,000.00`."""
    return f"{amount:,.2f}"


def capitals(amount: Decimal) -> str:
    """The numerals that no stroke of a pen can change: 2000 → 贰仟元整, 105.06 → 壹佰零伍元零陆分.

    By the regulations for filling in bills: 整 after yuan and jiao, not after fen; one 零 for the noughts between.
    ValueError for what is not yuan with at most two decimals.
    """
    if not amount.is_finite() or not 0 <= amount < _MOST or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"not an amount in yuan: {amount}")
    yuan, cents = divmod(int(amount * 100), 100)
    jiao, fen = divmod(cents, 10)
    said = f"{_whole(yuan)}元" if yuan or not cents else ""
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif fen and yuan:
        said += "零"
    return said + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    if not number:
        return DIGITS[0]
    said, group = "", 0
    while number:
        number, low = divmod(number, 10_000)
        if low:
            # A group that does not fill its four places is set off from what stands before it.
            gap = DIGITS[0] if number and low < 1_000 else ""
            said = gap + _four(low) + _GROUPS[group] + said
        elif said and not said.startswith(DIGITS[0]):
            said = DIGITS[0] + said
        group += 1
    return said


def _four(number: int) -> str:
    said, nought = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += (DIGITS[0] if nought and said else "") + DIGITS[digit] + _PLACES[place]
        nought = not digit
    return said
