"""The contract of stores, on a folder; and what only a folder has."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recordings import AlreadyThere, StoreUnreachable
from recordings.files.object_store import BlobStat, BlobStore, LocalBlobs
from tests.contracts.blob_store_contract import NAME, SMALL, BlobStoreContract, Source, source

__all__ = ["source"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    made.mkdir()
    return made


class TestLocalBlobs(BlobStoreContract):
    @pytest.fixture
    def store(self, folder: Path) -> BlobStore:
        return LocalBlobs(folder)

    @pytest.fixture
    def again(self, folder: Path) -> BlobStore:
        return LocalBlobs(folder)

    def spoil(self, store: BlobStore, name: str, content: bytes) -> None:
        assert isinstance(store, LocalBlobs)
        (Path(store.address.removeprefix("file://")) / name).write_bytes(content)


def test_the_hashes_beside_the_files_are_what_sha256sum_reads(folder: Path, source: Source) -> None:
    LocalBlobs(folder).put(NAME, *source(SMALL))
    file = folder / NAME
    checked = subprocess.run(["sha256sum", "--check", f".{file.name}.sha256"], cwd=file.parent, check=False)
    assert checked.returncode == 0


def test_whoever_comes_second_by_a_hair_changes_nothing(folder: Path, source: Source) -> None:
    first, second = source(b"one"), source(b"two")
    with pytest.raises(AlreadyThere):
        LocalBlobs(folder, lambda: LocalBlobs(folder).put(NAME, *first)).put(NAME, *second)
    assert LocalBlobs(folder).verify(NAME, first[1])
    assert [file.name for file in (folder / NAME).parent.iterdir() if file.suffix == ".part"] == []


def test_a_hash_nobody_came_to_note_is_found_out(folder: Path, source: Source) -> None:
    LocalBlobs(folder).put(NAME, *source(SMALL))
    file = folder / NAME
    file.with_name(f".{file.name}.sha256").unlink()
    assert LocalBlobs(folder).stat(NAME) == BlobStat(len(SMALL), hashlib.sha256(SMALL).hexdigest())


def test_a_share_that_is_not_mounted_is_unreachable_and_nothing_is_made_in_its_place(
    tmp_path: Path, source: Source
) -> None:
    store, (file, digest) = LocalBlobs(tmp_path / "store"), source(SMALL)
    for ask in (
        lambda: store.put(NAME, file, digest),
        lambda: store.stat(NAME),
        lambda: store.open(NAME),
        lambda: list(store.names("s1")),
        lambda: list(store.folders("s1")),
    ):
        with pytest.raises(StoreUnreachable):
            ask()
    assert not (tmp_path / "store").exists()


_PUT = """
import os, sys
from pathlib import Path
from recordings.files.object_store import LocalBlobs
folder, name, file, digest = sys.argv[1:]
fsync = os.fsync
def last_words(number):
    fsync(number)
    os.kill(os.getpid(), 9)
os.fsync = last_words
LocalBlobs(Path(folder)).put(name, Path(file), digest)
"""


def test_a_copy_that_was_killed_leaves_no_half_file_under_the_name(folder: Path, source: Source) -> None:
    file, digest = source(SMALL)
    killed = subprocess.run(
        [sys.executable, "-c", _PUT, str(folder), NAME, str(file), digest],
        check=False,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert killed.returncode == -9
    store = LocalBlobs(folder)
    assert list(store.names()) == []
    store.put(NAME, file, digest)
    assert store.verify(NAME, digest)
