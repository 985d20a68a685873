"""What goes over an exchange connection: statements to a platform and their receipts, and what it sends or asks.

Owns the delivering task. A statement is made of the journal at each try and repeated, at doubling pauses of an hour at
most, until the platform's receipt is here; the receipt goes into the complaint's journal before the statement counts as
sent, and one noted twice is there once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog

from complaints.channels import ChannelError, said
from complaints.channels.mapping import ChannelMapping
from complaints.channels.platforms import Platform, Telling, TheirReceipt, progress_row, receipts
from complaints.complaint import fold
from complaints.exchange import RECEIVED, NoteSenderTold, ReceiptsRead, SenderTold, Statement
from complaints.service import ComplaintService
from complaints.state import stream
from journal import SYSTEM, Actor, Journal
from journal.refusals import DomainError, Refused
from offices import Office
from server.complaints import exchange as wire
from server.complaints.exchange.store import BY_HTTP, ExchangeStore, Taken
from server.connections import SIGNATURE, TIMESTAMP, ConnectionFault, Connections, genuine, in_time, signature
from server.connections.exchange import KIND, ExchangeLine, PlatformClient
from server.identity.store import IdentityStore
from server.imports.batches import WEBHOOK, Batches
from server.imports.encoding import RowOutcome
from server.imports.store import OUTCOMES

LOOK: Final = timedelta(seconds=5)
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
RECEIPT_WITHIN: Final = timedelta(days=1)  # where a platform says that its receipts follow; then it is asked again
MOST_DAYS: Final = 400  # of a period that is compared
MOST_UNKNOWN: Final = 50  # numbers that a page names
log = structlog.get_logger(__name__)


class ExchangeTraffic:
    def __init__(
        self,
        lines: Mapping[str, ExchangeLine],
        store: ExchangeStore,
        client: PlatformClient,
        connections: Connections,
        journal: Journal,
        complaints: ComplaintService,
        batches: Batches,
        offices: IdentityStore,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.lines, self.store, self.client, self.connections = lines, store, client, connections
        self._journal, self.complaints, self.batches, self._offices = journal, complaints, batches, offices
        self.now, self._chance = now, chance
        self._turns = {name: asyncio.Lock() for name in lines}
        self._away: dict[str, datetime] = {}  # until when a platform that does not answer is left alone

    async def know(self) -> None:
        """Before anything is appended: whom events are told to."""
        known = [(one.name, one.office, one.platform.platform, one.channel) for one in self.lines.values()]
        await self.store.know(known, self.now())

    # ------------------------------------------------------------ telling

    async def deliver(self) -> None:
        """Until cancelled."""
        if not any(line.url for line in self.lines.values()):
            return
        while True:
            try:
                if not await self.deliver_due():
                    await asyncio.sleep(LOOK.total_seconds())
            except Exception:
                # The database may be locked for a while; what was to be told is still there afterwards.
                log.exception("the exchange failed, going on")
                await asyncio.sleep(LOOK.total_seconds())

    async def deliver_due(self) -> int:
        """How many statements were tried. A platform that is away keeps no other waiting, and is asked once."""
        tried = 0
        for line in self.lines.values():
            if not line.url or self._away.get(line.name, self.now()) > self.now():
                continue
            for one in await self.store.due(line.name, self.now()):
                tried += 1
                if not await self._try(line, one):
                    break
        return tried

    async def _try(self, line: ExchangeLine, one: Statement) -> bool:
        """False: nobody answers, so the others of this platform need not be tried now."""
        row = await self.row(line, one)
        if row is None:
            await self.store.told(one.id, state="refused", last_error="erased")
            return True
        try:
            with self.connections.use(KIND, line.name):
                answer = await self.client.ask(line, wire.Progress(**wire.head(self.now()), rows=({**row},)))
                found = _answer_to(line.platform, one, answer)
        except ConnectionFault as fault:
            pause = min(FIRST_PAUSE * 2 ** min(one.tries, 20), LONGEST_PAUSE) * (0.75 + self._chance() / 2)
            again = {"state": "failed", "file": "", "tries": one.tries + 1, "next_try": self.now() + pause}
            await self.store.told(one.id, **again, last_error=fault.code)
            if (away := fault.code in ("unreachable", "slow", "not_ready")) is True:
                self._away[line.name] = self.now() + pause
            return not away
        if found is None:
            later = self.now() + RECEIPT_WITHIN
            await self.store.told(one.id, state="handed", file=BY_HTTP, next_try=later, tries=one.tries + 1)
        else:
            await self.settle(line, one, found, "http", SYSTEM)
        return True

    async def settle(self, line: ExchangeLine, one: Statement, receipt: TheirReceipt, how: str, actor: Actor) -> None:
        """First the journal: a statement that counts as sent is on file."""
        if one.state == "sent":
            return
        if not receipt.accepted:
            await self.store.told(one.id, state="refused", last_error=receipt.why, receipt=receipt.receipt)
            return
        platform = line.platform.platform
        told = SenderTold(line.name, platform, one.stage, one.sequence, one.number, receipt.receipt, how)
        try:
            await self.complaints.submit(one.complaint, NoteSenderTold(told), actor)
        except DomainError as no:  # its beginning was erased
            log.warning("a receipt is not on file", complaint=one.complaint, code=no.code)
        await self.store.told(one.id, state="sent", sent_at=self.now(), last_error="", receipt=receipt.receipt)

    async def row(self, line: ExchangeLine, one: Statement) -> dict[str, str] | None:
        """As the mapping has it; None of a complaint whose beginning was erased."""
        entries = await self._journal.read(stream(one.complaint))
        upto = entries[: one.version] if one.version else entries
        state, office = fold(upto) if upto and not upto[0].erased else None, await self._offices.office(one.office)
        if state is None or office is None:
            return None
        event = upto[-1] if one.version and not upto[-1].erased else None
        told = Telling(one.number, one.sequence, one.stage, one.at, office.name, office.short, office.zone)
        return progress_row(line.platform, told, state, event)

    # ------------------------------------------------------------ being told

    async def answer(self, name: str, timestamp: str, given: str, body: bytes) -> tuple[int, str, Mapping[str, str]]:
        """Status, text and the headers that sign it. Who does not know the secret is answered 401, unsigned."""
        line = self.lines.get(name)
        secret = await asyncio.to_thread(line.secret) if line is not None else ""
        if line is None or not secret:
            return 401, '{"error":{"code":"bad_signature"}}', {}
        if not genuine([secret], timestamp, body, given):
            self.connections.failed(KIND, name, ConnectionFault("forged"))
            return 401, '{"error":{"code":"bad_signature"}}', {}
        if not in_time(timestamp, self.now()):
            self.connections.failed(KIND, name, ConnectionFault("clock"))
            return self._signed(secret, 401, self._refusal(body, "stale"))
        try:
            asked = wire.read(body)
            answer = await self._answered(line, asked, body)
        except wire.BadDocument as no:
            self.connections.failed(KIND, name, ConnectionFault("not_understood", str(no)))
            return self._signed(secret, 422, self._refusal(body, no.code, no.where))
        except ChannelError as no:
            return self._signed(secret, 422, self._refusal(body, no.code, said(no.code, no.params)))
        self.connections.succeeded(KIND, name)
        return self._signed(secret, 200, answer)

    def _refusal(self, body: bytes, code: str, text: str = "") -> wire.Refusal:
        return wire.Refusal(**wire.head(self.now(), body), code=code, text=text[:500])

    def _signed(self, secret: str, status: int, answer: wire.Document) -> tuple[int, str, Mapping[str, str]]:
        text, timestamp = wire.text_of(answer), str(int(self.now().timestamp()))
        signed = signature(secret.encode(), timestamp, text.encode())
        return status, text, {TIMESTAMP: timestamp, SIGNATURE: signed}

    async def _answered(self, line: ExchangeLine, asked: wire.Document, body: bytes) -> wire.Document:
        head = wire.head(self.now(), body)
        match asked:
            case wire.Hello():
                office = await self.office(line)
                return wire.Welcome(**head, name=office.name)
            case wire.Complaints(rows=rows):
                async with self._turns[line.name]:
                    taken = await self._take(line, rows)
                return wire.Taken(**wire.head(self.now(), body), rows=tuple(taken))
            case wire.Receipts(rows=rows):
                read = await self.receipts(line, rows, "http", SYSTEM)
                return wire.Noted(**head, unknown=read.unknown)
            case wire.CountsRequest(first=first, last=last):
                check_period(first, last)
                number, stage = (line.platform.columns("count", one)[0] for one in ("number", "stage"))
                words = {} if line.platform.codes else line.platform.words["stage"]
                found = await self.ours(line, first, last)
                told: tuple[dict[str, wire.Scalar], ...] = tuple(
                    {number: key, stage: str(words.get(one, one))} for key, (one, _) in found.items()
                )
                return wire.Counts(**head, first=first, last=last, rows=told)
            case _:
                raise wire.BadDocument("bad_document", "kind")

    async def _take(self, line: ExchangeLine, rows: Sequence[wire.Row]) -> list[wire.IntakeReceipt]:
        """A row that was sent before has its receipt; the others become one batch, whose name is made of what they
        say: begun again after a crash it is the same one."""
        office = await self.office(line)
        mapping = await self.batches.mapping(office.id, line.channel)
        numbers = [_number(mapping, row) for row in rows]
        digests = [wire.digest_of(row) for row in rows]
        known = await self.store.taken(line.name, [one for one in numbers if one])
        new: dict[tuple[str, str], wire.Row] = {}
        for number, digest, row in zip(numbers, digests, rows, strict=True):
            if number and (number, digest) not in known:
                new.setdefault((number, digest), row)
        fresh = await self._imported(line, office, mapping, new) if new else {}
        found, seen = [], set[tuple[str, str]]()
        for number, digest in zip(numbers, digests, strict=True):
            if not number:
                at = self.now()
                found.append(
                    wire.IntakeReceipt(number="", outcome="refused", receipt="", taken=at, problems=("number",))
                )
                continue
            key = (number, digest)
            again = key in known or key in seen
            seen.add(key)
            taken, problems = fresh.get(key, (known.get(key), ()))
            assert taken is not None
            found.append(await self._receipt(taken, problems, again))
        return found

    async def _imported(
        self, line: ExchangeLine, office: Office, mapping: ChannelMapping, new: Mapping[tuple[str, str], wire.Row]
    ) -> dict[tuple[str, str], tuple[Taken, tuple[str, ...]]]:
        """Numbers said twice in one request are taken in their order."""
        id = hashlib.sha256(json.dumps([line.name, sorted(new)]).encode()).hexdigest()[:32]
        batch = await self.batches.store.batch(id)
        if batch is None:
            body = json.dumps(list(new.values()), ensure_ascii=False).encode()
            actor = Actor("system", line.name, line.platform.zh, "", office.id)
            batch = await self.batches.begin(office, actor, mapping, body, line.platform.zh, WEBHOOK, id=id)
        batch = await self.batches.run(batch, office)
        if batch.state in ("queued", "running"):
            raise Refused("busy", 503)  # the job process found it unfinished and is reading it
        outcomes = {one.row: one for one in (await self.batches.store.rows(id, OUTCOMES, 1, 1_000))[0]}
        found = {}
        for row, key in enumerate(new, 1):
            outcome = outcomes.get(row) or RowOutcome(row, "refused", number=key[0])
            problems = tuple(said(one["code"], one["params"], one["column"]) for one in outcome.problems or ())
            found[key] = (await self._note(line, office, key, outcome, id), problems)
        return found

    async def _note(
        self, line: ExchangeLine, office: Office, key: tuple[str, str], outcome: RowOutcome, batch: str
    ) -> Taken:
        number, digest = key
        complaint, word = outcome.filed, _OUTCOMES.get(outcome.outcome, "refused")
        if word == "refused":
            there = await self.batches.store.known(office.id, [(line.channel, number)])
            complaint = there.get((line.channel, number), "")
            changed = any(one["code"] == "changed" for one in outcome.problems or ())
            word = "noted" if complaint and changed else word
        receipt = hashlib.sha256("\n".join((line.name, number, digest)).encode()).hexdigest()[:24].upper()
        taken = await self.store.take(
            Taken(line.name, number, digest, 0, receipt, self.now(), complaint, word, batch, outcome.row)
        )
        waiting = await self.store.telling(line.name, number, 1)
        if complaint and waiting is not None and waiting.stage == RECEIVED and waiting.state != "sent":
            # Its receipt is our answer.
            await self.settle(line, waiting, TheirReceipt(number, 1, taken.receipt, True, ""), "http", SYSTEM)
        return taken

    async def _receipt(self, taken: Taken, problems: Sequence[str], again: bool) -> wire.IntakeReceipt:
        numbers = await self.batches.store.numbers([taken.complaint]) if taken.complaint else {}
        outcome: Any = "again" if again and taken.outcome in ("taken", "updated", "again") else taken.outcome
        return wire.IntakeReceipt(
            number=taken.number,
            outcome=outcome,
            receipt=taken.receipt,
            version=taken.version,
            taken=taken.at,
            own_number=numbers.get(taken.complaint, ""),
            problems=tuple(problems),
        )

    async def receipts(
        self, line: ExchangeLine, rows: Iterable[Mapping[str, Any]], how: str, actor: Actor
    ) -> ReceiptsRead:
        taken = refused = unclear = 0
        unknown: dict[str, None] = {}
        for one in receipts(line.platform, rows):
            statement = await self.store.telling(line.name, one.number, one.sequence)
            if statement is None:
                unknown.setdefault(one.number)
            elif one.accepted is None:
                unclear += 1
            else:
                await self.settle(line, statement, one, how, actor)
                taken, refused = taken + one.accepted, refused + (not one.accepted)
        return ReceiptsRead(taken, refused, unclear, tuple(unknown)[:MOST_UNKNOWN])

    async def office(self, line: ExchangeLine) -> Office:
        office = await self._offices.office(line.office)
        if office is None:
            raise wire.BadDocument("not_ready", "office")
        return office

    async def ours(self, line: ExchangeLine, first: date, last: date) -> Mapping[str, tuple[str, str]]:
        """By their number: where each of our complaints stands, and its id."""
        office = await self.office(line)
        return await self.store.stages(line.office, line.channel, office.zone, first, last)


_OUTCOMES: Final = {"taken": "taken", "fixed": "taken", "updated": "updated", "duplicate": "again", "apart": "apart"}


def _number(mapping: ChannelMapping, row: wire.Row) -> str:
    value = next((row[name] for name in mapping.columns.get("number", ()) if row.get(name) not in (None, "")), "")
    return str(value).strip()[:80]


def check_period(first: date, last: date) -> None:
    """Refused: bad_day."""
    if not first <= last or (last - first).days > MOST_DAYS:
        raise Refused("bad_day", 422, field="last")


def _answer_to(platform: Platform, one: Statement, answer: wire.Document) -> TheirReceipt | None:
    """Its receipt; None: it follows. ConnectionFault where it is about something else."""
    match answer:
        case wire.Refusal(code=code, text=text):
            return TheirReceipt(one.number, one.sequence, "", False, f"{code} {text}".strip()[:500])
        case wire.Noted():
            return None
        case wire.Receipts(rows=rows):
            for found in receipts(platform, rows):
                if (found.number, found.sequence) == (one.number, one.sequence) and found.accepted is not None:
                    return found
    raise ConnectionFault("not_understood", f"no receipt in {type(answer).__name__}", again=True)
