"""What a word means once somebody has said so, and what its channel says differently later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from complaints import BadChoice
from complaints.channels.mapping import FIELDS, builtin, checked, from_plain, knowing, meanings
from complaints.channels.reading import with_meaning
from complaints.events import ComplaintRegistered, plain
from complaints.record import EarlierHandling, PartyRecord, UnknownValue
from complaints.record.changes import changes
from complaints.statistics.facts import fact, follow_complaint

NOW = datetime(2026, 6, 24, tzinfo=UTC)


def registered(**said: Any) -> ComplaintRegistered:
    consumer, business = PartyRecord(name="丁小禾"), PartyRecord(organisation="甲")
    record = ComplaintRegistered(
        "1号",
        "o",
        "hotline",
        datetime(2021, 3, 2, tzinfo=UTC),
        "题",
        "求",
        "事",
        None,
        consumer,
        business,
        "",
        "",
        "121",
    )
    return replace(record, **said)


def data(record: ComplaintRegistered) -> dict[str, Any]:
    return {name: plain(getattr(record, name)) for name in ComplaintRegistered.__dataclass_fields__}


@pytest.mark.parametrize(
    ("field", "value", "part", "becomes"),
    [
        ("problem_class", "price", "problem_class", "price"),
        ("requests", "repair", "requests", ("refund", "repair")),
        ("urgency", "injury", "urgency", ("injury",)),
        ("mode", "letter", "mode", "letter"),
        ("kind", "both", "also_reports", True),
    ],
)
def test_a_meaning_is_put_where_its_word_stood_for_other(field: str, value: str, part: str, becomes: Any) -> None:
    record = registered(
        problem_class="other", requests=("refund", "other"), unknown=(UnknownValue(field, "词"), UnknownValue("x", "y"))
    )
    meant = with_meaning(record, field, "词", value)
    assert (getattr(meant, part), meant.unknown) == (becomes, (UnknownValue("x", "y"),))


def test_what_somebody_put_there_meanwhile_stays() -> None:
    record = registered(problem_class="quality", unknown=(UnknownValue("problem_class", "词"),))
    assert with_meaning(record, "problem_class", "词", "price").problem_class == "quality"


def test_only_fields_of_few_words_have_meanings_and_only_their_own() -> None:
    assert {field for field in FIELDS if meanings(field)} >= {"problem_class", "requests", "status", "kind", "mode"}
    assert not meanings("finished")
    with pytest.raises(BadChoice):
        checked("problem_class", "weather")


def test_an_office_s_words_are_known_beside_those_of_a_mapping_and_survive_its_file() -> None:
    mapping = knowing(builtin("12315"), {("problem_class", "很" * 150): "price", ("problem_class", "质量"): "other"})
    again = from_plain(mapping.plain())
    assert again.values["problem_class"]["很" * 150] == "price"
    assert again.values["problem_class"]["质量"] == "quality"  # a mapping's own words go first


def test_a_word_that_was_mapped_since_is_no_change_of_its_channel() -> None:
    before = registered(problem_class="other", unknown=(UnknownValue("problem_class", "词"),))
    assert changes(data(before), data(registered(problem_class="price"))) == {}
    assert set(changes(data(before), data(registered(problem_class="price", title="另")))) == {"title"}


def test_a_registration_of_before_these_fields_says_nothing_of_them() -> None:
    old = {name: value for name, value in data(registered()).items() if name not in ("place", "unknown", "earlier")}
    assert changes(old, data(registered())) == {}
    assert changes(old, data(registered(place="珞喻路"))) == {"place": "珞喻路"}


@pytest.mark.parametrize(
    ("earlier", "days"),
    [
        (EarlierHandling("settled", "", datetime(2021, 3, 5, tzinfo=UTC), datetime(2021, 3, 26, tzinfo=UTC)), (24, 21)),
        (EarlierHandling("settled", "", datetime(2021, 3, 5, tzinfo=UTC)), (None, None)),
    ],
)
def test_how_long_it_took_is_counted_from_days_that_were_told_only(
    earlier: EarlierHandling, days: tuple[int | None, int | None]
) -> None:
    followed = follow_complaint(None, registered(earlier=replace(earlier, recovered=Decimal("5.00"))), NOW)
    counted = fact("c", followed, "Asia/Shanghai")
    assert (counted.days_to_handling, counted.days_to_settlement) == days
    assert (counted.settled is not None, counted.recovered) == (True, Decimal("5.00"))
