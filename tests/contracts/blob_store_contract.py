"""What every store of finished files must do. Subclass `BlobStoreContract` and give it a `store` fixture.

`again` is the same store as another process has it; `spoil` changes what lies in the store behind its back.
"""

from __future__ import annotations

import functools
import hashlib
import io
import threading
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

import pytest

from recordings import AlreadyThere, BadName, NotThere, SourceChanged
from recordings.files.object_store import BlobStat, BlobStore

NAME = "s1/consumer/20260420T010203004Z-camera.webm"
SMALL = bytes(range(256)) * 40
LARGE = 11 << 20  # bytes: three parts, the last one shorter

Source = Callable[[bytes], tuple[Path, str]]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A file with this content, and its hash."""

    def make(content: bytes) -> tuple[Path, str]:
        digest = hashlib.sha256(content).hexdigest()
        file = tmp_path / f"source-{digest[:8]}"
        file.write_bytes(content)
        return file, digest

    return make


@functools.cache
def large(seed: int = 1) -> bytes:
    """Every part of it differs from every other, and from that of another seed."""
    block = hashlib.sha512(str(seed).encode()).digest() * 16384  # 1 MiB
    return b"".join(bytes([n]) + block[1:] for n in range(LARGE >> 20))


class BlobStoreContract:
    @pytest.fixture
    @abstractmethod
    def store(self) -> BlobStore: ...

    @pytest.fixture
    @abstractmethod
    def again(self) -> BlobStore: ...

    @abstractmethod
    def spoil(self, store: BlobStore, name: str, content: bytes) -> None: ...

    @pytest.mark.parametrize("content", [b"", b"x", SMALL, large()], ids=["nothing", "a byte", "small", "large"])
    def test_what_was_put_is_read_back_with_its_size_and_hash(
        self, store: BlobStore, again: BlobStore, source: Source, content: bytes
    ) -> None:
        file, digest = source(content)
        store.put(NAME, file, digest)
        assert again.stat(NAME) == BlobStat(len(content), digest)
        with again.open(NAME) as opened:
            assert opened.read() == content
        assert again.verify(NAME, digest)

    def test_any_part_can_be_read_in_any_order(self, store: BlobStore, source: Source) -> None:
        content = large()
        store.put(NAME, *source(content))
        with store.open(NAME) as opened:
            for start, length in ((LARGE - 10, 30), (0, 5), (3 << 20, 2 << 20), (5 << 20, 1), ((1 << 20) - 2, 4)):
                assert opened.seek(start) == start
                assert opened.read(length) == content[start : start + length]
            assert opened.seek(-7, io.SEEK_END) == LARGE - 7
            assert opened.read() == content[-7:]
            assert opened.read() == b""
            opened.seek(LARGE + 5)
            assert opened.read(1) == b""

    def test_the_same_content_may_be_put_again(self, store: BlobStore, again: BlobStore, source: Source) -> None:
        file, digest = source(SMALL)
        store.put(NAME, file, digest)
        again.put(NAME, file, digest)
        assert again.verify(NAME, digest)

    @pytest.mark.parametrize("other", [b"other", large(2)], ids=["small", "large"])
    def test_other_content_never_takes_a_name_that_is_taken(
        self, store: BlobStore, source: Source, other: bytes
    ) -> None:
        file, digest = source(SMALL)
        store.put(NAME, file, digest)
        with pytest.raises(AlreadyThere):
            store.put(NAME, *source(other))
        assert store.stat(NAME) == BlobStat(len(SMALL), digest)
        assert store.verify(NAME, digest)

    @pytest.mark.parametrize("contents", [(b"one", b"two"), (large(1), large(2))], ids=["small", "large"])
    def test_of_two_who_race_for_a_name_one_wins_and_the_other_is_told(
        self, store: BlobStore, again: BlobStore, source: Source, contents: tuple[bytes, bytes]
    ) -> None:
        rivals = [(store, *source(contents[0])), (again, *source(contents[1]))]
        start, lost, won = threading.Barrier(2), [], []

        def put(store: BlobStore, file: Path, digest: str) -> None:
            start.wait()
            try:
                store.put(NAME, file, digest)
            except AlreadyThere:
                lost.append(digest)
            else:
                won.append(digest)

        threads = [threading.Thread(target=put, args=rival) for rival in rivals]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(won), len(lost)) == (1, 1)
        assert store.verify(NAME, won[0])
        assert store.stat(NAME).sha256 == won[0]

    def test_a_file_that_is_not_what_its_hash_says_is_not_put(self, store: BlobStore, source: Source) -> None:
        file, digest = source(SMALL)
        file.write_bytes(SMALL[:-1])
        with pytest.raises(SourceChanged):
            store.put(NAME, file, digest)
        with pytest.raises(NotThere):
            store.stat(NAME)
        assert list(store.names()) == []

    def test_verifying_reads_the_bytes_and_does_not_believe_what_was_noted(
        self, store: BlobStore, source: Source
    ) -> None:
        file, digest = source(SMALL)
        store.put(NAME, file, digest)
        self.spoil(store, NAME, SMALL[:-1] + b"?")
        assert store.stat(NAME) == BlobStat(len(SMALL), digest)
        assert not store.verify(NAME, digest)

    def test_what_is_not_there_is_said_not_to_be(self, store: BlobStore) -> None:
        for ask in (store.stat, store.open, lambda name: store.verify(name, "0" * 64)):
            with pytest.raises(NotThere):
                ask(NAME)

    def test_what_was_deleted_is_gone_and_may_be_deleted_again(self, store: BlobStore, source: Source) -> None:
        store.put(NAME, *source(SMALL))
        store.delete(NAME)
        store.delete(NAME)
        store.delete(NAME.rpartition("/")[0])  # what has things below it, or had, is no name of anything
        with pytest.raises(NotThere):
            store.stat(NAME)
        store.put(NAME, *source(b"something new"))

    def test_names_are_those_below_a_folder_in_order(self, store: BlobStore, source: Source) -> None:
        file, digest = source(b"x")
        for name in ("s1/b/2.webm", "s10/a/1.webm", "s1/b/1.webm", "s1/composed.mp4"):
            store.put(name, file, digest)
        assert list(store.names("s1")) == ["s1/b/1.webm", "s1/b/2.webm", "s1/composed.mp4"]
        assert list(store.names()) == [*store.names("s1"), "s10/a/1.webm"]
        assert list(store.names("s2")) == []

    def test_folders_are_those_with_something_below_them(self, store: BlobStore, source: Source) -> None:
        file, digest = source(b"x")
        for name in ("place/s1/b/2.webm", "place/s10/a", "place/s1/c", "place/loose", "other/s3/a", "place/s4/a"):
            store.put(name, file, digest)
        store.delete("place/s4/a")
        assert list(store.folders("place")) == ["s1", "s10"]
        assert list(store.folders("none")) == []

    @pytest.mark.parametrize(
        "name",
        ["", "/s1/a", "s1/../s2/a", "..", "s1//a", "s1/.hidden", "s1/a/", "s1\\a", "s1/a?b", "s1/a#b", "s1/a%2e", "a b",
         "s1/张", "s1/a\n", "s1/a\0", "x" * 200, "/".join("abcdefghij")],
    )  # fmt: skip
    def test_a_name_that_is_no_plain_path_is_refused_everywhere(
        self, store: BlobStore, source: Source, name: str
    ) -> None:
        file, digest = source(b"x")
        for ask in (store.stat, store.open, store.delete, lambda name: store.verify(name, digest)):
            with pytest.raises(BadName):
                ask(name)
        with pytest.raises(BadName):
            store.put(name, file, digest)
        if name:
            with pytest.raises(BadName):
                list(store.names(name))
