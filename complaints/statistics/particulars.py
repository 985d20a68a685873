"""What a record says of where, what and whom, in the few words that figures are grouped by. Names nobody."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_right
from decimal import Decimal
from functools import lru_cache
from typing import Final

from complaints.complaint import Complaint
from complaints.duplicates.keys import core
from complaints.events import ComplaintRegistered
from complaints.industries import written
from complaints.record import PartyRecord
from complaints.statistics.distances import apart, code_of
from complaints.statistics.industries import section
from complaints.vocabulary import AgeBand

KEY: Final = 24  # hex digits of a respondent's key
LONGEST: Final = 40  # characters of a street's or a platform's name
AGES: Final = {
    AgeBand.CHILD.value: "minor",
    AgeBand.TEENAGER.value: "minor",
    AgeBand.MINOR.value: "minor",
    AgeBand.ADULT.value: "adult",
    AgeBand.YOUNG.value: "adult",
    AgeBand.MIDDLE.value: "adult",
    AgeBand.SENIOR.value: "elder",
}
# The least yuan of each band but the first; an amount that was not given has none. Names sort as the bands do.
EDGES: Final = (100, 500, 1_000, 5_000, 10_000, 50_000)
BANDS: Final = ("0", "100", "500", "1000", "5000", "10000", "50000")

_HAN: Final = "[\u3400-\u9fff]"
_ABOVE: Final = re.compile(
    rf"{_HAN}{{1,8}}?(?:特别行政区|自治区|自治州|自治县|地区|林区|新区|省|市|区|县|盟|旗)(?={_HAN}{{2}})"
)
_TOWN: Final = re.compile(rf"{_HAN}{{1,8}}?(?:街道|镇|乡|苏木)(?!路|街|大道|巷|道)")
_ROAD: Final = re.compile(r"[\u3400-\u9fffA-Za-z0-9]{1,10}?(?:大道|大街|路|街|巷|弄|里|道)")
_TAIL: Final = re.compile(r"(?:app|平台|官方网站|官网|网站)$")


def respondent(record: ComplaintRegistered) -> str:
    """A key of who is complained of: by the digest of the credit code, else by the name's core and the division. ""
    for nobody. The same business with and without its code has two keys."""
    business = record.business
    if business.code_key:
        return _key("code", business.code_key)
    name = core(business.title)
    return named_key(name, record.division) if name else ""


def named_key(name: str, division: str) -> str:
    """Of one known by name only; `name`: its core (`complaints.duplicates.keys.core`)."""
    return _key("name", name, division)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:KEY]


def street(address: str) -> str:
    """The subdistrict, town or road an address begins with once the divisions are taken off; "" when it names none."""
    left = "".join(address.split())
    for _ in range(3):
        above = _ABOVE.match(left)
        if above is None:
            break
        left = left[above.end() :]
    found = _TOWN.match(left) or _ROAD.match(left)
    return found[0] if found else ""


@lru_cache(maxsize=1024)
def platform(name: str) -> str:
    """An e-commerce platform in one spelling: 拼多多APP and 拼多多 are the same."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()
    return (_TAIL.sub("", plain) or plain)[:LONGEST]


def age_band(party: PartyRecord) -> str:
    """minor, adult, elder; "" when it is not known."""
    return AGES.get(party.age_band, "")


@lru_cache(maxsize=1024)
def industry(code: str) -> str:
    """The code in its written form, to whatever level it goes; only the section of one that cannot be."""
    return written(code) or section(code)


def band(amount: Decimal) -> str:
    """The band of an amount in dispute, by its least yuan; "" for none given."""
    return BANDS[bisect_right(EDGES, amount)] if amount > 0 else ""


def travel(complaint: Complaint) -> int | None:
    """Kilometres between the parties' cities, there and back, once they met in a room of ours; None: not known."""
    if not complaint.held_online:
        return 0
    record = complaint.record
    there = record.division or code_of(record.business.city)
    distance = apart(code_of(record.consumer.city), there)
    return None if distance is None else 2 * distance
