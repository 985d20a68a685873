"""The job `archive` and its settings: files of a closed case go into the archive, and later their local copies go.

Called twice for a case: until every file that can be is there, and again when the journal has noted it. The
settings, a part of `server.serving.settings.Settings`, describe it and the store of files; the job process reads them
by itself, so they come from variables only.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from recordings import BadName, StoreRefuses, StoreUnreachable
from recordings.files import FreeSpace, archive
from recordings.files.archive import ArchiveMove, MoveItem
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.object_store import BlobStore, LocalBlobs, checked_name
from recordings.files.remote_files import RemoteFiles
from recordings.files.s3_uploads import Bucket
from server.identity import read_secret
from server.serving.addresses import loopback
from server.serving.jobs import FULL_SECONDS, Claim, RetryLater

NOTES = "uploads"  # in the data folder: uploads in parts that are under way


StorageClass = Literal["", "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"]
WhichStore = Literal["archive", "files"]
STORES: Final[tuple[WhichStore, ...]] = ("archive", "files")


def _or_amazons(field: str, variable: str) -> AliasChoices:
    """Under our name, or where every S3 tool looks."""
    return AliasChoices(f"YUNTIAO_{field.upper()}", field, variable)


class ArchiveSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="YUNTIAO_", extra="ignore", frozen=True, hide_input_in_errors=True)

    archive: str = ""  # s3://bucket/prefix or file:///folder; "" keeps everything on this disk
    archive_after_hours: float = Field(default=24.0, ge=0)  # from the session's close
    archive_endpoint: str = ""  # of a store that is not Amazon's
    archive_region: str = "us-east-1"
    archive_path_style: bool = True  # the bucket in the path; else in the host's name
    archive_conditional: bool = True  # the store knows If-None-Match
    archive_allow_http: bool = False  # without TLS to another machine
    archive_ca: Path | None = None  # PEM, trusted besides the system's authorities
    archive_access_key: str = Field(default="", validation_alias=_or_amazons("archive_access_key", "AWS_ACCESS_KEY_ID"))
    archive_secret: SecretStr = Field(
        default=SecretStr(""), validation_alias=_or_amazons("archive_secret", "AWS_SECRET_ACCESS_KEY")
    )
    archive_secret_file: Path | None = None
    archive_session_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=_or_amazons("archive_session_token", "AWS_SESSION_TOKEN")
    )
    archive_encryption: Literal["", "AES256", "aws:kms"] = ""  # by the store, besides ours
    archive_kms_key: str = ""
    archive_storage_class: StorageClass = ""

    files: str = ""  # home of files that are not of a closed case alone; likewise: "" is this disk
    files_cache: int = Field(default=50 << 30, ge=0)  # bytes this disk keeps of what lies there
    files_endpoint: str = ""
    files_region: str = "us-east-1"
    files_path_style: bool = True
    files_conditional: bool = True
    files_allow_http: bool = False
    files_ca: Path | None = None
    files_access_key: str = Field(default="", validation_alias=_or_amazons("files_access_key", "AWS_ACCESS_KEY_ID"))
    files_secret: SecretStr = Field(
        default=SecretStr(""), validation_alias=_or_amazons("files_secret", "AWS_SECRET_ACCESS_KEY")
    )
    files_secret_file: Path | None = None
    files_session_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=_or_amazons("files_session_token", "AWS_SESSION_TOKEN")
    )
    files_encryption: Literal["", "AES256", "aws:kms"] = ""
    files_kms_key: str = ""
    files_storage_class: StorageClass = ""

    disk_reserve: int = Field(default=1 << 30, ge=0)  # stays free for the journal: nothing else is written before

    @field_validator(*STORES)
    @classmethod
    def _somewhere(cls, value: str) -> str:
        url = urlsplit(value)
        if value and url.scheme == "file":
            if url.netloc or not Path(unquote(url.path)).is_absolute():
                raise ValueError("a folder is written file:///absolute/path")
        elif value:
            try:
                if url.scheme != "s3" or url.username or url.port or url.query or url.fragment:
                    raise BadName
                checked_name(url.netloc + url.path.rstrip("/"))
            except (BadName, ValueError):
                raise ValueError("a store of files is s3://bucket/prefix or file:///folder") from None
        return value.rstrip("/")

    @field_validator("archive_endpoint", "files_endpoint")
    @classmethod
    def _endpoint(cls, value: str, info: ValidationInfo) -> str:
        url = urlsplit(value)
        if value and (url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/") or url.query):
            variable = f"YUNTIAO_{(info.field_name or '').removesuffix('_endpoint').upper()}"
            raise ValueError(f"an endpoint is https://host or https://host:port; the bucket belongs into {variable}")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _reachable(self) -> ArchiveSettings:
        for which in STORES:
            if self._of(which, "").startswith("s3:"):
                self._check(which)
        if self.files and self.files == self.archive:
            raise ValueError("YUNTIAO_FILES and YUNTIAO_ARCHIVE are one place: give the files a prefix of their own")
        return self

    def _check(self, which: WhichStore) -> None:
        what, variable = {"archive": "the archive", "files": "the store of files"}[which], f"YUNTIAO_{which.upper()}"
        url = urlsplit(self._of(which, "_endpoint"))
        if url.scheme == "http" and not self._of(which, "_allow_http") and not loopback(url.hostname or ""):
            raise ValueError(f"{what}'s endpoint speaks no TLS ({variable}_ALLOW_HTTP if that is meant)")
        if self._of(which, "_kms_key") and self._of(which, "_encryption") != "aws:kms":
            raise ValueError(f"a KMS key needs {variable}_ENCRYPTION=aws:kms")
        if not self._of(which, "_access_key") or not self._secret(which):
            raise ValueError(
                f"{what} in S3 needs {variable}_ACCESS_KEY and its secret ({variable}_SECRET_FILE or {variable}_SECRET)"
            )
        self._authority(which)

    @property
    def archive_after(self) -> timedelta:
        return timedelta(hours=self.archive_after_hours)

    def archive_store(self, notes: Path, check: Callable[[], None] | None = None) -> BlobStore | None:
        """None without an archive. Reads the secret file: ValueError when it cannot be used any more.

        `notes` is a folder for uploads under way; what `check` raises ends long work between its steps.
        """
        return self._blobs("archive", notes, check)

    def remote_files(self, data: Path) -> RemoteFiles | None:
        """None where files stay in the data folder. ValueError as `archive_store`."""
        if not self.files:
            return None

        def opened() -> BlobStore:
            store = self._blobs("files", data / NOTES, files.check)
            assert store is not None
            return store

        files = RemoteFiles(data, opened, FreeSpace(data, self.disk_reserve))
        return files

    def _blobs(self, which: WhichStore, notes: Path, check: Callable[[], None] | None = None) -> BlobStore | None:
        url = urlsplit(self._of(which, ""))
        if url.scheme == "file":
            return LocalBlobs(folder := Path(unquote(url.path)), check, FreeSpace(folder, self.disk_reserve))
        if url.scheme != "s3":
            return None
        from recordings.files.s3 import S3Blobs  # not loaded by installations without one

        bucket = Bucket(
            name=url.netloc,
            prefix=url.path.strip("/"),
            endpoint=self._of(which, "_endpoint"),
            region=self._of(which, "_region"),
            path_style=self._of(which, "_path_style"),
            conditional=self._of(which, "_conditional"),
            access_key=self._of(which, "_access_key"),
            secret=self._secret(which),
            token=self._of(which, "_session_token").get_secret_value(),
            ca=self._authority(which),
            encryption=self._of(which, "_encryption"),
            kms_key=self._of(which, "_kms_key"),
            storage_class=self._of(which, "_storage_class"),
        )
        return S3Blobs(bucket, notes, check)

    def _of(self, which: WhichStore, what: str) -> Any:
        return getattr(self, which + what)

    def _secret(self, which: WhichStore) -> str:
        """A file, where one is named, goes before what the environment has for other programs."""
        if (file := self._of(which, "_secret_file")) is not None:
            return read_secret(file)
        secret: SecretStr = self._of(which, "_secret")
        return secret.get_secret_value()

    def _authority(self, which: WhichStore) -> str:
        file: Path | None = self._of(which, "_ca")
        if file is None:
            return ""
        try:
            text = file.read_text("ascii")
            ssl.create_default_context(cadata=text)
        except (OSError, UnicodeDecodeError, ssl.SSLError) as fault:
            raise ValueError(f"the authority in {file} cannot be used: {fault}") from None
        return text


# Seconds between tries while the store is away; the last one goes on for ever.
PATIENCE = (10.0, 60.0, 300.0, 900.0)
# Somebody has to change a setting or a right first.
REFUSED_SECONDS = 600.0

log = logging.getLogger(__name__)

OpenStore = Callable[[Callable[[], None]], BlobStore | None]


class Halted(Exception):
    """The process ends; what was being sent goes on after the next start."""


class ArchiveJob:
    """Handler of `archive(session)`, and over `lead-files/` of `archive_lead(session)`, where it is a lead.

    One of each per job process. `open_store` is given what to call between steps; `shelf` is over the same folder.
    """

    def __init__(self, recordings: Path, open_store: OpenStore, shelf: EncryptedFileStore) -> None:
        self._recordings, self._open_store, self._shelf = recordings, open_store, shelf

    async def __call__(self, job: Claim, session: str) -> None:
        move = archive.read_move(self._recordings, session)
        if move is None or move.state in ("moved", "done"):
            return  # done by an earlier run of the same job
        halt = threading.Event()

        def check() -> None:
            if halt.is_set():
                raise Halted

        try:
            await self._go_on(session, move, check)
        except OSError as fault:  # not even how far it is can be written down
            log.warning("Archiving of %s: %s", session, fault)
            raise RetryLater(FULL_SECONDS) from fault
        finally:
            halt.set()

    async def _go_on(self, session: str, move: ArchiveMove, check: Callable[[], None]) -> None:
        try:
            store = self._open_store(check)
            if store is None or store.address != move.store:
                log.info("Archiving of %s to %s: that is not the archive any more", session, move.store)
                return
            step, end = (archive.remove_local, "done") if move.state == "noted" else (archive.copy_to_store, "moved")
            if move.state == "queued":
                move = replace(move, state="moving")
            for number, item in enumerate(move.items):
                if not _waits(item, move):
                    continue
                if archive.read_move(self._recordings, session) is None:
                    return  # the record was erased meanwhile
                moved = await asyncio.to_thread(archive.identify_item, session, item, self._shelf)
                if not moved.error:
                    moved = await asyncio.to_thread(step, self._recordings, moved, store)
                items = (*move.items[:number], moved, *move.items[number + 1 :])
                move = replace(move, items=items, error="", tries=0)
                archive.write_move(self._recordings, session, move)
        except (StoreUnreachable, StoreRefuses, ValueError) as fault:
            log.warning("Archiving of %s: %s", session, fault)
            refused = not isinstance(fault, StoreUnreachable)
            code = "store_refuses" if refused else "store_unreachable"
            archive.write_move(self._recordings, session, replace(move, error=code, tries=move.tries + 1))
            raise RetryLater(REFUSED_SECONDS if refused else PATIENCE[min(move.tries, len(PATIENCE) - 1)]) from fault
        archive.write_move(
            self._recordings, session, replace(move, state="moved" if end == "moved" else "done", error="")
        )


def _waits(item: MoveItem, move: ArchiveMove) -> bool:
    if move.state == "noted":
        return item.step == "there" and not item.error
    return item.step == "here" and not item.error
