"""What was said in a session as a machine heard it: lines, each of one person's own track, on the wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recordings.speech import ModelIdentity, Word


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of one person. `words` count their seconds from `begins`; empty where the engine gave none.

    `id` stays the same for as long as the transcript: what is corrected or quoted is named by it. `sure`: 0…1.
    """

    id: str
    seat: str
    begins: datetime
    ends: datetime
    text: str
    sure: float = 1.0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """`lines` in the order in which they begin, as heard; `corrected`: by line, what the mediator put in its place."""

    session: str
    model: ModelIdentity
    made: datetime
    lines: tuple[Line, ...]
    corrected: Mapping[str, str]

    def text(self, line: Line) -> str:
        """As it is read: corrected where it was."""
        return self.corrected.get(line.id, line.text)
