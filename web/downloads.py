"""Files that somebody takes along: figures as workbooks, pictures and papers, made for this reader at this moment."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from complaints.notice_views import PrintedPaper

PDF: Final = "application/pdf"
PNG: Final = "image/png"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attached(body: bytes, kind: str, name: str) -> web.Response:
    """`name`: in ASCII, with its ending. Nothing in between keeps a copy."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=kind, headers=headers)


def paper(printed: PrintedPaper) -> web.Response:
    """A PDF, to be saved under its own name (RFC 6266), which is no path and no header of its own."""
    name = quote(printed.name.replace("/", " "), safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "private, no-store"}
    return web.Response(body=printed.content, content_type=PDF, headers=headers)
