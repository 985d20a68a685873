"""What an event is called in words stands once: in `web/office/audit/sentences.json`, whoever is told."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from complaints.events import ComplaintEvent
from recordings.evidence.lines import WITHHOLDABLE
from rooms.events import SessionEvent
from tests import ROOT

STREAMS = {"session": SessionEvent, "complaint": ComplaintEvent}
KINDS = {kind.__name__ for events in STREAMS.values() for kind in get_args(events)}
READERS = ("page", "package")
TRANSLATES = {"_", "N_", "gettext", "ngettext"}
LABELS = {
    "web/office/audit/files.py": "captions over the picture",
    "web/office/audit/timeline.py": "marks on the time line",
    "web/office/complaints/procedure.py": "steps in the table of the procedure",
}
"""What is named by a kind of event and tells none."""
OTHER_STREAMS = {"web/office/leads/__init__.py", "web/office/casebook/__init__.py", "web/office/insight/publicity.py"}
"""Of leads, cases and publications, told nowhere else; some of their kinds have the same name."""


def read() -> dict[str, Any]:
    """Refuses a kind that stands twice, of which JSON would keep the last."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs), [name for name, _ in pairs]
        return dict(pairs)

    return dict(json.loads((ROOT / "web/office/audit/sentences.json").read_text(), object_pairs_hook=once))


TABLE = read()


@pytest.mark.parametrize("stream", STREAMS)
def test_every_kind_of_event_that_can_be_stored_is_in_the_table_and_nothing_else(stream: str) -> None:
    assert set(TABLE[stream]) == {kind.__name__ for kind in get_args(STREAMS[stream])}
    assert set(TABLE) == {"defaults", "words", *STREAMS}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("stream", STREAMS)
def test_each_reader_is_told_something_of_every_event_whatever_it_says(stream: str, reader: str) -> None:
    for kind, rows in TABLE[stream].items():
        told = [row for row in rows if row.get("for", reader) == reader and not row.get("withheld")]
        assert [row for row in told if "if" not in row] == told[-1:], kind


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_is_told_of_what_a_package_withholds(reader: str) -> None:
    withheld = {
        kind: [row for row in rows if row.get("withheld") and row.get("for", reader) == reader]
        for kind, rows in TABLE["session"].items()
    }
    assert {kind: len(rows) for kind, rows in withheld.items() if rows} == dict.fromkeys(WITHHOLDABLE, 1)


def test_a_row_says_for_whom_it_is_in_words_that_both_readers_know() -> None:
    rows = [row for stream in STREAMS for rows in TABLE[stream].values() for row in rows]
    every = [one for row in rows for one in (row, *row.get("then", ()))]
    assert {key for row in every for key in row} <= {"for", "withheld", "if", "say", "blanks", "then"}
    assert {row["for"] for row in every if "for" in row} == set(READERS)


def told(tree: ast.AST) -> Iterator[str]:
    """The kinds of event of which a module has words of its own: by a case of a `match`, or a table of names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.match_case) and any(map(translates, node.body)):
            names = {getattr(each.cls, "attr", getattr(each.cls, "id", "")) for each in classes(node.pattern)}
        elif isinstance(node, ast.Dict) and translates(node):
            names = {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
        else:
            continue
        yield from names & KINDS


def classes(pattern: ast.pattern) -> Iterator[ast.MatchClass]:
    return (each for each in ast.walk(pattern) if isinstance(each, ast.MatchClass))


def translates(node: ast.AST) -> bool:
    calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return any(getattr(call, "attr", getattr(call, "id", "")) in TRANSLATES for call in calls)


def test_no_code_tells_an_event_in_words_of_its_own() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "web").rglob("*.py")
        if any(told(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == LABELS.keys() | OTHER_STREAMS
