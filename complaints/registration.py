"""What the record of a complaint must hold, as it is registered, amended or taken over from its source."""

from __future__ import annotations

from decimal import Decimal

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
    for name in ("title", "request", "facts"):
        filled(name, getattr(record, name))
        short(name, getattr(record, name))
    filled("consumer_name", record.consumer.name)
    filled("business_name", record.business.title)
    for amount in (record.amount, record.object.paid):
        # Money has whole fen, and no dispute over a purchase reaches a billion.
        if not (amount is None or (amount.is_finite() and 0 <= amount < _DEAREST and amount == amount.quantize(_FEN))):
            raise BadAmount
    for field_name, value, among in (
        ("channel", record.channel, CHANNELS),
        *(("channel", source.channel, CHANNELS) for source in record.sources),
        *((("mode", record.mode, MODES),) if record.mode else ()),
        *((("problem_class", record.problem_class, PROBLEMS),) if record.problem_class else ()),
        *(("requests", request, REQUESTS) for request in record.requests),
        *(("urgency", why, URGENCIES) for why in record.urgency),
        *(("sex", person.sex, SEXES) for person in (record.consumer, *record.joint)),
        *(("age_band", person.age_band, AGES) for person in (record.consumer, *record.joint)),
        *(("id_kind", person.id_kind, ID_KINDS) for person in (record.consumer, *record.joint)),
    ):
        if value not in among:
            raise BadChoice(field=field_name)
    if len(record.representatives) > MOST_REPRESENTATIVES:
        raise BadChoice(field="representatives")
    if len(record.joint) > MOST_JOINT:
        raise TooLong(field="joint", most=MOST_JOINT)
    if record.proxy is not None:
        filled("proxy_name", record.proxy.name)
