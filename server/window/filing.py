"""What somebody types in the window: sealed until it is sent, then a complaint that is registered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from complaints.public_views import WindowFiling
from complaints.record.parties import Person
from complaints.service import Authorised, Filing
from offices.people import Office
from offices.refusal import Refused
from server.identity.sealing import Seal


def filing_of(typed: WindowFiling, office: Office, received: datetime) -> Filing:
    return Filing(
        office=office.id,
        prefix=office.number_prefix,
        zone=office.zone,
        channel="window",
        mode="internet",
        received=received,
        title=typed.title,
        request=typed.request,
        facts=typed.facts,
        amount=typed.amount,
        consumer=Person(typed.name, typed.phone, typed.city, typed.address, age_band=typed.age_band),
        business=Person(
            name="",
            phone=typed.business_phone,
            city=typed.business_city,
            address=typed.business_address,
            organisation=typed.business_name,
        ),
        requests=typed.requests,
        proxy=_guardian(typed),
    )


def _guardian(typed: WindowFiling) -> Authorised | None:
    if not typed.guardian:
        return None
    return Authorised(typed.guardian, typed.guardian_phone, typed.relation, guardian=True, consents=typed.consents)


PURPOSE: Final = "filing"  # drafts are sealed for
MOST: Final = 40_000  # characters of all fields together


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has typed at the window so far, sealed: fields as their form has them, and the filing made of them.

    `filing`: once everything was there and a code was sent.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    filing: WindowFiling | None = None

    def with_fields(self, fields: Mapping[str, str]) -> Draft:
        """Refused: too_long. Whatever is written again has to be sent again."""
        both = {**self.fields, **fields}
        if sum(len(name) + len(value) for name, value in both.items()) > MOST:
            raise Refused("too_long", 400)
        return Draft(both)

    def sealed(self, seal: Seal) -> str:
        filing = asdict(self.filing) if self.filing else None
        return seal.seal(json.dumps({"fields": self.fields, "filing": filing}, default=str), PURPOSE)


def opened_draft(sealed: str, seal: Seal) -> Draft:
    if not sealed:
        return Draft()
    raw: dict[str, Any] = json.loads(seal.open(sealed, PURPOSE))
    if "fields" not in raw:  # of a program before this one, an hour ago at most
        return Draft(filing=_filing(raw))
    return Draft(raw["fields"], _filing(raw["filing"]) if raw["filing"] else None)


def _filing(raw: dict[str, Any]) -> WindowFiling:
    amount = None if raw["amount"] is None else Decimal(raw["amount"])
    return WindowFiling(**{**raw, "amount": amount, "requests": tuple(raw["requests"])})
