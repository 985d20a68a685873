"""What somebody has typed at the window so far, sealed: fields as their form has them, and the filing made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final

from server.identity.sealing import Seal
from web.ports import Refused
from web.ports.window import WindowFiling

PURPOSE: Final = "filing"  # drafts are sealed for
MOST: Final = 40_000  # characters of all fields together


@dataclass(frozen=True, slots=True)
class Draft:
    """`filing`: once everything was there and a code was sent."""

    fields: Mapping[str, str] = field(default_factory=dict)
    filing: WindowFiling | None = None

    def with_fields(self, fields: Mapping[str, str]) -> Draft:
        """Refused: too_long. Whatever is written again has to be sent again."""
        both = {**self.fields, **fields}
        if sum(len(name) + len(value) for name, value in both.items()) > MOST:
            raise Refused("too_long", 400)
        return Draft(both)

    def sealed(self, seal: Seal) -> str:
        filing = asdict(self.filing) if self.filing else None
        return seal.seal(json.dumps({"fields": self.fields, "filing": filing}, default=str), PURPOSE)


def opened(sealed: str, seal: Seal) -> Draft:
    if not sealed:
        return Draft()
    raw: dict[str, Any] = json.loads(seal.open(sealed, PURPOSE))
    if "fields" not in raw:  # of a program before this one, an hour ago at most
        return Draft(filing=_filing(raw))
    return Draft(raw["fields"], _filing(raw["filing"]) if raw["filing"] else None)


def _filing(raw: dict[str, Any]) -> WindowFiling:
    amount = None if raw["amount"] is None else Decimal(raw["amount"])
    return WindowFiling(**{**raw, "amount": amount, "requests": tuple(raw["requests"])})
