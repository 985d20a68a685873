"""Which keys have signed for this log: the journal says so itself, in the stream `log/keys`.

So a key put in the place of ours is noticed, and a key that followed another is one that somebody adopted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from journal import SYSTEM, Actor, Draft, Event, Journal
from journal.notes import Signer, public_key, public_key_of

STREAM = "log/keys"
ADOPTED = "LogKeyAdopted"
"""Data: {"key": the public key as it is published}."""


class OtherKey(Exception):
    """The key in the file is not the one the journal knows."""


class KnownKeys:
    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def expect(self, signer: Signer) -> None:
        """OtherKey if it is not the newest known one. The first key of all is adopted as it comes."""
        events = await self._journal.read(STREAM)
        if not events:
            await self._append(0, signer, SYSTEM)
        elif (known := adopted(events)[-1]) != (signer.name, signer.public):
            raise OtherKey(f"the journal knows {public_key(*known)}, not {public_key(signer.name, signer.public)}")

    async def adopt(self, signer: Signer, by: Actor) -> bool:
        """From now on this one; False when it is already."""
        events = await self._journal.read(STREAM)
        if events and adopted(events)[-1] == (signer.name, signer.public):
            return False
        await self._append(len(events), signer, by)
        return True

    async def _append(self, after: int, signer: Signer, by: Actor) -> None:
        data = {"key": public_key(signer.name, signer.public)}
        await self._journal.append(STREAM, after, [Draft(ADOPTED, data, self._now(), by)])


def adopted(events: list[Event]) -> list[tuple[str, bytes]]:
    """Names and public keys, oldest first. NoteBroken when what is there is no key."""
    return [public_key_of(event.data["key"]) for event in events if event.type == ADOPTED]
