"""The offices' electronic seals: what is found of a file that somebody brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SealResult = Literal["ours", "changed", "unknown_seal", "not_given", "no_seal", "no_pdf"]


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """`result` "ours": sealed here, every byte is as we sealed it. `signed_at` is our own clock's word, `stamped_at`
    an authority's. `subject`: whom the certificate names, also of a seal we do not know. `algorithm` "RSA" | "ECDSA" |
    "SM2". `certifier`: who issued the certificate, or the platform that sealed; of "unified" only that the file is the
    one we gave out is known. "not_given": not one of ours, where platforms seal, whose seals are not read here."""

    result: SealResult
    subject: str = ""
    office: str = ""
    fingerprint: str = ""
    assurance: Literal["own", "provider", "unified"] = "own"
    certifier: str = ""
    algorithm: str = ""
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    sha256: str = ""
