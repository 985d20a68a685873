"""Files that somebody takes along: figures as workbooks, pictures and papers, made for this reader at this moment."""

from __future__ import annotations

from typing import Final

from aiohttp import web

PDF: Final = "application/pdf"
PNG: Final = "image/png"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attached(body: bytes, kind: str, name: str) -> web.Response:
    """`name`: in ASCII, with its ending. Nothing in between keeps a copy."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=kind, headers=headers)
