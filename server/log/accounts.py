"""Accounts, their roles, second factors and passwords, and who oversees which office, held against the journal.

Pure: what the rows have and what `officer/<id>` and `bureau/access` say go in, plain sentences come out. Of an account
from before changes were noted only what older entries say is known; the rest is told as not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from journal import Event
from journal.verification import Finding
from server.storage.account_journal import CHANGED

_NAMES: Final = {"login": "login", "name": "name", "role": "role", "office": "office", "closed": "closed"}
_HIDDEN: Final = {"password": "password", "second_step": "second factor"}
Standing = Mapping[str, Any]


def account(id_: str, row: Standing, entries: Sequence[Event]) -> tuple[list[Finding], bool]:
    """What differs; whether all of it is known. `row` {}: there is none."""
    said, whole = _said(entries)
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


def _said(entries: Iterable[Event]) -> tuple[dict[str, Any], bool]:
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
