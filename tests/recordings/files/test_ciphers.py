"""SM4 beside AES: what each sealed is opened whatever is set now, and neither opens what was changed."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from recordings import Damaged
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import FileKeys, Sm4Gcm, ValueCipher, in_force, rotate, wrap
from server.identity import Seal, SealBroken

KEY = bytes(range(32))
BOTH = pytest.mark.parametrize(("first", "second"), [("aes", "sm4"), ("sm4", "aes")])
MAGICS = {"aes": (b"YTS1", b"YTK1"), "sm4": (b"YTS2", b"YTK2")}


def test_it_is_sm4_in_the_mode_that_rfc_8998_gives_an_example_of() -> None:
    cipher = Sm4Gcm(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    nonce, bound = bytes.fromhex("00001234567800000000ABCD"), bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex("".join(letter * 16 for letter in "ABCDEFEA"))
    sealed = cipher.encrypt(nonce, plain, bound)
    assert sealed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert cipher.decrypt(nonce, sealed, bound) == plain


@BOTH
def test_files_and_keys_of_both_lie_side_by_side(
    first: str, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = FileKeys(tmp_path / "cases", tmp_path / "master.key")
    for name in (first, second):
        monkeypatch.setenv("YUNTIAO_CIPHER", name)
        files = EncryptedFileStore(tmp_path / "files", keys)
        files.put("old", f"old/{name}", io.BytesIO(b"in the old case"))
        files.put(name, f"{name}/one", io.BytesIO(b"in its own"))
        assert files.stored(f"{name}/one").read_bytes()[:4] == MAGICS[name][0]
        assert (tmp_path / "cases" / f"{name}.key").read_bytes()[:4] == MAGICS[name][1]
    afresh = EncryptedFileStore(tmp_path / "files", FileKeys(tmp_path / "cases", tmp_path / "master.key"))
    for name in (first, second):
        assert afresh.open("old", f"old/{name}").read() == b"in the old case"
        assert afresh.open(name, f"{name}/one").read() == b"in its own"
        assert afresh.salvage(name, f"{name}/one"), "it is told from a file that holds nothing"


@BOTH
def test_a_new_master_key_takes_keys_of_both_to_the_cipher_that_is_set(
    first: str, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YUNTIAO_CIPHER", first)
    keys = FileKeys(tmp_path / "cases", tmp_path / "master.key")
    made = keys.key("case")
    monkeypatch.setenv("YUNTIAO_CIPHER", second)
    rotate(tmp_path / "cases", tmp_path / "master.key")
    assert (tmp_path / "cases" / "case.key").read_bytes()[:4] == MAGICS[second][1]
    assert keys.existing("case") == made


@BOTH
def test_a_sealed_value_opens_whatever_is_set(first: str, second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_CIPHER", first)
    sealed = Seal(KEY).seal("13800000000", "phone")
    monkeypatch.setenv("YUNTIAO_CIPHER", second)
    assert Seal(KEY).open(sealed, "phone") == "13800000000"
    for seal, purpose in ((Seal(KEY), "link"), (Seal(KEY[::-1]), "phone")):
        with pytest.raises(SealBroken):
            seal.open(sealed, purpose)
    with pytest.raises(SealBroken):
        Seal(KEY).open(sealed[:-8] + "AAAAAAA=", "phone")


def test_a_value_of_aes_whose_nonce_looks_like_the_sign_of_sm4_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ValueCipher(KEY)
    monkeypatch.setattr(os, "urandom", lambda size: b"YTV2".ljust(size, b"x"))
    sealed = values.seal(b"said", b"")
    assert sealed.startswith(b"YTV2")
    assert values.open(sealed, b"") == b"said"
    with pytest.raises((InvalidTag, ValueError)):
        values.open(b"YTV2", b"")


def test_neither_cipher_opens_a_key_that_calls_itself_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = FileKeys(tmp_path / "cases", tmp_path / "master.key")
    keys.key("case")
    file = tmp_path / "cases" / "case.key"
    file.write_bytes(b"YTK2" + file.read_bytes()[4:])
    with pytest.raises(Damaged):
        keys.existing("case")


def test_a_name_that_is_neither_seals_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_CIPHER", "sm1")
    with pytest.raises(ValueError, match="aes or sm4"):
        in_force()
    with pytest.raises(ValueError, match="aes or sm4"):
        wrap(KEY, "case", KEY)
