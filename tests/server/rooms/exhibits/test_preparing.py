"""A film becomes one that every browser plays: sealed, without what a phone wrote into it; a broken one says so."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.events import ExhibitPrepared, ExhibitUnreadable
from server.rooms.recording_jobs import JOB, PrepareExhibitJob, fact_of
from server.serving.jobs.store import Job
from tests.server.rooms.exhibits.files import film
from tests.server.serving.jobs.work import deal, office_queue

ORIGINAL = "x1/exhibits/e1/original-1"


async def prepared(folder: Path, content: bytes, form: str) -> tuple[EncryptedFileStore, Job]:
    shelf = EncryptedFileStore(folder / "recordings", case_keys(folder))
    shelf.folder.mkdir()
    shelf.put("x1", ORIGINAL, io.BytesIO(content))
    async with office_queue(folder) as queue:
        await queue.enqueue(JOB, of="e1", session="x1", exhibit="e1", original=ORIGINAL, form=form)
        assert await deal(queue, JOB, PrepareExhibitJob(shelf))
        job = await queue.of(JOB, "e1")
    assert job is not None
    return shelf, job


@pytest.mark.parametrize("form", ["mp4", "mov", "webm"])
async def test_a_film_is_made_anew_with_its_first_picture(tmp_path: Path, form: str) -> None:
    shelf, job = await prepared(tmp_path, film(1.0, (320, 240), form, title="SECRET-PLACE"), form)
    fact = fact_of(job)
    assert isinstance(fact, ExhibitPrepared)
    assert fact.film is not None
    assert (fact.film.width, fact.film.height) == (320, 240)
    assert 800 <= fact.film.ms <= 1300
    with shelf.open("x1", fact.film.path) as file:
        made = file.read()
    assert made[4:8] == b"ftyp"
    assert b"SECRET-PLACE" not in made


async def test_a_film_that_cannot_be_decoded_is_said_to_be_unreadable(tmp_path: Path) -> None:
    _, job = await prepared(tmp_path, film()[:400] + bytes(400), "mp4")
    assert isinstance(fact_of(job), ExhibitUnreadable)
