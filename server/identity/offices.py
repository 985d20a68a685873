"""The offices of the bureau, each change in the journal: adding and renaming them, their areas and their holidays.

The table is what everybody reads; `bureau/offices` says who changed it, when, and what stood there before. Areas and
holidays are an office's own, as its administrators enter them.
"""

from __future__ import annotations

import getpass
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from complaints.notices import KINDS, LONGEST, Words, shared
from complaints.record.places import DRAWN, DROPPED, Jurisdiction, areas, describe_area, draw_areas, jurisdiction_stream
from complaints.views import HolidayYear
from journal import TRIES, Actor, Conflict, Draft, Event, Journal, append_decided, append_next
from journal.numbers import is_sample
from journal.refusals import Busy, DomainError, Refused
from law.deadlines import HolidayNotice
from offices import (
    LEVELS,
    Office,
    OfficeChange,
    OfficeLevel,
    Officer,
    OfficeTree,
    charge_of,
    require_role,
    said_itself,
    take_over,
)
from offices.oversight import ApprovalWish
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
_LONGEST_OPTIONAL: Final = {"authority": 60, "address": 120, "signature": 20, "mediation_seal": 10, "called": 20}
LONGEST_REASON: Final = 500
_WORDS: Final = re.compile(rf"[\w（）]{{1,{LONGEST}}}")
_BRACKETS: Final = str.maketrans("", "", "【】")  # they stand around a signature, not in it
# A prefix stands in numbers that were given, and a zone in days that were counted.
CHANGEABLE: Final = ("name", "short", "phone", "intake", "seal_only", "language", *_LONGEST_OPTIONAL)

Asking = Callable[[Officer, str, ApprovalWish], Awaitable[str]]
"""A second person's yes is asked for: by whom, with which sign-in, what. The request's id."""


class OfficeRegister:
    """Implements `Offices`."""

    def __init__(
        self, store: IdentityStore, journal: Journal, now: Callable[[], datetime], ask: Asking | None = None
    ) -> None:
        self._store, self._journal, self._now = store, journal, now
        self._asking = ask

    async def offices(self, officer: Officer) -> Sequence[Office]:
        return await self._store.offices()

    async def changes(self, officer: Officer) -> Sequence[OfficeChange]:
        """Newest first."""
        return [
            OfficeChange(
                event.at,
                event.actor.name,
                event.type,
                event.data["office"],
                event.data["changes"],
                event.data.get("reason", ""),
            )
            for event in reversed(await self._journal.read(STREAM))
            if not event.erased
        ]

    async def add(self, officer: Officer, office: Office) -> None:
        if not await self.may_add(officer, office.superior):
            raise Refused("not_allowed", 403)
        await self._add(officer, office)

    async def may_add(self, officer: Officer, superior: str = "") -> bool:
        """Right below an office they look after, or their own; at the top who looks after all."""
        known = await self._store.offices()
        charge = charge_of(officer, known)
        if not superior:
            return len(charge) == len(known)
        return superior in charge or (superior == officer.office.id and officer.role == "administrator")

    async def charge(self, officer: Officer) -> frozenset[str]:
        """Ids of the offices they look after for the bureau."""
        return charge_of(officer, await self._store.offices())

    async def add_at_command_line(self, office: Office) -> None:
        await self._add(at_command_line(office), office)

    async def dispatches(self, office: str, intake: bool) -> None:
        """Said at the command line: it receives for the bureau, or does not any more."""
        await self.change_at_command_line(replace(await self._known(office), intake=intake))

    async def _add(self, officer: Officer, office: Office) -> None:
        known = await self._store.offices()
        office = new_office(office, known, await self._store.all_words())
        try:
            await self._store.add_office(office)
        except NameInUse:
            raise Refused("bad_choice", 400, field="id") from None
        said = {name: value for name, value in asdict(office).items() if name != "id" and value != ""}
        await self._note(officer, "OfficeAdded", office.id, {name: ["", value] for name, value in said.items()})

    async def change(self, officer: Officer, wanted: Office) -> None:
        known = await self._known(wanted.id)
        if not await self.may_change(officer, known):
            raise Refused("not_allowed", 403)
        if wanted.intake != known.intake and known.id not in await self.charge(officer):
            raise Refused("not_allowed", 403)
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
        """Whoever looks after it for the bureau; its own administrator, while no unit acts for the bureau."""
        if officer.role != "administrator":
            return False
        known = await self._store.offices()
        own = officer.office.id == office.id and not any(one.intake for one in known)
        return own or office.id in charge_of(officer, known)

    # ------------------------------------------------------------ who is above whom

    async def place(
        self, officer: Officer, token: str, office: str, superior: str, level: OfficeLevel, reason: str
    ) -> str:
        """Under another superior, or on another level. What shows an office to somebody else waits for a second person:
        the request's id, else ""."""
        known = await self._known(office)
        if not 0 < len(reason.strip()) <= LONGEST_REASON:
            raise Refused("missing", 422, field="reason")
        if not await self.may_change(officer, known) or not await self._may_put(officer, known, superior):
            raise Refused("not_allowed", 403)
        tree = OfficeTree(await self._store.offices())
        _may_stand(tree, known, superior, level)
        if superior in ("", known.superior):
            await self._place(officer.actor, office, superior, level, reason)
            return ""
        above = tree.above(superior)[::-1]
        names = " › ".join([*(one.short for one in above), (await self._known(superior)).short])
        details = {"superior": superior, "level": level, "names": names}
        return await self._ask(officer, token, ApprovalWish("place", office, known.name, reason.strip(), details))

    async def _may_put(self, officer: Officer, known: Office, superior: str) -> bool:
        return superior == known.superior or await self.may_add(officer, superior)

    async def place_at_command_line(self, office: str, superior: str, level: OfficeLevel, reason: str) -> None:
        """Alone: as who oversees whom is said there (decision 21)."""
        known = await self._known(office)
        await self._place(at_command_line(known).actor, office, superior, level, reason)

    async def placed(self, by: Actor, subject: str, details: Mapping[str, str], reason: str) -> None:
        """A second person agreed. Twice it changes nothing."""
        level = next((one for one in LEVELS if one == details["level"]), LEVELS[-1])
        await self._place(by, subject, details["superior"], level, reason)

    async def _place(self, by: Actor, office: str, superior: str, level: OfficeLevel, reason: str) -> None:
        known = await self._known(office)
        _may_stand(OfficeTree(await self._store.offices()), known, superior, level)
        wanted = replace(said_itself(known), superior=superior, level=level)
        await self._set(by, wanted, reason)

    async def _ask(self, officer: Officer, token: str, wish: ApprovalWish) -> str:
        if self._asking is None:  # nobody could carry it out
            raise Refused("not_allowed", 403)
        return await self._asking(officer, token, wish)

    async def _known(self, office: str) -> Office:
        known = await self._store.office(office)
        if known is None:
            raise Refused("not_found", 404)
        return known

    async def _change(self, officer: Officer, known: Office, wanted: Office) -> None:
        own = said_itself(known)
        said = {field: getattr(wanted, field) for field in CHANGEABLE}
        for field in known.takes.split():  # what was taken and is said again was not said
            if said.get(field) == getattr(known, field):
                said[field] = ""
        await self._set(officer.actor, sound(replace(own, **said)))

    async def _set(self, by: Actor, wanted: Office, reason: str = "") -> None:
        """`wanted`: as it says itself. What those below take from it follows."""
        for _ in range(TRIES):
            after = await self._journal.last(STREAM)
            with suppress(Conflict):
                return await self._set_after(after, by, await self._known(wanted.id), wanted, reason)
        raise Busy

    async def _set_after(self, after: int, by: Actor, known: Office, wanted: Office, reason: str) -> None:
        tree = OfficeTree(await self._store.offices())
        made = {wanted.id: take_over(wanted, await self._store.office(wanted.superior) if wanted.superior else None)}
        for _, one in tree.rows(wanted.id):
            made[one.id] = take_over(one, made[one.superior])
        before = {known.id: known, **{one.id: one for _, one in tree.rows(wanted.id)}}
        changes = {
            id_: {
                field: [getattr(before[id_], field), getattr(one, field)]
                for field in (*CHANGEABLE, "superior", "level")
                if getattr(before[id_], field) != getattr(one, field)
            }
            for id_, one in made.items()
        }
        drafts = [
            Draft(
                "OfficeChanged",
                {"office": id_, "changes": said} | ({"reason": reason.strip()} if reason else {}),
                self._now(),
                by,
            )
            for id_, said in changes.items()
            if said
        ]
        if drafts:
            await self._journal.append(STREAM, after, drafts)
        differ = [one for id_, one in made.items() if one != before[id_]]
        if differ:
            await self._store.change_offices(differ, known.superior != wanted.superior)

    async def _note(self, officer: Officer, what: str, office: str, changes: Mapping[str, object]) -> None:
        told = {"office": office, "changes": dict(changes)}
        await append_next(self._journal, STREAM, Draft(what, told, self._now(), officer.actor))


def new_office(office: Office, known: Sequence[Office], words: Mapping[str, Words]) -> Office:
    """As it is kept, with what it takes from its superior. Refused: missing, too_long, bad_choice (field)."""
    office = sound(office)
    if any(is_sample(office.number_prefix) != is_sample(one.number_prefix) for one in known):
        raise Refused("bad_choice", 400, field="number_prefix")  # a real office stands beside no demo's
    if any(office.number_prefix == one.number_prefix for one in known):
        raise Refused("bad_choice", 400, field="number_prefix")  # two would give the same numbers
    if any(shared(one, {office.id: office.number_prefix}, {}) for one in words.values()):
        raise Refused("bad_choice", 400, field="number_prefix")
    superior = next((one for one in known if one.id == office.superior), None)
    _may_stand(OfficeTree(known), office, office.superior, office.level)
    return office if superior is None else take_over(replace(office, zone=superior.zone), superior)


def _may_stand(tree: OfficeTree, office: Office, superior: str, level: OfficeLevel) -> None:
    if level not in LEVELS or not tree.may_stand(level, superior, office.id):
        raise Refused("bad_choice", 400, field="superior")


def sound(office: Office) -> Office:
    """As it is kept. Refused: missing, too_long, bad_choice."""
    if not _ID.fullmatch(office.id):
        raise Refused("bad_choice", 400, field="id")
    for field in _LONGEST:
        if not getattr(office, field).strip():
            raise Refused("missing", 400, field=field)
    if office.language not in ("", "zh", "en"):
        raise Refused("bad_choice", 400, field="language")
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
        entries = await self._journal.read(jurisdiction_stream(officer.office.id))
        return list(areas(officer.office.id, entries).values())

    async def draw(self, officer: Officer, area: str, name: str, divisions: str, words: str) -> None:
        fresh = uuid.uuid4().hex

        def decided(known: Mapping[str, Jurisdiction]) -> tuple[str, dict[str, Any]] | None:
            try:
                wanted = describe_area(area if area in known else fresh, officer.office.id, name, divisions, words)
            except DomainError as no:
                raise Refused(no.code, 400, **no.params) from None
            if wanted.id not in known and len(known) >= MOST:
                raise Refused("too_long", 400, field="name", most=MOST)
            return None if known.get(wanted.id) == wanted else (DRAWN, draw_areas(wanted))

        await self._change(officer, decided)

    async def drop(self, officer: Officer, area: str) -> None:
        await self._change(officer, lambda known: (DROPPED, {"id": area}) if area in known else None)

    async def _change(
        self, officer: Officer, decided: Callable[[Mapping[str, Jurisdiction]], tuple[str, dict[str, Any]] | None]
    ) -> None:
        def drafts(entries: list[Event]) -> list[Draft]:
            said = decided(areas(officer.office.id, entries))
            return [] if said is None else [Draft(*said, self._now(), officer.actor)]

        await append_decided(self._journal, jurisdiction_stream(officer.office.id), drafts)


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
        draft = Draft(what, data, self._now(), officer.actor)
        await append_next(self._journal, calendar_stream(officer.office.id), draft)
        await date_leads_anew(self._database, officer.office.id)
        return await date_anew(self._database, officer.office.id)
