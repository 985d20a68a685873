"""Languages of the pages: which one a request wants, and the words of it.

Message ids are English sentences (or keys such as `error.no_seat` for the browser's catalogues); translations
are read from <domain>.po anywhere below web/locales/<language> when first needed. No compiled files.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from web.http import cookies
from web.http.security import OFFICER
from web.services import SITE

LOCALES: Final = Path(__file__).parent / "locales"
LANGUAGES: Final = ("zh", "en")
DEFAULT: Final = "zh"

_CONTEXT = "\x04"  # gettext's own separator between a context and its message
_CALLED = re.compile("⟪([^⟪⟫]{1,20})⟫")  # what the office calls itself stands here; inside, for one that says nothing


def N_(msgid: str) -> str:
    """Marks a sentence for extraction that is translated later (gettext's customary name)."""
    return msgid


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language. A message without a translation is shown as it is."""

    language: str
    _messages: Mapping[str, tuple[str, ...]]

    def gettext(self, msgid: str, **params: Any) -> str:
        text = self._messages.get(msgid, (msgid,))[0]
        return text % params if params else text

    def forms(self, singular: str, plural: str, num: int) -> str:
        """The form for `num` with its blanks still open, as Jinja wants it."""
        forms = self._messages.get(singular, (singular, plural))
        return forms[0] if num == 1 else forms[-1]

    def ngettext(self, singular: str, plural: str, num: int, **params: Any) -> str:
        return self.forms(singular, plural, num) % {"num": num, **params}

    def pgettext(self, context: str, msgid: str, **params: Any) -> str:
        text = self._messages.get(context + _CONTEXT + msgid, (msgid,))[0]
        return text % params if params else text

    def listed(self, names: Iterable[str]) -> str:
        """Names one after another in a sentence."""
        return ("、" if self.language == "zh" else ", ").join(names)


def read(language: str, domain: str) -> Catalog:
    with _files(language)[domain].open("rb") as file:
        return read_po(file, locale=language, domain=domain, abort_invalid=True)


def domains(language: str) -> list[str]:
    return sorted(_files(language))


@functools.cache
def _files(language: str) -> Mapping[str, Path]:
    """The catalogues of a language by domain; folders only keep those of a topic together."""
    return {path.stem: path for path in (LOCALES / language).rglob("*.po")}


@functools.cache
def words_of(language: str, called: str = "") -> Words:
    """All domains of a language, merged. `called`: what the office calls itself (`Site.office_called`)."""
    messages: dict[str, tuple[str, ...]] = {}
    for domain in domains(language):
        messages.update(_forms(read(language, domain), called))
    return Words(language, messages)


@functools.cache
def catalog(language: str, domain: str, called: str = "") -> Mapping[str, str]:
    """One domain as a flat mapping for the browser; a plural's two ids are two keys.

    Ids are those of the default language's file, so that every language has the same keys; a domain that
    nobody has written is empty.
    """
    if domain not in domains(DEFAULT):
        return {}
    known = _forms(read(language, domain), called) if domain in domains(language) else {}
    flat = {}
    for message in read(DEFAULT, domain):
        ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        if not ids[0]:
            continue  # the header
        forms = known.get(_key(message.context, ids[0]), tuple(ids))
        flat[ids[0]] = forms[0]
        if len(ids) > 1:
            flat[ids[1]] = forms[-1]
    return flat


def _key(context: str | None, msgid: str) -> str:
    return f"{context}{_CONTEXT}{msgid}" if context else msgid


def _forms(source: Catalog, called: str) -> dict[str, tuple[str, ...]]:
    forms = {}
    for message in source:
        if not message.id or message.fuzzy:
            continue
        msgid = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        given = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        strings = tuple(_CALLED.sub(lambda found: called or found[1], text) for text in given if text)
        if len(strings) == len(given):
            forms[_key(message.context, msgid)] = strings
    return forms


# ---------------------------------------------------------------- of a request


def language(request: web.Request) -> str:
    """`?lang=`, then the person's own choice, then the officer's, then the browser's."""
    officer = request.get(OFFICER)
    for wish in (
        request.query.get("lang", ""),
        cookies.read(request, cookies.LANGUAGE),
        officer.language if officer else "",
    ):
        if wish in LANGUAGES:
            return wish
    return accepted(request.headers.get("Accept-Language", ""))


def accepted(header: str) -> str:
    """The language a browser prefers among ours; Chinese where it says nothing we speak."""
    best, weight = DEFAULT, 0.0
    for part in header.split(","):
        found = re.fullmatch(r"([A-Za-z]{2,3})(?:-[\w-]*)?\s*+(?:;\s*+q=([01](?:\.[0-9]{0,3})?))?", part.strip())
        if not found or found[1].lower() not in LANGUAGES:
            continue
        quality = float(found[2] or 1)
        if quality > weight:
            best, weight = found[1].lower(), quality
    return best


def words_for(request: web.Request) -> Words:
    """The request's words; in handlers `_ = words(request).gettext`."""
    return words_of(language(request), request.app[SITE].office_called)
