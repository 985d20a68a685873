"""A store in an S3 bucket, through obstore; only uploads in parts speak for themselves
(`recordings.files.s3_uploads`).

An object carries its content's hash as metadata (`x-amz-meta-sha256`). It is written only where there is none.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Literal

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from recordings import AlreadyThere, NotThere, SourceChanged, StoreRefuses, StoreUnreachable
from recordings.files.object_store import (
    BLOCK,
    BlobStat,
    checked_name,
    checked_sha256,
    never_cancelled,
    ranged_reader,
    sha256_of,
)
from recordings.files.s3_uploads import LEAST_PART, Bucket, MultipartUploads, NameTaken, S3Requests, UploadUnknown

_READ = 8 << 20  # bytes asked for at once when everything is read
_TIMEOUT = timedelta(seconds=60)
_RETRIES = 4


class S3Blobs:
    """`notes` is a folder for uploads under way; what `check` raises ends long work between its steps."""

    def __init__(self, bucket: Bucket, notes: Path, check: Callable[[], None] | None = None) -> None:
        self._bucket, self._check = bucket, check or never_cancelled
        self._uploads = MultipartUploads(bucket, S3Requests(bucket), notes, self._check)
        self._store = _store(bucket)

    @property
    def address(self) -> str:
        return "/".join(["s3:/", self._bucket.name, *([self._bucket.prefix] if self._bucket.prefix else [])])

    def put(self, name: str, source: Path, sha256: str) -> None:
        checked_name(name)
        if sha256_of(source) != checked_sha256(sha256):
            raise SourceChanged(name)
        if self._has(name, sha256):
            self._uploads.give_up(name)
            return
        try:
            if source.stat().st_size <= LEAST_PART:
                self._put_whole(name, source, sha256)
            else:
                self._uploads.send(name, source, sha256)
        except (AlreadyExistsError, UploadUnknown, NameTaken):
            # Somebody else was faster, with the same content or not; or it was ourselves and the answer was lost.
            self._uploads.give_up(name)
        # Also what a store that ignores `If-None-Match` made of it.
        if not self._has(name, sha256):
            raise StoreUnreachable(f"{name} was put and is gone")

    def open(self, name: str) -> BinaryIO:
        size, tag, _ = self._head(name)
        return ranged_reader(size, lambda start, end: self._read(name, tag, start, end), BLOCK)

    def stat(self, name: str) -> BlobStat:
        size, _, sha256 = self._head(name)
        return BlobStat(size, sha256)

    def verify(self, name: str, sha256: str) -> bool:
        size, tag, _ = self._head(name)
        digest = hashlib.sha256()
        for start in range(0, size, _READ):
            self._check()
            digest.update(self._read(name, tag, start, min(start + _READ, size)))
        return digest.hexdigest() == sha256

    def delete(self, name: str) -> None:
        checked_name(name)
        self._uploads.give_up(name)
        with _reported(), contextlib.suppress(FileNotFoundError):
            self._store.delete(name)

    def names(self, folder: str = "") -> Iterator[str]:
        with _reported():
            for page in self._store.list(checked_name(folder) if folder else None):
                yield from (found["path"] for found in page)

    def folders(self, folder: str) -> Iterator[str]:
        with _reported():
            found = self._store.list_with_delimiter(checked_name(folder))
            yield from sorted(path.rstrip("/").rpartition("/")[2] for path in found["common_prefixes"])

    def _put_whole(self, name: str, source: Path, sha256: str) -> None:
        content = source.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise SourceChanged(name)
        attributes = {"Content-Type": "application/octet-stream", "sha256": sha256}
        if self._bucket.storage_class:
            attributes["Storage-Class"] = self._bucket.storage_class
        mode: Literal["create", "overwrite"] = "create" if self._bucket.conditional else "overwrite"
        with _reported():
            self._store.put(name, content, attributes=attributes, mode=mode, use_multipart=False)

    def _has(self, name: str, sha256: str) -> bool:
        try:
            if self.stat(name).sha256 != sha256:
                raise AlreadyThere(name)
        except NotThere:
            return False
        return True

    def _head(self, name: str) -> tuple[int, str, str]:
        """Size, entity tag, hash."""
        with _reported(checked_name(name)):
            found = self._store.get(name, options={"head": True})
            return found.meta["size"], found.meta["e_tag"] or "", found.attributes.get("sha256", "")

    def _read(self, name: str, tag: str, start: int, end: int) -> bytes:
        """Of the object that was there first: one put in its place meanwhile is not read instead."""
        with _reported(name):
            content = bytes(self._store.get(name, options={"range": (start, end), "if_match": tag}).bytes())
        if len(content) != end - start:
            raise StoreUnreachable(f"{len(content)} bytes of {name} instead of {end - start}")
        return content


def _store(bucket: Bucket) -> S3Store:
    """Everything is said, so that nothing of the environment is taken instead."""
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        config={
            "endpoint": bucket.url.removesuffix(f"/{bucket.name}") if bucket.path_style else bucket.url,
            "region": bucket.region,
            "access_key_id": bucket.access_key,
            "secret_access_key": bucket.secret,
            "virtual_hosted_style_request": not bucket.path_style,
            **({"session_token": bucket.token} if bucket.token else {}),
            **({"server_side_encryption": bucket.encryption} if bucket.encryption else {}),
            **({"sse_kms_key_id": bucket.kms_key} if bucket.kms_key else {}),
        },
        client_options={
            "allow_http": bucket.url.startswith("http:"),
            "timeout": _TIMEOUT,
            **({"root_certificate": bucket.ca} if bucket.ca else {}),
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": _TIMEOUT},
    )


@contextlib.contextmanager
def _reported(name: str = "") -> Iterator[None]:
    try:
        yield
    except AlreadyExistsError:
        raise
    except FileNotFoundError as fault:
        if name and "NoSuchBucket" not in str(fault):
            raise NotThere(name) from None
        raise StoreRefuses(_short(fault)) from None
    except (PermissionDeniedError, UnauthenticatedError) as fault:
        raise StoreRefuses(_short(fault)) from None
    except PreconditionError:
        raise StoreUnreachable(f"{name} was replaced while it was read") from None
    except BaseError as fault:
        raise StoreUnreachable(_short(fault)) from None


def _short(fault: Exception) -> str:
    return " ".join(str(fault).split())[:400]
