"""The texts that are agreed to, as pages, with who handles and who reads the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from offices.people import Office
from rooms.joining import consents
from rooms.record.rules import ACCESS, RecordReader, RecordUse
from web import i18n
from web.http.security import anyone
from web.i18n import N_, Words
from web.rendering import render


def data_handler(office: Office, words: Words) -> str:
    """The authority in whose name the office acts; an address that nobody entered is left out."""
    if office.address:
        return words.gettext(
            "%(name)s (address: %(address)s; telephone: %(phone)s)",
            name=office.issuer,
            address=office.address,
            phone=office.phone,
        )
    return words.gettext("%(name)s (telephone: %(phone)s)", name=office.issuer, phone=office.phone)


OFFICERS: Final[Mapping[RecordReader, str]] = {
    RecordReader.MEDIATOR: N_("the mediator of the case"),
    RecordReader.SUPERVISOR: N_("authorised supervisors"),
}
PERSON: Final = N_("you and others who took part, once the office has granted the request")


PARTY: Final = N_("whoever took part, once a supervisor has granted their request")
"""The same as officers read it."""
AND: Final = N_(" and ")
AND_ALSO: Final = N_(", and ")


def readers_named(use: RecordUse, gettext: Callable[[str], str], person: str = PERSON) -> str:
    """Everybody who can do this, the person last."""
    officers = gettext(AND).join(gettext(name) for reader, name in OFFICERS.items() if use in ACCESS[reader])
    return officers + gettext(AND_ALSO) + gettext(person) if use in ACCESS[RecordReader.PERSON] else officers


@anyone
async def show_text(request: web.Request) -> web.StreamResponse:
    named, kind = request.match_info["version"], request.match_info["kind"]
    try:
        language = i18n.language(request)
        blocks = consents.question(named, language) if kind == "question" else consents.text(named, kind, language)
    except KeyError:
        raise web.HTTPNotFound from None
    return render(request, "consents/text.html", version=named, blocks=blocks)


def register_texts(app: web.Application) -> None:
    app.router.add_get("/texts/{version}/{kind:notice|recording|filing|question}", show_text, name="consent_text")
