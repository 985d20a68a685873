"""What somebody typed in the window, as a complaint is registered. Pure."""

from __future__ import annotations

from datetime import datetime

from complaints.record.parties import Person
from complaints.service import Authorised, Filing
from web.ports import Office
from web.ports.window import WindowFiling


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
