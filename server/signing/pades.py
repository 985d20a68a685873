"""The office's seal under a PDF: putting it there, and saying of a PDF that somebody brings whether it is ours,
unchanged.

One certifying PAdES signature after which nothing may change: baseline B-T with a time stamp of an RFC 3161
authority where one is configured and answers, else B-B, since a seal does not wait for somebody else's server. Which
of both it became is told and recorded.

Nothing of a PDF that is brought is opened, run or kept. No reader of PDF is needed to judge it, and none is trusted:
a seal covers every byte of the file but its own, the bytes say where it lies (ISO 32000-1, 12.8.1), and what covers
less is not as we gave it out.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import structlog
from asn1crypto import algos, cms, keys as asn1_keys, tsp, x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData, PreparedByteRangeDigest
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import CertificateStore, SimpleCertificateStore

from server.evidence.attesting import NotAttested, TimestampAuthority
from server.signing import sm2
from server.signing.certificates import CertifiedKey
from server.signing.seals import SealInfo
from server.signing.sm2 import DIGEST, Sm2Key, Sm2Missing

if TYPE_CHECKING:
    from server.signing.certificates import SealPanel


FIELD = "OfficeSeal"
_STAMPED_OVER = "sha256"  # what authorities of time stamps take; none here answers for SM3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SealedPdf:
    """`level`: "B-T" with a time stamp, else "B-B"."""

    content: bytes
    sha256: str
    level: str


class _Stamps(TimeStamper):
    """Asks our own client, which checks where an answer leads."""

    def __init__(self, authority: TimestampAuthority) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._authority = authority

    async def async_request_tsa_response(self, req: Any) -> Any:
        hashed = req["message_imprint"]["hashed_message"].native
        return tsp.TimeStampResp.load(await self._authority.answer(req.dump(), hashed))


class Sm2Signer(Signer):
    """Signs with an SM2 key, over SM3."""

    def __init__(self, key: Sm2Key, certificate: asn1_x509.Certificate, above: CertificateStore) -> None:
        mechanism = algos.SignedDigestAlgorithm({"algorithm": "sm3_sm2"})
        super().__init__(signing_cert=certificate, cert_registry=above, signature_mechanism=mechanism)
        self._key = key

    def _check_digest_algorithm(self, digest_algorithm: str) -> None:
        if digest_algorithm != DIGEST:
            raise ValueError("SM2 signs over SM3")

    def _unsigned_attr_providers(self, digest_algorithm: str, *more: Any, **named: Any) -> Iterable[Any]:
        found: Iterable[Any] = super()._unsigned_attr_providers(_STAMPED_OVER, *more, **named)
        return found

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return bytes(72) if dry_run else self._key.sign(data)


async def sealed(
    pdf: bytes, pair: CertifiedKey, said: SealPanel, authority: TimestampAuthority | None = None
) -> SealedPdf:
    """Takes some 50 ms beside the authority's answer."""
    if authority is not None:
        try:
            return await _sealed(pdf, pair, said, _Stamps(authority))
        except (NotAttested, ValueError, OSError) as fault:
            log.warning("a seal gets no time stamp", why=str(fault))
    return await _sealed(pdf, pair, said, None)


async def _sealed(pdf: bytes, pair: CertifiedKey, said: SealPanel, stamps: TimeStamper | None) -> SealedPdf:
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST if isinstance(pair.key, Sm2Key) else "sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=said.office,
        reason=said.reason,
        location=said.location or None,
    )
    # ISO 19005-2, 6.1.9: an object begins on a line of its own, and the typesetter's last line, %%EOF, has no end.
    writer = IncrementalPdfFileWriter(BytesIO(pdf if pdf.endswith(b"\n") else pdf + b"\n"))
    signer = PdfSigner(metadata, _signer(pair), timestamper=stamps, new_field_spec=SigFieldSpec(FIELD))
    made: BytesIO = await signer.async_sign_pdf(writer)
    content = made.getvalue()
    return SealedPdf(content, hashlib.sha256(content).hexdigest(), "B-B" if stamps is None else "B-T")


@dataclass(frozen=True, slots=True)
class PreparedPdf:
    """With room for a signature that somebody else makes. `digest`: SM3 of all but that room; `covers`: as it says."""

    digest: bytes
    covers: str
    _made: BytesIO
    _room: PreparedByteRangeDigest

    def filled(self, signature: bytes) -> bytes:
        self._room.fill_with_cms(self._made, signature)
        return self._made.getvalue()


def prepare(pdf: bytes, said: SealPanel, most: int, form: Literal["ses", "cms"]) -> PreparedPdf:
    """`most`: bytes of the signature. Blocking."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf if pdf.endswith(b"\n") else pdf + b"\n"))
    room = PdfSignedData(pdf_name("/Sig"), SigSeedSubFilter.PADES, datetime.now(UTC), bytes_reserved=2 * most)
    if form == "ses":
        room["/Filter"] = room["/SubFilter"] = pdf_name("/GB.T38540")
    for name, text in (("/Name", said.office), ("/Reason", said.reason), ("/Location", said.location)):
        if text:
            room[name] = pdf_string(text)
    certified = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(FIELD)).write_cms(FIELD, writer)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=room, mdp_setup=certified))
    prepared, made = steps.send(SigIOSetup(md_algorithm=DIGEST))
    start, end, size = prepared.reserved_region_start, prepared.reserved_region_end, len(made.getvalue())
    return PreparedPdf(prepared.document_digest, f"[0 {start} {end} {size - end}]", made, prepared)


def _signer(pair: CertifiedKey) -> Signer:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(_asn1(pair.chain))
    certificate = _asn1([pair.certificate])[0]
    if isinstance(pair.key, Sm2Key):
        return Sm2Signer(pair.key, certificate, store)
    key = pair.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(signing_cert=certificate, signing_key=asn1_keys.PrivateKeyInfo.load(key), cert_registry=store)


def _asn1(certificates: Sequence[Certificate]) -> list[asn1_x509.Certificate]:
    return [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in certificates]


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
        certificate = sm2.signed_by(signed)
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
            good = covered and await asyncio.to_thread(_sm2_valid, under, signed, certificate)
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


def _sm2_valid(under: bytes, signed: Any, certificate: asn1_x509.Certificate) -> bool:
    return sm2.cms_valid(sm2.digest_of(under), signed, certificate)


async def _stamped(signed: Any, trust: ValidationContext) -> datetime | None:
    """The time of the authority's stamp over an SM2 signature, None without one that holds."""
    token = sm2.cms_stamp_of(signed)
    if token is None:
        return None
    over = bytes(signed["signer_infos"][0]["signature"])
    found = await validate_tst_signed_data(token, trust, lambda name: hashlib.new(name, over).digest())
    return found["timestamp"] if found["intact"] and found["valid"] else None


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
