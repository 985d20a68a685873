"""Messages that come with a notice: queued in the transaction in which it is issued, and how far each has come.

Made only when the event is appended: a projection made anew sends nothing a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import from_event
from complaints.notices.answers import AnswerInvited
from complaints.notices.notice import NoticeIssued, NoticeWithdrawn
from complaints.notices.questions import QuestionsSent, TermReminded
from journal import Event
from server.storage.message_store import StoredMessage, put_message
from server.storage.tables import complaints, messages

KIND = "notice"
_TELLING = {kind.__name__ for kind in (NoticeIssued, NoticeWithdrawn, AnswerInvited, TermReminded, QuestionsSent)}
_KINDS = {  # shown without what makes it work
    AnswerInvited.__name__: "link",
    TermReminded.__name__: "reminder",
    QuestionsSent.__name__: "link",
}


class NoticeMessages:
    """A projector of `complaint/…`, after the one that writes the complaint's own row."""

    kind = "complaint"

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        for entry in appended:
            if entry.type not in _TELLING:
                continue
            event = from_event(entry)
            assert isinstance(event, NoticeIssued | NoticeWithdrawn | AnswerInvited | TermReminded | QuestionsSent)
            complaint = entry.stream.partition("/")[2]
            mine = select(complaints.c.office).where(complaints.c.id == complaint)
            office = (await connection.execute(mine)).scalar_one()
            for one in event.to:
                if one.message:
                    await put_message(
                        connection,
                        StoredMessage(
                            id=one.message,
                            office=office,
                            session="",
                            kind=_KINDS.get(entry.type, KIND),
                            to_sealed=one.phone,
                            to_masked=one.phone_masked,
                            text_sealed=one.text,
                            created=entry.at,
                            next_try=entry.at,
                            complaint=complaint if isinstance(event, NoticeIssued) else "",
                        ),
                    )


async def delivered(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, str]:
    """Message -> "queued" | "sent" | "failed" | "dead"."""
    if not ids:
        return {}
    wanted = select(messages.c.id, messages.c.state).where(messages.c.id.in_(ids))
    return {row.id: row.state for row in await connection.execute(wanted)}
