"""Addresses that open something for one person and for a while, sealed under our own key.

On a page a ticket stands whole and leaves no row anywhere. In a message a short one stands for it, found again by its
digest: 144 bits nobody can guess, made from what it opens by a keyed digest, so that sending it again sends the same.
Whole ones from messages of before go on opening what they opened.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

from server.identity.sealing import Seal, SealBroken
from server.identity.tokens import digest

COPY: Final = "copy"
NOTICE: Final = "notice"
MOST = 1000  # characters
_SHORT = re.compile(r"[A-Za-z0-9_-]{24}")  # 144 bits; a whole one is never so short


class TicketRows(Protocol):
    """Whole tickets by the digest of the short one that stands for them."""

    async def keep(self, secret_hash: str, ticket: str, ends: datetime, now: datetime) -> None:
        """A later one of the same digest takes its place; those that are over are dropped."""
        ...

    async def ticket(self, secret_hash: str) -> str: ...


class Tickets:
    def __init__(self, seal: Seal, now: Callable[[], datetime], rows: TicketRows) -> None:
        self._seal, self._now, self._rows = seal, now, rows

    def write(self, kind: str, what: Mapping[str, str], ends: datetime) -> str:
        """URL-safe and whole; two of the same are different."""
        return self._seal.seal(json.dumps({**what, "ends": ends.isoformat()}), f"ticket {kind}").rstrip("=")

    def short(self, kind: str, what: Mapping[str, str]) -> str:
        """What `issue` gives for this; opens nothing before."""
        mac = self._seal.hash(json.dumps(dict(what), sort_keys=True), f"short ticket {kind}")
        return base64.urlsafe_b64encode(bytes.fromhex(mac)[:18]).decode()

    async def issue(self, kind: str, what: Mapping[str, str], ends: datetime) -> str:
        """For a message: 24 characters, URL-safe, kept before this returns."""
        secret = self.short(kind, what)
        await self._rows.keep(digest(secret), self.write(kind, what, ends), ends, self._now())
        return secret

    async def standing(self, kind: str, what: Mapping[str, str]) -> str:
        """The one that was issued for this; "" when none was or it is over."""
        secret = self.short(kind, what)
        return secret if await self.read(kind, secret) is not None else ""

    async def read(self, kind: str, ticket: str) -> dict[str, str] | None:
        """None when it is over, of another kind, or none of ours."""
        if len(ticket) > MOST:
            return None
        if _SHORT.fullmatch(ticket):
            ticket = await self._rows.ticket(digest(ticket))
        try:
            told: dict[str, str] = json.loads(self._seal.open(ticket + "=" * (-len(ticket) % 4), f"ticket {kind}"))
            return told if datetime.fromisoformat(told["ends"]) > self._now() else None
        except (SealBroken, ValueError, KeyError):
            return None
