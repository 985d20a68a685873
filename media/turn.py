"""Time-limited credentials for a TURN server, which carries media for networks that let no UDP through to us.

By the convention known as the TURN REST API: the username is `<expiry>:<pseudonym>`, the password its HMAC-SHA1 with a
secret that only we and the TURN server know, so that the two need not talk. Owns no state and no clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CHECK_TTL = timedelta(minutes=5)  # for testing the network before anybody is admitted

_URL = re.compile(
    r"(?P<scheme>turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)
_PORTS = {"turn": 3478, "turns": 5349}


@dataclass(frozen=True, slots=True)
class TurnUrl:
    """A TURN server's address as RFC 7065 writes it."""

    text: str
    scheme: str
    host: str  # without brackets
    port: int
    transport: str  # between client and TURN server: udp, tcp or tls

    @classmethod
    def parse(cls, text: str) -> TurnUrl:
        """Parse a URL (RFC 7065). Raises ValueError, which says what is wrong."""
        found = _URL.fullmatch(text)
        if found is None:
            raise ValueError(f"{text} is not turn:host, turns:host:port or turn:host:port?transport=tcp")
        scheme, transport = found["scheme"], found["transport"]
        if scheme == "turns" and transport == "udp":
            raise ValueError(f"{text}: browsers speak turns over TCP only")
        port = int(found["port"] or _PORTS[scheme])
        if not 0 < port < 65536:
            raise ValueError(f"{text}: there is no port {port}")
        return cls(text, scheme, found["host"].strip("[]"), port, "tls" if scheme == "turns" else transport or "udp")


@dataclass(frozen=True, slots=True)
class TurnCredentials:
    """Credentials of a browser for the TURN server. They open the relay until they expire: never logged."""

    urls: tuple[str, ...]
    username: str
    credential: str = field(repr=False)
    ttl: int  # seconds

    def body(self) -> dict[str, Any]:
        """Return what is sent to the browser (docs/wire.md, `relay`)."""
        return {"urls": list(self.urls), "username": self.username, "credential": self.credential, "ttl": self.ttl}


@dataclass(frozen=True, slots=True)
class Turn:
    """The TURN servers of one installation and the secret shared with them."""

    urls: tuple[TurnUrl, ...]
    secret: str = field(repr=False)
    ttl: timedelta

    def grant(self, session: str, seat: str, now: datetime, ttl: timedelta | None = None) -> TurnCredentials:
        """Return credentials that are valid from `now` for `ttl`, at most for the usual time."""
        lasts = self.ttl if ttl is None else min(ttl, self.ttl)
        username = f"{int((now + lasts).timestamp())}:{self._pseudonym(session, seat)}"
        return TurnCredentials(
            tuple(url.text for url in self.urls), username, password(self.secret, username), int(lasts.total_seconds())
        )

    def _pseudonym(self, session: str, seat: str) -> str:
        """Return a name that is the same for a seat every time, for the TURN server's quota per user, but no id."""
        known = hmac.new(self.secret.encode(), f"{session}\n{seat}".encode(), hashlib.sha256)
        return known.hexdigest()[:20]


def password(secret: str, username: str) -> str:
    # Every TURN server computes SHA-1 here; an HMAC is not weakened by its collisions.
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()
