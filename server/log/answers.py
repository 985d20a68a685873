"""Reads what outsiders answer, and no more of it than expected."""

from __future__ import annotations

import aiohttp

from server.log.attesting import NotAttested


async def body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """At most so many bytes; NotAttested beyond."""
    read = bytearray()
    async for piece in answer.content.iter_chunked(16 * 1024):
        read += piece
        if len(read) > most:
            raise NotAttested(f"the answer is longer than {most} bytes", final=True)
    return bytes(read)


def check_status(answer: aiohttp.ClientResponse) -> None:
    """NotAttested for anything but 2xx; 408, 425, 429 and 5xx are worth another try."""
    if not 200 <= answer.status < 300:
        again = answer.status >= 500 or answer.status in (408, 425, 429)
        raise NotAttested(f"answered {answer.status}", final=not again)
