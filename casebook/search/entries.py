"""What a case says of itself to be found by, and how much each word counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casebook.case import Case
from casebook.search.words import mark, plain, said as words_of, segments, single, split
from law.catalogue import topics

_BITS: Final = 7
_IMPACT: Final = (1 << _BITS) - 1
_FORM: Final = np.dtype("<u8")


def packed_impacts(terms: Mapping[str, int]) -> bytes:
    """Of impacts from 1 to 127."""
    numbers = [_digest(token) << _BITS | impact for token, impact in terms.items()]
    return np.sort(np.array(numbers, _FORM)).tobytes()


@lru_cache(maxsize=512)
def digests(impacts: bytes) -> frozenset[int]:
    """Of all its tokens."""
    return frozenset((np.frombuffer(impacts, _FORM) >> _BITS).tolist())


def impact_table(cases: Sequence[bytes], tokens: Sequence[str]) -> NDArray[np.float64]:
    """The impact of every one of `tokens`, each once, in every case: a row a case, 0 where it does not stand."""
    found = np.zeros((len(cases), len(tokens)))
    if not found.size:
        return found
    asked = np.array([_digest(token) for token in tokens], _FORM)
    order = np.argsort(asked)
    every = np.frombuffer(b"".join(cases), _FORM)
    stands = every >> _BITS
    near = np.minimum(np.searchsorted(asked, stands, sorter=order), len(tokens) - 1)
    column = order[near]
    met = asked[column] == stands
    row = np.repeat(np.arange(len(cases)), [len(case) // _FORM.itemsize for case in cases])
    found[row[met], column[met]] = every[met] & _IMPACT
    return found


@lru_cache(maxsize=50_000)
def _digest(token: str) -> int:
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest()) >> _BITS


VERSION: Final = 3
"""Another number, and every entry is made anew at the next start."""

WEIGHTS: Final[Mapping[str, float]] = {
    "title_zh": 6.0, "title_en": 6.0, "claims": 2.0, "facts": 2.0, "outcome": 1.2, "experience": 1.0, "process": 0.7,
    "comment": 0.8, "tags": 3.0,
}  # fmt: skip
FLAT: Final[Mapping[str, float]] = dict.fromkeys(WEIGHTS, 1.0)
NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
_HALF = 5.0  # weight at which half of what can be said is said


@dataclass(frozen=True, slots=True)
class Entry:
    """Yuan are in fen; `industry`, `problem`: codes, "" when not known; `settled` None: nothing was agreed to."""

    id: str
    office: str
    sample: bool
    industry: str
    problem: str
    articles: tuple[str, ...]
    event_date: date
    claimed: int | None
    settled: int | None
    days: int | None
    impacts: bytes  # `casebook.search.entries`


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with every token it is found by, marks included, each once."""

    entry: Entry
    tokens: tuple[str, ...]


def entry(case: Case, weights: Mapping[str, float] = WEIGHTS) -> Entry:
    return listed_entry(case, weights).entry


def listed_entry(case: Case, weights: Mapping[str, float] = WEIGHTS, own: Mapping[str, str] = NO_NAMES) -> Listed:
    """`own`: what offices' own topics are called, by id; a case is found by that, too."""
    said = terms(case, weights, own)
    made = Entry(
        id=case.id,
        office=case.office,
        sample=case.sample,
        industry=case.industry,
        problem=case.problem,
        articles=case.articles,
        event_date=case.event_date,
        claimed=fen(case.claimed),
        settled=fen(case.settled),
        days=case.days,
        impacts=packed_impacts(said),
    )
    return Listed(made, tuple(dict.fromkeys((*said, *marks(made)))))


def terms(case: Case, weights: Mapping[str, float] = WEIGHTS, own: Mapping[str, str] = NO_NAMES) -> dict[str, int]:
    """Token -> impact, in the tokens' order."""
    texts = {name: getattr(case, name) for name in weights if name != "tags"}
    law = topics()
    texts["tags"] = " ".join(f"{law[tag].zh} {law[tag].en}" if tag in law else own.get(tag, "") for tag in case.tags)
    scores: dict[str, float] = {}
    for name, text in texts.items():
        for token, often in _counted(_tokens(text)).items():
            scores[token] = scores.get(token, 0.0) + weights[name] * min(often, 4) ** 0.5
    for tag in case.tags:
        scores[mark("t", tag)] = scores.get(mark("t", tag), 0.0) + 2 * weights["tags"]
    impacts = {token: round(100 * score / (score + _HALF)) for token, score in scores.items()}
    return {token: impacts[token] for token in sorted(impacts) if impacts[token] > 0}


def marks(of: Entry) -> list[str]:
    """What filters, and classes of a complaint, find it by."""
    found = [mark("p", of.problem), mark("y", str(of.event_date.year)), mark("o", of.office)]
    found.extend(mark("i", of.industry[:length]) for length in (1, 3, 5) if len(of.industry) >= length)
    found.extend(mark("a", article) for article in of.articles)
    found.append(mark("s", "sample" if of.sample else "own"))
    found.append(mark("r", "settled" if of.settled is not None else "open"))
    return list(dict.fromkeys(found))


def fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else round(yuan * 100)


def _tokens(text: str) -> Iterable[str]:
    yield from segments(text, searched=True)
    yield from (plain(char) for char in single(text))
    for whole in split(text):
        yield from segments(whole, searched=True)
        yield from (mark("c", concept) for one in words_of(whole) for concept in one.concepts)
    for word in words_of(text):
        yield plain("".join(char for char in word.word if char.isalnum()))
        yield from (mark("c", concept) for concept in word.concepts)
        yield from (mark("t", topic) for topic in word.topics)


def _counted(tokens: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for token in tokens:
        found[token] = found.get(token, 0) + 1
    return found
