"""Who the parties are, as papers name them: in full on an original, with people's numbers masked on copies for others.

A unified social credit code is public (it stands in the national publicity system) and is never masked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from complaints.record.identifiers import PHONE
from complaints.record.parties import CODE, IDENTITY
from complaints.record.record import PartyRecord
from complaints.vocabulary import ID_KINDS, IdKind, name

Open = Callable[[str, str], str]  # (sealed, what for) -> in full

UNKNOWN: Final = "未登记"


@dataclass(frozen=True, slots=True)
class Line:
    """`masked` is what a copy for others says in place of `value`."""

    label: str
    value: str
    masked: str


def public_code(party: PartyRecord, open_: Open | None) -> str:
    """Files made before codes were kept open hold it sealed and masked."""
    return open_(party.code_sealed, CODE) if party.code_sealed and open_ is not None else party.credit_code


def person(label: str, party: PartyRecord, open_: Open) -> Sequence[Line]:
    """Name; identity document and phone where they are known; the address, or that none is on file."""
    lines = [_open(label, party.name or party.title)]
    if party.id_sealed:
        kind = "" if party.id_kind == IdKind.OTHER else name(ID_KINDS, party.id_kind, "zh")
        lines.append(Line("身份证件", f"{kind}{open_(party.id_sealed, IDENTITY)}", f"{kind}{party.id_masked}"))
    if party.phone:
        lines.append(Line("联系电话", open_(party.phone, PHONE), party.phone_masked))
    where = address(party)
    lines.append(Line("地址", where, party.city or "（略）") if where else _open("地址", UNKNOWN))
    return lines


def business(label: str, party: PartyRecord, heads: str, open_: Open) -> Sequence[Line]:
    """Registered name, code, legal representative and address; one without a registered name is named as a person."""
    if not party.organisation:
        return person(label, party, open_)
    lines = [_open(label, party.organisation)]
    if code := public_code(party, open_):
        lines.append(_open("统一社会信用代码", code))
    lines.append(_open("法定代表人或者负责人", heads or UNKNOWN))
    if where := address(party):
        lines.append(_open("住所", where))
    return lines


def _open(label: str, value: str) -> Line:
    return Line(label, value, value)


def address(party: PartyRecord) -> str:
    """With the city once, whether or not the address begins with it."""
    return party.address if party.address.startswith(party.city) else f"{party.city}{party.address}"
