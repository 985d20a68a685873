"""The five channels complaints come in by: one mapping file each, and how their cells and rows are read. Pure.

Here is why a file, a mapping, a row or a cell is refused, in codes and in sentences; and rows as pages show them.

ChannelError        code                                      params
├── Unreadable      the whole file: empty, too_big, …         by code, see `Unreadable`
├── BadMapping      bad_mapping                               what (which part of the mapping), value
└── BadCell         one cell: a code of `Problem`             by code

Codes are stable. Every one of them, and of `complaints`, has a sentence here in English, which is also what
it is translated by: the Chinese is in `imports.po`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from journal.refusals import DomainError


class ChannelError(DomainError):
    """Base of what a channel's files are refused for."""

    code = "channel"

    def __init__(self, code: str = "", **params: Any) -> None:
        self.code = code or type(self).code
        super().__init__(**params)


class UnreadableFile(ChannelError):
    """Nothing, or nothing more, can be read from a file.

    empty · too_big (most, MB) · unknown_kind · truncated · old_excel · macros · bomb (most, MB) · hard (beyond its
    reader's limits) · cut_off (a process died reading it) · formula (cell) ·
    too_many_rows (most) · too_many_columns (most) · no_header · columns_missing (columns) · open_quote (row) ·
    not_text · bad_message · bad_json
    """

    code = "unreadable"


class BadMapping(ChannelError):
    code = "bad_mapping"


class BadCell(ChannelError):
    code = "bad_cell"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one cell keeps its row out. `column` is the header as the file has it, or our field's name.

    missing · digits_lost · bad_phone · bad_identity · bad_amount · two_amounts · bad_date · two_dates ·
    ambiguous_date · future_date · bad_choice (value) · too_long (most) · formula · unreadable_text · report ·
    other_office · changed (already being handled) · and the codes of `complaints`; of a row that is taken all
    the same: unknown_value (value) · unnamed · no_facts
    """

    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


REASONS: Final[Mapping[str, str]] = {
    # a whole file
    "empty": "There is nothing in this file.",
    "too_big": "This is larger than the %(most)s MB that can be taken; split the export, or save it as CSV.",
    "unknown_kind": "This is neither a CSV nor an XLSX table.",
    "truncated": "This workbook is damaged or was not downloaded to its end; export it once more.",
    "old_excel": "This is an old Excel file or one with a password; save it as XLSX without a password, or as CSV.",
    "macros": "This workbook carries macros; save it as XLSX without macros, or as CSV.",
    "bomb": "Unpacked, this workbook is far larger than an export can be (%(most)s MB); it is not opened.",
    "hard": (
        "Reading this file took more memory or time than any ordinary one, so it was stopped; save it as CSV, "
        "or split it."
    ),
    "cut_off": (
        "The program ended while it was reading this file, which is set aside and not tried again by itself; "
        "if the file is in order, send it once more."
    ),
    "too_many_rows": "This sheet has more than %(most)s rows; save it as CSV, which may be longer.",
    "too_many_columns": "This table has more than %(most)s columns.",
    "no_header": "None of the first %(rows)s rows names the columns of this channel; look at its mapping.",
    "columns_missing": "These columns are missing: %(columns)s. Look at the channel’s mapping.",
    "open_quote": "From row %(row)s on a quotation mark is never closed; what stands behind it was not read.",
    "not_text": "This is not a text that could be read as a table.",
    "bad_message": "This message cannot be read.",
    "bad_json": "This is not a JSON object with plain values.",
    "gone": "The uploaded file is no longer there; send it once more.",
    "bad_mapping": "The mapping has a mistake: %(what)s %(value)s.",
    # a row
    "missing": "This is empty.",
    "digits_lost": "The spreadsheet has cut this number off; type it in full, or export the column as text.",
    "bad_phone": "This is not a phone number.",
    "bad_identity": "This identity number cannot exist.",
    "bad_check": "This number cannot exist: its check character does not fit.",
    "bad_amount": "This is not an amount in yuan.",
    "two_amounts": "There are two amounts in this cell.",
    "bad_date": "This is not a date between 1990 and 2100.",
    "two_dates": "There are two dates in this cell.",
    "ambiguous_date": "This date can be read in two ways; write the year first.",
    "future_date": "This day has not come yet.",
    "bad_choice": "“%(value)s” is not known here; the mapping can say what it means.",
    "too_long": "This is longer than %(most)s characters.",
    "formula": "There is a formula in this cell; export values.",
    "unreadable_text": "Some characters cannot be read; save the file as UTF-8.",
    "sample": "This is a sample that the program invented; only a demo office takes it.",
    # what is to be looked at in a row that was taken
    "unknown_value": "“%(value)s” is not known here: it is kept as text.",
    "unnamed": "It does not say which business it is about.",
    "no_facts": "It does not say what happened.",
    "changed": "Its channel has changed it, but it is already being handled here; compare the two.",
}
FORMULA_AT: Final = "There is a formula in cell %(cell)s; export values."
UNKNOWN: Final = "This cannot be taken (%(code)s)."


def said(
    code: str, params: Mapping[str, Any], column: str = "", gettext: Callable[[str], str] = lambda msgid: msgid
) -> str:
    """One sentence, with the column it is about; English unless `gettext` says otherwise."""
    message = REASONS.get(code, UNKNOWN)
    if code == "formula" and params.get("cell"):
        message = FORMULA_AT
    if code == "bad_choice" and "value" not in params:
        message = UNKNOWN
    text = gettext(message)
    if "%(" in text:
        text = text % _Blanks({"code": code, **params})
    return f"{column}{gettext(': ')}{text}" if column else text


class _Blanks(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class ImportReason:
    """Why a cell or a file was refused: a code of `complaints.channels`, and the column it stands in."""

    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """`state`: "preview" | "queued" | "running" | "done" | "failed" | "undoing" | "undone" | "discarded"."""

    id: str
    channel: str
    source: str
    name: str
    size: int  # bytes
    by: str
    created: datetime
    state: str
    read: int = 0  # the last row so far
    taken: int = 0
    updated: int = 0
    duplicate: int = 0
    refused: int = 0
    error: ImportReason | None = None
    ended: datetime | None = None
    apart: int = 0  # registered as reports and consultations


@dataclass(frozen=True, slots=True)
class ImportRow:
    row: int
    number: str
    problems: Sequence[ImportReason]
    title: str = ""
    business: str = ""
    received: date | None = None  # the day it would be registered with
    due: date | None = None  # until when it would have to be accepted or refused
    apart: str = ""  # "report", or one of `law.grounds.MATTERS`; "" of a complaint
    notes: Sequence[ImportReason] = ()  # what is to be looked at in one that is taken
    over: bool = False  # handled by the system it comes from: it is history
    under_way: bool = False  # accepted there, and goes on here


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row that was taken. `kind`: "complaint", or what it became beside complaints: "report", "consultation". `id`:
    of what it became. `state`: of the complaint; `notes`: what is to be looked at in it."""

    row: int
    number: str
    outcome: str
    kind: str
    id: str
    filed: str = ""  # its number here
    title: str = ""
    business: str = ""
    state: str = ""
    notes: Sequence[ImportReason] = ()


@dataclass(frozen=True, slots=True)
class ImportValue:
    """What so many rows say in a field, and nobody knew. `choices`: what it can mean, none where it is only kept;
    `value`: what somebody has said it means, None while nobody has."""

    field: str
    said: str
    rows: int
    value: str | None
    choices: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UnnamedImport:
    """A complaint whose business nobody has named, with names its text holds."""

    complaint: str
    number: str
    title: str
    facts: str
    suggested: Sequence[str]


@dataclass(frozen=True, slots=True)
class ImportToSettle:
    """What a person is asked about a batch. `unnamed`, `silent`: how many rows came without a business's name, and
    without saying what happened."""

    values: Sequence[ImportValue] = ()
    unnamed: int = 0
    silent: int = 0
    names: Sequence[UnnamedImport] = ()


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """`columns`: (our field, the file's header)."""

    header_row: int
    columns: Sequence[tuple[str, str]]
    kept: Sequence[str]
    unused: Sequence[str]
    rows: Sequence[ImportRow]

    @property
    def dated_by(self) -> str:
        """The column the day of receipt is taken from, "" where the file has none."""
        return next((header for field, header in self.columns if field == "received"), "")
