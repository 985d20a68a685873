"""A document as the typesetter takes it: plain texts in a fixed order, nothing that could be markup."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """`style`: "text" | "item" | "quote" | "heading" | "close" | "imprint" (under seal and date)."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Gloss:
    """An English rendering after the document, for reading only."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`number` "" for a draft; `date` as it is printed; `year`, `month`, `day` of the file's own date."""

    office: str
    number: str
    title: str
    addressee: str
    blocks: tuple[Block, ...]
    date: str
    file_number: str  # of the complaint, at the foot
    day: tuple[int, int, int]
    edition: str
    signatures: tuple[str, ...] = ()
    seal: bool = True
    draft: bool = False
    gloss: Gloss | None = None
    rows: tuple[tuple[str, str], ...] = ()  # of a form that is a table: what stands before and behind the line
    head: tuple[str, ...] = ()  # of a register on sheets laid across: what its columns are called
    table: tuple[tuple[str, ...], ...] = ()  # its lines

    def said(self, say: Callable[[str], str]) -> dict[str, Any]:
        """As JSON for the layout, every text put through `say`."""
        return _each(asdict(self), say)  # type: ignore[no-any-return]

    def text(self) -> str:
        """As it is kept: one JSON object."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def sheet_of(text: str) -> Sheet:
    """Back from `Sheet.text`."""
    kept = json.loads(text)
    gloss = kept.pop("gloss")
    return Sheet(
        **kept
        | {
            "blocks": _blocks(kept["blocks"]),
            "day": tuple(kept["day"]),
            "signatures": tuple(kept["signatures"]),
            "rows": tuple((label, value) for label, value in kept.get("rows", ())),
            "head": tuple(kept.get("head", ())),
            "table": tuple(tuple(line) for line in kept.get("table", ())),
            "gloss": Gloss(gloss["title"], _blocks(gloss["blocks"])) if gloss else None,
        }
    )


def _blocks(kept: list[dict[str, str]]) -> tuple[Block, ...]:
    return tuple(Block(**block) for block in kept)


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
