"""A way in that knows nobody: what it does is tested on the real thing (tests/server/imports/test_senders.py)."""

from __future__ import annotations

from typing import NoReturn

from journal.refusals import Refused
from offices import Officer
from offices.systems import Sender, SignedRequest


class FakeIntake:
    """Implements `Intake`."""

    async def admit(self, by: Officer, name: str, channel: str) -> tuple[str, str]:
        return "sender0", "ys_secret0"

    async def senders(self, by: Officer) -> list[Sender]:
        return []

    async def renew(self, by: Officer, sender: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def revoke(self, by: Officer, sender: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def known(self, sender: str, channel: str, timestamp: str) -> NoReturn:
        raise Refused("bad_signature", 401)

    async def take(self, channel: str, request: SignedRequest) -> NoReturn:
        raise Refused("bad_signature", 401)
