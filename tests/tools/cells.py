"""Writes what the documents between installations are: docs/cells.schema.json, and the tables of docs/cells.md.

    python -m tests.tools.cells

Both come from the classes of `server.cells`; a test holds the written files to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel

from server import cells as wire
from tests import ROOT

SCHEMA: Final = ROOT / "docs" / "cells.schema.json"
PAGE: Final = ROOT / "docs" / "cells.md"
BEGIN, END = "<!-- written: fields -->\n", "<!-- /written -->\n"
KINDS: Final[tuple[type[wire.Document], ...]] = get_args(get_args(wire.AnyDocument)[0])
PARTS: Final = (
    wire.RecordOut, wire.PartyOut, wire.ProxyOut, wire.ObjectOut, wire.SourceOut, wire.FileOut, wire.StepOut,
    wire.TallyOut,
)  # fmt: skip


_KINDS: Final = {"string": "text", "integer": "whole number", "number": "amount", "boolean": "true or false"}


def schema_text() -> str:
    return written(wire.schema())


def tables() -> str:
    return tables_of(wire.Document, KINDS, PARTS, "Part")


def written(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def tables_of(
    document: type[BaseModel], kinds: Sequence[type[BaseModel]], parts: Sequence[type[BaseModel]], of: str
) -> str:
    """Of every kind of document what it has beside `document`, and of its parts, called `of`."""
    told = [*form_table("Every document", document, ())]
    for kind in kinds:
        told += form_table(f"`{kind.model_fields['kind'].default}`", kind, tuple(document.model_fields))
    for part in parts:
        told += form_table(f"{of} `{part.__name__}`", part, ())
    return "".join(told)


def form_table(title: str, of: type[BaseModel], without: tuple[str, ...]) -> Iterator[str]:
    doc = " ".join((of.__doc__ or "").split())
    yield f"### {title}\n\n" + (f"{doc}\n\n" if doc and doc != " ".join((BaseModel.__doc__ or "").split()) else "")
    yield "| field | 名称 | form | |\n|---|---|---|---|\n"
    shapes = of.model_json_schema()["properties"]
    for name, field in of.model_fields.items():
        if name not in without:
            needed = "needed" if field.is_required() else ""
            yield f"| `{name}` | {field.title} | {_form(shapes[name])} | {needed} |\n"
    yield "\n"


def _form(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        return f"`{shape['$ref'].rpartition('/')[2]}`"
    if "anyOf" in shape:
        return " or ".join(dict.fromkeys(_form(one) for one in shape["anyOf"]))
    if "enum" in shape:
        return ", ".join(f"`{one}`" for one in shape["enum"])
    if "const" in shape:
        return f"`{shape['const']}`"
    if shape.get("type") == "array":
        most = f", {shape['maxItems']} at most" if "maxItems" in shape else ""
        return f"list of {_form(shape['items'])}{most}"
    most = f", {shape['maxLength']} characters at most" if "maxLength" in shape else ""
    kind = shape.get("format") or shape.get("type", "")
    return f"{_KINDS.get(kind, kind)}{most}"


def page_text(before: str) -> str:
    head, _, rest = before.partition(BEGIN)
    return f"{head}{BEGIN}\n{tables()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(page_text(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
