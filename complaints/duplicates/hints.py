"""What Order 121 lets an officer consider, with its evidence: Art 16 item 2 and Art 17. Hints, never decisions.

They count what is on file and say where; whether it means anything a person decides. A shop that shuts leaves many
people with the same complaint, and they are all right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from complaints.duplicates.signals import Particulars, resemblance

BEGUN: Final = frozenset({"accepted", "mediating", "settled", "performing", "ended", "refused", "closed"})
MANY: Final = 3  # complaints of one person about one business
ALL_AT_ONCE: Final = 10  # people about one business
PEOPLE: Final = 3  # names behind one number
LONG: Final = timedelta(days=90)
SHORT: Final = timedelta(days=7)
LARGE: Final = 20  # pieces of one purchase: more than most households need before they spoil
FIRMS: Final = 5  # businesses that one person complains of
_PIECES: Final = re.compile(r"([0-9]{1,6})\s?(?:件|个|只|盒|瓶|箱|包|袋|支|台|套|份|桶|罐|条|提|打|双)?")


@dataclass(frozen=True, slots=True)
class Known:
    """A complaint on file beside the one that is looked at."""

    id: str
    number: str
    state: str
    problem: str
    of: Particulars


@dataclass(frozen=True, slots=True)
class Hint:
    """`rule`: "16.2", "17.1", "17.2", "17.2b" (several people), "17.4", "17.5" (many businesses); `evidence`: the
    complaints it rests on."""

    rule: str
    count: int
    evidence: tuple[Known, ...]


def hints(new: Particulars, problem: str, others: Sequence[Known], quantity: str = "") -> list[Hint]:
    """In the order of the articles. `quantity`: as it is on file."""
    found = []
    begun = [one for one in others if one.state in BEGUN and resemblance(new, one.of).likely]
    if begun:
        found.append(Hint("16.2", len(begun), tuple(begun)))
    if (many := pieces(quantity)) >= LARGE:
        found.append(Hint("17.1", many, ()))
    theirs = [one for one in others if new.phone_key and one.of.phone_key == new.phone_key]
    same = [one for one in theirs if same_business(new, one.of) and abs(one.of.received - new.received) <= LONG]
    if len(same) + 1 >= MANY:
        found.append(Hint("17.2", len(same) + 1, tuple(same)))
    at_once = [
        one
        for one in others
        if one.problem == problem
        and one.of.phone_key != new.phone_key
        and same_business(new, one.of)
        and abs(one.of.received - new.received) <= SHORT
    ]
    if len({one.of.phone_key for one in at_once}) + 1 >= ALL_AT_ONCE:
        found.append(Hint("17.2b", len(at_once) + 1, tuple(at_once)))
    names = {one.of.consumer for one in theirs} | {new.consumer}
    if len(names) >= PEOPLE:
        found.append(Hint("17.4", len(names), tuple(theirs)))
    others_of = [one for one in theirs if abs(one.of.received - new.received) <= LONG]
    firms = {one.of.code_key or one.of.core for one in others_of} | {new.code_key or new.core}
    if len(firms - {""}) >= FIRMS:
        found.append(Hint("17.5", len(firms - {""}), tuple(others_of)))
    return found


def pieces(quantity: str) -> int:
    """Of a quantity that counts pieces; 0 of a weight, a length or what is no number."""
    found = _PIECES.fullmatch(unicodedata.normalize("NFKC", quantity).strip())
    return int(found[1]) if found else 0


def same_business(one: Particulars, other: Particulars) -> bool:
    """By the credit code where both have one, else by the core of the name."""
    if one.code_key and other.code_key:
        return one.code_key == other.code_key
    return bool(one.core) and one.core == other.core
