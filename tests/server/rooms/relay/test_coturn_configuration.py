"""The configuration for coturn as it is printed. What coturn makes of it is in test_coturn.py."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from pathlib import Path

import pytest

from media.engine import TurnUrl
from server.rooms.coturn import SPECIAL, configuration
from server.serving.settings import Settings
from tests import ROOT

URLS = [
    TurnUrl.parse(text)
    for text in (
        "turn:turn.example.cn:3478",
        "turn:turn.example.cn:3478?transport=tcp",
        "turns:turn.example.cn:5349?transport=tcp",
    )
]
SAMPLE = ROOT / "docs" / "operations" / "turnserver.conf"
SECRET = "0123456789abcdef" * 2


def test_the_sample_in_the_documents_is_what_the_command_prints(tmp_path: Path) -> None:
    secret = tmp_path / "turn-secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    arguments = [part for url in URLS for part in ("--turn-url", url.text)]
    printed = subprocess.run(
        [sys.executable, "-m", "server", "turn", "config", *arguments, "--media-address", "203.0.113.10",
         "--turn-secret-file", str(secret)],
        capture_output=True, text=True, check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("YUNTIAO_")},
    ).stdout  # fmt: skip
    assert printed == SAMPLE.read_text()
    assert SECRET not in printed


def test_the_secret_is_printed_only_when_asked_for() -> None:
    assert f"\nstatic-auth-secret={SECRET}\n" in configuration(URLS, ["203.0.113.10"], SECRET)


def test_no_range_that_is_not_part_of_the_public_internet_is_missing() -> None:
    # Python keeps the registries too: whatever it calls not global at or around the edges of our ranges is in one.
    edges = [edge for network in SPECIAL for edge in (int(network[0]) - 1, int(network[0]), int(network[-1]))]
    four = [ipaddress.IPv4Address(edge % 2**32) for edge in edges]
    six = [ipaddress.IPv6Address(edge % 2**128) for edge in edges]
    others = [ipaddress.ip_address(text) for text in ("::1", "::7f00:1", "::ffff:127.0.0.1", "ff02::1", "fe80::1")]
    for address in (*four, *six, *others):
        if not address.is_global or address.is_multicast:
            assert any(address in network for network in SPECIAL if network.version == address.version), address


def test_its_own_loopback_is_never_opened_beside_a_real_address() -> None:
    announced = Settings(host="0.0.0.0", media_addresses=("203.0.113.10", "127.0.0.1")).announced()
    text = configuration(URLS, announced)
    assert "allowed-peer-ip=203.0.113.10\n" in text
    assert "allowed-peer-ip=127" not in text
    assert "allow-loopback-peers" not in text


def test_what_no_url_speaks_is_not_listened_to() -> None:
    over_udp = configuration(URLS[:1], ["203.0.113.10"]).splitlines()
    assert {"no-tcp", "no-tls", "no-dtls"} <= set(over_udp)
    over_tls = configuration(URLS[2:], ["203.0.113.10"]).splitlines()
    assert {"no-udp", "no-tcp", "tls-listening-port=5349"} <= set(over_tls)
    assert not {"no-tls", "no-udp", "no-tcp"} & set(configuration(URLS, ["203.0.113.10"]).splitlines())


@pytest.mark.parametrize(
    ("urls", "host"),
    [([], ""), (["turn:a.cn", "turn:b.cn"], ""), (["turn:a.cn"], "b.cn"), (["turn:a.cn:1", "turn:a.cn:2"], "")],
)
def test_what_does_not_describe_one_server_is_refused(urls: list[str], host: str) -> None:
    with pytest.raises(ValueError):
        configuration([TurnUrl.parse(url) for url in urls], ["203.0.113.10"], host=host)


def test_one_of_several_servers_can_be_asked_for() -> None:
    text = configuration([TurnUrl.parse("turn:a.cn"), TurnUrl.parse("turn:b.cn:99")], ["203.0.113.10"], host="b.cn")
    assert "realm=b.cn\n" in text
    assert "listening-port=99\n" in text
