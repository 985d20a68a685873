"""The form of a sealed file: cut anywhere it is readable up to there, changed anywhere it is found out."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
from collections.abc import Iterator, Sequence

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given, strategies as st

from recordings import Damaged
from recordings.files.encrypted_file import HEADER, LONGEST, SealedReader, SealedWriter, open_sealed

KEY = bytes(range(32))


@pytest.fixture(scope="module", params=["aes", "sm4"], autouse=True)
def cipher(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YUNTIAO_CIPHER", request.param)
        yield


pieces = st.lists(st.binary(min_size=1, max_size=60), max_size=6)
strides = st.sampled_from([0, 1, 7, 16, 64])


def sealed(parts: Sequence[bytes], stride: int = 0, finish: bool = True) -> tuple[bytes, list[int]]:
    """The file, and the plaintext size after each of its records."""
    file = io.BytesIO()
    writer = SealedWriter(file.write, KEY, stride=stride)
    sizes = [0]
    for part in parts:
        writer.append(part)
        writer.flush()
        sizes.append(writer.size)
    if finish:
        writer.finish()
        sizes.append(writer.size)
    return file.getvalue(), sizes


def opened(file: bytes, key: bytes = KEY) -> bytes:
    with open_sealed(io.BytesIO(file), key) as plain:
        return plain.read()


@given(pieces, strides)
def test_what_was_sealed_is_read_back(parts: list[bytes], stride: int) -> None:
    file, _ = sealed(parts, stride)
    assert opened(file) == b"".join(parts)
    assert SealedReader(io.BytesIO(file), KEY).finished


@given(pieces, strides, st.booleans(), st.data())
def test_cut_anywhere_its_whole_records_are_readable(
    parts: list[bytes], stride: int, finish: bool, data: st.DataObject
) -> None:
    file, sizes = sealed(parts, stride, finish)
    cut = data.draw(st.integers(0, len(file)))
    whole = b"".join(parts)
    read = opened(file[:cut])
    assert whole.startswith(read)
    if not stride:
        ends = [HEADER]
        for before, after in itertools.pairwise(sizes):
            ends.append(ends[-1] + (20 + after - before if after > before else 0))
        assert len(read) == max(size for size, end in zip(sizes, ends, strict=True) if end <= max(cut, HEADER))
    assert not SealedReader(io.BytesIO(file[:cut]), KEY).finished or cut == len(file)


@given(pieces, strides, st.booleans(), st.data())
def test_one_changed_byte_anywhere_is_found(parts: list[bytes], stride: int, finish: bool, data: st.DataObject) -> None:
    file, _ = sealed(parts or [b"x"], stride, finish)
    if len(file) == 0:
        return  # less than a stride, and not finished: nothing was written
    at = data.draw(st.integers(0, len(file) - 1))
    changed = bytearray(file)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Damaged):
        opened(bytes(changed))


@given(pieces, strides, st.booleans(), st.data())
def test_changed_anywhere_what_comes_before_the_changed_record_is_good(
    parts: list[bytes], stride: int, finish: bool, data: st.DataObject
) -> None:
    file, _ = sealed(parts or [b"x" * 64], stride, finish)
    if len(file) <= HEADER:
        return
    at = data.draw(st.integers(HEADER, len(file) - 1))
    changed = bytearray(file)
    changed[at] ^= data.draw(st.integers(1, 255))
    good = SealedReader(io.BytesIO(changed), KEY, torn=True).extent()
    read = opened(file[:good])
    assert HEADER <= good <= at
    assert b"".join(parts or [b"x" * 64]).startswith(read)
    assert len(read) == len(opened(file[:at])), "no record before it is given away"
    assert SealedReader(io.BytesIO(file), KEY, torn=True).extent() == len(file)


@given(pieces, strides, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 100)), max_size=10))
def test_any_place_reads_as_the_plaintext_does(parts: list[bytes], stride: int, looks: list[tuple[int, int]]) -> None:
    file, _ = sealed(parts, stride)
    plain = io.BytesIO(b"".join(parts))
    with open_sealed(io.BytesIO(file), KEY) as read:
        assert read.seek(0, os.SEEK_END) == len(plain.getvalue())
        for at, length in looks:
            assert read.seek(at) == plain.seek(at)
            assert read.read(length) == plain.read(length)


@given(st.lists(st.integers(0, 3), max_size=40), pieces)
def test_a_disk_that_takes_a_little_at_a_time_gets_the_same_file(takes: list[int], parts: list[bytes]) -> None:
    """0: it is full just then. Whatever is written again is what was on its way, never other text under its nonce."""
    file, left = bytearray(), iter(takes)

    def write(data: bytes) -> int:
        most = next(left, len(data))
        if most == 0:
            raise OSError
        file.extend(data[:most])
        return min(most, len(data))

    writer = SealedWriter(write, KEY)

    def insist(doing: str) -> None:
        while True:
            try:
                getattr(writer, doing)()
            except OSError:
                assert b"".join(parts).startswith(opened(bytes(file)))
                assert writer.stored.stored_sha256 == hashlib.sha256(file).hexdigest()
                assert writer.size == len(opened(bytes(file)))
            else:
                return

    for part in parts:
        writer.append(part)
        insist("flush")
    insist("finish")
    assert opened(bytes(file)) == b"".join(parts)
    assert writer.stored.sha256 == hashlib.sha256(b"".join(parts)).hexdigest()


def test_records_do_not_change_places_and_none_is_missing_in_between() -> None:
    file, _ = sealed([b"a" * 10, b"b" * 10, b"c" * 10])
    records = [file[HEADER + 30 * n :][:30] for n in range(3)]
    end = file[HEADER + 90 :]
    for order in ([1, 0, 2], [0, 2], [0, 0, 1, 2]):
        with pytest.raises(Damaged):
            opened(file[:HEADER] + b"".join(records[n] for n in order) + end)
    with pytest.raises(Damaged):
        opened(file + records[2])


@pytest.mark.parametrize("finish", [False, True])
def test_a_tail_of_nothing_is_what_a_power_cut_leaves(finish: bool) -> None:
    file, _ = sealed([b"a" * 10, b"b" * 10], finish=finish)
    assert opened(file + bytes(500)) == b"a" * 10 + b"b" * 10
    for tail in (bytes(500) + b"x", b"x" + bytes(500)):
        with pytest.raises(Damaged):
            opened(file + tail)


def test_another_key_opens_nothing() -> None:
    file, _ = sealed([b"secret"])
    with pytest.raises(Damaged):
        opened(file, bytes(32))
    assert b"secret" not in file


def test_two_files_of_one_text_have_nothing_in_common() -> None:
    one, _ = sealed([bytes(100)])
    other, _ = sealed([bytes(100)])
    assert sum(a == b for a, b in zip(one[4:72], other[4:72], strict=True)) < 20
    assert one[HEADER + 4 :] != other[HEADER + 4 :]


def test_the_same_text_twice_in_one_file_shows_as_nothing() -> None:
    """A nonce used for two texts would show what they have in common, and give the key of the tags away."""
    file, _ = sealed([bytes(64), bytes(64)])
    one, other = file[HEADER + 4 :][:64], file[HEADER + 88 :][:64]
    assert sum(a == b for a, b in zip(one, other, strict=True)) < 12


def test_a_long_pause_of_the_disk_makes_several_records() -> None:
    file, _ = sealed([bytes(LONGEST + 5)])
    assert len(opened(file)) == LONGEST + 5


def test_hashes_are_of_what_was_sealed_and_of_the_file_it_became() -> None:
    file = io.BytesIO()
    writer = SealedWriter(file.write, KEY, sm3=True)
    writer.append(b"abc")
    writer.finish()
    stored = writer.stored
    assert (stored.size, stored.stored_size) == (3, len(file.getvalue()))
    assert stored.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert stored.stored_sha256 == hashlib.sha256(file.getvalue()).hexdigest()
    # GB/T 32905-2016, appendix A.1
    assert stored.sm3 == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    check = hashes.Hash(hashes.SM3())
    check.update(b"abc")
    assert check.finalize().hex() == stored.sm3
