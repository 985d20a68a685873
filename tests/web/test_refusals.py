"""Every code anybody refuses with has a sentence and an advice."""

from __future__ import annotations

import functools
import importlib
import re
from collections import Counter

import pytest

from complaints.channels import REASONS, ChannelError
from journal.refusals import DomainError, Refused
from signaling.namespace import SignalingError
from tests import ROOT
from tests.tools.imports import PACKAGES
from web import i18n, refusals
from web.office.accounts import sign_in
from web.office.administration import tree
from web.office.supervision import reviews

SOURCES = [
    path for area in PACKAGES for path in (ROOT / area).rglob("*.py") if "node_modules" not in path.parts
]  # fmt: skip
ELSEWHERE = (ChannelError, SignalingError)
"""Their sentences are `complaints.channels`, and the room's catalogue (tests/web/room/test_words.py)."""

ON_THE_FORM = {
    *reviews.SAID, "bad_rule", *tree.FILE_SAID, "wrong_rows", "use_sign_on", "sign_on_anew", "sign_on_taken",
    *sign_in.NOT_SIGNED_ON, "not_reached", "calendar_alone",
}  # fmt: skip
"""Said above the fields they are about, nowhere else: of a review, of the rule by which it is drawn, of a roster, of
signing in by a provider, of a platform, of a token."""


def subclasses(base: type[DomainError]) -> set[type[DomainError]]:
    return {base, *(found for child in base.__subclasses__() for found in subclasses(child))}


@functools.cache
def errors() -> frozenset[type[DomainError]]:
    """Every kind of refusal that the program has, whichever module it stands in."""
    for path in SOURCES:
        if re.search(r"^class \w+\((Domain|Channel|Signaling)Error\)", path.read_text("utf-8"), re.MULTILINE):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    found = subclasses(DomainError) - {DomainError, Refused, *ELSEWHERE}
    return frozenset(one for one in found if one.__module__.partition(".")[0] in PACKAGES)


def codes() -> set[str]:
    refused = {code for path in SOURCES for code in re.findall(r'Refused\(\s*"(\w+)"', path.read_text("utf-8"))}
    return refused | {error.code for error in errors() if not issubclass(error, ELSEWHERE)}


def test_every_code_that_can_be_refused_with_is_explained() -> None:
    assert codes() - refusals.REFUSALS.keys() - ON_THE_FORM == set()


def test_no_code_is_explained_that_nobody_uses() -> None:
    http = {"not_found", "too_large", "internal", "no_space"}
    chosen = {
        "too_many_tries",
        "too_many_requests",
        "too_many_codes",
        "too_many_calls",
        "link_revoked",
        "link_expired",
        "link_used",
        "session_over",
    }
    assert refusals.REFUSALS.keys() - codes() - http - chosen == set()


def test_a_kind_of_refusal_has_a_name_and_a_code_of_its_own() -> None:
    """A name that two have means another thing in each file; a code that is inherited is the base's."""
    assert [name for name, n in Counter(error.__name__ for error in errors()).items() if n > 1] == []
    assert {error.__name__ for error in errors() if "code" not in vars(error)} == set()


def test_what_a_channels_file_is_refused_with_as_a_whole_is_explained_too() -> None:
    whole = re.findall(r'Unreadable\(\s*"(\w+)"', "".join(path.read_text("utf-8") for path in SOURCES))
    assert set(whole) - REASONS.keys() == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_sentence_can_be_shown_with_and_without_its_facts(language: str) -> None:
    words = i18n.words_of(language)
    for code in refusals.REFUSALS:
        assert refusals.sentence(words, code, {})
        facts = {"most": 8, "minutes": 5, "seconds": 60, "number": "东高一投受〔2026〕0001号", "office": "一所"}
        facts["names"] = "某店"
        assert "%(" not in refusals.advice(words, code, facts)
    assert refusals.sentence(words, "never_heard_of", {}) == words.gettext("That did not work")


def test_a_rooms_refusal_may_name_its_blanks_as_it_likes() -> None:
    """Its `status` was taken for the answer's, and every such refusal of a room was a fault of ours."""
    assert Refused("wrong_state", 404, status="scheduled", code="x").params == {"status": "scheduled", "code": "x"}
