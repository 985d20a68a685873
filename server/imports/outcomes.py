"""What became of one row of a batch, and what is kept of one that was refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from complaints.channels.cells import Cell, empty, text
from complaints.channels.errors import ChannelError, Problem
from complaints.channels.mapping import Header
from complaints.leads import STREAM as LEADS
from complaints.record.identifiers import Sealer
from journal.refusals import DomainError


@dataclass(frozen=True, slots=True)
class RowOutcome:
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


ROW: Final = "import row"  # the purpose refused rows are sealed for
_FIELDS: Final = {"consumer_phone": "consumer_phone", "id_number": "consumer_id_number", "title": "facts"}


def refused(
    row: int, number: str, cells: Sequence[Cell], header: Header, problems: Sequence[Problem], seal: Sealer
) -> RowOutcome:
    """Keep its reasons, and its cells, sealed until somebody mends them. `number`: what its channel calls it."""
    kept = {name: _kept(cell) for name, cell in zip(header.names, cells, strict=False) if name and not empty(cell)}
    sealed = seal.seal(json.dumps(kept, ensure_ascii=False), ROW)
    return RowOutcome(row, "refused", "", number[:80], [plain(one) for one in problems], sealed)


def plain(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "column": problem.column, "params": dict(problem.params)}


def problem_of(no: DomainError, header: Header) -> Problem:
    field = str(no.params.get("field", ""))
    params = {name: value for name, value in no.params.items() if name != "field"}
    code = "changed" if no.code == "wrong_state" else no.code
    return Problem(code, header.name_of(_FIELDS.get(field, field)) if field else "", params)


def _kept(cell: Cell) -> str:
    try:
        return text(cell)
    except ChannelError:
        return str(cell)[:20_000].encode(errors="replace").decode()  # half a character cannot be kept
