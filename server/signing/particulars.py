"""What a signed paper says besides its text: who, when, where and how, and how the mediation went. Pure.

The record of Order 121 Art 24 says who was there, when, and what was done; what was offered on the way is not in the
minutes (`rooms.record.minutes`), so it is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from complaints.state import Complaint
from law.library import Library
from law.orders import mode_name
from offices.people import Office
from rooms.agreement.outcome import speakers
from rooms.agreement.rules import WAIVED
from rooms.agreement.state import SIDES
from rooms.events import HeldElsewhere
from rooms.record.minutes import Minutes
from rooms.session import Session
from rooms.vocabulary import Capacity, Role, Side
from server.documents.facts import DocumentLine, Open, business, person
from server.documents.press import chinese_day
from server.signing.papers import PaperRow, Passage

RELATIONS = {
    "station": "服务站工作人员",
    "family": "家人",
    "community": "社区工作人员",
    "volunteer": "志愿者",
    "other": "其他人",
}


def mediation_course(made: Minutes | None, zone: ZoneInfo) -> list[Passage]:
    """Steps of one minute stand in one passage. Empty without minutes, or before anything happened."""
    if made is None or not made.steps:
        return []
    lines: list[tuple[str, list[str]]] = []
    for step in made.steps:
        minute = f"{step.at.astimezone(zone):%H:%M}"
        if lines and lines[-1][0] == minute:
            lines[-1][1].append(step.text)
        else:
            lines.append((minute, [step.text]))
    return [
        Passage("heading", "调解经过"),
        *(Passage("text", f"{minute}　{''.join(texts)}") for minute, texts in lines),
    ]


def helpers(session: Session) -> Sequence[PaperRow]:
    """Who sits with somebody to help; nothing when nobody does."""
    beside = [
        f"{seat.helper.name}（{RELATIONS[seat.helper.relation]}，陪在{seat.name}身边协助，经{seat.name}同意）"
        for seat in session.seats.values()
        if seat.helper is not None
    ]
    return [PaperRow("协助人", "、".join(beside))] if beside else []


ROLES = {Side.CONSUMER: "投诉人", Side.BUSINESS: "被投诉人"}
CAPACITIES = {
    Capacity.SELF: "本人",
    Capacity.LEGAL_REPRESENTATIVE: "法定代表人",
    Capacity.HEAD: "负责人",
    Capacity.GUARDIAN: "监护人",
    Capacity.AGENT: "委托代理人",
}
_IN_ENGLISH = {Side.CONSUMER: "Complainant", Side.BUSINESS: "Respondent"}


@dataclass(frozen=True, slots=True)
class Making:
    """What a paper needs besides the mediation. `open`: opens what the file keeps sealed."""

    open: Open
    library: Library | None = None  # with the official texts that offices imported


def particulars(session: Session, complaint: Complaint, office: Office, making: Making) -> list[DocumentLine]:
    record = complaint.record
    heads = [
        seat.name
        for seat in speakers(session, Side.BUSINESS)
        if (held := session.draft.authorities.get(seat.id)) is not None
        and held.capacity in (Capacity.LEGAL_REPRESENTATIVE, Capacity.HEAD)
    ]
    proxy = record.proxy.name if record.proxy else ""
    mediator = session.seats[session.mediator_seat].name
    lines = [
        _line("投诉登记编号", record.number),
        *person(ROLES[Side.CONSUMER], record.consumer, making.open),
        *(line for joint in record.joint for line in person("共同投诉人", joint, making.open)),
        _line("代理人", _agents(session, Side.CONSUMER, proxy)),
        *business(ROLES[Side.BUSINESS], record.business, "、".join(heads), making.open),
        _line("代理人", _agents(session, Side.BUSINESS, "")),
        _line("承办机构", office.name),
        _line("调解员", mediator),
        *(_line(row.label, row.value) for row in helpers(session)),
        _line("调解方式", mode_name(session.mode, "zh")),
    ]
    return [*lines, _line("调解地点", session.place)] if session.place else lines


def _line(label: str, value: str) -> DocumentLine:
    return DocumentLine(label, value, value)


def rows(lines: Sequence[DocumentLine]) -> tuple[PaperRow, ...]:
    return tuple(PaperRow(line.label, line.value) for line in lines)


def masked(lines: Sequence[DocumentLine]) -> tuple[PaperRow, ...]:
    if all(line.value == line.masked for line in lines):
        return ()
    return tuple(PaperRow(line.label, line.masked) for line in lines)


def contact(office: Office) -> str:
    return "　".join(part for part in (office.address, office.phone) if part)


def circumstances(session: Session, office: Office, ended: datetime | None) -> list[DocumentLine]:
    zone = ZoneInfo(office.zone)
    others = [
        f"{seat.name}（{_OTHERS[seat.role]}）"
        for seat in session.seats.values()
        if seat.role in _OTHERS and seat.been_inside
    ]
    held = session.held
    lines = [_line("开始时间", _moment(held.began if held else session.opened, zone))]
    if ended is not None or held is not None:
        lines.append(_line("结束时间", _moment(held.ended if held else ended, zone)))
    return [
        *lines,
        *(_elsewhere(held) if held else ()),
        _line("主持人、记录人", session.seats[session.mediator_seat].name),
        _line("其他在场人", (held.others if held else "、".join(others)) or "无"),
    ]


def _elsewhere(held: HeldElsewhere) -> list[DocumentLine]:
    """Where there was no room: who took part for each side."""
    lines = [
        _line("投诉人一方参加人", held.consumer_by or "未参加"),
        _line("被投诉人一方参加人", held.business_by or "未参加"),
    ]
    return [*lines, _line("调解书", "双方均表示不需要制作调解书")] if held.agreement == WAIVED else lines


_OTHERS = {
    Role.LAWYER: "律师",
    Role.INTERPRETER: "翻译",
    Role.COMPANION: "陪同",
    Role.OBSERVER: "旁听",
    Role.SUPERVISOR: "监督人员",
}


def _agents(session: Session, side: Side, first: str) -> str:
    found = [first] if first else []
    for seat in speakers(session, side):
        held = session.draft.authorities.get(seat.id)
        if held is not None and held.capacity in (Capacity.AGENT, Capacity.GUARDIAN) and seat.name not in found:
            found.append(f"{seat.name}（{CAPACITIES[held.capacity]}{'，' + held.basis if held.basis else ''}）")
    return "、".join(found) or "无"


def english_rows(session: Session, complaint: Complaint) -> tuple[PaperRow, ...]:
    record = complaint.record
    return (
        PaperRow("File", record.number),
        *(
            PaperRow(_IN_ENGLISH[side], (record.consumer if side is Side.CONSUMER else record.business).title)
            for side in SIDES
        ),
        PaperRow("Mediator", session.seats[session.mediator_seat].name),
    )


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{chinese_day(local.date())}{local:%H:%M}"
