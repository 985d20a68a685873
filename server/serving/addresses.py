"""Under which addresses this machine is reached: for certificates, for phones, for media.

Owns `<data>/tls/`: a self-signed certificate, so that phones on the same network get the secure origin cameras ask for.
It is made anew when the machine's addresses change or it is about to expire.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Network = IPv4Network | IPv6Network

# RFC 5737 and RFC 3849: connecting a UDP socket there sends nothing, it only asks the system for its own side.
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def private(url: str) -> bool:
    """Whether nobody listens on the way there, nor answers in its place: HTTPS, or this very machine."""
    at = urlsplit(url)
    return bool(at.hostname) and (at.scheme == "https" or (at.scheme == "http" and loopback(at.hostname or "")))


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


LASTS = timedelta(days=397)  # phones refuse server certificates that last longer than 398 days
_RENEW_BEFORE = timedelta(days=14)


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def self_signed(data: Path, names: Sequence[str], now: datetime) -> tuple[Path, Path]:
    """Certificate and key for these names and addresses, kept between starts so that phones trust it once."""
    folder = data / "tls"
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists() and _good(certificate, key, names, now)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(certificate, key, names, now)
    return certificate, key


def _good(path: Path, key: Path, names: Sequence[str], now: datetime) -> bool:
    """Also that they belong together: the program may have died between writing one and the other."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (ValueError, x509.ExtensionNotFound):
        return False
    if private.public_key() != certificate.public_key():
        return False
    return certificate.not_valid_after_utc - _RENEW_BEFORE > now and set(map(_name, names)) <= set(held)


def _make(certificate: Path, key: Path, names: Sequence[str], now: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Yuntiao")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # phones' clocks differ
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key.unlink(missing_ok=True)
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
