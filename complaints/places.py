"""The place an address or a name speaks of, as a division of GB/T 2260, with where in the text it was read.

A development zone is no division: it is found as the city or county it lies in, and as an office's own area in
`complaints.jurisdictions`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from complaints.divisions import Division, division, every
from complaints.errors import BadChoice

_NO_PLACE = "路街道巷里弄桥站"  # 北京路 is not in Beijing
_ENDING = re.compile(
    r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|盟|[\u4e00-\u9fff]{1,12}族自治[州县]|新区|区|县)$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A division named in a text: `start` and `end` of its last name. `sure`: no other place fits as well."""

    division: Division
    start: int
    end: int
    sure: bool


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    whole: bool  # with its 市, 区 or 县


def place_code(text: str, field: str = "division") -> str:
    """From six digits, a division's name or an address; "" for none. BadChoice when none is sure."""
    try:
        return division(text, field)
    except BadChoice:
        place = place_in(re.sub(r"\s+", "", text))
        if place is None or not place.sure:
            raise
        return place.division.code


def within(code: str, wider: str) -> bool:
    """Whether one division lies in another, or is it."""
    if not wider:
        return False
    while wider.endswith("00"):
        wider = wider[:-2]
    return code.startswith(wider)


def place_in(text: str) -> Place | None:
    """The narrowest division a text names, read with the wider ones it names; None when it names none.

    Where one name fits several places and nothing else tells them apart, what they have in common, not `sure`.
    """
    named = _named(text)
    best: list[tuple[str, _Hit]] = []
    most = 0
    for code, hit in named.items():
        wider = [named[above] for above in (_six(code[:2]), _six(code[:4])) if above != code and above in named]
        depth = 1 if code.endswith("0000") else 2 if code.endswith("00") else 3
        if not hit.whole and depth == 3 and not wider:
            continue  # 朝阳 alone is too little for a district
        if not hit.whole and any(above.start == hit.start for above in wider):
            continue  # 吉林 is the province, 乌鲁木齐 the city
        score = depth + 2 * hit.whole + 2 * sum(1 + above.whole for above in wider)
        if score > most:
            best, most = [(code, hit)], score
        elif score == most:
            best.append((code, hit))
    if not best:
        return None
    code, hit = best[0]
    if len(best) > 1 and not (code := _common([one for one, _ in best])):
        return None
    return Place(every()[code], hit.start, hit.end, len(best) == 1)


def _six(code: str) -> str:
    return code.ljust(6, "0")


def _common(codes: Sequence[str]) -> str:
    """The city or province that all of them lie in, "" for none."""
    for digits in (4, 2):
        shared = {_six(code[:digits]) for code in codes}
        if len(shared) == 1 and (code := shared.pop()) in every():
            return code
    return ""


def _named(text: str) -> dict[str, _Hit]:
    """Codes of the divisions whose name stands in the text; a short name inside a longer one is not meant itself."""
    hits: dict[str, _Hit] = {}
    for code, name, whole in _names():
        at = text.find(name)
        if at < 0:
            continue
        after = text[at + len(name) : at + len(name) + 1]
        if not whole and after and after in _NO_PLACE:
            continue
        if code not in hits or (whole and not hits[code].whole):
            hits[code] = _Hit(at, at + len(name), whole)
    longest = [hit for hit in hits.values() if hit.whole]
    return {
        code: hit
        for code, hit in hits.items()
        if not any(
            other.start <= hit.start and hit.end <= other.end and other.end - other.start > hit.end - hit.start
            for other in longest
        )
    }


@functools.cache
def _names() -> tuple[tuple[str, str, bool], ...]:
    """(code, name, whole): every name, and every name without its ending where two characters are left."""
    found = []
    for code, each in every().items():
        if not each.name:
            continue
        found.append((code, each.name, True))
        short = _ENDING.sub("", each.name)
        if len(short) >= 2 and short != each.name:
            found.append((code, short, False))
    return tuple(found)
