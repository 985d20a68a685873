"""What is kept of a row that was refused: its reasons, and its cells, sealed until somebody mends them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from complaints.channels.cells import Cell, empty, text
from complaints.channels.errors import ChannelError, Problem
from complaints.channels.header import Header
from complaints.channels.reading import ChannelRow
from complaints.errors import ComplaintError
from complaints.record.identifiers import Sealer
from server.storage.handled import Handled

ROW: Final = "import row"  # the purpose refused rows are sealed for
_FIELDS: Final = {"consumer_phone": "consumer_phone", "id_number": "consumer_id_number", "title": "facts"}


def refused(
    row: ChannelRow, cells: Sequence[Cell], header: Header, problems: Sequence[Problem], seal: Sealer
) -> Handled:
    kept = {name: _kept(cell) for name, cell in zip(header.names, cells, strict=False) if name and not empty(cell)}
    sealed = seal.seal(json.dumps(kept, ensure_ascii=False), ROW)
    return Handled(row.row, "refused", "", row.number[:80], [plain(one) for one in problems], sealed)


def plain(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "column": problem.column, "params": dict(problem.params)}


def problem_of(no: ComplaintError, header: Header) -> Problem:
    field = str(no.params.get("field", ""))
    params = {name: value for name, value in no.params.items() if name != "field"}
    code = "changed" if no.code == "wrong_state" else no.code
    return Problem(code, header.name_of(_FIELDS.get(field, field)) if field else "", params)


def _kept(cell: Cell) -> str:
    try:
        return text(cell)
    except ChannelError:
        return str(cell)[:20_000].encode(errors="replace").decode()  # half a character cannot be kept
