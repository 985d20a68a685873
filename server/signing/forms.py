"""What the three documents say: the forms of Order 121 Art 24 filled from complaint, session and draft. Pure.

`Wording` is everything that is read and signed; its hash is what a signature is bound to. Signatures, seal and the day
of sealing are added when the sheet is made (`server.signing.sheets`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from complaints.complaint import Complaint
from complaints.record import PartyRecord
from law import duties
from law.modes import mode_name
from rooms.drafting import PRINCIPALS, SIDES, canonical, side_of, speakers
from rooms.elsewhere import WAIVED
from rooms.events import HeldElsewhere
from rooms.minutes import Minutes
from rooms.seats import SeatState
from rooms.session import Session
from rooms.signing import AGREEMENT, FAILURE, RECORD
from rooms.vocabulary import Capacity, OutcomeKind, Role, Side
from server.documents.wording import chinese_day
from server.signing.course import course, helpers
from server.signing.papers import EDITION, English, Numbered, Passage, Row
from web.ports import Office

TITLES = {AGREEMENT: "消费争议调解书", RECORD: "消费争议调解记录", FAILURE: "调解不成立记录"}
ENGLISH = {
    AGREEMENT: "Mediation agreement",
    RECORD: "Mediation record",
    FAILURE: "Record of failure to settle",
}
ROLES = {Side.CONSUMER: "投诉人", Side.BUSINESS: "被投诉人"}
CAPACITIES = {
    Capacity.SELF: "本人",
    Capacity.LEGAL_REPRESENTATIVE: "法定代表人",
    Capacity.HEAD: "负责人",
    Capacity.GUARDIAN: "监护人",
    Capacity.AGENT: "委托代理人",
}
_IN_ENGLISH = {Side.CONSUMER: "Complainant", Side.BUSINESS: "Respondent"}
_DIGITS = "零一二三四五六七八九"
_WAYS = (
    "当事人仍可以：一、与对方协商和解；二、请求消费者协会或者依法成立的其他调解组织调解；"
    "三、向有关行政部门投诉；四、根据与经营者达成的仲裁协议提请仲裁机构仲裁；五、向人民法院提起诉讼"
    "（《中华人民共和国消费者权益保护法》第三十九条）。"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """`hands`: (role, name, capacity) in the order of the sheet; the mediator's is the last."""

    kind: str
    office: str
    title: str
    number: str
    draft: str  # rooms.drafting.Draft.digest, "" of what nobody signs
    rows: tuple[Row, ...]
    before: tuple[Passage, ...]
    clauses: tuple[Numbered, ...]
    after: tuple[Passage, ...]
    hands: tuple[tuple[str, str, str, str], ...]  # seat, role, name, capacity
    gloss: English
    edition: str = EDITION

    def kept(self) -> bytes:
        """As it is hashed and kept."""
        return canonical(asdict(self))

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.kept()).hexdigest()


def wording_of(kept: bytes) -> Wording:
    """Back from `Wording.kept`."""
    told: dict[str, Any] = json.loads(kept)
    gloss = told["gloss"]
    return Wording(
        **told
        | {
            "rows": tuple(Row(**row) for row in told["rows"]),
            "before": tuple(Passage(**one) for one in told["before"]),
            "clauses": tuple(Numbered(**one) for one in told["clauses"]),
            "after": tuple(Passage(**one) for one in told["after"]),
            "hands": tuple((one[0], one[1], one[2], one[3]) for one in told["hands"]),
            "gloss": English(
                gloss["title"],
                tuple(Row(**row) for row in gloss["rows"]),
                tuple(Passage(**one) for one in gloss["passages"]),
            ),
        }
    )


def to_sign(
    session: Session,
    complaint: Complaint,
    office: Office,
    number: str,
    signers: Sequence[str],
    made: Minutes | None = None,
) -> Wording:
    """The agreement; the record in its place when both want no agreement. `signers`: seats, one a side.

    `made`: the minutes so far, which a record holds.
    """
    kind = RECORD if session.draft.waived(session) else AGREEMENT
    clauses = session.draft.clauses
    facts = session.draft.undisputed(session)
    rows = _particulars(session, complaint, office)
    if kind == RECORD or session.held is not None:
        rows = (*rows, *_circumstances(session, office, None))
    before = [
        Passage("heading", "投诉事由和请求"),
        Passage("quote", _said(complaint.record.request, complaint.record.facts)),
    ]
    if facts:
        before += [
            Passage("heading", "双方没有争议的事实"),
            *(Passage("text", f"{_nth(n)}、{fact.text}") for n, fact in enumerate(facts, 1)),
        ]
    if kind == RECORD:
        before += course(made, ZoneInfo(office.zone))
    before += [
        Passage("heading", "协议内容"),
        Passage("text", "经本单位主持调解，双方在平等自愿的基础上达成如下协议："),
    ]
    cited = duties.cited(session.order, "documents", "zh")
    after = (
        [Passage("text", "双方均表示不需要制作调解书，协议内容记入本调解记录，由双方签名确认。")]
        if kind == RECORD
        else []
    )
    after += [
        Passage(
            "text",
            f"本{'记录' if kind == RECORD else '调解书'}经双方签名、调解人员签名并加盖本单位印章后生效，"
            f"双方各执一份，本单位存档一份（{cited}）。",
        ),
        Passage(
            "text",
            "一方不履行的，另一方可以依照《中华人民共和国消费者权益保护法》第三十九条，通过仲裁、诉讼等途径解决。",
        ),
    ]
    hands = [_hand(session, session.seats[seat]) for seat in signers]
    mediator = session.seats[session.mediator_seat]
    hands.append((mediator.id, "调解员", mediator.name, ""))
    passages = [Passage("heading", "Request"), Passage("text", _said(complaint.record.request, complaint.record.facts))]
    if facts:
        passages += [
            Passage("heading", "Undisputed facts"),
            *(Passage("text", f"{n}. {fact.text}") for n, fact in enumerate(facts, 1)),
        ]
    passages += [
        Passage("heading", "Terms"),
        *(Passage("text", f"{clause.number}. {clause.gloss or clause.text}") for clause in clauses),
        Passage(
            "text",
            "In effect once both sides and the mediator have signed and the office's seal is on. If a side does not "
            "perform, the other may go to arbitration or to court (Consumer Protection Law Art 39).",
        ),
    ]
    return Wording(
        kind,
        office.name,
        TITLES[kind],
        number,
        session.draft.digest(session),
        rows,
        tuple(before),
        tuple(Numbered(f"第{_nth(clause.number)}条", clause.text) for clause in clauses),
        tuple(after),
        tuple(hands),
        English(ENGLISH[kind], _english_rows(session, complaint), tuple(passages)),
    )


def for_file(
    session: Session, complaint: Complaint, office: Office, number: str, made: Minutes | None = None
) -> Wording:
    """The record of a session that is over: facts, claims and how it ended; nothing of what was offered on the way."""
    outcome = session.outcome
    failed = outcome is not None and outcome.kind is not OutcomeKind.SETTLED
    kind = FAILURE if outcome is not None and outcome.kind is OutcomeKind.NOT_SETTLED else RECORD
    facts = session.draft.undisputed(session)
    before = [
        Passage("heading", "投诉事由和请求"),
        Passage("quote", _said(complaint.record.request, complaint.record.facts)),
        Passage("heading", "双方没有争议的事实"),
        *(
            [Passage("text", f"{_nth(n)}、{fact.text}") for n, fact in enumerate(facts, 1)]
            if facts
            else [Passage("text", "没有记明。")]
        ),
        *_claims(session),
        *([] if session.held else course(made, ZoneInfo(office.zone))),
        *(_told_course(session)),
        Passage("heading", "调解结果"),
        Passage("text", _result(session)),
    ]
    clauses: tuple[Numbered, ...] = ()
    if outcome is not None and outcome.kind is OutcomeKind.SETTLED:
        clauses = tuple(Numbered(f"第{_nth(clause.number)}条", clause.text) for clause in session.draft.clauses)
    after = [Passage("text", _WAYS)] if failed else []
    after.append(
        Passage(
            "note",
            "为达成调解所作的让步不记入本记录，也不得在以后的处理中作为对其不利的依据。"
            if failed
            else "本记录由本单位制作并存档。",
        )
    )
    passages = (
        Passage("heading", "Request"),
        Passage("text", _said(complaint.record.request, complaint.record.facts)),
        Passage("heading", "Result"),
        Passage("text", "No settlement was reached; arbitration and court stay open." if failed else "Settled."),
    )
    return Wording(
        kind,
        office.name,
        TITLES[kind],
        number,
        "",
        (*_particulars(session, complaint, office), *_circumstances(session, office, session.closed_at)),
        tuple(before),
        clauses,
        tuple(after),
        (),
        English(ENGLISH[kind], _english_rows(session, complaint), passages),
    )


def _told_course(session: Session) -> list[Passage]:
    """Of a mediation without a room, as the mediator wrote it down."""
    if session.held is None or not session.held.course:
        return []
    return [Passage("heading", "调解经过"), Passage("text", session.held.course)]


def _claims(session: Session) -> list[Passage]:
    """What each side asks for and why, as the mediator wrote it down."""
    said = [(side, session.draft.claims[side]) for side in SIDES if side in session.draft.claims]
    if not said:
        return []
    return [
        Passage("heading", "双方的请求、意见和理由"),
        *(Passage("text", f"{ROLES[side]}：{text}") for side, text in said),
    ]


# ------------------------------------------------------------ what stands in the rows


def _particulars(session: Session, complaint: Complaint, office: Office) -> tuple[Row, ...]:
    record = complaint.record
    rows = [Row("投诉登记编号", record.number), Row("投诉人", _person(record.consumer))]
    rows.append(Row("代理人", _agents(session, Side.CONSUMER, record.proxy.name if record.proxy else "")))
    rows.append(Row("被投诉人", _person(record.business)))
    heads = [
        seat.name
        for seat in speakers(session, Side.BUSINESS)
        if (held := session.draft.authorities.get(seat.id)) is not None
        and held.capacity in (Capacity.LEGAL_REPRESENTATIVE, Capacity.HEAD)
    ]
    rows.append(Row("法定代表人或负责人", "、".join(heads) or "未记明"))
    rows.append(Row("代理人", _agents(session, Side.BUSINESS, "")))
    rows.append(Row("调解员", f"{session.seats[session.mediator_seat].name}（{office.name}）"))
    return (*rows, *helpers(session))


def _circumstances(session: Session, office: Office, ended: datetime | None) -> tuple[Row, ...]:
    zone = ZoneInfo(office.zone)
    others = [
        f"{seat.name}（{_OTHERS[seat.role]}）"
        for seat in session.seats.values()
        if seat.role in _OTHERS and seat.been_inside
    ]
    held = session.held
    rows = [Row("开始时间", _moment(held.began if held else session.opened, zone))]
    if ended is not None or held is not None:
        rows.append(Row("结束时间", _moment(held.ended if held else ended, zone)))
    return (
        *rows,
        Row("调解方式", mode_name(session.mode, "zh")),
        *(_elsewhere(held) if held else ()),
        Row("主持人、记录人", session.seats[session.mediator_seat].name),
        Row("其他在场人", (held.others if held else "、".join(others)) or "无"),
    )


def _elsewhere(held: HeldElsewhere) -> list[Row]:
    """Where there was no room: place, and who took part for each side."""
    rows = [Row("调解地点", held.place)] if held.place else []
    rows.append(Row("投诉人一方参加人", held.consumer_by or "未参加"))
    rows.append(Row("被投诉人一方参加人", held.business_by or "未参加"))
    if held.agreement == WAIVED:
        rows.append(Row("调解书", "双方均表示不需要制作调解书"))
    return rows


_OTHERS = {
    Role.LAWYER: "律师",
    Role.INTERPRETER: "翻译",
    Role.COMPANION: "陪同",
    Role.OBSERVER: "旁听",
    Role.SUPERVISOR: "监督人员",
}


def _hand(session: Session, seat: SeatState) -> tuple[str, str, str, str]:
    side = side_of(seat)
    held = session.draft.authorities.get(seat.id)
    principal = next((s for s in session.seats.values() if PRINCIPALS.get(s.role) is side), seat)
    called = principal.seat.organisation or principal.name
    capacity = ""
    if held is not None and held.capacity is not Capacity.SELF:
        capacity = f"{CAPACITIES[held.capacity]}：{seat.name}" + (f"（{held.basis}）" if held.basis else "")
    elif seat.id != principal.id:
        capacity = f"代签人：{seat.name}"
    return seat.id, ROLES[side] if side else "", called, capacity


def _agents(session: Session, side: Side, first: str) -> str:
    found = [first] if first else []
    for seat in speakers(session, side):
        held = session.draft.authorities.get(seat.id)
        if held is not None and held.capacity in (Capacity.AGENT, Capacity.GUARDIAN) and seat.name not in found:
            found.append(f"{seat.name}（{CAPACITIES[held.capacity]}{'，' + held.basis if held.basis else ''}）")
    return "、".join(found) or "无"


def _person(person: PartyRecord) -> str:
    parts = (person.organisation, person.name, person.credit_code, person.phone_masked, person.city, person.address)
    return "，".join(part for part in parts if part)


def _english_rows(session: Session, complaint: Complaint) -> tuple[Row, ...]:
    record = complaint.record
    return (
        Row("File", record.number),
        *(
            Row(_IN_ENGLISH[side], (record.consumer if side is Side.CONSUMER else record.business).title)
            for side in SIDES
        ),
        Row("Mediator", session.seats[session.mediator_seat].name),
    )


def _result(session: Session) -> str:
    outcome = session.outcome
    if outcome is None:
        return "尚未结束。"
    match outcome.kind:
        case OutcomeKind.SETTLED:
            return "双方达成协议，内容如下：" if session.draft.clauses else "双方达成协议。"
        case OutcomeKind.NOT_SETTLED:
            return "双方未能达成协议，调解不成立。" + (f"原因：{outcome.note}" if outcome.note else "")
        case OutcomeKind.ENDED:
            return f"依法终止调解（第{outcome.ground}项）。"
        case OutcomeKind.ADJOURNED:
            return "本次没有结束，另定时间再调。"


def _said(*texts: str) -> str:
    return "\n".join(text for text in texts if text) or "（未填写）"


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{chinese_day(local.date())}{local:%H:%M}"


def _nth(n: int) -> str:
    """一, 二, … 九十九."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")
