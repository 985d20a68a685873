"""The configuration of a coturn that relays to our media addresses and to nothing else.

A relay is a way into a network: whatever it may send to, everybody with a credential may. Owns the ranges that are
closed and the limits; `yuntiao turn config` prints it. Held by tests/server/rooms on Debian's coturn.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence

from media.engine import TurnUrl
from server.serving.addresses import Network, loopback

# IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890 and successors), multicast, and what was one once.
SPECIAL: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *(
            "::/128",
            "::1/128",
            "::ffff:0:0/96",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "100:0:0:1::/64",
            "2001::/23",
        ),
        *("2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10"),
        *("fec0::/10", "ff00::/8"),
    )
)
UNSPECIFIED = ipaddress.ip_network("::/128")
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
EVERYTHING = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))

CERTIFICATE, KEY = "/etc/coturn/fullchain.pem", "/etc/coturn/privkey.pem"  # for the operator to put there
PORTS = (49152, 53247)  # of relayed addresses, UDP
PER_SEAT = 64  # allocations: two connections, each over every URL, network and family, and some from before
IN_ALL = 4000
BYTES_PER_SECOND = 1_000_000  # each way, per allocation: seven pictures and a screen at their best


def configuration(
    urls: Sequence[TurnUrl], media: Iterable[str], secret: str = "", host: str = "", only_us: bool = True
) -> str:
    """turnserver.conf. ValueError when the URLs do not describe one server.

    `host` picks one of several. Without `only_us` it relays to everything that is not special, for the tests.
    """
    urls = _of_one_server(urls, host)
    plain = [url for url in urls if url.transport != "tls"]
    tls = [url for url in urls if url.transport == "tls"]
    allowed = _allowed(media)
    lines = [
        "# coturn for Yuntiao, as `yuntiao turn config` prints it. Tried with Debian's coturn 4.6.1.",
        *_listening(plain, tls),
        f"min-port={PORTS[0]}",
        f"max-port={PORTS[1]}",
        "",
        "# Who: credentials made by Yuntiao, good until the time in their name.",
        f"realm={urls[0].host}",
        "use-auth-secret",
        f"static-auth-secret={secret}" if secret else "# static-auth-secret=   (the same as Yuntiao's; not printed)",
        "fingerprint",
        "stale-nonce=600",
        "",
        "# How much: a user is a seat. bps-capacity stays unset: every allocation would reserve its max-bps of it.",
        f"user-quota={PER_SEAT}",
        f"total-quota={IN_ALL}",
        f"max-bps={BYTES_PER_SECOND}",
        "max-allocate-lifetime=3600",
        "",
        "# Nothing besides.",
        *("no-cli", "no-stun", "no-tcp-relay", "no-multicast-peers", "no-rfc5780", "no-stun-backward-compatibility"),
        *("response-origin-only-with-rfc5780", "no-software-attribute"),
        *("no-auth-pings", "no-dynamic-ip-list", "no-dynamic-realms"),
        *("log-file=stdout", "simple-log", "new-log-timestamp"),
        "",
        "# Where to: Yuntiao's media addresses (allowed wins over denied) and nothing else.",
        *(["allow-loopback-peers"] if any(loopback(address) for address in allowed) else []),
        *(f"allowed-peer-ip={address}" for address in allowed),
        *(["", "# All the rest."] if only_us else []),
        *(f"denied-peer-ip={_range(network)}" for network in EVERYTHING if only_us),
        "",
        "# Special ranges once more: they stay closed even where somebody opens the rest.",
        # coturn refuses `::` by itself, and a range that ends there would be everything.
        *(f"denied-peer-ip={_range(network)}" for network in SPECIAL if network != UNSPECIFIED),
    ]
    return "\n".join(lines) + "\n"


def _listening(plain: Sequence[TurnUrl], tls: Sequence[TurnUrl]) -> Iterable[str]:
    over = {url.transport for url in plain}
    yield "# listening-ip=, relay-ip=: this machine's addresses, when not all of them."
    yield "# external-ip=PUBLIC/PRIVATE: behind a 1:1 NAT."
    if plain:
        yield f"listening-port={plain[0].port}"
    if "udp" not in over:
        yield "no-udp"
    if "tcp" not in over:
        yield "no-tcp"
    yield "no-dtls"  # no browser speaks it here
    if tls:
        yield f"tls-listening-port={tls[0].port}"
        yield f"cert={CERTIFICATE}"
        yield f"pkey={KEY}"
        yield "no-tlsv1"
        yield "no-tlsv1_1"
    else:
        yield "no-tls"


def _of_one_server(urls: Sequence[TurnUrl], host: str) -> Sequence[TurnUrl]:
    if not urls:
        raise ValueError("no TURN server is set (--turn-url)")
    hosts = dict.fromkeys(url.host for url in urls)
    if host and host not in hosts:
        raise ValueError(f"none of the URLs is of {host}")
    if not host and len(hosts) > 1:
        raise ValueError(f"which server: {', '.join(hosts)}? (--host)")
    chosen = [url for url in urls if url.host == (host or next(iter(hosts)))]
    for scheme in ("turn", "turns"):
        if len({url.port for url in chosen if url.scheme == scheme}) > 1:
            raise ValueError(f"one port for all {scheme}: URLs of a server")
    return chosen


def _allowed(media: Iterable[str]) -> list[str]:
    """Its own loopback is not ours to open, unless that is where all of it happens."""
    addresses = list(dict.fromkeys(media))
    elsewhere = [address for address in addresses if not loopback(address)]
    return elsewhere or addresses


def _range(network: Network) -> str:
    """As coturn reads it. It compares IPv6 byte by byte, so a range must be a whole network and not begin within one;
    one that begins at `::` closes IPv4 too."""
    # Python writes addresses of IPv4 in IPv6 in two ways, by its version; the system's writing is one.
    return "-".join(socket.inet_ntop(FAMILY[network.version], end.packed) for end in (network[0], network[-1]))
