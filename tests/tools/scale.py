"""Reckons docs/scale.md anew: `python -m tests.tools.scale`, or with a report of `yuntiao bench province --json`.

The document states its inputs in a table (`name`, value, what it is) and its formulas in another (what,
`name = formula`, a column for each number of rooms). Inputs that the benchmark measures come from docs/scale.json,
which is such a report; others stay as they are written. Each formula may use inputs, `rooms` and what stands above it.
The picture is drawn of the report's steps.
"""

from __future__ import annotations

import ast
import json
import math
import operator
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from tests import ROOT

DOCUMENT: Final = ROOT / "docs" / "scale.md"
REPORT: Final = ROOT / "docs" / "scale.json"
PICTURE: Final = ROOT / "docs" / "images" / "scale.svg"
ROOMS: Final = (100, 1_000, 3_000)

_INPUT: Final = re.compile(r"^\| `(\w+)` \| ([\d.,]+) \| (.*)$")
_FORMULA: Final = re.compile(r"^\| ([^|`]+) \| `(\w+) = ([^`]+)` \|.*$")
_OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_FUNCTIONS: Final[Mapping[str, Callable[..., float]]] = {"ceil": math.ceil, "max": max}


def reckoned(text: str, report: Mapping[str, Any]) -> str:
    """The document with its inputs as measured and its columns as they follow. KeyError for a name nobody states."""
    known: list[dict[str, float]] = [{"rooms": float(rooms)} for rooms in ROOMS]
    lines = []
    for line in text.splitlines():
        if stated := _INPUT.match(line):
            name, said, what = stated.groups()
            value = float(report["figures"].get(name, said.replace(",", "")))
            written = said if name not in report["figures"] else number(value)
            for one in known:
                one[name] = value
            lines.append(f"| `{name}` | {written} | {what}")
        elif asked := _FORMULA.match(line):
            what, name, formula = asked.groups()
            for one in known:
                one[name] = value_of(formula, one)
            lines.append(f"| {what} | `{name} = {formula}` | {' | '.join(number(one[name]) for one in known)} |")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def value_of(formula: str, known: Mapping[str, float]) -> float:
    def of(node: ast.expr) -> float:
        match node:
            case ast.BinOp(left, kind, right):
                return _OPERATORS[type(kind)](of(left), of(right))
            case ast.Name(name):
                return known[name]
            case ast.Constant(int() | float() as value):
                return float(value)
            case ast.Call(ast.Name(name), arguments):
                return _FUNCTIONS[name](*map(of, arguments))
            case _:
                raise ValueError(f"{formula} is more than arithmetic")

    return of(ast.parse(formula, mode="eval").body)


def number(value: float) -> str:
    """Three digits that count; whole ones whole."""
    if value == round(value) or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}" if value else "0"


WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 260, 52, 220, 20
LINES: Final = (
    ("media_cpu", "media", "#1f5fa8"),
    ("web_cpu", "web", "#b0442f"),
    ("database_cpu", "database", "#3f7a3a"),
)


def picture(report: Mapping[str, Any]) -> str:
    """What was used at each step, in thousandths of a core, and the line that was laid through."""
    steps, figures = report["steps"], report["figures"]
    most_rooms = max(step["rooms"] for step in steps)
    most = max(step[what] for step in steps for what, *_ in LINES) * 1.1

    def at(rooms: float, cores: float) -> tuple[float, float]:
        return round(LEFT + rooms / most_rooms * (WIDTH - LEFT - 120), 1), round(
            BOTTOM - cores / most * (BOTTOM - TOP), 1
        )

    right, _ = at(most_rooms, 0)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{right}" fill="none" stroke="#666"/>',
        f'<text x="4" y="{TOP - 6}" fill="#333">cores</text>',
        f'<text x="{right}" y="{BOTTOM + 32}" fill="#333" text-anchor="end">rooms</text>',
    ]
    drawn += [
        f'<text x="{at(step["rooms"], 0)[0]}" y="{BOTTOM + 16}" fill="#333" text-anchor="middle">{step["rooms"]}</text>'
        for step in steps
    ]
    drawn += [
        f'<text x="{LEFT - 6}" y="{at(0, share * most)[1] + 4}" fill="#333" text-anchor="end">{share * most:.2f}</text>'
        for share in (0.25, 0.5, 0.75, 1.0)
    ]
    for what, name, colour in LINES:
        slope = figures[f"{what}_per_room"]
        rest = sum(step[what] - slope * step["rooms"] for step in steps) / len(steps)
        (x1, y1), (x2, y2) = at(0, max(0.0, rest)), at(most_rooms, rest + slope * most_rooms)
        drawn.append(f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{colour}" stroke-width="2"/>')
        drawn += [
            f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'
            for x, y in (at(step["rooms"], step[what]) for step in steps)
        ]
        drawn.append(f'<text x="{x2 + 10}" y="{y2 + 4}" fill="{colour}">{name}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


def main(given: str = "") -> None:
    if given:
        report = json.loads(Path(given).read_text())
        REPORT.write_text(json.dumps(report, indent=1) + "\n")
    report = json.loads(REPORT.read_text())
    DOCUMENT.write_text(reckoned(DOCUMENT.read_text(), report))
    PICTURE.write_text(picture(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
