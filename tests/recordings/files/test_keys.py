"""Keys of cases under the master key: one each, the same for everybody, and gone for good when destroyed."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from recordings import BadMaster, BadName, Damaged, KeyDestroyed, KeyMissing
from recordings.files.keys import FileKeys


def keys(folder: Path) -> FileKeys:
    return FileKeys(folder / "cases", folder / "master.key")


def _hex(folder: Path) -> str:
    return keys(folder).key("s1").hex()


def test_every_case_has_its_own_key_and_keeps_it(tmp_path: Path) -> None:
    one = keys(tmp_path).key("s1")
    assert len(one) == 32
    assert keys(tmp_path).key("s1") == keys(tmp_path).existing("s1") == one
    assert keys(tmp_path).key("s2") != one
    for file in tmp_path.rglob("*.key"):
        assert file.stat().st_mode & 0o777 == 0o600
        assert one not in file.read_bytes()


def test_processes_that_ask_together_get_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_hex, [tmp_path] * 12, chunksize=1))) == 1
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == ["master.key", "s1.key"]


def test_a_destroyed_key_is_gone_and_never_made_again(tmp_path: Path) -> None:
    store = keys(tmp_path)
    store.key("s1")
    assert (store.state("s1"), store.state("s2")) == ("there", "none")
    wrapped = (tmp_path / "cases" / "s1.key").read_bytes()
    store.destroy("s1", "2026-11-25")
    store.destroy("s1")
    for ask in (store.key, store.existing):
        with pytest.raises(KeyDestroyed):
            ask("s1")
    assert store.state("s1") == "destroyed"
    assert all(wrapped[16:] not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    store.destroy("s2")  # that had none
    with pytest.raises(KeyDestroyed):
        store.key("s2")


def test_a_key_made_while_it_is_being_destroyed_does_not_outlive_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = keys(tmp_path)
    store.check()
    made = store._make

    def make(case: str) -> None:
        keys(tmp_path).destroy(case)  # between the look for a grave and the making
        made(case)

    monkeypatch.setattr(store, "_make", make)
    with pytest.raises(KeyDestroyed):
        store.key("s1")
    assert not (tmp_path / "cases" / "s1.key").exists()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing):
        keys(tmp_path).existing("s1")
    with pytest.raises(BadName):
        keys(tmp_path).key("../s1")


def test_a_key_file_opens_only_as_its_own_case_and_unchanged(tmp_path: Path) -> None:
    store = keys(tmp_path)
    store.key("s1")
    file = tmp_path / "cases" / "s1.key"
    (tmp_path / "cases" / "s2.key").write_bytes(file.read_bytes())
    file.write_bytes(file.read_bytes()[:-1])
    for case in ("s1", "s2"):
        with pytest.raises(Damaged):
            store.existing(case)


@pytest.mark.parametrize(("mode", "refused"), [(0o600, False), (0o640, False), (0o660, True), (0o644, True)])
def test_a_master_key_open_to_others_is_refused(tmp_path: Path, mode: int, refused: bool) -> None:
    keys(tmp_path).check()
    (tmp_path / "master.key").chmod(mode)
    if not refused:
        keys(tmp_path).check()
        return
    with pytest.raises(BadMaster, match="open to others"):
        keys(tmp_path).check()
    with pytest.raises(BadMaster, match="open to others"):
        keys(tmp_path).key("s1")


def test_a_missing_or_foreign_master_key_is_not_replaced(tmp_path: Path) -> None:
    store = keys(tmp_path)
    store.key("s1")
    master = tmp_path / "master.key"
    text = master.read_text()
    master.write_text("ab" * 32)
    with pytest.raises(BadMaster, match="is not the one"):
        keys(tmp_path).check()
    master.write_text("no key")
    with pytest.raises(BadMaster, match="hexadecimal"):
        keys(tmp_path).check()
    master.unlink()
    for ask in (keys(tmp_path).check, lambda: keys(tmp_path).key("s2")):
        with pytest.raises(BadMaster, match="is missing"):
            ask()
    master.write_text(text)
    master.chmod(0o600)
    keys(tmp_path).check()
