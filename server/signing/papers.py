"""A signed document as the typesetter takes it: plain texts in a fixed order, strokes as numbers, no markup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rooms.signing.handwriting import Ink

EDITION = "2026-11-29"


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Passage:
    """`style`: "heading" | "text" | "quote" | "note"."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A clause: "第一条" and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Hand:
    """A signature: drawn (`ink`), or the name typed by somebody who cannot draw; neither while it is missing."""

    role: str
    name: str
    capacity: str = ""  # of a proxy: for whom and by what
    note: str = ""  # when and how
    alt: str = ""
    ink: Ink | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class SealMark:
    name: str  # in the ring
    purpose: str
    kind: str  # says that it is electronic
    note: str
    alt: str
    applied: bool = False


@dataclass(frozen=True, slots=True)
class English:
    """For reading only."""

    title: str
    rows: tuple[Row, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """`digest` is a line at the foot that names the text's hash; `day` (year, month, day) is the file's own date."""

    office: str
    title: str
    number: str
    rows: tuple[Row, ...]
    before: tuple[Passage, ...]
    clauses: tuple[Numbered, ...]
    after: tuple[Passage, ...]
    hands: tuple[Hand, ...]
    seal: SealMark | None
    date: str
    day: tuple[int, int, int]
    foot: str
    digest: str = ""
    verify: str = ""
    gloss: English | None = None  # where somebody asked for it
    draft: bool = False
    draft_word: str = "草稿"
    contact: str = ""  # how the authority is reached, under the date
    edition: str = EDITION

    def said(self, say: Callable[[str], str]) -> dict[str, Any]:
        """As JSON for the layout, every text put through `say`."""
        return _each(asdict(self), say)  # type: ignore[no-any-return]


def _each(value: Any, say: Callable[[str], str]) -> Any:
    match value:
        case str():
            return say(value)
        case dict():
            return {name: _each(item, say) for name, item in value.items()}
        case list() | tuple():
            return [_each(item, say) for item in value]
        case _:
            return value
