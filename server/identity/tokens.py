"""Bearer tokens: made here, given away once, kept only as digests."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def fresh_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """Plain SHA-256 suffices: unlike a password, a token has 256 bits nobody can try through."""
    return hashlib.sha256(token.encode()).hexdigest()
