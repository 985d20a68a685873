"""The offices of the bureau: adding and renaming them, each change in the journal.

The table is what everybody reads; `bureau/offices` says who changed it, when, and what stood there before.
"""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final

from complaints.notices.notice import KINDS, LONGEST, Words, shared
from journal import Conflict, Draft, Event, Journal
from journal.numbers import is_sample
from offices.access import OfficeChange
from offices.people import Office, Officer
from offices.refusal import Refused
from server.db.engine import NameInUse
from server.identity.store import IdentityStore

ID = "command-line"


def at_command_line(office: Office) -> Officer:
    """Who acts at the command line, as the journal names them: the machine's own account, an officer of no office.

    They act as an administrator of `office`, whose things are changed.
    """
    return Officer(ID, ID, _name(), "administrator", office, totp=False)


def _name() -> str:
    """The operating system's account, if it has a name."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # no such account: as in a container with a number for a user
        return "yuntiao"
    return f"yuntiao ({account})"


STREAM: Final = "bureau/offices"
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LONGEST: Final = {"name": 60, "short": 20, "phone": 20, "number_prefix": 12}
_LONGEST_OPTIONAL: Final = {"authority": 60, "address": 120, "signature": 20, "mediation_seal": 10}
_WORDS: Final = re.compile(rf"[\w（）]{{1,{LONGEST}}}")
_BRACKETS: Final = str.maketrans("", "", "【】")  # they stand around a signature, not in it
# A prefix stands in numbers that were given, and a zone in days that were counted.
CHANGEABLE: Final = ("name", "short", "phone", "intake", *_LONGEST_OPTIONAL)


class OfficeRegister:
    """Implements `Offices`."""

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
        await self.change_at_command_line(replace(await self._known(office), intake=intake))

    async def _add(self, officer: Officer, office: Office) -> None:
        office = _sound(office)
        known_offices = await self._store.offices()
        if any(is_sample(office.number_prefix) != is_sample(known.number_prefix) for known in known_offices):
            raise Refused("bad_choice", 400, field="number_prefix")  # a real office stands beside no demo's
        if any(office.number_prefix == known.number_prefix for known in known_offices):
            raise Refused("bad_choice", 400, field="number_prefix")  # two would give the same numbers
        if any(
            shared(words, {office.id: office.number_prefix}, {}) for words in (await self._store.all_words()).values()
        ):
            raise Refused("bad_choice", 400, field="number_prefix")
        try:
            await self._store.add_office(office)
        except NameInUse:
            raise Refused("bad_choice", 400, field="id") from None
        said = {name: value for name, value in asdict(office).items() if name != "id" and value != ""}
        changes = {name: ["", value] for name, value in said.items()}
        await self._note(officer, "OfficeAdded", office.id, changes)

    async def change(self, officer: Officer, wanted: Office) -> None:
        known = await self._known(wanted.id)
        if not await self.may_change(officer, known):
            raise Refused("not_allowed", 403)
        if wanted.intake != known.intake:
            of_the_bureau(officer)
        await self._change(officer, known, wanted)

    async def change_at_command_line(self, wanted: Office) -> None:
        known = await self._known(wanted.id)
        await self._change(at_command_line(known), known, wanted)

    async def words(self, officer: Officer, office: Office) -> Words:
        return await self._store.words(office.id)

    async def number(self, officer: Officer, office: str, wanted: Words) -> None:
        known = await self._known(office)
        if not await self.may_change(officer, known):
            raise Refused("not_allowed", 403)
        await self._number(officer, office, wanted)

    async def number_at_command_line(self, office: str, wanted: Words) -> None:
        await self._number(at_command_line(await self._known(office)), office, wanted)

    async def _number(self, officer: Officer, office: str, wanted: Words) -> None:
        words = {kind: own.strip() for kind, own in wanted.items() if own.strip()}
        for kind, own in words.items():
            if kind not in KINDS or not _WORDS.fullmatch(own):
                raise Refused("bad_choice", 400, field=kind)
        every = await self._store.all_words()
        before = every.pop(office, {})
        prefixes = {one.id: one.number_prefix for one in await self._store.offices()}
        if kind := shared(words, prefixes, every):
            raise Refused("bad_choice", 400, field=kind)
        changes = {
            f"series.{kind}": [before.get(kind, ""), words.get(kind, "")]
            for kind in KINDS
            if before.get(kind, "") != words.get(kind, "")
        }
        if changes:
            await self._note(officer, "OfficeChanged", office, changes)
            await self._store.set_words(office, words)

    async def may_change(self, officer: Officer, office: Office) -> bool:
        """The bureau's administrator any; an office's own administrator that one, while no unit acts for the bureau."""
        if officer.role != "administrator":
            return False
        if officer.office.intake:
            return True
        return officer.office.id == office.id and not any(one.intake for one in await self._store.offices())

    async def _known(self, office: str) -> Office:
        known = await self._store.office(office)
        if known is None:
            raise Refused("not_found", 404)
        return known

    async def _change(self, officer: Officer, known: Office, wanted: Office) -> None:
        wanted = _sound(replace(known, **{field: getattr(wanted, field) for field in CHANGEABLE}))
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


def _sound(office: Office) -> Office:
    """As it is kept. Refused: missing, too_long, bad_choice."""
    if not _ID.fullmatch(office.id):
        raise Refused("bad_choice", 400, field="id")
    for field in _LONGEST:
        if not getattr(office, field).strip():
            raise Refused("missing", 400, field=field)
    for field, most in (_LONGEST | _LONGEST_OPTIONAL).items():
        if len(getattr(office, field)) > most:
            raise Refused("too_long", 400, field=field, most=most)
    kept = {field: getattr(office, field).strip() for field in _LONGEST_OPTIONAL}
    return replace(office, **kept | {"signature": kept["signature"].translate(_BRACKETS)})
