"""An office's script cards: the list, one of them with its preview and its changes, and the notes beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from aiohttp import web

from journal.refusals import BadChoice, DomainError, Refused
from rooms.floor import ScriptCard
from rooms.floor.cards import (
    LONGEST,
    MAY_CHANGE,
    MOST_CLAUSES,
    PROMISE,
    article_named,
    checked,
    cited,
    kinds,
    ours,
)
from rooms.floor.state import SECTIONS
from web import READS, SESSIONS, i18n
from web.http.forms import BAD_CHOICE, NEEDED, TOO_LONG, Form
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.law import classes
from web.office.administration import SCRIPT_CARDS
from web.office.casebook.exchange import note_title
from web.rendering import go, officer_in, own_office, posted, show

READERS: Final = ("mediator", "supervisor", "administrator")
WRITERS: Final = ("supervisor", "administrator")
TITLES: Final[Mapping[str, str]] = {
    "facts": N_("Facts to establish"),
    "consumer": N_("Ask the consumer"),
    "business": N_("Ask the business"),
    "settle": N_("Usual ways to settle"),
}
WHOSE: Final[Mapping[str, str]] = {
    "business": N_("The respondent performs"),
    "consumer": N_("The complainant performs"),
    "words": N_("Other words"),
}
AMOUNT_WORDS: Final[Mapping[str, str]] = {
    "": N_("no amount"),
    "asked": N_("the amount asked for"),
    "open": N_("an amount to be entered"),
}
DUE_WORDS: Final[Mapping[str, str]] = {
    "": N_("done on the spot"),
    "3": N_("within 3 days"),
    "7": N_("within 7 days"),
    "15": N_("within 15 days"),
    "30": N_("within 30 days"),
    "month": N_("by the end of the month"),
}
UNEVEN: Final = N_("Write as many lines in English as in Chinese, or none.")
NO_ARTICLE: Final = N_("One line names no article that is here. Write it as on the page of articles, one to a line.")
TOO_MANY: Final = N_("These are too many: eight lines in a part, twelve articles.")
MOVED: Final = N_("Somebody else changed this card meanwhile. What stands now is beside it; yours is still here.")
SAID: Final[Mapping[str, str]] = {"missing": NEEDED, "too_long": TOO_LONG, "too_many": TOO_MANY, "card_changed": MOVED}
MOST_TYPED: Final = 8_000  # signs of a part as it is typed; what is kept has bounds of its own


@officer_page(*READERS)
async def card_list(request: web.Request) -> web.StreamResponse:
    cards = await request.app[SCRIPT_CARDS].cards(officer_in(request))
    return show(request, "administration/cards.html", "cards", cards=cards)


@officer_page(*READERS)
async def card_page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page(*WRITERS)
async def change_card(request: web.Request) -> web.StreamResponse:
    """The form's button says what: save, preview, reset."""
    officer, dispute = officer_in(request), _kind(request)
    form = await posted(request)
    do, typed = form.values.get("do", ""), form.values.get("seen", "")
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1
    card: ScriptCard | None = None
    try:
        if do == "reset":
            await request.app[SCRIPT_CARDS].change(officer, dispute, None, seen)
            return go(f"/cards/{dispute}")
        card = checked(_typed(form, dispute))
        if do == "save" and form.good:
            await request.app[SCRIPT_CARDS].change(officer, dispute, card, seen)
            return go(f"/cards/{dispute}")
    except DomainError as no:
        field = str(no.params.get("field", "invite_zh"))
        if no.code not in (*SAID, BadChoice.code):
            raise
        form.errors[field] = SAID.get(no.code) or (
            NO_ARTICLE if field == "law" else UNEVEN if field.endswith("_en") else BAD_CHOICE
        )
    return await _page(request, form, 200 if form.good else 422, card if form.good else None)


def _typed(form: Form, kind: str) -> ScriptCard:
    """As it was typed: a line each. DomainError."""
    sections = {
        name: [
            {"zh": zh, "en": en}
            for zh, en in zip_longest(_lines(form, f"{name}_zh"), _lines(form, f"{name}_en"), fillvalue="")
        ]
        for name in SECTIONS
    }
    invite = {language: " ".join(_lines(form, f"invite_{language}")) for language in LONGEST}
    law = dict.fromkeys(article_named(line) for line in _lines(form, "law"))
    return ScriptCard(kind, 0, ours()[kind].title, invite, **sections, law=cited(law), clauses=_typed_clauses(form))


def _typed_clauses(form: Form) -> list[dict[str, str]]:
    """Rows in which something was written; those left empty are no clauses."""
    found = []
    for n in range(1, MOST_CLAUSES + 1):
        said = {name: form.text(f"clause{n}_{name}", longest=MOST_TYPED) for name in ("zh", "en", *PROMISE)}
        if not said["zh"] and not said["action"]:
            continue
        words = said["who"] == "words"
        found.append({"zh": said["zh"], "en": said["en"], "text": said["action"]} if words else said)
    return found


def _lines(form: Form, field: str) -> list[str]:
    text = form.text(field, longest=MOST_TYPED)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _values(card: ScriptCard, language: str) -> dict[str, str]:
    """What the form shows of a card."""
    values = {f"invite_{which}": card.invite.get(which, "") for which in LONGEST}
    for name in SECTIONS:
        for which in LONGEST:
            values[f"{name}_{which}"] = "\n".join(line.get(which, "") for line in getattr(card, name)).strip()
    for n, clause in enumerate(card.clauses, 1):
        shown = clause | ({"who": "words", "action": clause["text"]} if clause.get("text") else {})
        values |= {f"clause{n}_{name}": shown.get(name, "") for name in ("zh", "en", *PROMISE)}
    return values | {"law": "\n".join(article[language] for article in card.law)}


async def _page(
    request: web.Request, form: Form, status: int = 200, preview: ScriptCard | None = None
) -> web.StreamResponse:
    officer, dispute, language = officer_in(request), _kind(request), i18n.language(request)
    service = request.app[SCRIPT_CARDS]
    changes = await service.changes(officer, dispute)
    stands = changes[-1].card if changes else None
    now = stands or ours()[dispute]
    if "invite_zh" not in form.values:
        back = request.query.get("back", "")
        again = next((one.card for one in changes if str(one.edition) == back and one.card is not None), now)
        form.values |= _values(ours()[dispute] if back == "0" else again, language)
    notes = await service.notes(dispute)
    return show(
        request,
        "administration/card.html",
        "cards",
        status,
        dispute=dispute,
        form=form,
        card=preview or now,
        previewed=preview is not None,
        own=stands is not None,
        seen=form.values.get("seen") if form.errors and MOVED not in form.errors.values() else str(len(changes)),
        changes=list(reversed(changes)),
        sections=TITLES,
        most_clauses=MOST_CLAUSES,
        whose=WHOSE,
        amounts=AMOUNT_WORDS,
        dues=DUE_WORDS,
        notes=[(note, note_title(note.problem, language)) for note in notes],
        writes=officer.role in MAY_CHANGE,
        reads_notes=officer.role != "administrator",
    )


def _kind(request: web.Request) -> str:
    dispute = request.match_info["dispute"]
    if dispute not in kinds():
        raise Refused("not_found", 404)
    return dispute


@officer_page("mediator")
async def notes_for_session(request: web.Request) -> web.StreamResponse:
    """For the cockpit: notes of experience of the card's kind, those of the complaint's own class first; without
    a kind those alone."""
    officer, language = officer_in(request), i18n.language(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    own_office(officer, (await request.app[SESSIONS].state(row.id)).office)
    kind = request.query.get("kind", "")
    if kind and kind not in kinds():
        raise Refused("bad_choice", 400, field="kind")
    problem, industry = classes(await request.app[READS].complaint(officer, row.complaint))
    notes = await request.app[SCRIPT_CARDS].notes(kind, (f"{problem}-{industry[:3]}", problem))
    body: dict[str, Sequence[Any]] = {
        "notes": [
            {
                "title": note_title(note.problem, language),
                "path": f"/casebook/notes/{note.problem}",
                "text": note.text,
                "by": note.by,
            }
            for note in notes
        ]
    }
    return json_response(body, headers={"Cache-Control": "no-store"})


def named_kinds(language: str) -> list[dict[str, str]]:
    """For the room's switch, in order."""
    return [
        {"kind": id, "title": card.title["en" if language.startswith("en") else "zh"]} for id, card in ours().items()
    ]


def register_cards(app: web.Application) -> None:
    app.router.add_get("/cards", card_list, name="cards")
    app.router.add_get("/cards/{dispute}", card_page, name="card")
    app.router.add_post("/cards/{dispute}", change_card)
    app.router.add_get("/api/sessions/{session}/experience", notes_for_session, name="session_experience")
