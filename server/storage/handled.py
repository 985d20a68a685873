"""What became of one row of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one row. `problems`: [{"code", "column", "params"}]."""

    row: int
    outcome: str
    complaint: str = ""
    number: str = ""
    problems: list[dict[str, Any]] | None = None
    cells_sealed: str | None = None
