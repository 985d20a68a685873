"""Addresses that open something for one person and for a while, without a row anywhere: sealed under our own key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from server.identity.sealing import Seal, SealBroken

COPY: Final = "copy"
NOTICE: Final = "notice"
MOST = 1000  # characters


class Tickets:
    def __init__(self, seal: Seal, now: Callable[[], datetime]) -> None:
        self._seal, self._now = seal, now

    def write(self, kind: str, what: Mapping[str, str], ends: datetime) -> str:
        """URL-safe; two of the same are different."""
        return self._seal.seal(json.dumps({**what, "ends": ends.isoformat()}), f"ticket {kind}").rstrip("=")

    def read(self, kind: str, ticket: str) -> dict[str, str] | None:
        """None when it is over, of another kind, or none of ours."""
        if len(ticket) > MOST:
            return None
        try:
            told: dict[str, str] = json.loads(self._seal.open(ticket + "=" * (-len(ticket) % 4), f"ticket {kind}"))
            return told if datetime.fromisoformat(told["ends"]) > self._now() else None
        except (SealBroken, ValueError, KeyError):
            return None
