"""How answers leave: JSON, files to take along, compressed, a range of bytes, static files, and the headers every
response carries."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import logging
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from aiohttp import hdrs, web

from complaints.views import PrintedPaper
from journal.refusals import Refused
from recordings import AWAY, FileMissing, KeyDestroyed, VaultError
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.events import encode_json
from web import SITE
from web.http.security import CredentialWatch, Handler, hop


def json_response(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers, dumps=encode_json)


PDF: Final = "application/pdf"
PNG: Final = "image/png"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attachment_headers(body: bytes, kind: str, name: str) -> web.Response:
    """`name`: in ASCII, with its ending. Nothing in between keeps a copy."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=kind, headers=headers)


def pdf_response(printed: PrintedPaper) -> web.Response:
    """A PDF, to be saved under its own name (RFC 6266), which is no path and no header of its own."""
    name = quote(printed.name.replace("/", " "), safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "private, no-store"}
    return web.Response(body=printed.content, content_type=PDF, headers=headers)


SMALLEST: Final = 1024  # bytes; below, it still fits into the first packet
_LARGE: Final = 256 * 1024  # bytes; above, packing takes a thread's time rather than the loop's
_LEVEL: Final = 6
_TYPES: Final = {"text/html", "application/json"}
_PLAIN: web.RequestKey[bool] = web.RequestKey("plain", bool)


def leave_plain(request: web.Request) -> None:
    """The answer holds a secret that stays the same from one look to the next: a join link, a second factor's key."""
    request[_PLAIN] = True


@web.middleware
async def packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if isinstance(response, web.Response) and response.content_type in _TYPES:
        await _pack(request, response)
    return response


async def _pack(request: web.Request, response: web.Response) -> None:
    body = response.body
    if not isinstance(body, bytes) or len(body) < SMALLEST or hdrs.CONTENT_ENCODING in response.headers:
        return
    response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    if request.get(_PLAIN) or _foreign(request) or not takes_gzip(request):
        return
    if len(body) > _LARGE:
        body = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
    else:
        body = gzip.compress(body, _LEVEL, mtime=0)
    response.body = body
    response.headers[hdrs.CONTENT_ENCODING] = "gzip"


def takes_gzip(request: web.Request) -> bool:
    """RFC 9110 12.5.3, as far as browsers and proxies write it."""
    for offered in request.headers.get(hdrs.ACCEPT_ENCODING, "").split(","):
        name, _, weight = offered.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _foreign(request: web.Request) -> bool:
    """Browsers before 2023 do not say; there the masked token has to do."""
    return request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")


PIECE: Final = 1 << 18
NOTHING_MORE: Final[Mapping[str, str]] = {}

log = logging.getLogger(__name__)


async def send_file(
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
    except FileMissing:
        raise Refused("not_found", 404) from None
    except KeyDestroyed:
        raise Refused("erased", 410) from None
    except AWAY as fault:
        log.warning("a file of %s cannot be fetched now: %s", case, fault)
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


async def send_opened(request: web.Request, file: BinaryIO, kind: str, name: str) -> web.StreamResponse:
    """A file that was made for this request: for saving, then closed."""
    try:
        headers = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'}
        return await _send(request, file, headers)
    finally:
        await asyncio.to_thread(file.close)


async def send_whole(request: web.Request, file: BinaryIO, size: int, headers: Mapping[str, str]) -> web.StreamResponse:
    """A file from its beginning to its end, not in ranges, then closed."""
    with file:
        response = web.StreamResponse(headers={**headers, "Content-Length": str(size), "Cache-Control": "no-store"})
        await response.prepare(request)
        await pour(request, response, file, size)
        await response.write_eof()
    return response


def for_saving(kind: str, name: str) -> dict[str, str]:
    """Headers of what a stranger sent, called as they called it: no browser shows it under our name."""
    return {
        "Content-Type": kind,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        **SHUT,
        "Cache-Control": "no-store",
    }


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
    standing = CredentialWatch(request)
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


SHUT: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""Of what a stranger sent: it loads nothing and runs nothing."""

_NONCE: web.RequestKey[str] = web.RequestKey("nonce", str)

FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), "
    "fullscreen=(self), picture-in-picture=(self), geolocation=(), payment=(), usb=()",
}

STRICT_TRANSPORT: Final = "max-age=31536000"
"""A year (ASVS 3.4.1), for this host alone: what else there is under its name is not ours to cut off from http."""


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """When a response is about to be sent; what a handler set itself stays."""
    for header, value in FIXED.items():
        response.headers.setdefault(header, value)
    response.headers.setdefault("Content-Security-Policy", content_policy(request))
    response.headers.setdefault("Referrer-Policy", _referrer_policy(request.path))
    response.headers.setdefault("Cache-Control", "no-store")  # every page names people
    if hop(request).scheme == "https" and request.app[SITE].certified:
        # Not with a certificate of our own: whoever trusts it once would have every port of that machine, and of
        # localhost, closed to plain http for a year (RFC 6797 8.1, 14.4).
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    response.headers.popall("Server", None)


def nonce(request: web.Request) -> str:
    if _NONCE not in request:
        request[_NONCE] = secrets.token_urlsafe(16)
    return request[_NONCE]


def content_policy(request: web.Request) -> str:
    host = request.host if re.fullmatch(r"[A-Za-z0-9.\-:\[\]]+", request.host) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""  # 'self' covers no ws: in Safari before 15.4
    around = " ".join(request.app[SITE].framed_by if FRAMED.match(request.path) else ()) or "'none'"
    return (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        f"connect-src 'self'{sockets}; style-src 'self'; script-src 'self' 'nonce-{nonce(request)}'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {around}"
    )


FRAMED: Final = re.compile(r"/(j|join|room|file|follow|public)(/|$)")
"""What an office’s own site may show within itself, where a setting names it; never a staff page, as /publicity is."""

_PERSONAL = (
    "/j/", "/join", "/room", "/file", "/follow", "/a/", "/answer", "/c/", "/c-file/", "/g/", "/g-sign/", "/g-refuse/",
    "/l/", "/comment", "/q/", "/screen", "/calendar-feed/",
)  # fmt: skip


def _referrer_policy(path: str) -> str:
    """A secret is in the address: it must not travel (a party's pages never need a referrer)."""
    private = path.startswith(_PERSONAL)
    return "no-referrer" if private else "same-origin"


def install(app: web.Application) -> None:
    app.on_response_prepare.append(protect)


# ------------------------------------------------------------ static files


FOLDER: Final = Path(__file__).parents[1] / "static"

STATIC_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ico": "image/x-icon",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".tflite": "application/octet-stream",  # a model that a page's own script reads
}
_PROGRAMS = {"application/wasm", "application/octet-stream"}
_COMPRESSED = {"text/css", "text/javascript", "application/json", "image/svg+xml", "text/plain", *_PROGRAMS}
_YEAR = "public, max-age=31536000, immutable"
_BESIDE = "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
"""What a worker may: it has a policy of its own, so that no page need allow programs (WebAssembly) for its sake."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    body: bytes
    packed: bytes | None  # gzip, where it helps
    content_type: str
    digest: str


def verify_page(folder: Path = FOLDER) -> Path | None:
    """The self-contained page that goes into every evidence package; None where the scripts were not built."""
    path = folder / "dist" / "verify.html"
    return path if path.is_file() else None


class Assets:
    """The files listed when the application is made, each read when first asked for: no request can name another."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._paths = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.suffix in STATIC_TYPES and path.is_file()
        }
        self._files: dict[str, StaticFile] = {}
        manifest = folder / "dist" / "manifest.json"
        self._bundles: dict[str, dict[str, Any]] = json.loads(manifest.read_bytes()) if manifest.is_file() else {}

    def file(self, name: str) -> StaticFile:
        """KeyError: no such file."""
        if name not in self._files:
            path = self._paths[name]
            body, content_type = path.read_bytes(), STATIC_TYPES[path.suffix]
            packed = gzip.compress(body, 9, mtime=0) if content_type in _COMPRESSED else None
            self._files[name] = StaticFile(body, packed, content_type, hashlib.sha256(body).hexdigest()[:16])
        return self._files[name]

    def address(self, name: str) -> str:
        """With the content's hash, so that it may be kept for a year."""
        return f"/static/{name}?v={self.file(name).digest}"

    def bundle(self, source: str) -> str:
        """The address of a built script, e.g. of `src/room/room.ts`.

        Without a build the pages still work, unscripted: the address then leads nowhere, and the log says so.
        """
        if source in self._bundles:
            return f"/static/dist/{self._bundles[source]['file']}"
        log.warning("%s is not built; ./run setup builds it", source)
        return f"/static/dist/{Path(source).stem}.js"

    def later(self, source: str) -> list[str]:
        """The addresses of what a script fetches when it is wanted."""
        return [f"/static/dist/{name}" for name in self._bundles.get(source, {}).get("later", ())]

    def spoken(self, source: str, words: Mapping[str, str]) -> dict[str, str]:
        """Of a catalogue that several scripts share, what this one may say."""
        silent = set(self._bundles.get(source, {}).get("silent", ()))
        return {said: text for said, text in words.items() if said not in silent}


ASSETS: web.AppKey[Assets] = web.AppKey("assets", Assets)


async def serve(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    try:
        file = await asyncio.to_thread(request.app[ASSETS].file, name)  # to compress a model takes a moment, once
    except KeyError:
        raise web.HTTPNotFound from None
    named_by_hash = name.startswith("dist/") or request.query.get("v") == file.digest
    headers = {
        "ETag": f'"{file.digest}"',
        "Cache-Control": _YEAR if named_by_hash else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if name.startswith("dist/") and "-worker-" in name:
        headers["Content-Security-Policy"] = _BESIDE
    if f'"{file.digest}"' in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    body = file.body
    if file.packed is not None and takes_gzip(request):
        body, headers["Content-Encoding"] = file.packed, "gzip"
    charset = "utf-8" if file.packed is not None and file.content_type not in _PROGRAMS else None
    return web.Response(body=body, content_type=file.content_type, charset=charset, headers=headers)


def folder_of(app: web.Application) -> Path:
    """The installation's own static folder, where it names one."""
    static = app[SITE].static
    return static if static != Path() else FOLDER
