"""Seals that lie elsewhere: a sealing platform reached through a program, a service over HTTP, and what they gave.

A platform of the unified e-seal system is reached through a program that the office names: it reads the PDF on its
standard input and writes the sealed one on its standard output; keys and seal structures (GB/T 38540) stay the
platform's. What came back is known again by its hash: `<folder>/<office>/given/`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from recordings.files.durable import safe_id
from server.identity.sealing import write_once

LONGEST_WAIT: Final = 60.0  # seconds
LARGEST: Final = 4 << 20  # bytes of a sealed document
_MOST_SAID: Final = 300  # characters of what the program says of a fault
MOST_ARGUMENTS: Final = 20


Assurance = Literal["own", "provider", "unified"]


class PlatformFailed(Exception):
    """The platform sealed nothing; the text says why, fit for the log."""


@dataclass(frozen=True, slots=True)
class Platform:
    """`name` as papers give it; `program` with its arguments, no shell."""

    name: str
    program: Sequence[str]


class Platforms:
    """Owns `<folder>/<office>/platform.json` and `<folder>/<office>/given/<sha256>`. Blocks, except for `sealed`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def set(self, office: str, platform: Platform | None) -> None:
        """From now on; None: the office's own seal again."""
        path = self._path(office)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if platform is None:
            path.unlink(missing_ok=True)
            return
        fresh = path.with_suffix(".next")
        fresh.unlink(missing_ok=True)
        write_once(fresh, json.dumps(asdict(platform), ensure_ascii=False).encode())
        fresh.replace(path)

    def of(self, office: str) -> Platform | None:
        try:
            kept = json.loads(self._path(office).read_bytes())
        except FileNotFoundError:
            return None
        return Platform(kept["name"], tuple(kept["program"]))

    def any(self) -> bool:
        """Whether any office ever had something sealed by one, or may."""
        return any(self._folder.glob("*/platform.json")) or any(self._folder.glob("*/given"))

    def given(self, sha256: str) -> tuple[str, Assurance, str] | None:
        """The office and who sealed a document that was given out with this hash, and how far that reaches."""
        for path in self._folder.glob(f"*/given/{safe_id(sha256)}"):
            kept = json.loads(path.read_bytes())
            return path.parent.parent.name, kept.get("assurance", "unified"), kept["name"]
        return None

    async def sealed(self, office: str, platform: Platform, pdf: bytes) -> bytes:
        """PlatformFailed."""
        content = await asyncio.to_thread(_run, platform.program, pdf)
        if len(content) > LARGEST:
            raise PlatformFailed(f"a sealed document has at most {LARGEST >> 20} MB")
        if not content.startswith(b"%PDF-") or hashlib.sha256(content).digest() == hashlib.sha256(pdf).digest():
            raise PlatformFailed("what came back is no sealed PDF")
        await asyncio.to_thread(self.note, office, content, platform.name, "unified")
        return content

    def note(self, office: str, content: bytes, name: str, assurance: Assurance) -> None:
        """That this was sealed there, so that it is known again."""
        path = self._folder / safe_id(office) / "given" / hashlib.sha256(content).hexdigest()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, json.dumps({"name": name, "assurance": assurance}, ensure_ascii=False).encode())

    def _path(self, office: str) -> Path:
        return self._folder / safe_id(office) / "platform.json"


def _run(program: Sequence[str], pdf: bytes) -> bytes:
    try:
        done = subprocess.run(program, input=pdf, capture_output=True, timeout=LONGEST_WAIT, check=False)
    except OSError as fault:
        raise PlatformFailed(f"{program[0]} cannot be started: {fault.strerror}") from None
    except subprocess.TimeoutExpired:
        raise PlatformFailed(f"{program[0]} did not answer within {LONGEST_WAIT:.0f} s") from None
    if done.returncode:
        said = done.stderr[-4 * _MOST_SAID :].decode("utf-8", "replace").strip()[-_MOST_SAID:]
        raise PlatformFailed(f"{program[0]} ended with {done.returncode}: {said}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class SealPanel:
    """What a reader's panel shows of the seal beside its certificate."""

    office: str
    reason: str
    location: str = ""


class RemoteSeal(Protocol):
    """An office's seal that lies elsewhere. `name`: of who keeps it, as papers give it; `unified`: a platform of the
    unified e-seal system, else a licensed provider."""

    name: str
    unified: bool

    async def sealed(self, pdf: bytes, said: SealPanel) -> bytes:
        """ConnectionFault; nothing that was not judged."""
        ...
