"""What was said in a session as a machine heard it: lines, each of one person's own track, on the wall clock.

`planning` says from the journal whose sound may be transcribed, and when; `hearing` makes the lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

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
    corrected: Mapping[str, str] = field(default_factory=dict)

    def text(self, line: Line) -> str:
        """As it is read: corrected where it was."""
        return self.corrected.get(line.id, line.text)

    def with_corrections(self, corrected: Mapping[str, str]) -> Transcript:
        """Those of lines that there are."""
        known = {line.id for line in self.lines}
        return replace(self, corrected={id_: text for id_, text in corrected.items() if id_ in known})


FORMAT: Final = "yuntiao-transcript/1"


def to_json(transcript: Transcript) -> bytes:
    """The file that is sealed and hashed into the journal: what was heard, without any correction."""
    model = transcript.model
    value = {
        "format": FORMAT,
        "session": transcript.session,
        "model": {"kind": model.kind, "name": model.name, "digest": model.digest},
        "made": _stamp(transcript.made),
        "lines": [
            {
                "id": line.id,
                "seat": line.seat,
                "begins": _stamp(line.begins),
                "ends": _stamp(line.ends),
                "text": line.text,
                "sure": line.sure,
                "words": [[word.begins, word.ends, word.text] for word in line.words],
            }
            for line in transcript.lines
        ],
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def from_json(content: bytes) -> Transcript:
    """ValueError when it is none."""
    try:
        value = json.loads(content)
        if value["format"] != FORMAT:
            raise ValueError(f"no {FORMAT}")
        return Transcript(
            value["session"],
            ModelIdentity(**value["model"]),
            datetime.fromisoformat(value["made"]),
            tuple(_line(one) for one in value["lines"]),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"no transcript: {fault}") from None


def _line(value: Mapping[str, Any]) -> Line:
    begins, ends = (datetime.fromisoformat(value[name]) for name in ("begins", "ends"))
    words = tuple(Word(float(start), float(end), str(text)) for start, end, text in value["words"])
    return Line(str(value["id"]), str(value["seat"]), begins, ends, str(value["text"]), float(value["sure"]), words)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
