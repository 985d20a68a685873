"""With a session's record go the numbers people of it were reached at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from server.db.engine import Database
from server.identity.link_store import Link, LinkStore
from server.outbox.store import MessageStore, StoredMessage
from server.rooms.store import Contacts

NOW = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
LINK = Link(
    "l1", "o1", "m1", "s-consumer", "secret-1", "sealed", "number", "138****5678", NOW, "u1", NOW + timedelta(days=1)
)
MESSAGE = StoredMessage("n1", "o1", "m1", "link", "number", "138****5678", "words", NOW, NOW)


async def everything(database: Database) -> str:
    """All that is kept of links and messages."""
    async with database.read() as connection:
        rows = [(await connection.execute(text(f"SELECT * FROM {table}"))).all() for table in ("links", "messages")]
    return repr(rows)


async def test_numbers_and_messages_of_a_session_go_and_anothers_stay(database: Database) -> None:
    store, outbox, contacts = LinkStore(database), MessageStore(database), Contacts(database)
    await store.issue(LINK)
    await store.issue(replace(LINK, id="l2", session="m2", secret_hash="secret-2", phone_masked="139****0000"))
    await outbox.put(MESSAGE)
    await outbox.put(replace(MESSAGE, id="n2", session="m2", to_masked="139****0000"))
    assert await contacts.forget("m1") == 2
    kept = await store.link("l1")
    assert kept is not None
    assert (kept.phone_sealed, kept.phone_masked, kept.secret_hash) == ("", "", "secret-1")
    assert "138****5678" not in await everything(database)
    assert (await store.link("l2")) == replace(
        LINK, id="l2", session="m2", secret_hash="secret-2", phone_masked="139****0000"
    )
    assert [message.id for message in await outbox.claim(NOW, timedelta(minutes=1))] == ["n2"]
    assert await contacts.forget("m1") == 0  # done again it finds nothing
