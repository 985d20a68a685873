"""Uploads to an S3 bucket in parts that survive the process that began them, by signed requests of our own.

obstore has no call for the single steps. What was begun is noted in a file before its first byte is sent; what has
arrived is asked of the store. A part is signed together with its hash and numbered by its place, so one that the
store lists is the one we sent.
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
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from pydantic import TypeAdapter, ValidationError

from recordings import SourceChanged, StoreRefuses, StoreUnreachable, composing
from recordings.files.object_store import never_cancelled

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
class S3Answer:
    """`headers` by lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class S3Requests:
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
    ) -> S3Answer:
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
                time.sleep(pause)  # of a thread for uploads, so that a busy store has a moment of rest
        raise StoreUnreachable(trouble)

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> S3Answer:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            if self._tls is None
            else http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=self._tls)
        )
        try:
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            return S3Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
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


def _told(answer: S3Answer) -> str:
    return f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}"


LEAST_PART = 5 << 20  # bytes, the least that S3 takes
MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload under way: of which content, in parts of how many bytes."""

    name: str
    sha256: str
    size: int
    part: int
    id: str


@dataclass(frozen=True, slots=True)
class UploadedPart:
    etag: str
    size: int


class UploadUnknown(Exception):
    """The store does not know the upload: it was completed, given up, or swept away."""


class NameTaken(Exception):
    """The name has been taken meanwhile."""


_BEGUN = TypeAdapter(OpenUpload)


class MultipartUploads:
    """`notes` is the folder that says what was begun; what `check` raises ends an upload between two parts."""

    def __init__(
        self, bucket: Bucket, requests: S3Requests, notes: Path, check: Callable[[], None] = never_cancelled
    ) -> None:
        self._bucket, self._requests, self._notes, self._check = bucket, requests, notes, check

    def send(self, name: str, source: Path, sha256: str) -> None:
        """`NameTaken` when something has the name by the end. The source has the hash, as of now."""
        size = source.stat().st_size
        begun = self._begun(name)
        if begun is not None and (begun.sha256, begun.size) != (sha256, size):
            self.give_up(name)
            begun = None
        arrived: Mapping[int, UploadedPart] = {}
        try:
            if begun is not None:
                arrived = self._arrived(begun)
        except UploadUnknown:
            begun = None
        if begun is None:
            begun = self._begin(name, sha256, size)
        try:
            self._complete(begun, self._rest(begun, source, arrived))
        except NameTaken:
            self.give_up(name)
            raise
        self._note(name).unlink(missing_ok=True)

    def give_up(self, name: str) -> None:
        """Also when none was begun."""
        begun = self._begun(name)
        if begun is not None:
            self._requests.send("DELETE", name, {"uploadId": begun.id})
            self._note(name).unlink(missing_ok=True)

    def _rest(self, begun: OpenUpload, source: Path, arrived: Mapping[int, UploadedPart]) -> dict[int, str]:
        """Send what has not arrived; all entity tags by number."""
        tags = {}
        with source.open("rb") as file:
            for number, start in enumerate(range(0, begun.size, begun.part), 1):
                length = min(begun.part, begun.size - start)
                self._check()
                there = arrived.get(number)
                if there is None or there.size != length:
                    file.seek(start)
                    content = file.read(length)
                    if len(content) != length:
                        raise SourceChanged(begun.name)
                    there = UploadedPart(self._part(begun, number, content), length)
                tags[number] = there.etag
        return tags

    # ------------------------------------------------------------ requests

    def _begin(self, name: str, sha256: str, size: int) -> OpenUpload:
        headers = {
            "content-type": "application/octet-stream",
            "x-amz-meta-sha256": sha256,
            **self._bucket.kept(),
        }
        answer = _good(self._requests.send("POST", name, {"uploads": ""}, headers))
        begun = OpenUpload(name, sha256, size, part_size(size), _text(_xml(answer), "UploadId"))
        self._notes.mkdir(parents=True, exist_ok=True)
        composing.replace_file(self._note(name), _BEGUN.dump_json(begun))
        return begun

    def _part(self, begun: OpenUpload, number: int, content: bytes) -> str:
        query = {"partNumber": str(number), "uploadId": begun.id}
        return _good(self._requests.send("PUT", begun.name, query, {}, content)).headers["etag"]

    def _arrived(self, begun: OpenUpload) -> dict[int, UploadedPart]:
        parts: dict[int, UploadedPart] = {}
        marker = ""
        while True:
            query = {"uploadId": begun.id} | ({"part-number-marker": marker} if marker else {})
            page = _xml(_good(self._requests.send("GET", begun.name, query)))
            for part in _all(page, "Part"):
                parts[int(_text(part, "PartNumber"))] = UploadedPart(_text(part, "ETag"), int(_text(part, "Size")))
            if _text(page, "IsTruncated") != "true":
                return parts
            marker = _text(page, "NextPartNumberMarker")

    def _complete(self, begun: OpenUpload, tags: Mapping[int, str]) -> None:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{_escaped(tag)}</ETag></Part>"
            for number, tag in sorted(tags.items())
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        headers = {"content-type": "application/xml"} | ({"if-none-match": "*"} if self._bucket.conditional else {})
        answer = self._requests.send("POST", begun.name, {"uploadId": begun.id}, headers, body)
        if answer.status == 412:
            raise NameTaken
        page = _xml(_good(answer))
        if page.tag.rpartition("}")[2] == "Error":  # it had answered 200 before it knew
            raise StoreUnreachable(_text(page, "Code"))

    # ------------------------------------------------------------ notes

    def _note(self, name: str) -> Path:
        where = f"{self._bucket.url}/{self._bucket.key(name)}"
        return self._notes / f"{hashlib.sha256(where.encode()).hexdigest()}.json"

    def _begun(self, name: str) -> OpenUpload | None:
        try:
            return _BEGUN.validate_json(self._note(name).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None


def part_size(size: int) -> int:
    """Equal parts, which some stores insist on, and not more than may be."""
    return max(LEAST_PART, -(-size // MOST_PARTS))


def _good(answer: S3Answer) -> S3Answer:
    if answer.status < 300:
        return answer
    text = answer.body[:300].decode("utf-8", "replace")
    if answer.status == 404 and "NoSuchUpload" in text:
        raise UploadUnknown
    raise StoreRefuses(f"{answer.status} {text}")


def _xml(answer: S3Answer) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(answer.body)  # noqa: S314 - of the store we chose, small; expat bounds entities
    except ElementTree.ParseError as fault:
        raise StoreUnreachable(f"not the answer of an S3 store: {fault}") from fault


def _all(page: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return page.findall(f"{{*}}{tag}")


def _text(page: ElementTree.Element, tag: str) -> str:
    return page.findtext(f"{{*}}{tag}") or ""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
