"""Credentials for the TURN server: pure, and by the convention that the server checks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from media.engine import CHECK_TTL, Turn, TurnUrl, password

NOW = datetime(2026, 6, 24, 9, 30, tzinfo=UTC)
SECRET = "a" * 32
TURN = Turn((TurnUrl.parse("turn:turn.example.cn"),), SECRET, timedelta(hours=4))


def test_the_name_says_until_when_and_the_password_proves_it() -> None:
    given = TURN.grant("session-1", "seat-1", NOW)
    expiry, _, who = given.username.partition(":")
    assert int(expiry) == int(NOW.timestamp()) + 4 * 3600
    assert who
    expected = hmac.new(SECRET.encode(), given.username.encode(), hashlib.sha1).digest()
    assert given.credential == base64.b64encode(expected).decode()
    assert given.ttl == 4 * 3600


def test_the_password_is_what_another_program_computes_too() -> None:
    # printf %s 1700000000:user | openssl dgst -sha1 -hmac north -binary | base64
    assert password("north", "1700000000:user") == "2uyGWnO1vHFmQfE0HWQNi1ldYAk="


def test_a_seat_is_the_same_user_every_time_and_no_other_seat_is() -> None:
    def who(session: str, seat: str, at: datetime = NOW) -> str:
        return TURN.grant(session, seat, at).username.partition(":")[2]

    assert who("a", "b") == who("a", "b", NOW + timedelta(hours=1))
    assert len({who("a", "b"), who("b", "a"), who("a\nb", ""), who("ab", "")}) == 4


def test_the_turn_server_learns_neither_session_nor_seat() -> None:
    given = TURN.grant("session-1", "seat-1", NOW)
    assert "session-1" not in given.username
    assert "seat-1" not in given.username


def test_trying_the_way_needs_no_long_credentials_and_gets_none() -> None:
    assert TURN.grant("s", "seat", NOW, CHECK_TTL).ttl == 300
    short = Turn(TURN.urls, SECRET, timedelta(minutes=1))
    assert short.grant("s", "seat", NOW, CHECK_TTL).ttl == 60


def test_what_is_printed_of_them_opens_nothing() -> None:
    given = TURN.grant("s", "seat", NOW)
    assert SECRET not in repr(TURN)
    assert given.credential not in repr(given)


@pytest.mark.parametrize(
    ("text", "host", "port", "transport"),
    [
        ("turn:turn.example.cn", "turn.example.cn", 3478, "udp"),
        ("turn:203.0.113.9:3479?transport=tcp", "203.0.113.9", 3479, "tcp"),
        ("turns:turn.example.cn", "turn.example.cn", 5349, "tls"),
        ("turns:turn.example.cn:443?transport=tcp", "turn.example.cn", 443, "tls"),
        ("turn:[2001:db8::9]:3478", "2001:db8::9", 3478, "udp"),
    ],
)
def test_an_address_says_where_and_over_what(text: str, host: str, port: int, transport: str) -> None:
    url = TurnUrl.parse(text)
    assert (url.host, url.port, url.transport, url.text) == (host, port, transport, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "turn.example.cn",
        "stun:turn.example.cn",
        "turn://turn.example.cn",
        "turn:user@turn.example.cn",
        "turn:turn.example.cn:0",
        "turn:turn.example.cn:65536",
        "turn:turn.example.cn?transport=sctp",
        "turns:turn.example.cn?transport=udp",
        "turn:turn.example.cn\nturn:other",
    ],
)
def test_what_is_no_address_of_a_turn_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        TurnUrl.parse(text)
