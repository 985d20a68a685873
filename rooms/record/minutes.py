"""What the record of a mediation holds, drawn from the journal: when, who, how it went, how it ended.

A pure function of a session's history. Nothing that was offered on the way is in it: no draft that came to nothing, no
objection, no slip. Of a private talk it holds that there was one, with whom and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from law.orders import ROOM, mode_name
from rooms import events as e
from rooms.agreement import outcome as consent
from rooms.agreement.state import Authority, Clause
from rooms.events import SessionEntry
from rooms.seats import SeatState, side_of
from rooms.session import Session, evolve, fold
from rooms.vocabulary import WATCHING, Capacity, Opening, Outcome, OutcomeKind, Phase, Role, Side

ROLES: Final[Mapping[Role, str]] = {
    Role.MEDIATOR: "调解员",
    Role.CONSUMER: "投诉人",
    Role.BUSINESS: "被投诉人",
    Role.REPRESENTATIVE: "代理人",
    Role.LAWYER: "律师",
    Role.INTERPRETER: "翻译",
    Role.COMPANION: "陪同人",
    Role.OBSERVER: "旁听人",
    Role.SUPERVISOR: "监督人员",
}
CAPACITIES: Final[Mapping[Capacity, str]] = {
    Capacity.SELF: "本人",
    Capacity.LEGAL_REPRESENTATIVE: "法定代表人",
    Capacity.HEAD: "负责人",
    Capacity.GUARDIAN: "法定代理人",
    Capacity.AGENT: "委托代理人",
}
SIDES: Final[Mapping[Side, str]] = {Side.CONSUMER: "投诉人", Side.BUSINESS: "被投诉人"}
PHASES: Final[Mapping[Phase, str]] = {
    Phase.OPENING: "开场",
    Phase.CONSUMER_STATEMENT: "投诉人陈述",
    Phase.BUSINESS_STATEMENT: "被投诉人陈述",
    Phase.DISCUSSION: "讨论",
    Phase.PROPOSAL: "商议方案",
    Phase.CLOSING: "收尾",
}
_COVERED: Final[Mapping[Opening, str]] = {
    Opening.IDENTITY: "核对双方身份。",
    Opening.RIGHTS: "告知双方权利和义务。",
    Opening.RECUSAL: "询问是否申请回避。",
    Opening.SHAM: "提醒不得虚假调解。",
}
_NUMERALS: Final = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class MinutesPerson:
    """Somebody who was in the room. `authority` as the mediator had recorded it at the end."""

    seat: str
    name: str
    role: Role
    side: Side | None
    organisation: str
    authority: Authority | None
    came: datetime
    records: bool  # agreed to be recorded


@dataclass(frozen=True, slots=True)
class MinutesStep:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """`clauses` only of a settlement. `reason` is why it ended without one, as the mediator wrote it down."""

    number: str
    ordinal: int
    cause: str
    began: datetime | None
    ended: datetime | None
    mode: str
    host: str
    note_taker: str
    parties: tuple[MinutesPerson, ...]
    others: tuple[MinutesPerson, ...]
    claims: Mapping[Side, str]
    facts: tuple[str, ...]
    steps: tuple[MinutesStep, ...]
    clauses: tuple[Clause, ...]
    waived: bool
    outcome: Outcome | None
    reason: str


def minutes(history: Sequence[SessionEntry]) -> Minutes:
    """Of a session that there is. ValueError without one."""
    end = fold(history)
    if end is None:
        raise ValueError("an empty history")
    outcome = end.outcome
    settled = outcome is not None and outcome.kind is OutcomeKind.SETTLED
    people = tuple(_people(history, end))
    host = end.seats[end.mediator_seat].name
    return Minutes(
        number=end.number,
        ordinal=end.ordinal,
        cause=end.title,
        began=end.held.began if end.held else end.opened,
        ended=end.held.ended if end.held else end.closed_at,
        mode=_mode(end),
        host=host,
        note_taker=host,
        parties=tuple(person for person in people if person.side is not None and person.role not in _BESIDE),
        others=tuple(person for person in people if person.role in _BESIDE or person.side is None),
        claims=dict(end.draft.claims),
        facts=tuple(fact.text for fact in consent.undisputed(end)),
        steps=tuple(_steps(history, end, settled)),
        clauses=end.draft.clauses if settled else (),
        waived=settled and consent.waived(end),
        outcome=outcome,
        reason=outcome.note if outcome is not None and not settled else "",
    )


_BESIDE: Final = frozenset({Role.INTERPRETER, Role.COMPANION, *WATCHING})


def _people(history: Sequence[SessionEntry], end: Session) -> Iterator[MinutesPerson]:
    came: dict[str, datetime] = {}
    for entry in history:
        if isinstance(entry.event, e.Admitted | e.ObservationBegun | e.Visited):
            came.setdefault(entry.event.seat, entry.at)
    for seat in end.seats.values():
        if seat.id in came and seat.role is not Role.MEDIATOR:
            yield MinutesPerson(
                seat.id,
                seat.name,
                seat.role,
                side_of(seat),
                seat.seat.organisation,
                end.draft.authorities.get(seat.id),
                came[seat.id],
                seat.record is True,
            )


def _mode(end: Session) -> str:
    """By what the people in it took part with."""
    if end.mode != ROOM:
        return f"{mode_name(end.mode, 'zh')}调解"
    modes = {seat.mode for seat in end.seats.values() if seat.been_inside and seat.role is not Role.MEDIATOR}
    if "video" in modes or not modes - {""}:
        return "网络音视频调解"
    return "网络音频调解" if "audio" in modes else "网络文字调解"


def _steps(history: Sequence[SessionEntry], end: Session, settled: bool) -> Iterator[MinutesStep]:
    session: Session | None = None
    undisputed: set[tuple[str, int]] = set()
    agreed: set[str] = set()
    final = {fact.id: fact.edition for fact in consent.undisputed(end)}
    for entry in history:
        session = evolve(session, entry)
        if (text := _said(entry.event, session)) is not None:
            yield MinutesStep(entry.at, text)
        for fact in consent.undisputed(session):
            if final.get(fact.id) == fact.edition and (fact.id, fact.edition) not in undisputed:
                undisputed.add((fact.id, fact.edition))
                yield MinutesStep(entry.at, f"双方认可事实：{fact.text}")
        if settled:
            yield from _clauses(entry, session, end, agreed)


def _clauses(entry: SessionEntry, session: Session, end: Session, agreed: set[str]) -> Iterator[MinutesStep]:
    """Each clause of the settlement when both had agreed to it as it stands; and who wants it in writing."""
    open_ = {clause.id for clause, _ in consent.missing(session)}
    editions = {clause.id: clause.edition for clause in session.draft.clauses}
    for clause in end.draft.clauses:
        if editions.get(clause.id) == clause.edition and clause.id not in open_ | agreed:
            agreed.add(clause.id)
            yield MinutesStep(entry.at, f"双方确认协议第{numeral(clause.number)}条。")
    if isinstance(entry.event, e.AgreementWaived) and entry.event.seat in end.draft.waivers:
        side = side_of(session.seats[entry.event.seat])
        yield MinutesStep(entry.at, f"{SIDES[side] if side else ''}表示不需要制作调解书。")


def _said(event: e.SessionEvent, session: Session) -> str | None:
    match event:
        case e.SessionOpened():
            return f"{session.seats[session.mediator_seat].name}主持，调解开始。"
        case e.ApartBegun():
            return "改为错时调解：双方不必同时在线，各自在方便时阅读、陈述、答复和签名；不录音录像，经过记入日志。"
        case e.RoomOpened():
            return "改为在调解室实时调解。"
        case e.RightsRead(seat=id_):
            return f"{_called(session.seats[id_])}已阅读权利义务告知。"
        case e.Admitted(seat=id_) if id_ != session.mediator_seat:
            return f"{_called(session.seats[id_])}到场。"
        case e.ObservationBegun(seat=id_):
            return f"{_called(session.seats[id_])}到场旁听，并已告知在场各方。"
        case e.Left(seat=id_) if id_ != session.mediator_seat:
            return f"{_called(session.seats[id_])}离开。"
        case e.Removed(seat=id_):
            return f"调解员请{_called(session.seats[id_])}离开。"
        case e.OpeningCovered(item=item, done=True):
            return _COVERED[item]
        case e.PhaseEntered(phase=phase):
            return f"进入{PHASES[phase]}。"
        case e.RecessStarted():
            return "休会。"
        case e.RecessEnded():
            return "恢复调解。"
        case e.CaucusStarted(side=side):
            return f"调解员与{SIDES[side]}单独谈，不录制，内容不记入本记录。"
        case e.CaucusEnded():
            return "单独谈结束。"
        case e.SeatAssisted(seat=id_, helper=helper):
            return f"{helper}经{_called(session.seats[id_])}同意，陪在身边协助。"
        case e.AssistanceEnded(seat=id_):
            return f"{_called(session.seats[id_])}身边不再有人协助。"
        case e.AuthorityRecorded(seat=id_, capacity=capacity, special=special, basis=basis):
            power = "，特别授权" if special else ""
            shown = f"（{basis}）" if basis else ""
            return f"核对{_called(session.seats[id_])}的身份：{CAPACITIES[capacity]}{power}{shown}。"
        case e.OutcomeProposed():
            return "调解员出示调解结果，请双方核对。"
        case e.OutcomeSeen(seat=id_):
            return f"{_called(session.seats[id_])}核对了调解结果。"
        case e.SessionClosed():
            return "调解结束。"
        case _:
            return None


def _called(seat: SeatState) -> str:
    """投诉人陈女士; a helper with the side: 投诉人一方的律师吴青."""
    side = side_of(seat)
    whose = f"{SIDES[side]}一方的" if side is not None and seat.role not in (Role.CONSUMER, Role.BUSINESS) else ""
    return f"{whose}{ROLES[seat.role]}{seat.name}"


def numeral(number: int) -> str:
    """1 → 一, 12 → 十二, 40 → 四十: under a hundred."""
    tens, ones = divmod(number, 10)
    high = "" if not tens else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return high + (_NUMERALS[ones] if ones or not tens else "")
