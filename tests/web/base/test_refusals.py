"""Every code anybody refuses with has a sentence and an advice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import casebook.errors
import casebook.notes  # has a refusal of its own
import complaints.errors
import complaints.insight.issued_bulletins  # as well
import rooms.errors
import server.oversight.approval
from offices.refusal import Refused
from web import i18n, refusals

ROOT = Path(__file__).parents[3]


def subclasses(base: type[Any]) -> set[type[Any]]:
    return {base, *(found for child in base.__subclasses__() for found in subclasses(child))}


def codes() -> set[str]:
    sources = [path for area in ("server", "web", "complaints") for path in (ROOT / area).rglob("*.py")]
    texts = [path.read_text("utf-8") for path in sources if "node_modules" not in path.parts]
    refused = {code for text in texts for code in re.findall(r'Refused\(\s*"(\w+)"', text)}
    bases = {rooms.errors.RoomError, complaints.errors.ComplaintError, casebook.errors.CaseError}
    errors = {error for base in bases for error in subclasses(base)}
    seconds = {server.oversight.approval.SamePerson, server.oversight.approval.Over, server.oversight.approval.Settled}
    return refused | {error.code for error in (errors - bases) | seconds}


def test_every_code_that_can_be_refused_with_is_explained() -> None:
    assert codes() - refusals.REFUSALS.keys() == set()


def test_no_code_is_explained_that_nobody_uses() -> None:
    http = {"not_found", "too_large", "internal", "no_space"}
    chosen = {
        "too_many_tries",
        "too_many_requests",
        "too_many_codes",
        "link_revoked",
        "link_expired",
        "link_used",
        "session_over",
    }
    assert refusals.REFUSALS.keys() - codes() - http - chosen == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_sentence_can_be_shown_with_and_without_its_facts(language: str) -> None:
    words = i18n.words_of(language)
    for code in refusals.REFUSALS:
        assert refusals.sentence(words, code, {})
        assert "%(" not in refusals.advice(
            words, code, {"most": 8, "seconds": 60, "number": "东高一投受〔2026〕0001号", "office": "一所"}
        )
    assert refusals.sentence(words, "never_heard_of", {}) == words.gettext("That did not work")


def test_a_rooms_refusal_may_name_its_blanks_as_it_likes() -> None:
    """Its `status` was taken for the answer's, and every such refusal of a room was a fault of ours."""
    assert Refused("wrong_state", 404, status="scheduled", code="x").params == {"status": "scheduled", "code": "x"}
