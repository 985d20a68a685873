"""From rows to filings: headers, mappings, encodings, documents, and everything that keeps a row out."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from complaints import PROBLEMS, REQUESTS, STATUSES
from complaints.channels import BadMapping, ChannelError, UnreadableFile, documents, mapping as header
from complaints.channels.mapping import (
    FIELDS,
    IMPORTED,
    ChannelMapping,
    builtin,
    from_plain,
    from_text,
    words_12315,
)
from complaints.channels.reading import NO_FACTS, UNNAMED, ChannelRow, ReadingContext, RowReader
from complaints.record import UnknownValue
from tests.complaints.channels.test_cells import CELLS

PLACE = ReadingContext("office-1", "东高一投", "Asia/Shanghai", datetime(2026, 6, 24, 1, tzinfo=UTC))
BUREAU = (
    "登记编号,类型,接收方式,企业名称,企业地址,诉求内容,问题类别,事发地,具体问题,初查受理状态,处理机构,处理部门,反馈内容"
)
FULL = "工单编号,来电时间,来电人,联系电话,性别,企业名称,诉求内容,金额(元),问题类别"
ONE = "HL-1,2026-06-08 14:30,丁小禾,13800001234,女士,甲健身馆,商家停业。余款未退,2360,合同"


def read(table: str | bytes, mapping: ChannelMapping | None = None) -> list[ChannelRow]:
    mapping = mapping or builtin("hotline")
    rows = list(documents.rows([table if isinstance(table, bytes) else table.encode()]))
    found = header.find_header(mapping, [row for _, row in rows])
    return list(RowReader(mapping, found, PLACE).rows(iter(rows[found.last :])))


def problems(row: ChannelRow) -> list[tuple[str, str]]:
    return [(problem.code, problem.column) for problem in row.problems]


def test_a_row_becomes_a_filing() -> None:
    (row,) = read(f"{FULL}\n{ONE}\n")
    filing = row.filing
    assert filing is not None
    assert (row.row, row.number, filing.channel, filing.office) == (2, "HL-1", "hotline", "office-1")
    assert filing.received == datetime(2026, 6, 8, 6, 30, tzinfo=UTC)
    assert (filing.consumer.name, filing.consumer.phone, filing.consumer.sex) == ("丁小禾", "13800001234", "female")
    assert (filing.business.organisation, filing.amount) == ("甲健身馆", Decimal("2360.00"))
    assert (filing.title, filing.problem_class, filing.mode) == ("商家停业", "contract", "phone")
    assert filing.sources[0].number == "HL-1"


@pytest.mark.parametrize("channel", IMPORTED)
@pytest.mark.parametrize("ours", ["接收时间", "收到日期", "签收时间"])
def test_the_day_of_receipt_is_the_receiving_units_in_every_channel(channel: str, ours: str) -> None:
    """Order 121 Art 15 counts from there, not from when the hotline rang or another unit registered it."""
    theirs = ["来电时间", "登记时间", "受理时间", "提交时间", "登记日期"]
    head = ["编号", *theirs, ours, "企业名称", "诉求内容"]
    cells = ["N-1", *["2026-06-01 09:00"] * len(theirs), "2026-06-05 10:00", "甲健身馆", "余款未退"]
    (row,) = read(f"{','.join(head)}\n{','.join(cells)}\n", builtin(channel))
    assert row.filing is not None
    assert row.filing.received == datetime(2026, 6, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize("channel", IMPORTED)
def test_without_the_receiving_units_day_the_registration_counts(channel: str) -> None:
    (row,) = read("编号,登记时间,企业名称,诉求内容\nN-1,2026-06-05 10:00,甲健身馆,余款未退\n", builtin(channel))
    assert row.filing is not None
    assert row.filing.received == datetime(2026, 6, 5, 2, tzinfo=UTC)


def test_the_bureaus_export_is_read_though_it_names_no_consumer_and_loses_no_column() -> None:
    (row,) = read(
        f"{BUREAU}\nDJ-7,投诉,电话,甲公司,光谷大道1号,不退预付款,合同,光谷,预付卡,已受理,一所,消保股,正在联系\n"
    )
    assert row.filing is not None
    assert row.filing.consumer.name == UNNAMED
    assert (row.filing.mode, row.filing.problem, row.filing.problem_class) == ("phone", "预付卡", "contract")
    assert (
        row.filing.facts == "不退预付款\n\n初查受理状态：已受理\n处理机构：一所\n处理部门：消保股\n反馈内容：正在联系"
    )


def test_a_report_is_read_as_one_and_both_at_once_are_a_complaint_that_says_so() -> None:
    rows = read(f"{BUREAU}\nA,举报,电话,甲,乙,丙,合同,丁,戊,,,,\nB,投诉举报,电话,甲,乙,丙,合同,丁,戊,,,,\n")
    apart = rows[0].apart
    assert apart is not None
    assert (apart.kind, apart.about, apart.content, apart.place, apart.person) == ("report", "甲", "丙", "丁", "")
    assert (rows[0].filing, rows[0].problems) == (None, ())
    assert rows[1].filing is not None
    assert rows[1].filing.also_reports


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("咨询", "consultation"),
        ("咨询件", "consultation"),
        ("政府信息公开申请", "disclosure"),
        ("复议", "review"),
        ("信访件", "petition"),
        ("检举控告", "discipline"),
        ("其他部门职责事项", "elsewhere"),
    ],
)
def test_what_is_neither_complaint_nor_report_is_read_and_needs_no_business(said: str, kind: str) -> None:
    (row,) = read(f"{BUREAU}\nA,{said},电话,,,食品经营许可证怎么办,,,,,,,\n")
    assert row.problems == ()
    assert row.apart is not None
    assert (row.apart.kind, row.apart.content) == (kind, "食品经营许可证怎么办")


def test_the_petition_channel_s_own_word_for_everything_it_sends_says_nothing_of_what_it_is() -> None:
    (row,) = read(f"{BUREAU}\nA,信访件,网络,甲,乙,不退预付款,合同,,,,,,\n", builtin("petition"))
    assert row.filing is not None
    assert row.filing.unknown == (UnknownValue("kind", "信访件"),)


def test_a_report_whose_informant_gave_no_name_is_read_and_one_without_a_business_waits_to_be_mended() -> None:
    head = "登记编号,类型,举报人,举报人电话,被举报人,举报内容,违法行为发生地"
    rows = read(f"{head}\nA,举报,匿名,,甲超市,标注的原价从未成交,珞喻路1号\nB,举报,丁小禾,13800001234,,标价不实,\n")
    assert rows[0].apart is not None
    assert (rows[0].apart.person, rows[0].apart.phone, rows[0].apart.place) == ("", "", "珞喻路1号")
    assert problems(rows[1]) == [("missing", "被举报人")]


@pytest.mark.parametrize("above", [0, 1, 2, 9])
def test_the_header_may_stand_in_any_of_the_first_ten_rows(above: int) -> None:
    lines = "某市12345热线工单导出,,,,,,,,\n" * above
    (row,) = read(f"{lines}{FULL}\n{ONE}\n合计,,,,,,,2360,\n,,,,,,,,\n")
    assert row.row == above + 2


def test_a_header_further_down_or_none_at_all_is_said() -> None:
    with pytest.raises(UnreadableFile) as no:
        read("说明\n" * 10 + f"{FULL}\n{ONE}\n")
    assert no.value.code == "no_header"
    with pytest.raises(UnreadableFile) as no:
        read("工单编号,联系电话,金额\n1,2,3\n")
    assert no.value.code == "columns_missing"
    assert "诉求内容" in no.value.params["columns"]


def test_a_head_above_the_head_names_its_columns() -> None:
    table = "工单编号,消费者,,企业名称,诉求内容\n,姓名,电话,,\nX,丁小禾,13800001234,甲,乙\n"
    (row,) = read(table)
    assert row.filing is not None
    assert (row.filing.consumer.name, row.filing.consumer.phone) == ("丁小禾", "13800001234")


def test_every_reason_of_a_row_is_told_at_once() -> None:
    (row,) = read(f"{FULL}\nHL-2,2026-06-08、2026-06-09,,1.38E+10,妖,,内容,三百,合同\n")
    assert row.filing is None
    assert problems(row) == [
        ("two_dates", "来电时间"), ("bad_amount", "金额(元)"), ("digits_lost", "联系电话"),
    ]  # fmt: skip


def test_what_nobody_knows_keeps_no_row_out_and_is_kept_as_it_was_said() -> None:
    head = f"{FULL},诉求,紧急情形,是否保密,办理状态,办结时间"
    said = "HL-3,2026-06-08,丁小禾,13800001234,妖,甲健身馆,余款未退,2360,天气问题,退费、唱歌,下雨,部分,飞走了,待定"
    (row,) = read(f"{head}\n{said}\n")
    filing = row.filing
    assert filing is not None
    assert (filing.problem_class, filing.problem, filing.requests) == ("other", "天气问题", ("refund", "other"))
    assert (filing.consumer.sex, filing.urgency, filing.secret, filing.earlier) == ("", (), True, None)
    assert {(one.field, one.said) for one in filing.unknown} == {
        ("consumer_sex", "妖"), ("problem_class", "天气问题"), ("requests", "唱歌"), ("urgency", "下雨"),
        ("secret", "部分"), ("status", "飞走了"), ("finished", "待定"),
    }  # fmt: skip
    assert {(one.code, one.column) for one in row.notes} == {("unknown_value", one.field) for one in filing.unknown}


def test_a_word_too_long_for_its_field_stands_below_the_facts_in_full() -> None:
    long = "很长" * 150
    (row,) = read(f"工单编号,企业名称,诉求内容,问题类别\nA,甲,乙,{long}\n")
    assert row.filing is not None
    assert row.filing.facts == f"乙\n\n问题类别：{long}"
    assert row.filing.unknown == (UnknownValue("problem_class", long[:200]),)


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("预付式消费", "contract"), ("履行合同", "contract"), ("退赔费用", "contract"), ("市场调节价", "price"),
        ("冒充合格产品", "counterfeit"), ("以假充真、以次充好", "counterfeit"), ("食品安全", "safety"),
    ],
)  # fmt: skip
def test_the_words_of_12315_belong_to_our_classes_and_stay_as_they_are(said: str, ours: str) -> None:
    (row,) = read(f"登记编号,企业名称,诉求内容,问题类别\nA,甲,乙,{said}\n", builtin("12315"))
    assert row.filing is not None
    assert (row.filing.problem_class, row.filing.problem, row.notes) == (ours, said, ())


def test_every_word_of_12315_has_one_class_that_exists_and_the_list_says_which_it_is() -> None:
    words = words_12315()
    assert words["version"]
    for part, ours in (("problems", PROBLEMS), ("requests", REQUESTS), ("statuses", STATUSES)):
        assert set(words[part]) <= set(ours)
        said = [word for among in words[part].values() for word in among]
        assert len(said) == len(set(said))


def test_classes_of_goods_and_services_say_which_they_are() -> None:
    rows = read("工单编号,企业名称,诉求内容,商品类别\nA,甲,乙,美容、美发、洗浴服务\nB,甲,乙,家用电器\nC,甲,乙,云\n")
    kinds = [(row.filing.object.kind, row.filing.object.category) for row in rows if row.filing]
    assert kinds == [("service", "美容、美发、洗浴服务"), ("goods", "家用电器"), ("goods", "云")]


def test_the_message_boards_five_columns_are_enough() -> None:
    table = (
        "留言编号,留言用户,留言主题,留言时间,留言详情\n"
        "LY-1,江城小民,甲健身馆跑路,2026-06-08 09:30,我在光谷云端健身会所办了年卡，闭店两个月不退钱。\n"
        "LY-2,,求助,2026-06-08 10:00,\n"
    )
    first, second = read(table, builtin("board"))
    assert first.filing is not None
    assert second.filing is not None
    assert (first.filing.business.organisation, first.filing.consumer.name) == ("", "江城小民")
    assert first.filing.title == "甲健身馆跑路"
    assert [one.code for one in first.notes] == ["unnamed"]
    assert (second.filing.consumer.name, second.filing.facts) == (UNNAMED, NO_FACTS)
    assert [one.code for one in second.notes] == ["unnamed", "no_facts"]


def test_an_english_file_is_read_in_any_channel() -> None:
    table = (
        "Reference,Received,Consumer name,Phone,Merchant,Details,Category,Place of event,Status,Date closed,Outcome\n"
        "EN-1,14 March 2026,Jane Doe,13800001234,Cloud Gym,No refund,Price,Optics Valley 1,Closed,2026-04-02,Settled\n"
    )
    for channel in IMPORTED:
        (row,) = read(table, builtin(channel))
        filing = row.filing
        assert filing is not None
        assert (filing.consumer.name, filing.business.organisation, filing.facts) == (
            "Jane Doe",
            "Cloud Gym",
            "No refund",
        )
        assert (filing.problem_class, filing.place, filing.business.address) == ("price", "Optics Valley 1", "")
        assert filing.earlier is not None
        assert (filing.earlier.state, filing.earlier.result) == ("settled", "Settled")


def test_the_place_of_the_event_is_not_the_address_of_the_business() -> None:
    (row,) = read("工单编号,企业名称,企业地址,事发地,诉求内容\nA,甲,光谷大道1号,珞喻路2号,乙\n")
    assert row.filing is not None
    assert (row.filing.business.address, row.filing.place) == ("光谷大道1号", "珞喻路2号")


@pytest.mark.parametrize(
    ("status", "result", "state"),
    [
        ("待处理", "", "received"), ("", "", "received"), ("已受理", "", "accepted"), ("不予受理", "", "refused"),
        ("已办结", "", "closed"), ("已办结", "调解成功", "settled"), ("已办结", "撤诉", "withdrawn"),
        ("已办结", "双方未能达成一致，建议诉讼", "closed"), ("调解终止", "双方分歧较大", "ended"),
    ],
)  # fmt: skip
def test_what_another_system_did_is_read_as_history(status: str, result: str, state: str | None) -> None:
    head = "工单编号,企业名称,诉求内容,受理日期,办理状态,处理结果,办结时间,挽回经济损失,办理时限,是否公示"
    cells = f"A,甲,乙,2026-03-03,{status},{result},{'2026-03-20' if result else ''},300,2026-04-01,是"
    (row,) = read(f"{head}\n{cells}\n")
    filing = row.filing
    assert filing is not None
    assert (filing.channel_due, filing.publicity) == ("2026-04-01", "是")
    earlier = filing.earlier
    assert (earlier.state if earlier else None) == state
    if earlier is not None:
        assert (earlier.result, earlier.recovered) == (result, Decimal("300.00"))
        assert earlier.accepted == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_a_column_of_acceptance_alone_is_no_history_and_never_the_day_of_receipt_s_own() -> None:
    (row,) = read("登记编号,受理时间,企业名称,诉求内容\nA,2026-06-01,甲,乙\n", builtin("12315"))
    assert row.filing is not None
    assert row.filing.received == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert row.filing.earlier is None


def test_a_day_that_has_not_come_yet_is_refused() -> None:
    (row,) = read(f"{FULL}\n{ONE.replace('2026-06-08', '2026-08-06')}\n")
    assert problems(row) == [("future_date", "来电时间")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_a_spreadsheet_writes_is_understood(encoding: str) -> None:
    table = f"{FULL}\n{ONE}\n"
    if encoding == "utf-16":
        table = table.replace(",", "\t")
    (row,) = read(table.encode(encoding))
    assert row.filing is not None
    assert row.filing.consumer.name == "丁小禾"


def test_a_file_of_two_encodings_is_read_line_by_line_and_a_broken_line_costs_only_itself() -> None:
    lines = [
        FULL.encode(),
        ONE.encode("gb18030"),
        ONE.replace("HL-1", "HL-2").encode(),
        ONE.encode()[:20] + b"\xff\xff,\n",
    ]
    rows = read(b"\r\n".join(lines))
    assert [row.filing is not None for row in rows] == [True, True, False]
    assert ("unreadable_text", "来电时间") in problems(rows[2]) or ("unreadable_text", "工单编号") in problems(rows[2])


def test_a_quotation_mark_that_is_never_closed_is_found() -> None:
    with pytest.raises(UnreadableFile) as no:
        read(f'{FULL}\n{ONE}\n"HL-3,{"很长" * 120_000}')
    assert (no.value.code, no.value.params["row"]) == ("open_quote", 3)


@pytest.mark.parametrize("channel", IMPORTED)
def test_every_channel_has_a_mapping_that_reads_back_as_it_is(channel: str) -> None:
    mapping = builtin(channel)
    assert mapping.channel == channel
    assert set(mapping.columns) <= set(FIELDS)
    assert from_text(json.dumps(mapping.plain(), ensure_ascii=False)) == mapping


@pytest.mark.parametrize(
    ("change", "what"),
    [({"channel": "window"}, "channel"), ({"columns": {}}, "needed"), ({"columns": {"phone": ["x"]}}, "field"),
     ({"values": {"mode": {"飞鸽": "pigeon"}}}, "values"), ({"values": {"facts": {}}}, "values"), ({"more": 1}, "part"),
     ({"defaults": {"mode": "pigeon"}}, "values"), ({"keep": [1]}, "name"), ({"columns": []}, "columns")],
)  # fmt: skip
def test_a_mapping_with_a_mistake_names_it(change: dict[str, object], what: str) -> None:
    with pytest.raises(BadMapping) as no:
        from_plain(builtin("hotline").plain() | change)
    assert no.value.params["what"] == what


def test_an_office_may_call_its_columns_and_values_as_it_likes() -> None:
    plain = builtin("hotline").plain()
    plain["columns"] |= {"business_name": ["店家"], "facts": ["事情"], "mode": ["途径"]}
    plain["values"]["mode"] = {"飞鸽": "letter"}
    (row,) = read("店家,事情,途径\n甲,乙,飞鸽\n", from_plain(plain))
    assert row.filing is not None
    assert row.filing.mode == "letter"


def test_a_message_of_the_board_is_read_by_its_labels() -> None:
    raw = (
        b"From: =?utf-8?b?5LiB5bCP56a+?= <ding@example.org>\nSubject: =?utf-8?b?5YGl6Lqr5Y2h6YCA6LS5?=\n"
        b"Date: Mon, 08 Jun 2026 14:30:00 +0800\nMessage-ID: <L-77@board.example>\n"
        b"Content-Type: text/plain; charset=utf-8\n\n"
    ) + "联系电话：13800001234\n【企业名称】：甲健身馆\n\n商家停业，余款未退。\n请帮忙。".encode()
    mapping = builtin("board")
    named = documents.of_message(raw, mapping)
    reader = RowReader(mapping, header.header_of(mapping, list(named)), PLACE)
    (row,) = reader.read([(1, list(named.values()))])
    assert row.filing is not None
    assert (row.number, row.filing.title, row.filing.consumer.name) == ("L-77@board.example", "健身卡退费", "丁小禾")
    assert (row.filing.consumer.phone, row.filing.business.organisation) == ("13800001234", "甲健身馆")
    assert row.filing.facts == "商家停业，余款未退。\n请帮忙。"
    assert row.filing.received == datetime(2026, 6, 8, 6, 30, tzinfo=UTC)


def test_a_note_in_gb18030_without_headers_is_read_too() -> None:
    mapping = builtin("board")
    named = documents.of_note("企业名称：甲\n联系电话：13800001234\n\n不退款".encode("gb18030"), mapping, "7.txt")
    (row,) = RowReader(mapping, header.header_of(mapping, list(named)), PLACE).read([(1, list(named.values()))])
    assert (row.number, row.filing is not None) == ("7.txt", True)


def test_json_is_a_row_whose_deeper_names_have_dots() -> None:
    assert documents.of_json({"a": 1, "b": {"c": ["x", "y"]}}) == {"a": 1, "b.c": "x、y"}
    bodies: tuple[object, ...] = ([], {"a": [{}]}, {"a": {"b": {"c": {"d": {"e": 1}}}}})
    for bad in bodies:
        with pytest.raises(UnreadableFile):
            documents.of_json(bad)


@given(st.binary(max_size=400))
def test_any_bytes_lead_to_rows_or_to_a_declared_refusal(raw: bytes) -> None:
    for first in (b"", f"{FULL}\n".encode(), f"{FULL}\n".encode("gb18030")):
        with suppress(ChannelError):
            for row in read(first + raw):
                assert (row.filing is None) == bool(row.problems)
    for document in (documents.of_message, documents.of_note):
        with suppress(ChannelError):
            document(raw, builtin("board"))


@given(st.lists(CELLS, max_size=9))
def test_any_cells_lead_to_a_filing_or_to_reasons(row: list[object]) -> None:
    mapping = builtin("hotline")
    found = header.header_of(mapping, FULL.split(","))
    (read,) = RowReader(mapping, found, PLACE).read([(1, row)])  # type: ignore[list-item]
    assert (read.filing is None) == bool(read.problems)
