"""Signed requests to an S3 bucket that obstore has no call for: the single steps of an upload in parts.

Signature version 4 with the payload's hash in it, so the store refuses what arrived damaged. Path-style or, where a
store wants it, the bucket as part of the host.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from recordings.errors import StoreRefuses, StoreUnreachable

TIMEOUT = 60.0  # seconds without a byte
PAUSES = (0.3, 1.0, 3.0)  # seconds before a request is sent again


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where, as whom, and how. `endpoint` is the store's address without the bucket; `ca` is PEM text that is trusted
    besides the system's authorities; `conditional` says whether the store knows `If-None-Match`."""

    name: str
    access_key: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    prefix: str = ""
    endpoint: str = ""  # "": Amazon's, of the region
    region: str = "us-east-1"
    path_style: bool = True
    conditional: bool = True
    ca: str = field(default="", repr=False)
    encryption: str = ""  # by the store: "" | "AES256" | "aws:kms"
    kms_key: str = ""
    storage_class: str = ""

    @property
    def url(self) -> str:
        """Of the bucket, without a trailing slash."""
        parts = urlsplit(self.endpoint or f"https://s3.{self.region}.amazonaws.com")
        if self.path_style:
            return f"{parts.scheme}://{parts.netloc}/{self.name}"
        return f"{parts.scheme}://{self.name}.{parts.netloc}"

    def key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name

    def kept(self) -> dict[str, str]:
        """Headers that say how the store keeps an object."""
        headers = {
            "x-amz-server-side-encryption": self.encryption,
            "x-amz-server-side-encryption-aws-kms-key-id": self.kms_key,
            "x-amz-storage-class": self.storage_class,
        }
        return {name: value for name, value in headers.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Requests:
    def __init__(self, bucket: Bucket, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._bucket, self._now = bucket, now
        self._url = urlsplit(bucket.url)
        self._tls = ssl.create_default_context() if self._url.scheme == "https" else None
        if self._tls is not None and bucket.ca:
            self._tls.load_verify_locations(cadata=bucket.ca)

    def send(
        self,
        method: str,
        name: str,
        query: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Sent again when the connection breaks or the store is busy. The caller gets what else is below 500, except
        401 and 403: `StoreRefuses`."""
        path = f"{self._url.path}/{quote(self._bucket.key(name))}"
        for pause in (*PAUSES, None):
            signed = sign(self._bucket, method, self._url.netloc, path, query, headers or {}, body, self._now())
            try:
                answer = self._exchange(method, f"{path}?{_joined(query)}", signed, body)
            except (OSError, http.client.HTTPException) as fault:
                if isinstance(fault, ssl.SSLCertVerificationError):
                    raise StoreRefuses(str(fault)) from fault
                trouble = f"{type(fault).__name__}: {fault}"
            else:
                if answer.status in (401, 403):
                    raise StoreRefuses(_told(answer))
                if answer.status < 500 and answer.status not in (408, 409, 429):
                    return answer
                trouble = _told(answer)
            if pause is not None:
                time.sleep(pause)
        raise StoreUnreachable(trouble)

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            if self._tls is None
            else http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=self._tls)
        )
        try:
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


def sign(
    bucket: Bucket,
    method: str,
    host: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
) -> dict[str, str]:
    """All headers of the request, with the signature. `path` is percent-encoded already."""
    stamp, content = f"{at:%Y%m%dT%H%M%SZ}", hashlib.sha256(body).hexdigest()
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    signed |= {"host": host, "x-amz-date": stamp, "x-amz-content-sha256": content}
    if bucket.token:
        signed["x-amz-security-token"] = bucket.token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = f"{method}\n{path}\n{_joined(query)}\n{lines}\n{names}\n{content}"
    scope = f"{at:%Y%m%d}/{bucket.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{bucket.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"AWS4-HMAC-SHA256 Credential={bucket.access_key}/{scope}"
    return {**signed, "authorization": f"{credential},SignedHeaders={names},Signature={signature}"}


def _joined(query: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, '')}={quote(query[name], '')}" for name in sorted(query))


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}"
