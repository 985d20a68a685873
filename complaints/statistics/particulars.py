"""What a record says of where, what and whom, in the few words figures are grouped by; how far apart two cities are."""

from __future__ import annotations

import csv
import functools
import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Final

from complaints.complaint import Complaint
from complaints.duplicates.keys import core
from complaints.events import ComplaintRegistered
from complaints.record.industries import SECTIONS, written_industry
from complaints.record.places import place_in
from complaints.record.record import PartyRecord
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
    return written_industry(code) or section(code)


def band(amount: Decimal) -> str:
    """The band of an amount in dispute, by its least yuan; "" for none given."""
    return BANDS[bisect_right(EDGES, amount)] if amount > 0 else ""


def travel(complaint: Complaint) -> int | None:
    """Kilometres between the parties' cities, there and back, once they met in a room of ours; None: not known."""
    if not complaint.held_online:
        return 0
    record = complaint.record
    there = record.division or code_of(record.business.city)
    distance = cities_apart(code_of(record.consumer.city), there)
    return None if distance is None else 2 * distance


# The twenty sections of GB/T 4754-2017 and the last division of each.
_LAST_DIVISION: Final = (
    (5, "A"), (12, "B"), (43, "C"), (46, "D"), (50, "E"), (52, "F"), (60, "G"), (62, "H"), (65, "I"), (69, "J"),
    (70, "K"), (72, "L"), (75, "M"), (79, "N"), (82, "O"), (83, "P"), (85, "Q"), (90, "R"), (96, "S"), (97, "T"),
)  # fmt: skip


def section(code: str) -> str:
    """The section of a code of any length, with or without its letter; "" for none that exists."""
    if code[:1] in SECTIONS:
        return code[0]
    division = code[:2]
    if not (len(division) == 2 and division.isascii() and division.isdigit()) or division == "00":
        return ""
    return next((letter for last, letter in _LAST_DIVISION if int(division) <= last), "")


# ------------------------------------------------------------ distances


EARTH: Final = 6371.0  # mean radius, km


def distance_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres along the great circle between two points, each latitude and longitude in degrees."""
    (lat, lon), (lat2, lon2) = [(radians(a), radians(b)) for a, b in (one, other)]
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def cities_apart(one: str, other: str) -> int | None:
    """Whole kilometres between the prefectures of two division codes: what nobody had to travel when they met by video.

    0 within one; None when either is not known.
    """
    here, there = prefecture(one), prefecture(other)
    if not here or not there:
        return None
    return 0 if here == there else round(distance_between(centroids()[here], centroids()[there]))


def prefecture(code: str) -> str:
    """Four digits that have a centroid, "" for none. A municipality (北京, 重庆 …) is one whole."""
    found = code[:4]
    if code[:2] in ("11", "12", "31", "50", "71", "81", "82"):
        found = f"{code[:2]}00"
    return found if found in centroids() else ""


@functools.lru_cache(maxsize=4096)
def code_of(city: str) -> str:
    """The division a text like 武汉 or 湖北省武汉市 names for sure, "" for none."""
    place = place_in("".join(city.split())[:60])
    return place.division.code if place and place.sure else ""


@functools.cache
def centroids() -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude of the middle of each prefecture, by the first four digits of GB/T 2260.

    `centroids.csv` was written by hand to a tenth of a degree (some ten kilometres), mostly the seat of the prefecture,
    which is where its people are. It is good for sums over many complaints, not for one journey. A county that a
    province governs directly (`4290..`) has no line: its distance is not known.
    """
    text = files(__package__).joinpath("centroids.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in rows}
