"""The installation's master key: 64 hexadecimal digits in a file that only its owner, or one group, can read.

It opens the keys of cases and nothing else, and may lie outside of the data folder: whoever carries the folder away
then carries nothing readable.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from recordings.durable import write_once
from recordings.errors import BadMaster

KEY_BYTES = 32
# Written by a group, or anything by everybody.
TOO_OPEN = stat.S_IWGRP | stat.S_IRWXO


def read_master(path: Path) -> bytes:
    """BadMaster when it is not there, open to others, or no key."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_bytes()[:4096].decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise BadMaster(
            f"the master key {path} cannot be read: {getattr(fault, 'strerror', '') or 'no text'}"
        ) from None
    if mode & TOO_OPEN:
        raise BadMaster(f"the master key {path} is open to others (mode {mode:03o}): chmod 600 it, or 640 for a group")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadMaster(f"the master key {path} must hold {2 * KEY_BYTES} hexadecimal digits (openssl rand -hex 32)")
    return key


def next_master(path: Path) -> Path:
    """Where the successor of this key lies while keys are being moved to it (`recordings.rotation`)."""
    return path.with_name(f"{path.name}.next")


def make_master(path: Path) -> None:
    """Once: whoever comes second keeps the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(path, os.urandom(KEY_BYTES).hex().encode() + b"\n")
