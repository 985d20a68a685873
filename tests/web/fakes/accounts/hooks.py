"""Nobody is told anything: what they do is tested on the real thing (tests/server/outbox/test_hooks.py)."""

from __future__ import annotations

from typing import NoReturn

from journal.refusals import Refused
from offices.people import Officer
from offices.systems import Hook, Undelivered


class FakeHooks:
    """Implements `Hooks`."""

    possible = True

    async def subscribe(self, by: Officer, name: str, url: str) -> tuple[str, str]:
        return "hook0", "ys_secret0"

    async def hooks(self, by: Officer) -> list[Hook]:
        return []

    async def undelivered(self, by: Officer) -> list[Undelivered]:
        return []

    async def revoke(self, by: Officer, hook: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def resend(self, by: Officer, delivery: str) -> NoReturn:
        raise Refused("not_found", 404)
