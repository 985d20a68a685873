"""What a start looks at: mediations that may have left a recording behind, and no others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import cast

from journal.clock import utc_now
from rooms import events as e
from rooms.live.registry import Rooms
from server.app.core import loose
from server.db.engine import Database
from tests.server.db.history import SETTLED, Teller


async def test_only_what_has_files_here_or_in_its_journal_is_looked_at_unless_a_store_may_know_of_more(
    database: Database, tell: Teller, tmp_path: Path
) -> None:
    opened, nobody = utc_now() - timedelta(hours=2), cast(Rooms, None)
    for number in range(3):
        await tell.mediated(f"c{number}", f"m{number}", SETTLED, opened=opened + number * timedelta(minutes=1))
    file = e.SegmentSealed("s1", "m1/s1/a.webm", "ab" * 32, 9, opened, opened + timedelta(minutes=1))
    await tell.session("m1", file, at=utc_now())
    (tmp_path / "m2").mkdir()
    assert await loose(database, nobody, tmp_path, node=False, away=False) == ["m1", "m2"]
    assert await loose(database, nobody, tmp_path, node=False, away=True) == ["m0", "m1", "m2"]
