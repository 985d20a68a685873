"""Invented complaints for trying, testing and measuring, the same for the same seed, and as the service takes them.

No person, business or number in them exists. In them: a year's seasons of each trade, few businesses with many
complaints, shops that shut and are told of by many at once, consumers who complain about several businesses, and a
labelled share of disputes told again by another channel.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from complaints.record import ObjectRecord, PartyTyped, SourceNumber
from complaints.sample.stories import (
    SampleBusiness,
    SampleDispute,
    SamplePerson,
    addressed,
    businesses,
    person,
    phone,
    telling,
)
from complaints.sample.trades import SHUT
from complaints.service import Filing
from journal.numbers import SAMPLE_MARK

AGAIN: Final = 0.08  # of all disputes are told again
THRICE: Final = 0.15  # of those a third time
LATEST: Final = 40 * 1440  # minutes until a dispute is told again
LAST_DAY: Final = date(2026, 6, 30)
DAYS: Final = 730
CHANNELS: Final = ("12315", "hotline", "board", "petition", "director", "window")
_OF_CHANNEL: Final = (46, 28, 8, 8, 4, 6)
_MODES: Final = {
    "12315": "internet",
    "hotline": "phone",
    "board": "internet",
    "petition": "letter",
    "director": "phone",
    "window": "visit",
}
_CODES: Final = {"12315": "NP", "hotline": "RX", "board": "LY", "petition": "XF", "director": "JZ", "window": "CK"}
# Nothing depends on the day it is made: a receipt falls on one of these moments.


@dataclass(frozen=True, slots=True)
class Sample:
    """One complaint as an export has it. Times are local; `dispute` is the label: the same for the same dispute."""

    dispute: int
    number: str
    channel: str
    mode: str
    received: datetime
    consumer_name: str
    consumer_phone: str  # in the shape the channel writes it
    consumer_sex: str
    consumer_age: str
    consumer_address: str
    business_name: str
    credit_code: str
    industry: str
    industry_code: str
    division: str
    district: str
    business_address: str
    business_phone: str
    kind: str
    bought_what: str
    bought: date
    amount: Decimal | None
    title: str
    facts: str
    request: str
    requests: tuple[str, ...]
    problem: str


def samples(
    count: int, seed: int = 1, last: date = LAST_DAY, pace: Callable[[float], float] = lambda share: share
) -> Iterator[Sample]:
    """Day by day of receipt, the DAYS up to `last`, with memory for a few thousand of them.

    `pace`: by which share of the days (0 to 1) which share of the complaints has come; evenly unless said.
    """
    begins = datetime.combine(last - timedelta(days=DAYS - 1), datetime.min.time())
    chance = Random(seed)  # noqa: S311 - invented people, no secret
    firms = businesses(chance, max(40, min(60_000, count // 12)))
    by_month, heavy = _seasons(firms)
    hot = _shut(chance, firms, count, begins)
    recent: list[SamplePerson] = []
    # Still to be told once more. The second number tells apart what one dispute has told in the same minute.
    again: list[tuple[datetime, int, int, SampleDispute, SamplePerson, str]] = []
    made = dispute = 0
    while made < count:
        at = begins + timedelta(days=DAYS * pace(made / count))
        at = at.replace(
            hour=8 + at.minute % 11, minute=chance.randrange(60), second=chance.randrange(60), microsecond=0
        )
        if again and again[0][0] <= at:
            when, label, _, told, by, before = heapq.heappop(again)
            channel = chance.choice([channel for channel in CHANNELS if channel != before])
            yield _sample(chance, label, told, by, channel, when, made, again=True)
            made += 1
            continue
        dispute += 1
        business = _whom(chance, firms, by_month[at.month - 1], heavy, hot, at)
        one = _who(chance, recent)
        story = _dispute(chance, one, business, at, shut=business.brand in hot)
        channel = chance.choices(CHANNELS, _OF_CHANNEL)[0]
        yield _sample(chance, dispute, story, one, channel, at, made, again=False)
        made += 1
        if chance.random() < AGAIN:
            for nth in range(1 + (chance.random() < THRICE)):
                later = at + timedelta(minutes=int(chance.expovariate(1 / 6) * 1440) % LATEST + 20)
                heapq.heappush(again, (later, dispute, nth, story, _teller(chance, one), channel))


def _seasons(firms: list[SampleBusiness]) -> tuple[list[list[float]], list[float]]:
    """Cumulative weights of the businesses for each month, and without season. Few have many complaints."""
    weights = [1 / (rank + 8) ** 0.8 for rank in range(len(firms))]
    months = []
    for month in range(12):
        of_trade = {firm.trade.name: firm.trade.season[month] / sum(firm.trade.season) for firm in firms}
        months.append(list(accumulate(w * of_trade[f.trade.name] for w, f in zip(weights, firms, strict=True))))
    return months, list(accumulate(weights))


def _shut(
    chance: Random, firms: list[SampleBusiness], count: int, begins: datetime
) -> dict[str, tuple[datetime, SampleBusiness]]:
    """Businesses that shut, by brand, and when: about one a quarter."""
    able = [firm for firm in firms if SHUT in firm.trade.troubles]
    chosen = chance.sample(able, min(len(able), max(2, min(8, count // 200))))
    return {firm.brand: (begins + timedelta(days=chance.uniform(20, DAYS - 40)), firm) for firm in chosen}


def _whom(
    chance: Random,
    firms: list[SampleBusiness],
    season: list[float],
    heavy: list[float],
    hot: dict[str, tuple[datetime, SampleBusiness]],
    at: datetime,
) -> SampleBusiness:
    for since, firm in hot.values():
        if since <= at < since + timedelta(days=12) and chance.random() < 0.22:
            return firm
    return chance.choices(firms, cum_weights=season if chance.random() < 0.9 else heavy)[0]


def _who(chance: Random, recent: list[SamplePerson]) -> SamplePerson:
    """Mostly somebody new; sometimes one who complained before, about something else."""
    if recent and chance.random() < 0.07:
        return chance.choice(recent)
    one = person(chance)
    if len(recent) < 2_000:
        recent.append(one)
    else:
        recent[chance.randrange(2_000)] = one
    return one


def _teller(chance: Random, one: SamplePerson) -> SamplePerson:
    """Who tells it the second time: the same person, now and then with another phone, or somebody of the family."""
    roll = chance.random()
    if roll < 0.86:
        return one
    if roll < 0.95:
        return SamplePerson(one.name, phone(chance), one.sex, one.age_band, one.address)
    other = person(chance)
    return SamplePerson(one.name[0] + other.name[1:], one.phone, other.sex, other.age_band, one.address)


def _dispute(chance: Random, one: SamplePerson, business: SampleBusiness, at: datetime, shut: bool) -> SampleDispute:
    trade = business.trade
    trouble = SHUT if shut and chance.random() < 0.9 else chance.choice(trade.troubles)
    what, least, most = chance.choice(trade.sold)
    step = 1 if most < 500 else 10 if most < 5_000 else 100
    paid = Decimal(chance.randrange(least, most, step))
    if chance.random() < 0.3:  # prices people ask
        paid = Decimal(max(least, int(paid) // 100 * 100 - chance.choice((1, 2, 12, 20))))
    left = (paid * chance.choice((30, 45, 50, 60, 75, 80, 100, 100, 100)) / 100).quantize(Decimal(1))
    bought = at.date() - timedelta(days=int(chance.expovariate(1 / 45)) % 400 + 1)
    return SampleDispute(one, business, trouble, what, paid, left or Decimal(1), bought, at)


def _sample(
    chance: Random,
    label: int,
    told: SampleDispute,
    by: SamplePerson,
    channel: str,
    at: datetime,
    made: int,
    again: bool,
) -> Sample:
    business, said = told.business, telling(chance, told, channel, again)
    knows_code = chance.random() < (0.55 if channel in ("12315", "window") else 0.12)
    return Sample(
        dispute=label,
        number=f"{SAMPLE_MARK}{_CODES[channel]}{at:%Y%m%d}{made:07d}",
        channel=channel,
        mode=_MODES[channel],
        received=at,
        consumer_name=by.name if chance.random() < 0.93 else addressed(by),
        consumer_phone=_written(chance, by.phone),
        consumer_sex=by.sex if chance.random() < 0.7 else "",
        consumer_age=by.age_band if chance.random() < 0.7 else "",
        consumer_address=f"湖北省武汉市{by.address}" if chance.random() < 0.5 else "",
        business_name=said.business_name,
        credit_code=business.code if knows_code else "",
        industry=business.trade.name,
        industry_code=business.trade.code,
        division=business.division,
        district=business.district,
        business_address=business.address if chance.random() < 0.6 else "",
        business_phone=business.phone if chance.random() < 0.3 else "",
        kind=business.trade.kind,
        bought_what=told.what,
        bought=told.bought,
        amount=said.paid,
        title=said.title,
        facts=said.facts,
        request=said.request,
        requests=told.trouble.requests,
        problem=told.trouble.problem,
    )


def _written(chance: Random, number: str) -> str:
    """As clerks and systems write it."""
    roll = chance.random()
    if roll < 0.78:
        return number
    if roll < 0.86:
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    if roll < 0.93:
        return f"{number[:3]}-{number[3:7]}-{number[7:]}"
    return f"+86{number}" if roll < 0.97 else f"0086 {number}"


ZONE: Final = "Asia/Shanghai"


def filing(sample: Sample, office: str, prefix: str) -> Filing:
    """An invented complaint as the service takes it, for measurements that need no file."""
    return Filing(
        office=office,
        prefix=prefix,
        zone=ZONE,
        channel=sample.channel,
        received=_local(sample.received),
        title=sample.title,
        request=sample.request,
        facts=sample.facts,
        amount=sample.amount,
        consumer=PartyTyped(
            sample.consumer_name,
            sample.consumer_phone,
            "武汉",
            sample.consumer_address,
            sex=sample.consumer_sex,
            age_band=sample.consumer_age,
        ),
        business=PartyTyped(
            "",
            sample.business_phone,
            "武汉",
            sample.business_address,
            organisation=sample.business_name,
            credit_code=sample.credit_code,
        ),
        industry=sample.industry,
        mode=sample.mode,
        sources=(SourceNumber(sample.channel, sample.number),),
        object=ObjectRecord(kind=sample.kind, name=sample.bought_what, bought=sample.bought),
        requests=sample.requests,
        problem_class=sample.problem,
        industry_code=sample.industry_code,
        division=sample.division,
    )


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(ZONE))
