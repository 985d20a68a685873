"""CMS signatures (RFC 5652) with SM2 and SM3: made by way of pyHanko, judged here, for pyHanko knows no SM2.

PAdES names no algorithms, so the seal has the same structure as with RSA; what differs are the identifiers.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any

from asn1crypto import algos, cms, x509
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import CertificateStore

from server.signing.sm2 import SIGNED_WITH_SM3, Sm2Key, public_of, verifies

DIGEST = "sm3"
_STAMPED_OVER = "sha256"  # what authorities of time stamps take; none here answers for SM3


class Sm2Signer(Signer):
    """Signs with an SM2 key, over SM3."""

    def __init__(self, key: Sm2Key, certificate: x509.Certificate, above: CertificateStore) -> None:
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


def is_sm2(signed: Any) -> bool:
    """Whether the one signer of this SignedData signed with SM2."""
    return bool(signed["signer_infos"][0]["signature_algorithm"]["algorithm"].dotted == SIGNED_WITH_SM3)


def valid(content: bytes, signed: Any, certificate: x509.Certificate) -> bool:
    """Whether the SignedData's one signer signed `content` with this certificate's key. ValueError and the like where
    it is no well-formed structure."""
    info, public = signed["signer_infos"][0], public_of(certificate.dump())
    if public is None or len(signed["signer_infos"]) != 1 or info["digest_algorithm"]["algorithm"].native != DIGEST:
        return False
    attributes = info["signed_attrs"]
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    told, kind = _only(attributes, "message_digest"), _only(attributes, "content_type")
    named = _only(attributes, "signing_certificate_v2")["certs"][0]  # what PAdES demands (RFC 5035)
    hashed = named["hash_algorithm"]["algorithm"].native
    return (
        kind.native == "data"
        and hmac.compare_digest(told.native, digest.finalize())
        and hashed == "sha256"
        and hmac.compare_digest(named["cert_hash"].native, certificate.sha256)
        # Signed as a SET, though they stand under an implicit tag (RFC 5652, 5.4).
        and verifies(public, attributes.untag().dump(), bytes(info["signature"]))
    )


def stamp_of(signed: Any) -> Any:
    """The SignedData of the time stamp beside the signature, None without one."""
    attributes = signed["signer_infos"][0]["unsigned_attrs"]
    found = [one for one in attributes if one["type"].native == "signature_time_stamp_token"] if attributes else []
    return found[0]["values"][0]["content"] if found else None


def _only(attributes: cms.CMSAttributes, kind: str) -> Any:
    values = [value for one in attributes if one["type"].native == kind for value in one["values"]]
    if len(values) != 1:
        raise ValueError(kind)
    return values[0]
