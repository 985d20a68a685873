"""Signed notes and checkpoints: their text, and that nothing but what was signed is opened."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from journal import NoteBroken
from journal.notes import (
    Checkpoint,
    Ed25519Signer,
    checkpoint_body,
    checkpoint_of,
    key_id,
    opened,
    public_key,
    public_key_of,
    signature,
    signed,
    split,
    verifies,
)

SIGNER = Ed25519Signer("yuntiao/test", bytes(range(32)))
OTHER = Ed25519Signer("yuntiao/test", bytes(32))
CHECKPOINT = Checkpoint("yuntiao/test", 42, bytes(range(32)), datetime(2026, 6, 24, 1, 2, 3, 4, tzinfo=UTC))
BODY = checkpoint_body(CHECKPOINT)


def test_a_checkpoint_reads_as_the_documents_say() -> None:
    root = base64.b64encode(bytes(range(32))).decode()
    assert f"yuntiao/test\n42\n{root}\ntime 2026-06-24T01:02:03.000004Z\n" == BODY
    assert checkpoint_of(BODY) == CHECKPOINT


def test_a_note_is_its_body_an_empty_line_and_a_signature_line() -> None:
    note = signed(BODY, SIGNER)
    body, gap, line = note.rpartition("\n\n")
    assert gap
    assert f"{body}\n" == BODY
    assert line.startswith("— yuntiao/test ")
    raw = base64.b64decode(line.split(" ")[2])
    assert raw[:4] == key_id("yuntiao/test", SIGNER.public)
    assert verifies(SIGNER.public, raw[4:], BODY.encode())


def test_the_example_of_gos_note_package_verifies() -> None:
    name, public = public_key_of("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert opened(note, name, public, verifies).startswith("If you think")


def test_only_the_key_that_signed_opens_a_note() -> None:
    note = signed(BODY, SIGNER)
    assert opened(note, SIGNER.name, SIGNER.public, verifies) == BODY
    with pytest.raises(NoteBroken) as broken:
        opened(note, OTHER.name, OTHER.public, verifies)
    assert broken.value.other_key


@pytest.mark.parametrize("change", [("42", "43"), ("yuntiao/test\n42", "yuntiao/tost\n42"), ("time 2026", "time 2025")])
def test_a_changed_body_is_not_opened(change: tuple[str, str]) -> None:
    with pytest.raises(NoteBroken) as broken:
        opened(signed(BODY, SIGNER).replace(*change, 1), SIGNER.name, SIGNER.public, verifies)
    assert not broken.value.other_key


def test_more_signatures_do_no_harm() -> None:
    note = signed(BODY, SIGNER) + split(signed(BODY, Ed25519Signer("witness.example", bytes(32))))[1][0].line
    assert [each.name for each in split(note)[1]] == ["yuntiao/test", "witness.example"]
    assert opened(note, SIGNER.name, SIGNER.public, verifies) == BODY


@pytest.mark.parametrize(
    "text", ["", "a\n", "a\n\n", "a\n\nb\n", "a\n\n— n !!\n", "a\n\n— n AAAA\n", "a\n\n— n AAAAAA=="]
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        split(text)


@pytest.mark.parametrize("body", ["no newline", "two\n\n"])
def test_a_body_that_could_be_read_two_ways_is_not_signed(body: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        signed(body, SIGNER)


@pytest.mark.parametrize(
    "body",
    ["", "a\n1\n", BODY + "more\n", BODY.replace("42", "042"), BODY.replace("42", "x"), BODY.replace("time ", "")],
)
def test_what_is_no_checkpoint_of_ours_is_refused(body: str) -> None:
    with pytest.raises(NoteBroken):
        checkpoint_of(body)


def test_a_public_key_travels_with_its_id() -> None:
    text = public_key(SIGNER.name, SIGNER.public)
    assert public_key_of(f"{text}\n") == (SIGNER.name, SIGNER.public)
    for broken in (text[:-4] + "AAA=", text.replace("+", "-"), "", text.replace("yuntiao", "yuntlao")):
        with pytest.raises(NoteBroken):
            public_key_of(broken)


def test_a_signature_line_comes_back_as_it_was() -> None:
    (one,) = split(signed(BODY, SIGNER))[1]
    assert signature(one.line.rstrip("\n")) == one
