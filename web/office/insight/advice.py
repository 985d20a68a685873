"""What an office advises consumers on each problem, in bulletins and drafts of warnings."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from complaints import PROBLEMS, name as called
from complaints.insight.warnings import LONGEST_ADVICE, AdviceWritten, advice_on
from journal.refusals import Refused
from web import i18n
from web.http.forms import Form
from web.http.security import officer_page
from web.i18n import N_
from web.office.insight.services import ADVICE
from web.rendering import go, officer_in, posted, show

CHANGED: Final = N_("Somebody else wrote meanwhile. What they wrote counts now; yours is still here.")
ANY: Final = "any"  # of all problems that have no advice


@officer_page("supervisor")
async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200, at: str = "") -> web.StreamResponse:
    """`at`: the class that was written about."""
    words, own = i18n.words_for(request), await request.app[ADVICE].own(officer_in(request).office.id)
    rows = []
    for code in (*PROBLEMS, ""):
        key = code or ANY
        for language in ("zh", "en"):
            form.values.setdefault(f"{language}_{key}", "\n".join(advice_on(code, language, own)))
        name = called(PROBLEMS, code, words.language) if code else words.gettext("Any other problem")
        rows.append((key, name, own.get(code)))
    return show(request, "insight/advice.html", "bulletins", status, rows=rows, form=form, at=at, most=LONGEST_ADVICE)


@officer_page("supervisor")
async def write(request: web.Request) -> web.StreamResponse:
    """What stands as the program has it is not kept as an office's own."""
    form, key = await posted(request), request.match_info["problem"]
    code = "" if key == ANY else key
    zh, en = (form.text(f"{language}_{key}", longest=LONGEST_ADVICE) for language in ("zh", "en"))
    seen = form.text("seen", longest=9)
    if form.good:
        texts = [
            "" if form.values.get("back") else _own(text, code, language) for text, language in ((zh, "zh"), (en, "en"))
        ]
        number = int(seen) if seen.isascii() and seen.isdigit() else 0
        try:
            await request.app[ADVICE].write(AdviceWritten(code, *texts), number, officer_in(request).actor)
        except Refused as no:
            if no.code != "wrong_state":
                raise
            form.errors[f"zh_{key}"] = CHANGED
    return go(f"/bulletins/advice#{key}") if form.good else await _page(request, form, 422, key)


def _own(text: str, code: str, language: str) -> str:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return "" if lines == list(advice_on(code, language, {})) else "\n".join(lines)


def register_advice(app: web.Application) -> None:
    app.router.add_get("/bulletins/advice", page, name="advice")
    app.router.add_post("/bulletins/advice/{problem}", write, name="advice_write")
