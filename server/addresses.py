"""Under which addresses this machine is reached: for certificates, for phones, for media."""

from __future__ import annotations

import ipaddress
import socket
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network

# RFC 5737 and RFC 3849: connecting a UDP socket there sends nothing, it only asks the system for its own side.
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def local_addresses() -> list[str]:
    """This machine's own addresses, the one it goes out with first; never loopback or link-local ones."""
    found: dict[str, None] = {}
    for family, elsewhere in _ELSEWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((elsewhere, 9))
            except OSError:
                continue
            found[probe.getsockname()[0]] = None
    try:
        infos = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_DGRAM)
    except OSError:
        infos = []
    found.update({str(info[4][0]).partition("%")[0]: None for info in infos})
    return [address for address in found if _reachable(address)]


def resolved(host: str) -> list[str]:
    """The addresses of a host name; an address is its own. Empty when the name is not known."""
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in infos))


def networks(listed: str) -> tuple[Network, ...]:
    """Comma-separated addresses and networks; ValueError says which is none, or is everybody."""
    found: list[Network] = []
    for part in filter(None, map(str.strip, listed.split(","))):
        try:
            network = ipaddress.ip_network(part)
        except ValueError:
            raise ValueError(f"{part} is not an IP address or network") from None
        if network.prefixlen == 0:
            raise ValueError(f"{part} is everybody")
        found.append(network)
    return tuple(found)


def in_address(host: str) -> str:
    """As it stands in a URL: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _reachable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
