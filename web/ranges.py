"""A file of a case in byte ranges, as players ask for them; what is sealed on the disk is opened on the way out."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import BinaryIO, Final

from aiohttp import web

from offices.refusal import Refused
from recordings.errors import BlobError, KeyDestroyed, Missing, VaultError
from recordings.files.encrypted_file_store import EncryptedFileStore
from web.security import Standing

PIECE: Final = 1 << 18
NOTHING_MORE: Final[Mapping[str, str]] = {}

log = logging.getLogger(__name__)


async def send(
    request: web.Request,
    shelf: EncryptedFileStore,
    case: str,
    path: str,
    kind: str,
    name: str,
    saved: bool = False,
    more: Mapping[str, str] = NOTHING_MORE,
) -> web.StreamResponse:
    """`kind`: the content type; `name`: for saving, which `saved` makes the default; `more`: further headers.

    Refused(404, 410, 500, 503).
    """
    try:
        file = await asyncio.to_thread(shelf.open, case, path)
    except Missing:
        raise Refused("not_found", 404) from None
    except KeyDestroyed:
        raise Refused("erased", 410) from None
    except BlobError as fault:
        log.warning("the archive does not give a file of %s: %s", case, fault)
        raise Refused("archive_away", 503) from fault
    except VaultError as fault:
        log.exception("a file of %s cannot be opened", case)
        raise Refused("unreadable", 500) from fault
    try:
        return await _send(
            request,
            file,
            {
                "Content-Type": kind,
                "Content-Disposition": f'{"attachment" if saved else "inline"}; filename="{name}"',
                **more,
            },
        )
    finally:
        await asyncio.to_thread(file.close)


async def _send(request: web.Request, file: BinaryIO, headers: dict[str, str]) -> web.StreamResponse:
    size = await asyncio.to_thread(file.seek, 0, os.SEEK_END)
    try:
        start, stop, _ = request.http_range.indices(size)
    except ValueError:  # several at once, or nonsense
        start, stop = size, size
    partial = "Range" in request.headers
    if partial and start >= stop:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = web.StreamResponse(status=206 if partial else 200, headers={**headers, "Accept-Ranges": "bytes"})
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.content_length = stop - start
    await response.prepare(request)
    if request.method != "HEAD":
        await asyncio.to_thread(file.seek, start)
        try:
            await pour(request, response, file, stop - start)
        except ConnectionError:
            return response  # a player that has enough for now
        except (VaultError, OSError):
            # The answer has begun: all that can still be said is that it ends early.
            log.exception("a file cannot be read to its end")
            if request.transport is not None:
                request.transport.abort()
            return response
    await response.write_eof()
    return response


async def pour(request: web.Request, response: web.StreamResponse, file: BinaryIO, left: int) -> None:
    """The next `left` bytes of a file. ConnectionResetError once whoever takes it may do so no longer, and cut."""
    standing = Standing(request)
    while left > 0:
        if not await standing.holds():
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("whoever takes it may do so no longer")
        piece = await asyncio.to_thread(file.read, min(PIECE, left))
        if not piece:
            raise OSError("shorter than it was")
        left -= len(piece)
        await response.write(piece)
