"""Work on long texts in a process of its own: what a text costs there, no room and no page waits for.

One warm child, started with the first text; it is killed when a text takes too long, and the next one starts anew.
`server.confinement.text_worker` is the other side.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from casebook import Known, MarkedSpan
from journal.refusals import Refused

MOST_CHARACTERS: Final = 60_000  # of one call: every text of a case at its longest is 32,000
MOST_WAITING: Final = 16
SECONDS: Final = 15.0  # by the wall, for one call
MEMORY: Final = 1 << 30  # bytes the child may have
LARGEST_ANSWER: Final = 8 << 20
_GUARD: Final = Path(__file__).parents[2] / "recordings" / "composing" / "parent_death_guard.py"


class TextProcess:
    """Calls are answered one after another; `busy` where too many wait, `text_too_heavy` where one takes too long."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def look(self, texts: Mapping[str, str], known: Known) -> dict[str, tuple[MarkedSpan, ...]]:
        """`casebook.deidentifying.looking.look`. Refused."""
        people = {
            "people": known.people,
            "organisations": known.organisations,
            "addresses": known.addresses,
            "others": known.others,
            "amounts": [str(amount) for amount in known.amounts],
        }
        found = await self._asked("look", texts, people)
        return {name: tuple(MarkedSpan(*span) for span in spans) for name, spans in found.items()}

    async def residues(self, texts: Iterable[str]) -> dict[str, list[str]]:
        """`casebook.deidentifying.looking.residue` of each text, by the text. Refused."""
        named = {str(number): text for number, text in enumerate(dict.fromkeys(texts))}
        found = await self._asked("residue", named)
        return {text: found[name] for name, text in named.items()}

    async def close(self) -> None:
        """Ends the child, if there is one."""
        if self._process is not None:
            process, self._process = self._process, None
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _asked(self, work: str, texts: Mapping[str, str], known: object = None) -> Any:
        if sum(map(len, texts.values())) > MOST_CHARACTERS:
            raise Refused("too_long", 413, most=MOST_CHARACTERS)
        if self._waiting >= MOST_WAITING:
            raise Refused("busy", 503)
        asked = json.dumps({"work": work, "texts": dict(texts), "known": known}).encode()
        self._waiting += 1
        try:
            async with self._turn:
                return await self._answer(asked)
        finally:
            self._waiting -= 1

    async def _answer(self, asked: bytes) -> Any:
        done = False
        try:
            async with asyncio.timeout(self._seconds):
                process = await self._running()
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(struct.pack(">I", len(asked)) + asked)
                await process.stdin.drain()
                (size,) = struct.unpack(">I", await process.stdout.readexactly(4))
                if size > LARGEST_ANSWER:
                    raise Refused("text_too_heavy", 413)
                answer = json.loads(await process.stdout.readexactly(size))
                done = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            raise Refused("text_too_heavy", 413) from None
        finally:
            if not done:  # also when whoever asked has gone: half an answer must not be taken for the next one's
                await self.close()
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, str(_GUARD), str(os.getpid()), sys.executable, "-m", "server.confinement.text_worker",
                env={**os.environ, "LEASH_MEMORY": str(MEMORY)},
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LARGEST_ANSWER,
            )  # fmt: skip
        return self._process
