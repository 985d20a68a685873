"""Number series of papers: the words before a number, as an authority was given them (GB/T 9704: 机关代字).

An office without words of its own for a kind numbers it by its complaints' prefix, counted per office and kind, with
four digits. With words, papers that share them share one count, whichever office or kind they are of, and numbers have
no leading zeros: 东市监投受〔2026〕12号.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from complaints.notices import SERIALS

AGREEMENT: Final = "agreement"  # what is signed and sealed: agreements and records
KINDS: Final = (*SERIALS, AGREEMENT)
LONGEST: Final = 20  # characters of the words

Words = Mapping[str, str]  # kind -> words; a kind that has none is not there


@dataclass(frozen=True, slots=True)
class Series:
    """`stream` counts it; `zeros`: at least four digits."""

    stream: str
    words: str
    zeros: bool

    def written(self, year: int, number: int) -> str:
        return f"{self.words}〔{year}〕{number:04d}号" if self.zeros else f"{self.words}〔{year}〕{number}号"


def series(office: str, prefix: str, kind: str, year: int, words: Words) -> Series:
    """Sealed papers and notices are counted apart even under the same words; `shared` refuses words for both."""
    of = "documents" if kind == AGREEMENT else "notices"
    if own := words.get(kind, ""):
        return Series(f"series/{hashlib.sha256(own.encode()).hexdigest()[:16]}/{of}/{year}", own, zeros=False)
    told = f"office/{office}/documents/{year}" if kind == AGREEMENT else f"office/{office}/notices/{kind}/{year}"
    return Series(told, usual(prefix, kind), zeros=True)


def usual(prefix: str, kind: str) -> str:
    return f"{prefix.removesuffix('投')}调" if kind == AGREEMENT else f"{prefix}{SERIALS[kind]}"


def shared(wanted: Words, prefixes: Mapping[str, str], others: Mapping[str, Words]) -> str:
    """The kind whose words would give a number twice, "" for none. `prefixes`, `others`: of all offices, by id.

    Words are given twice where somebody's usual numbers begin with them, or where sealed papers and notices share them.
    """
    taken = {usual(prefix, kind) for prefix in prefixes.values() for kind in KINDS} | set(prefixes.values())
    known = [(kind, words) for of in (*others.values(), wanted) for kind, words in of.items()]
    sealed = {words for kind, words in known if kind == AGREEMENT}
    notices = {words for kind, words in known if kind != AGREEMENT}
    for kind, words in wanted.items():
        if words in taken or words in (notices if kind == AGREEMENT else sealed):
            return kind
    return ""
