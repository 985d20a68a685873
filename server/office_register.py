"""The offices of the bureau: adding and renaming them, each change in the journal. Implements `web.ports.Offices`.

The table is what everybody reads; `bureau/offices` says who changed it, when, and what stood there before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final

from journal import Conflict, Draft, Event, Journal
from server.command_line import at_command_line
from server.storage.errors import Taken
from server.storage.identity_store import IdentityStore
from web.ports import Office, Officer, Refused
from web.ports.offices import OfficeChange

STREAM: Final = "bureau/offices"
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LONGEST: Final = {"name": 60, "short": 20, "phone": 20, "number_prefix": 12}
CHANGEABLE: Final = ("name", "short", "phone", "intake")  # a prefix stands in numbers that were given


class OfficeRegister:
    def __init__(self, store: IdentityStore, journal: Journal, now: Callable[[], datetime]) -> None:
        self._store, self._journal, self._now = store, journal, now

    async def offices(self, officer: Officer) -> Sequence[Office]:
        return await self._store.offices()

    async def changes(self, officer: Officer) -> Sequence[OfficeChange]:
        """Newest first."""
        return [
            OfficeChange(event.at, event.actor.name, event.type, event.data["office"], event.data["changes"])
            for event in reversed(await self._journal.read(STREAM))
            if not event.erased
        ]

    async def add(self, officer: Officer, office: Office) -> None:
        of_the_bureau(officer)
        await self._add(officer, office)

    async def add_at_command_line(self, office: Office) -> None:
        await self._add(at_command_line(office), office)

    async def dispatches(self, office: str, intake: bool) -> None:
        """Said at the command line: it receives for the bureau, or does not any more."""
        known = await self._store.office(office)
        if known is None:
            raise Refused("not_found", 404)
        await self._change(at_command_line(known), known, replace(known, intake=intake))

    async def _add(self, officer: Officer, office: Office) -> None:
        _sound(office)
        if any(office.number_prefix == known.number_prefix for known in await self._store.offices()):
            raise Refused("bad_choice", 400, field="number_prefix")  # two would give the same numbers
        try:
            await self._store.add_office(office)
        except Taken:
            raise Refused("bad_choice", 400, field="id") from None
        changes = {name: ["", value] for name, value in asdict(office).items() if name != "id"}
        await self._note(officer, "OfficeAdded", office.id, changes)

    async def change(self, officer: Officer, office: str, name: str, short: str, phone: str, intake: bool) -> None:
        of_the_bureau(officer)
        known = await self._store.office(office)
        if known is None:
            raise Refused("not_found", 404)
        await self._change(officer, known, replace(known, name=name, short=short, phone=phone, intake=intake))

    async def _change(self, officer: Officer, known: Office, wanted: Office) -> None:
        _sound(wanted)
        changes = {
            field: [getattr(known, field), getattr(wanted, field)]
            for field in CHANGEABLE
            if getattr(known, field) != getattr(wanted, field)
        }
        if changes:
            await self._note(officer, "OfficeChanged", known.id, changes)
            await self._store.change_office(wanted)

    async def _note(self, officer: Officer, what: str, office: str, changes: Mapping[str, object]) -> None:
        entries: Sequence[Event] = await self._journal.read(STREAM)
        draft = Draft(what, {"office": office, "changes": dict(changes)}, self._now(), officer.actor)
        try:
            await self._journal.append(STREAM, len(entries), [draft])
        except Conflict:
            raise Refused("busy", 503) from None


def of_the_bureau(officer: Officer) -> None:
    """The administrator of a unit that receives for the bureau."""
    if officer.role != "administrator" or not officer.office.intake:
        raise Refused("not_allowed", 403)


def _sound(office: Office) -> None:
    if not _ID.fullmatch(office.id):
        raise Refused("bad_choice", 400, field="id")
    for field, most in _LONGEST.items():
        value = getattr(office, field)
        if not value.strip():
            raise Refused("missing", 400, field=field)
        if len(value) > most:
            raise Refused("too_long", 400, field=field, most=most)
