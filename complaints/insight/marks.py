"""What two businesses may share: a phone, an address, a name. Digests only, to look others up by.

The phone's is made of the keyed digest the record holds, so a stolen table gives no number. An address stands in the
record as it is; its digest is only shorter. A credit code needs none: it is the respondent's key itself.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final, NamedTuple

from complaints.duplicates.keys import core
from complaints.record import PartyRecord

PHONE, ADDRESS, NAME = "phone", "address", "name"
KINDS: Final = (PHONE, ADDRESS, NAME)
SHORTEST: Final = 5  # characters of an address behind its divisions
_DIGITS: Final = 15  # hex digits of a mark: fits a signed 64-bit column
_NOISE: Final = re.compile(r"[\W_]+")
_HAN: Final = "[\u3400-\u9fff]"
_ABOVE: Final = re.compile(
    rf"^{_HAN}{{1,8}}?(?:特别行政区|自治区|自治州|自治县|地区|林区|新区|省|市|区|县|盟|旗)(?={_HAN}{{2}})"
)


class Mark(NamedTuple):
    kind: str
    mark: int


def marks(business: PartyRecord, division: str) -> tuple[Mark, ...]:
    """In the order of `KINDS`; none for what is not known. The name's only of one that has a credit code: without one
    the name is what the respondent is told by anyway."""
    found = []
    if business.phone_key:
        found.append(Mark(PHONE, _mark(PHONE, business.phone_key)))
    place = written(business.address)
    if place:
        found.append(Mark(ADDRESS, _mark(ADDRESS, place, division)))
    name = core(business.title)
    if business.code_key and name:
        found.append(Mark(NAME, name_mark(name, division)))
    return tuple(found)


def name_mark(name: str, division: str) -> int:
    """`name`: its core (`complaints.duplicates.keys.core`)."""
    return _mark(NAME, name, division)


def written(address: str) -> str:
    """In one spelling, without the divisions it begins with; "" for one that names no door."""
    plain = unicodedata.normalize("NFKC", address)
    plain = (plain if plain.isalnum() else _NOISE.sub("", plain)).casefold()
    for _ in range(3):
        above = _ABOVE.match(plain)
        if above is None:
            break
        plain = plain[above.end() :]
    return plain if len(plain) >= SHORTEST and any(char.isdigit() for char in plain) else ""


def _mark(*parts: str) -> int:
    return int(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS], 16)
