"""What of a closed complaint may become a case: drawn from its file and its sessions, by naming what is taken. Pure.

Taken are the request and the account, what each side asked for in joint session, facts both accepted, the clauses that
were agreed, and the figures. Everything else stays behind by not being named here: private talks and slips, figures
and offers that came to nothing, chat, a mediator's notes, leads, and the report part of a mixed submission.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from casebook import Known
from casebook.events import Sheet
from complaints.complaint import days_of, local_day
from complaints.state import Complaint, ComplaintState
from law.library import Library
from law.search import mentions, suggest
from rooms.events import SessionEntry
from rooms.record.minutes import CAPACITIES, SIDES, Minutes, minutes, numeral
from rooms.session import fold
from rooms.vocabulary import OutcomeKind, Side, Status

MOST_TAGS, MOST_ARTICLES = 6, 6
_ENDED: Final = frozenset({ComplaintState.SETTLED, ComplaintState.ENDED})


@dataclass(frozen=True, slots=True)
class Material:
    """Raw: `texts` name people. `known` is what the file says of them."""

    texts: dict[str, str]
    known: Known
    sheet: Sheet


def closed(complaint: Complaint) -> bool:
    """Over and done, with an outcome that somebody can learn from."""
    return complaint.state is ComplaintState.CLOSED and complaint.closed_from in _ENDED and complaint.merged is None


def gather(
    complaint: Complaint,
    sessions: Sequence[Sequence[SessionEntry]],
    library: Library,
    zone: str,
    decided: datetime | None,
) -> Material:
    """`sessions`: their histories, in order. `decided`: when the mediation ended."""
    from casebook.deidentifying.looking import factor
    from casebook.deidentifying.numbers import rounded

    record = complaint.record
    held = [minutes(history) for history in sessions if _was_held(history)]
    reported = record.also_reports or bool(complaint.report)
    account = "\n".join(filter(None, (record.title, record.request, "" if reported else record.facts)))
    days = days_of(record, zone)
    suggested = suggest(library, account, record.problem_class, record.industry_code, days, MOST_ARTICLES)
    texts = {
        "title_zh": record.title.strip()[:80],
        "title_en": "",
        "facts": _lines("" if reported else record.facts, _accepted(held)),
        "claims": _lines(record.request, *_asked(held)),
        "process": _lines(*_process(complaint, held, zone)),
        "outcome": _lines(*_outcome(complaint, held)),
        "experience": "",
    }
    known = _known(complaint, sessions)
    shares = factor(texts.values(), known)
    sheet = Sheet(
        event_date=days.event,
        industry=record.industry_code,
        problem=record.problem_class,
        tags=tuple(dict.fromkeys(mention.topic for mention in mentions(account)))[:MOST_TAGS],
        articles=tuple(each.article.id for each in suggested),
        claimed=None if record.amount is None else rounded(record.amount, shares),
        settled=rounded(complaint.loss_recovered, shares)
        if complaint.closed_from is ComplaintState.SETTLED
        else Decimal(0),
        days=None if decided is None else (local_day(decided, zone) - days.received).days,
    )
    return Material(texts, known, sheet)


def _was_held(history: Sequence[SessionEntry]) -> bool:
    session = fold(history)
    return session is not None and session.status is Status.CLOSED


def _known(complaint: Complaint, sessions: Sequence[Sequence[SessionEntry]]) -> Known:
    record = complaint.record
    parties = (record.consumer, record.business, *record.joint)
    states = [state for history in sessions if (state := fold(history)) is not None]
    seats = [seat for state in states for seat in state.seats.values()]
    people = [party.name for party in parties] + [seat.name for seat in seats]
    if record.proxy is not None:
        people.append(record.proxy.name)
    thing = record.object
    shops = [*(party.organisation for party in parties), thing.shop, *(seat.seat.organisation for seat in seats)]
    sums = (record.amount, thing.paid, complaint.loss_recovered)
    return Known(
        people=tuple(dict.fromkeys(name for name in people if 2 <= len(name) <= 30)),
        organisations=tuple(dict.fromkeys(filter(None, shops))),
        addresses=tuple(dict.fromkeys(party.address for party in parties if len(party.address) >= 4)),
        others=tuple(filter(None, (thing.order_number, *(party.email for party in parties), record.number))),
        amounts=tuple(value for value in sums if value),
    )


def _accepted(held: Sequence[Minutes]) -> str:
    facts = list(dict.fromkeys(fact for one in held for fact in one.facts))
    return "双方认可的事实：" + "；".join(fact.rstrip("。；") for fact in facts) + "。" if facts else ""


def _asked(held: Sequence[Minutes]) -> Iterator[str]:
    if held:
        for side in (Side.CONSUMER, Side.BUSINESS):
            if claim := held[-1].claims.get(side, "").strip():
                yield f"{SIDES[side]}：{claim}"


def _process(complaint: Complaint, held: Sequence[Minutes], zone: str) -> Iterator[str]:
    record = complaint.record
    accepted = f"，{_day(complaint.accepted_at, zone)}受理" if complaint.accepted_at else ""
    yield f"{_day(record.received, zone)}收到投诉{accepted}。"
    for testing in complaint.testing:
        ended = f"，{_day(testing.ended, zone)}结束" if testing.ended else ""
        yield f"其间委托{testing.body}检测，{_day(testing.begun, zone)}开始{ended}。"
    for number, one in enumerate(held, 1):
        when = f"{_day(one.began, zone)}" if one.began else ""
        came = "、".join(dict.fromkeys(_role(person.side, person.authority) for person in one.parties if person.side))
        yield f"第{numeral(number)}次调解：{when}，{one.mode}" + (f"，到场的有{came}。" if came else "。")


def _role(side: Side | None, authority: object) -> str:
    capacity = getattr(authority, "capacity", None)
    who = SIDES[side] if side is not None else ""
    return f"{who}（{CAPACITIES[capacity]}）" if capacity in CAPACITIES and capacity is not None else who


def _outcome(complaint: Complaint, held: Sequence[Minutes]) -> Iterator[str]:
    last = next((one for one in reversed(held) if one.outcome is not None), None)
    if complaint.closed_from is ComplaintState.SETTLED:
        yield "双方达成协议。"
        if last is not None and last.clauses:
            for clause in last.clauses:
                yield f"{numeral(clause.number)}、{clause.text}"
        elif last is not None and last.outcome is not None and last.outcome.kind is OutcomeKind.SETTLED:
            for number, term in enumerate(last.outcome.terms, 1):
                amount = f"（{term.amount:f}元）" if term.amount is not None else ""
                yield f"{numeral(number)}、{SIDES[term.who]}{term.action}{amount}"
        if complaint.loss_recovered:
            yield f"共挽回损失{complaint.loss_recovered:f}元。"
        if complaint.kept_due is not None:
            yield "约定事项已履行。"
    else:
        yield "调解没有达成协议，依法终止，并告知双方其他解决途径。"


def _day(moment: datetime, zone: str) -> str:
    day = local_day(moment, zone)
    return f"{day.year}年{day.month}月{day.day}日"


def _lines(*texts: str) -> str:
    return "\n".join(text.strip() for text in texts if text.strip())
