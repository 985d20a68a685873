"""Seals with SM2 and SM3, beside RSA: made, brought, put under a paper, judged, and read by OpenSSL."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, pem as armor
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from server.evidence.attesting import TimestampAuthority, roots_in
from server.identity import Seal
from server.signing import sm2
from server.signing.certificates import BadCertificate, CertifiedKey, brought, new_authority, new_seal
from server.signing.pades import judged, sealed
from server.signing.seals import NoSeal, SealKeys
from tests.server.documents.verapdf import refused
from tests.server.evidence.authority import Authority
from tests.server.signing.sheets import OFFICE
from tests.server.signing.test_archivable import stamping
from tests.server.signing.test_seal import PDF, SAID

__all__ = ["stamping"]
NOW = datetime.now(UTC)
IDENTITY = "distid:1234567812345678"  # GM/T 0009: of whoever named none


@pytest.fixture
def keys(tmp_path: Path) -> SealKeys:
    return SealKeys(tmp_path / "seals", Seal(b"k" * 32), lambda: NOW)


def openssl(*arguments: str, folder: Path) -> str:
    run = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, cwd=folder)
    return run.stdout + run.stderr


async def test_a_seal_with_sm2_is_made_used_and_ours(keys: SealKeys) -> None:
    made = keys.create("yi", OFFICE, algorithm="sm2")
    assert (made.algorithm, made.assurance) == ("SM2", "own")
    under = await sealed(PDF, keys.pair("yi"), SAID)
    found = await judged(under.content, keys.ever())
    assert (found.result, found.subject) == ("ours", OFFICE)
    assert found.signed_at is not None


async def test_every_changed_byte_under_an_sm2_seal_is_seen(keys: SealKeys) -> None:
    keys.create("yi", OFFICE, algorithm="sm2")
    made = (await sealed(PDF, keys.pair("yi"), SAID)).content
    for at in (10, len(PDF) // 2, len(PDF) - 5, len(made) - 30):
        changed = bytearray(made)
        changed[at] ^= 1
        assert (await judged(bytes(changed), keys.ever())).result == "changed", at
    assert (await judged(made + b"\n%%EOF\n", keys.ever())).result == "changed"


async def test_a_changed_signature_or_signed_attribute_is_seen(keys: SealKeys) -> None:
    keys.create("yi", OFFICE, algorithm="sm2")
    made = (await sealed(PDF, keys.pair("yi"), SAID)).content
    start = made.index(b"/Contents <") + 11
    signed = cms.ContentInfo.load(bytes.fromhex(made[start : made.index(b">", start)].decode()))["content"]
    signer = signed["signer_infos"][0]
    parts = [bytes(signer["signature"]), *(one["values"].dump() for one in signer["signed_attrs"])]
    for part in parts:
        at = made.lower().rindex(part.hex().encode()) + len(part.hex()) - 1
        changed = bytearray(made)
        changed[at] = ord("0") if changed[at] != ord("0") else ord("1")
        assert (await judged(bytes(changed), keys.ever())).result in ("changed", "no_seal"), part.hex()


@pytest.mark.openssl
def test_openssl_takes_the_certificates_and_signatures_for_what_they_are(tmp_path: Path) -> None:
    authority = new_authority("x", NOW, "sm2")
    pair = new_seal(authority, OFFICE, NOW)
    assert isinstance(pair.key, sm2.Sm2Key)
    (tmp_path / "a.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "s.pem").write_bytes(pair.certificate.public_bytes(Encoding.PEM))
    assert "s.pem: OK" in openssl("verify", "-vfyopt", IDENTITY, "-CAfile", "a.pem", "s.pem", folder=tmp_path)
    (tmp_path / "message").write_bytes(b"what was agreed")
    (tmp_path / "signature").write_bytes(pair.key.sign(b"what was agreed"))
    openssl("x509", "-in", "s.pem", "-noout", "-pubkey", "-out", "s.pub", folder=tmp_path)
    said = openssl(
        "pkeyutl", "-verify", "-pubin", "-inkey", "s.pub", "-in", "message", "-sigfile", "signature", "-rawin",
        "-digest", "sm3", "-pkeyopt", IDENTITY, folder=tmp_path,
    )  # fmt: skip
    assert "Verified Successfully" in said


@pytest.mark.openssl
async def test_a_providers_sm2_certificate_is_brought_as_openssl_writes_it(keys: SealKeys, tmp_path: Path) -> None:
    for name, subject in (("ca", "/C=CN/O=Provider/CN=Provider SM2 CA"), ("office", f"/C=CN/O={OFFICE}/CN={OFFICE}")):
        openssl("ecparam", "-name", "SM2", "-genkey", "-noout", "-out", f"{name}.key", folder=tmp_path)
        openssl("req", "-new", "-utf8", "-sm3", "-sigopt", IDENTITY, "-key", f"{name}.key", "-subj", subject,
                "-out", f"{name}.csr", folder=tmp_path)  # fmt: skip
    openssl("x509", "-req", "-sm3", "-sigopt", IDENTITY, "-vfyopt", IDENTITY, "-in", "ca.csr", "-signkey", "ca.key",
            "-days", "9", "-out", "ca.pem", folder=tmp_path)  # fmt: skip
    openssl("x509", "-req", "-sm3", "-sigopt", IDENTITY, "-vfyopt", IDENTITY, "-in", "office.csr", "-CA", "ca.pem",
            "-CAkey", "ca.key", "-CAcreateserial", "-days", "9", "-out", "office.pem", folder=tmp_path)  # fmt: skip
    openssl("pkcs12", "-export", "-inkey", "office.key", "-in", "office.pem", "-certfile", "ca.pem", "-passout",
            "pass:w", "-out", "office.p12", folder=tmp_path)  # fmt: skip
    with pytest.raises(BadCertificate, match="openssl pkcs12"):
        brought((tmp_path / "office.p12").read_bytes(), b"w", datetime.now(UTC))
    pem = openssl("pkcs12", "-in", "office.p12", "-passin", "pass:w", "-nodes", folder=tmp_path).encode()
    later = SealKeys(tmp_path / "later", Seal(b"k" * 32), lambda: datetime.now(UTC) + timedelta(minutes=1))
    taken = later.take("yi", pem, None, certifier="某某电子认证有限公司（ECP00000000000）")
    assert (taken.assurance, taken.certifier, taken.algorithm) == (
        "provider", "某某电子认证有限公司（ECP00000000000）", "SM2",
    )  # fmt: skip
    under = await sealed(PDF, later.pair("yi"), SAID)
    assert (await judged(under.content, later.ever())).result == "ours"
    assert later.certificates("yi").count(b"BEGIN CERTIFICATE") == 2


def test_a_pem_file_that_cannot_carry_a_seal_says_why(keys: SealKeys) -> None:
    pair, other = new_seal(new_authority("x", NOW, "sm2"), OFFICE, NOW), new_authority("y", NOW, "sm2")
    assert isinstance(pair.key, sm2.Sm2Key)

    def pem(key: sm2.Sm2Key | None, *certificates: x509.Certificate) -> bytes:
        pieces = [armor.armor("PRIVATE KEY", key.pkcs8())] if key else []
        return b"".join([*pieces, *(one.public_bytes(Encoding.PEM) for one in certificates)])

    for content, why in (
        (pem(None, pair.certificate), "one key"),
        (pem(pair.key), "certificate"),
        (pem(pair.key, other.certificate), "no certificate of its key"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "not ENCRYPTED"),
        (b"-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----\n-----BEGIN ", "cannot be used"),
    ):
        with pytest.raises(BadCertificate, match=why):
            brought(content, None, NOW)


def test_a_certificate_that_its_owner_issued_is_never_a_providers(keys: SealKeys) -> None:
    key = sm2.Sm2Key.generate()
    own = sm2.certificate({"common_name": OFFICE}, key.public, None, key, 7, NOW, timedelta(days=9))
    content = armor.armor("PRIVATE KEY", key.pkcs8()) + sm2.armored(own)
    with pytest.raises(BadCertificate):
        keys.take("yi", content, None, certifier="某某电子认证有限公司")


def test_the_sm2_key_lies_encrypted_and_another_offices_does_not_open(keys: SealKeys, tmp_path: Path) -> None:
    for office in ("yi", "er"):
        keys.create(office, OFFICE, algorithm="sm2")
    folder = tmp_path / "seals"
    (folder / "er" / "0001.key").write_bytes((folder / "yi" / "0001.key").read_bytes())
    with pytest.raises(NoSeal):
        keys.pair("er")


@pytest.mark.openssl
@pytest.mark.verapdf
async def test_with_a_time_stamp_too_it_is_ours_and_pdf_a(tmp_path: Path, keys: SealKeys, stamping: Authority) -> None:
    keys.create("yi", OFFICE, algorithm="sm2")
    made = await sealed(PDF, keys.pair("yi"), SAID, TimestampAuthority(stamping.url, roots_in(stamping.root)))
    assert made.level == "B-T"
    found = await judged(made.content, keys.ever())
    assert found.result == "ours"
    assert found.stamped_at is not None
    assert refused(tmp_path, {"sm2": made.content}) == []


def test_rsa_and_sm2_seals_of_one_installation_have_authorities_of_their_own(keys: SealKeys) -> None:
    first, second = keys.create("yi", OFFICE), keys.create("er", OFFICE, algorithm="sm2")
    assert (first.algorithm, second.algorithm) == ("RSA", "SM2")
    assert first.root != second.root
    assert isinstance(keys.pair("er"), CertifiedKey)


async def test_a_machine_without_gmssl_says_so_and_calls_no_seal_of_ours_changed(
    keys: SealKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.create("yi", OFFICE, algorithm="sm2")
    made = (await sealed(PDF, keys.pair("yi"), SAID)).content
    monkeypatch.setattr(sm2, "gmssl", None)  # as where there is no wheel of it
    with pytest.raises(sm2.Sm2Missing):
        await judged(made, keys.ever())
    for ask in (lambda: keys.create("er", OFFICE, algorithm="sm2"), lambda: keys.pair("yi")):
        with pytest.raises(NoSeal, match="x86-64"):
            ask()
