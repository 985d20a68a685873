"""What the three documents say: the forms of Order 121 Art 24 filled from complaint, session and draft. Pure.

`Wording` is everything that is read and signed; its hash is what a signature is bound to. Signatures, seal and the day
of sealing are added when the sheet is made (`server.signing.copies`). It names the parties in full; anybody else is
shown `Wording.for_others`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints.complaint import local_day
from complaints.state import Complaint
from law import grounds
from offices import Office
from recordings.transcripts.statements import RecordStatement, printed, sentence as sentence_of
from rooms.agreement import outcome as consent
from rooms.agreement.state import SIDES, canonical
from rooms.record.minutes import Minutes
from rooms.seats import SeatState, side_of
from rooms.session import Session
from rooms.signing.rules import record_kind
from rooms.signing.state import AGREEMENT, FAILURE, RECORD
from rooms.vocabulary import PRINCIPALS, Capacity, OutcomeKind
from server.documents import EFFECT, EFFECT_IN_ENGLISH, sentence
from server.documents.facts import ended as terminated
from server.signing import (
    CAPACITIES,
    EDITION,
    ROLES,
    English,
    Making,
    Numbered,
    PaperRow,
    Passage,
    circumstances,
    contact,
    english_rows,
    masked,
    mediation_course,
    particulars,
    rows,
)

TITLES = {AGREEMENT: "消费争议调解书", RECORD: "消费争议调解记录", FAILURE: "调解不成立记录"}
ENGLISH = {
    AGREEMENT: "Mediation agreement",
    RECORD: "Mediation record",
    FAILURE: "Record of failure to settle",
}
_DIGITS = "零一二三四五六七八九"
_WAYS = (
    "当事人仍可以：一、与对方协商和解；二、请求消费者协会或者依法成立的其他调解组织调解；"
    "三、向有关行政部门投诉；四、根据与经营者达成的仲裁协议提请仲裁机构仲裁；五、向人民法院提起诉讼"
    "（《中华人民共和国消费者权益保护法》第三十九条）。"
)


_READ: Final = (
    "以上记录由签名人阅读，确认无误，并同意以数据电文形式制作、用电子签名签署（《中华人民共和国电子签名法》第三条）。"
)
_CONFIRMED: Final = (
    "以上记录由签名人阅读，其中引用的本方陈述经逐条核对，确认无误，并同意以数据电文形式制作、用电子签名签署"
    "（《中华人民共和国电子签名法》第三条）。"
)
_QUOTED_IN_ENGLISH: Final = (
    "The Chinese text quotes what was said, in Chinese, from a machine transcript of the recording that the mediator "
    "checked. The quotations are not translated here."
)
_WRITTEN_IN_ENGLISH: Final = (
    "The Chinese text quotes what was written to everybody in this mediation, with the time it was sent. The "
    "quotations are not translated here."
)
_READ_IN_ENGLISH: Final = (
    "Whoever signs has read this record and agrees to make it an electronic document and to sign it electronically "
    "(Electronic Signature Law Art 3)."
)
_CONFIRMED_IN_ENGLISH: Final = (
    "Whoever signs has read this record, has checked each sentence that it quotes of their side, and agrees to make it "
    "an electronic document and to sign it electronically (Electronic Signature Law Art 3)."
)
_SINCE_THEN: Final = ("masked", "contact", "statements")
"""Fields that texts signed before them do not have: left out where they are empty, so that those keep their hash."""


@dataclass(frozen=True, slots=True)
class PaperWording:
    """`hands`: (role, name, capacity) as the sheet has them, the mediator's last. `office`: who issues it."""

    kind: str
    office: str
    title: str
    number: str
    draft: str  # rooms.agreement.outcome.digest, "" of what nobody signs
    rows: tuple[PaperRow, ...]
    before: tuple[Passage, ...]
    clauses: tuple[Numbered, ...]
    after: tuple[Passage, ...]
    hands: tuple[tuple[str, str, str, str], ...]  # seat, role, name, capacity
    gloss: English | None
    edition: str = EDITION
    masked: tuple[PaperRow, ...] = ()  # `rows` for others; () where they name nobody's numbers
    contact: str = ""
    statements: tuple[tuple[str, str, str, str], ...] = ()  # of a side: who signs, line, which wording, as printed

    def kept(self) -> bytes:
        """As it is hashed and kept."""
        told = asdict(self)
        return canonical({name: value for name, value in told.items() if value or name not in _SINCE_THEN})

    @property
    def for_others(self) -> PaperWording:
        """With people's numbers and addresses masked."""
        return replace(self, rows=self.masked, masked=()) if self.masked else self

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.kept()).hexdigest()


def wording_of(kept: bytes) -> PaperWording:
    """Back from `Wording.kept`."""
    told: dict[str, Any] = json.loads(kept)
    gloss = told["gloss"]
    return PaperWording(
        **told
        | {
            "rows": tuple(PaperRow(**row) for row in told["rows"]),
            "masked": tuple(PaperRow(**row) for row in told.get("masked", ())),
            "before": tuple(Passage(**one) for one in told["before"]),
            "clauses": tuple(Numbered(**one) for one in told["clauses"]),
            "after": tuple(Passage(**one) for one in told["after"]),
            "hands": tuple((one[0], one[1], one[2], one[3]) for one in told["hands"]),
            "statements": tuple((one[0], one[1], one[2], one[3]) for one in told.get("statements", ())),
            "gloss": None
            if gloss is None
            else English(
                gloss["title"],
                tuple(PaperRow(**row) for row in gloss["rows"]),
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
    making: Making,
    made: Minutes | None = None,
) -> PaperWording:
    """The agreement; the record in its place when both want no agreement. `signers`: seats, one a side.

    `made`: the minutes so far, which a record holds. An English page is there for whoever asked: where the complainant
    reads English, or the mediator wrote a clause in it (a promise has its English by itself).
    """
    kind = RECORD if consent.waived(session) else AGREEMENT
    clauses = session.draft.clauses
    facts = consent.undisputed(session)
    lines = particulars(session, complaint, office, making)
    if kind == RECORD or session.held is not None:
        lines = [*lines, *circumstances(session, office, None)]
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
        before += mediation_course(made, ZoneInfo(office.zone))
    before += [
        Passage("heading", "协议内容"),
        Passage("text", "经本机关主持调解，双方在平等自愿的基础上达成如下协议："),
    ]
    cited = grounds.cited_duty(session.order, "documents", "zh")
    after = (
        [Passage("text", "双方均表示不需要制作调解书，协议内容记入本调解记录，由双方签名确认。")]
        if kind == RECORD
        else []
    )
    after += [
        Passage(
            "text",
            f"双方同意以数据电文形式订立本{'记录' if kind == RECORD else '调解书'}，并用电子签名签署"
            "（《中华人民共和国电子签名法》第三条）。",
        ),
        Passage(
            "text",
            f"本{'记录' if kind == RECORD else '调解书'}{EFFECT}双方各执一份，本机关留存一份归档（{cited}）。",
        ),
        Passage(
            "text",
            "一方不履行的，另一方可以依照《中华人民共和国消费者权益保护法》第三十九条，通过仲裁、诉讼等途径解决。",
        ),
    ]
    hands = [_hand(session, session.seats[seat]) for seat in signers]
    mediator = session.seats[session.mediator_seat]
    if office.seal_only:
        paper = "记录" if kind == RECORD else "调解书"
        after.append(Passage("text", f"主持调解的调解员为{mediator.name}。本{paper}由本机关加盖印章，调解员不另签名。"))
    else:
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
            "Both sides agree to make this an electronic document and to sign it electronically (Electronic Signature "
            "Law Art 3).",
        ),
        Passage(
            "text",
            f"{EFFECT_IN_ENGLISH} If a side does not perform, the other may go to arbitration or to court (Consumer "
            "Protection Law Art 39).",
        ),
        *([Passage("text", _sealed_alone(mediator.name))] if office.seal_only else []),
    ]
    return PaperWording(
        kind,
        office.issuer,
        TITLES[kind],
        number,
        consent.digest(session),
        rows(lines),
        tuple(before),
        tuple(Numbered(f"第{_nth(clause.number)}条", clause.text) for clause in clauses),
        tuple(after),
        tuple(hands),
        English(ENGLISH[kind], english_rows(session, complaint), tuple(passages))
        if complaint.language.startswith("en") or any(clause.gloss for clause in clauses if clause.term is None)
        else None,
        masked=masked(lines),
        contact=contact(office),
    )


def for_file(
    session: Session,
    complaint: Complaint,
    office: Office,
    number: str,
    making: Making,
    made: Minutes | None = None,
    spoken: Sequence[RecordStatement] = (),
    signers: Sequence[str] = (),
) -> PaperWording:
    """The record of a session that is over: facts, claims and how it ended; nothing of what was offered on the way.

    `spoken`: what it quotes of the transcript. `signers`: seats that confirm and sign it; nobody of what is only filed.
    """
    outcome = session.outcome
    failed = outcome is not None and outcome.kind is not OutcomeKind.SETTLED
    over = outcome is not None and outcome.kind in (OutcomeKind.NOT_SETTLED, OutcomeKind.ENDED)
    kind = record_kind(session)
    facts = consent.undisputed(session)
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
        *([] if session.held else mediation_course(made, ZoneInfo(office.zone))),
        *(_told_course(session)),
        *(Passage(style, text) for style, text in printed(session, spoken, ZoneInfo(office.zone))),
        Passage("heading", "调解结果"),
        Passage("text", _result(session, complaint, office, making)),
    ]
    clauses: tuple[Numbered, ...] = ()
    if outcome is not None and outcome.kind is OutcomeKind.SETTLED:
        clauses = tuple(Numbered(f"第{_nth(clause.number)}条", clause.text) for clause in session.draft.clauses)
    after = [Passage("text", _WAYS)] if over else []
    after.append(
        Passage(
            "note",
            "双方为达成协议作出的让步，不写入本记录。" if failed else "本记录由本机关制作并归档。",
        )
    )
    asked = tuple(
        (signer, one.line.line, one.wording, sentence_of(session, one, ZoneInfo(office.zone)))
        for one in spoken
        for signer in signers
        if one.taken and one.line.side is not None and one.line.side is side_of(session.seats[signer])
    )
    mediator = session.seats[session.mediator_seat]
    hands = [_hand(session, session.seats[seat]) for seat in signers]
    if signers:
        after.append(Passage("text", _CONFIRMED if asked else _READ))
        if office.seal_only:
            after.append(
                Passage("text", f"主持调解的调解员为{mediator.name}。本记录由本机关加盖印章，调解员不另签名。")
            )
        else:
            hands.append((mediator.id, "调解员", mediator.name, ""))
    passages = (
        Passage("heading", "Request"),
        Passage("text", _said(complaint.record.request, complaint.record.facts)),
        Passage("heading", "Result"),
        Passage("text", _result_in_english(session, complaint, office)),
        *(Passage("text", text) for text in _quoted_in_english([one for one in spoken if one.taken])),
        *([Passage("text", _CONFIRMED_IN_ENGLISH if asked else _READ_IN_ENGLISH)] if signers else []),
        *([Passage("text", _sealed_alone(mediator.name))] if signers and office.seal_only else []),
    )
    lines = [*particulars(session, complaint, office, making), *circumstances(session, office, session.closed_at)]
    return PaperWording(
        kind,
        office.issuer,
        TITLES[kind],
        number,
        session.statements.digest if signers else "",
        rows(lines),
        tuple(before),
        clauses,
        tuple(after),
        tuple(hands),
        English(ENGLISH[kind], english_rows(session, complaint), passages)
        if complaint.language.startswith("en")
        else None,
        masked=masked(lines),
        contact=contact(office),
        statements=asked,
    )


def _quoted_in_english(taken: Sequence[RecordStatement]) -> list[str]:
    heard, written = any(not one.line.written for one in taken), any(one.line.written for one in taken)
    return [*([_QUOTED_IN_ENGLISH] if heard else []), *([_WRITTEN_IN_ENGLISH] if written else [])]


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


def _result(session: Session, complaint: Complaint, office: Office, making: Making) -> str:
    outcome = session.outcome
    if outcome is None:
        return "尚未结束。"
    match outcome.kind:
        case OutcomeKind.SETTLED:
            return "双方达成调解协议，内容如下：" if session.draft.clauses else "双方达成调解协议。"
        case OutcomeKind.NOT_SETTLED:
            said = "双方未能达成调解协议，调解不成立。"
        case OutcomeKind.ENDED:
            day = _received(complaint, office)
            said = terminated(session.order, outcome.ground or 0, making.library, day, "zh")
        case OutcomeKind.ADJOURNED:
            said = "本次调解未结束，另行确定时间继续调解。"
    return said + (f"具体理由：{sentence(outcome.note)}" if outcome.note else "")


def _result_in_english(session: Session, complaint: Complaint, office: Office) -> str:
    outcome = session.outcome
    if outcome is None:
        return "Not closed yet."
    match outcome.kind:
        case OutcomeKind.SETTLED:
            return "Settled."
        case OutcomeKind.NOT_SETTLED:
            return "No settlement was reached; arbitration and court stay open."
        case OutcomeKind.ENDED:
            return terminated(session.order, outcome.ground or 0, None, _received(complaint, office), "en")
        case OutcomeKind.ADJOURNED:
            return "Adjourned: the mediation goes on at another time."


def _sealed_alone(mediator: str) -> str:
    return f"The mediator was {mediator}. The authority's seal is put on; the mediator does not sign."


def _received(complaint: Complaint, office: Office) -> date:
    """The day whose law applies."""
    return local_day(complaint.record.received, office.zone)


def _said(*texts: str) -> str:
    return "\n".join(text for text in texts if text) or "（未填写）"


def _nth(n: int) -> str:
    """一, 二, … 九十九."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")
