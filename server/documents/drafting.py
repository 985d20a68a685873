"""Drafts outside the web process: reads the database of a data folder, whose server may be running."""

from __future__ import annotations

from complaints.views import NoticeWish, PrintedPaper
from offices.refusal import Refused
from server.app.wiring import assemble
from server.complaints.message_store import complaint_called
from server.serving.data_folder import installation_absent
from server.serving.settings import Settings


class NoDraft(Exception):
    """Says why, fit for the person at the terminal."""


async def draft(settings: Settings, complaint: str, wish: NoticeWish) -> PrintedPaper:
    """`complaint`: an id or a number. NoDraft."""
    if sentence := installation_absent(settings):
        raise NoDraft(sentence)
    parts = assemble(settings)
    try:
        async with parts.database.read() as connection:
            found = await complaint_called(connection, complaint)
        if found is None:
            raise NoDraft(f"there is no complaint {complaint}")
        id, office = found
        where = await parts.store.office(office)
        if where is None:
            raise NoDraft(f"the office of {complaint} is not in the database")
        try:
            return await parts.notices.draft(where, where.name, id, wish)
        except Refused as no:
            raise NoDraft(_WHY.get(no.code, no.code) + "".join(f" ({value})" for value in no.params.values())) from None
    finally:
        await parts.database.close()


_WHY = {
    "wrong_state": "the occasion for this document has not come: complaint",
    "missing": "something is missing:",
    "too_long": "a text is too long:",
    "unprintable": "it cannot be printed; see the log",
}
