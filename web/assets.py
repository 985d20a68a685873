"""Static files: what may be served, under which address, and the bundles' manifest.

Files are listed once, when the application is made: a request can only name what was listed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from web.http.responses import takes_gzip
from web.services import SITE

FOLDER: Final = Path(__file__).parent / "static"

TYPES: Final = {
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
}
_COMPRESSED = {"text/css", "text/javascript", "application/json", "image/svg+xml", "text/plain"}
_YEAR = "public, max-age=31536000, immutable"

log = logging.getLogger(__name__)


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
    """The listed files, each read when first asked for."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._paths = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES and path.is_file()
        }
        self._files: dict[str, StaticFile] = {}
        manifest = folder / "dist" / "manifest.json"
        self._bundles: dict[str, dict[str, str]] = json.loads(manifest.read_bytes()) if manifest.is_file() else {}

    def file(self, name: str) -> StaticFile:
        """KeyError: no such file."""
        if name not in self._files:
            path = self._paths[name]
            body, content_type = path.read_bytes(), TYPES[path.suffix]
            packed = gzip.compress(body, 9, mtime=0) if content_type in _COMPRESSED else None
            self._files[name] = StaticFile(body, packed, content_type, hashlib.sha256(body).hexdigest()[:16])
        return self._files[name]

    def address(self, name: str) -> str:
        """With the content's hash, so that it may be kept for a year."""
        return f"/static/{name}?v={self.file(name).digest}"

    def bundle(self, source: str) -> str:
        """The address of a built script, e.g. of `src/room.ts`.

        Without a build the pages still work, unscripted: the address then leads nowhere, and the log says so.
        """
        if source in self._bundles:
            return f"/static/dist/{self._bundles[source]['file']}"
        log.warning("%s is not built; ./run setup builds it", source)
        return f"/static/dist/{Path(source).stem}.js"


ASSETS: web.AppKey[Assets] = web.AppKey("assets", Assets)


async def serve(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    try:
        file = request.app[ASSETS].file(name)
    except KeyError:
        raise web.HTTPNotFound from None
    named_by_hash = name.startswith("dist/") or request.query.get("v") == file.digest
    headers = {
        "ETag": f'"{file.digest}"',
        "Cache-Control": _YEAR if named_by_hash else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if f'"{file.digest}"' in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    body = file.body
    if file.packed is not None and takes_gzip(request):
        body, headers["Content-Encoding"] = file.packed, "gzip"
    charset = "utf-8" if file.packed is not None else None
    return web.Response(body=body, content_type=file.content_type, charset=charset, headers=headers)


def folder_of(app: web.Application) -> Path:
    """The installation's own static folder, where it names one."""
    static = app[SITE].static
    return static if static != Path() else FOLDER
