"""Messages to who reported something, queued in the transaction that journals them (`complaints.leads.telling`).

Made only when the event is appended: a projection made anew sends nothing a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import typed
from complaints.leads import STREAM, InformantMessaged
from journal import Event
from server.storage.message_store import StoredMessage, put_message
from server.storage.notice_messages import KIND
from server.storage.tables import leads


class InformantMessages:
    """A projector of `lead/…`, after the one that writes the lead's own row.

    The gateway and the log are told the same kind as of any notice: whose phone it is must not stand in either.
    """

    kind = STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        for entry in appended:
            if entry.type != InformantMessaged.__name__:
                continue
            messaged = typed(InformantMessaged, entry.data)
            lead = entry.stream.partition("/")[2]
            mine = select(leads.c.office).where(leads.c.id == lead)
            await put_message(
                connection,
                StoredMessage(
                    id=messaged.message,
                    office=(await connection.execute(mine)).scalar_one(),
                    session="",
                    kind=KIND,
                    to_sealed=messaged.phone,
                    to_masked=messaged.phone_masked,
                    text_sealed=messaged.text,
                    created=entry.at,
                    next_try=entry.at,
                    lead=lead,
                ),
            )
