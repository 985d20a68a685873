"""The tree against the definition of RFC 9162, written down here as naively as the RFC does."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given, strategies as st

from journal import merkle

MOST = 70


def leaves(count: int, salt: bytes = b"") -> list[bytes]:
    return [merkle.leaf_hash(salt + bytes([n])) for n in range(count)]


def mth(entries: list[bytes]) -> bytes:
    """2.1.1, of leaf hashes."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return entries[0]
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(leaf: int, entries: list[bytes]) -> list[bytes]:
    """2.1.3.1"""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if leaf < k:
        return [*path(leaf, entries[:k]), mth(entries[k:])]
    return [*path(leaf - k, entries[k:]), mth(entries[:k])]


def proof(old: int, entries: list[bytes]) -> list[bytes]:
    """2.1.4.1"""

    def subproof(m: int, part: list[bytes], whole: bool) -> list[bytes]:
        if m == len(part):
            return [] if whole else [mth(part)]
        k = split(len(part))
        if m <= k:
            return [*subproof(m, part[:k], whole), mth(part[k:])]
        return [*subproof(m - k, part[k:], False), mth(part[:k])]

    return subproof(old, entries, True)


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def kept(entries: list[bytes]) -> dict[merkle.Node, bytes]:
    """Every complete node, as a keeper has it after appending one by one."""
    peaks, found = merkle.Peaks(), {}
    for number, entry in enumerate(entries):
        found[0, number] = entry
        found.update(peaks.append(entry))
    return found


def included(leaf: int, entries: list[bytes]) -> list[bytes]:
    return merkle.hashed(merkle.inclusion(leaf, len(entries)), kept(entries).__getitem__)


def consistent(old: int, entries: list[bytes]) -> list[bytes]:
    return merkle.hashed(merkle.consistency(old, len(entries)), kept(entries).__getitem__)


def test_the_known_roots_of_the_certificate_transparency_test_data() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = [merkle.leaf_hash(bytes.fromhex(text)) for text in inputs]
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root_of(tree[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.root_of(tree).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.integers(0, MOST))
def test_the_root_is_the_definitions(count: int) -> None:
    entries = leaves(count)
    assert merkle.root_of(entries) == mth(entries)
    nodes = kept(entries)
    assert merkle.hashed([(0, count)], nodes.__getitem__) == [mth(entries)]
    assert merkle.nodes([(0, count)]) <= nodes.keys()
    assert set(merkle.peaks(count)) == merkle.nodes([(0, count)])


@given(st.integers(0, MOST), st.integers(0, MOST))
def test_a_tree_taken_up_again_grows_as_if_it_had_never_been_put_down(first: int, more: int) -> None:
    entries = leaves(first + more)
    begun = merkle.Peaks()
    for entry in entries[:first]:
        begun.append(entry)
    again = merkle.Peaks(begun.size, begun.hashes)
    for entry in entries[first:]:
        again.append(entry)
    assert (again.size, again.root()) == (first + more, mth(entries))


def test_peaks_that_do_not_belong_to_a_size_are_refused() -> None:
    with pytest.raises(ValueError, match="peaks"):
        merkle.Peaks(3, [b""])


@given(st.data())
def test_an_inclusion_proof_is_the_definitions_and_verifies(data: st.DataObject) -> None:
    entries = leaves(data.draw(st.integers(1, MOST)))
    leaf = data.draw(st.integers(0, len(entries) - 1))
    made = included(leaf, entries)
    assert made == path(leaf, entries)
    assert merkle.verify_inclusion(entries[leaf], leaf, len(entries), made, mth(entries))


@given(st.data())
def test_an_inclusion_proof_holds_for_nothing_else(data: st.DataObject) -> None:
    entries = leaves(data.draw(st.integers(1, MOST)))
    size, root = len(entries), mth(entries)
    leaf = data.draw(st.integers(0, size - 1))
    made = included(leaf, entries)
    other = data.draw(st.integers(0, MOST))
    assume(other != leaf)
    assert not merkle.verify_inclusion(entries[leaf], other, size, made, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"forged"), leaf, size, made, root)
    assert not merkle.verify_inclusion(entries[leaf], leaf, size, [*made, root], root)
    if made:
        place = data.draw(st.integers(0, len(made) - 1))
        assert not merkle.verify_inclusion(entries[leaf], leaf, size, made[:-1], root)
        assert not merkle.verify_inclusion(
            entries[leaf], leaf, size, [*made[:place], bytes(32), *made[place + 1 :]], root
        )


@given(st.data())
def test_a_consistency_proof_is_the_definitions_and_verifies(data: st.DataObject) -> None:
    entries = leaves(data.draw(st.integers(1, MOST)))
    old = data.draw(st.integers(1, len(entries)))
    made = consistent(old, entries)
    assert made == proof(old, entries)
    assert merkle.verify_consistency(old, len(entries), made, mth(entries[:old]), mth(entries))


@given(st.data())
def test_a_consistency_proof_holds_for_no_other_past(data: st.DataObject) -> None:
    entries = leaves(data.draw(st.integers(2, MOST)))
    old, new = data.draw(st.integers(1, len(entries) - 1)), len(entries)
    made = consistent(old, entries)
    changed = list(entries)
    changed[data.draw(st.integers(0, old - 1))] = merkle.leaf_hash(b"forged")
    assert not merkle.verify_consistency(old, new, made, mth(changed[:old]), mth(entries))
    assert not merkle.verify_consistency(old, new, consistent(old, changed), mth(entries[:old]), mth(changed))
    assert not merkle.verify_consistency(old, new, [*made, bytes(32)], mth(entries[:old]), mth(entries))
    assert not merkle.verify_consistency(old, new, made[:-1], mth(entries[:old]), mth(entries))


def test_every_tree_continues_the_empty_one_and_itself() -> None:
    root = mth(leaves(5))
    assert merkle.verify_consistency(0, 5, [], merkle.EMPTY, root)
    assert merkle.verify_consistency(5, 5, [], root, root)
    assert not merkle.verify_consistency(5, 5, [], root, bytes(32))
    assert not merkle.verify_consistency(0, 5, [], root, root)
    assert not merkle.verify_consistency(6, 5, [], root, root)


@pytest.mark.parametrize(("leaf", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_proof(leaf: int, size: int) -> None:
    with pytest.raises(ValueError, match="leaf"):
        merkle.inclusion(leaf, size)
    assert not merkle.verify_inclusion(bytes(32), leaf, size, [], bytes(32))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_a_tree_that_does_not_continue_another_has_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="continue"):
        merkle.consistency(old, new)
