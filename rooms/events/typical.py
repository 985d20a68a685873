"""What can have happened with typical cases: one shown to everybody in the room, and put away."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TypicalLeaf:
    """A case as it was shown: the record does not change when the casebook does.

    `title` and each of `articles` are language -> words; `sample`: one that the program brought along.
    """

    case: str
    number: str
    title: dict[str, str]
    facts: str
    outcome: str
    articles: list[dict[str, str]] = field(default_factory=list)
    sample: bool = False


@dataclass(frozen=True, slots=True)
class TypicalShown:
    leaf: TypicalLeaf


@dataclass(frozen=True, slots=True)
class TypicalPutAway:
    pass


TypicalEvent = TypicalShown | TypicalPutAway
