"""What the fast way makes of one record is held to what the journal and the projectors make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings, strategies as st

from complaints.complaint import Complaint
from complaints.events import ComplaintRegistered, to_draft
from complaints.record.record import ObjectRecord, PartyRecord, SourceNumber
from complaints.statistics.facts import fact, fold_fact as fold_facts
from complaints.vocabulary import CHANNELS, PROBLEMS, REQUESTS
from journal.events import canonical, sealed
from law import WorkingCalendar
from server.complaints.rows import filed_complaint
from server.complaints.words import serial
from server.db.schema import (
    complaint_facts,
)
from server.imports.table_rows import COMPLAINT, COMPLAINT_ALWAYS, FACT, FACT_ALWAYS, ComplaintRowBuilder, moment
from tests.intake.conftest import NOW, ZHOU
from tests.intake.quick import NOTICE

_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
_name = st.sampled_from(["甲健身馆", "武汉悦动（光谷店）有限公司", "ABC体育", "李", "", "𠮷野家"]) | _text
_party = st.builds(
    PartyRecord, name=_name, phone=_text, phone_masked=_text, phone_key=st.sampled_from(["", "a" * 64]), city=_text,
    organisation=_name, address=_text | st.sampled_from(["武汉市江夏区云桥路3号"]), credit_code=_text,
    age_band=st.sampled_from(["", "60_over"]), code_key=st.sampled_from(["", "0f" * 32]), email=_text,
)  # fmt: skip
_amount = st.none() | st.decimals(0, 10**8, places=2)
_object = st.builds(
    ObjectRecord,
    kind=st.sampled_from(["goods", "service", ""]),
    name=_text,
    brand=_name,
    shop=_name,
    platform=_text,
    paid=_amount,
    bought=st.none() | st.dates(date(1990, 1, 1)),
)
_received = st.datetimes(datetime(2019, 12, 30), datetime(2027, 6, 1), timezones=st.just(UTC))
_numbers = st.sampled_from(["", "HL-1", "917", "2026", "0917", "RX202607010003"])
_record = st.builds(
    ComplaintRegistered, number=st.just(""), office=st.just("o1"), channel=st.sampled_from(list(CHANNELS)),
    received=_received, title=_text, request=_text, amount=_amount,
    facts=_text | st.sampled_from(["退款917元，2026年", "Apple ＡＢ É"]), consumer=_party, business=_party,
    industry=_text, problem=_text, order=st.sampled_from(["121", "20"]),
    sources=_numbers.map(lambda number: (SourceNumber("hotline", number),) if number else ()), object=_object,
    requests=st.lists(st.sampled_from(list(REQUESTS)), max_size=2).map(tuple),
    industry_code=st.sampled_from(["", "F", "K7040", "zz"]), division=st.sampled_from(["", "420115"]),
    problem_class=st.sampled_from(["", *PROBLEMS]), keywords=st.lists(_text, max_size=2).map(tuple),
    secret=st.booleans(), also_reports=st.booleans(),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(_record, st.integers(1, 12_000), st.sampled_from([WorkingCalendar(), WorkingCalendar(notices=(NOTICE,))]))
def test_what_is_made_of_a_record_is_what_the_journal_and_the_projectors_make(
    record: ComplaintRegistered, count: int, calendar: WorkingCalendar
) -> None:
    id, prefix, zone = "0" * 31 + "a", "东高一投", "Asia/Shanghai"
    made = ComplaintRowBuilder(prefix, zone, calendar, NOW).fresh(7, id, record)
    number = f"{prefix}〔{made.year}〕{count:04d}号"
    whole = replace(record, number=number)
    (event,) = sealed(f"complaint/{id}", 0, "", [to_draft(whole, NOW, ZHOU)], salt=lambda: "5a" * 16)
    assert made.canonical(number).decode() == canonical(event.data)
    known = filed_complaint(id, Complaint(whole), zone, calendar)
    stored = {**dict(zip(COMPLAINT, map(_read, made.complaint), strict=True)), **COMPLAINT_ALWAYS}
    assert stored == {name: _stored(name, value) for name, value in known.row.items() if name != "number"}
    told = {*made.words.decode().split(), *serial(f"{count:04d}")}
    assert told == set(known.words)
    followed = fold_facts([event])
    assert followed is not None
    reference = fact(id, followed, zone)
    facts = {**dict(zip(FACT, made.fact, strict=True)), **FACT_ALWAYS}
    names = [column.name for column in complaint_facts.columns]
    assert [facts.get(name) for name in names] == [_stored(name, getattr(reference, name)) for name in names]


def _read(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _stored(name: str, value: Any) -> Any:
    """As SQLite keeps it."""
    import json

    if name in ("consumer", "business"):
        return canonical(value)
    match value:
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case Decimal():
            return int(value * 100)
        case list():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case bool():
            return int(value)
        case _:
            return value


# ---------------------------------------------------------------- whole files
