"""Whether a PDF that somebody brings is ours, and unchanged. Nothing of it is opened, run or kept.

No reader of PDF is needed for that, and none is trusted: a seal covers every byte of the file but its own, the bytes
say where it lies (ISO 32000-1, 12.8.1), and what covers less is not as we gave it out.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from asn1crypto import cms
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext

from server.signing import sm2
from server.signing.seal_keys import SealInfo
from server.signing.sm2 import Sm2Missing

LARGEST = 1 << 20  # bytes of a file, as any form of ours
_RANGES = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_MOST_SEALS = 8  # looked at


Result = Literal["ours", "changed", "unknown_seal", "no_seal", "no_pdf"]


@dataclass(frozen=True, slots=True)
class PaperVerdict:
    """`result`: "ours" | "changed" (a seal of ours, but not these bytes) | "unknown_seal" | "no_seal" | "no_pdf".

    `signed_at`: as the seal's own attributes say; `stamped_at`: as a time stamp authority says, None without one.
    """

    result: Result
    seal: SealInfo | None = None
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    subject: str = ""


async def judged(content: bytes, known: Mapping[str, SealInfo]) -> PaperVerdict:
    """`known`: seals of ours by fingerprint. Sm2Missing."""
    if not content.startswith(b"%PDF-"):
        return PaperVerdict("no_pdf")
    found = list(_RANGES.finditer(content))[-_MOST_SEALS:]
    if not found:
        return PaperVerdict("no_seal")
    verdict = PaperVerdict("no_seal")
    for match in reversed(found):
        one = await _judged(content, [int(number) for number in match.groups()], known)
        if one.result in ("ours", "changed"):
            return one
        if verdict.result == "no_seal":
            verdict = one
    return verdict


async def _judged(content: bytes, ranges: list[int], known: Mapping[str, SealInfo]) -> PaperVerdict:
    start, length, again, rest = ranges
    gap = content[start + length : again]
    if not (gap.startswith(b"<") and gap.endswith(b">") and len(gap) < LARGEST):
        return PaperVerdict("no_seal")
    try:
        signed = cms.ContentInfo.load(bytes.fromhex(gap[1:-1].decode("ascii")))["content"]
        certificate = _signer(signed)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return PaperVerdict("no_seal")
    if certificate is None:
        return PaperVerdict("no_seal")
    subject = str(certificate.subject.native.get("common_name", ""))[:200]
    seal = known.get(certificate.sha256.hex())
    if seal is None:
        return PaperVerdict("unknown_seal", subject=subject)
    covered = start == 0 and again + rest == len(content)
    under = content[:length] + content[again : again + rest]
    trust = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    try:
        if sm2.is_sm2(signed):
            good = covered and await asyncio.to_thread(sm2.cms_valid, under, signed, certificate)
            stamped = await _stamped(signed, trust)
            return PaperVerdict("ours" if good else "changed", seal, _said_at(content), stamped, subject)
        status = await async_validate_detached_cms(BytesIO(under), signed, trust)
    except Sm2Missing:
        raise
    except Exception:  # whatever a crafted structure makes the library say, it is not a good seal
        return PaperVerdict("changed", seal, subject=subject)
    ours = status.signing_cert is not None and status.signing_cert.sha256.hex() == seal.fingerprint
    good = covered and ours and status.intact and status.valid
    stamp = status.timestamp_validity
    return PaperVerdict(
        "ours" if good else "changed",
        seal,
        status.signer_reported_dt or _said_at(content),
        stamp.timestamp if stamp is not None and stamp.intact and stamp.valid else None,
        subject,
    )


async def _stamped(signed: Any, trust: ValidationContext) -> datetime | None:
    """The time of the authority's stamp over an SM2 signature, None without one that holds."""
    token = sm2.cms_stamp_of(signed)
    if token is None:
        return None
    over = bytes(signed["signer_infos"][0]["signature"])
    found = await validate_tst_signed_data(token, trust, lambda name: hashlib.new(name, over).digest())
    return found["timestamp"] if found["intact"] and found["valid"] else None


def _signer(signed: Any) -> Any:
    """The certificate that its one signer names, by issuer and number."""
    info = signed["signer_infos"][0]
    wanted = info["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if certificate.issuer == wanted["issuer"] and certificate.serial_number == wanted["serial_number"].native:
            return certificate
    return None


def _said_at(content: bytes) -> datetime | None:
    """PAdES keeps the time beside the seal: /M (D:20261125184040+00'00')."""
    found = re.findall(rb"/M\s*\(D(?::|\\072)(\d{14})([+\-Z])(\d\d)?'?(\d\d)?", content)
    if not found:
        return None
    digits, sign, hours, minutes = found[-1]
    zone = f"{sign.decode()}{(hours or b'00').decode()}{(minutes or b'00').decode()}" if sign != b"Z" else "+0000"
    try:
        return datetime.strptime(digits.decode() + zone, "%Y%m%d%H%M%S%z")
    except ValueError:
        return None
