"""Who signs for this installation: the key in `<data>/keys/log.key`, or a device; and which keys have signed so far.

The file is made at the first start, its owner's alone: one line in the form of Go's note package,
`PRIVATE+KEY+<name>+<key id>+<base64(0x01 ‖ seed)>`. The name is `yuntiao/<installation id>`, the id eight random bytes:
it tells installations apart and stays when a key is replaced.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import shlex
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict

from journal import SYSTEM, Actor, Draft, Event, Journal
from journal.ed25519 import Ed25519Signer, verifies
from journal.errors import NoteBroken
from journal.notes import ED25519, Signer, key_id, public_key, public_key_of
from server.identity.secret_file import read_secret, write_once

_KEY_PREFIX = "PRIVATE+KEY+"
_SEED = 32  # bytes


def key_path(data: Path) -> Path:
    return data / "keys" / "log.key"


def installation_signer(data: Path) -> Ed25519Signer:
    """Made when there is none yet. ValueError, fit for the person at the terminal, when it cannot be used."""
    path = key_path(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_once(path, key_text(f"yuntiao/{secrets.token_hex(8)}", os.urandom(_SEED)).encode())
    return existing_signer(data)


def existing_signer(data: Path) -> Ed25519Signer:
    """As `installation_signer`, but nothing is made."""
    text = read_secret(key_path(data))
    name, _, rest = text.removeprefix(_KEY_PREFIX).partition("+")
    known, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
        if not text.startswith(_KEY_PREFIX) or raw[:1] != ED25519:
            raise ValueError
        signer = Ed25519Signer(name, raw[1:])
    except ValueError:
        raise ValueError(f"{key_path(data)} holds no signing key") from None
    if key_id(name, signer.public).hex() != known:
        raise ValueError(f"{key_path(data)} is damaged: its key has another id")
    return signer


def key_text(name: str, seed: bytes) -> str:
    """What is in the file of a key."""
    known = key_id(name, Ed25519Signer(name, seed).public).hex()
    return f"{_KEY_PREFIX}{name}+{known}+{base64.b64encode(ED25519 + seed).decode()}\n"


STREAM = "log/keys"
ADOPTED = "LogKeyAdopted"
"""Data: {"key": the public key as it is published}."""


class OtherKey(Exception):
    """The key in the file is not the one the journal knows."""


class KnownKeys:
    """Which keys have signed for this log: the journal says so itself, in the stream `log/keys`.

    So a key put in the place of ours is noticed, and a key that followed another is one that somebody adopted.
    """

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def expect(self, signer: Signer) -> None:
        """OtherKey if it is not the newest known one. The first key of all is adopted as it comes."""
        events = await self._journal.read(STREAM)
        if not events:
            await self._append(0, signer, SYSTEM)
        elif (known := adopted(events)[-1]) != (signer.name, signer.public):
            raise OtherKey(f"the journal knows {public_key(*known)}, not {public_key(signer.name, signer.public)}")

    async def adopt(self, signer: Signer, by: Actor) -> bool:
        """From now on this one; False when it is already."""
        events = await self._journal.read(STREAM)
        if events and adopted(events)[-1] == (signer.name, signer.public):
            return False
        await self._append(len(events), signer, by)
        return True

    async def _append(self, after: int, signer: Signer, by: Actor) -> None:
        data = {"key": public_key(signer.name, signer.public)}
        await self._journal.append(STREAM, after, [Draft(ADOPTED, data, self._now(), by)])


def adopted(events: list[Event]) -> list[tuple[str, bytes]]:
    """Names and public keys, oldest first. NoteBroken when what is there is no key."""
    return [public_key_of(event.data["key"]) for event in events if event.type == ADOPTED]


SECONDS: Final = 15.0
_SIGNER_PREFIX: Final = "yuntiao/"
_MOST: Final = 4096  # characters of an answer


class SignerSettings(BaseSettings):
    """The job process and the command line read it by themselves, so it comes from the variable only."""

    model_config = SettingsConfigDict(env_prefix="YUNTIAO_", extra="ignore", frozen=True)

    signer_command: str = ""  # "": the key in the data folder signs


def configured_signer(data: Path) -> Signer:
    """A file's key is made when there is none yet. ValueError, fit for the person at the terminal, when it fails."""
    command = SignerSettings().signer_command
    return CommandSigner(command) if command else installation_signer(data)


def configured_existing_signer(data: Path) -> Signer:
    """As `configured_signer`, but nothing is made."""
    command = SignerSettings().signer_command
    return CommandSigner(command) if command else existing_signer(data)


class CommandSigner(Signer):
    """A device behind a command of the administrator's, which never gives the key away.

    `YUNTIAO_SIGNER_COMMAND` is started for each request without a shell, gets one line on standard input and answers
    with one on standard output, within 15 seconds:

        key             → key <name>+<key id>+<base64(0x01 ‖ public key)>, as the key is published; the name is
                          yuntiao/<installation>
        sign <base64>   → signature <base64 of 64 bytes>: Ed25519 over what the base64 says
        anything        → error <a sentence>

    Asks for the key when it is made; ValueError then and at each signature. Blocks.
    """

    def __init__(self, command: str, seconds: float = SECONDS) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as fault:
            raise ValueError(f"YUNTIAO_SIGNER_COMMAND cannot be read: {fault}") from None
        if not self._words:
            raise ValueError("YUNTIAO_SIGNER_COMMAND names no program")
        self._seconds = seconds
        try:
            self._name, self._public = public_key_of(self._asked("key", "key"))
        except NoteBroken:
            raise ValueError(f"{self._words[0]} names no public key of the form name+id+base64") from None
        if not self._name.startswith(_SIGNER_PREFIX):
            raise ValueError(
                f"the key of {self._words[0]} is called {self._name}, and not {_SIGNER_PREFIX}<installation>"
            )

    @property
    def name(self) -> str:
        return self._name

    @property
    def public(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        told = self._asked(f"sign {base64.b64encode(message).decode()}", "signature")
        try:
            signature = base64.b64decode(told, validate=True)
        except binascii.Error:
            signature = b""
        if not verifies(self._public, signature, message):
            raise ValueError(f"what {self._words[0]} signed does not hold by the key it names")
        return signature

    def _asked(self, line: str, wanted: str) -> str:
        """What stands behind the wanted word in its answer."""
        program = self._words[0]
        try:
            run = subprocess.run(
                self._words, input=f"{line}\n", capture_output=True, text=True, timeout=self._seconds, check=False
            )
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"{program} cannot be asked to sign: {fault}") from None
        except subprocess.TimeoutExpired:
            raise ValueError(f"{program} did not answer within {self._seconds:g} seconds") from None
        word, _, rest = run.stdout[:_MOST].strip().partition(" ")
        if word == "error":
            raise ValueError(f"{program}: {rest[:200]}")
        if word != wanted or run.returncode or len(run.stdout.splitlines()) != 1:
            asked = line.partition(" ")[0]
            raise ValueError(f"{program} did not answer {asked!r} with one line of {wanted!r} (exit {run.returncode})")
        return rest
