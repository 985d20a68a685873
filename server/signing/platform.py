"""A sealing platform of the unified e-seal system, reached through a program that the office names.

The program reads the PDF on its standard input and writes the sealed one on its standard output; keys and seal
structures (GB/T 38540) stay the platform's. What came back is known again by its hash: `<folder>/<office>/given/`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from recordings.files.durable import safe_id
from server.identity.secret_file import write_once

LONGEST_WAIT: Final = 60.0  # seconds
LARGEST: Final = 4 << 20  # bytes of a sealed document
_MOST_SAID: Final = 300  # characters of what the program says of a fault
MOST_ARGUMENTS: Final = 20


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

    def given(self, sha256: str) -> tuple[str, str] | None:
        """The office and the platform of a document that was given out with this hash."""
        for path in self._folder.glob(f"*/given/{safe_id(sha256)}"):
            return path.parent.parent.name, json.loads(path.read_bytes())["name"]
        return None

    async def sealed(self, office: str, platform: Platform, pdf: bytes) -> bytes:
        """PlatformFailed."""
        content = await asyncio.to_thread(_run, platform.program, pdf)
        if len(content) > LARGEST:
            raise PlatformFailed(f"a sealed document has at most {LARGEST >> 20} MB")
        if not content.startswith(b"%PDF-") or hashlib.sha256(content).digest() == hashlib.sha256(pdf).digest():
            raise PlatformFailed("what came back is no sealed PDF")
        await asyncio.to_thread(self._note, office, hashlib.sha256(content).hexdigest(), platform.name)
        return content

    def _note(self, office: str, sha256: str, name: str) -> None:
        path = self._folder / safe_id(office) / "given" / sha256
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, json.dumps({"name": name}, ensure_ascii=False).encode())

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
