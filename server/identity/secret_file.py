"""Secrets kept in files, so that neither the list of processes nor a shell's history shows them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

TOO_OPEN = stat.S_IWGRP | stat.S_IRWXO  # the owner's, readable for a group at most


def read_secret(path: Path) -> str:
    """Without the line's end. ValueError, fit for the person at the terminal, when it cannot or must not be used."""
    try:
        with path.open() as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = file.read(4096).strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ValueError(f"the secret in {path} cannot be read: {getattr(fault, 'strerror', '') or fault}") from None
    if mode & TOO_OPEN:
        raise ValueError(f"the secret in {path} is open to others (mode {mode:03o}): chmod 600 it, or 640 for a group")
    if not text or len(text.split()) != 1:
        raise ValueError(f"{path} must hold one secret on one line")
    return text


def write_once(path: Path, key: bytes) -> None:
    """Two processes starting together agree on one key: it appears complete or not at all."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # the other process was first; its key counts
    finally:
        fresh.unlink()
