"""Certificates of office seals, made here or brought: what they are, and whether one can carry a seal; and seals that
lie elsewhere: at a platform reached through a program, or a service over HTTP.

A certificate made here leads to an authority made here. It proves that a document was sealed by this installation
and not changed since, to whoever was given the authority's certificate by the office itself; it is no certificate of
a licensed provider under the Electronic Signature Law, and a reader who was not given it says "unknown".

A platform of the unified e-seal system is reached through a program that the office names: it reads the PDF on its
standard input and writes the sealed one on its standard output; keys and seal structures (GB/T 38540) stay the
platform's. What came back is known again by its hash: `<folder>/<office>/given/`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Protocol

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from recordings.files import locked, safe_id, write_once
from server.signing.sm2 import Sm2Key, certificate as sm2_certificate, in_pem, key_of, public_of

BITS = 3072
AUTHORITY_LASTS = timedelta(days=20 * 365)
SEAL_LASTS = timedelta(days=5 * 365)
_EARLIER = timedelta(hours=1)  # clocks of readers go wrong
_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # id-kp-documentSigning, RFC 9336
_LEAST_RSA = 2048
_LONGEST_NAME = 64  # of a common name, RFC 5280 appendix A
MOST_P12 = 256 * 1024

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Sm2Key
Algorithm = Literal["rsa", "sm2"]
"""Of a seal that is made here; those that are brought may be ECDSA as well."""


class BadCertificate(ValueError):
    """Says why it cannot carry a seal, fit for the person at the terminal."""


@dataclass(frozen=True)
class CertifiedKey:
    """A certificate, its key, and the certificates above it, nearest first."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def root(self) -> x509.Certificate:
        """The last one there is: where a reader's trust would begin."""
        return self.chain[-1] if self.chain else self.certificate


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of its DER, hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def new_authority(installation: str, now: datetime, algorithm: Algorithm = "rsa") -> CertifiedKey:
    """`installation`: told apart by it; no office vouches for more than itself."""
    common = f"Yuntiao self-made authority {installation}"[:_LONGEST_NAME]
    if algorithm == "sm2":
        return _sm2(None, common, "Yuntiao, self-made", now, AUTHORITY_LASTS)
    key = rsa.generate_private_key(65537, BITS)
    name = _name(common, "Yuntiao, self-made")
    certificate = (
        _begun(name, name, key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return CertifiedKey(certificate, key)


def new_seal(authority: CertifiedKey, office: str, now: datetime) -> CertifiedKey:
    """An office's, for documents only; of its authority's algorithm, and not longer than it."""
    lasts = min(SEAL_LASTS, authority.certificate.not_valid_after_utc - now)
    if isinstance(authority.key, Sm2Key):
        return _sm2(authority, office[:_LONGEST_NAME], office, now, lasts)
    assert isinstance(authority.key, rsa.RSAPrivateKey), "authorities made here are RSA or SM2"
    key = rsa.generate_private_key(65537, BITS)
    certificate = (
        _begun(_name(office[:_LONGEST_NAME], office), authority.certificate.subject, key, now, lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        # Mail too: what some readers of PDF look for (NSS, and so poppler).
        .add_extension(x509.ExtendedKeyUsage([_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.certificate.public_key()),  # type: ignore[arg-type]
            critical=False,
        )
        .sign(authority.key, hashes.SHA256())
    )
    return CertifiedKey(certificate, key, (authority.certificate,))


def is_pair(pair: CertifiedKey) -> bool:
    """Whether the key is the certificate's."""
    if isinstance(pair.key, Sm2Key):
        return public_of(pair.certificate.public_bytes(Encoding.DER)) == pair.key.public
    return pair.certificate.public_key() == pair.key.public_key()


def algorithm_of(certificate: x509.Certificate) -> str:
    """As people call it: "RSA", "ECDSA", "SM2"."""
    if public_of(certificate.public_bytes(Encoding.DER)) is not None:
        return "SM2"
    return "RSA" if isinstance(certificate.public_key(), rsa.RSAPublicKey) else "ECDSA"


def self_issued(certificate: x509.Certificate) -> bool:
    """Whether nobody but its own owner vouches for it."""
    return certificate.issuer == certificate.subject


def brought(content: bytes, password: bytes | None, now: datetime) -> CertifiedKey:
    """From a PKCS#12 file, such as a licensed provider gives out, or, of SM2, from PEM. BadCertificate."""
    if len(content) > MOST_P12:
        raise BadCertificate(f"a PKCS#12 file has at most {MOST_P12 // 1024} KiB")
    if b"-----BEGIN " in content:
        return _brought_in_pem(content, now)
    try:
        loaded = pkcs12.load_pkcs12(content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise BadCertificate(
            f"the file does not open as PKCS#12 with this password: {fault}. "
            "One with an SM2 key is turned into PEM first: openssl pkcs12 -in FILE -nodes | yuntiao seal import - …"
        ) from None
    key = loaded.key
    if loaded.cert is None or key is None:
        raise BadCertificate("the file must hold one certificate with its key")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise BadCertificate("the key must be RSA, ECDSA or SM2")
    pair = CertifiedKey(
        loaded.cert.certificate,
        key,
        _ordered(loaded.cert.certificate, [one.certificate for one in loaded.additional_certs]),
    )
    check(pair, now)
    return pair


def check(pair: CertifiedKey, now: datetime) -> None:
    """BadCertificate."""
    certificate, key = pair.certificate, pair.key
    if not is_pair(pair):
        raise BadCertificate("the key is not the certificate's")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _LEAST_RSA:
        raise BadCertificate(f"an RSA key of {key.key_size} bits is too short: {_LEAST_RSA} at least")
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name not in ("secp256r1", "secp384r1", "secp521r1"):
        raise BadCertificate(f"the curve {key.curve.name} is unknown to readers of PDF")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise BadCertificate(
            f"the certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {certificate.not_valid_after_utc:%Y-%m-%d}, not now"
        )
    extensions = certificate.extensions
    try:
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise BadCertificate("this is an authority's certificate, not a seal's")
    except x509.ExtensionNotFound:
        pass
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise BadCertificate("the certificate is not for signing")


def _brought_in_pem(content: bytes, now: datetime) -> CertifiedKey:
    try:
        found, (own, *above) = in_pem(content)
        key = key_of(found, own)
        certificates = [x509.load_der_x509_certificate(one) for one in (own, *above)]
    except ValueError as fault:
        raise BadCertificate(f"the PEM file cannot be used: {fault}") from None
    assert key is not None, "in_pem found its certificate"
    leaf = certificates[0]
    pair = CertifiedKey(leaf, key, _ordered(leaf, certificates[1:]))
    check(pair, now)
    return pair


def _ordered(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Those that lead upwards from it, whatever order the file has them in."""
    left, found, at = list(others), [], leaf
    while at.issuer != at.subject:
        above = next((one for one in left if one.subject == at.issuer), None)
        if above is None:
            break
        left.remove(above)
        found.append(above)
        at = above
    return tuple(found)


def _sm2(above: CertifiedKey | None, common: str, organisation: str, now: datetime, lasts: timedelta) -> CertifiedKey:
    key = Sm2Key.generate()
    signer = key if above is None else above.key
    assert isinstance(signer, Sm2Key)
    subject = {"country_name": "CN", "organization_name": organisation[:_LONGEST_NAME], "common_name": common}
    issuer = None if above is None else asn1_x509.Certificate.load(above.certificate.public_bytes(Encoding.DER))
    made = sm2_certificate(
        subject, key.public, issuer, signer, x509.random_serial_number(), now - _EARLIER, lasts + _EARLIER
    )
    return CertifiedKey(x509.load_der_x509_certificate(made), key, () if above is None else (above.certificate,))


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


# ------------------------------------------------------------ platforms


LONGEST_WAIT: Final = 60.0  # seconds
LARGEST: Final = 4 << 20  # bytes of a sealed document
_MOST_SAID: Final = 300  # characters of what the program says of a fault
MOST_ARGUMENTS: Final = 20


Assurance = Literal["own", "provider", "unified"]


class PlatformFailed(Exception):
    """The platform sealed nothing; the text says why, fit for the log."""


@dataclass(frozen=True, slots=True)
class Platform:
    """`name` as papers give it; `program` with its arguments, no shell."""

    name: str
    program: Sequence[str]


class Platforms:
    """Owns `<folder>/<office>/platform.json` and `<folder>/<office>/given/<sha256>`. Blocks, except for `sealed`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def set(self, office: str, platform: Platform | None) -> None:
        """From now on; None: the office's own seal again."""
        path = self._path(office)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if platform is None:
            path.unlink(missing_ok=True)
            return
        fresh = path.with_suffix(".next")
        with locked(path.parent, alone=True):
            fresh.unlink(missing_ok=True)
            write_once(fresh, json.dumps(asdict(platform), ensure_ascii=False).encode())
            fresh.replace(path)

    def of(self, office: str) -> Platform | None:
        try:
            kept = json.loads(self._path(office).read_bytes())
        except FileNotFoundError:
            return None
        return Platform(kept["name"], tuple(kept["program"]))

    def any(self) -> bool:
        """Whether any office ever had something sealed by one, or may."""
        return any(self._folder.glob("*/platform.json")) or any(self._folder.glob("*/given"))

    def given(self, sha256: str) -> tuple[str, Assurance, str] | None:
        """The office and who sealed a document that was given out with this hash, and how far that reaches."""
        for path in self._folder.glob(f"*/given/{safe_id(sha256)}"):
            kept = json.loads(path.read_bytes())
            return path.parent.parent.name, kept.get("assurance", "unified"), kept["name"]
        return None

    async def sealed(self, office: str, platform: Platform, pdf: bytes) -> bytes:
        """PlatformFailed."""
        content = await asyncio.to_thread(_run, platform.program, pdf)
        if len(content) > LARGEST:
            raise PlatformFailed(f"a sealed document has at most {LARGEST >> 20} MB")
        if not content.startswith(b"%PDF-") or hashlib.sha256(content).digest() == hashlib.sha256(pdf).digest():
            raise PlatformFailed("what came back is no sealed PDF")
        await asyncio.to_thread(self.note, office, content, platform.name, "unified")
        return content

    def note(self, office: str, content: bytes, name: str, assurance: Assurance) -> None:
        """That this was sealed there, so that it is known again."""
        path = self._folder / safe_id(office) / "given" / hashlib.sha256(content).hexdigest()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, json.dumps({"name": name, "assurance": assurance}, ensure_ascii=False).encode())

    def _path(self, office: str) -> Path:
        return self._folder / safe_id(office) / "platform.json"


def _run(program: Sequence[str], pdf: bytes) -> bytes:
    try:
        done = subprocess.run(program, input=pdf, capture_output=True, timeout=LONGEST_WAIT, check=False)
    except OSError as fault:
        raise PlatformFailed(f"{program[0]} cannot be started: {fault.strerror}") from None
    except subprocess.TimeoutExpired:
        raise PlatformFailed(f"{program[0]} did not answer within {LONGEST_WAIT:.0f} s") from None
    if done.returncode:
        said = done.stderr[-4 * _MOST_SAID :].decode("utf-8", "replace").strip()[-_MOST_SAID:]
        raise PlatformFailed(f"{program[0]} ended with {done.returncode}: {said}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class SealPanel:
    """What a reader's panel shows of the seal beside its certificate."""

    office: str
    reason: str
    location: str = ""


class RemoteSeal(Protocol):
    """An office's seal that lies elsewhere. `name`: of who keeps it, as papers give it; `unified`: a platform of the
    unified e-seal system, else a licensed provider."""

    name: str
    unified: bool

    async def sealed(self, pdf: bytes, said: SealPanel) -> bytes:
        """ConnectionFault; nothing that was not judged."""
        ...
