"""The key that signs for this installation: `<data>/keys/log.key`, made at the first start, its owner's alone.

One line in the form of Go's note package: `PRIVATE+KEY+<name>+<key id>+<base64(0x01 ‖ seed)>`. The name is
`yuntiao/<installation id>`, the id eight random bytes: it tells installations apart and stays when a key is replaced.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from journal.ed25519 import Ed25519Signer
from journal.notes import ED25519, key_id
from server.secret_file import read_secret, write_once

_PREFIX = "PRIVATE+KEY+"
_SEED = 32  # bytes


def path_in(data: Path) -> Path:
    return data / "keys" / "log.key"


def installation_signer(data: Path) -> Ed25519Signer:
    """Made when there is none yet. ValueError, fit for the person at the terminal, when it cannot be used."""
    path = path_in(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_once(path, text_of(f"yuntiao/{secrets.token_hex(8)}", os.urandom(_SEED)).encode())
    return existing_signer(data)


def existing_signer(data: Path) -> Ed25519Signer:
    """As `installation_signer`, but nothing is made."""
    text = read_secret(path_in(data))
    name, _, rest = text.removeprefix(_PREFIX).partition("+")
    known, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
        if not text.startswith(_PREFIX) or raw[:1] != ED25519:
            raise ValueError
        signer = Ed25519Signer(name, raw[1:])
    except ValueError:
        raise ValueError(f"{path_in(data)} holds no signing key") from None
    if key_id(name, signer.public).hex() != known:
        raise ValueError(f"{path_in(data)} is damaged: its key has another id")
    return signer


def text_of(name: str, seed: bytes) -> str:
    """What is in the file of a key."""
    known = key_id(name, Ed25519Signer(name, seed).public).hex()
    return f"{_PREFIX}{name}+{known}+{base64.b64encode(ED25519 + seed).decode()}\n"
