"""Who complains and of whom: as given, as kept with numbers sealed, and what a business is shown of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from complaints.events import ComplaintRegistered
from complaints.record.identifiers import (
    PHONE,
    Sealer,
    credit_code,
    masked_id,
    masked_phone,
    normal_phone,
    resident_number,
)
from complaints.record.record import PartyRecord
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
        phone = normal_phone(person.phone, field) if person.phone.strip() else ""
        other, other_shown = self.sealed_phone(person.other_phone, field)
        code = credit_code(person.credit_code)
        number = person.id_number.strip()
        if person.id_kind == IdKind.RESIDENT:
            number = resident_number(number)
        return PartyRecord(
            name=person.name.strip(),
            phone=self._sealer.seal(phone, PHONE) if phone else "",
            phone_masked=masked_phone(phone),
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
        phone = normal_phone(text, field)
        return self._sealer.seal(phone, PHONE), masked_phone(phone)


# ------------------------------------------------------------ numbers on file


CODE, IDENTITY = "credit code", "identity number"  # the purposes they are sealed for
WHATS: Final = ("phone", "other_phone", "identity", "credit_code")


@dataclass(frozen=True, slots=True)
class MaskedNumber:
    """`sealed` for `purpose`; `masked` is what may be shown."""

    whose: str
    what: str
    name: str  # the person's or business's
    masked: str
    sealed: str
    purpose: str

    @property
    def id(self) -> str:
        return f"{self.whose}.{self.what}"


def masked_numbers(record: ComplaintRegistered) -> dict[str, MaskedNumber]:
    """Every number on file, by its id, in the order of the record.

    An id is `<whose>.<what>`: "consumer.phone", "business.credit_code", "proxy.phone", "joint-2.identity".
    """
    return {number.id: number for number in _all(record) if number.sealed}


def _all(record: ComplaintRegistered) -> Iterator[MaskedNumber]:
    yield from _of("consumer", record.consumer)
    if (proxy := record.proxy) is not None:
        yield MaskedNumber("proxy", "phone", proxy.name, proxy.phone_masked, proxy.phone, PHONE)
    for n, person in enumerate(record.joint, 1):
        yield from _of(f"joint-{n}", person)
    yield from _of("business", record.business)


def _of(whose: str, one: PartyRecord) -> Iterator[MaskedNumber]:
    name = one.name or one.organisation
    yield MaskedNumber(whose, "phone", name, one.phone_masked, one.phone, PHONE)
    yield MaskedNumber(whose, "other_phone", name, one.other_phone_masked, one.other_phone, PHONE)
    yield MaskedNumber(whose, "identity", name, one.id_masked, one.id_sealed, IDENTITY)
    if "*" in one.credit_code:  # a file from before codes were kept open
        yield MaskedNumber(whose, "credit_code", one.title, one.credit_code, one.code_sealed, CODE)


# ------------------------------------------------------------ what a business is shown


HIDDEN: Final = "▇▇▇"
_DIGITS: Final = re.compile(r"(?<![\d.,])(?:\d[ \-]?){14,18}[\dXx](?![\d.,])")  # identity numbers, bank cards
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)")
_LANDLINE: Final = re.compile(r"(?<!\d)0\d{2,3}[ \-]?\d{7,8}(?!\d)")
_MAIL: Final = re.compile(r"(?<![\w.+\-])[\w.+\-]++@[\w\-]++(?:\.[\w\-]+)+")
_ACCOUNT: Final = re.compile(r"((?:微信|QQ|qq|WeChat|wechat)(?:号码?|id)?[:： ]*(?:是|为)?[:： ]*)[A-Za-z0-9_\-]{5,}")


@dataclass(frozen=True, slots=True)
class Claims:
    """`who`: the consumer, by family name only; "" when they asked not to be named at all."""

    number: str
    who: str
    title: str
    request: str
    facts: str
    amount: Decimal | None


def claims_shown(record: ComplaintRegistered) -> Claims:
    """What is claimed of a business, without what makes the consumer found or reached."""
    who = "" if record.secret else shortened(record.consumer.name)
    return Claims(
        record.number,
        who,
        masked_text(record.title, record),
        masked_text(record.request, record),
        masked_text(record.facts, record),
        record.amount,
    )


def masked_text(text: str, record: ComplaintRegistered) -> str:
    """Names on file shortened, addresses and every number or account somebody could be reached by taken out."""
    people = [record.consumer, *record.joint]
    for pattern in (_MAIL, _DIGITS, _MOBILE, _LANDLINE):
        text = pattern.sub(HIDDEN, text)
    text = _ACCOUNT.sub(lambda found: found[1] + HIDDEN, text)
    literal = {one for person in people for one in (person.address, person.email) if len(one) >= 4}
    for one in sorted(literal, key=len, reverse=True):
        text = text.replace(one, HIDDEN)
    names = {person.name for person in people} | ({record.proxy.name} if record.proxy else set())
    for name in sorted(filter(lambda name: len(name) >= 2, names), key=len, reverse=True):
        text = text.replace(name, HIDDEN if record.secret else shortened(name))
    return text


def shortened(name: str) -> str:
    """丁小禾 → 丁某; of a name in letters the first one."""
    name = name.strip()
    if not name:
        return ""
    return f"{name[0]}某" if "\u4e00" <= name[0] <= "\u9fff" else f"{name[0]}."
