"""Of a party and of what was bought only what says something is journaled; files from before, which name everything,
are read, compared and amended as ever.
"""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from complaints import WrongState
from complaints.events import ComplaintRegistered, from_event, to_draft
from complaints.record import ObjectRecord, PartyRecord
from complaints.record.changes import Amend, RecordAmended, UndoAmendment, changes
from complaints.record.rules import amend, amended
from complaints.state import Complaint
from journal import SYSTEM, sealed
from tests.complaints.record.test_record import FULL

NOW = datetime(2026, 6, 8, 1, tzinfo=UTC)
_word = st.sampled_from(["", "甲", "乙"])
_parties = st.builds(PartyRecord, **{field.name: _word for field in fields(PartyRecord)})
_things = st.builds(
    ObjectRecord,
    kind=st.sampled_from(["goods", "service", ""]),
    name=_word,
    paid=st.none() | st.decimals(0, 100, places=2),
    bought=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
_records = st.builds(
    lambda consumer, business, joint, thing: replace(
        FULL, consumer=consumer, business=business, joint=tuple(joint), object=thing
    ),
    _parties, _parties, st.lists(_parties, max_size=2), _things,
)  # fmt: skip


def journaled(record: ComplaintRegistered) -> dict[str, Any]:
    return dict(to_draft(record, NOW, SYSTEM).data)


def as_before(record: ComplaintRegistered) -> dict[str, Any]:
    """As it was journaled when every field was."""
    thing = asdict(record.object)
    for name, value in thing.items():
        match value:
            case Decimal():
                thing[name] = f"{value:.2f}"
            case date():
                thing[name] = value.isoformat()
    parties = {name: asdict(getattr(record, name)) for name in ("consumer", "business")}
    return {**journaled(record), **parties, "joint": [asdict(one) for one in record.joint], "object": thing}


def read(data: dict[str, Any]) -> object:
    (event,) = sealed("complaint/1", 0, "", [replace(to_draft(FULL, NOW, SYSTEM), data=data)])
    return from_event(event)


@given(_records)
def test_what_is_not_told_is_read_as_empty_however_it_was_journaled(record: ComplaintRegistered) -> None:
    assert read(journaled(record)) == read(as_before(record)) == record


@given(_parties)
def test_of_a_party_nothing_empty_is_told(party: PartyRecord) -> None:
    told = journaled(replace(FULL, consumer=party))["consumer"]
    assert told == {name: value for name, value in asdict(party).items() if value}


@given(_records)
def test_a_source_that_says_the_same_again_changes_nothing_in_a_file_from_before(record: ComplaintRegistered) -> None:
    assert changes(as_before(record), journaled(record)) == {}


@given(_records, _word)
def test_a_source_that_says_more_of_a_party_is_noticed(record: ComplaintRegistered, city: str) -> None:
    moved = replace(record, consumer=replace(record.consumer, city=city))
    different = changes(as_before(record), journaled(moved))
    assert ("consumer" in different) == (city != record.consumer.city)


def test_a_correction_from_before_can_be_taken_back_and_one_overtaken_by_another_cannot() -> None:
    joint = (PartyRecord("陈一"), PartyRecord("陈二", city="武汉"))
    complaint = Complaint(FULL)
    (made,) = amend(Amend(replace(FULL, joint=joint), 0, "漏了一人"), complaint)
    (change,) = made.changes
    old = RecordAmended(
        1, (replace(change, old=[asdict(one) for one in FULL.joint], new=[asdict(one) for one in joint]),), "漏了一人"
    )
    complaint = amended(complaint, old)
    assert complaint.record.joint == joint
    (back,) = amend(UndoAmendment(1, "没有漏"), complaint)
    assert amended(complaint, back).record.joint == FULL.joint
    (further,) = amend(Amend(replace(complaint.record, joint=()), 1, "都不是"), complaint)
    with pytest.raises(WrongState):
        amend(UndoAmendment(1, "没有漏"), amended(complaint, further))
