"""What a record quotes of what was said, before it is signed: every proposed line beside the film, taken, left, edited.

Each press is kept at once; the page that comes back stands where it was. A look at it is a look at the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aiohttp import web

from journal.refusals import DomainError, Refused
from offices.people import Officer
from recordings.transcripts.condensing import KEEPING, Rule, Sighting
from recordings.transcripts.statements import RecordDraft, RecordStatement
from rooms.vocabulary import Phase
from web import i18n, refusals
from web.http.security import officer_page
from web.i18n import N_
from web.office.audit import sections
from web.office.audit.holds import journal_look
from web.office.audit.records import SPEEDS, told_of
from web.rendering import go, officer_in, posted, show


class Statements(Protocol):
    """Of the mediation's own mediator, once it is over: `server.signing.statements`. Refused(403, 404)."""

    async def draft(self, officer: Officer, session: str) -> RecordDraft: ...

    async def decide(self, officer: Officer, session: str, line: str, taken: bool, text: str) -> None:
        """`text` "": as the rules quote it. Refused: too_long; DomainError: draft_sealed."""
        ...

    async def undo(self, officer: Officer, session: str) -> None: ...

    async def propose(self, officer: Officer, session: str) -> None:
        """By the language model. Refused: condenser_failed (502)."""
        ...

    async def send(self, officer: Officer, session: str) -> None:
        """To both sides, to confirm and sign. Refused: nobody_there."""
        ...

    async def seal(self, officer: Officer, session: str) -> None:
        """Without the sides' signatures. Refused: no_seal, unprintable."""
        ...

    async def moments(self, session: str) -> Sequence[Sighting]:
        """Where words speak of what a review asks; none without a transcript. For whoever may see the record."""
        ...


STATEMENTS: web.AppKey[Statements] = web.AppKey("statements", Statements)

RULES: Final[Mapping[Rule, str]] = {
    Rule.TOLD: N_("what the mediator has to say"),
    Rule.CLAIM: N_("a claim"),
    Rule.FACT: N_("a fact"),
    Rule.AMOUNT: N_("an amount"),
    Rule.DATE: N_("a date or time"),
    Rule.ADMISSION: N_("an admission"),
    Rule.DENIAL: N_("a denial"),
    Rule.REFUSAL: N_("a refusal"),
    Rule.ACCOUNT: N_("part of the account"),
    Rule.QUESTION: N_("a question"),
    Rule.ANSWER: N_("an answer"),
    Rule.OFFER: N_("an offer to settle: not written down"),
    Rule.GREETING: N_("a greeting"),
    Rule.FEELING: N_("a feeling, no fact"),
    Rule.PROCEDURE: N_("about the call, not the matter"),
    Rule.REPEATED: N_("repeated"),
    Rule.NOTHING: N_("nothing about the matter was found in it"),
    Rule.OTHER: N_("by somebody who speaks for no side"),
    Rule.UNSURE: N_("the machine was not sure: please listen"),
    Rule.BOUND: N_("this part has enough sentences"),
}
"""Why a sentence is proposed, or left out."""
PARTS: Final[Mapping[Phase, str]] = {
    Phase.OPENING: N_("What was told and confirmed"),
    Phase.CONSUMER_STATEMENT: N_("The complainant’s statement"),
    Phase.BUSINESS_STATEMENT: N_("The respondent’s statement"),
    Phase.DISCUSSION: N_("Discussion"),
    Phase.PROPOSAL: N_("Looking for a solution"),
    Phase.CLOSING: N_("Confirmed at the end"),
}
DOES: Final = ("undo", "propose", "send", "seal")


@dataclass(frozen=True, slots=True)
class RecordPart:
    phase: Phase
    taken: Sequence[RecordStatement]
    left: Sequence[RecordStatement]


def parts(rows: Sequence[RecordStatement]) -> list[RecordPart]:
    """By phase, in procedural order; what was said in a phase that was gone back to stands with it."""
    found = []
    for phase in PARTS:
        said = [row for row in rows if row.line.phase is phase]
        if said:
            found.append(RecordPart(phase, [row for row in said if row.taken], [row for row in said if not row.taken]))
    return found


@officer_page("mediator")
async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request)


@officer_page("mediator")
async def decide(request: web.Request) -> web.StreamResponse:
    """`taken` yes or no; `text` as edited, absent to leave the wording as it is."""
    session, line, form = request.match_info["session"], request.match_info["line"], await posted(request)
    desk, officer = request.app[STATEMENTS], officer_in(request)
    rows = (await desk.draft(officer, session)).rows  # another's does not exist, whatever is asked of it
    if form.values.get("taken") not in ("yes", "no"):
        raise Refused("bad_choice", 422)
    text = form.values.get("text")
    if text is None:
        text = next((row.text for row in rows if row.line.line == line), "")
    try:
        await desk.decide(officer, session, line, form.values["taken"] == "yes", text)
    except (Refused, DomainError) as no:
        return await _page(request, no)
    return go(f"/audit/{session}/statements#s-{line}")


@officer_page("mediator")
async def act(request: web.Request) -> web.StreamResponse:
    session, what = request.match_info["session"], request.match_info["what"]
    desk, officer = request.app[STATEMENTS], officer_in(request)
    await posted(request)
    await desk.draft(officer, session)  # another's does not exist, whatever is asked of it
    if what not in DOES:
        raise Refused("not_found", 404)
    try:
        await getattr(desk, what)(officer, session)
    except (Refused, DomainError) as no:
        if no.code in ("not_found", "not_allowed"):
            raise
        return await _page(request, no)
    if what in ("send", "seal"):
        return go(f"/sessions/{session}#{'signing' if what == 'send' else 'documents'}")
    return go(f"/audit/{session}/statements#statements")


async def _page(request: web.Request, no: Refused | DomainError | None = None) -> web.Response:
    officer, session = officer_in(request), request.match_info["session"]
    draft = await request.app[STATEMENTS].draft(officer, session)
    seen = await journal_look(request, "record")
    told = told_of(request, seen)
    film = told.player
    strand = next((one for one in film.strands if one.pieces), None) if film and not film.film else None
    context: dict[str, Any] = {
        "row": seen.row,
        "session": seen.session,
        "draft": draft,
        "parts": parts(draft.rows),
        "names": told.voice.names,
        "rules": RULES,
        "titles": PARTS,
        "keeping": KEEPING,
        "player": film,
        "second": (lambda at: film.second(at)) if film else lambda at: 0.0,
        "at": 0.0,
        "strand": strand,
        "piece": strand.at(0.0) if strand else None,
        "speeds": SPEEDS,
        "looked": sections.looked(seen.events, officer.id),
        "refresh": False,
        "trouble": refusals.sentence(i18n.words_for(request), no.code, no.params) if no is not None else "",
    }
    status = 200 if no is None else getattr(no, "status", 409)
    return show(request, "audit/statements.html", "audit", status, **context)
