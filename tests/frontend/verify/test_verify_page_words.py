"""The verification page's sentences: in both languages, for every kind of event, with the blanks they are given."""

from __future__ import annotations

import json
import re

import pytest

from complaints.notices.messages import WAYS
from law.orders import mode_name
from tests import ROOT
from web import i18n

SOURCES = ROOT / "web" / "frontend" / "src"
DOMAINS = ("layout", "office", "audit", "telling", "verify")
_ID = re.compile(r'\b(?:say|t|named|plain)\(\s*"((?:[^"\\]|\\.)*)"|word: "([^"]+)"')
TABLE = json.loads((SOURCES.parents[1] / "office" / "audit" / "sentences.json").read_text())
STREAMS = ("session", "complaint")
_BLANK = re.compile(r"\{(\w+)\}")


def texts(language: str) -> dict[str, str]:
    found = {}
    for domain in DOMAINS:
        if domain in i18n.domains(language):
            for message in i18n.read(language, domain):
                if message.id and isinstance(message.id, str) and isinstance(message.string, str):
                    found[re.sub(r"%\((\w+)\)s", r"{\1}", message.id)] = re.sub(r"%\((\w+)\)s", r"{\1}", message.string)
    return found


def of_events() -> set[str]:
    """Ids of the table of sentences that this page says; the pages read it too."""
    rows = [row for stream in STREAMS for rows in TABLE[stream].values() for row in rows]
    said = [
        one for row in rows for one in (row, *row.get("then", ())) if "page" not in (row.get("for"), one.get("for"))
    ]
    ways = {way.partition(" ")[2].partition(" ")[0] for one in said for way in one.get("blanks", {}).values()} | {
        "causes"
    }
    words = {word for way in ways for word in TABLE["words"].get(way, {}).values()}
    return words | {one["say"] for one in said}


def ids() -> set[str]:
    sources = list((SOURCES / "verify").rglob("*.ts"))
    return of_events() | {first or second for path in sources for first, second in _ID.findall(path.read_text())}


def test_every_sentence_is_there_in_chinese() -> None:
    known = texts("zh")
    bare = {one for one in ids() if not _BLANK.sub("", one).strip()}  # nothing but blanks
    assert sorted(ids() - known.keys() - bare) == []


def test_every_key_is_there_in_english() -> None:
    known = texts("en")
    keys = {one for one in [*ids(), *texts("zh")] if re.fullmatch(r"[a-z]+(\.[a-z_]+)+", one)}
    assert sorted(keys - known.keys()) == []


def test_who_acts_in_person_and_who_was_told_in_person_are_said_apart() -> None:
    """One English for two Chinese: an authority read as if it were a way of telling."""
    known = texts("zh")
    assert (known["in person"], known["way.in_person"]) == ("本人", "当面告知")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_translation_has_the_blanks_of_its_sentence(language: str) -> None:
    of_page = i18n.catalog(language, "verify")
    english = i18n.catalog("en", "verify")
    wrong = [
        id_
        for id_, said in of_page.items()
        if not set(_BLANK.findall(said)) <= set(_BLANK.findall(english[id_]))
        or (language == "zh" and "{" in english[id_] and "{" not in said)
    ]
    assert wrong == []


def test_how_a_mediation_was_held_is_said_as_the_law_has_it() -> None:
    chinese = texts("zh")
    for mode, said in TABLE["words"]["held"].items():
        assert (mode_name(mode, "en"), mode_name(mode, "zh")) == (said, chinese[said])


def test_how_somebody_was_told_is_said_as_on_a_complaints_page() -> None:
    chinese, english = texts("zh"), texts("en")
    ways = TABLE["words"]["ways"].items()
    assert {way: (chinese[said], english.get(said, said)) for way, said in ways} == WAYS
