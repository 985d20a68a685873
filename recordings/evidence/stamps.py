"""What outsiders signed, read without a network: time stamps (RFC 3161), signed notes (C2SP), and proofs that an entry
is in.

Apart from `journal.notes` and `journal.merkle` (RFC 9162, section 2.1.3.2), as all checks are apart from what they
check. Owns as much DER and CMS (RFC 5652) as a time stamp needs; the signature's arithmetic is the library's.
Lenient where CMS is BER and nothing is signed, such as the order of certificates, which openssl writes as they come.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_TST_INFO: Final = bytes.fromhex("2a864886f70d0109100104")
_CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
_HASHES: Final[dict[bytes, hashes.HashAlgorithm]] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
_SHA256: Final = bytes.fromhex("608648016503040201")
_LONGEST_CHAIN: Final = 8


class BadStamp(Exception):
    """Says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class CheckedStamp:
    """`authority`: who signed, as the certificate names them; `anchor`: hex SHA-256 of the topmost certificate."""

    at: datetime
    authority: str
    anchor: str


def check(token: bytes, stamped: bytes, pem: bytes, trusted: Sequence[x509.Certificate] = ()) -> CheckedStamp:
    """That the answer is over SHA-256 of `stamped` and signed by a stamping certificate. BadStamp says what is not so.

    The chain has to lead to one of `trusted` or, where none are given, to one in `pem`.
    """
    try:
        signed = _token(token)
        info = list(_within(signed.info))
        imprint = list(_within(info[2][1]))
        if _first(imprint[0][1]) != _SHA256 or imprint[1][1] != hashlib.sha256(stamped).digest():
            raise BadStamp("it is over something else")
        at = _time(info)
        given = x509.load_pem_x509_certificates(pem)
        beside = [*given, *signed.certificates]
        signer = _signer(signed, beside)
        _verify(signed, signer)
        anchor = _chain(signer, beside, trusted or given, at)
    except BadStamp:
        raise
    except (ValueError, IndexError, TypeError, UnsupportedAlgorithm, StopIteration, x509.ExtensionNotFound) as fault:
        raise BadStamp(f"it cannot be read: {fault}") from None
    except InvalidSignature:
        raise BadStamp("its signature does not hold") from None
    return CheckedStamp(at, signer.subject.rfc4514_string(), anchor.fingerprint(hashes.SHA256()).hex())


@dataclass(frozen=True, slots=True)
class _Signed:
    info: bytes  # content of TSTInfo, still in its SEQUENCE's body
    raw: bytes  # what the message digest is over
    certificates: Sequence[x509.Certificate]
    issuer: bytes
    serial: int
    hash: hashes.HashAlgorithm
    attributes: bytes  # body of the SET
    signature: bytes


def _token(token: bytes) -> _Signed:
    response = list(_within(_one(token, 0x30)))
    status = int.from_bytes(next(_within(response[0][1]))[1], "big")
    if status not in (0, 1) or len(response) < 2:
        raise BadStamp("the authority refused it")
    content = list(_within(response[1][1]))
    if content[0][1] != _SIGNED_DATA:
        raise BadStamp("it is no signed data")
    data = list(_within(_one(content[1][1], 0x30)))
    wrapped = list(_within(data[2][1]))
    if wrapped[0][1] != _TST_INFO:
        raise BadStamp("it is no time stamp")
    raw = _one(wrapped[1][1], 0x04)
    certificates = [
        x509.load_der_x509_certificate(_whole(0x30, body)) for tag, part in data if tag == 0xA0
        for kind, body in _within(part) if kind == 0x30
    ]  # fmt: skip
    signers = list(_within(data[-1][1]))
    if data[-1][0] != 0x31 or len(signers) != 1:
        raise BadStamp("it has not one signature")
    fields = list(_within(signers[0][1]))
    if fields[1][0] != 0x30 or fields[3][0] != 0xA0:
        raise BadStamp("it does not name its signer")
    issuer, serial = list(_within(fields[1][1]))
    return _Signed(
        info=_one(raw, 0x30),
        raw=raw,
        certificates=certificates,
        issuer=_whole(0x30, issuer[1]),
        serial=int.from_bytes(serial[1], "big"),
        hash=_hash(fields[2][1]),
        attributes=fields[3][1],
        signature=fields[5][1],
    )


def _signer(signed: _Signed, beside: Sequence[x509.Certificate]) -> x509.Certificate:
    for one in beside:
        if one.serial_number == signed.serial and one.issuer.public_bytes() == signed.issuer:
            usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
            if list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING] or not usage.critical:
                raise BadStamp("its certificate is not for time stamping alone")
            return one
    raise BadStamp("its certificate is not there")


def _verify(signed: _Signed, signer: x509.Certificate) -> None:
    found = {}
    for _, attribute in _within(signed.attributes):
        kind, values = list(_within(attribute))
        found[kind[1]] = next(_within(values[1]))[1]
    digest = hashes.Hash(signed.hash)
    digest.update(signed.raw)
    if found.get(_CONTENT_TYPE) != _TST_INFO or found.get(_MESSAGE_DIGEST) != digest.finalize():
        raise BadStamp("its signature is over something else")
    message, key = _whole(0x31, signed.attributes), signer.public_key()
    match key:
        case rsa.RSAPublicKey():
            key.verify(signed.signature, message, padding.PKCS1v15(), signed.hash)
        case ec.EllipticCurvePublicKey():
            key.verify(signed.signature, message, ec.ECDSA(signed.hash))
        case ed25519.Ed25519PublicKey():
            key.verify(signed.signature, message)
        case _:
            raise BadStamp("a kind of key that is not known here")


def _chain(
    signer: x509.Certificate, beside: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], at: datetime
) -> x509.Certificate:
    """Up to a trusted certificate."""
    top = signer
    for _ in range(_LONGEST_CHAIN):
        if not top.not_valid_before_utc <= at <= top.not_valid_after_utc:
            raise BadStamp("a certificate was not valid then")
        if top in trusted:
            return top
        above = next((one for one in [*trusted, *beside] if one != top and _issued(one, top)), None)
        if above is None:
            break
        top = above
    raise BadStamp("it does not lead to the authority that was given")


def _issued(above: x509.Certificate, below: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
        return above.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def _hash(algorithm: bytes) -> hashes.HashAlgorithm:
    found = _HASHES.get(_first(algorithm))
    if found is None:
        raise BadStamp("a hash that is not known here")
    return found


def _time(info: Sequence[tuple[int, bytes]]) -> datetime:
    text = next(body for tag, body in info if tag == 0x18).decode("ascii")
    whole, _, part = text.removesuffix("Z").partition(".")
    moment = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment.replace(microsecond=int(part[:6].ljust(6, "0")) if part else 0)


# ---------------------------------------------------------------- DER


def _within(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each value; ValueError where it is cut off."""
    at = 0
    while at < len(body):
        tag, length, start = body[at], body[at + 1], at + 2
        if tag & 0x1F == 0x1F or length == 0x80 or length > 0x84:
            raise ValueError("a form of DER that no time stamp has")
        if length > 0x80:
            width = length & 0x7F
            length, start = int.from_bytes(body[start : start + width], "big"), start + width
        at = start + length
        if at > len(body):
            raise ValueError("cut off")
        yield tag, body[start:at]


def _one(body: bytes, tag: int) -> bytes:
    [(found, content)] = _within(body)
    if found != tag:
        raise ValueError("another kind of value")
    return content


def _first(body: bytes) -> bytes:
    return next(_within(body))[1]


def _whole(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    width = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + length.to_bytes(width, "big") + content


def included(entry: bytes, leaf: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """`entry` is the leaf's content, not its hash."""
    if leaf >= size or any(len(one) != 32 for one in path):
        return False
    number, last = leaf, size - 1
    found = hashlib.sha256(b"\0" + entry).digest()
    for one in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = _node(one, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = _node(found, one)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


ED25519, COSIGNATURE = 0x01, 0x04
_DASH = "— "


@dataclass(frozen=True, slots=True)
class ReadSignature:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """`text` with its last line end, as it is signed."""

    text: str
    signatures: tuple[ReadSignature, ...]


def key_id(name: str, public: bytes, kind: int = ED25519) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def parse(raw: bytes) -> Note | None:
    """None when it is no note."""
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    text, gap, rest = whole.rpartition("\n\n")
    if not gap or not rest.endswith("\n"):
        return None
    found = [signature_line(line) for line in rest[:-1].split("\n")]
    signatures = tuple(signature for signature in found if signature is not None)
    return Note(text + "\n", signatures) if signatures and len(signatures) == len(found) else None


def signature_line(line: str) -> ReadSignature | None:
    name, space, mark = line.removeprefix(_DASH).rpartition(" ")
    if not line.startswith(_DASH) or not space or not name or " " in name:
        return None
    try:
        raw = base64.b64decode(mark, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) < 5 or base64.b64encode(raw).decode() != mark:  # spare bits must be none
        return None
    return ReadSignature(name, raw[:4], raw[4:])


def holds(text: str, signature: ReadSignature, name: str, public: bytes) -> bool:
    """Whether it is a plain signature over the text by this key under this name."""
    return (
        signature.name == name
        and signature.key_id == key_id(name, public)
        and verifies(public, signature.signature, text.encode())
    )


def cosigned(text: str, signature: ReadSignature, name: str, public: bytes) -> bool:
    """A countersignature: plain, or C2SP cosignature/v1 with its own time."""
    if holds(text, signature, name, public):
        return True
    if (
        signature.name != name
        or signature.key_id != key_id(name, public, COSIGNATURE)
        or len(signature.signature) != 72
    ):
        return False
    seconds = int.from_bytes(signature.signature[:8], "big")
    return verifies(public, signature.signature[8:], f"cosignature/v1\ntime {seconds}\n{text}".encode())


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
