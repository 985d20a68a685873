"""Messages are declared once: the document and the browser's types are written from the declarations."""

from __future__ import annotations

import re
from typing import get_args

from media.engine import DescriptionProblem
from rooms import commands as c
from rooms.view import MESSAGES, MessageName
from rooms.vocabulary import DECLARED
from signaling.namespace import QUESTIONS
from signaling.transport import COMMANDS
from tests.tools import wire


def test_the_types_of_the_browser_are_as_they_are_written() -> None:
    assert wire.TYPES.read_text(encoding="utf-8") == wire.scripts(), "python -m tests.tools.wire"


def test_the_document_is_as_it_is_written() -> None:
    said = wire.DOCUMENT.read_text(encoding="utf-8")
    assert wire.document(said) == said, "python -m tests.tools.wire"


def test_a_table_that_differs_is_found_out() -> None:
    said = wire.DOCUMENT.read_text(encoding="utf-8")
    assert wire.document(said.replace("| `arrive` |", "| `arrives` |")) == said


def test_the_document_says_what_a_description_is_refused_for_and_nothing_else() -> None:
    [table] = re.findall(
        r"^\| `problem` \|.*?\n\n", wire.DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    named = [name for row in table.strip().splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(named) == sorted(get_args(DescriptionProblem))


def test_every_command_is_declared_and_nothing_else_is() -> None:
    assert set(DECLARED) == set(get_args(c.Command))


def test_no_name_stands_for_two_messages() -> None:
    names = [declared.name for declared in DECLARED.values() if declared.name]
    assert len(names) == len({*names, *QUESTIONS}) - len(QUESTIONS) == len(COMMANDS)


def test_everything_that_is_sent_to_a_browser_is_declared() -> None:
    """mypy holds the senders to these names."""
    assert set(get_args(MessageName)) == set(MESSAGES)
