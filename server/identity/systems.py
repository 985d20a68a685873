"""Other systems: their tokens, what they register once for each key (`Systems`), and signed requests (`Intake`).

A signed request is kept under its key with the batch it will become before anything is read, and its body lies in
the batch's file until it was: whether the sender comes again after a crash or not, its rows are taken once.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints import UnknownComplaint
from complaints.channels import ChannelError, said
from complaints.channels.documents import body_rows
from complaints.channels.mapping import IMPORTED
from complaints.service import ComplaintService
from complaints.views import NewComplaint
from journal import SYSTEM, Actor, Draft, Event, Journal, append_decided, append_next, append_once
from journal.refusals import Refused
from offices import Officer, may_scope, of_a_system, require_role
from offices.systems import (
    CALENDAR,
    LASTS_MOST,
    OWN_SCOPES,
    SCREEN,
    SYSTEM_SCOPES,
    IntakeAnswer,
    Scope,
    Sender,
    SignedRequest,
    System,
    SystemToken,
)
from server.complaints.service import OfficeComplaints
from server.connections import WINDOW, genuine, in_time
from server.identity import Seal, digest as token_digest, fresh_token
from server.identity.account_store import (
    LAST_DAY_GIVEN,
    STREAM,
    USED_EVERY,
    Replayed,
    Request,
    SenderStore,
    StoredSender,
    StoredToken,
    SystemStore,
)
from server.identity.store import IdentityStore
from server.imports.batches import WEBHOOK, Batches
from server.imports.store import COUNTED, OUTCOMES, Batch

Withheld = Callable[[str, str], Awaitable[frozenset[str]]]  # of an office and a role
ACTS_AS: Final = "mediator"  # of its office, a system
GIVEN: Final = timedelta(days=90)  # to tokens from before there were last days
SYSTEM_PREFIX = "yt_"  # so that a token left somewhere is recognised for what it is


class SystemsService:
    def __init__(
        self,
        store: SystemStore,
        offices: IdentityStore,
        complaints: ComplaintService,
        desk: OfficeComplaints,
        journal: Journal,
        now: Callable[[], datetime],
        standing: Callable[[str], Awaitable[Officer | None]],
        withheld: Withheld,
    ) -> None:
        """`standing`: the officer of an account, unless they are let in nowhere (`Officers.standing`). `withheld`: from
        a role in an office."""
        self._store = store
        self._offices = offices
        self._complaints = complaints
        self._desk, self._journal = desk, journal
        self._now, self._standing, self._withheld = now, standing, withheld

    async def issue(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        require_role(by, "administrator")
        return await self._issue(by, name, [scope for scope in SYSTEM_SCOPES if scope in scopes], last, "")

    async def issue_screen(self, by: Officer, name: str, last: date) -> str:
        require_role(by, "administrator")
        return await self._issue(by, name, [SCREEN], last, "")

    async def issue_own(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        granted = [scope for scope in own_scopes(by) if scope in scopes]
        if CALENDAR in granted and len(granted) > 1:  # its address is given away: it must open nothing else
            raise Refused("calendar_alone", 422, field="scopes")
        return await self._issue(by, name, granted, last, by.id)

    async def _issue(self, by: Officer, name: str, granted: Sequence[str], last: date, officer: str) -> str:
        if not name.strip() or not granted:
            raise Refused("missing", field="name" if granted else "scopes")
        zone = ZoneInfo(by.office.zone)
        today = self._now().astimezone(zone).date()
        if not today <= last <= today + LASTS_MOST:
            raise Refused("bad_day", field="last")
        token, id_ = SYSTEM_PREFIX + fresh_token(), uuid.uuid4().hex
        # The entry first: of every token that opens something the journal says who made it.
        data = {"scopes": list(granted), "last": last.isoformat()}
        await append_next(self._journal, f"{STREAM}/{id_}", self._draft(by, "TokenIssued", name.strip(), officer, data))
        await self._store.add(
            StoredToken(
                id=id_,
                office=by.office.id,
                name=name.strip(),
                scopes=" ".join(granted),
                token_hash=token_digest(token),
                created=self._now(),
                created_by=by.id,
                officer=officer,
                expires=_over(last, zone),
            )
        )
        return token

    async def tokens(self, by: Officer) -> list[SystemToken]:
        require_role(by, "administrator")
        names = {user.id: user.name for user in await self._offices.users_of(by.office.id)}
        known, given = await self._store.of_office(by.office.id), await self._store.given(by.office.id)
        return [_shown(one, names.get(one.officer, one.officer), one.id in given) for one in known]

    async def own(self, by: Officer) -> list[SystemToken]:
        known, given = await self._store.of_office(by.office.id), await self._store.given(by.office.id)
        return [_shown(one, by.name, one.id in given) for one in known if one.officer == by.id]

    async def revoke_own(self, by: Officer, token: str) -> None:
        await self._revoke(by, token, by.id)

    async def revoke(self, by: Officer, token: str) -> None:
        require_role(by, "administrator")
        await self._revoke(by, token, "")

    async def _revoke(self, by: Officer, token: str, officer: str) -> None:
        """`officer`: whose own it must be; "" where any of the office's will do."""
        one = await self._store.one(token)
        if one is None or one.office != by.office.id or one.revoked_at or (officer and one.officer != officer):
            raise Refused("not_found", 404)
        revoked = self._draft(by, "TokenRevoked", one.name, one.officer, {})

        def decided(entries: list[Event]) -> list[Draft]:
            if any(event.type == revoked.type for event in entries):
                raise Refused("not_found", 404)  # since the row was read
            return [revoked]

        await append_decided(self._journal, f"{STREAM}/{token}", decided)

    def _draft(self, by: Officer, what: str, name: str, officer: str, more: Mapping[str, Any]) -> Draft:
        """Never the token, nor its digest. `officer`: whose own it is."""
        data = {"office": by.office.id, "name": name, "officer": officer, **more}
        return Draft(what, data, self._now(), by.actor)

    async def give_last_days(self) -> int:
        """At the start: to tokens from before there were last days, ninety days from now; how many. Journaled, once."""
        endless = await self._store.endless()
        for one in endless:
            office = await self._offices.office(one.office)
            zone = ZoneInfo(office.zone if office else "UTC")
            last = self._now().astimezone(zone).date() + GIVEN
            data = {"office": one.office, "name": one.name, "officer": one.officer, "last": last.isoformat()}
            data |= {"expires": _over(last, zone).isoformat()}
            draft = Draft(LAST_DAY_GIVEN, data, self._now(), SYSTEM)
            await append_once(self._journal, f"{STREAM}/{one.id}", draft)
        return len(endless)

    async def system(self, token: str) -> System | None:
        return await self._system(await self._store.known(token_digest(token)))

    async def by_id(self, token: str) -> System | None:
        """Whose token has this id, for who showed the token before (`server.statistics.screen_store`). Refused as
        `system`."""
        return await self._system(await self._store.one(token))

    async def _system(self, known: StoredToken | None) -> System | None:
        office = await self._offices.office(known.office) if known else None
        if known is None or office is None:
            return None
        if known.revoked_at is not None:
            raise Refused("token_revoked", 401)
        if known.expires is None or self._now() >= known.expires:  # none has no last day, see give_last_days
            raise Refused("token_over", 401)
        officer = await self._standing(known.officer) if known.officer else None
        if known.officer and (officer is None or officer.office.id != known.office):
            return None
        if known.used_at is None or self._now() - known.used_at >= USED_EVERY:
            await self._store.used(known.id, self._now())
        scopes = frozenset(known.scopes.split())
        if officer is None:
            withheld = await self._withheld(office.id, ACTS_AS)
            return System(
                known.id,
                "",
                known.name,
                ACTS_AS,
                office,
                totp=False,
                withheld=withheld,
                scopes=of_a_system(scopes, withheld),
                token=known.id,
            )
        return System(
            officer.id,
            officer.login,
            officer.name,
            officer.role,
            officer.office,
            officer.totp,
            officer.language,
            officer.withheld,
            scopes & frozenset(own_scopes(officer)),
            known.id,
            own=True,
        )

    async def register(self, system: System, new: NewComplaint, key: str, digest: str) -> tuple[str, bool]:
        """The key is kept before the complaint is made, with the id it will have: a crash between makes none twice."""
        first, complaint = await self._store.request(system.token, key, digest, uuid.uuid4().hex, self._now())
        if first != digest:
            raise Refused("key_reused", 409)
        try:
            await self._complaints.state(complaint)
        except UnknownComplaint:
            return await self._desk.register(system, new, complaint), True
        return complaint, False


def own_scopes(officer: Officer) -> Sequence[Scope]:
    """What a token of the officer's own may do at most."""
    return [scope for scope in OWN_SCOPES.get(officer.role, ()) if may_scope(officer, scope)]


def _over(last: date, zone: ZoneInfo) -> datetime:
    """When a token's last day is."""
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def _shown(one: StoredToken, holder: str, given: bool) -> SystemToken:
    return SystemToken(
        one.id, one.name, one.scopes.split(), one.created, one.used_at, one.revoked_at, holder, one.expires, given
    )


SENDER_PREFIX: Final = "ys_"  # so that a secret left somewhere is recognised for what it is
SECRET: Final = "sender secret"  # noqa: S105 - the purpose secrets are sealed for
BOTH_FOR: Final = timedelta(days=1)  # how long a renewed secret stays good
SHORTEST, LONGEST = 8, 64  # characters of a sender's id


class Senders:
    def __init__(
        self, store: SenderStore, offices: IdentityStore, batches: Batches, seal: Seal, now: Callable[[], datetime]
    ) -> None:
        self._store, self._offices, self._batches = store, offices, batches
        self._seal, self._now = seal, now
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # of senders that are known

    # ------------------------------------------------------------ the administrator's page

    async def admit(self, by: Officer, name: str, channel: str) -> tuple[str, str]:
        require_role(by, "administrator")
        if not name.strip():
            raise Refused("missing", field="name")
        if channel not in IMPORTED:
            raise Refused("bad_choice", 422, field="channel")
        secret, id = SENDER_PREFIX + fresh_token(), uuid.uuid4().hex
        await self._store.add(
            StoredSender(
                id=id,
                office=by.office.id,
                name=name.strip(),
                channel=channel,
                secret=self._seal.seal(secret, SECRET),
                created=self._now(),
                created_by=by.id,
            )
        )
        return id, secret

    async def senders(self, by: Officer) -> list[Sender]:
        require_role(by, "administrator")
        now = self._now()
        return [
            Sender(
                one.id,
                one.name,
                one.channel,
                one.created,
                one.before_until if one.before_until and one.before_until > now else None,
                one.used_at,
                one.revoked_at,
            )
            for one in await self._store.of_office(by.office.id)
        ]

    async def renew(self, by: Officer, sender: str) -> str:
        require_role(by, "administrator")
        secret = SENDER_PREFIX + fresh_token()
        sealed = self._seal.seal(secret, SECRET)
        if not await self._store.renew(sender, by.office.id, sealed, self._now() + BOTH_FOR):
            raise Refused("not_found", 404)
        return secret

    async def revoke(self, by: Officer, sender: str) -> None:
        require_role(by, "administrator")
        if not await self._store.revoke(sender, by.office.id, self._now()):
            raise Refused("not_found", 404)

    # ------------------------------------------------------------ requests

    async def known(self, sender: str, channel: str, timestamp: str) -> None:
        await self._sender(sender, channel, timestamp)

    async def take(self, channel: str, request: SignedRequest) -> IntakeAnswer:
        sender = await self._sender(request.sender, channel, request.timestamp)
        good = [sender.secret]
        if sender.before and sender.before_until and sender.before_until > self._now():
            good.append(sender.before)
        plain = [self._seal.open(one, SECRET) for one in good]
        if not genuine(plain, request.timestamp, request.body, request.signature):
            raise Refused("bad_signature", 401)
        if sender.used_at is None or self._now() - sender.used_at >= USED_EVERY:
            await self._store.used(sender.id, self._now())
        try:
            body_rows(request.body)
        except ChannelError as no:
            raise Refused("bad_request", 422, field="body", reason=no.code, **no.params) from None
        async with self._turns[sender.id]:
            return await self._taken(sender, request)

    async def _taken(self, sender: StoredSender, request: SignedRequest) -> IntakeAnswer:
        digest = hashlib.sha256(request.body).hexdigest()
        now, batch = self._now(), secrets.token_hex(16)
        try:
            first = await self._store.request(Request(sender.id, request.key, digest, request.signature, batch, now))
        except Replayed:
            raise Refused("replayed", 409) from None
        if first.digest != digest:
            raise Refused("key_reused", 409)
        if first.answer is not None:
            return IntakeAnswer(first.answer, repeated=True)
        answer = await self._read(sender, first.batch, request.body)
        await self._store.answered(first, answer)
        return IntakeAnswer(answer, repeated=first.batch != batch)

    async def _read(self, sender: StoredSender, id: str, body: bytes) -> dict[str, Any]:
        office = await self._offices.office(sender.office)
        if office is None:
            raise Refused("bad_signature", 401)
        batch = await self._batches.store.batch(id)
        if batch is None:
            mapping = await self._batches.mapping(office.id, sender.channel)
            actor = Actor("system", sender.id, sender.name, "", office.id)
            batch = await self._batches.begin(office, actor, mapping, body, sender.name, WEBHOOK, id=id)
        batch = await self._batches.run(batch, office)
        if batch.state in ("queued", "running"):
            raise Refused("busy", 503)  # the job process found it unfinished and is reading it
        return await self._report(batch)

    async def _report(self, batch: Batch) -> dict[str, Any]:
        rows, _ = await self._batches.store.rows(batch.id, OUTCOMES, 1, 1_000)
        numbers = await self._batches.store.numbers([row.filed for row in rows if row.filed])
        return {
            "batch": batch.id,
            "counts": {name: sum(row.outcome == name for row in rows) for name in COUNTED},
            "rows": [
                {
                    "row": row.row,
                    "outcome": row.outcome,
                    "number": row.number,
                    "complaint": row.filed or None,
                    "complaint_number": numbers.get(row.filed),
                    "problems": [
                        {**one, "sentence": said(one["code"], one["params"], one["column"])}
                        for one in row.problems or ()
                    ],
                }
                for row in rows
            ],
        }

    async def _sender(self, id: str, channel: str, timestamp: str) -> StoredSender:
        sender = await self._store.standing(id) if SHORTEST <= len(id) <= LONGEST and id.isalnum() else None
        if sender is None or sender.channel != channel:
            raise Refused("bad_signature", 401)
        if not in_time(timestamp, self._now()):
            raise Refused("stale", 401, seconds=int(WINDOW.total_seconds()))
        return sender
