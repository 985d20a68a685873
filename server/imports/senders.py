"""Systems that send complaints by signed requests: their secrets, and each request taken once. Implements
`web.office.administration.services.Intake`.

A request is kept under its key with the batch it will become before anything is read, and its body lies in the batch's
file until it was: whether the sender comes again after a crash or not, its rows are taken once.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from complaints.channels.documents import body_rows
from complaints.channels.errors import ChannelError
from complaints.channels.mapping import IMPORTED
from complaints.channels.reasons import said
from journal import Actor
from offices.access import require_role
from offices.people import Officer
from offices.refusal import Refused
from offices.systems import IntakeAnswer, Sender, SignedRequest
from server.identity.account_store import USED_EVERY
from server.identity.sealing import Seal, fresh_token
from server.identity.store import IdentityStore
from server.imports.batches import WEBHOOK, Batches
from server.imports.store import COUNTED, OUTCOMES, Batch, Replayed, Request, SenderStore, StoredSender
from server.outbox import service as outbox_service

PREFIX: Final = "ys_"  # so that a secret left somewhere is recognised for what it is
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
        secret, id = PREFIX + fresh_token(), uuid.uuid4().hex
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
        secret = PREFIX + fresh_token()
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
        if not outbox_service.genuine(plain, request.timestamp, request.body, request.signature):
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
        if not outbox_service.in_time(timestamp, self._now()):
            raise Refused("stale", 401, seconds=int(outbox_service.WINDOW.total_seconds()))
        return sender
