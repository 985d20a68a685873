"""What is agreed to before joining: notice, recording, and a minor's guardian."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from rooms.commands import AnswerConsent, StateAge
from rooms.joining.consents import dated
from rooms.record.access import RecordUse
from rooms.texts import MOST_NAME
from rooms.vocabulary import MINORS, Age, Consent, Status
from web.consents import pages
from web.consents.pages import data_handler
from web.i18n import N_, Words, words_for
from web.join.steps import Joining, Step, at, joining, onward
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
    return _consent_page(request, "join/notice.html", await at(request, Step.NOTICE))


@guest_page(verified=True)
async def answer_notice(request: web.Request) -> web.StreamResponse:
    return await _answered(request, Step.NOTICE, Consent.PARTICIPATE, "join/notice.html")


@guest_page(verified=True)
async def show_recording(request: web.Request) -> web.StreamResponse:
    return _consent_page(request, "join/recording.html", await at(request, Step.RECORDING))


@guest_page(verified=True)
async def answer_recording(request: web.Request) -> web.StreamResponse:
    return await _answered(request, Step.RECORDING, Consent.RECORD, "join/recording.html")


@guest_page(verified=True)
async def show_refused(request: web.Request) -> web.StreamResponse:
    found = await joining(request)
    if not found.refused:
        raise web.HTTPSeeOther(found.path)
    return _consent_page(request, "join/refused.html", found)


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
    version = edition(words_for(request), site.consent_version)
    back = local_path(request.query.get("back", ""), f"/join/{request.match_info['kind']}")
    text, guest = words_for(request), known_guest(request)
    named = data_handler(guest.office, text) if guest is not None else text.gettext(INVITING)
    return render(
        request, template, version=version, back=back, years=site.retention_years, handler=named, who=who(text)
    )


async def _answered(request: web.Request, step: Step, kind: Consent, template: str) -> web.StreamResponse:
    found = await at(request, step)
    form, shown = await request.post(), request.app[SITE].consent_version
    if form.get("edition", shown) != shown:  # the page is from before an upgrade: what it showed is not asked any more
        return _consent_page(request, template, found, {"changed": True})
    answer = form.get("answer")
    if answer not in ("yes", "no"):
        problem = words_for(request).gettext("Please choose one of the two answers")
        return _consent_page(request, template, found, {"problem": problem})
    named = data_handler(found.guest.office, words_for(request)) if kind is Consent.PARTICIPATE else ""
    command = AnswerConsent(kind, answer == "yes", shown, named)
    await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    return go(await onward(request, found.guest))


def _consent_page(
    request: web.Request, template: str, found: Joining, more: Mapping[str, Any] | None = None
) -> web.StreamResponse:
    site = request.app[SITE]
    changed = found.seat.record_text if template == "join/recording.html" else found.seat.participate_text
    context = {
        "problem": "",
        "session": found.session,
        "seat": found.seat,
        "mediator": found.session.seats[found.session.mediator_seat].name,
        "version": edition(words_for(request), site.consent_version),
        "edition": site.consent_version,
        "years": site.retention_years,
        "handler": data_handler(found.guest.office, words_for(request)),
        "who": who(words_for(request)),
        "changed": changed not in ("", site.consent_version),
        **(more or {}),
    }
    return render(request, template, **context)


def who(text: Words) -> Callable[[str], str]:
    """For templates: everybody who can do this with the record."""
    return lambda use: pages.readers_named(RecordUse(use), text.gettext)


def edition(text: Words, version: str) -> str:
    """A version as a person reads it."""
    date = dated(version)
    if date is None:
        return version
    year, month, day = date
    return text.gettext("edition of %(year)s-%(month)s-%(day)s", year=year, month=month, day=day)


AGES: Final = (
    (Age.ADULT.value, N_("18 or older")),
    (Age.MINOR.value, N_("14 to 17")),
    (Age.CHILD.value, N_("Under 14")),
)
CHOOSE: Final = N_("Please choose one of the answers")
NAME_IT: Final = N_("Please write this, in at most 40 characters")
AGREE: Final = N_("Without the guardian’s agreement we cannot go on. Ring the office if you have questions.")
FIELDS: Final = ("guardian", "relation")


@guest_page(verified=True)
async def show_age(request: web.Request) -> web.StreamResponse:
    found = await at(request, Step.AGE)
    seat = found.seat
    typed = {"age": seat.age, "guardian": seat.guardian, "relation": seat.guardian_relation, "consents": ""}
    return _age_page(request, found, typed, {})


@guest_page(verified=True)
async def answer_age(request: web.Request) -> web.StreamResponse:
    """Of a minor the guardian's fields come with the answer; the first time they are only shown."""
    found, form, shown = await at(request, Step.AGE), await request.post(), request.app[SITE].consent_version
    known = found.seat.seat.age
    age = known or str(form.get("age", ""))
    typed = {"age": age, **{name: " ".join(str(form.get(name, "")).split()) for name in FIELDS}}
    typed["consents"] = "yes" if form.get("consents") == "yes" and form.get("edition", shown) == shown else ""
    problems: dict[str, str] = {}
    if age not in dict(AGES):
        problems["age"] = CHOOSE
    elif age in MINORS and "guardian" not in form:
        return _age_page(request, found, typed, {})
    elif age in MINORS:
        problems = {name: NAME_IT for name in FIELDS if not 0 < len(typed[name]) <= MOST_NAME}
        if age == Age.CHILD and not typed["consents"]:
            problems["consents"] = AGREE
    if problems:
        return _age_page(request, found, typed, problems)
    command = StateAge(age, typed["guardian"], typed["relation"], bool(typed["consents"]), shown)
    await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    return go("/join/notice" if found.refused else await onward(request, found.guest))


def _age_page(
    request: web.Request, found: Joining, typed: Mapping[str, str], problems: Mapping[str, str]
) -> web.StreamResponse:
    text, version = words_for(request), request.app[SITE].consent_version
    context = {
        "ages": AGES,
        "values": typed,
        "problems": {
            name: text.gettext(problems[name]) if name in problems else "" for name in ("age", "consents", *FIELDS)
        },
        "minor": typed["age"] in MINORS,
        "known": found.seat.seat.age,
        "version": edition(text, version),
        "edition": version,
    }
    return render(request, "join/age.html", 422 if problems else 200, **context)
