"""The sentence for every reason a file, a row or a mapping is refused, and the names of what an import does.

Owns English msgids only; the Chinese is in locales/zh/imports.po. Codes are those of `complaints.channels.errors` and
`complaints.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from web.i18n import N_

REASONS: Final[Mapping[str, str]] = {
    # a whole file
    "empty": N_("There is nothing in this file."),
    "too_big": N_("This is larger than the %(most)s MB that can be taken; split the export, or save it as CSV."),
    "unknown_kind": N_("This is neither a CSV nor an XLSX table."),
    "truncated": N_("This workbook is damaged or was not downloaded to its end; export it once more."),
    "old_excel": N_("This is an old Excel file or one with a password; save it as XLSX without a password, or as CSV."),
    "macros": N_("This workbook carries macros; save it as XLSX without macros, or as CSV."),
    "bomb": N_("Unpacked, this workbook is far larger than an export can be (%(most)s MB); it is not opened."),
    "hard": N_(
        "Reading this file took more memory or time than any ordinary one, so it was stopped; save it as CSV, "
        "or split it."
    ),
    "cut_off": N_(
        "The program ended while it was reading this file, which is set aside and not tried again by itself; "
        "if the file is in order, send it once more."
    ),
    "too_many_rows": N_("This sheet has more than %(most)s rows; save it as CSV, which may be longer."),
    "too_many_columns": N_("This table has more than %(most)s columns."),
    "no_header": N_("None of the first %(rows)s rows names the columns of this channel; look at its mapping."),
    "columns_missing": N_("These columns are missing: %(columns)s. Look at the channel’s mapping."),
    "open_quote": N_("From row %(row)s on a quotation mark is never closed; what stands behind it was not read."),
    "not_text": N_("This is not a text that could be read as a table."),
    "bad_message": N_("This message cannot be read."),
    "bad_json": N_("This is not a JSON object with plain values."),
    "gone": N_("The uploaded file is no longer there; send it once more."),
    "bad_mapping": N_("The mapping has a mistake: %(what)s %(value)s."),
    # a row
    "missing": N_("This is empty."),
    "digits_lost": N_("The spreadsheet has cut this number off; type it in full, or export the column as text."),
    "bad_phone": N_("This is not a phone number."),
    "bad_identity": N_("This identity number cannot exist."),
    "bad_check": N_("This number cannot exist: its check character does not fit."),
    "bad_amount": N_("This is not an amount in yuan."),
    "two_amounts": N_("There are two amounts in this cell."),
    "bad_date": N_("This is not a date between 1990 and 2100."),
    "two_dates": N_("There are two dates in this cell."),
    "ambiguous_date": N_("This date can be read in two ways; write the year first."),
    "future_date": N_("This day has not come yet."),
    "bad_choice": N_("“%(value)s” is not known here; the mapping can say what it means."),
    "too_long": N_("This is longer than %(most)s characters."),
    "formula": N_("There is a formula in this cell; export values."),
    "unreadable_text": N_("Some characters cannot be read; save the file as UTF-8."),
    "sample": N_("This is a sample that the program invented; only a demo office takes it."),
    "changed": N_("Its channel has changed it, but it is already being handled here; compare the two."),
}
FORMULA_AT: Final = N_("There is a formula in cell %(cell)s; export values.")
UNKNOWN: Final = N_("This cannot be taken (%(code)s).")

OUTCOMES: Final[Mapping[str, str]] = {
    "taken": N_("taken"),
    "updated": N_("updated"),
    "duplicate": N_("known already"),
    "refused": N_("refused"),
    "fixed": N_("taken after mending"),
    "dropped": N_("dropped"),
    "apart": N_("registered apart"),
}
STATES: Final[Mapping[str, str]] = {
    "preview": N_("Only looked at"),
    "queued": N_("Waits"),
    "running": N_("Being read"),
    "done": N_("Done"),
    "failed": N_("Stopped"),
    "undoing": N_("Being undone"),
    "undone": N_("Undone"),
    "discarded": N_("Discarded"),
}
TONES: Final[Mapping[str, str]] = {"done": "ok", "failed": "danger", "undone": "warn"}
SOURCES: Final[Mapping[str, str]] = {
    "file": N_("uploaded"),
    "command": N_("command line"),
    "webhook": N_("sent by a system"),
    "mail": N_("mail drop"),
}

FIELDS: Final[Mapping[str, str]] = {
    "number": N_("Number at its source"),
    "channel": N_("Channel"),
    "kind": N_("Complaint or report"),
    "received": N_("Received"),
    "received_time": N_("Time received"),
    "title": N_("Title"),
    "facts": N_("Facts"),
    "request": N_("Request"),
    "requests": N_("Kinds of request"),
    "amount": N_("Amount"),
    "consumer_name": N_("Consumer: name"),
    "consumer_phone": N_("Consumer: phone"),
    "consumer_other_phone": N_("Consumer: another phone"),
    "consumer_sex": N_("Consumer: sex"),
    "consumer_age_band": N_("Consumer: age"),
    "consumer_id_kind": N_("Consumer: kind of document"),
    "consumer_id_number": N_("Consumer: document number"),
    "consumer_city": N_("Consumer: city"),
    "consumer_address": N_("Consumer: address"),
    "consumer_email": N_("Consumer: e-mail"),
    "business_name": N_("Business: name"),
    "business_contact": N_("Business: contact"),
    "business_phone": N_("Business: phone"),
    "business_city": N_("Business: city"),
    "business_address": N_("Business: address"),
    "credit_code": N_("Business: credit code"),
    "industry": N_("Industry"),
    "industry_code": N_("Industry code"),
    "problem": N_("Problem"),
    "problem_class": N_("Problem class"),
    "division": N_("Division code"),
    "jurisdiction": N_("Jurisdiction"),
    "mode": N_("Way of receipt"),
    "urgency": N_("Why it may not wait"),
    "keywords": N_("Keywords"),
    "secret": N_("Keep the complainant’s name back"),
    "wants_reply": N_("Wants a reply"),
    "object_kind": N_("Goods or service"),
    "object_category": N_("Object: class"),
    "object_name": N_("Object: name"),
    "object_brand": N_("Object: brand"),
    "object_model": N_("Object: model"),
    "object_quantity": N_("Object: quantity"),
    "object_paid": N_("Object: paid"),
    "object_bought": N_("Object: bought on"),
    "object_order_number": N_("Object: order number"),
    "object_platform": N_("Object: platform"),
    "object_shop": N_("Object: shop"),
}

CHANGED: Final[Mapping[str, str]] = {
    **FIELDS,
    "consumer": N_("the consumer"),
    "business": N_("the business"),
    "object": N_("what was bought"),
}
"""Parts of a record as a channel's update names them."""


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
