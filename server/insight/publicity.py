"""消费投诉信息公示 at work: counted, told to businesses, objected to by a personal link, agreed to, read by anybody.

`PublicityService` is the office's side, `ObjectionLinks` a business's. Links, devices and codes are those of seats
(`server.identity.link_store`), under the name `publicity/<id>` and the business's key. Files that a business sends with
an objection lie sealed in `<data>/publicity/`, looked at by a confined child and without what a camera wrote into them.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints.complaint import local_day
from complaints.events import drafted
from complaints.insight.publicity import (
    STREAM,
    BusinessCorrected,
    BusinessLeftOut,
    BusinessNamed,
    BusinessRead,
    BusinessTold,
    ObjectionAnswered,
    ObjectionFileAdded,
    ObjectionFileTaken,
    ObjectionMade,
    ObjectionsOpened,
    PublicityBegun,
    PublicityEvent,
    PublicityKind,
    PublicityPublished,
    RecordsViewed,
    number,
    period_of,
    publicity_id,
    stream,
)
from complaints.insight.publicity_rules import (
    Publicity,
    PublicityBook,
    PublicityEntry,
    decide,
    fold,
    working_days_after,
)
from complaints.insight.views import NamedPage, PublicityPage, PublicityRecord, PublicityRow, PublicPublicity
from complaints.notices import BUSINESS, Addressee
from complaints.record import AttachmentAdded
from complaints.record.identifiers import PHONE, masked_phone, normal_phone, textable
from complaints.record.uploads import harmless_name
from journal import Actor, Draft, Event
from journal.refusals import DomainError, Refused, refusal_of
from offices import Office, Officer, require_role
from offices.oversight import ApprovalWish
from server.complaints.attachments import checked_upload
from server.complaints.office_store import working_calendar
from server.db.engine import Database
from server.db.journal import SqlJournal, stream_events
from server.documents import NoticeStore
from server.identity import Seal, digest, link_secret
from server.identity.codes import OnePhone, OneTime
from server.identity.link_store import Link, LinkStore
from server.identity.store import IdentityStore
from server.insight import business_store, hotspot_store
from server.insight.respondent_store import concluded_most
from server.outbox import publicity_text, seal_wording
from server.oversight import Approval
from server.oversight.service import ApprovalService
from server.window.store import WindowQuota

PREFIX: Final = f"{STREAM}/"
MOST: Final = 500  # businesses of one publication
GOOD_AFTER: Final = timedelta(days=365)  # a business may object to what is published, too
_KEPT: Final = "link"


@dataclass(frozen=True, slots=True)
class PublicityServices:
    """`least`: complaints of a business that is named; `days`: working days for objections."""

    database: Database
    journal: SqlJournal
    offices: IdentityStore
    links: LinkStore
    codes: OneTime
    seal: Seal
    files: NoticeStore
    quota: WindowQuota
    nudge: Callable[[], None]
    now: Callable[[], datetime]
    public_url: str
    language: str
    least: int
    days: int


class PublicityService:
    """Implements `PublicityDesk`."""

    def __init__(self, services: PublicityServices, approvals: ApprovalService) -> None:
        self._at, self._approvals = services, approvals
        self._book = PublicityBook(services.journal, services.now)

    # ------------------------------------------------------------ the office

    async def listed(self, officer: Officer) -> Sequence[PublicityRow]:
        require_role(officer, "supervisor")
        return await hotspot_store.publicity_rows(self._at.database, officer.office.id)

    def may_begin(self, officer: Officer) -> bool:
        """A bureau, or an office that has none above it."""
        return officer.role == "supervisor" and (officer.office.level != "office" or not officer.office.superior)

    async def begin(self, officer: Officer, kind: PublicityKind, first: date) -> str:
        if not self.may_begin(officer):
            raise Refused("not_allowed", 403)
        at, office, period = self._at, officer.office, period_of(kind, first)
        today, id_ = self._today(office), publicity_id(office.id, kind, period.first)
        if period.first != first or today <= period.last:
            raise Refused("bad_day", 409, field="last")
        async with at.database.read(snapshot=True) as connection:
            offices = await hotspot_store.seen_by(connection, officer)
            await business_store.refuse_overlap(connection, id_, offices, period)
            many = await concluded_most(connection, offices, period, today, at.least, MOST)
            named, unnamed = await business_store.to_be_named(connection, offices, many, period, today, at.least)
        begun = PublicityBegun(
            office.id, office.name, tuple(offices), kind, period.first, period.last, at.least, at.days, unnamed
        )
        await self._submit(id_, [begun, *named], officer.actor, office)
        return id_

    async def page(self, officer: Officer, publicity: str) -> PublicityPage:
        now, history = await self._seen(officer, publicity)
        sent = [one.told.to.message for one in now.entries.values() if one.told and one.told.to]
        async with self._at.database.read() as connection:
            states = await hotspot_store.message_states(connection, sent)
        return PublicityPage(
            publicity,
            now,
            now.ready(self._today(officer.office)),
            {key: states.get(one.told.to.message, "") for key, one in now.entries.items() if one.told and one.told.to},
            await self._approvals.waiting("publish", publicity),
            officer.id in now.hands,
            [one for one in history if one.type not in ("BusinessNamed", "RecordsViewed")],
        )

    async def records(self, officer: Officer, publicity: str, entry: str) -> Sequence[PublicityRecord]:
        """Behind an entry, those left out among them. That they were looked at is noted."""
        now, _ = await self._seen(officer, publicity)
        named = _entry(now, entry).named
        ids = [*named.records, *named.out]
        await self._submit(publicity, [RecordsViewed(entry)], officer.actor, officer.office)
        async with self._at.database.read(snapshot=True) as connection:
            rows = {one.id: one for one in await hotspot_store.records_of(connection, now.begun.offices, ids)}
            counted = {one.fact.id: one for one in await business_store.looked(connection, ids, now.period)}
        stale = await self._stale(now, [named])
        return [
            PublicityRecord(
                rows[id_], counted[id_].fact.settled, counted[id_].fact.problem, named.out.get(id_, ""),
                stale.get(id_, ""),
            )
            for id_ in ids
            if id_ in rows and id_ in counted
        ]  # fmt: skip

    async def correct(
        self, officer: Officer, publicity: str, entry: str, name: str, out: Mapping[str, str], reason: str,
        objection: str = "",
    ) -> None:  # fmt: skip
        """`out`: complaints that are left out from now on, and why; what counts no more goes with them."""
        now, _ = await self._seen(officer, publicity)
        named = _entry(now, entry).named
        gone = {**named.out, **await self._stale(now, [named]), **out}
        async with self._at.database.read(snapshot=True) as connection:
            kept = tuple(one for one in named.records if one not in gone)
            figures = await business_store.figures(connection, kept, now.period, self._today(officer.office))
        corrected = BusinessCorrected(entry, name.strip(), figures, kept, gone, reason.strip())
        await self._with_answer(officer, publicity, corrected, objection, reason)

    async def leave_out(self, officer: Officer, publicity: str, entry: str, reason: str, objection: str = "") -> None:
        await self._with_answer(officer, publicity, BusinessLeftOut(entry, reason.strip()), objection, reason)

    async def ask(self, officer: Officer, publicity: str, event: PublicityEvent) -> None:
        """What needs nothing besides: an answer, a business that is in again, an objection by letter, a withdrawal."""
        await self._seen(officer, publicity)
        await self._submit(publicity, [event], officer.actor, officer.office)

    async def open(self, officer: Officer, publicity: str) -> None:
        """The businesses are told, those without a number by hand. Refused: publicity_stale, wrong_state."""
        now, _ = await self._seen(officer, publicity)
        await self._fresh(now)
        due, told, links = await self._due(officer.office, now), list[BusinessTold](), list[Link]()
        for one in now.standing:
            phone = await self._number(one)
            if textable(phone):
                event, link = self._telling(officer, publicity, one, phone, due)
                told.append(event)
                links.append(link)
        await self._tell(officer, publicity, [ObjectionsOpened(), *told], links)

    async def tell(self, officer: Officer, publicity: str, entry: str, phone: str) -> None:
        """Once more, by a message to this number: their days begin anew."""
        now, _ = await self._seen(officer, publicity)
        try:
            typed = normal_phone(phone)
        except DomainError:
            raise Refused("bad_phone", 400, field="phone") from None
        if not textable(typed):
            raise Refused("bad_phone", 400, field="phone")
        due = await self._due(officer.office, now)
        event, link = self._telling(officer, publicity, _entry(now, entry), typed, due)
        await self._tell(officer, publicity, [event], [link])

    async def tell_by_hand(self, officer: Officer, publicity: str, entry: str, note: str) -> None:
        now, _ = await self._seen(officer, publicity)
        told = BusinessTold(entry, await self._due(officer.office, now), "hand", note=note.strip())
        await self._submit(publicity, [told], officer.actor, officer.office)

    async def link(self, officer: Officer, publicity: str, entry: str) -> str:
        """The address that was sent, "" when none is good."""
        await self._seen(officer, publicity)
        live = await self._at.links.live(PREFIX + publicity, self._at.now())
        found = next((one for one in live if one.seat == entry), None)
        return self._url(self._at.seal.open(found.secret_sealed, _KEPT)) if found else ""

    async def file(self, officer: Officer, publicity: str, entry: str, attachment: str) -> tuple[str, str, bytes]:
        """Name, kind and content, once it is noted who took it."""
        now, _ = await self._seen(officer, publicity)
        found = next((one for one in _entry(now, entry).files if one.attachment == attachment), None)
        if found is None:
            raise Refused("not_found", 404)
        await self._submit(publicity, [ObjectionFileTaken(entry, attachment)], officer.actor, officer.office)
        try:
            content = await asyncio.to_thread(self._at.files.get, publicity, attachment)
        except (OSError, ValueError):
            raise Refused("unreadable", 500) from None
        return found.name, found.kind, content

    async def ask_second(self, officer: Officer, token: str, publicity: str, reason: str) -> str:
        """The request; Refused: publicity_not_ready (why), publicity_stale, publicity_overlaps, untold."""
        now, _ = await self._seen(officer, publicity)
        if why := now.ready(self._today(officer.office)):
            raise Refused("publicity_not_ready", 409, why=why)
        await self._may_go_out(publicity, now)
        label = f"{number(now.begun.kind, now.begun.first)} {now.begun.office_name}"
        wish = ApprovalWish("publish", publicity, label, reason, {"publicity": publicity, "digest": now.digest})
        return await self._approvals.ask(officer, token, wish)

    async def publish(self, approval: Approval) -> None:
        """Called once a second person has said yes; again it does nothing."""
        publicity, second = approval.asked.subject, approval.second
        now = await self._book.state(publicity)
        if now is None or second is None:
            raise Refused("not_found", 404)
        if now.editions and now.editions[-1].approval == approval.id:
            return
        office = await self._office(now.begun.office)
        await self._may_go_out(publicity, now)
        event = PublicityPublished(
            len(now.editions) + 1, approval.asked.details["digest"], second.id, second.name, approval.id
        )

        def decided(entries: list[Event]) -> Draft:
            [one] = decide([event], fold(entries), approval.by, self._today(office))
            return drafted(one, self._at.now(), approval.by)

        begun = now.begun
        with refusal_of():
            await business_store.publish_alone(self._at.journal, publicity, begun.offices, now.period, decided)

    # ------------------------------------------------------------ anybody

    async def published(self) -> Sequence[PublicPublicity]:
        return await hotspot_store.public_publicity(self._at.database)

    async def public(self, publicity: str) -> PublicPublicity:
        """Also one that was withdrawn. Refused(404): not_found, never published."""
        found = await hotspot_store.public_publicity(self._at.database, publicity)
        if not found:
            raise Refused("not_found", 404)
        return found[0]

    # ------------------------------------------------------------ steps of the above

    async def _stale(self, now: Publicity, named: Sequence[BusinessNamed]) -> dict[str, str]:
        """Complaints behind these entries that count no more, and why."""
        ids = [one for entry in named for one in entry.records]
        async with self._at.database.read(snapshot=True) as connection:
            found = await business_store.looked(connection, ids, now.period)
        return {one.fact.id: one.why for one in found if one.why}

    async def _fresh(self, now: Publicity) -> None:
        """Refused: publicity_stale, naming the businesses of whose complaints some count no more, or who are counted as
        another by now."""
        named = [one.named for one in now.standing]
        stale = await self._stale(now, named)
        async with self._at.database.read(snapshot=True) as connection:
            heads = await business_store.heads(connection)
        names = [one.name for one in named if one.entry in heads or any(each in stale for each in one.records)]
        if names:
            raise Refused("publicity_stale", 409, names="、".join(names[:5]))

    async def _may_go_out(self, publicity: str, now: Publicity) -> None:
        await self._fresh(now)
        sent = [one.told.to.message for one in now.standing if one.told and one.told.to]
        async with self._at.database.read(snapshot=True) as connection:
            await business_store.refuse_overlap(connection, publicity, now.begun.offices, now.period)
            lost = "dead" in (await hotspot_store.message_states(connection, sent)).values()
        if lost and not now.editions:
            raise Refused("publicity_not_ready", 409, why="untold")

    async def _seen(self, officer: Officer, publicity: str) -> tuple[Publicity, Sequence[Any]]:
        """For supervisors of the office, who see every office it was counted from (ASVS 8.2.2)."""
        async with self._at.database.read(snapshot=True) as connection:
            history = await stream_events(connection, stream(publicity))
            seen = await hotspot_store.seen_by(connection, officer)
        now = await self._book.state(publicity) if history else None
        mine = now is not None and officer.role == "supervisor" and now.begun.office == officer.office.id
        if now is None or not mine or not set(now.begun.offices) <= set(seen):
            raise Refused("not_found", 404)
        return now, history

    async def _submit(self, publicity: str, asked: Sequence[PublicityEvent], actor: Actor, office: Office) -> None:
        with refusal_of():
            await self._book.submit(publicity, asked, actor, self._today(office))

    async def _with_answer(
        self, officer: Officer, publicity: str, change: PublicityEvent, objection: str, reason: str
    ) -> None:
        await self._seen(officer, publicity)
        entry = change.entry if isinstance(change, BusinessCorrected | BusinessLeftOut) else ""
        upheld = [ObjectionAnswered(entry, objection, True, reason.strip())] if objection else []
        await self._submit(publicity, [*upheld, change], officer.actor, officer.office)

    async def _due(self, office: Office, now: Publicity) -> date:
        calendar = await working_calendar(self._at.database, office.id)
        return working_days_after(self._today(office), now.begun.days, calendar)

    async def _number(self, entry: PublicityEntry) -> str:
        """The newest on file that takes messages; "" for none."""
        async with self._at.database.read() as connection:
            known = await business_store.newest_parties(connection, entry.named.records)
        phones = (self._at.seal.open(one.phone, PHONE) for one in known if one.phone)
        return next((one for one in phones if textable(one)), "")

    def _telling(
        self, officer: Officer, publicity: str, entry: PublicityEntry, phone: str, due: date
    ) -> tuple[BusinessTold, Link]:
        at, office, secret = self._at, officer.office, link_secret()
        invitation, now = uuid.uuid4().hex, at.now()
        text = publicity_text(office, due, self._url(secret), office.writes(at.language))
        to = Addressee(
            BUSINESS, entry.named.name, masked_phone(phone), uuid.uuid4().hex, at.seal.seal(phone, PHONE),
            seal_wording(at.seal, text),
        )  # fmt: skip
        link = Link(
            id=invitation,
            office=office.id,
            session=PREFIX + publicity,
            seat=entry.named.entry,
            secret_hash=digest(secret),
            secret_sealed=at.seal.seal(secret, _KEPT),
            phone_sealed=at.seal.seal(phone, PHONE),
            phone_masked=masked_phone(phone),
            created=now,
            created_by=officer.id,
            expires=datetime.combine(due, time(23, 59, 59), ZoneInfo(office.zone)) + GOOD_AFTER,
        )
        return BusinessTold(entry.named.entry, due, "message", invitation, to), link

    async def _tell(
        self, officer: Officer, publicity: str, asked: Sequence[PublicityEvent], links: Sequence[Link]
    ) -> None:
        for link in links:
            await self._at.links.issue(link)
        try:
            await self._submit(publicity, asked, officer.actor, officer.office)
        except BaseException:
            for link in links:
                await self._at.links.revoke(link.session, link.seat, "not told", self._at.now())
            raise
        self._at.nudge()

    async def _office(self, office: str) -> Office:
        found = await self._at.offices.office(office)
        if found is None:
            raise Refused("link_foreign", 404)
        return found

    def _today(self, office: Office) -> date:
        return local_day(self._at.now(), office.zone)

    def _url(self, secret: str) -> str:
        return f"{self._at.public_url}/o/{secret}"


class ObjectionLinks(OnePhone[NamedPage]):
    """A business that is to be named, by its link. Implements `ObjectionDesk`."""

    def __init__(self, services: PublicityServices) -> None:
        super().__init__(services.links, services.codes, services.seal, services.now, PREFIX, "object")
        self._at = services
        self._book = PublicityBook(services.journal, services.now)

    async def object(self, token: str, text: str, by: str) -> None:
        link, page = await self._inside(token)
        made = ObjectionMade(link.seat, uuid.uuid4().hex, text.strip(), by.strip(), "link")
        await self._submit(link, page, made)

    async def attach(self, token: str, address: str, name: str, content: bytes) -> None:
        link, page = await self._inside(token)
        await self._at.quota.take(address, digest(link.id), len(content))
        with refusal_of():
            checked = await checked_upload(content)
        publicity, attachment = link.session.removeprefix(PREFIX), uuid.uuid4().hex
        await asyncio.to_thread(self._at.files.put, publicity, attachment, checked.content)
        kind = "jpeg" if checked.kind == "heic" else checked.kind
        added = AttachmentAdded(
            attachment, harmless_name(name, kind), kind, len(checked.content),
            hashlib.sha256(checked.content).hexdigest(), hashlib.sha256(content).hexdigest(), by=BUSINESS,
        )  # fmt: skip
        await self._submit(link, page, ObjectionFileAdded(link.seat, added))

    async def _confirmed(self, link: Link) -> None:
        await self._submit(link, await self._page(link, True), BusinessRead(link.seat))

    async def _submit(self, link: Link, page: NamedPage, asked: PublicityEvent) -> None:
        actor = Actor("party", link.seat, page.entry.named.name, BUSINESS, link.office)
        today = local_day(self._at.now(), page.office.zone)
        with refusal_of():
            await self._book.submit(link.session.removeprefix(PREFIX), [asked], actor, today)

    async def _page(self, link: Link, verified: bool) -> NamedPage:
        now = await self._book.state(link.session.removeprefix(PREFIX))
        entry = now.entries.get(link.seat) if now else None
        if now is None or entry is None:
            raise Refused("link_unknown", 404)
        office = await self._at.offices.office(link.office)
        if office is None:
            raise Refused("link_foreign", 404)
        told = entry.told
        self._good(link, office, told is None or told.invitation != link.id, verified)
        assert told is not None
        public = now.editions[-1].entries if now.editions else ()
        return NamedPage(
            office, number(now.begun.kind, now.begun.first), now.period, link.phone_masked, told.due, verified,
            now.stage, entry, next((one for one in public if one.entry == link.seat), None),
        )  # fmt: skip


def _entry(now: Publicity, entry: str) -> PublicityEntry:
    if entry not in now.entries:
        raise Refused("not_found", 404)
    return now.entries[entry]
