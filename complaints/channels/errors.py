"""What a file, a mapping, a row or a cell is refused for.

ChannelError        code                                      params
├── Unreadable      the whole file: empty, too_big, …         by code, see `Unreadable`
├── BadMapping      bad_mapping                               what (which part of the mapping), value
└── BadCell         one cell: a code of `Problem`             by code

Codes are stable; `complaints.channels.reasons` has a sentence for each in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    other_office · changed (already being handled) · and the codes of `complaints.errors`
    """

    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
