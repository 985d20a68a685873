"""One mapping for each platform: what it is told, in its words, and what it says, in ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from complaints import exchange as x
from complaints.channels import BadMapping
from complaints.channels.mapping import builtin as channel_mapping, header_of
from complaints.channels.platforms import (
    BUILTIN,
    MOVING,
    Platform,
    Telling,
    agree,
    builtin,
    of_text,
    progress_row,
    reads_by,
    receipts,
    reconcile,
    stage_of,
    stages_said,
)
from complaints.commands import Accept, Command, Refuse, Register, TakeBack
from complaints.complaint import evolve, fold
from complaints.decisions import decide
from complaints.events import to_draft
from complaints.exchange import BeginPriorSettlement, EndPriorSettlement
from complaints.procedure import EndMediation, NoteLead
from complaints.procedure.rules import WithdrawComplaint
from complaints.record import SourceNumber
from complaints.state import Complaint
from journal import SYSTEM, Event, sealed
from tests.complaints.test_complaint import AT, RECORD, ZONE, closed, scheduled

SENT = replace(RECORD, sources=(SourceNumber("12315", "1420000202606"),), mode="internet", problem_class="contract")


def told(*commands: Command) -> tuple[list[Event], Complaint]:
    """The journal after these commands."""
    complaint: Complaint | None = None
    events: list[Event] = []
    for command in commands:
        for fact in decide(command, complaint, AT):
            complaint = evolve(complaint, fact, AT)
            last = events[-1] if events else None
            events += sealed(
                "complaint/c1", last.version if last else 0, last.hash if last else "", [to_draft(fact, AT, SYSTEM)]
            )
    assert complaint is not None
    return events, complaint


def stages(*commands: Command) -> list[str]:
    events, _ = told(*commands)
    found = []
    for number, event in enumerate(events, 1):
        after = fold(events[:number])
        assert after is not None
        if stage := stage_of(event, after):
            assert event.type in MOVING
            found.append(stage)
    return found


def row(platform: Platform, stage: str, *commands: Command) -> dict[str, str]:
    events, state = told(*commands)
    last = events[-1]
    return progress_row(
        platform, Telling("1420000202606", 3, stage, AT, "东湖分局高新一所", "投诉科", ZONE), state, last
    )


def test_each_stage_of_the_procedure_is_told_once() -> None:
    assert stages(Register(SENT), scheduled(), closed("settled")) == ["received", "accepted", "mediating", "settled"]
    assert stages(Register(SENT), Refuse(1), TakeBack("refused", "错误")) == ["received", "refused", "taken_back"]
    assert stages(Register(SENT), Accept(), WithdrawComplaint()) == ["received", "accepted", "withdrawn"]
    assert stages(Register(SENT), Accept(), EndMediation(2)) == ["received", "accepted", "ended"]
    assert stages(Register(SENT), Accept(), NoteLead("l1")) == ["received", "accepted", "referred"]


def test_another_session_of_the_same_mediation_is_no_news() -> None:
    told = stages(Register(SENT), scheduled("s1"), closed("adjourned", adjourned_to=AT), scheduled("s2"))
    assert told == ["received", "accepted", "mediating"]


def test_a_settlement_tried_first_is_told_with_what_came_of_it() -> None:
    begin = BeginPriorSettlement(date(2026, 6, 26))
    assert stages(Register(SENT), begin, EndPriorSettlement(True, "退款")) == ["received", "settling", "settled_first"]
    assert stages(Register(SENT), begin, EndPriorSettlement(False))[-1] == "not_settled_first"


def test_what_goes_back_has_the_columns_of_a_bureaus_export() -> None:
    exported = ["登记编号", "类型", "接收方式", "企业名称", "企业地址", "诉求内容", "问题类别", "事发地", "具体问题",
                "初查受理状态", "处理机构", "处理部门", "反馈内容"]  # fmt: skip
    for platform in (builtin("12315"), builtin("12345")):
        columns = list(platform.rows["progress"])
        assert [one for one in exported[1:] if one not in columns] == []
    said = row(builtin("12315"), "refused", Register(SENT), Refuse(1))
    assert said["登记编号"] == "1420000202606"
    assert (said["接收方式"], said["问题类别"], said["初查受理状态"]) == ("网络", "合同", "不予受理")
    assert said["反馈内容"].startswith("2026年6月12日决定不予受理，理由：")
    assert said["办理时间"] == "2026-06-12 09:14:00"


def test_a_settlement_says_what_was_recovered_and_names_nobody() -> None:
    said = row(
        builtin("12315"), "settled", Register(SENT), scheduled(), closed("settled", loss_recovered=Decimal("300.00"))
    )
    assert "挽回损失300.00元" in said["反馈内容"]
    assert said["挽回经济损失"] == "300.00"
    assert not any("丁小禾" in value or "138" in value for value in said.values())


def test_our_own_schema_says_codes_and_times_with_a_zone() -> None:
    said = row(builtin("yuntiao"), "accepted", Register(SENT), Accept())
    assert said["stage"] == "accepted"
    assert said["at"] == "2026-06-12T09:14:00+08:00"


@pytest.mark.parametrize("name", BUILTIN)
def test_every_stage_has_a_word_and_a_sentence_and_is_understood_when_it_comes_back(name: str) -> None:
    platform = builtin(name)
    number, stage = platform.columns("count", "number")[0], platform.columns("count", "stage")[0]
    for one in x.STAGES:
        assert platform.feedback[one]
        word = one if platform.codes else platform.words["stage"][one]
        said = stages_said(platform, [{number: "1", stage: word}])
        assert agree(said["1"], one) or platform.words["stage"][one].startswith("办理中"), (one, said)


def test_a_receipt_says_whether_it_was_taken_in_the_platforms_own_words() -> None:
    rows: list[dict[str, object]] = [
        {"工单号": "GD1", "序号": 2, "接收状态": "成功", "流水号": "H9"},
        {"工单编号": "GD2", "序号": "1", "接收结果": "退回", "退回原因": "缺少反馈内容"},
        {"工单编号": "GD3", "序号": "1", "接收结果": "待定"},
        {"工单编号": "GD4", "序号": "一", "接收结果": "成功"},
        {"说明": "合计"},
    ]
    first, second, third = receipts(builtin("12345"), rows)
    assert (first.number, first.sequence, first.receipt, first.accepted) == ("GD1", 2, "H9", True)
    assert (second.accepted, second.why) == (False, "缺少反馈内容")
    assert third.accepted is None


def test_two_sides_agree_where_they_say_the_same_in_other_words() -> None:
    assert agree("settled", "closed")
    assert agree("closed", "settled")
    assert agree("accepted", "mediating")
    assert not agree("accepted", "closed")
    assert not agree("refused", "settled")


def test_a_reconciliation_counts_both_sides_and_names_what_differs() -> None:
    ours = {"1": ("settled", "a"), "2": ("accepted", "b"), "3": ("received", "c")}
    report = reconcile(ours, {"1": "closed", "2": "closed", "4": "received"})
    assert report.ours == {"settled": 1, "accepted": 1, "received": 1}
    assert report.theirs == {"closed": 2, "received": 1}
    differing = [(one.number, one.ours, one.theirs) for one in report.differences]
    assert differing == [("2", "accepted", "closed"), ("3", "received", ""), ("4", "", "received")]


OWN = """
platform = "12345"
version = "省2"
zh = "省热线"
en = "Hotline"
channel = "hotline"
[rows.progress]
"WORK_NO" = "number"
"SEQ" = "sequence"
"LINK" = "stage"
[rows.receipt]
"WORK_NO" = "number"
"SEQ" = "sequence"
[rows.count]
"WORK_NO" = "number"
"LINK" = "stage"
"""


def test_an_installation_can_say_what_its_province_calls_things() -> None:
    own = of_text(OWN)
    assert row(own, "accepted", Register(SENT), Accept()) == {"WORK_NO": "1420000202606", "SEQ": "3", "LINK": "已受理"}


@pytest.mark.parametrize(
    "text",
    [
        "platform = ",
        'platform="x"\nversion="1"\nzh="x"\nen="x"',
        '[rows.progress]\n"a"="number"',
        '[secrets]\na="b"',
        '[rows.progress]\n"a"="number"\n"b"="sequence"\n"c"="consumer_phone"\n"d"="stage"',
    ],
)
def test_a_mapping_with_a_mistake_says_which_part(text: str) -> None:
    with pytest.raises(BadMapping):
        of_text(text)


def test_nobodys_number_can_be_mapped_into_what_goes_back() -> None:
    from complaints.channels.platforms import PROGRESS

    assert not any("phone" in one or "consumer" in one or "id_" in one for one in PROGRESS)


def test_our_own_schema_is_read_by_the_names_of_our_fields() -> None:
    names = ["number", "received", "facts", "business_name", "consumer_phone", "finish_due", "settle_due"]
    header = header_of(reads_by(builtin("yuntiao"), channel_mapping("hotline")), names)
    wanted = {"number", "received", "facts", "business_name", "consumer_phone", "channel_due", "settle_due"}
    assert wanted <= header.columns.keys()


def test_what_was_erased_is_not_told_again() -> None:
    _, state = told(Register(SENT), Accept())
    said = progress_row(
        builtin("12315"), Telling("1", 1, "refused", datetime(2026, 6, 12, tzinfo=UTC), "所", "", ZONE), state, None
    )
    assert said["反馈内容"] == "2026年6月12日决定不予受理。"
