"""What became of one row of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from complaints.leads import STREAM as LEADS


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one row. `problems`: [{"code", "column", "params"}]. `complaint`: its id; of a report or a
    consultation its stream."""

    row: int
    outcome: str
    complaint: str = ""
    number: str = ""
    problems: list[dict[str, Any]] | None = None
    cells_sealed: str | None = None

    @property
    def filed(self) -> str:
        """The complaint's id, "" of none: what else it became stays behind its wall."""
        return "" if "/" in self.complaint else self.complaint

    @property
    def lead(self) -> str:
        """The id of the report it became, "" of none."""
        kind, _, id_ = self.complaint.partition("/")
        return id_ if kind == LEADS else ""
