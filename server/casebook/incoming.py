"""Word files and exchanged cases from outside, read by a confined child.

Refused: case_file, with `why`; "hard" is a file that took its reader beyond a limit.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from casebook.compendium import Paragraph
from offices.refusal import Refused
from server.casebook.exchanged import ExchangedCase
from server.confinement.frames import Declined, ReaderStopped
from server.confinement.reader import read


async def compendium(content: bytes) -> tuple[list[Paragraph], list[int]]:
    """What a Word file says, and where its cases begin."""
    (frame,) = await _frames("compendium", content)
    told, starts = await asyncio.to_thread(json.loads, frame)
    return [Paragraph(text, level) for text, level in told], starts


async def cut_cases(content: bytes) -> list[dict[str, str]]:
    """The texts of each case of a Word file."""
    return [json.loads(frame) for frame in await _frames("cut_cases", content)]


async def exchanged_cases(content: bytes) -> list[ExchangedCase]:
    frames = await _frames("exchanged_cases", content)
    return await asyncio.to_thread(lambda: [ExchangedCase.model_validate_json(frame) for frame in frames])


async def _frames(task: str, content: bytes) -> Sequence[bytes]:
    try:
        return (await read(task, content)).frames
    except Declined as no:
        raise Refused(no.code, 400, **no.params) from None
    except ReaderStopped:
        raise Refused("case_file", 400, why="hard") from None
