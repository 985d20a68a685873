"""Keys of cases in a database of their own, wrapped by a key in a file or by a Vault: the same promises as in files."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import URL
from typer.testing import CliRunner

from recordings import BadMaster, Damaged, KeyDestroyed, KeyMissing, KeysAway
from recordings.files.keys import FileKeys, KeyStore, make_master, move_keys
from server.cli import app
from server.identity.key_store import KeySettings, MasterWrapping, TableKeys, VaultWrapping, configured_keys
from tests.server.db.databases import create_postgres, end_the_wait, standby_that_never_answers

pytestmark = pytest.mark.postgres

TOKEN = "s.of-a-test"


class Transit:
    """What Yuntiao asks of a Vault, as its API documents it: keys with versions, associated data, tokens."""

    def __init__(self) -> None:
        self.keys = [AESGCM(AESGCM.generate_key(256))]
        self.asked: list[str] = []
        self.token = TOKEN
        self.url = ""

    def answer(self, path: str, token: str, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        what = path.removeprefix("/v1/transit/").removesuffix("/yuntiao")
        self.asked.append(what)
        if token != self.token:
            return 403, {"errors": ["permission denied"]}
        bound = base64.b64decode(said["associated_data"])
        if what == "encrypt":
            nonce = os.urandom(12)
            sealed = nonce + self.keys[-1].encrypt(nonce, base64.b64decode(said["plaintext"]), bound)
            return 200, {"data": {"ciphertext": f"vault:v{len(self.keys)}:{base64.b64encode(sealed).decode()}"}}
        _, version, text = said["ciphertext"].split(":")
        raw = base64.b64decode(text)
        try:
            plain = self.keys[int(version[1:]) - 1].decrypt(raw[:12], raw[12:], bound)
        except InvalidTag:
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}


@contextmanager
def served(transit: Transit) -> Iterator[Transit]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, told = transit.answer(self.path, self.headers["X-Vault-Token"], said)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    transit.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield transit
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def transit() -> Iterator[Transit]:
    with served(Transit()) as transit:
        yield transit


@pytest.fixture
def url(postgres_server: URL) -> str:
    return create_postgres(postgres_server).render_as_string(hide_password=False)


def vault(url: str, transit: Transit, **more: Any) -> KeySettings:
    return KeySettings(keys_url=SecretStr(url), vault_url=transit.url, vault_token=SecretStr(TOKEN), **more)


@pytest.fixture(params=["files", "table", "vault"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], KeyStore]:
    """The same store, as another process has it each time."""
    if request.param == "files":
        return lambda: FileKeys(tmp_path / "cases", tmp_path / "master.key")
    url = request.getfixturevalue("url")
    if request.param == "table":
        return lambda: TableKeys(url, MasterWrapping(tmp_path / "master.key"))
    transit = request.getfixturevalue("transit")
    return lambda: TableKeys(url, VaultWrapping(vault(url, transit)))


# ---------------------------------------------------------------- what every store promises


def test_a_key_is_made_once_and_is_the_same_for_everybody(store: Callable[[], KeyStore]) -> None:
    one, other = store(), store()
    one.check()
    with pytest.raises(KeyMissing):
        other.existing("s1")
    assert other.state("s1") == "none"
    key = one.key("s1")
    assert len(key) == 32
    assert other.key("s1") == other.existing("s1") == key != one.key("s2")
    assert other.state("s1") == "there"
    other.check()


def test_many_who_want_the_same_key_at_once_get_one(store: Callable[[], KeyStore]) -> None:
    store().check()
    found, together = list[bytes](), threading.Barrier(8)

    def want() -> None:
        mine = store()
        together.wait()
        found.append(mine.key("s1"))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_destroyed_key_opens_nothing_any_more_for_whoever_knew_it_and_never_comes_back(
    store: Callable[[], KeyStore],
) -> None:
    mine, others = store(), store()
    mine.check()
    others.key("s1")
    mine.destroy("s1", "20261130")
    mine.destroy("s1", "again")
    mine.destroy("never-had-one")
    for keys in (mine, others, store()):
        for case in ("s1", "never-had-one"):
            assert keys.state(case) == "destroyed"
            for ask in (keys.existing, keys.key):
                with pytest.raises(KeyDestroyed):
                    ask(case)
        with pytest.raises(KeyDestroyed):
            keys.adopt("s1", bytes(32))
    assert dict(mine.all()) == {"never-had-one": "", "s1": "20261130"}


def test_keys_and_graves_move_from_files_to_any_store_and_back(store: Callable[[], KeyStore], tmp_path: Path) -> None:
    files = FileKeys(tmp_path / "before" / "cases", tmp_path / "before" / "master.key")
    known = {case: files.key(case) for case in ("s1", "s2", "file-s2")}
    files.destroy("s3", "20261130")
    target = store()
    target.check()
    assert move_keys(files, target) == move_keys(files, target) == (3, 1)
    assert {case: target.existing(case) for case in known} == known
    assert target.state("s3") == "destroyed"
    back = FileKeys(tmp_path / "after" / "cases", tmp_path / "after" / "master.key")
    back.check()
    assert move_keys(target, back) == (3, 1)
    assert {case: back.existing(case) for case in known} == known
    target.destroy("s4")
    files.key("s4")
    with pytest.raises(KeyDestroyed):
        move_keys(files, target)


def test_a_case_with_another_key_keeps_its_own(store: Callable[[], KeyStore]) -> None:
    keys = store()
    keys.check()
    key = keys.key("s1")
    with pytest.raises(Damaged):
        keys.adopt("s1", bytes(32))
    assert keys.existing("s1") == key


# ---------------------------------------------------------------- of the table


def rows(url: str) -> list[tuple[str, bytes]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT name, wrapped FROM case_keys ORDER BY name").fetchall()
        return [(name, bytes(wrapped or b"")) for name, wrapped in found]


def test_a_row_under_another_name_does_not_open(url: str, transit: Transit, tmp_path: Path) -> None:
    for wrapping in (MasterWrapping(tmp_path / "master.key"), VaultWrapping(vault(url, transit))):
        keys = TableKeys(url, wrapping)
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS case_keys")
            keys.check()
            keys.key("s1")
            connection.execute("INSERT INTO case_keys SELECT 's2', wrapped FROM case_keys WHERE name = 's1'")
        with pytest.raises(Damaged):
            keys.existing("s2")


def test_another_master_key_or_vault_is_refused_at_the_start(url: str, transit: Transit, tmp_path: Path) -> None:
    keys = TableKeys(url, MasterWrapping(tmp_path / "master.key"))
    keys.check()
    keys.key("s1")
    make_master(tmp_path / "other.key")
    with pytest.raises(BadMaster, match="were not wrapped by this master key"):
        TableKeys(url, MasterWrapping(tmp_path / "other.key")).check()
    with pytest.raises(BadMaster, match="cannot be read"):
        TableKeys(url, MasterWrapping(tmp_path / "lost.key")).check()
    assert not (tmp_path / "lost.key").exists(), "none is made where there are keys under another"
    with pytest.raises(BadMaster, match="were not wrapped"):
        TableKeys(url, VaultWrapping(vault(url, transit))).check()


def test_a_connection_that_broke_is_made_anew_and_a_database_that_is_gone_is_told(url: str, tmp_path: Path) -> None:
    keys = TableKeys(url, MasterWrapping(tmp_path / "master.key"))
    keys.check()
    key = keys.key("s1")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'yuntiao-keys'"
        )
    assert keys.existing("s1") == key
    with pytest.raises(KeysAway, match="cannot be reached"):
        TableKeys("postgresql://127.0.0.1:1/none", MasterWrapping(tmp_path / "master.key")).check()


def test_a_key_that_the_standby_may_not_have_is_given_to_nobody(url: str, tmp_path: Path) -> None:
    keys = TableKeys(url, MasterWrapping(tmp_path / "master.key"))
    keys.check()
    with (
        psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as administrator,
        standby_that_never_answers(administrator),
        ThreadPoolExecutor(1) as beside,
    ):
        for _ in range(2):  # the second time its row is there, and may still be there only
            wanted = beside.submit(keys.key, "s1")
            end_the_wait(administrator)
            with pytest.raises(KeysAway, match="standby"):
                wanted.result(30)
    assert keys.key("s1") == keys.existing("s1")


def test_nothing_of_a_destroyed_key_stays_in_its_row(url: str, tmp_path: Path) -> None:
    keys = TableKeys(url, MasterWrapping(tmp_path / "master.key"))
    keys.check()
    keys.key("s1")
    keys.destroy("s1")
    assert rows(url) == [("s1", b"")]


def test_the_installations_own_secrets_come_to_an_empty_folder_and_another_folders_are_refused(
    url: str, tmp_path: Path
) -> None:
    keys = TableKeys(url, MasterWrapping(tmp_path / "master.key"))
    keys.check()
    first, second, stranger = (tmp_path / name / "seal.key" for name in ("first", "second", "stranger"))
    for path in (first, stranger):
        path.parent.mkdir()
    keys.keep(first, lambda: first.write_bytes(b"of the installation"))
    keys.keep(second, lambda: second.write_bytes(b"never made"))
    assert second.read_bytes() == first.read_bytes() == b"of the installation"
    stranger.write_bytes(b"another's")
    with pytest.raises(BadMaster, match="whose data folder is this"):
        keys.keep(stranger, lambda: None)
    assert list(keys.all()) == [], "no case's"


# ---------------------------------------------------------------- of a Vault


def test_the_vault_is_asked_once_for_what_stays_the_same(url: str, transit: Transit) -> None:
    keys = TableKeys(url, VaultWrapping(vault(url, transit)))
    keys.check()
    keys.key("s1")
    transit.asked.clear()
    for _ in range(5):
        keys.existing("s1")
    assert transit.asked == []
    TableKeys(url, VaultWrapping(vault(url, transit))).existing("s1")
    assert transit.asked == ["decrypt"]


def test_what_the_vault_will_not_do_is_told_in_a_sentence(url: str, transit: Transit, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    keys = TableKeys(url, VaultWrapping(vault(url, transit, vault_token_file=token)))
    keys.check()
    keys.key("s1")
    token.write_text("s.expired")
    with pytest.raises(BadMaster, match="refuses to encrypt"):
        keys.key("s2")
    transit.token = "s.expired"  # renewed beside us
    keys.key("s2")
    away = KeySettings(keys_url=SecretStr(url), vault_url="http://127.0.0.1:1", vault_token=SecretStr(TOKEN))
    with pytest.raises(KeysAway, match="cannot be reached"):
        TableKeys(url, VaultWrapping(away)).existing("s1")


def test_after_the_vaults_key_was_rotated_everything_is_wrapped_anew(url: str, transit: Transit) -> None:
    keys = TableKeys(url, VaultWrapping(vault(url, transit)))
    keys.check()
    known = {case: keys.key(case) for case in ("s1", "s2")}
    transit.keys.append(AESGCM(AESGCM.generate_key(256)))
    assert keys.rewrap() == 2
    assert all(wrapped.startswith(b"vault:v2:") for _, wrapped in rows(url))
    assert {case: keys.existing(case) for case in known} == known


def test_from_a_master_key_to_a_vault_while_both_are_there(url: str, transit: Transit, tmp_path: Path) -> None:
    master = MasterWrapping(tmp_path / "master.key")
    before = TableKeys(url, master)
    before.check()
    known = {case: before.key(case) for case in ("s1", "s2")}
    keys = TableKeys(url, VaultWrapping(vault(url, transit)), master)
    keys.check()
    assert keys.rewrap() == 2
    alone = TableKeys(url, VaultWrapping(vault(url, transit)))
    assert {case: alone.existing(case) for case in known} == known


# ---------------------------------------------------------------- settings and commands


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"keys_url": "sqlite:///x"}, "postgresql"),
        ({"keys_url": "postgresql://db/one", "database_url": "postgresql+psycopg://me@db:5432/one"}, "of their own"),
        ({"vault_url": "https://vault:8200"}, "keeps none"),
        ({"keys_url": "postgresql://db/k", "vault_url": "https://vault:8200"}, "token"),
        ({"keys_url": "postgresql://db/k", "vault_url": "http://vault:8200", "vault_token": "t"}, "no TLS"),
        ({"keys_url": "postgresql://db/k", "vault_url": "vault:8200", "vault_token": "t"}, "https://host"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        KeySettings.model_validate(wrong)


def test_keys_in_a_database_need_a_master_key_outside_of_the_folder(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(configured_keys(tmp_path), FileKeys)
    monkeypatch.setenv("YUNTIAO_KEYS_URL", url)
    for master in (None, tmp_path / "keys" / "master.key"):
        with pytest.raises(BadMaster, match="outside of the data folder"):
            configured_keys(tmp_path, master)
    assert isinstance(configured_keys(tmp_path / "data", tmp_path / "master.key"), TableKeys)


def test_the_command_line_moves_keys_and_checks_that_each_opens(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, runner = tmp_path / "data", CliRunner()
    files = FileKeys(data / "keys" / "cases", data / "keys" / "master.key")
    known = {case: files.key(case) for case in ("s1", "s2")}
    files.destroy("s3")
    told = runner.invoke(app, ["keys", "check", "--data", str(data)])
    assert (told.exit_code, told.output.splitlines()[0]) == (0, f"2 keys in {data / 'keys' / 'cases'}, 1 destroyed")
    monkeypatch.setenv("YUNTIAO_KEYS_URL", url)
    monkeypatch.setenv("YUNTIAO_MASTER_KEY", str(tmp_path / "master.key"))
    told = runner.invoke(app, ["keys", "move", "--from", "files", "--data", str(data)])
    assert told.exit_code == 0, told.output
    assert "2 keys, and the marks of 1 that were destroyed," in told.output
    told = runner.invoke(app, ["keys", "check", "--data", str(data)])
    assert "2 keys in YUNTIAO_KEYS_URL, 1 destroyed" in told.output
    assert {case: configured_keys(data, tmp_path / "master.key").existing(case) for case in known} == known
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("UPDATE case_keys SET wrapped = 'YTK1spoilt' WHERE name = 's2'")
    told = runner.invoke(app, ["keys", "check", "--data", str(data)])
    assert told.exit_code == 1
    assert "s2" in told.output
    told = runner.invoke(app, ["keys", "rotate", "--data", str(data)])
    assert told.exit_code != 0
