"""What the room's scripts can say: complete in both languages, and a sentence for every refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import media.sfu.control  # noqa: F401 - its own refusals count too
import rooms
from journal.refusals import DomainError
from media.engine import MediaError
from signaling.namespace import SignalingError
from tests import ROOT
from web import i18n

SOURCES = ROOT / "web" / "frontend" / "src"


def codes(kind: type[Exception]) -> Iterator[str]:
    for child in kind.__subclasses__():
        yield child.code  # type: ignore[attr-defined]
        yield from codes(child)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_refusal_has_a_sentence(language: str) -> None:
    words = i18n.catalog(language, "room")
    ours = {one.code for one in vars(rooms).values() if isinstance(one, type) and issubclass(one, DomainError)}
    known = ours - {DomainError.code} | {*codes(MediaError), *codes(SignalingError)}
    known |= {"internal", "offline", "timeout", "unknown"}
    assert {code for code in known if words.get(f"error.{code}", "").startswith("error.")} == set()
    assert {code for code in known if f"error.{code}" not in words} == set()


@pytest.mark.parametrize("domain", ["room", "player"])
def test_every_sentence_of_the_scripts_is_in_the_catalogue(domain: str) -> None:
    of_the_record = domain == "player"
    said = {
        message.replace('\\"', '"')
        for path in SOURCES.rglob("*.ts")
        if (path.parent.name == "record") is of_the_record and "verify" not in path.relative_to(SOURCES).parts[0]
        for message in re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', path.read_text())
    }
    words = i18n.catalog("zh", domain)
    assert said - words.keys() == set()
    assert {message for message in said if words[message] == message} == set()
