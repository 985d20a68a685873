"""No text promises what the law does not: secrecy, concessions, refusing (Order 121 Arts 16, 18, 27, 39, 42)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT

PLACES = (
    ("web/locales", "*.po"),
    ("web/templates", "*.html"),
    ("web/frontend/src", "*.ts"),
    ("server/documents", "*.toml"),
    ("server/documents", "*.py"),
    ("server/signing", "*.py"),
    ("server/signing", "*.toml"),
    ("server/outbox", "*.py"),
    ("casebook", "*.toml"),
    ("law", "*.toml"),
    (".", "README.md"),
)
PROMISES = {
    "that nothing said leaves the room: leads are followed up and handed over (Arts 27, 42)": (
        r"不外传|绝对?保密|stays here|stay in this room"
    ),
    "what a court will do with a concession: the law says nothing of it": (
        r"不(?:得|能|会)?[^。；]{0,12}(?:作为|用来)[^。；]{0,4}对[您其你][^。；]{0,2}不利"
        r"|held against you|used against you"
    ),
    "that a complaint is refused because a side does not want mediation: no ground of Art 16": (
        r"终止调解或者不予受理|不愿(?:意)?调解[^。；]{0,12}不予受理[^的]|end it or do not accept it"
    ),
    "that only supervisors watch: the mediator of the case does too (rooms.record.rules)": (
        r"只有监督(?:人)?员[^。；]{0,8}能看|[Oo]nly supervisors can"
    ),
    "that something recorded is locked away from everybody": r"locked away",
}


def texts() -> Iterator[tuple[Path, str]]:
    for folder, pattern in PLACES:
        found = (ROOT / folder).glob(pattern) if folder == "." else (ROOT / folder).rglob(pattern)
        for path in found:
            yield path, path.read_text("utf-8")


@pytest.mark.parametrize("promise", PROMISES)
def test_no_text_promises_what_the_law_does_not(promise: str) -> None:
    banned = re.compile(PROMISES[promise])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if banned.search(line)
    ]
    assert found == [], promise


def test_there_are_texts_to_read() -> None:
    assert len(list(texts())) > 150
