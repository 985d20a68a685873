"""SM2 keys, certificates and CMS signatures (RFC 5652), with SM3 (GB/T 32918, GB/T 32905). No files.

The arithmetic is GmSSL's; what is here is ASN.1: GM/T 0009 says what the structures are, GM/T 0006 the object
identifiers. Signatures are made over SM3(Z || message) with the identity that GM/T 0009 gives whoever named none.

CMS is made by way of pyHanko (`pades`) and judged here, for pyHanko knows no SM2. PAdES names no algorithms, so the
seal has the same structure as with RSA; what differs are the identifiers.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from asn1crypto import algos, cms, core, keys, pem, x509
from cryptography.hazmat.primitives import hashes

try:
    import gmssl_pyx as gmssl
except ImportError:  # no wheel for this machine
    gmssl = None

CURVE: Final = "1.2.156.10197.1.301"
CURVE_NAME: Final = "sm2p256v1"
SIGNED_WITH_SM3: Final = "1.2.156.10197.1.501"
SM3: Final = "1.2.156.10197.1.401"
_IDENTITY: Final = b"1234567812345678"  # GM/T 0009, 10
_BYTES: Final = 32


def _named(kind: Any, identifier: str, name: str) -> None:
    """asn1crypto has no other door for identifiers it does not know; pyHanko adds its own the same way."""
    kind._map.setdefault(identifier, name)
    kind._reverse_map = None


keys.NamedCurve.register(CURVE_NAME, CURVE, 32)
_named(algos.DigestAlgorithmId, SM3, "sm3")
_named(algos.SignedDigestAlgorithmId, SIGNED_WITH_SM3, "sm3_sm2")


class Sm2Missing(ValueError):
    """Nothing on this machine reckons with SM2."""

    def __init__(self) -> None:
        super().__init__(
            "SM2 needs GmSSL (gmssl-pyx), which comes for Linux on x86-64; here RSA, ECDSA and a platform seal"
        )


def _gmssl() -> Any:
    if gmssl is None:
        raise Sm2Missing
    return gmssl


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """`private`: 32 bytes; `public`: x and y, 64 bytes."""

    private: bytes
    public: bytes

    @classmethod
    def generate(cls) -> Sm2Key:
        public, private = _gmssl().sm2_key_generate()
        return cls(private, public)

    def sign(self, message: bytes) -> bytes:
        """DER of r and s."""
        return bytes(_gmssl().sm2_sign(self.private, self.public, message, signer_id=_IDENTITY))

    def pkcs8(self) -> bytes:
        """DER, not encrypted (RFC 5958)."""
        key = keys.ECPrivateKey(
            {
                "version": "ecPrivkeyVer1",
                "private_key": int.from_bytes(self.private, "big"),
                "public_key": keys.ECPointBitString(b"\x04" + self.public),
            }
        )
        return bytes(
            keys.PrivateKeyInfo({"version": 0, "private_key_algorithm": _algorithm(True), "private_key": key}).dump()
        )


def key_of(pkcs8: bytes, certificate: bytes) -> Sm2Key | None:
    """The SM2 key of this DER; None when it holds no such key, or not the certificate's. Sm2Missing."""
    public, engine = public_of(certificate), _gmssl()
    try:
        info = keys.PrivateKeyInfo.load(pkcs8)
        if info["private_key_algorithm"]["parameters"].chosen.native != CURVE_NAME or public is None:
            return None
        private = int(info["private_key"].parsed["private_key"].native).to_bytes(_BYTES, "big")
        key = Sm2Key(private, public)
        return key if verifies(public, b"", key.sign(b"")) else None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, engine.GmsslInnerError):
        return None


def public_of(certificate: bytes) -> bytes | None:
    """The SM2 key that this certificate (DER) is about, None when its key is of another kind. ValueError."""
    info = x509.Certificate.load(certificate)["tbs_certificate"]["subject_public_key_info"]
    algorithm = info["algorithm"]
    if algorithm["algorithm"].native != "ec" or algorithm["parameters"].chosen.native != CURVE_NAME:
        return None
    point = bytes(info["public_key"])
    return point[1:] if len(point) == 1 + 2 * _BYTES and point[0] == 4 else None


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Sm2Missing."""
    engine = _gmssl()
    try:
        return bool(engine.sm2_verify(public, message, signature, signer_id=_IDENTITY))
    except (engine.GmsslInnerError, ValueError, TypeError):
        return False


def issued(certificate: bytes, authority: bytes) -> bool:
    """Whether the authority's SM2 key signed this certificate."""
    made, public = x509.Certificate.load(certificate), public_of(authority)
    return (
        public is not None
        and made["signature_algorithm"]["algorithm"].dotted == SIGNED_WITH_SM3
        and verifies(public, made["tbs_certificate"].dump(), bytes(made["signature_value"]))
    )


def in_pem(content: bytes) -> tuple[bytes, list[bytes]]:
    """The one PKCS#8 key and the certificates, DER, of a PEM file, the certificate of the key first. ValueError."""
    found, key = [], b""
    # openssl writes lines of its own between the pieces.
    for piece in re.findall(rb"-----BEGIN ([A-Z ]{1,40})-----", content):
        if piece not in (b"CERTIFICATE", b"PRIVATE KEY"):
            raise ValueError(f"a PEM file for SM2 holds PRIVATE KEY and CERTIFICATE, not {piece.decode()[:40]}")
    for kind, _, body in pem.unarmor(content, multiple=True):
        if kind == "PRIVATE KEY":
            if key:
                raise ValueError("the file holds more than one key")
            key = body
        elif kind == "CERTIFICATE":
            found.append(body)
    if not key or not found:
        raise ValueError("the file must hold one key (PKCS#8, not encrypted) and its certificate")
    own = next((one for one in found if key_of(key, one) is not None), None)
    if own is None:
        raise ValueError("the file holds no certificate of its key, or the key is not SM2")
    found.remove(own)
    return key, [own, *found]


def certificate(
    subject: dict[str, str],
    public: bytes,
    issuer: x509.Certificate | None,
    signer: Sm2Key,
    serial: int,
    begins: datetime,
    lasts: timedelta,
) -> bytes:
    """DER of a certificate; `issuer` None: of an authority, signed with its own key."""
    authority = issuer is None
    name = x509.Name.build(subject)
    usage = {"key_cert_sign", "crl_sign"} if authority else {"digital_signature", "non_repudiation"}
    info = keys.PublicKeyInfo({"algorithm": _algorithm(False), "public_key": keys.ECPointBitString(b"\x04" + public)})
    extensions = [
        _extension("basic_constraints", True, x509.BasicConstraints({"ca": authority})),
        _extension("key_usage", True, x509.KeyUsage(usage)),
        _extension("key_identifier", False, core.OctetString(info.sha1)),
    ]
    if issuer is not None:
        above = x509.AuthorityKeyIdentifier({"key_identifier": issuer.public_key.sha1})
        uses = x509.ExtKeyUsageSyntax(["1.3.6.1.5.5.7.3.36", "email_protection"])  # document signing (RFC 9336), mail
        extensions += [
            _extension("authority_key_identifier", False, above),
            _extension("extended_key_usage", False, uses),
        ]
    signed = algos.SignedDigestAlgorithm({"algorithm": "sm3_sm2"})
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": serial,
            "signature": signed,
            "issuer": name if issuer is None else issuer.subject,
            "validity": {"not_before": _time(begins), "not_after": _time(begins + lasts)},
            "subject": name,
            "subject_public_key_info": info,
            "extensions": extensions,
        }
    )
    return bytes(
        x509.Certificate(
            {"tbs_certificate": body, "signature_algorithm": signed, "signature_value": signer.sign(body.dump())}
        ).dump()
    )


def armored(der: bytes) -> bytes:
    """The certificate as PEM."""
    lines = base64.encodebytes(der).replace(b"\n", b"")
    return b"-----BEGIN CERTIFICATE-----\n" + re.sub(rb"(.{1,64})", rb"\1\n", lines) + b"-----END CERTIFICATE-----\n"


def _algorithm(private: bool) -> Any:
    kind = keys.PrivateKeyAlgorithm if private else keys.PublicKeyAlgorithm
    return kind({"algorithm": "ec", "parameters": keys.ECDomainParameters(name="named", value=CURVE_NAME)})


def _extension(name: str, critical: bool, value: Any) -> dict[str, Any]:
    return {"extn_id": name, "critical": critical, "extn_value": value}


def _time(at: datetime) -> x509.Time:
    at = at.astimezone(UTC).replace(microsecond=0)
    if at.year < 2050:
        return x509.Time(name="utc_time", value=at)  # RFC 5280, 4.1.2.5
    return x509.Time(name="general_time", value=at)


DIGEST = "sm3"


def is_sm2(signed: Any) -> bool:
    """Whether the one signer of this SignedData signed with SM2."""
    return bool(signed["signer_infos"][0]["signature_algorithm"]["algorithm"].dotted == SIGNED_WITH_SM3)


def digest_of(content: bytes) -> bytes:
    """SM3."""
    made = hashes.Hash(hashes.SM3())
    made.update(content)
    return made.finalize()


def signed_by(signed: Any) -> Any:
    """The certificate that a SignedData's one signer names, by issuer and number; None when it is not there."""
    info = signed["signer_infos"][0]
    wanted = info["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if certificate.issuer == wanted["issuer"] and certificate.serial_number == wanted["serial_number"].native:
            return certificate
    return None


def cms_valid(digest: bytes, signed: Any, certificate: x509.Certificate) -> bool:
    """Whether the SignedData's one signer signed what has this SM3, with this certificate's key.

    ValueError and the like where it is no well-formed structure."""
    info, public = signed["signer_infos"][0], public_of(certificate.dump())
    if public is None or len(signed["signer_infos"]) != 1 or info["digest_algorithm"]["algorithm"].native != DIGEST:
        return False
    attributes = info["signed_attrs"]
    told, kind = _only(attributes, "message_digest"), _only(attributes, "content_type")
    named = _only(attributes, "signing_certificate_v2")["certs"][0]  # what PAdES demands (RFC 5035)
    hashed = named["hash_algorithm"]["algorithm"].native
    return (
        kind.native == "data"
        and hmac.compare_digest(told.native, digest)
        and hashed == "sha256"
        and hmac.compare_digest(named["cert_hash"].native, certificate.sha256)
        # Signed as a SET, though they stand under an implicit tag (RFC 5652, 5.4).
        and verifies(public, attributes.untag().dump(), bytes(info["signature"]))
    )


def cms_stamp_of(signed: Any) -> Any:
    """The SignedData of the time stamp beside the signature, None without one."""
    attributes = signed["signer_infos"][0]["unsigned_attrs"]
    found = [one for one in attributes if one["type"].native == "signature_time_stamp_token"] if attributes else []
    return found[0]["values"][0]["content"] if found else None


def _only(attributes: cms.CMSAttributes, kind: str) -> Any:
    values = [value for one in attributes if one["type"].native == kind for value in one["values"]]
    if len(values) != 1:
        raise ValueError(kind)
    return values[0]
