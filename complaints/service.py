"""The one writer of complaint streams and of the numbers of what is registered: reads, decides, appends, and tries
again.

Owns the streams `office/<office>/numbers/<year>`, by which numbers of complaints and of what stands beside them are
counted. A number is given by appending; two who ask at once cannot append the same version, so they cannot get the
same number. `append` does the same for the small streams beside a complaint's: leads, consultations, hot spots,
warnings.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from complaints import AgeBand, BadChoice, BadPhone, Busy, GuardianNeeded, Invented, Missing, UnknownComplaint
from complaints.commands import Command, Register, check_right
from complaints.complaint import fold, in_charge, local_day
from complaints.decisions import decide
from complaints.events import ComplaintRegistered, drafted, to_draft
from complaints.procedure.rules import NoticeAgreed
from complaints.record import (
    CODE,
    IDENTITY,
    NOTHING_BOUGHT,
    EarlierHandling,
    ObjectRecord,
    Parties,
    PartyRecord,
    PartyTyped,
    Proxy,
    SourceNumber,
    UnknownValue,
    masked_numbers,
)
from complaints.record.changes import Amend, TransferReceived
from complaints.record.identifiers import PHONE, Sealer
from complaints.state import Complaint, stream
from journal import TRIES, Actor, Conflict, Draft, Event, Journal, append_decided
from journal.numbers import is_sample
from law import OrderRule, StatutoryOrder, order_for


class NumberSeries:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, tuple[int, int]] = {}  # stream -> (version, number last given)

    async def next(self, office: str, prefix: str, year: int, at: datetime, actor: Actor) -> str:
        return written_number(prefix, year, await self._give(office, year, at, actor, least=1))

    async def take(self, office: str, year: int, count: int, at: datetime, actor: Actor) -> range:
        """So many at once, for an import: one event gives them all."""
        last = await self._give(office, year, at, actor, least=1, count=count)
        return range(last - count + 1, last + 1)

    async def begin_at(self, office: str, year: int, least: int, at: datetime, actor: Actor) -> None:
        """Go on from a register kept elsewhere: the next number is `least` or later."""
        given = await self._journal.read(_stream(office, year))
        if not given or given[-1].data["number"] < least - 1:
            await self._give(office, year, at, actor, least=least - 1)

    async def _give(self, office: str, year: int, at: datetime, actor: Actor, least: int, count: int = 1) -> int:
        stream = _stream(office, year)
        for _ in range(TRIES):
            version, number = self._known.get(stream, (0, 0))
            for event in await self._journal.read(stream, after=version):
                version, number = event.version, event.data["number"]
            wanted = max(number + 1, least) + count - 1
            draft = Draft("ComplaintNumberGiven", {"number": wanted}, at, actor)
            try:
                await self._journal.append(stream, version, [draft])
            except Conflict:
                continue
            self._known[stream] = (version + 1, wanted)
            return wanted
        raise Busy


def _stream(office: str, year: int) -> str:
    return f"office/{office}/numbers/{year}"


def written_number(prefix: str, year: int, number: int) -> str:
    """As printed: the year in the brackets documents use, at least four digits."""
    return f"{prefix}〔{year}〕{number:04d}号"


_GIVEN = "SerialGiven"


class Serials:
    """Numbers of what is registered beside complaints: 东高一投举〔2026〕0007号, counted per office, series and year.

    Owns the streams `office/<office>/serials/<series>/<year>`. A number is given to one subject: asked again for the
    same, by whichever process, it is the same number, so what is registered twice after a crash leaves no gap.
    `series`: one character in the number, such as 举 of reports; `name`: what its streams call it.
    """

    def __init__(self, journal: Journal, name: str, series: str) -> None:
        self._journal, self._name, self._series = journal, name, series
        self._known: dict[str, tuple[int, dict[str, int]]] = {}  # stream -> its version, subject -> number

    async def number(self, office: str, prefix: str, year: int, subject: str, at: datetime, actor: Actor) -> str:
        """Of this subject; Busy."""
        stream = f"office/{office}/serials/{self._name}/{year}"
        for _ in range(TRIES):
            version, given = self._known.get(stream, (0, {}))
            for event in await self._journal.read(stream, after=version):
                version = event.version
                given[event.data["subject"]] = event.data["number"]
            self._known[stream] = (version, given)
            if subject in given:
                return written_number(f"{prefix}{self._series}", year, given[subject])
            draft = Draft(_GIVEN, {"number": len(given) + 1, "subject": subject}, at, actor)
            with suppress(Conflict):  # somebody was faster: what is given is read again either way
                await self._journal.append(stream, version, [draft])
        raise Busy


async def append(
    journal: Journal,
    stream: str,
    now: Callable[[], datetime],
    actor: Actor,
    decide: Callable[[list[Event]], Sequence[Any]],
) -> None:
    """What is decided of the stream's entries, each a dataclass of plain values; decided anew when somebody was faster.

    Raises what `decide` does, and Busy.
    """

    def drafts(entries: list[Event]) -> list[Draft]:
        at = now()
        return [drafted(event, at, actor) for event in decide(entries)]

    await append_decided(journal, stream, drafts)


NONE = "-"  # typed instead of a number when amending: there is none any more


@dataclass(frozen=True, slots=True)
class Authorised:
    """A proxy as typed."""

    name: str
    phone: str = ""
    relation: str = ""
    matters: str = ""
    powers: str = ""
    until: date | None = None
    guardian: bool = False
    consents: bool = False


class Filing(NamedTuple):
    """A complaint to be registered for an office, whose zone decides the day and year of receipt.

    What the fields mean is said in `complaints.record.ComplaintRegistered`.
    """

    office: str
    prefix: str
    zone: str
    channel: str
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer: PartyTyped
    business: PartyTyped
    industry: str = ""
    problem: str = ""
    mode: str = ""
    sources: tuple[SourceNumber, ...] = ()
    joint: tuple[PartyTyped, ...] = ()
    representatives: tuple[str, ...] = ()
    proxy: Authorised | None = None
    object: ObjectRecord = NOTHING_BOUGHT
    requests: tuple[str, ...] = ()
    problem_class: str = ""
    industry_code: str = ""
    division: str = ""
    jurisdiction: str = ""
    urgency: tuple[str, ...] = ()
    secret: bool = False
    wants_reply: bool = True
    keywords: tuple[str, ...] = ()
    also_reports: bool = False
    place: str = ""
    channel_due: str = ""
    publicity: str = ""
    unknown: tuple[UnknownValue, ...] = ()
    earlier: EarlierHandling | None = None
    sign_due: str = ""
    feedback_due: str = ""
    settle_due: str = ""


class ComplaintService:
    def __init__(
        self,
        journal: Journal,
        sealer: Sealer,
        now: Callable[[], datetime],
        order_rule: OrderRule = OrderRule.RECEIPT,
    ) -> None:
        self.order_rule = order_rule
        self._journal = journal
        self._sealer = sealer
        self._now = now
        self.numbers = NumberSeries(journal)
        self.parties = Parties(sealer)

    async def register(
        self,
        filing: Filing,
        actor: Actor,
        complaint: str = "",
        agreed: NoticeAgreed | None = None,
        came: TransferReceived | None = None,
    ) -> str:
        """The new complaint's id, its own choice unless given. A refused filing uses up no number.

        `agreed`: the text that whoever filed it themselves agreed to. `came`: from another bureau, as it has it.
        """
        at = self._now()
        record = self.record(filing, complete=came is None)
        day = local_day(filing.received, filing.zone)

        def numbered(number: str) -> Register:
            return Register(replace(record, number=number), agreed, came)

        decide(numbered(""), None, at)
        number = await self.numbers.next(filing.office, filing.prefix, day.year, at, actor)
        complaint = complaint or uuid.uuid4().hex
        await self.submit(complaint, numbered(number), actor)
        return complaint

    def record(self, filing: Filing, complete: bool = True) -> ComplaintRegistered:
        """What registering it would put on file, still without a number. DomainError says what is wrong with it.

        Not `complete`: a channel may pass on a complaint without the phone that Art 10 asks of the complainant, and
        without a guardian's agreement, which whoever received it first had to ask for.
        """
        if not is_sample(filing.prefix) and any(is_sample(source.number) for source in filing.sources):
            raise Invented
        if complete and not filing.consumer.phone.strip():
            raise Missing(field="consumer_phone")
        proxy = filing.proxy
        child = filing.consumer.age_band == AgeBand.CHILD
        if complete and child and not (proxy is not None and proxy.guardian and proxy.consents):
            raise GuardianNeeded(field="age_band")
        by = Proxy("")
        if proxy is not None:
            sealed, shown = self.parties.sealed_phone(proxy.phone, "proxy_phone")
            by = Proxy(proxy.name.strip(), sealed, shown, proxy.relation, proxy.matters, proxy.powers, proxy.until)
            by = replace(by, guardian=proxy.guardian, consents=proxy.consents)
        return ComplaintRegistered(
            number="",
            office=filing.office,
            channel=filing.channel,
            received=filing.received,
            title=filing.title.strip(),
            request=filing.request.strip(),
            facts=filing.facts.strip(),
            amount=filing.amount,
            consumer=self.parties.record(filing.consumer, "consumer_phone"),
            business=self.parties.record(filing.business, "business_phone"),
            industry=filing.industry.strip(),
            problem=filing.problem.strip(),
            order=self.order(filing).id,
            mode=filing.mode,
            sources=filing.sources,
            joint=tuple([self.parties.record(person, "joint_phone") for person in filing.joint]),
            representatives=filing.representatives,
            proxy=None if proxy is None else by,
            object=filing.object,
            requests=filing.requests,
            problem_class=filing.problem_class,
            industry_code=filing.industry_code.strip().upper(),
            division=filing.division.strip(),
            jurisdiction=filing.jurisdiction.strip(),
            urgency=filing.urgency,
            secret=filing.secret,
            wants_reply=filing.wants_reply,
            keywords=filing.keywords,
            also_reports=filing.also_reports,
            place=filing.place.strip(),
            channel_due=filing.channel_due.strip(),
            publicity=filing.publicity.strip(),
            unknown=filing.unknown,
            earlier=filing.earlier,
            sign_due=filing.sign_due.strip(),
            feedback_due=filing.feedback_due.strip(),
            settle_due=filing.settle_due.strip(),
        )

    def order(self, filing: Filing) -> StatutoryOrder:
        """Which it would fall under, registered now."""
        received, today = (local_day(moment, filing.zone) for moment in (filing.received, self._now()))
        return order_for(received, today, self.order_rule)

    async def amend(self, complaint: str, filing: Filing, seen: int, reason: str, actor: Actor) -> None:
        """Correct the record to what was typed. A number left empty stays, `NONE` removes it; of a joint complainant
        the masked number typed again stands for the one on file. `seen`: amendments known to whoever corrects."""
        old = (await self.state(complaint)).record
        fresh = self.record(self._completed(filing, old))
        before, after = (local_day(moment, filing.zone) for moment in (old.received, filing.received))
        by_date = self.order_rule is OrderRule.RECEIPT and old.order == order_for(before).id
        record = replace(
            fresh,
            number=old.number,
            office=old.office,
            order=order_for(after).id if by_date else old.order,
            channel_due=old.channel_due,
            publicity=old.publicity,
            unknown=old.unknown,
            earlier=old.earlier,
            sign_due=old.sign_due,
            feedback_due=old.feedback_due,
            settle_due=old.settle_due,
            consumer=self._as_sealed(fresh.consumer, old.consumer),
            business=self._as_sealed(fresh.business, old.business),
            joint=tuple(self._as_sealed(one, self._same(one, old.joint)) for one in fresh.joint),
            proxy=self._proxy_as_sealed(fresh.proxy, old.proxy),
        )
        await self.submit(complaint, Amend(record, seen, reason), actor)

    async def add_contact(self, complaint: str, side: str, phone: str, email: str, reason: str, actor: Actor) -> None:
        """Put how a side ("consumer" | "business") is reached on file; what is "" stays, and so does what is the same.
        BadPhone."""
        state = await self.state(complaint)
        old: PartyRecord = getattr(state.record, side)
        typed = self.parties.record(PartyTyped("", phone, email=email), "contact")
        new = replace(old, email=typed.email or old.email)
        if typed.phone:
            new = replace(new, phone=typed.phone, phone_masked=typed.phone_masked, phone_key=typed.phone_key)
        new = self._as_sealed(new, old)
        if new != old:
            fields: dict[str, Any] = {side: new}
            await self.submit(complaint, Amend(replace(state.record, **fields), len(state.amendments), reason), actor)

    async def submit(self, complaint: str, command: Command, actor: Actor) -> Sequence[Event]:
        """The events it led to, durable. DomainError says why not."""
        return await append_decided(
            self._journal, stream(complaint), lambda entries: self.decided(entries, command, actor)
        )

    def decided(self, entries: list[Event], command: Command, actor: Actor) -> list[Draft]:
        """What it would lead to, for whoever appends to many. DomainError says why not."""
        at, complaint_now = self._now(), fold(entries)
        check_right(command, actor, complaint_now)
        return [to_draft(event, at, actor) for event in decide(command, complaint_now, at)]

    async def in_charge(self, complaint: str) -> frozenset[str]:
        """User ids of who handles it now (`complaints.complaint.in_charge`)."""
        return in_charge(await self._journal.read(stream(complaint)))

    async def state(self, complaint: str) -> Complaint:
        """UnknownComplaint when there is none."""
        folded = fold(await self._journal.read(stream(complaint)))
        if folded is None:
            raise UnknownComplaint
        return folded

    def full_phone(self, sealed: str) -> str:
        return self._sealer.open(sealed, PHONE) if sealed else ""

    def full_number(self, record: ComplaintRegistered, which: str) -> str:
        """`which`: its id in `complaints.record`; BadChoice when there is none."""
        number = masked_numbers(record).get(which)
        if number is None:
            raise BadChoice(field="which")
        return self._sealer.open(number.sealed, number.purpose)

    def _completed(self, filing: Filing, old: ComplaintRegistered) -> Filing:
        """With the numbers that were left as they are."""
        proxy = filing.proxy
        if proxy is not None:
            proxy = replace(proxy, phone=self._kept(proxy.phone, old.proxy.phone if old.proxy else "", PHONE))
        return filing._replace(
            consumer=self._kept_of(filing.consumer, old.consumer),
            business=self._kept_of(filing.business, old.business),
            joint=tuple(self._joint(person, old.joint) for person in filing.joint),
            proxy=proxy,
        )

    def _kept(self, typed: str, sealed: str, purpose: str) -> str:
        if typed.strip() == NONE:
            return ""
        return typed if typed.strip() or not sealed else self._sealer.open(sealed, purpose)

    def _kept_of(self, person: PartyTyped, old: PartyRecord) -> PartyTyped:
        return person._replace(
            detail=person.detail or old.detail,
            phone=self._kept(person.phone, old.phone, PHONE),
            other_phone=self._kept(person.other_phone, old.other_phone, PHONE),
            id_number=self._kept(person.id_number, old.id_sealed, IDENTITY),
            credit_code=self._kept(person.credit_code, old.code_sealed, CODE),
        )

    def _joint(self, person: PartyTyped, old: Sequence[PartyRecord]) -> PartyTyped:
        """A masked number can only mean one on file."""
        if "*" not in person.phone:
            return person
        meant = [one for one in old if one.phone_masked == person.phone]
        known = next((one for one in meant if one.name == person.name), meant[0] if meant else None)
        if known is None:
            raise BadPhone(field="joint_phone")
        full = person._replace(phone=self._sealer.open(known.phone, PHONE), sex=known.sex, age_band=known.age_band)
        return self._kept_of(full._replace(id_kind=known.id_kind, city=known.city, address=known.address), known)

    def _same(self, person: PartyRecord, old: Sequence[PartyRecord]) -> PartyRecord:
        return next((one for one in old if (one.name, one.phone_key) == (person.name, person.phone_key)), person)

    def _as_sealed(self, new: PartyRecord, old: PartyRecord) -> PartyRecord:
        """With the old sealed text where the number is the same: sealing again would look like a change."""
        for purpose, sealed, *others in (
            (PHONE, "phone", "phone_masked", "phone_key"),
            (PHONE, "other_phone", "other_phone_masked"),
            (IDENTITY, "id_sealed", "id_masked"),
            (CODE, "code_sealed", "code_key"),
        ):
            if self._opened(getattr(new, sealed), purpose) == self._opened(getattr(old, sealed), purpose):
                new = replace(new, **{name: getattr(old, name) for name in (sealed, *others)})
        return new

    def _proxy_as_sealed(self, new: Proxy | None, old: Proxy | None) -> Proxy | None:
        if new is None or old is None or self._opened(new.phone, PHONE) != self._opened(old.phone, PHONE):
            return new
        return replace(new, phone=old.phone, phone_masked=old.phone_masked)

    def _opened(self, sealed: str, purpose: str) -> str:
        return self._sealer.open(sealed, purpose) if sealed else ""
