"""Complaints with all kinds of lives, for counting: what officers may do, in any order, on any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from complaints.commands import (
    Accept,
    CloseFile,
    Command,
    FollowClosed,
    NotePromisesKept,
    Refuse,
    ScheduleMediation,
    TakeBack,
)
from complaints.complaint import evolve, last_note
from complaints.decisions import decide
from complaints.events import ComplaintRegistered, to_draft
from complaints.notices.messages import NoteTold
from complaints.notices.rules import duty
from complaints.procedure import BeginTesting, Dispatch, EndMediation, EndTesting, NoteLead
from complaints.record import ObjectRecord, PartyRecord
from complaints.record.changes import MergeInto, TakeUpdate, UndoImport, UndoMerge
from complaints.state import Complaint
from journal import SYSTEM, Draft, Event, sealed
from journal.refusals import DomainError

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 150  # over which a life is spread

RECORD = ComplaintRegistered(
    number="东高一投〔2026〕0917号",
    office="o1",
    channel="12315",
    received=BEGIN,
    title="健身卡退款",
    request="退款",
    facts="门店停业。",
    amount=Decimal("100.10"),
    consumer=PartyRecord("甲某", "sealed", "138 **** 5076"),
    business=PartyRecord("乙某", organisation="某健身公司"),
    industry="",
    problem="",
    order="121",
)

offices = st.sampled_from(["o1", "o2"])
moments = st.integers(0, DAYS * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))

_steps = st.sampled_from(
    [
        "accept",
        "refuse",
        "schedule",
        "settle",
        "promise",
        "end",
        "kept",
        "told",
        "close",
        "back",
        "dispatch",
        "test",
        "tested",
        "lead",
        "stop",
        "undo",
        "merge",
        "part",
        "update",
    ]
)


@st.composite
def lives(draw: st.DrawFn) -> list[Draft]:
    """The entries of one complaint's stream, in the order of time."""
    times = sorted(draw(st.lists(moments, min_size=1, max_size=9)))
    order = draw(st.sampled_from(["121", "20"]))
    record = replace(
        RECORD,
        office=draw(offices),
        channel=draw(st.sampled_from(["12315", "hotline", "window"])),
        problem_class=draw(st.sampled_from(["", "quality", "contract"])),
        industry_code=draw(st.sampled_from(["", "F", "F52", "O8080"])),
        division=draw(st.sampled_from(["", "420115", "420106"])),
        consumer=replace(
            RECORD.consumer, age_band=draw(st.sampled_from(["", "60_over"])), city=draw(st.sampled_from(["", "北京"]))
        ),
        business=replace(
            RECORD.business,
            organisation=draw(st.sampled_from(["某健身公司", "某饭店"])),
            address=draw(st.sampled_from(["", "云桥路3号", "东桥街道"])),
            city="武汉",
        ),
        object=ObjectRecord(platform=draw(st.sampled_from(["", "橙果商城"]))),
        amount=draw(st.sampled_from([None, Decimal("0.00"), Decimal("12.34"), Decimal("99999.99")])),
        received=times[0] - timedelta(hours=draw(st.integers(0, 100))),
        order=order,
    )
    complaint, drafts = evolve(None, record, times[0]), [to_draft(record, times[0], SYSTEM)]
    for at in times[1:]:
        complaint = _then(complaint, draw(_steps), at, drafts)
    return drafts


def _then(complaint: Complaint, step: str, at: datetime, drafts: list[Draft]) -> Complaint:
    command = _command(complaint, step, at)
    try:
        events = decide(command, complaint, at) if command else ()
    except DomainError:
        return complaint
    for event in events:
        complaint = evolve(complaint, event, at)
        drafts.append(to_draft(event, at, SYSTEM))
    return complaint


def _command(complaint: Complaint, step: str, at: datetime) -> Command | None:
    session = next(iter(sorted(complaint.open_sessions)), "")
    match step:
        case "accept":
            return Accept()
        case "refuse":
            return Refuse(1)
        case "schedule":
            return ScheduleMediation(f"s{len(complaint.sessions)}", at, "zhou")
        case "settle" if session:
            return FollowClosed(session, "settled", Decimal("50.05"))
        case "promise" if session:
            return FollowClosed(session, "settled", Decimal("70.00"), due=at + timedelta(days=9))
        case "end" if session:
            return FollowClosed(session, "ended", Decimal("0.00"), 1)
        case "kept":
            return NotePromisesKept()
        case "told":
            return NoteTold(duty(complaint), ("consumer", "business"), "phone", at, "本人", "周敏")
        case "close":
            return CloseFile()
        case "dispatch":
            return Dispatch("o2" if complaint.record.office == "o1" else "o1")
        case "test":
            return BeginTesting("检验所")
        case "tested":
            return EndTesting()
        case "lead":
            return NoteLead("l1")
        case "stop":
            return EndMediation(5)
        case "undo":
            return UndoImport("b1", "导错了")
        case "update":
            return TakeUpdate("b1", {"amount": "45.00", "division": "420106", "problem_class": "quality"})
        case "merge":
            return MergeInto("other", "东高一投〔2026〕0001号", "同一件事")
        case "part":
            return UndoMerge("other", "不是同一件事")
        case "back" if last_note(complaint, at):
            return TakeBack(last_note(complaint, at), "错了")
        case _:
            return None


def streams(drafts: list[list[Draft]]) -> dict[str, list[Event]]:
    """As the journal would hold them, one stream a complaint."""
    return {f"c{n}": sealed(f"complaint/c{n}", 0, "", life) for n, life in enumerate(drafts)}
