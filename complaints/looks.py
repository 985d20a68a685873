"""Which numbers of a complaint are on file in full and shown masked, and where each is sealed.

A number is called `<whose>.<what>`: "consumer.phone", "business.credit_code", "proxy.phone", "joint-2.identity".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from complaints.events import ComplaintRegistered
from complaints.phones import PHONE
from complaints.record import PartyRecord

CODE, IDENTITY = "credit code", "identity number"  # the purposes they are sealed for
WHATS: Final = ("phone", "other_phone", "identity", "credit_code")


@dataclass(frozen=True, slots=True)
class Number:
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


def numbers(record: ComplaintRegistered) -> dict[str, Number]:
    """Every number on file, by its id, in the order of the record."""
    return {number.id: number for number in _all(record) if number.sealed}


def _all(record: ComplaintRegistered) -> Iterator[Number]:
    yield from _of("consumer", record.consumer)
    if (proxy := record.proxy) is not None:
        yield Number("proxy", "phone", proxy.name, proxy.phone_masked, proxy.phone, PHONE)
    for n, person in enumerate(record.joint, 1):
        yield from _of(f"joint-{n}", person)
    yield from _of("business", record.business)


def _of(whose: str, one: PartyRecord) -> Iterator[Number]:
    name = one.name or one.organisation
    yield Number(whose, "phone", name, one.phone_masked, one.phone, PHONE)
    yield Number(whose, "other_phone", name, one.other_phone_masked, one.other_phone, PHONE)
    yield Number(whose, "identity", name, one.id_masked, one.id_sealed, IDENTITY)
    if "*" in one.credit_code:  # a file from before codes were kept open
        yield Number(whose, "credit_code", one.title, one.credit_code, one.code_sealed, CODE)
