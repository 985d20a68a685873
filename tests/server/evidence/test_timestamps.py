"""Time stamps of a real authority: got, checked against the root, and refused when anything about them is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given, strategies as st

from server.evidence.attesting import (
    AttestationService,
    BadTimestamp,
    NotAttested,
    TimestampAuthority,
    certificates_in_order,
    roots_in,
    stamped,
)
from server.evidence.log_store import AttestationStore
from tests.server.evidence.authority import Authority
from tests.server.evidence.house import House

NOTE = "yuntiao/test\n1\nroot\ntime now\n\n— yuntiao/test signature\n"


pytestmark = pytest.mark.openssl


@pytest.fixture
async def authority(tmp_path: Path) -> AsyncIterator[Authority]:
    authority = await asyncio.to_thread(Authority, tmp_path / "authority")
    await authority.server.start_server()
    yield authority
    await authority.server.close()


def client(authority: Authority) -> TimestampAuthority:
    return TimestampAuthority(authority.url, roots_in(authority.root), timeout=5)


async def test_a_stamp_says_when_the_authority_saw_the_note(authority: Authority) -> None:
    token = await client(authority).attest(NOTE)
    at = stamped(token, NOTE, roots_in(authority.root))
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)


async def test_what_we_keep_is_what_openssl_verifies_too(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "note").write_text(NOTE)
    (tmp_path / "token").write_bytes(await client(authority).attest(NOTE))
    command = ["openssl", "ts", "-verify", "-data", "note", "-in", "token", "-CAfile", str(authority.root)]
    said = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, text=True)
    assert "Verification: OK" in said.stdout + said.stderr


async def test_a_stamp_of_another_note_is_refused(authority: Authority) -> None:
    token = await client(authority).attest(NOTE)
    with pytest.raises(BadTimestamp):
        stamped(token, NOTE.replace("1", "2"), roots_in(authority.root))


async def test_an_authority_we_were_not_told_of_is_refused(authority: Authority, tmp_path: Path) -> None:
    token = await client(authority).attest(NOTE)
    other = await asyncio.to_thread(Authority, tmp_path / "other")
    with pytest.raises(BadTimestamp):
        stamped(token, NOTE, roots_in(other.root))
    with pytest.raises(NotAttested):
        await TimestampAuthority(authority.url, roots_in(other.root)).attest(NOTE)


async def test_a_replayed_answer_is_refused(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    old = await client(authority).attest(NOTE)
    monkeypatch.setattr(authority, "reply", lambda _query: old)  # the same note, another nonce
    with pytest.raises(NotAttested):
        await client(authority).attest(NOTE)


async def test_a_flipped_bit_in_what_is_signed_or_in_the_signature_is_refused(authority: Authority) -> None:
    token = await client(authority).attest(NOTE)
    imprint = token.index(hashlib.sha256(NOTE.encode()).digest())
    key = token.index(authority.public_key())  # within the signer's certificate
    for place in (1, imprint, imprint + 60, key + 40, len(token) - 1, len(token) - 40):
        changed = bytearray(token)
        changed[place] ^= 1
        with pytest.raises(BadTimestamp):
            stamped(bytes(changed), NOTE, roots_in(authority.root))


async def test_certificates_may_stand_in_any_order(authority: Authority) -> None:
    token = await client(authority).attest(NOTE)
    ordered = certificates_in_order(token)
    assert sorted(ordered) == sorted(token)
    assert certificates_in_order(ordered) == ordered
    first, second = (
        load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER) for path in authority.chain
    )
    for one, other in ((first, second), (second, first)):
        stamped(token.replace(first + second, one + other), NOTE, roots_in(authority.root))
    assert first + second in token


@given(st.binary(max_size=80), st.integers(0, 200), st.integers(0, 255))
def test_whatever_is_put_in_order_fails_as_declared(noise: bytes, place: int, byte: int) -> None:
    form = bytes.fromhex("3018300302010030110609a0a0a0a0a0a0a0a0a0a00430020500") + noise
    changed = form[: place % len(form)] + bytes([byte]) + form[place % len(form) + 1 :]
    for text in (noise, form, changed):
        with contextlib.suppress(ValueError):
            certificates_in_order(text)


@pytest.mark.parametrize("token", [b"", b"not a response", bytes(100)])
def test_what_is_no_response_is_refused(token: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadTimestamp):
        stamped(token, NOTE, [])


@pytest.mark.parametrize(("status", "final"), [(500, False), (503, False), (429, False), (403, True), (404, True)])
async def test_an_answer_says_whether_to_ask_again(authority: Authority, status: int, final: bool) -> None:
    authority.status = status
    with pytest.raises(NotAttested) as no:
        await client(authority).attest(NOTE)
    assert no.value.final is final


async def test_a_checkpoint_is_stamped_kept_and_checked(authority: Authority, house: House) -> None:
    place = ("timestamp", authority.url)
    keeper, store = house.another_keeper(ask=[place]), AttestationStore(house.database)
    made = await keeper.make()
    assert made is not None
    attesting = AttestationService(store, {place: client(authority)}, house.now)
    assert await attesting.ask_due() == 1
    assert await attesting.ask_due() == 0
    [kept] = await store.of(made.size)
    assert (kept.state, kept.got_at) == ("got", house.time)
    roots = roots_in(authority.root)
    assert (await house.check(roots=roots)).findings == []
    await house.sql("UPDATE log_attestations SET answer = :answer", answer=b"\x30\x00")
    assert [finding.code for finding in (await house.check(roots=roots)).findings] == ["timestamp"]


async def test_an_authority_that_is_away_stops_nothing_and_is_asked_again(authority: Authority, house: House) -> None:
    place = ("timestamp", authority.url)
    keeper, store = house.another_keeper(ask=[place]), AttestationStore(house.database)
    made = await keeper.make()
    assert made is not None
    attesting = AttestationService(store, {place: client(authority)}, house.now, chance=lambda: 0.0)
    authority.status = 503
    await attesting.ask_due()
    [kept] = await store.of(made.size)
    assert (kept.state, kept.tries, "503" in kept.last_error) == ("failed", 1, True)
    assert await attesting.ask_due() == 0  # not yet
    authority.status = 200
    house.time += timedelta(seconds=5)
    await attesting.ask_due()
    assert [one.state for one in await store.of(made.size)] == ["got"]
