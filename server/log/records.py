"""Holds what is kept beside the journal against it: accounts and roles, who oversees whom, acts, states of records.

account           an account's role, name, office, closing, password, second factor or codes are not the journal's
account_missing   the journal has an account that there is not
account_extra     an account that no entry makes
overseeing        a supervisor oversees an office, or does not, otherwise than the journal says
row_changed       a row of a record says something else than the journal
row_missing       the journal has a record, or an act, whose row is gone
row_extra         a row that no entry makes
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from server.log import accounts
from server.oversight.access import STREAM as ACCESS
from server.storage.account_journal import COUNT_STREAM, COUNTED
from server.storage.log_reading import LogReading
from server.storage.remaking import Difference

LONGEST: Final = 120  # characters of a value that is told


class Findings(Protocol):
    def find(self, code: str, where: str, detail: str = "") -> None: ...


@dataclass(slots=True)
class Compared:
    """`unknown`: rows of which too much was erased, or is of a newer program, to be compared; `accounts_unknown`:
    accounts of which not all is in the journal, because they are from before changes were noted."""

    streams: int = 0
    unknown: int = 0
    accounts: int = 0
    accounts_unknown: int = 0


async def compare(reading: LogReading, report: Findings, progress: Callable[[int], None] = lambda _: None) -> Compared:
    found = Compared()
    await _accounts(reading, report, found)
    unread: set[str] = set()
    async for one in reading.records(unread, progress):
        if isinstance(one, int):
            found.streams = one
        elif one.erased or one.stream in unread:
            found.unknown += 1
        else:
            _tell(one, report)
    return found


async def _accounts(reading: LogReading, report: Findings, found: Compared) -> None:
    counted = [entry.data for entry in await reading.stream(COUNT_STREAM) if entry.type == COUNTED and not entry.erased]
    there, noted = list[str](), list[str]()
    async for id_, row in reading.accounts():
        entries = await reading.stream(f"officer/{id_}")
        differences, whole = accounts.account(id_, row, entries)
        for one in differences:
            report.find(one.code, one.where, one.detail)
        found.accounts += 1
        found.accounts_unknown += not whole
        there += [id_] if row else []
        noted += [id_] if entries else []
    for one in accounts.strangers(there, noted, counted[0].get("accounts", ()) if counted else None):
        report.find(one.code, one.where, one.detail)
    access = await reading.stream(ACCESS)
    for one in accounts.overseeing(
        await reading.overseen(), access, counted[0].get("overseen", ()) if counted else None
    ):
        report.find(one.code, one.where, one.detail)


def _tell(one: Difference, report: Findings) -> None:
    where = f"{one.table} {one.key}"
    if one.told is None:
        report.find("row_extra", where, "no entry of the journal makes this row")
    elif one.kept is None:
        report.find("row_missing", where, f"the journal has it, in {one.stream}")
    else:
        for column, told in one.told.items():
            report.find("row_changed", where, f"{column} is {_said(one.kept[column])}; the journal says {_said(told)}")


def _said(value: str | None) -> str:
    if value is None:
        return "nothing"
    return repr(value if len(value) <= LONGEST else f"{value[:LONGEST]}…")
