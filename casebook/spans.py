"""Places in a raw text that somebody could be known by, and what a person decided about each.

A span holds where and of what kind, what is put there instead, and the verdict; never the words themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

HIDDEN, KEPT, PENDING = "hidden", "kept", ""
VERDICTS: Final = (HIDDEN, KEPT, PENDING)
MOST: Final = 600  # spans of one text


@dataclass(frozen=True, slots=True)
class Known:
    """What the file says of the people: found wherever it stands. `others`: numbers and words that lead to somebody."""

    people: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    amounts: tuple[Decimal, ...] = field(default=())  # of the file, so that its factor counts for the texts too


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """`start` and `end` count characters of the raw text. `by_hand`: a person marked it, no rule did."""

    start: int
    end: int
    kind: str
    put: str
    verdict: str = PENDING
    by_hand: bool = False

    @property
    def id(self) -> str:
        return f"{self.start}-{self.end}"


def sound(spans: Sequence[MarkedSpan], length: int) -> bool:
    """In order, within the text, none over another."""
    edge = 0
    for span in spans:
        if not edge <= span.start < span.end <= length or span.verdict not in VERDICTS:
            return False
        edge = span.end
    return len(spans) <= MOST


def masked(text: str, spans: Iterable[MarkedSpan]) -> str:
    """What is not decided yet is hidden: nothing shows by being forgotten."""
    return "".join(piece for piece, _ in pieces(text, spans))


def pieces(text: str, spans: Iterable[MarkedSpan]) -> list[tuple[str, MarkedSpan | None]]:
    """The masked text cut at the spans; each piece with the span it stands for."""
    out: list[tuple[str, MarkedSpan | None]] = []
    at = 0
    for span in spans:
        if span.start > at:
            out.append((text[at : span.start], None))
        out.append((text[span.start : span.end] if span.verdict == KEPT else span.put, span))
        at = span.end
    if at < len(text):
        out.append((text[at:], None))
    return out


def sides(text: str, spans: Iterable[MarkedSpan]) -> list[tuple[str, str, MarkedSpan | None]]:
    """The raw and the masked text cut alike: what stood there, what will, and the span it is about."""
    out: list[tuple[str, str, MarkedSpan | None]] = []
    at = 0
    for put, span in pieces(text, spans):
        length = len(put) if span is None else span.end - span.start
        out.append((text[at : at + length], put, span))
        at += length
    return out
