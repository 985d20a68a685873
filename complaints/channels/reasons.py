"""The sentence for every reason a file, a row or a mapping is refused.

English, which is also what they are translated by: the Chinese is in web/locales/zh/imports.po. Codes are those of
`complaints.channels.errors` and `complaints.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

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
    return f"{column}: {text}" if column else text


class _Blanks(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
