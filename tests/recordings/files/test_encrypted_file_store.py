"""Files of cases are opened as what they hold, sealed or from before there was sealing."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import BinaryIO

import pytest

from recordings import Damaged, FileMissing, KeyDestroyed, KeyMissing, StoreUnreachable
from recordings.files.encrypted_file import STRIDE
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.object_store import LocalBlobs
from tests.recordings.keyring import Keyring


@pytest.fixture
def files(tmp_path: Path) -> EncryptedFileStore:
    return EncryptedFileStore(tmp_path / "recordings", Keyring(), sm3=True)


def test_a_finished_file_is_sealed_whole(files: EncryptedFileStore, tmp_path: Path) -> None:
    plain = os.urandom(2 * STRIDE + 100)
    source = tmp_path / "made.mp4"
    source.write_bytes(plain)
    stored = files.put("s1", "s1/composed.mp4", source)
    kept = files.stored("s1/composed.mp4").read_bytes()
    assert (stored.sha256, stored.size) == (hashlib.sha256(plain).hexdigest(), len(plain))
    assert (stored.stored_sha256, stored.stored_size) == (hashlib.sha256(kept).hexdigest(), len(kept))
    assert stored.sm3
    assert plain[:64] not in kept
    assert files.size("s1", "s1/composed.mp4") == len(plain)
    with files.open("s1", "s1/composed.mp4") as file:
        file.seek(STRIDE - 10)
        assert file.read(20) == plain[STRIDE - 10 : STRIDE + 10]
    assert [file.name for file in (tmp_path / "recordings" / "s1").iterdir()] == ["composed.mp4"]


def test_a_file_is_named_by_its_own_hash_once_it_holds_what_is_said(files: EncryptedFileStore) -> None:
    stored = files.put("s1", "s1/a.bin", io.BytesIO(b"text" * STRIDE))
    assert files.identify("s1", "s1/a.bin", stored.sha256) == stored.stored_sha256
    with pytest.raises(Damaged):
        files.identify("s1", "s1/a.bin", hashlib.sha256(b"another text").hexdigest())
    with pytest.raises(FileMissing):
        files.identify("s1", "s1/b.bin", stored.sha256)


def test_a_plain_file_from_before_is_read_as_it_is(files: EncryptedFileStore) -> None:
    (files.folder / "s1").mkdir(parents=True)
    (files.folder / "s1" / "old.webm").write_bytes(b"\x1a\x45\xdf\xa3 plain")
    with files.open("s1", "s1/old.webm") as file:
        assert file.read() == b"\x1a\x45\xdf\xa3 plain"
    assert files.size("s1", "s1/old.webm") == 10


def test_four_who_put_the_same_file_at_once_leave_it_whole_and_nothing_beside(files: EncryptedFileStore) -> None:
    content, begin = os.urandom(3 * STRIDE), Barrier(4)

    class Begun(io.BytesIO):
        """Its first piece is read only when all four have begun, or wait for who has."""

        def read(self, size: int | None = -1, /) -> bytes:
            if not self.tell():
                with contextlib.suppress(BrokenBarrierError):
                    begin.wait(0.2)
            return super().read(size)

    with ThreadPoolExecutor(4) as beside:
        stored = list(beside.map(lambda _: files.put("s1", "s1/a.bin", Begun(content)), range(4)))
    assert {one.sha256 for one in stored} == {hashlib.sha256(content).hexdigest()}
    assert files.identify("s1", "s1/a.bin", stored[0].sha256) in {one.stored_sha256 for one in stored}
    assert [file.name for file in (files.folder / "s1").iterdir()] == ["a.bin"]


def test_what_a_killed_process_left_half_sealed_is_written_over(files: EncryptedFileStore) -> None:
    (files.folder / "s1").mkdir(parents=True)
    (files.folder / "s1" / ".a.bin.sealing").write_bytes(b"half" * STRIDE)
    stored = files.put("s1", "s1/a.bin", io.BytesIO(b"text"))
    assert files.stored("s1/a.bin").stat().st_size == stored.stored_size
    assert [file.name for file in (files.folder / "s1").iterdir()] == ["a.bin"]


def test_a_source_that_fails_leaves_nothing_behind(files: EncryptedFileStore) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        files.put("s1", "s1/composed.mp4", Failing())
    assert not list((files.folder / "s1").iterdir())


def test_what_cannot_be_opened_says_why(files: EncryptedFileStore) -> None:
    files.put("s1", "s1/a.bin", io.BytesIO(b"text"))
    for path in ("s1/b.bin", "../outside", "s1"):
        with pytest.raises(FileMissing):
            files.open("s1", path)
    with pytest.raises(KeyMissing):
        files.open("s2", "s1/a.bin")
    files.keys.key("s2")
    with pytest.raises(Damaged):
        files.open("s2", "s1/a.bin")
    files.keys.destroy("s1")
    for ask in (files.open, files.size):
        with pytest.raises(KeyDestroyed):
            ask("s1", "s1/a.bin")
    with pytest.raises(KeyDestroyed):
        files.put("s1", "s1/c.bin", io.BytesIO(b"text"))


def test_a_file_cut_off_within_its_header_holds_nothing(files: EncryptedFileStore) -> None:
    files.put("s1", "s1/a.bin", io.BytesIO(b"text"))
    whole = files.stored("s1/a.bin").read_bytes()
    for cut in (1, 4, 30):
        files.stored("s1/a.bin").write_bytes(whole[:cut])
        assert files.size("s1", "s1/a.bin") == 0


# ---------------------------------------------------------------- what lies in the archive


@pytest.fixture
def archived(files: EncryptedFileStore, tmp_path: Path) -> LocalBlobs:
    """The film of s1 is there and not here any more."""
    (tmp_path / "store").mkdir()
    store, path = LocalBlobs(tmp_path / "store"), "s1/composed.mp4"
    sealed = files.put("s1", path, io.BytesIO(b"film" * STRIDE))
    store.put(path, files.stored(path), sealed.stored_sha256)
    files.stored(path).unlink()
    return store


def test_what_is_not_here_any_more_is_opened_in_the_archive(files: EncryptedFileStore, archived: LocalBlobs) -> None:
    with pytest.raises(FileMissing):
        files.open("s1", "s1/composed.mp4")
    both = EncryptedFileStore(files.folder, files.keys, remote=archived.open)
    with both.open("s1", "s1/composed.mp4") as file:
        file.seek(3 * STRIDE + 1)
        assert file.read(7) == b"ilmfilm"
    assert both.size("s1", "s1/composed.mp4") == 4 * STRIDE
    files.keys.destroy("s1")
    with pytest.raises(KeyDestroyed):
        both.open("s1", "s1/composed.mp4")


def test_what_is_here_is_not_asked_of_the_archive(files: EncryptedFileStore) -> None:
    def away(path: str) -> BinaryIO:
        raise StoreUnreachable(path)

    both = EncryptedFileStore(files.folder, files.keys, remote=away)
    both.put("s1", "s1/composed.mp4", io.BytesIO(b"film"))
    with both.open("s1", "s1/composed.mp4") as file:
        assert file.read() == b"film"
    with pytest.raises(StoreUnreachable):
        both.open("s1", "s1/gone.mp4")


def test_what_is_in_neither_place_is_missing(files: EncryptedFileStore, archived: LocalBlobs) -> None:
    both = EncryptedFileStore(files.folder, files.keys, remote=archived.open)
    for path in ("s1/gone.mp4", "../outside.mp4", "/etc/hostname"):
        with pytest.raises(FileMissing):
            both.open("s1", path)
