"""Writes what the declarations of messages say: the browser's types and the tables of docs/wire.md.

    python -m tests.tools.wire            write web/frontend/src/room/messages.ts and the parts of docs/wire.md between
    marks

Names, bodies and rights of what a client sends come from `rooms.vocabulary` and `signaling.namespace`, what the
server tells from `rooms.view`. A test holds the written files to them.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from pydantic import BaseModel

from media.engine import Measurement, TurnCredentials
from rooms import view as m, vocabulary as d, vocabulary as v
from rooms.agreement.state import ClausePhrasing
from rooms.media.diagnosis import Finding
from rooms.view.parts import PARTS
from rooms.vocabulary import DECLARED, Standing
from signaling.namespace import QUESTIONS
from signaling.transport import COMMANDS

ROOT: Final = Path(__file__).parents[2]
TYPES: Final = ROOT / "web" / "frontend" / "src" / "room" / "messages.ts"
DOCUMENT: Final = ROOT / "docs" / "wire.md"

# ------------------------------------------------------------ types, by the names the browser's scripts know

WORDS: Final[Mapping[str, Any]] = {
    "Role": v.Role,
    "Side": v.Side,
    "Phase": v.Phase,
    "SessionStatus": v.Status,
    "SeatStatus": v.SeatStatus,
    "Source": m.Source,
    "Mode": m.Mode,
    "OpeningItem": v.Opening,
    "OutcomeKind": v.OutcomeKind,
    "Relation": m.Relation,
    "Standing": m.ArticleStanding,
    "Channel": v.FloorChannel,
    "Capacity": v.Capacity,
    "Purpose": v.Purpose,
    "MarkShape": v.MarkShape,
    "Finding": Finding,
}
SHAPES: Final[Mapping[str, Any]] = {
    "Point": m.Point,
    "Sides": m.Answers,
    "Consents": m.ConsentsView,
    "Seat": m.SeatView,
    "Leaf": m.ArticleView,
    "Typical": m.TypicalView,
    "Card": m.CardView,
    "Term": v.Term,
    "Outcome": v.Outcome,
    "Line": m.LineView,
    "Caucus": m.CaucusView,
    "Slip": m.SlipView,
    "Gap": m.GapView,
    "Consulting": m.ConsultingView,
    "Clock": m.ClockView,
    "CaseFile": m.CaseView,
    "SideAnswer": m.AnswerView,
    "Phrased": ClausePhrasing,
    "Clause": m.ClauseView,
    "Fact": m.FactView,
    "Authority": m.AuthorityView,
    "Draft": m.DraftView,
    "Answered": m.ExhibitAnswerView,
    "Exhibit": m.ExhibitView,
    "Mark": m.MarkView,
    "Look": m.LookView,
    "Exhibits": m.ExhibitsView,
    "Proof": m.ProofView,
    "SigningView": m.SigningView,
    "SealedDocument": m.DocumentView,
    "View": m.RoomView,
    "Happening": m.AnnouncementView,
    "PartMessage": m.PartMessage,
    "SentView": m.SentView,
    "ViewMessage": m.ViewMessage,
    "OfferedTrack": m.OfferedTrackView,
    "OfferMessage": m.OfferMessage,
    "RelayPass": TurnCredentials,
    "Measurement": Measurement,
}
BEFORE: Final = {"SentView": 'Partial<View> & Pick<View, "session" | "you" | "seats"> & '}
"""What a shape has besides: the view in a message is any part of the whole one."""


def words(kind: Any) -> tuple[str, ...]:
    """The words of an enumeration, a literal or an annotated text; none of anything else."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return tuple(one.value for one in kind)
    if get_origin(kind) is Literal:
        return get_args(kind)
    if get_origin(kind) is Annotated and get_args(kind)[0] is str:
        return tuple(one for one in get_args(kind)[1:] if isinstance(one, str))
    return ()


NAMED_WORDS: Final = {words(kind): name for name, kind in WORDS.items()}
PLAIN: Final[Mapping[Any, str]] = {
    str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown", type(None): "null",
    Decimal: "string", datetime: "string",
}  # fmt: skip


def typed(kind: Any, *, sent: bool = False) -> str:
    """A type in TypeScript; `sent`: where a client sends it, what has a default may be missing."""
    named = None if sent else next((name for name, shape in SHAPES.items() if shape is kind or shape == kind), None)
    return named or spelled(kind, sent)


def spelled(kind: Any, sent: bool = False) -> str:
    if said := words(kind):
        return NAMED_WORDS.get(said) or either(said)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        if m.EVERY in inner:
            keys, values = get_args(inner[0])
            return f"Record<{typed(keys)}, {typed(values)}>"
        return typed(inner[0], sent=sent)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(typed(one, sent=sent) for one in inner))
    if origin is tuple and Ellipsis not in inner:
        return f"[{', '.join(typed(one, sent=sent) for one in inner)}]"
    if origin is not None and issubclass(origin, Mapping):
        keys, values = typed(inner[0], sent=sent), typed(inner[1], sent=sent)
        return f"Record<{keys}, {values}>" if keys == "string" else f"Partial<Record<{keys}, {values}>>"
    if origin is not None and issubclass(origin, Sequence):
        item = typed(inner[0], sent=sent)
        return f"({item})[]" if "|" in item else f"{item}[]"
    if kind in PLAIN:
        return PLAIN[kind]
    return "{ " + "; ".join(f"{name}{mark}: {kind}" for name, mark, kind, _ in members(kind, sent)) + " }"


def members(shape: Any, sent: bool = False) -> Iterator[tuple[str, str, str, str]]:
    """Of a typed dictionary, a dataclass or a body: name, "?" of one that may be missing, type and comment."""
    said = comments(shape)
    missing = may_be_missing(shape, sent)
    hints = get_type_hints(shape, include_extras=True)
    for name in shape.model_fields if issubclass(shape, BaseModel) else hints:
        optional = get_origin(hints[name]) is NotRequired
        hint = get_args(hints[name])[0] if optional else hints[name]
        yield name, "?" if optional or name in missing else "", typed(hint, sent=sent), said.get(name, "")


def may_be_missing(shape: Any, sent: bool) -> frozenset[str]:
    """Of what a client sends, what has a default."""
    if is_typeddict(shape):
        return frozenset()
    if issubclass(shape, BaseModel):
        return frozenset(name for name, field in shape.model_fields.items() if not field.is_required())
    return frozenset(field.name for field in fields(shape) if sent and field.default is not MISSING)


def comments(shape: Any) -> Mapping[str, str]:
    """What stands behind each field in the source, also of the classes it inherits from."""
    found: dict[str, str] = {}
    for kind in getattr(shape, "__orig_bases__", ()):
        if is_typeddict(kind):
            found |= comments(kind)
    if shape.__module__ in (m.__name__, v.__name__, Measurement.__module__, TurnCredentials.__module__):
        found |= dict(re.findall(r"^    (\w+): .*?  # (.*)$", inspect.getsource(shape), re.M))
    return found


def interface(name: str, shape: Any) -> str:
    if not (is_typeddict(shape) or is_dataclass(shape)):
        return f"export type {name} = {spelled(shape)};"
    lines = [f"  {one}{mark}: {kind};{said and f' // {said}'}" for one, mark, kind, said in members(shape)]
    about = inspect.cleandoc(shape.__doc__ or "") if is_typeddict(shape) else ""
    head = f"export type {name} = {BEFORE[name]}{{" if name in BEFORE else f"export interface {name} {{"
    said = [f"// {line}" for line in about.splitlines()]
    return "\n".join([*said, head, *lines, "};" if name in BEFORE else "}"])


def alias(name: str, kind: Any) -> str:
    return f"export type {name} = {either(words(kind))};"


def either(said: Sequence[str], between: str = " | ") -> str:
    return between.join(f'"{word}"' for word in said)


def messages(name: str, about: str, bodies: Mapping[str, str]) -> str:
    listed = (f"  {one}: {body or 'Record<string, never>'};" for one, body in bodies.items())
    return "\n".join([f"// {about}", f"export interface {name} {{", *listed, "}"])


def sent() -> dict[str, str]:
    """Message -> body of everything that a client may send."""
    bodies: dict[str, type[BaseModel]] = {name: message.body for name, message in COMMANDS.items()}
    bodies |= {name: asked.body for name, asked in QUESTIONS.items()}
    return {name: spelled(body, sent=True) if body.model_fields else "" for name, body in bodies.items()}


def told() -> dict[str, str]:
    """Message -> body of everything that the server tells."""
    shapes = {name: [one for one in message.body if get_type_hints(one)] for name, message in m.MESSAGES.items()}
    return {name: " & ".join(map(typed, body)) for name, body in shapes.items()}


def scripts() -> str:
    """`messages.ts`."""
    pieces = [
        "// What travels between the browser and the room. Written by `python -m tests.tools.wire`: do not edit.",
        "\n".join(alias(name, kind) for name, kind in WORDS.items()),
        f"export const PHASES: readonly Phase[] = [{either(list(v.Phase), ', ')}];",
        *(interface(name, shape) for name, shape in SHAPES.items()),
        messages("ClientMessages", "What a client sends: by name, the body.", sent()),
        messages("ServerMessages", "What the server tells: by name, the body.", told()),
    ]
    return "\n\n".join(pieces) + "\n"


# ------------------------------------------------------------ the document

WHO: Final[Mapping[frozenset[Standing], str]] = {
    d.ANYBODY: "everybody, also a supervisor who looks on",
    d.EVERYBODY: "everybody",
    d.MEDIATOR: "mediator",
    d.PARTIES: "parties",
    d.SENDING: "everybody with media",
    d.CONFERRING: "who speaks for a side",
    d.CONFERRING | d.MEDIATOR: "mediator, and who speaks for a side",
    d.ASSISTED | d.MEDIATOR: "mediator, consumer, business, representative",
    d.EVERYBODY - {v.Role.INTERPRETER}: "everybody but interpreters",
    d.PARTIES - {v.Role.OBSERVER}: "everybody but the mediator and observers",
}
"""Rights in words, without those of the server and of officers outside the room."""


def who(by: frozenset[Standing]) -> str:
    return WHO[frozenset(one for one in by if isinstance(one, v.Role))]


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def code(spelling: str) -> str:
    return f"`{spelling}`" if spelling else ""


def note(of: Any) -> str:
    """What the declaration says of itself, in one line."""
    doc = of.__doc__ or ""
    generated = is_dataclass(of) and doc.startswith(f"{getattr(of, '__name__', '')}(")
    return "" if generated else " ".join(doc.split())


def commands() -> Iterator[str]:
    yield from (row("message", "body", "who", "what"), "|---|---|---|---|")
    for name, message in COMMANDS.items():
        yield row(code(name), code(sent()[name]), who(DECLARED[message.command].by), note(message.command))


def questions() -> Iterator[str]:
    yield from (row("message", "body", "who", "what"), "|---|---|---|---|")
    for name, asked in QUESTIONS.items():
        yield row(code(name), code(sent()[name]), who(asked.by), note(asked.answer))


def tellings() -> Iterator[str]:
    yield from (row("message", "body", "what"), "|---|---|---|")
    for name, message in m.MESSAGES.items():
        yield row(code(name), code(told()[name]), message.told)


def parts() -> Iterator[str]:
    yield from (row("part", "lists, and what tells their items apart"), "|---|---|")
    for name, part in PARTS.items():
        yield row(code(name), ", ".join(f"{code(at)} by {code(by) or 'place'}" for at, by in part.lists.items()))


def shapes() -> Iterator[str]:
    listed = (interface(name, shape) for name, shape in SHAPES.items())
    yield from ("```ts", *(alias(name, kind) for name, kind in WORDS.items()), *listed, "```")


TABLES: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "commands": commands,
    "questions": questions,
    "server": tellings,
    "parts": parts,
    "types": shapes,
}


def document(text: str) -> str:
    """The document with everything between its marks as the declarations have it. ValueError when marks are missing."""
    for name, lines in TABLES.items():
        mark, end = f"<!-- {name}: written by python -m tests.tools.wire -->", f"<!-- /{name} -->"
        before, found, rest = text.partition(mark)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"docs/wire.md has no place for {name}")
        text = "\n".join([before + mark, *lines(), end]) + after
    return text


def main() -> None:
    TYPES.write_text(scripts(), encoding="utf-8")
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
