"""What is kept beside the journal, held against it: accounts and roles, who oversees whom, acts, states of records.

Accounts are compared purely: what the rows have and what `officer/<id>` and `bureau/access` say go in, plain sentences
come out. Of an account from before changes were noted only what older entries say is known; the rest is told as not
known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from journal import Event
from journal.verification import Finding
from server.db.remaking import Difference
from server.evidence.log_reading_store import LogReading
from server.identity.account_store import CHANGED, COUNT_STREAM, COUNTED
from server.oversight.access import STREAM as ACCESS

_NAMES: Final = {"login": "login", "name": "name", "role": "role", "office": "office", "closed": "closed"}
_HIDDEN: Final = {"password": "password", "second_step": "second factor"}
Standing = Mapping[str, Any]


def account(id_: str, row: Standing, entries: Sequence[Event]) -> tuple[list[Finding], bool]:
    """What differs; whether all of it is known. `row` {}: there is none."""
    said, whole = _newest_state(entries)
    if not row:
        return ([Finding("account_missing", f"users {id_}", "the journal has this account")] if said else []), True
    found = [
        Finding("account", f"users {id_}", f"{word} is {row[key]!r}; the journal says {said[key]!r}")
        for key, word in _NAMES.items()
        if key in said and row[key] != said[key]
    ]
    for key, word in _HIDDEN.items():
        if key in said and row[key] != said[key]:
            state = "there is none" if not row[key] else "there is one" if not said[key] else "it is another one"
            journaled = "none" if not said[key] else "one" if not row[key] else "the one from before"
            found.append(Finding("account", f"users {id_}", f"{word}: {state}; the journal says {journaled}"))
    codes: Sequence[str] = row["recovery"]
    strange = set(codes) - set(said.get("recovery", codes))
    if strange:
        detail = f"{len(strange)} codes for a lost phone that the journal does not have"
        found.append(Finding("account", f"recovery_codes {id_}", detail))
    return found, whole


def _newest_state(entries: Iterable[Event]) -> tuple[dict[str, Any], bool]:
    """Of the newest entry that says all, or what older ones say of role and closing."""
    said: dict[str, Any] = {}
    whole = False
    for entry in entries:
        if entry.erased:
            continue
        if entry.type == CHANGED:
            said, whole = dict(entry.data), True
        elif not whole:
            said |= _older(entry)
    return said, whole


def _older(entry: Event) -> dict[str, Any]:
    match entry.type:
        case "OfficerAdded":
            return {"role": entry.data["role"]}
        case "RoleChanged":
            return {"role": entry.data["to"]}
        case "AccountClosed":
            return {"closed": True}
        case "AccountOpened":
            return {"closed": False}
        case _:
            return {}


def strangers(ids: Iterable[str], noted: Iterable[str], counted: Sequence[str] | None) -> Iterator[Finding]:
    """Accounts that nobody made: in no entry, and not there when changes began to be noted. `counted` None: nothing
    was noted yet."""
    known = {*noted, *(counted or ())}
    if counted is not None:
        for id_ in ids:
            if id_ not in known:
                yield Finding("account_extra", f"users {id_}", "no entry of the journal makes this account")


def overseeing(
    rows: Iterable[tuple[str, str]], entries: Iterable[Event], counted: Iterable[Sequence[str]] | None
) -> Iterator[Finding]:
    """`rows`: supervisor, office; `counted`: those there were when changes began to be noted, None before that."""
    said: dict[str, set[str]] = {}
    for entry in entries:
        if entry.type == "OverseenChanged" and not entry.erased:
            said[entry.data["supervisor"]] = set(entry.data["after"])
    kept: dict[str, set[str]] = {}
    for supervisor, office in rows:
        kept.setdefault(supervisor, set()).add(office)
    noted = set(said)
    for supervisor, office in counted or ():
        if supervisor not in noted:
            said.setdefault(supervisor, set()).add(office)
    for supervisor in sorted(said.keys() | (kept.keys() if counted is not None else set())):
        there, journaled = kept.get(supervisor, set()), said.get(supervisor, set())
        for office in sorted(there ^ journaled):
            now, then = ("is there", "not") if office in there else ("is not there", "yes")
            yield Finding("overseeing", f"office_oversight {supervisor} {office}", f"{now}; the journal says {then}")


LONGEST: Final = 120  # characters of a value that is told


Find = Callable[[str, str, str], None]
"""Takes what does not agree: its code, where, and how."""


@dataclass(slots=True)
class Compared:
    """`unknown`: rows of which too much was erased, or is of a newer program, to be compared; `accounts_unknown`:
    accounts of which not all is in the journal, because they are from before changes were noted."""

    streams: int = 0
    unknown: int = 0
    accounts: int = 0
    accounts_unknown: int = 0


async def compare(reading: LogReading, find: Find, progress: Callable[[int], None] = lambda _: None) -> Compared:
    """Report what does not agree, by these codes.

    account           an account's role, name, office, closing, password, second factor or codes are not the journal's
    account_missing   the journal has an account that there is not
    account_extra     an account that no entry makes
    overseeing        a supervisor oversees an office, or does not, otherwise than the journal says
    row_changed       a row of a record says something else than the journal
    row_missing       the journal has a record, or an act, whose row is gone
    row_extra         a row that no entry makes
    """
    found = Compared()
    await _accounts(reading, find, found)
    unread: set[str] = set()
    async for one in reading.records(unread, progress):
        if isinstance(one, int):
            found.streams = one
        elif one.erased or one.stream in unread:
            found.unknown += 1
        else:
            _tell(one, find)
    return found


async def _accounts(reading: LogReading, find: Find, found: Compared) -> None:
    counted = [entry.data for entry in await reading.stream(COUNT_STREAM) if entry.type == COUNTED and not entry.erased]
    there, noted = list[str](), list[str]()
    async for id_, row in reading.accounts():
        entries = await reading.stream(f"officer/{id_}")
        differences, whole = account(id_, row, entries)
        for one in differences:
            find(one.code, one.where, one.detail)
        found.accounts += 1
        found.accounts_unknown += not whole
        there += [id_] if row else []
        noted += [id_] if entries else []
    for one in strangers(there, noted, counted[0].get("accounts", ()) if counted else None):
        find(one.code, one.where, one.detail)
    access = await reading.stream(ACCESS)
    for one in overseeing(await reading.overseen(), access, counted[0].get("overseen", ()) if counted else None):
        find(one.code, one.where, one.detail)


def _tell(one: Difference, find: Find) -> None:
    where = f"{one.table} {one.key}"
    if one.told is None:
        find("row_extra", where, "no entry of the journal makes this row")
    elif one.kept is None:
        find("row_missing", where, f"the journal has it, in {one.stream}")
    else:
        for column, told in one.told.items():
            find("row_changed", where, f"{column} is {_shown(one.kept[column])}; the journal says {_shown(told)}")


def _shown(value: str | None) -> str:
    if value is None:
        return "nothing"
    return repr(value if len(value) <= LONGEST else f"{value[:LONGEST]}…")
