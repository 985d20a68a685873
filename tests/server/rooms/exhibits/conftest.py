"""A desk over a real shelf, and a room with both sides in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from journal import Actor
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.exhibits.state import Exhibit
from rooms.views import AnnouncedFile, NewExhibit, SeatedPerson
from server.rooms.exhibits.desk import ExhibitService
from server.serving.jobs.store import JobQueue
from tests.rooms.house import House, X, house
from tests.rooms.scene import BU, CO, MEDIATOR, M, party
from tests.server.serving.jobs.work import office_queue


@dataclass
class Room:
    house: House
    desk: ExhibitService
    shelf: EncryptedFileStore
    queue: JobQueue

    def sitter(self, seat: str) -> SeatedPerson:
        return SeatedPerson(X, seat, MEDIATOR if seat == M else party(seat))

    async def begin(self, seat: str, *files: tuple[str, bytes], **how: Any) -> str:
        announced = [AnnouncedFile(name, len(content)) for name, content in files]
        return (await self.desk.begin(self.sitter(seat), NewExhibit("付款截图", announced, **how))).upload

    async def send(self, seat: str, *files: tuple[str, bytes], piece: int = 100_000, **how: Any) -> str:
        """All of it, piece by piece: the exhibit's id."""
        upload = await self.begin(seat, *files, **how)
        for number, (_, content) in enumerate(files):
            for at in range(0, len(content), piece):
                await self.desk.append(self.sitter(seat), upload, number, at, content[at : at + piece])
        return await self.desk.finish(self.sitter(seat), upload)

    async def exhibit(self, which: str) -> Exhibit:
        return (await self.house.rooms.state(X)).exhibits.items[which]

    def read(self, path: str) -> bytes:
        with self.shelf.open(X, path) as file:
            return file.read()

    def files(self) -> list[str]:
        """Everything that lies below the session's folder."""
        folder = self.shelf.folder / X
        return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with house() as built:
        shelf = EncryptedFileStore(tmp_path / "recordings", case_keys(tmp_path))
        shelf.folder.mkdir()
        attachments = EncryptedFileStore(tmp_path / "attachments", case_keys(tmp_path))
        unused: Any = None
        async with office_queue(tmp_path) as queue:
            desk = ExhibitService(shelf, built.rooms, unused, attachments, queue)
            await built.open(M)
            await built.bring(CO)
            await built.bring(BU)
            yield Room(built, desk, shelf, queue)


def nobody() -> Actor:
    return party("s-nobody")
