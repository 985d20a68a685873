"""Who signs for this installation: the key in `keys/log.key`, or a device behind a command of the administrator's.

`YUNTIAO_SIGNER_COMMAND` is a program that never gives the key away. It is started for each request without a shell,
gets one line on standard input and answers with one on standard output, within 15 seconds:

    key                 → key <name>+<key id>+<base64(0x01 ‖ public key)>, as the key is published; the name is
                          yuntiao/<installation>
    sign <base64>       → signature <base64 of 64 bytes>: Ed25519 over what the base64 says
    anything            → error <a sentence>
"""

from __future__ import annotations

import base64
import binascii
import shlex
import subprocess
from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict

from journal.ed25519 import verifies
from journal.errors import NoteBroken
from journal.notes import Signer, public_key_of
from server.log.key_file import existing_signer, installation_signer

SECONDS: Final = 15.0
_PREFIX: Final = "yuntiao/"
_MOST: Final = 4096  # characters of an answer


class SignerSettings(BaseSettings):
    """The job process and the command line read it by themselves, so it comes from the variable only."""

    model_config = SettingsConfigDict(env_prefix="YUNTIAO_", extra="ignore", frozen=True)

    signer_command: str = ""  # "": the key in the data folder signs


def installation(data: Path) -> Signer:
    """A file's key is made when there is none yet. ValueError, fit for the person at the terminal, when it fails."""
    command = SignerSettings().signer_command
    return CommandSigner(command) if command else installation_signer(data)


def existing(data: Path) -> Signer:
    """As `installation`, but nothing is made."""
    command = SignerSettings().signer_command
    return CommandSigner(command) if command else existing_signer(data)


class CommandSigner(Signer):
    """Asks for the key when it is made; ValueError then and at each signature. Blocks."""

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
        if not self._name.startswith(_PREFIX):
            raise ValueError(f"the key of {self._words[0]} is called {self._name}, and not {_PREFIX}<installation>")

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
