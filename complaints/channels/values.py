"""What a row says, field by field. Owns which fields there are and how the cells of each are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Final, NamedTuple, get_type_hints

Text = Annotated[str | None, "text"]
Choice = Annotated[str | None, "choice"]
Kind = Annotated[str | None, "kind"]
Moment = Annotated[datetime | None, "moment"]
Clock = Annotated[time | None, "clock"]
Choices = Annotated[tuple[str, ...] | None, "choices"]
Amount = Annotated[Decimal | None, "amount"]
Phones = Annotated[tuple[str, ...] | None, "phones"]
Identity = Annotated[str | None, "identity"]
Words = Annotated[tuple[str, ...] | None, "words"]
Flag = Annotated[bool | None, "flag"]
Day = Annotated[date | None, "day"]


class Values(NamedTuple):
    """Of one row; None where it says nothing. Moments UTC, days local, money in yuan with two decimals."""

    number: Text
    channel: Choice  # of an export that holds several
    kind: Kind
    received: Moment
    received_time: Clock
    title: Text
    facts: Text
    request: Text
    requests: Choices
    amount: Amount
    consumer_name: Text
    consumer_phone: Phones
    consumer_other_phone: Phones
    consumer_sex: Choice
    consumer_age_band: Choice
    consumer_id_kind: Choice
    consumer_id_number: Identity
    consumer_city: Text
    consumer_address: Text
    consumer_email: Text
    business_name: Text
    business_contact: Text
    business_phone: Phones
    business_city: Text
    business_address: Text
    credit_code: Identity
    industry: Text
    industry_code: Text
    problem: Text
    problem_class: Choice
    division: Text
    jurisdiction: Text
    mode: Choice
    urgency: Choices
    keywords: Words
    secret: Flag
    wants_reply: Flag
    object_kind: Choice
    object_category: Text
    object_name: Text
    object_brand: Text
    object_model: Text
    object_quantity: Text
    object_paid: Amount
    object_bought: Day
    object_order_number: Text
    object_platform: Text
    object_shop: Text


FIELDS: Final[Mapping[str, str]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Values, include_extras=True).items()
}
"""Our fields, in the order of `Values`, and how their cells are read (`complaints.channels.reading`)."""
