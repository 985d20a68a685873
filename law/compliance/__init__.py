"""How each article is held: what it asks, where the program holds it, what shows it, and what is left to people.

Data (`*.toml`, one file a statute), read once and checked while it is read. `web.law` shows it at `/law/articles`,
`yuntiao law articles` writes docs/law.md of it; tests hold both to it and find every module, page and test it names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

Verdict = Literal["held", "person", "hint", "outside"]
VERDICTS: Final = get_args(Verdict)
FILES: Final = ("order-121", "order-20", "privacy", "signature", "seals", "evidence")
"""In the order they are shown."""


class BadComplianceTable(Exception):
    """A table cannot be right; says which row and why."""


@dataclass(frozen=True, slots=True)
class ComplianceRow:
    """`article`: its number, or several. `verdict`: "held" by the program; "person": recorded by it and judged by a
    person; "hint": shown by it as far as records say; "outside": nothing software can hold. `why` ("" when held) says
    what is not held. `tests` are node ids or files of pytest."""

    article: str
    asks: Mapping[str, str]  # by language: "zh", "en"
    held: Mapping[str, str]
    modules: tuple[str, ...]
    page: str
    tests: tuple[str, ...]
    verdict: Verdict
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ComplianceTable:
    id: str
    title: Mapping[str, str]
    since: date
    until: date | None
    rows: tuple[ComplianceRow, ...]


@cache
def tables() -> Sequence[ComplianceTable]:
    """BadTable."""
    return tuple(table(id, tomllib.loads((files(__name__) / f"{id}.toml").read_text("utf-8"))) for id in FILES)


def table(id: str, given: Mapping[str, Any]) -> ComplianceTable:
    """BadTable."""
    try:
        rows = tuple(_row(id, one) for one in given["row"])
        return ComplianceTable(id, _both(given, ""), given["since"], given.get("until"), rows)
    except (KeyError, TypeError) as fault:
        raise BadComplianceTable(f"{id}: {fault!r}") from fault


_KEYS: Final = frozenset(
    {"article", "zh", "en", "held_zh", "held_en", "modules", "page", "tests", "verdict", "why_zh", "why_en"}
)


def _row(id: str, given: Mapping[str, Any]) -> ComplianceRow:
    where, verdict = f"{id} {given['article']}", given["verdict"]
    if extra := given.keys() - _KEYS:
        raise BadComplianceTable(f"{where}: nothing is called {min(extra)}")
    if verdict not in VERDICTS:
        raise BadComplianceTable(f"{where}: no verdict {verdict}")
    if (verdict == "held") == ("why_zh" in given):
        raise BadComplianceTable(f"{where}: why it is not held, and only then")
    if verdict != "outside" and not given["tests"]:
        raise BadComplianceTable(f"{where}: a test that shows it")
    why = _both(given, "why_") if verdict != "held" else {"zh": "", "en": ""}
    return ComplianceRow(
        given["article"],
        _both(given, ""),
        _both(given, "held_"),
        tuple(given["modules"]),
        given["page"],
        tuple(given["tests"]),
        verdict,
        why,
    )


def _both(given: Mapping[str, Any], prefix: str) -> Mapping[str, str]:
    return {language: given[f"{prefix}{language}"] for language in ("zh", "en")}


MARKS: Final[Mapping[Verdict, str]] = {
    "held": "held",
    "person": "recorded; a person judges",
    "hint": "shown; a person judges",
    "outside": "outside software",
}


def markdown() -> str:
    """docs/law.md."""
    said = [_HEAD]
    for one in tables():
        force = f"in force since {one.since}" + (f", until {one.until}" if one.until else "")
        said += [f"\n## {one.title['zh']} · {one.title['en']}\n", f"{one.title['en']}: {force}.\n"]
        said += ["| Art | asks | how it is held | where | shown by | verdict |", "|---|---|---|---|---|---|"]
        said += [_line(row) for row in one.rows]
    return "\n".join(said) + "\n"


_HEAD: Final = """# How each article is held

Written by `yuntiao law articles` from `law/compliance/*.toml`; the page `/law/articles` shows the same to officers.
Tests hold this page to the data, and find every module, page and test that it names. What the law asks is in our own
words; an office imports the official text (`yuntiao law import`).

- **held**: the program does it, refuses otherwise, or counts it.
- **recorded; a person judges**: the program asks for it and keeps it; whether it is true or enough a person says.
- **shown; a person judges**: the program shows what its records say; it cannot know the rest.
- **outside software**: nothing a program of an office could hold, with the reason."""


def _line(row: ComplianceRow) -> str:
    where = ", ".join(f"`{module}`" for module in row.modules) + (f" · `{row.page}`" if row.page else "")
    shown = "<br>".join(f"`{test}`" for test in row.tests) or "–"
    held = f"{row.held['en']}." + (f" **Not held:** {row.why['en']}." if row.why["en"] else "")
    cells = (row.article, row.asks["en"], held, where, shown, MARKS[row.verdict])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
