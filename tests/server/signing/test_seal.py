"""The office's seal: made here or brought, kept encrypted, put under a PDF so that every reader sees a later change."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from server.evidence.attesting import TimestampAuthority, roots_in
from server.identity import Seal
from server.signing import PaperRenderer, certificates
from server.signing.certificates import BadCertificate, CertifiedKey, SealPanel, brought, new_authority, new_seal
from server.signing.pades import PaperVerdict, SealedPdf, judged, sealed
from server.signing.seals import NoSeal, SealKeys
from server.signing.sm2 import Sm2Key
from tests.server.evidence.authority import Authority
from tests.server.signing.sheets import OFFICE, paper

NOW = datetime.now(UTC)
BITS = 2048  # of keys that are made sooner than ours
PDF = PaperRenderer().print(paper())
with pytest.MonkeyPatch.context() as _patch:
    _patch.setattr(certificates, "BITS", BITS)
    AUTHORITY = new_authority("test", NOW)
    PAIR = new_seal(AUTHORITY, OFFICE, NOW)
SAID = SealPanel(OFFICE, "消费争议调解书")


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SealKeys:
    monkeypatch.setattr(certificates, "BITS", BITS)
    return SealKeys(tmp_path / "seals", Seal(b"k" * 32), lambda: NOW)


@pytest.fixture
async def under_seal() -> SealedPdf:
    return await sealed(PDF, PAIR, SAID)


def p12(pair: CertifiedKey, password: bytes = b"word") -> bytes:
    assert not isinstance(pair.key, Sm2Key), "SM2 comes as PEM"
    return pkcs12.serialize_key_and_certificates(
        b"seal", pair.key, pair.certificate, list(pair.chain), BestAvailableEncryption(password)
    )


async def verdict(keys: SealKeys, content: bytes) -> PaperVerdict:
    return await judged(content, keys.ever())


# ------------------------------------------------------------ keys at rest


def test_a_seal_is_made_shown_and_used(keys: SealKeys) -> None:
    made = keys.create("yi", OFFICE)
    assert keys.info("yi") == made
    assert (made.assurance, made.certifier, made.algorithm) == ("own", "", "RSA")
    assert OFFICE in made.subject
    assert keys.pair("yi").certificate.subject.rfc4514_string() == made.subject


def test_a_second_one_is_made_only_when_it_is_asked_for_and_the_first_stays_known(keys: SealKeys) -> None:
    first = keys.create("yi", OFFICE)
    with pytest.raises(NoSeal):
        keys.create("yi", OFFICE)
    second = keys.create("yi", OFFICE, replace=True)
    assert keys.info("yi") == second
    assert second.root == first.root
    assert set(keys.ever()) == {first.fingerprint, second.fingerprint}


def test_the_key_lies_encrypted_and_for_its_owner_alone(keys: SealKeys, tmp_path: Path) -> None:
    keys.create("yi", OFFICE)
    for path in (tmp_path / "seals").rglob("*.key"):
        assert path.stat().st_mode & 0o077 == 0
        assert b"PRIVATE" not in path.read_bytes()
    with pytest.raises(NoSeal, match="does not open"):
        SealKeys(tmp_path / "seals", Seal(b"o" * 32), lambda: NOW).pair("yi")


def test_a_key_that_others_can_read_is_not_used(keys: SealKeys, tmp_path: Path) -> None:
    keys.create("yi", OFFICE)
    (tmp_path / "seals" / "yi" / "0001.key").chmod(0o644)
    with pytest.raises(NoSeal, match="open to others"):
        keys.pair("yi")


def test_one_offices_key_does_not_open_as_anothers(keys: SealKeys, tmp_path: Path) -> None:
    keys.create("yi", OFFICE)
    keys.create("er", OFFICE)
    folder = tmp_path / "seals"
    (folder / "er" / "0001.key").write_bytes((folder / "yi" / "0001.key").read_bytes())
    with pytest.raises(NoSeal):
        keys.pair("er")


def test_an_expired_seal_is_not_used(tmp_path: Path) -> None:
    at = NOW
    keys = SealKeys(tmp_path, Seal(b"k" * 32), lambda: at)
    keys.create("yi", OFFICE)
    at = NOW + timedelta(days=6 * 365)
    with pytest.raises(NoSeal, match="valid from"):
        keys.pair("yi")


def test_an_office_without_a_seal_says_what_to_do(keys: SealKeys) -> None:
    assert keys.info("yi") is None
    with pytest.raises(NoSeal, match="yuntiao seal create"):
        keys.pair("yi")


# ------------------------------------------------------------ brought ones


def test_an_official_one_is_taken_with_those_above_it(keys: SealKeys) -> None:
    taken = keys.take("yi", p12(PAIR), b"word")
    assert taken.assurance == "own", "nobody has said that a licensed provider issued it"
    assert keys.pair("yi").chain == (AUTHORITY.certificate,)
    assert keys.certificates("yi").count(b"BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize(
    ("content", "password", "why"),
    [
        (p12(PAIR), b"wrong", "password"),
        (b"not a file of this kind", b"", "PKCS#12"),
        (p12(AUTHORITY), b"word", "authority"),
        (b"\0" * (300 * 1024), b"", "256 KiB"),
    ],
)
def test_what_cannot_carry_a_seal_says_why(content: bytes, password: bytes, why: str) -> None:
    with pytest.raises(BadCertificate, match=why):
        brought(content, password, NOW)


def bare(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, ends: datetime) -> CertifiedKey:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=9))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return CertifiedKey(made, key)


def test_a_short_key_and_a_certificate_that_is_over_are_refused() -> None:
    later = NOW + timedelta(days=9)
    with pytest.raises(BadCertificate, match="too short"):
        brought(p12(bare(rsa.generate_private_key(65537, 1024), later)), b"word", NOW)
    with pytest.raises(BadCertificate, match="not now"):
        brought(p12(bare(ec.generate_private_key(ec.SECP256R1()), NOW - timedelta(days=1))), b"word", NOW)
    with pytest.raises(BadCertificate, match="curve"):
        brought(p12(bare(ec.generate_private_key(ec.SECP256K1()), later)), b"word", NOW)


async def test_an_elliptic_key_seals_as_well(keys: SealKeys) -> None:
    keys.take("yi", p12(bare(ec.generate_private_key(ec.SECP256R1()), NOW + timedelta(days=9))), b"word")
    made = await sealed(PDF, keys.pair("yi"), SAID)
    assert (await verdict(keys, made.content)).result == "ours"


# ------------------------------------------------------------ under a document


async def test_what_was_sealed_is_ours_and_unchanged(keys: SealKeys) -> None:
    keys.create("yi", OFFICE)
    made = await sealed(PDF, keys.pair("yi"), SAID)
    found = await verdict(keys, made.content)
    assert (found.result, found.subject, made.level) == ("ours", OFFICE, "B-B")
    assert found.signed_at is not None
    assert abs(found.signed_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert made.content.startswith(PDF)  # what was printed is not touched


async def test_a_changed_byte_wherever_it_is_is_seen(keys: SealKeys) -> None:
    keys.create("yi", OFFICE)
    made = (await sealed(PDF, keys.pair("yi"), SAID)).content
    for at in (10, len(PDF) // 2, len(PDF) - 5, len(made) - 30):
        changed = bytearray(made)
        changed[at] ^= 1
        assert (await verdict(keys, bytes(changed))).result == "changed", at


async def test_what_was_added_afterwards_is_seen(keys: SealKeys) -> None:
    keys.create("yi", OFFICE)
    made = (await sealed(PDF, keys.pair("yi"), SAID)).content
    assert (await verdict(keys, made + b"\n%%EOF\n")).result == "changed"
    assert (await verdict(keys, made[:-1])).result == "changed"


async def test_a_seal_of_ours_cut_out_of_another_document_is_no_seal_of_this_one(keys: SealKeys) -> None:
    keys.create("yi", OFFICE)
    one = (await sealed(PDF, keys.pair("yi"), SAID)).content
    other_pdf = PaperRenderer().print(dataclasses.replace(paper(), number="东高一调〔2026〕0313号"))
    other = (await sealed(other_pdf, keys.pair("yi"), SAID)).content

    def contents(pdf: bytes) -> bytes:
        start = pdf.rindex(b"/Contents <") + 10
        return pdf[start : pdf.index(b">", start) + 1]

    moved = other.replace(contents(other), contents(one))
    assert moved != other
    assert (await verdict(keys, moved)).result == "changed"


async def test_what_others_sealed_is_said_to_be_theirs(keys: SealKeys, under_seal: SealedPdf) -> None:
    found = await verdict(keys, under_seal.content)
    assert (found.result, found.seal) == ("unknown_seal", None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7\n",
        b"%PDF-1.7 /ByteRange [0 9 99999 1]",
        b"%PDF-1.7 /ByteRange [0 36 40 0]   <zz>",
        b"%PDF-1.7 /ByteRange [9999999999 9999999999 9999999999 9999999999]<00>",
        PDF,
    ],
)
async def test_what_has_no_seal_is_said_so_and_breaks_nothing(keys: SealKeys, content: bytes) -> None:
    assert (await verdict(keys, content)).result in ("no_seal", "no_pdf")


# ------------------------------------------------------------ a reader that knows nothing of us


def pdfsig(folder: Path, content: bytes, trusted: bytes) -> str:
    """What poppler says of it, with this authority in its trust store."""
    store = folder / "store"
    store.mkdir(exist_ok=True)
    (folder / "authority.der").write_bytes(trusted)
    subprocess.run(
        [sys.executable, "-m", "tests.server.signing.trust", str(store), str(folder / "authority.der")], check=True
    )
    (folder / "document.pdf").write_bytes(content)
    run = subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{store}", str(folder / "document.pdf")], capture_output=True, text=True, check=False
    )
    return run.stdout


@pytest.mark.pdfsig
def test_poppler_finds_the_seal_valid_and_trusted_once_it_knows_the_authority(
    tmp_path: Path, under_seal: SealedPdf
) -> None:
    said = pdfsig(tmp_path, under_seal.content, AUTHORITY.certificate.public_bytes(Encoding.DER))
    assert "Signature is Valid." in said
    assert "Certificate is Trusted." in said
    assert "Total document signed" in said
    assert OFFICE in said


@pytest.mark.pdfsig
def test_poppler_sees_a_changed_byte(tmp_path: Path, under_seal: SealedPdf) -> None:
    changed = bytearray(under_seal.content)
    changed[len(PDF) // 2] ^= 1
    said = pdfsig(tmp_path, bytes(changed), AUTHORITY.certificate.public_bytes(Encoding.DER))
    assert "Digest Mismatch" in said
    assert "Signature is Valid." not in said


@pytest.mark.pdfsig
def test_poppler_does_not_trust_what_it_was_not_told_of(tmp_path: Path, under_seal: SealedPdf) -> None:
    other = new_authority("other", NOW)
    assert "isn't Trusted" in pdfsig(tmp_path, under_seal.content, other.certificate.public_bytes(Encoding.DER))


# ------------------------------------------------------------ with a time stamp


@pytest.fixture
async def stamping(tmp_path: Path) -> AsyncIterator[Authority]:
    authority = Authority(tmp_path / "tsa")
    await authority.server.start_server()
    yield authority
    await authority.server.close()


async def test_an_authority_that_does_not_answer_does_not_keep_the_seal_away() -> None:
    nobody = TimestampAuthority("http://127.0.0.1:9/", [AUTHORITY.certificate], timeout=2)
    assert (await sealed(PDF, PAIR, SAID, nobody)).level == "B-B"


@pytest.mark.openssl
@pytest.mark.pdfsig
async def test_an_authoritys_time_is_in_the_seal(tmp_path: Path, keys: SealKeys, stamping: Authority) -> None:
    keys.create("yi", OFFICE)
    made = await sealed(PDF, keys.pair("yi"), SAID, TimestampAuthority(stamping.url, roots_in(stamping.root)))
    assert made.level == "B-T"
    found = await verdict(keys, made.content)
    assert found.result == "ours"
    assert found.stamped_at is not None
    root = x509.load_pem_x509_certificates(keys.certificates("yi"))[-1]
    assert "Signature is Valid." in pdfsig(tmp_path, made.content, root.public_bytes(Encoding.DER))
