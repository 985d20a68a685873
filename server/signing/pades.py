"""Puts the office's seal under a PDF: one certifying PAdES signature after which nothing may change.

PAdES baseline B-T with a time stamp of an RFC 3161 authority where one is configured and answers, else B-B: a seal
does not wait for somebody else's server. Which of both it became is told and recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import structlog
from asn1crypto import algos, keys as asn1_keys, tsp, x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import CertificateStore, SimpleCertificateStore

from server.evidence.attesting import NotAttested, TimestampAuthority
from server.signing.certificates import CertifiedKey
from server.signing.sm2 import DIGEST, Sm2Key

if TYPE_CHECKING:
    from server.signing.seals import SealPanel


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
