"""Every sentence the pages ask to be translated, found where it is written: code, templates, browser sources."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_from_file

from complaints import channels
from tests import ROOT

WEB = ROOT / "web"

KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
# It has a catalogue of its own kind, held by tests/frontend/verify/test_verify_page_words.py.
VERIFIER = ("frontend", "src", "verify")
# The browser's own: t("…"), many("one", "several", n); its lexer need not know TypeScript.
_BROWSER = re.compile(r"""\b(?:t|many|msg)\(\s*("(?:[^"\\]|\\.)*")(?:\s*,\s*("(?:[^"\\]|\\.)*"))?""")
_KEYS = re.compile(r"""["'`]((?:error|event)\.[a-z_]+(?:\.[a-z_]+)*)["'`]""")


@dataclass(frozen=True)
class Found:
    msgid: str
    plural: str
    where: str
    context: str | None = None  # gettext's; of a browser's own sentence the catalogue it is read from decides


@functools.cache
def messages() -> tuple[Found, ...]:
    return tuple(_messages())


def _messages() -> Iterator[Found]:
    for sentence in (*channels.REASONS.values(), channels.FORMULA_AT, channels.UNKNOWN):
        yield Found(sentence, "", "complaints/channels/__init__.py")
    for path in sorted(WEB.rglob("*")):
        parts = path.relative_to(WEB).parts
        if parts[0] in ("locales", "static") or "node_modules" in parts:
            continue
        if parts[:3] == VERIFIER:
            continue
        if path.suffix == ".py":
            yield from _found(path, "python")
        elif path.suffix == ".html":
            yield from _found(path, "jinja2.ext:babel_extract")
        elif path.name == "sentences.json":
            yield from (Found(msgid, "", str(path.relative_to(WEB))) for msgid in _of_events(path))
        elif path.name == "keys.json":  # the room's own script says some of it, in its context
            tables = json.loads(path.read_text(encoding="utf-8"))
            said = [table["title"] for table in tables] + [key["says"] for table in tables for key in table["keys"]]
            yield from (Found(msgid, "", str(path.relative_to(WEB))) for msgid in said)
        elif path.suffix == ".ts":
            yield from _in_browser(path)


def _of_events(path: Path) -> Iterator[str]:
    """What the pages say of events; what only the page that verifies packages says is in its catalogue."""
    table = json.loads(path.read_text(encoding="utf-8"))
    for rows in [*table["session"].values(), *table["complaint"].values()]:
        for row in rows:
            for said in [row, *row.get("then", ())]:
                if "package" in (row.get("for"), said.get("for")):
                    continue
                if said["say"] != "{item}":
                    yield re.sub(r"\{(\w+)\}", r"%(\1)s", said["say"])
                for way in {one.split(" ")[1] if " " in one else "" for one in said.get("blanks", {}).values()}:
                    if way not in ("held", "ways"):  # law.orders' and complaints.notices.messages'
                        yield from table["words"].get(way, {}).values()
    yield from table["words"]["causes"].values()


def _found(path: Path, method: str) -> Iterator[Found]:
    options = {"trimmed": "true", "silent": "false", "encoding": "utf-8"}
    for line, ids, _comments, context in extract_from_file(method, path, keywords=KEYWORDS, options=options):
        forms = [ids] if isinstance(ids, str) else [part for part in ids if part]
        yield Found(forms[0], forms[1] if len(forms) > 1 else "", f"{path.relative_to(WEB)}:{line}", context)


def _in_browser(path: Path) -> Iterator[Found]:
    text = path.read_text("utf-8")
    where = str(path.relative_to(WEB))
    for match in _BROWSER.finditer(text):
        yield Found(_plain(match[1]), _plain(match[2]) if match[2] else "", where)
    for match in _KEYS.finditer(text):
        yield Found(match[1], "", where)


def _plain(literal: str) -> str:
    return literal[1:-1].replace('\\"', '"').replace("\\\\", "\\")
