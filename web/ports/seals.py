"""The offices' electronic seals, as pages need them: judging a file that somebody brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """`result` "ours": sealed here, every byte is as we sealed it. `signed_at` is our own clock's word, `stamped_at`
    an authority's. `subject`: whom the certificate names, also of a seal we do not know."""

    result: Literal["ours", "changed", "unknown_seal", "no_seal", "no_pdf"]
    subject: str = ""
    office: str = ""
    fingerprint: str = ""
    self_made: bool = False
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    sha256: str = ""


class Seals(Protocol):
    async def judged(self, content: bytes) -> SealVerdict: ...

    async def certificates(self) -> str:
        """PEM of where trust in our seals begins, "" when there is no seal."""
        ...
