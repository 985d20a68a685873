"""Our STUN messages beside aioice's: each reads what the other writes, and nothing damaged is taken for genuine."""

from __future__ import annotations

from aioice import stun as theirs
from hypothesis import given, strategies as st

from media.sfu import stun
from media.sfu.stun import ConnectivityCheck, IceCredentials
from tests.tools.bench.media import ice

CREDENTIALS = IceCredentials("abcdefgh", "a password of thirty-two letters")
PASSWORD = CREDENTIALS.password.encode()
ADDRESSES = [("192.0.2.7", 50_000), ("2001:db8::7", 50_000, 0, 0), ("fe80::7%eth0", 9, 0, 2)]
ice_characters = st.text("abcdefXYZ019+/", min_size=4, max_size=64)


@given(ice_characters, st.sampled_from(ADDRESSES), st.binary(min_size=12, max_size=12))
def test_aioice_reads_what_we_answer(client: str, address: tuple[object, ...], transaction: bytes) -> None:
    data = stun.response(ConnectivityCheck(transaction, True, client), CREDENTIALS, address)
    read = theirs.parse_message(data)
    assert read.check_message_integrity(PASSWORD)
    assert (read.message_class, read.transaction_id) == (theirs.Class.RESPONSE, transaction)
    assert read.attributes["XOR-MAPPED-ADDRESS"] == (str(address[0]).partition("%")[0], address[1])
    assert "FINGERPRINT" in read.attributes


@given(ice_characters, st.integers(0, 2**64 - 1))
def test_aioice_reads_what_we_ask(username: str, tie_breaker: int) -> None:
    data, transaction = stun.request(username, CREDENTIALS.password, tie_breaker)
    read = theirs.parse_message(data)
    assert read.check_message_integrity(PASSWORD)
    assert (read.message_class, read.transaction_id) == (theirs.Class.REQUEST, transaction)
    assert (read.attributes["USERNAME"], read.attributes["ICE-CONTROLLED"]) == (username, tie_breaker)


@given(ice_characters, st.booleans())
def test_we_read_what_aioice_asks(client: str, nominated: bool) -> None:
    check = stun.verify(ice.check(CREDENTIALS, IceCredentials(client, ""), nominated), CREDENTIALS)
    assert check is not None
    assert (check.client, check.nominated) == (client, nominated)


@given(st.data())
def test_a_damaged_message_is_none(data: st.DataObject) -> None:
    genuine = ice.check(CREDENTIALS)
    at = data.draw(st.integers(0, len(genuine) - 9))  # the integrity does not cover the fingerprint
    damaged = bytearray(genuine)
    damaged[at] ^= data.draw(st.integers(1, 255))
    assert stun.verify(bytes(damaged), CREDENTIALS) is None
    assert stun.verify(genuine[:at], CREDENTIALS) is None
    assert stun.verify(genuine, IceCredentials("", "another password")) is None


@given(st.binary(max_size=200))
def test_noise_is_none(noise: bytes) -> None:
    assert stun.verify(noise, CREDENTIALS) is None
    assert stun.read_response(noise, CREDENTIALS.password) is None


def test_a_refusal_says_its_code() -> None:
    refusal = theirs.Message(theirs.Method.BINDING, theirs.Class.ERROR, bytes(12), {"ERROR-CODE": (403, "Forbidden")})
    refusal.add_message_integrity(PASSWORD)
    assert stun.read_response(bytes(refusal), CREDENTIALS.password) == 403
    answer = stun.response(ConnectivityCheck(bytes(12), False), CREDENTIALS, ADDRESSES[0])
    assert stun.read_response(answer, CREDENTIALS.password) == 0


def test_what_follows_the_integrity_does_not_count() -> None:
    unsigned = ice.check(CREDENTIALS, nominated=False)[:-8]
    added = unsigned + b"\x00\x25\x00\x00"
    check = stun.verify(added[:2] + (len(added) - 20).to_bytes(2) + added[4:], CREDENTIALS)
    assert check is not None
    assert not check.nominated
