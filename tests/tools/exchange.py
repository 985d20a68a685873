"""Writes our own schema of exchange with platforms: docs/exchange.schema.json, and the tables of docs/exchange.md.

    python -m tests.tools.exchange

Both come from the classes of `server.complaints.exchange`; a test holds the written files to them.
"""

from __future__ import annotations

from typing import Final, get_args

from server.complaints import exchange as wire
from tests import ROOT
from tests.tools.cells import BEGIN, END, tables_of, written

SCHEMA: Final = ROOT / "docs" / "exchange.schema.json"
PAGE: Final = ROOT / "docs" / "exchange.md"
KINDS: Final[tuple[type[wire.Document], ...]] = get_args(get_args(wire.AnyDocument)[0])
ROWS: Final = (wire.ComplaintRow, wire.IntakeReceipt, wire.ProgressRow, wire.ReceiptRow, wire.CountRow)


def schema_text() -> str:
    return written(wire.schema())


def tables() -> str:
    return tables_of(wire.Document, KINDS, ROWS, "Row")


def page_text(before: str) -> str:
    head, _, rest = before.partition(BEGIN)
    return f"{head}{BEGIN}\n{tables()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(page_text(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
