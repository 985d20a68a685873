"""Bearer tokens: made here, given away once, kept only as digests."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32
LINK_BYTES = 18  # 144 bits in 24 characters: a link stands in a text message, and people pass it on by hand


def fresh_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def link_secret() -> str:
    return secrets.token_urlsafe(LINK_BYTES)


def digest(token: str) -> str:
    """Plain SHA-256 suffices: unlike a password, a token has 144 bits or more, which nobody can try through."""
    return hashlib.sha256(token.encode()).hexdigest()
