"""The sentence for every code with which something can be refused, and what can be done about it; a module a topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from web.i18n import N_, Words
from web.refusals import pages, sentences

_UNKNOWN: Final = (
    N_("That did not work"),
    N_("Go back and try again. If it happens again, ring the office and read them the code below."),
)

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    **pages.REFUSALS,
    **sentences.ENTRY_REFUSALS,
    **sentences.COMPLAINT_REFUSALS,
    **sentences.SESSION_REFUSALS,
    **sentences.EXHIBIT_REFUSALS,
    **sentences.CASE_REFUSALS,
}


def sentence(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, REFUSALS.get(code, _UNKNOWN)[0], params)


def advice(words: Words, code: str, params: Mapping[str, Any]) -> str:
    return _filled(words, REFUSALS.get(code, _UNKNOWN)[1], params)


def _filled(words: Words, msgid: str, params: Mapping[str, Any]) -> str:
    text = words.gettext(msgid)
    return text % params if params and "%(" in text else text
