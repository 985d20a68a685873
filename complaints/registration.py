"""What the record of a complaint must hold, as it is registered, amended or taken over from its source."""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal

from complaints.bounds import short_record
from complaints.errors import (
    BadAmount,
    BadChoice,
    TooLong,
)
from complaints.events import (
    ComplaintRegistered,
)
from complaints.state import filled, short
from complaints.vocabulary import AGES, CHANNELS, ID_KINDS, MODES, PROBLEMS, REQUESTS, SEXES, URGENCIES

MOST_REPRESENTATIVES = 2  # Order 121 Art 12
MOST_JOINT = 200
_FEN = Decimal("0.01")
_DEAREST = Decimal("1000000000")


def check(record: ComplaintRegistered) -> None:
    """ComplaintError says what is missing or cannot be."""
    for name, text in (("title", record.title), ("request", record.request), ("facts", record.facts)):
        filled(name, text)
        short(name, text)
    short_record(record)
    filled("consumer_name", record.consumer.name)
    filled("business_name", record.business.title)
    for amount in (record.amount, record.object.paid):
        # Money has whole fen, and no dispute over a purchase reaches a billion.
        if not (amount is None or (amount.is_finite() and 0 <= amount < _DEAREST and amount == amount.quantize(_FEN))):
            raise BadAmount
    _among("channel", CHANNELS, record.channel, *[source.channel for source in record.sources])
    if record.mode:
        _among("mode", MODES, record.mode)
    if record.problem_class:
        _among("problem_class", PROBLEMS, record.problem_class)
    _among("requests", REQUESTS, *record.requests)
    _among("urgency", URGENCIES, *record.urgency)
    for person in (record.consumer, *record.joint):
        _among("sex", SEXES, person.sex)
        _among("age_band", AGES, person.age_band)
        _among("id_kind", ID_KINDS, person.id_kind)
    if len(record.representatives) > MOST_REPRESENTATIVES:
        raise BadChoice(field="representatives")
    if len(record.joint) > MOST_JOINT:
        raise TooLong(field="joint", most=MOST_JOINT)
    if record.proxy is not None:
        filled("proxy_name", record.proxy.name)


def _among(field: str, known: Container[str], *values: str) -> None:
    for value in values:
        if value not in known:
            raise BadChoice(field=field)
