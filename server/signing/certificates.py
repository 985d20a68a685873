"""Certificates of office seals, made here or brought: what they are, and whether one can carry a seal. No files.

A certificate made here leads to an authority made here. It proves that a document was sealed by this installation and
not changed since, to whoever was given the authority's certificate by the office itself; it is no certificate of a
licensed provider under the Electronic Signature Law, and a reader who was not given it says "unknown".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

BITS = 3072
AUTHORITY_LASTS = timedelta(days=20 * 365)
SEAL_LASTS = timedelta(days=5 * 365)
_EARLIER = timedelta(hours=1)  # clocks of readers go wrong
_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # id-kp-documentSigning, RFC 9336
_LEAST_RSA = 2048
_LONGEST_NAME = 64  # of a common name, RFC 5280 appendix A
MOST_P12 = 256 * 1024

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class BadCertificate(ValueError):
    """Says why it cannot carry a seal, fit for the person at the terminal."""


@dataclass(frozen=True)
class Pair:
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


def new_authority(installation: str, now: datetime) -> Pair:
    """`installation`: told apart by it; no office vouches for more than itself."""
    key = rsa.generate_private_key(65537, BITS)
    name = _name(f"Yuntiao self-made authority {installation}"[:_LONGEST_NAME], "Yuntiao, self-made")
    certificate = (
        _begun(name, name, key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def new_seal(authority: Pair, office: str, now: datetime) -> Pair:
    """An office's, for documents only; not longer than its authority."""
    key = rsa.generate_private_key(65537, BITS)
    lasts = min(SEAL_LASTS, authority.certificate.not_valid_after_utc - now)
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
    return Pair(certificate, key, (authority.certificate,))


def brought(content: bytes, password: bytes | None, now: datetime) -> Pair:
    """From a PKCS#12 file, such as a licensed provider gives out. BadCertificate."""
    if len(content) > MOST_P12:
        raise BadCertificate(f"a PKCS#12 file has at most {MOST_P12 // 1024} KiB")
    try:
        loaded = pkcs12.load_pkcs12(content, password)
    except (ValueError, TypeError) as fault:
        raise BadCertificate(f"the file does not open as PKCS#12 with this password: {fault}") from None
    key = loaded.key
    if loaded.cert is None or key is None:
        raise BadCertificate("the file must hold one certificate with its key")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise BadCertificate("the key must be RSA or ECDSA: readers of PDF know no other (SM2 among them)")
    pair = Pair(loaded.cert.certificate, key, _ordered(loaded.cert.certificate, loaded.additional_certs))
    check(pair, now)
    return pair


def check(pair: Pair, now: datetime) -> None:
    """BadCertificate."""
    certificate, key = pair.certificate, pair.key
    if certificate.public_key() != key.public_key():
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


def _ordered(leaf: x509.Certificate, others: list[pkcs12.PKCS12Certificate]) -> tuple[x509.Certificate, ...]:
    """Those that lead upwards from it, whatever order the file has them in."""
    left, found, at = [other.certificate for other in others], [], leaf
    while at.issuer != at.subject:
        above = next((one for one in left if one.subject == at.issuer), None)
        if above is None:
            break
        left.remove(above)
        found.append(above)
        at = above
    return tuple(found)


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
