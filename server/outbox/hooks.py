"""Tells other systems when a complaint's state changes: signed, repeated for hours, given up visibly. Implements
`web.office.administration.Hooks`.

Only to addresses the installation allows (`YUNTIAO_HOOK_ORIGINS`), asked again at every try, never along a redirect:
an administrator of an office cannot make the server call what only the server reaches.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import structlog

from journal.refusals import Refused
from offices.people import Officer, require_role
from offices.systems import Hook, Undelivered
from server.connections.signed import SIGNATURE, TIMESTAMP, signature
from server.identity.sealing import Seal, SealBroken, fresh_token
from server.outbox.hook_store import HookStore, StoredDelivery, StoredHook
from server.outbox.service import backoff

PREFIX: Final = "ys_"
SECRET: Final = "hook secret"  # noqa: S105 - the purpose secrets are sealed for
LEASE: Final = timedelta(minutes=2)
TRIES_MOST: Final = 12  # about five hours
LOOK: Final = timedelta(seconds=5)  # an event of another process is noticed by then
FINAL: Final = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
_TIMEOUT = aiohttp.ClientTimeout(total=10)

log = structlog.get_logger(__name__)


def origin_of(url: str) -> str:
    """Scheme, host and port, "" for what is no address to post to."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return ""
    fine = parts.scheme in ("https", "http") and parts.hostname and parts.username is None and parts.password is None
    return f"{parts.scheme}://{parts.hostname}:{port}" if fine else ""


class HookService:
    def __init__(
        self,
        store: HookStore,
        seal: Seal,
        allowed: Collection[str],
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`allowed`: addresses whose origins may be posted to."""
        self._store, self._seal, self._now, self._chance = store, seal, now, chance
        self._allowed = frozenset(filter(None, map(origin_of, allowed)))

    # ------------------------------------------------------------ the administrator's page

    @property
    def possible(self) -> bool:
        return bool(self._allowed)

    async def subscribe(self, by: Officer, name: str, url: str) -> tuple[str, str]:
        require_role(by, "administrator")
        if not name.strip():
            raise Refused("missing", field="name")
        if len(url) > 500 or origin_of(url) not in self._allowed:
            raise Refused("foreign_address", 422, field="url")
        id, secret = uuid.uuid4().hex, PREFIX + fresh_token()
        sealed = self._seal.seal(secret, SECRET)
        await self._store.add(StoredHook(id, by.office.id, name.strip(), url, sealed, self._now(), by.id))
        return id, secret

    async def hooks(self, by: Officer) -> list[Hook]:
        require_role(by, "administrator")
        return [
            Hook(one.id, one.name, one.url, one.created, one.revoked_at)
            for one in await self._store.of_office(by.office.id)
        ]

    async def undelivered(self, by: Officer) -> list[Undelivered]:
        require_role(by, "administrator")
        names = {one.id: one.name for one in await self._store.of_office(by.office.id)}
        return [
            Undelivered(
                one.id,
                names.get(one.hook, ""),
                one.event,
                one.number,
                one.state,
                one.created,
                one.tries,
                one.last_error,
            )
            for one in await self._store.troubled(by.office.id)
        ]  # fmt: skip

    async def revoke(self, by: Officer, hook: str) -> None:
        require_role(by, "administrator")
        if not await self._store.revoke(hook, by.office.id, self._now()):
            raise Refused("not_found", 404)

    async def resend(self, by: Officer, delivery: str) -> None:
        require_role(by, "administrator")
        if not await self._store.resend(delivery, by.office.id, self._now()):
            raise Refused("not_found", 404)

    # ------------------------------------------------------------ delivering

    async def deliver(self) -> None:
        """Until cancelled. A try under way comes due again after its lease; the receiver knows it by its id."""
        if not self._allowed:
            return
        async with aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as http:
            while True:
                try:
                    if not await self.deliver_due(http):
                        await asyncio.sleep(LOOK.total_seconds())
                except Exception:
                    # The database may be locked for a while; what was to be told is still there afterwards.
                    log.exception("hooks failed, going on")
                    await asyncio.sleep(LOOK.total_seconds())

    async def deliver_due(self, http: aiohttp.ClientSession) -> int:
        due = await self._store.claim(self._now(), LEASE)
        for delivery, hook in due:
            await self._try(http, delivery, hook)
        return len(due)

    async def _try(self, http: aiohttp.ClientSession, delivery: StoredDelivery, hook: StoredHook) -> None:
        if not await self._store.waits(delivery.id):
            return  # revoked since it was claimed
        reason, final = await self._post(http, delivery, hook)
        if not reason:
            await self._store.told(delivery.id, state="sent", sent_at=self._now(), last_error="")
        elif final or delivery.tries >= TRIES_MOST:
            log.warning("hook given up", delivery=delivery.id, hook=hook.id, tries=delivery.tries, reason=reason)
            await self._store.told(delivery.id, state="dead", last_error=reason)
        else:
            again = self._now() + backoff(delivery.tries, self._chance())
            await self._store.told(delivery.id, state="failed", last_error=reason, next_try=again)

    async def _post(self, http: aiohttp.ClientSession, delivery: StoredDelivery, hook: StoredHook) -> tuple[str, bool]:
        """("", …) when it was taken; otherwise why not, in words that hold no secret, and whether that is final."""
        if hook.revoked_at is not None or origin_of(hook.url) not in self._allowed:
            return "the address is not allowed any more", True
        try:
            secret = self._seal.open(hook.secret, SECRET)
        except SealBroken:
            return "sealed under another key", True
        body, timestamp = delivery.body.encode(), str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": delivery.id,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(secret.encode(), timestamp, body),
        }
        try:
            async with http.post(hook.url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            return f"unreachable ({type(fault).__name__})", False
        return ("", False) if 200 <= status < 300 else (f"answered {status}", status in FINAL or 300 <= status < 400)
