"""The offices of the bureau, each change in the journal: adding and renaming them, their areas and their holidays.

The table is what everybody reads; `bureau/offices` says who changed it, when, and what stood there before. Areas and
holidays are an office's own, as its administrators enter them.
"""

from __future__ import annotations

import getpass
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from complaints.notices import KINDS, LONGEST, Words, shared
from complaints.record.places import DRAWN, DROPPED, Jurisdiction, areas, describe_area, draw_areas, jurisdiction_stream
from complaints.views import HolidayYear
from journal import Conflict, Draft, Event, Journal
from journal.numbers import is_sample
from journal.refusals import DomainError, Refused
from law.deadlines import HolidayNotice
from offices.people import Office, OfficeChange, Officer, require_role
from server.complaints.office_store import ENTERED, WITHDRAWN, calendar_stream, notice_data, notices_of
from server.db.engine import Database, NameInUse
from server.db.journal import SqlJournal
from server.db.projections import date_anew
from server.identity.store import IdentityStore
from server.leads.store import date_leads_anew

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
CHANGEABLE: Final = ("name", "short", "phone", "intake", "seal_only", *_LONGEST_OPTIONAL)


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


MOST = 50


class OfficeAreas:
    """Offices' own areas, as administrators draw them. Implements `Jurisdictions`; their sole writer."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._now = now

    async def areas(self, officer: Officer) -> Sequence[Jurisdiction]:
        return list((await self._known(officer))[1].values())

    async def draw(self, officer: Officer, area: str, name: str, divisions: str, words: str) -> None:
        entries, known = await self._known(officer)
        try:
            wanted = describe_area(
                area if area in known else uuid.uuid4().hex, officer.office.id, name, divisions, words
            )
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None
        if wanted.id not in known and len(known) >= MOST:
            raise Refused("too_long", 400, field="name", most=MOST)
        if known.get(wanted.id) != wanted:
            await self._append(officer, entries, DRAWN, draw_areas(wanted))

    async def drop(self, officer: Officer, area: str) -> None:
        entries, known = await self._known(officer)
        if area in known:
            await self._append(officer, entries, DROPPED, {"id": area})

    async def _known(self, officer: Officer) -> tuple[Sequence[Event], dict[str, Jurisdiction]]:
        entries = await self._journal.read(jurisdiction_stream(officer.office.id))
        return entries, areas(officer.office.id, entries)

    async def _append(self, officer: Officer, entries: Sequence[Event], what: str, data: dict[str, object]) -> None:
        draft = Draft(what, data, self._now(), officer.actor)
        try:
            await self._journal.append(jurisdiction_stream(officer.office.id), len(entries), [draft])
        except Conflict:
            raise Refused("busy", 503) from None


class HolidayService:
    """Holidays as an office entered them. Implements `HolidayService`.

    Owns the streams `office/<id>/calendar`; the table is `server.complaints.office_store`'s. Whatever a notice
    changes, the dates of the office's complaints under way change with it, at once.
    """

    def __init__(self, database: Database, journal: SqlJournal, now: Callable[[], datetime]) -> None:
        self._database, self._journal, self._now = database, journal, now

    async def years(self, officer: Officer) -> Sequence[HolidayYear]:
        return [HolidayYear(*one) for one in await notices_of(self._database, officer.office.id)]

    async def enter(self, officer: Officer, notice: HolidayNotice) -> int:
        require_role(officer, "administrator")
        return await self._note(officer, ENTERED, notice_data(notice))

    async def withdraw(self, officer: Officer, year: int) -> int:
        require_role(officer, "administrator")
        if year not in [known.notice.year for known in await self.years(officer)]:
            raise Refused("not_found", 404)
        return await self._note(officer, WITHDRAWN, {"year": year})

    async def _note(self, officer: Officer, what: str, data: Mapping[str, Any]) -> int:
        stream = calendar_stream(officer.office.id)
        draft = Draft(what, data, self._now(), officer.actor)
        try:
            await self._journal.append(stream, await self._journal.last(stream), [draft])
        except Conflict:
            raise Refused("busy", 503) from None
        await date_leads_anew(self._database, officer.office.id)
        return await date_anew(self._database, officer.office.id)
