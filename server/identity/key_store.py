"""Keys of cases in a database of their own, off the machine that uses them.

They are wrapped by a master key in a file, or by the transit engine of a Vault (HashiCorp's, or OpenBao) over its HTTP
API, which never gives its key away.

A key is read from the table each time it is used, so that one that was destroyed opens nothing from then on, in no
process. What the Vault unwrapped is remembered with the very bytes it was asked about, in memory only.

The installation's own secrets (its seal, the log's key) lie there too, and as copies in `<data>/keys`: an empty data
folder gets them from there.

The settings come from variables only: the job process, media workers and the command line read them by themselves.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from recordings import BadMaster, Damaged, KeyDestroyed, KeyMissing, KeysAway
from recordings.files import safe_id, write_once
from recordings.files.keys import (
    KEY_BYTES,
    CipherName,
    KeyStore,
    State,
    bound,
    case_keys,
    make_master,
    read_master,
    unwrap,
    wrap,
)
from server.db import committed_here_only, reaching
from server.identity import read_secret
from server.serving.addresses import loopback

if TYPE_CHECKING:
    import psycopg

TABLE: Final = """
CREATE TABLE IF NOT EXISTS case_keys (
    name text PRIMARY KEY,
    wrapped bytea,
    destroyed text,
    CHECK ((wrapped IS NULL) <> (destroyed IS NULL))
)
"""
SECONDS: Final = 5.0  # for the database, and for an answer of the Vault
REMEMBERED: Final = 1024  # keys that the Vault unwrapped
_OWN: Final = "installation/"  # before the names of secrets that are no case's
_WRAPPED_BY_VAULT: Final = b"vault:"
_MOST: Final = 1 << 16  # bytes of an answer


class KeySettings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="YUNTIAO_", extra="ignore", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True
    )

    cipher: CipherName = "aes"  # of what is sealed at rest (recordings.files.keys, which reads it by itself)
    keys_url: SecretStr = SecretStr("")  # postgresql://…, a database that holds keys alone; "": files
    vault_url: str = ""  # https://host:8200; "": a master key in a file wraps
    vault_mount: str = "transit"
    vault_key: str = "yuntiao"  # name of the key in that engine
    vault_token: SecretStr = SecretStr("")
    vault_token_file: Path | None = None  # read at each request: it may be renewed beside us
    vault_namespace: str = ""
    vault_ca: Path | None = None  # PEM, trusted besides the system's authorities
    vault_allow_http: bool = False
    database_url: SecretStr = Field(default=SecretStr(""))  # the journal's

    @field_validator("vault_url")
    @classmethod
    def _address(cls, value: str) -> str:
        url = urlsplit(value)
        if value and (url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/")):
            raise ValueError("a Vault is https://host or https://host:port")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _together(self) -> KeySettings:
        url, journal = self.keys_url.get_secret_value(), self.database_url.get_secret_value()
        if self.vault_url and not url:
            raise ValueError("a Vault wraps keys and keeps none: name the database for them (YUNTIAO_KEYS_URL)")
        if not url:
            return self
        if not url.startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("YUNTIAO_KEYS_URL is postgresql://…, a database of its own")
        if journal and _database(url) == _database(journal):
            raise ValueError(
                "YUNTIAO_KEYS_URL names the journal's database: its backups would bring erased keys back. "
                "Give the keys a database of their own, with a short history of backups"
            )
        if self.vault_url:
            at = urlsplit(self.vault_url)
            if at.scheme == "http" and not self.vault_allow_http and not loopback(at.hostname or ""):
                raise ValueError("the Vault's address speaks no TLS (YUNTIAO_VAULT_ALLOW_HTTP if that is meant)")
            if not self.vault_token.get_secret_value() and self.vault_token_file is None:
                raise ValueError("a Vault needs a token (YUNTIAO_VAULT_TOKEN_FILE or YUNTIAO_VAULT_TOKEN)")
        return self

    def token(self) -> str:
        """ValueError when the file cannot be used."""
        return read_secret(self.vault_token_file) if self.vault_token_file else self.vault_token.get_secret_value()


def _database(url: str) -> tuple[str | None, int, str]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or 5432, parts.path


# ---------------------------------------------------------------- who wraps


class Wrapping(Protocol):
    """A secret bound to a name. KeysAway; BadMaster when the key to it cannot be used."""

    def wrap(self, name: str, secret: bytes) -> bytes: ...

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """Damaged when it did not wrap this for this name."""
        ...


class MasterWrapping:
    """By a master key in a file, as files of keys are."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wrap(self, name: str, secret: bytes) -> bytes:
        return wrap(read_master(self.path), name, secret)

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        found = unwrap(read_master(self.path), name, wrapped)
        if found is None:
            raise Damaged(f"the key of {name}")
        return found


class VaultWrapping:
    """By a key of a Vault's transit engine, of a type that takes associated data (aes256-gcm96 does)."""

    def __init__(self, settings: KeySettings) -> None:
        self._settings = settings
        self._url = urlsplit(settings.vault_url)
        self._tls: ssl.SSLContext | None = None
        if self._url.scheme == "https":
            try:
                self._tls = ssl.create_default_context()
                if settings.vault_ca is not None:
                    self._tls.load_verify_locations(settings.vault_ca)
            except (OSError, ssl.SSLError) as fault:
                raise BadMaster(f"the authority in {settings.vault_ca} cannot be used: {fault}") from None
        self._known: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def wrap(self, name: str, secret: bytes) -> bytes:
        told = self._ask("encrypt", name, plaintext=base64.b64encode(secret).decode())
        ciphertext = str(told.get("ciphertext", ""))
        if not ciphertext.startswith(_WRAPPED_BY_VAULT.decode()):
            raise KeysAway(f"{self._settings.vault_url} did not answer as a Vault does")
        return ciphertext.encode()

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        with self._lock:
            if (known := self._known.get((name, wrapped))) is not None:
                self._known.move_to_end((name, wrapped))
                return known
        told = self._ask("decrypt", name, ciphertext=wrapped.decode("ascii", "replace"))
        secret = base64.b64decode(str(told.get("plaintext", "")))
        with self._lock:
            self._known[name, wrapped] = secret
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return secret

    def _ask(self, what: str, name: str, **said: str) -> dict[str, Any]:
        settings = self._settings
        path = f"/v1/{quote(settings.vault_mount)}/{what}/{quote(settings.vault_key, '')}"
        body = json.dumps({**said, "associated_data": base64.b64encode(bound(name)).decode()})
        try:
            headers = {"X-Vault-Token": settings.token(), "X-Vault-Request": "true", "Content-Type": "application/json"}
            if settings.vault_namespace:
                headers["X-Vault-Namespace"] = settings.vault_namespace
            status, text = self._exchange(path, body, headers)
        except ValueError as fault:
            raise BadMaster(str(fault)) from None
        except (OSError, http.client.HTTPException) as fault:
            raise KeysAway(f"the Vault at {settings.vault_url} cannot be reached: {fault}") from fault
        if status == 200:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return dict(json.loads(text)["data"])
            raise KeysAway(f"{settings.vault_url} did not answer as a Vault does")
        told = " ".join(text.decode("utf-8", "replace").split())[:200]
        if what == "decrypt" and status == 400:
            raise Damaged(f"the key of {name}: the Vault says {told}")
        if status in (400, 403, 404):
            raise BadMaster(f"the Vault refuses to {what} with its key {settings.vault_key} ({status}): {told}")
        raise KeysAway(f"the Vault at {settings.vault_url} answers {status}: {told}")

    def _exchange(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPConnection(host, port, timeout=SECONDS)
            if self._tls is None
            else http.client.HTTPSConnection(host, port, timeout=SECONDS, context=self._tls)
        )
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST)
        finally:
            connection.close()


# ---------------------------------------------------------------- where they lie


class TableKeys:
    """Implements `KeyStore`. One connection, which is made anew when it broke."""

    def __init__(self, url: str, wrapping: Wrapping, other: Wrapping | None = None) -> None:
        """`other` opens what the wrapping before this one has wrapped."""
        self._url, self._wrapping, self._other = url.replace("+psycopg", "", 1), wrapping, other
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._here_only = False  # what was committed last
        self._lock = threading.Lock()

    def check(self) -> None:
        """Make the table at the first start, and a master key in a file before there is any key."""
        self._do(TABLE)
        some = self._do("SELECT name, wrapped FROM case_keys WHERE wrapped IS NOT NULL LIMIT 1")
        if isinstance(self._wrapping, MasterWrapping) and not some and not self._wrapping.path.exists():
            try:
                make_master(self._wrapping.path)
            except OSError as fault:
                raise BadMaster(f"no master key can be made at {self._wrapping.path}: {fault.strerror}") from None
        for name, wrapped in some or [("check", self._wrapping.wrap("check", b"check"))]:
            try:
                self._unwrapped(name, bytes(wrapped))
            except Damaged:
                raise BadMaster("the keys in YUNTIAO_KEYS_URL were not wrapped by this master key or Vault") from None

    def key(self, case: str) -> bytes:
        with contextlib.suppress(KeyMissing):
            return self.existing(case)
        return self._made(safe_id(case), os.urandom(KEY_BYTES))

    def existing(self, case: str) -> bytes:
        found = self._row(safe_id(case))
        if found is None:
            raise KeyMissing(case)
        return found

    def destroy(self, case: str, note: str = "") -> None:
        self._do(
            "INSERT INTO case_keys (name, destroyed) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE "
            "SET wrapped = NULL, destroyed = coalesce(case_keys.destroyed, excluded.destroyed)",
            safe_id(case),
            note,
        )
        self._do("VACUUM case_keys")  # the row as it was before goes now, not some day

    def state(self, case: str) -> State:
        found = self._do("SELECT destroyed IS NOT NULL FROM case_keys WHERE name = %s", safe_id(case))
        return "none" if not found else "destroyed" if found[0][0] else "there"

    def all(self) -> Iterator[tuple[str, str | None]]:
        yield from self._do("SELECT name, destroyed FROM case_keys WHERE name NOT LIKE %s ORDER BY name", f"{_OWN}%")

    def adopt(self, case: str, key: bytes) -> None:
        if self._made(safe_id(case), key) != key:
            raise Damaged(f"{case} has another key already")

    def keep(self, path: Path, make: Callable[[], object]) -> None:
        """One of the installation's own secrets: in this table, and as a copy in its file. `make` makes the file where
        there is neither. BadMaster when the file has another one."""
        name, fresh = f"{_OWN}{path.name}", not path.exists()
        kept = self._row(name)
        if kept is None:
            make()
            kept = self._made(name, path.read_bytes())
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if fresh and path.exists() and path.read_bytes() != kept:
            path.unlink()  # another machine was first
        if not path.exists():
            write_once(path, kept)
        if path.read_bytes() != kept:
            raise BadMaster(f"{path} is not the {path.name} that lies with the keys: whose data folder is this?")

    def rewrap(self) -> int:
        """Everything anew, under the newest version of the key that wraps now; how many."""
        rows = self._do("SELECT name, wrapped FROM case_keys WHERE wrapped IS NOT NULL")
        for name, wrapped in rows:
            fresh = self._wrapping.wrap(name, self._unwrapped(name, bytes(wrapped)))
            self._do("UPDATE case_keys SET wrapped = %s WHERE name = %s AND wrapped = %s", fresh, name, wrapped)
        self._do("VACUUM case_keys")
        return len(rows)

    # ------------------------------------------------------------ rows

    def _made(self, name: str, secret: bytes) -> bytes:
        """What is there in the end: somebody else may have been faster."""
        self._do(
            "INSERT INTO case_keys (name, wrapped) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING",
            name,
            self._wrapping.wrap(name, secret),
        )
        found = self._row(name)
        if found is None:
            raise KeyMissing(name)
        return found

    def _row(self, name: str) -> bytes | None:
        found = self._do("SELECT wrapped FROM case_keys WHERE name = %s", name)
        if not found:
            return None
        if found[0][0] is None:
            raise KeyDestroyed(name)
        return self._unwrapped(name, bytes(found[0][0]))

    def _unwrapped(self, name: str, wrapped: bytes) -> bytes:
        by_vault = wrapped.startswith(_WRAPPED_BY_VAULT)
        for wrapping in (self._wrapping, self._other):
            if wrapping is not None and isinstance(wrapping, VaultWrapping) == by_vault:
                return wrapping.unwrap(name, wrapped)
        raise Damaged(f"the key of {name}")

    def _do(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        import psycopg

        with self._lock:
            for last in (False, True):
                try:
                    connection = self._connected()
                    if self._here_only:  # what is there may be there only: of what is written after it nobody says so
                        self._here_only = False
                        connection.execute(b"SELECT pg_logical_emit_message(true, 'yuntiao', '')")
                    found = connection.execute(statement.encode(), values or None)
                    if self._here_only:
                        raise KeysAway("the database of keys did not wait until its standby had what was written")
                    return found.fetchall() if found.description else []
                except psycopg.OperationalError as fault:
                    if self._connection is not None:
                        self._connection.close()
                    self._connection = None
                    if last:
                        told = str(fault).splitlines()[0] if str(fault) else "no answer"
                        raise KeysAway(f"the database of keys cannot be reached: {told}") from fault
                except psycopg.Error as fault:
                    raise KeysAway(f"the database of keys refuses: {str(fault).splitlines()[0]}") from fault
        raise AssertionError

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            import psycopg  # not loaded where keys are files
            from psycopg.conninfo import conninfo_to_dict

            options = f"-c statement_timeout={int(SECONDS * 1000)} -c application_name=yuntiao-keys"
            wanted = {"connect_timeout": int(SECONDS)} | reaching(conninfo_to_dict(self._url))
            self._connection = psycopg.connect(**wanted, autocommit=True, options=options)
            self._connection.add_notice_handler(self._noticed)
        return self._connection

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        self._here_only |= committed_here_only(notice)


def configured_keys(data: Path, master: Path | None = None) -> KeyStore:
    """Where this installation keeps the keys of cases: files in its data folder unless YUNTIAO_KEYS_URL says otherwise.
    ValueError, BadMaster."""
    settings = KeySettings()
    url = settings.keys_url.get_secret_value()
    if not url:
        return case_keys(data, master)
    if settings.vault_url:
        return TableKeys(url, VaultWrapping(settings), MasterWrapping(master) if master is not None else None)
    if master is None or master.resolve().is_relative_to(data.resolve()):
        raise BadMaster(
            "keys in a database are wrapped by a master key outside of the data folder (YUNTIAO_MASTER_KEY), "
            "or by a Vault (YUNTIAO_VAULT_URL)"
        )
    return TableKeys(url, MasterWrapping(master))
