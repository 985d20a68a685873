"""How each article of the procedure is held (`/law/articles`), for any officer; the data is `law.compliance`'s."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from law.compliance import tables
from web.i18n import N_
from web.office.pages import show
from web.security import officer_page

NAMES: Final[Mapping[str, str]] = {
    "held": N_("held by the program"),
    "person": N_("recorded; a person judges"),
    "hint": N_("shown; a person judges"),
    "outside": N_("outside software"),
}


@officer_page()
async def articles(request: web.Request) -> web.StreamResponse:
    rows = [row for one in tables() for row in one.rows]
    counts = Counter(row.verdict for row in rows)
    return show(request, "law/articles.html", "law", tables=tables(), names=NAMES, counts=counts)
