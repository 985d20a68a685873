"""The whole record: codes that can exist, choices from the vocabulary, and what it keeps of people."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

import complaints
from complaints import BadAmount, BadChoice, BadCode, Missing, TooLong
from complaints.commands import Register
from complaints.decisions import decide
from complaints.events import ComplaintRegistered, from_event, to_draft
from complaints.record import ObjectRecord, PartyRecord, Proxy, SourceNumber
from complaints.record.identifiers import (
    CREDIT_ALPHABET,
    born,
    credit_check,
    credit_code,
    industry_code,
    masked_id,
    resident_check,
    resident_number,
)
from complaints.record.places import division, division_named, find_divisions
from journal import SYSTEM, sealed
from journal.refusals import DomainError

NOW = datetime(2026, 6, 8, 1, tzinfo=UTC)
FULL = ComplaintRegistered(
    number="东高一投〔2026〕0001号",
    office="eastlake-1",
    channel="hotline",
    received=NOW,
    title="健身卡退费",
    request="退还余款",
    facts="商家停业，余款未退。",
    amount=Decimal("2360.00"),
    consumer=PartyRecord("丁小禾", "sealed", "138 **** 5678", sex="female", age_band="18_39"),
    business=PartyRecord("袁一帆", organisation="武汉知遇桥公司"),
    industry="健身休闲",
    problem="预付卡",
    order="121",
    mode="phone",
    sources=(SourceNumber("hotline", "HL-1"), SourceNumber("12315", "N-2")),
    joint=(PartyRecord("陈一"),),
    representatives=("丁小禾", "陈一"),
    proxy=Proxy("丁父", relation="父亲", matters="退费", powers="代为和解", until=date(2026, 12, 31)),
    object=ObjectRecord("service", "健身", paid=Decimal("3000.00"), bought=date(2026, 1, 2), platform="甲平台"),
    requests=("refund", "damages"),
    problem_class="contract",
    industry_code="R8930",
    division="420111",
    jurisdiction="东湖高新区",
    urgency=("elderly",),
    secret=True,
    keywords=("预付卡",),
)


def test_a_full_record_is_read_from_the_journal_as_it_was_written() -> None:
    (event,) = sealed("complaint/1", 0, "", [to_draft(FULL, NOW, SYSTEM)])
    assert from_event(event) == FULL


def test_a_record_from_before_these_fields_takes_their_defaults() -> None:
    data = dict(to_draft(FULL, NOW, SYSTEM).data)
    old = {field.name: data[field.name] for field in fields(ComplaintRegistered)[:13]}
    (event,) = sealed("complaint/1", 0, "", [replace(to_draft(FULL, NOW, SYSTEM), data=old)])
    read = from_event(event)
    assert isinstance(read, ComplaintRegistered)
    assert read.requests == ()
    assert read.proxy is None
    assert read.object == ObjectRecord()


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"channel": "fax"}, BadChoice),
        ({"mode": "dream"}, BadChoice),
        ({"requests": ("refund", "everything")}, BadChoice),
        ({"problem_class": "weather"}, BadChoice),
        ({"urgency": ("now",)}, BadChoice),
        ({"sources": (SourceNumber("fax", "1"),)}, BadChoice),
        ({"consumer": PartyRecord("丁小禾", age_band="old")}, BadChoice),
        ({"representatives": ("甲", "乙", "丙")}, BadChoice),
        ({"joint": tuple(PartyRecord(str(n)) for n in range(201))}, TooLong),
        ({"proxy": Proxy(" ")}, Missing),
        ({"object": ObjectRecord(paid=Decimal("0.001"))}, BadAmount),
    ],
)
def test_what_cannot_be_on_file_is_refused(changed: dict[str, object], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        decide(Register(replace(FULL, **changed)), None, NOW)  # type: ignore[arg-type]
    assert decide(Register(FULL), None, NOW) == [FULL]


def test_every_value_has_its_name_in_both_languages() -> None:
    for table in (complaints.CHANNELS, complaints.MODES, complaints.REQUESTS, complaints.PROBLEMS, complaints.AGES):
        for value in table:
            assert complaints.name(table, value, "zh") != complaints.name(table, value, "en")
    assert set(complaints.CHANNELS) == {channel.value for channel in complaints.Channel}
    assert set(complaints.URGENCIES) == {urgency.value for urgency in complaints.Urgency}
    assert complaints.name(complaints.MODES, "unknown", "zh") == "unknown"


FIRST = st.builds("91{:06d}{}".format, st.integers(0, 999_999), st.text(CREDIT_ALPHABET, min_size=9, max_size=9))


@given(FIRST, st.integers(0, 16), st.sampled_from(CREDIT_ALPHABET))
def test_a_credit_code_with_one_character_changed_cannot_exist(first: str, at: int, other: str) -> None:
    code = first + credit_check(first)
    assert credit_code(f" {code[:4]}-{code[4:].lower()}") == code
    if code[at] != other:
        with pytest.raises(BadCode):
            credit_code(code[:at] + other + code[at + 1 :])


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_an_identity_number_with_one_digit_changed_cannot_exist(day: date, serial: int, at: int, more: int) -> None:
    first = f"420111{day:%Y%m%d}{serial:03d}"
    number = first + resident_check(first)
    assert resident_number(number.lower()) == number
    assert born(number) == day
    wrong = number[:at] + str((int(number[at]) + more) % 10) + number[at + 1 :]
    with pytest.raises(BadCode):
        resident_number(wrong)


def test_a_known_number_of_each_kind_holds() -> None:
    assert resident_number("11010519491231002x") == "11010519491231002X"
    assert credit_check("91350100M000100Y4") == "3"
    assert credit_code("") == resident_number("") == ""
    for wrong in ("9135", "91350100M000100Y44", "110105199902310028"):
        with pytest.raises(BadCode):
            credit_code(wrong) if wrong[0] == "9" else resident_number(wrong)


def test_of_numbers_only_their_ends_are_shown() -> None:
    assert masked_id("11010519491231002X") == "**** 002X"
    assert masked_id("E1234") == "****"
    assert masked_id("") == ""


def test_every_field_of_a_record_has_a_default_or_stood_in_the_first_version() -> None:
    """Old journals are read for ever."""
    first = [f.name for f in fields(ComplaintRegistered)[:13]]
    assert first[0] == "number"
    assert first[-1] == "order"
    assert all(f.default is not MISSING for f in fields(ComplaintRegistered)[13:])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("420111", "420111"),
        ("湖北省武汉市洪山区", "420111"),
        ("湖北洪山", "420111"),
        ("武汉", "420100"),  # the city, though its districts begin with it
        ("湖北", "420000"),
        ("北京 / 朝阳", "110105"),
        ("", ""),
    ],
)
def test_a_division_is_found_by_what_people_call_it(typed: str, code: str) -> None:
    assert division(typed) == code


@pytest.mark.parametrize("typed", ["朝阳区", "没有这个地方", "999999"])
def test_a_place_that_is_none_or_several_is_no_division(typed: str) -> None:
    with pytest.raises(BadChoice):
        division(typed)
    assert len(find_divisions("朝阳区")) == 2
    assert division_named("420111") == "湖北省武汉市洪山区"


@pytest.mark.parametrize(
    ("typed", "code"), [("5211", "F5211"), ("f 52", "F52"), ("R", "R"), ("01", "A01"), ("9700", "T9700"), ("", "")]
)
def test_an_industry_code_gets_its_sections_letter(typed: str, code: str) -> None:
    assert industry_code(typed) == code


@pytest.mark.parametrize("typed", ["Z", "F5", "G52", "98", "餐饮", "52111"])
def test_what_is_no_industry_code_is_refused(typed: str) -> None:
    with pytest.raises(BadChoice):
        industry_code(typed)
