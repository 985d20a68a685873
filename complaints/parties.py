"""Who complains and of whom: as an officer or a channel gives them, and what a file says of them, where a number is
sealed, masked, and known again by its digest.
"""

from __future__ import annotations

from typing import NamedTuple

from complaints.codes import credit_code, masked_id, resident_number
from complaints.looks import CODE, IDENTITY
from complaints.phones import PHONE, Sealer, masked, normal
from complaints.record import PartyRecord
from complaints.vocabulary import AgeBand, IdKind, Sex


class Person(NamedTuple):
    """A party as an officer types it: the phone complete, the code unmasked."""

    name: str
    phone: str = ""
    city: str = ""
    address: str = ""
    organisation: str = ""
    credit_code: str = ""
    detail: str = ""
    sex: str = Sex.UNKNOWN.value
    age_band: str = AgeBand.UNKNOWN.value
    id_kind: str = IdKind.NONE.value
    id_number: str = ""
    other_phone: str = ""
    email: str = ""


class Parties:
    """Keeps people's numbers as files do."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def record(self, person: Person, field: str) -> PartyRecord:
        """`field`: what a bad phone is named by. BadPhone, BadCode."""
        phone = normal(person.phone, field) if person.phone.strip() else ""
        other, other_shown = self.sealed_phone(person.other_phone, field)
        code = credit_code(person.credit_code)
        number = person.id_number.strip()
        if person.id_kind == IdKind.RESIDENT:
            number = resident_number(number)
        return PartyRecord(
            name=person.name.strip(),
            phone=self._sealer.seal(phone, PHONE) if phone else "",
            phone_masked=masked(phone),
            phone_key=self._sealer.hash(phone, PHONE) if phone else "",
            city=person.city.strip(),
            address=person.address.strip(),
            organisation=person.organisation.strip(),
            credit_code=code,
            code_sealed=self._sealer.seal(code, CODE) if code else "",
            code_key=self._sealer.hash(code, CODE) if code else "",
            detail=person.detail.strip(),
            sex=person.sex,
            age_band=person.age_band,
            id_kind=person.id_kind,
            id_sealed=self._sealer.seal(number, IDENTITY) if number else "",
            id_masked=masked_id(number),
            other_phone=other,
            other_phone_masked=other_shown,
            email=person.email.strip(),
        )

    def sealed_phone(self, text: str, field: str) -> tuple[str, str]:
        """A typed number as (sealed, masked); two empty texts for none. BadPhone."""
        if not text.strip():
            return "", ""
        phone = normal(text, field)
        return self._sealer.seal(phone, PHONE), masked(phone)
