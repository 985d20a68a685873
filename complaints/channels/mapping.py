"""A mapping: which column of a channel's export is which field, and what its values mean; and finding the header row.

One JSON file each (`builtin/`), which an office may replace by its own:

    {"channel": "hotline", "columns": {"number": ["工单编号", …], …}, "values": {"consumer_sex": {"男士": "male"}},
     "defaults": {"mode": "phone"}, "keep": ["处理部门", …]}

`columns`: field -> headers, the first that a file has counts. `values`: what a cell may say beside the names and
codes of `complaints` and the words of 全国12315平台 (`builtin/words_12315.json`, which says its version):
each of its classes belongs to one of ours. `defaults`: where a file has no such column, or the cell nothing. `keep`:
columns without a field, written below the facts as they are.

A channel comes with its own file, then `common.json`, then `english.json`: what the first says goes first. What a value
that nobody knew means, once somebody has said so, a mapping knows from then on.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, Final, NamedTuple, get_type_hints

import complaints
from complaints import BadChoice, Names
from complaints.channels import BadMapping, ChannelError, UnreadableFile
from complaints.channels.cells import Cell, text
from law.grounds import MATTERS

IMPORTED: Final = ("hotline", "director", "board", "12315", "petition")
"""The channels with a mapping; the window has a form."""

NEEDED: Final = ("facts",)
"""Without this column a table is none of complaints. The business may be named in the text alone."""

LONGEST_FILE: Final = 100_000  # characters of a mapping
LONGEST_VALUE: Final = 200  # ... of a word that a cell may say
_MOST_NAMES, _LONGEST_NAME = 80, 60
CHOICES: Final[Mapping[str, Mapping[str, complaints.Names]]] = {
    "channel": complaints.CHANNELS,
    "consumer_sex": complaints.SEXES,
    "consumer_age_band": complaints.AGES,
    "consumer_id_kind": complaints.ID_KINDS,
    "mode": complaints.MODES,
    "problem_class": complaints.PROBLEMS,
    "requests": complaints.REQUESTS,
    "status": complaints.STATUSES,
    "urgency": complaints.URGENCIES,
    "object_kind": {"goods": ("商品", "Goods"), "service": ("服务", "Service")},
    "kind": {
        "complaint": ("投诉", "Complaint"),
        "report": ("举报", "Report"),
        "both": ("投诉举报", "Both"),
        **{kind: (matter.zh, matter.en) for kind, matter in MATTERS.items()},
    },
}
_BRACKETS = re.compile(r"[(\[【<《].{0,60}?[)\]】>》]")
_NOISE = re.compile(r"[\s*:：_\-—.。/、]+")


@dataclass(frozen=True, slots=True)
class ChannelMapping:
    channel: str
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # field -> cell in lower case -> our value
    defaults: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As its file has it. What the vocabulary already says is left out."""
        own = {
            name: {said: value for said, value in among.items() if _known(name).get(said) != value}
            for name, among in self.values.items()
        }
        return {
            "channel": self.channel,
            "columns": {name: list(headers) for name, headers in self.columns.items()},
            "values": {name: among for name, among in own.items() if among},
            "defaults": dict(self.defaults),
            "keep": list(self.keep),
        }


def header_key(header: str) -> str:
    """Headers are compared without spaces, stars, units in brackets, and in one width."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return _NOISE.sub("", _BRACKETS.sub("", plain)) or _NOISE.sub("", plain)


def from_text(text: str) -> ChannelMapping:
    """A mapping file. BadMapping says which part is wrong."""
    if len(text) > LONGEST_FILE:
        raise BadMapping(what="length", value=len(text))
    try:
        return from_plain(json.loads(text))
    except (ValueError, RecursionError):
        raise BadMapping(what="json", value="") from None


def from_plain(data: object) -> ChannelMapping:
    if not isinstance(data, dict):
        raise BadMapping(what="json", value="")
    if unknown := data.keys() - {"channel", "columns", "values", "defaults", "keep"}:
        raise BadMapping(what="part", value=str(min(unknown))[:_LONGEST_NAME])
    channel = data.get("channel")
    if channel not in IMPORTED:
        raise BadMapping(what="channel", value=str(channel)[:_LONGEST_NAME])
    columns = {_field(name): _headers(headers) for name, headers in _object(data, "columns").items()}
    if missing := [name for name in NEEDED if not columns.get(name)]:
        raise BadMapping(what="needed", value=missing[0])
    defaults = {_field(name): _name(value) for name, value in _object(data, "defaults").items()}
    values = {_field(name): among for name, among in _object(data, "values").items()}
    made = ChannelMapping(channel, columns, {}, defaults, _headers(data.get("keep", [])))
    read = {}
    for name in FIELDS:
        if FIELDS[name] in ("choice", "choices", "kind"):
            read[name] = dict(_known(name)) | _own(name, values.pop(name, {}))
    if values:
        raise BadMapping(what="values", value=min(values))
    for name, value in defaults.items():
        if name in CHOICES and value not in CHOICES[name]:
            raise BadMapping(what="values", value=value)
    return ChannelMapping(made.channel, columns, read, defaults, made.keep)


@lru_cache(maxsize=8)
def builtin(channel: str) -> ChannelMapping:
    """The mapping a channel comes with. BadMapping for a channel that has none."""
    if channel not in IMPORTED:
        raise BadMapping(what="channel", value=channel[:_LONGEST_NAME])
    own, common, english = (_builtin(name) for name in (channel, "common", "english"))
    columns: dict[str, list[str]] = {}
    values: dict[str, dict[str, str]] = {}
    for part in (own, common, english):
        for name, headers in part["columns"].items():
            columns[name] = list(dict.fromkeys([*columns.get(name, ()), *headers]))
        for name, among in part["values"].items():
            values[name] = among | values.get(name, {})
    if channel == "petition":  # what it calls everything it sends says nothing of what it is
        values["kind"] = {said: kind for said, kind in values["kind"].items() if kind != "petition"}
    keep = [*common["keep"], *own.get("keep", ())]
    return from_plain({**own, "columns": columns, "values": values, "keep": keep})


def _builtin(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((files(__package__) / "builtin" / f"{name}.json").read_text("utf-8"))
    return {"columns": {}, "values": {}, **data}


@lru_cache(maxsize=1)
def words_12315() -> Mapping[str, Any]:
    """`version`; `problems`, `requests`, `statuses`: our class -> words; `objects`: "goods" | "service" -> classes."""
    return _builtin("words_12315")


_WORDS: Final = {"problem_class": "problems", "requests": "requests", "status": "statuses", "object_kind": "objects"}


@lru_cache(maxsize=32)
def _known(name: str) -> Mapping[str, str]:
    known = words_12315()[_WORDS[name]] if name in _WORDS else {}
    said = {word.lower(): value for value, words in known.items() for word in words}
    names = CHOICES.get(name, {})
    return said | {said.lower(): value for value, both in names.items() for said in (*both, value) if value}


def known_status(word: str) -> str:
    """Of `complaints.STATUSES`, "" for none."""
    return _known("status").get(word.lower(), "")


def object_kind(category: str) -> str:
    """ "goods" or "service", by a class of 全国12315平台; "" for one it does not know."""
    return _known("object_kind").get(category.lower(), "")


def _own(name: str, among: object) -> dict[str, str]:
    if not isinstance(among, dict):
        raise BadMapping(what="values", value=name)
    for value in among.values():
        if value not in CHOICES[name]:
            raise BadMapping(what="values", value=str(value)[:_LONGEST_NAME])
    return {_name(said, LONGEST_VALUE).lower(): value for said, value in among.items()}


def _object(data: dict[str, Any], part: str) -> dict[str, Any]:
    found = data.get(part, {})
    if not isinstance(found, dict):
        raise BadMapping(what=part, value="")
    return found


def _field(name: str) -> str:
    if name not in FIELDS:
        raise BadMapping(what="field", value=name[:_LONGEST_NAME])
    return name


def _headers(headers: object) -> tuple[str, ...]:
    if isinstance(headers, str):
        headers = [headers]
    if not isinstance(headers, list) or len(headers) > _MOST_NAMES:
        raise BadMapping(what="columns", value=str(headers)[:_LONGEST_NAME])
    return tuple(_name(header) for header in headers)


def _name(value: object, longest: int = _LONGEST_NAME) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise BadMapping(what="name", value=str(value)[:_LONGEST_NAME])
    return value.strip()


# ------------------------------------------------------------ the fields of a row


Text = Annotated[str | None, "text"]
Choice = Annotated[str | None, "choice"]
Kind = Annotated[str | None, "kind"]
DateField = Annotated[datetime | None, "moment"]
Clock = Annotated[time | None, "clock"]
Choices = Annotated[tuple[str, ...] | None, "choices"]
Amount = Annotated[Decimal | None, "amount"]
Phones = Annotated[tuple[str, ...] | None, "phones"]
Identity = Annotated[str | None, "identity"]
Words = Annotated[tuple[str, ...] | None, "words"]
Flag = Annotated[bool | None, "flag"]
Day = Annotated[date | None, "day"]


class Values(NamedTuple):
    """What a row says, field by field; an annotation names how a field's cells are read.

    None where the row says nothing. Moments UTC, days local, money in yuan with two decimals.
    """

    number: Text
    channel: Choice  # of an export that holds several
    kind: Kind
    received: DateField
    received_time: Clock
    title: Text
    facts: Text
    request: Text
    requests: Choices
    amount: Amount
    consumer_name: Text
    consumer_phone: Phones
    consumer_other_phone: Phones
    consumer_sex: Choice
    consumer_age_band: Choice
    consumer_id_kind: Choice
    consumer_id_number: Identity
    consumer_city: Text
    consumer_address: Text
    consumer_email: Text
    business_name: Text
    business_contact: Text
    business_phone: Phones
    business_city: Text
    business_address: Text
    credit_code: Identity
    industry: Text
    industry_code: Text
    problem: Text
    problem_class: Choice
    division: Text
    jurisdiction: Text
    mode: Choice
    urgency: Choices
    keywords: Words
    secret: Flag
    wants_reply: Flag
    object_kind: Choice
    object_category: Text
    object_name: Text
    object_brand: Text
    object_model: Text
    object_quantity: Text
    object_paid: Amount
    object_bought: Day
    object_order_number: Text
    object_platform: Text
    object_shop: Text
    place: Text  # where it happened
    status: Choice  # what became of it in the system it comes from
    accepted: DateField
    result: Text
    finished: DateField
    recovered: Amount
    channel_due: Text
    publicity: Text
    sign_due: Text
    feedback_due: Text
    settle_due: Text


FIELDS: Final[Mapping[str, str]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Values, include_extras=True).items()
}
"""Our fields, in the order of `Values`, and how their cells are read (`complaints.channels.reading`)."""

_APART: Final = frozenset({"accepted", "result", "finished", "place"})  # never another field's column

SEARCHED = 10  # rows from the top
MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Header:
    """`row` counts from 1; `last` is the row it ends in (two when a merged head stands above the names)."""

    names: tuple[str, ...]
    columns: dict[str, int]  # field -> index
    kept: tuple[int, ...]  # columns that go below the facts
    row: int = 1
    last: int = 1

    @property
    def unused(self) -> list[str]:
        used = {*self.columns.values(), *self.kept}
        return [name for index, name in enumerate(self.names) if name and index not in used]

    def name_of(self, field: str) -> str:
        """What the file calls it; the field's own name when it has no such column."""
        return self.names[self.columns[field]] if field in self.columns else field


def header_of(mapping: ChannelMapping, names: Sequence[str], row: int = 1, last: int = 1) -> Header:
    """Columns by their names; nothing is said yet of what is missing."""
    keys: dict[str, int] = {}
    for index, name in enumerate(names):
        keys.setdefault(header_key(name), index)
    columns: dict[str, int] = {}
    for name, headers in mapping.columns.items():
        for header in headers:
            found = keys.get(header_key(header))
            if found is not None and not (name in _APART and found in columns.values()):
                columns[name] = found
                break
    kept = (keys[key] for key in map(header_key, mapping.keep) if key in keys)
    return Header(tuple(names), columns, tuple(dict.fromkeys(kept)), row, last)


def find_header(mapping: ChannelMapping, rows: Sequence[Sequence[Cell]]) -> Header:
    """The header among the first rows. Unreadable: no_header, columns_missing, too_many_columns."""
    best: Header | None = None
    shown = [[_shown(cell) for cell in row] for row in rows[:SEARCHED]]
    for number, names in enumerate(shown, 1):
        if len(names) > MOST_COLUMNS:
            raise UnreadableFile("too_many_columns", most=MOST_COLUMNS)
        found = [header_of(mapping, names, number, number)]
        if number < len(shown):
            found.append(header_of(mapping, _joined(names, shown[number]), number, number + 1))
        for header in found:
            if best is None or len(header.columns) > len(best.columns):
                best = header
    if best is None or len(best.columns) < 2:
        raise UnreadableFile("no_header", rows=SEARCHED)
    if missing := [field for field in NEEDED if field not in best.columns]:
        wanted = [mapping.columns[field][0] for field in missing]
        raise UnreadableFile("columns_missing", columns="、".join(wanted), row=best.row)
    return best


def _shown(cell: Cell) -> str:
    try:
        return text(cell)[:200]
    except ChannelError:
        return ""


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """消费者 over 姓名 and 电话 names the columns 消费者姓名 and 消费者电话; a merged head reaches to the next one."""
    names, above = [], ""
    for index in range(max(len(upper), len(lower))):
        above = (upper[index] if index < len(upper) else "") or above
        below = lower[index] if index < len(lower) else ""
        names.append(below if above == below else above + below)
    return names


CONCLUDED: Final = ("refused", "settled", "ended", "withdrawn")
"""Of `complaints.STATUSES`: how one that is closed came out."""


def meanings(field: str) -> Mapping[str, Names]:
    """What a value of this field can mean; nothing where its words are only kept."""
    return CHOICES.get(field, {}) if FIELDS.get(field) in ("choice", "choices", "kind") else {}


def concluded(state: str, result: str) -> str:
    """A status, told more exactly by a result of one word: longer ones are for people to read."""
    word = known_status(result.strip())
    return word if state == "closed" and word in CONCLUDED else state


def knowing(mapping: ChannelMapping, values: Mapping[tuple[str, str], str]) -> ChannelMapping:
    """Which also knows what an office has said of (field, word)."""
    known = {name: dict(among) for name, among in mapping.values.items()}
    for (name, said), value in values.items():
        known.setdefault(name, {}).setdefault(said.lower(), value)
    return replace(mapping, values=known)


def checked(field: str, value: str) -> str:
    """BadChoice."""
    if value not in meanings(field):
        raise BadChoice(field=field)
    return value
