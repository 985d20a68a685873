"""An office's seal at an e-seal service, from the sections `[seal.NAME]`: keys and seal stay there, only a hash leaves.

The service gets the SM3 of the paper's bytes and what they are (`propertyInfo`), and answers with an e-seal signature
of GB/T 38540 (SES_Signature, version 4), or a CMS signature as PAdES wants it, where `form` is "cms". Each is judged
before it goes into the paper: that it is over these bytes and this question, made now, by a certificate and with a seal
that lead to the `authorities` of the section. What the standard leaves open is how one asks over a network: that is
`server.connections`, with the fields of `_asked`.

In a PDF, SES_Signature lies where a signature lies, with the sub-filter GB.T38540: no standard says how, and readers of
PDF show it as unknown. Nothing in a paper takes more room than `MOST`.
"""

# ruff: noqa: RUF012 - asn1crypto is told so what a structure has

from __future__ import annotations

import asyncio
import base64
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from asn1crypto import cms, core, pem, x509
from pydantic import field_validator

from offices import Officer
from server.connections import Connection, ConnectionFault, Connections, Sections, SignedSection, answer_of
from server.signing import sm2

if TYPE_CHECKING:
    from server.signing.certificates import SealPanel

KIND: Final = "seal"
VERSION: Final = 4  # of GB/T 38540
MOST: Final = 96 << 10  # bytes of a signature with the seal's picture
SKEW: Final = timedelta(minutes=5)
TRIAL: Final = "yuntiao: a test of the connection, and no document"
"""What is signed when the connection is tried: its hash, with `propertyInfo` that says the same."""


class SealSection(SignedSection):
    """`office`: its id. `name`: of the service, as papers give it. `unified`: a platform of the unified e-seal system;
    else of a licensed provider. `seal`: which one of the client's, by its number; "": the only one. `authorities`: PEM,
    who may have made seals and issued certificates."""

    office: str
    name: str
    authorities: Path
    unified: bool = False
    form: Literal["ses", "cms"] = "ses"
    seal: str = ""

    @field_validator("authorities")
    @classmethod
    def _readable(cls, path: Path) -> Path:
        _certificates(path)
        return path


def _certificates(path: Path) -> list[bytes]:
    try:
        found = [der for kind, _, der in pem.unarmor(path.read_bytes(), multiple=True) if kind == "CERTIFICATE"]
        if not found or any(sm2.public_of(one) is None for one in found):
            raise ValueError
    except (OSError, ValueError, TypeError):
        raise ValueError(f"{path} holds no SM2 certificates (PEM)") from None
    return found


# ---------------------------------------------------------------- GB/T 38540, 6.1 and 7.1


class Extension(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("extn_id", core.ObjectIdentifier), ("critical", core.Boolean, {"default": False}),
        ("extn_value", core.OctetString),
    ]  # fmt: skip


class Extensions(core.SequenceOf):  # type: ignore[misc]
    _child_spec = Extension


class SealHeader(core.Sequence):  # type: ignore[misc]
    _fields = [("id", core.IA5String), ("version", core.Integer), ("vid", core.IA5String)]


class CertificateDigest(core.Sequence):  # type: ignore[misc]
    _fields = [("type", core.PrintableString), ("value", core.OctetString)]


class CertificateDigests(core.SequenceOf):  # type: ignore[misc]
    _child_spec = CertificateDigest


class CertificateList(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


class SealProperties(core.Sequence):  # type: ignore[misc]
    """`certificates` is a list of certificates where their kind is 1, of digests where it is 2."""

    _fields = [
        ("type", core.Integer), ("name", core.UTF8String), ("certificates_kind", core.Integer),
        ("certificates", core.Any), ("created", core.GeneralizedTime), ("begins", core.GeneralizedTime),
        ("ends", core.GeneralizedTime),
    ]  # fmt: skip


class SealPicture(core.Sequence):  # type: ignore[misc]
    _fields = [("type", core.IA5String), ("data", core.OctetString), ("width", core.Integer), ("height", core.Integer)]


class ESealInfo(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("header", SealHeader), ("id", core.IA5String), ("properties", SealProperties), ("picture", SealPicture),
        ("extensions", Extensions, {"explicit": 0, "optional": True}),
    ]  # fmt: skip


class ESeal(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("info", ESealInfo), ("maker", core.OctetString), ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString),
    ]  # fmt: skip


class ToSign(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer), ("seal", ESeal), ("time", core.GeneralizedTime), ("hash", core.OctetBitString),
        ("properties", core.IA5String), ("extensions", Extensions, {"explicit": 0, "optional": True}),
    ]  # fmt: skip


class SealSignature(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("to_sign", ToSign), ("certificate", core.OctetString), ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString), ("stamp", core.OctetBitString, {"explicit": 0, "optional": True}),
    ]  # fmt: skip


def judge_ses(made: bytes, digest: bytes, properties: str, now: datetime, authorities: Sequence[bytes]) -> None:
    """As GB/T 38540, 7.3 wants it, but for revocation. ConnectionFault."""
    try:
        found = SealSignature.load(made, strict=True)
        _judge(found, digest, properties, now, authorities)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as fault:
        raise ConnectionFault("not_understood", f"no e-seal signature: {fault}") from None


def _judge(found: Any, digest: bytes, properties: str, now: datetime, authorities: Sequence[bytes]) -> None:
    to_sign, signer = found["to_sign"], bytes(found["certificate"])
    seal = to_sign["seal"]
    info, maker = seal["info"], bytes(seal["maker"])
    about, public = info["properties"], sm2.public_of(signer)
    at = to_sign["time"].native
    _held(to_sign["version"].native == info["header"]["version"].native == VERSION, "it is of another version")
    _held(info["header"]["id"].native == "ES", "it holds no e-seal")
    for algorithm in (found["algorithm"], seal["algorithm"]):
        _held(algorithm.dotted == sm2.SIGNED_WITH_SM3, "it is not signed with SM2 over SM3")
    _held(
        public is not None and sm2.verifies(public, to_sign.dump(), bytes(found["signature"])),
        "the signature does not hold",
        forged=True,
    )
    _held(hmac.compare_digest(bytes(to_sign["hash"]), digest), "it is over something else", forged=True)
    _held(to_sign["properties"].native == properties, "it answers another question", forged=True)
    _held(_may_use(about, signer), "the seal is not for this certificate", forged=True)
    made_by = sm2.public_of(maker)
    _held(
        made_by is not None and sm2.verifies(made_by, info.dump(), bytes(seal["signature"])),
        "the seal itself is not signed by its maker",
        forged=True,
    )
    for certificate in (signer, maker):
        _led(certificate, authorities, at)
    _held(about["begins"].native <= at <= about["ends"].native, "the seal was not valid then")
    if abs(at - now) > SKEW:
        raise ConnectionFault("clock", f"it says it was made at {at.isoformat()}")


def _may_use(about: Any, signer: bytes) -> bool:
    kind, listed = about["certificates_kind"].native, about["certificates"]
    if kind == 1:
        return signer in [bytes(one) for one in listed.parse(CertificateList)]
    if kind == 2:
        return sm2.digest_of(signer) in [bytes(one["value"]) for one in listed.parse(CertificateDigests)]
    return False


def _led(certificate: bytes, authorities: Sequence[bytes], at: datetime) -> None:
    """That an authority issued it, and that it was valid then. Certificates in between there are none."""
    valid = x509.Certificate.load(certificate)["tbs_certificate"]["validity"]
    _held(valid["not_before"].native <= at <= valid["not_after"].native, "a certificate was not valid then")
    _held(
        certificate in authorities or any(sm2.issued(certificate, one) for one in authorities),
        "a certificate leads to none of the authorities",
        forged=True,
    )


def _held(holds: bool, why: str, forged: bool = False) -> None:
    if not holds:
        raise ConnectionFault("forged" if forged else "not_understood", why)


def judge_cms(made: bytes, digest: bytes, now: datetime, authorities: Sequence[bytes]) -> None:
    """ConnectionFault."""
    try:
        signed = cms.ContentInfo.load(made, strict=True)["content"]
        certificate = sm2.signed_by(signed)
        holds = certificate is not None and sm2.is_sm2(signed) and sm2.cms_valid(digest, signed, certificate)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as fault:
        raise ConnectionFault("not_understood", f"no CMS signature: {fault}") from None
    _held(holds, "the signature does not hold, or is over something else", forged=True)
    _led(certificate.dump(), authorities, now)


# ---------------------------------------------------------------- the service


class SealService:
    """Implements `server.signing.certificates.RemoteSeal`."""

    def __init__(self, name: str, section: SealSection, connections: Connections, now: Callable[[], datetime]) -> None:
        self._name, self._section, self._connections, self._now = name, section, connections, now
        self.office, self.name, self.unified = section.office, section.name, section.unified

    async def sealed(self, pdf: bytes, said: SealPanel) -> bytes:
        """ConnectionFault."""
        from server.signing import pades  # pyHanko is loaded with the first seal

        prepared = await asyncio.to_thread(pades.prepare, pdf, said, MOST, self._section.form)
        with self._connections.use(KIND, self._name):
            made = await self._signed(prepared.digest, f"/ByteRange {prepared.covers}")
        return prepared.filled(made)

    async def try_it(self, officer: Officer, given: str) -> None:
        """Has a sentence signed that says it is no document. ConnectionFault."""
        await self._signed(sm2.digest_of(TRIAL.encode()), re.sub(r"[:,]", "", TRIAL))

    async def _signed(self, digest: bytes, what: str) -> bytes:
        """Judged. `what`: IA5, which `propertyInfo` begins with; who asked and when is what makes it of this once."""
        own = self._section
        properties = f"{what};request={secrets.token_hex(16)}"
        asked = {
            "form": own.form,
            "seal": own.seal,
            "hashAlgorithm": sm2.SM3,
            "dataHash": base64.b64encode(digest).decode(),
            "propertyInfo": properties,
        }
        told = await answer_of(own, asked, 4 * MOST)
        try:
            made = base64.b64decode(told["signature"], validate=True)
        except (KeyError, ValueError, TypeError):
            raise ConnectionFault("not_understood", "the answer has no signature") from None
        if len(made) > MOST:
            raise ConnectionFault("not_understood", f"a signature of more than {MOST} bytes")
        authorities = await asyncio.to_thread(_certificates, own.authorities)
        try:
            if own.form == "ses":
                await asyncio.to_thread(judge_ses, made, digest, properties, self._now(), authorities)
            else:
                await asyncio.to_thread(judge_cms, made, digest, self._now(), authorities)
        except sm2.Sm2Missing as fault:
            raise ConnectionFault("not_ready", str(fault)) from None
        return made


def seal_services(sections: Sections, connections: Connections, now: Callable[[], datetime]) -> dict[str, SealService]:
    """By office. ValueError, fit for the person at the terminal."""
    found: dict[str, SealService] = {}
    for name, section in sections.of(KIND, SealSection).items():
        service = SealService(name, section, connections, now)
        if section.office in found:
            raise ValueError(f"[{KIND}.{name}] office: another section has a seal for {section.office} already")
        found[section.office] = service
        connections.add(Connection(KIND, name, section.host, service.try_it))
    return found
