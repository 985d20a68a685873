"""A proof of growth convinces whoever kept an earlier checkpoint, and nobody can make one for a changed past."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from journal import NoteBroken
from journal.merkle import MOST_HASHES, Growth, consistency, growth_of, hashed, judge, leaf_hash, node_hash, root_of
from journal.notes import Checkpoint, Ed25519Signer, checkpoint_body, signed, verifies

SIGNER = Ed25519Signer("yuntiao/0123", bytes(range(32)))
MADE = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)


def note(leaves: list[bytes], signer: Ed25519Signer = SIGNER, origin: str = "yuntiao/0123") -> str:
    return signed(checkpoint_body(Checkpoint(origin, len(leaves), root_of(leaves), MADE)), signer)


def proof(leaves: list[bytes], old: int) -> Growth:
    def look(node: tuple[int, int]) -> bytes:
        level, number = node
        return (
            leaves[number]
            if level == 0
            else node_hash(look((level - 1, 2 * number)), look((level - 1, 2 * number + 1)))
        )

    return Growth(old, tuple(hashed(consistency(old, len(leaves)), look)), note(leaves))


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(bytes([n % 256, n // 256])) for n in range(count)]


@given(st.integers(1, 70), st.integers(0, 70))
def test_what_only_grew_is_proven_and_survives_being_written_down(old: int, more: int) -> None:
    now = leaves(old + more)
    found = judge(note(now[:old]), growth_of(proof(now, old).text()), SIGNER.name, SIGNER.public, verifies)
    assert (found.verdict, found.holds) == ("grew" if more else "same", True)
    assert (found.old.size, found.new.size) == (old, old + more)


@given(st.integers(1, 40), st.integers(0, 40), st.data())
def test_a_past_that_was_changed_is_found(old: int, more: int, data: st.DataObject) -> None:
    then = leaves(old)
    now = leaves(old + more)
    now[data.draw(st.integers(0, old - 1))] = leaf_hash(b"put in its place")
    found = judge(note(then), proof(now, old), SIGNER.name, SIGNER.public, verifies)
    assert (found.verdict, found.holds) == ("rewritten", False)


@given(st.integers(2, 40), st.integers(1, 40), st.data())
def test_no_other_hashes_prove_it(old: int, more: int, data: st.DataObject) -> None:
    now = leaves(old + more)
    good = proof(now, old)
    hashes = list(good.proof)
    at = data.draw(st.integers(0, len(hashes) - 1))
    hashes[at] = bytes(32)
    for changed in (hashes, hashes[:at] + hashes[at + 1 :], [*good.proof, bytes(32)]):
        found = judge(note(now[:old]), Growth(old, tuple(changed), good.note), SIGNER.name, SIGNER.public, verifies)
        assert not found.holds


def test_a_shorter_log_and_another_installations_are_named() -> None:
    now = leaves(9)
    short = judge(note(now), Growth(9, (), note(now[:5])), SIGNER.name, SIGNER.public, verifies)
    assert (short.verdict, short.holds) == ("shrank", False)
    other = judge(note(now[:5], origin="yuntiao/other"), proof(now, 5), SIGNER.name, SIGNER.public, verifies)
    assert (other.verdict, other.holds) == ("other_log", False)


def test_a_state_another_key_signed_is_worth_nothing() -> None:
    now, stranger = leaves(9), Ed25519Signer(SIGNER.name, bytes(32))
    with pytest.raises(NoteBroken, match="another key"):
        judge(note(now[:5], stranger), proof(now, 5), SIGNER.name, SIGNER.public, verifies)
    with pytest.raises(NoteBroken, match="another key"):
        judge(note(now[:5]), Growth(5, proof(now, 5).proof, note(now, stranger)), SIGNER.name, SIGNER.public, verifies)
    with pytest.raises(NoteBroken, match="begins at 4"):
        judge(note(now[:5]), proof(now, 4), SIGNER.name, SIGNER.public, verifies)


GOOD = proof(leaves(9), 5).text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yuntiao-growth/1",
        GOOD.replace("/1", "/2", 1),
        GOOD.replace("old 5", "old 05"),
        GOOD.replace("old 5", "old -5"),
        GOOD.replace("old 5", "old ٥"),
        GOOD.replace("old 5", "old " + "9" * 19),
        GOOD.replace("old 5\n", "old 5\nAAAA\n"),
        GOOD.replace("old 5\n", "old 5\n!\n"),
        GOOD.replace("old 5\n", "old 5\n" + (base64.b64encode(bytes(32)).decode() + "\n") * (MOST_HASHES + 1)),
        GOOD.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_proof_of_growth_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        growth_of(text)


@given(st.text(max_size=300))
def test_any_text_is_safe_to_read(text: str) -> None:
    for each in (text, "yuntiao-growth/1\nold 5\n" + text):
        try:
            assert growth_of(each).text() == each
        except NoteBroken:
            continue
