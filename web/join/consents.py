"""The two consents, asked apart and recorded apart, with the version of the text that was shown.

Nothing is preselected and a no never dead-ends; every answer goes to the session, so that the mediator sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from rooms.commands import AnswerConsent
from rooms.record.access import RecordUse
from rooms.vocabulary import Consent, Status
from web.consents import dated, readers
from web.consents.handler import handler
from web.i18n import N_, Words, words
from web.join.steps import Joining, Step, at, joining
from web.rendering import go, render
from web.security import anyone, guest_of, guest_page, known_guest, local_path
from web.services import SESSIONS, SITE

INVITING: Final = N_("The authority that sent the invitation")  # to whoever reads a text without a link


@guest_page(verified=False)
async def go_on(request: web.Request) -> web.StreamResponse:
    """To whatever comes next for this guest; after the end, to the result."""
    guest = guest_of(request)
    if guest.verified and (await request.app[SESSIONS].state(guest.session)).status is Status.CLOSED:
        return go("/room")
    return go((await joining(request)).path)


@guest_page(verified=True)
async def show_notice(request: web.Request) -> web.StreamResponse:
    return _page(request, "join/notice.html", await at(request, Step.NOTICE))


@guest_page(verified=True)
async def answer_notice(request: web.Request) -> web.StreamResponse:
    return await _answered(request, Step.NOTICE, Consent.PARTICIPATE, "join/notice.html")


@guest_page(verified=True)
async def show_recording(request: web.Request) -> web.StreamResponse:
    return _page(request, "join/recording.html", await at(request, Step.RECORDING))


@guest_page(verified=True)
async def answer_recording(request: web.Request) -> web.StreamResponse:
    return await _answered(request, Step.RECORDING, Consent.RECORD, "join/recording.html")


@guest_page(verified=True)
async def show_refused(request: web.Request) -> web.StreamResponse:
    found = await joining(request)
    if not found.refused:
        raise web.HTTPSeeOther(found.path)
    return _page(request, "join/refused.html", found)


@guest_page(verified=True)
async def show_asked(request: web.Request) -> web.StreamResponse:
    """Their wish for another time is with the mediator; this time stays arranged."""
    found = await joining(request)
    if not found.seat.wish:
        raise web.HTTPSeeOther(found.path)
    return render(request, "join/asked.html", wish=found.seat.wish, starts=found.session.starts)


@anyone
async def show_text(request: web.Request) -> web.StreamResponse:
    """The whole text a consent is about. Open: it names nobody."""
    site = request.app[SITE]
    template = f"join/text_{request.match_info['kind']}.html"
    version = edition(words(request), site.consent_version)
    back = local_path(request.query.get("back", ""), f"/join/{request.match_info['kind']}")
    text, guest = words(request), known_guest(request)
    named = handler(guest.office, text) if guest is not None else text.gettext(INVITING)
    return render(
        request, template, version=version, back=back, years=site.retention_years, handler=named, who=who(text)
    )


async def _answered(request: web.Request, step: Step, kind: Consent, template: str) -> web.StreamResponse:
    found = await at(request, step)
    form, shown = await request.post(), request.app[SITE].consent_version
    if form.get("edition", shown) != shown:  # the page is from before an upgrade: what it showed is not asked any more
        return _page(request, template, found, {"changed": True})
    answer = form.get("answer")
    if answer not in ("yes", "no"):
        problem = words(request).gettext("Please choose one of the two answers")
        return _page(request, template, found, {"problem": problem})
    named = handler(found.guest.office, words(request)) if kind is Consent.PARTICIPATE else ""
    command = AnswerConsent(kind, answer == "yes", shown, named)
    await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    return go("/join")


def _page(
    request: web.Request, template: str, found: Joining, more: Mapping[str, Any] | None = None
) -> web.StreamResponse:
    site = request.app[SITE]
    changed = found.seat.record_text if template == "join/recording.html" else found.seat.participate_text
    context = {
        "problem": "",
        "session": found.session,
        "seat": found.seat,
        "mediator": found.session.seats[found.session.mediator_seat].name,
        "version": edition(words(request), site.consent_version),
        "edition": site.consent_version,
        "years": site.retention_years,
        "handler": handler(found.guest.office, words(request)),
        "who": who(words(request)),
        "changed": changed not in ("", site.consent_version),
        **(more or {}),
    }
    return render(request, template, **context)


def who(text: Words) -> Callable[[str], str]:
    """For templates: everybody who can do this with the record."""
    return lambda use: readers.who(RecordUse(use), text.gettext)


def edition(text: Words, version: str) -> str:
    """A version as a person reads it."""
    date = dated(version)
    if date is None:
        return version
    year, month, day = date
    return text.gettext("edition of %(year)s-%(month)s-%(day)s", year=year, month=month, day=day)
