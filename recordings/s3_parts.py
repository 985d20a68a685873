"""Uploads in parts that survive the process that began them.

What was begun is noted in a file before its first byte is sent; what has arrived is asked of the store. A part is
signed together with its hash and numbered by its place, so one that the store lists is the one we sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from pydantic import TypeAdapter, ValidationError

from recordings import progress
from recordings.blobs import never_cancelled
from recordings.errors import SourceChanged, StoreRefuses, StoreUnreachable
from recordings.s3_requests import Answer, Bucket, Requests

LEAST_PART = 5 << 20  # bytes, the least that S3 takes
MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload under way: of which content, in parts of how many bytes."""

    name: str
    sha256: str
    size: int
    part: int
    id: str


@dataclass(frozen=True, slots=True)
class Part:
    etag: str
    size: int


class Forgotten(Exception):
    """The store does not know the upload: it was completed, given up, or swept away."""


class Taken(Exception):
    """The name has been taken meanwhile."""


_BEGUN = TypeAdapter(Begun)


class Uploads:
    """`notes` is the folder that says what was begun; what `check` raises ends an upload between two parts."""

    def __init__(
        self, bucket: Bucket, requests: Requests, notes: Path, check: Callable[[], None] = never_cancelled
    ) -> None:
        self._bucket, self._requests, self._notes, self._check = bucket, requests, notes, check

    def send(self, name: str, source: Path, sha256: str) -> None:
        """`Taken` when something has the name by the end. The source has the hash, as of now."""
        size = source.stat().st_size
        begun = self._begun(name)
        if begun is not None and (begun.sha256, begun.size) != (sha256, size):
            self.give_up(name)
            begun = None
        arrived: Mapping[int, Part] = {}
        try:
            if begun is not None:
                arrived = self._arrived(begun)
        except Forgotten:
            begun = None
        if begun is None:
            begun = self._begin(name, sha256, size)
        try:
            self._complete(begun, self._rest(begun, source, arrived))
        except Taken:
            self.give_up(name)
            raise
        self._note(name).unlink(missing_ok=True)

    def give_up(self, name: str) -> None:
        """Also when none was begun."""
        begun = self._begun(name)
        if begun is not None:
            self._requests.send("DELETE", name, {"uploadId": begun.id})
            self._note(name).unlink(missing_ok=True)

    def _rest(self, begun: Begun, source: Path, arrived: Mapping[int, Part]) -> dict[int, str]:
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
                    there = Part(self._part(begun, number, content), length)
                tags[number] = there.etag
        return tags

    # ------------------------------------------------------------ requests

    def _begin(self, name: str, sha256: str, size: int) -> Begun:
        headers = {
            "content-type": "application/octet-stream",
            "x-amz-meta-sha256": sha256,
            **self._bucket.kept(),
        }
        answer = _good(self._requests.send("POST", name, {"uploads": ""}, headers))
        begun = Begun(name, sha256, size, part_size(size), _text(_xml(answer), "UploadId"))
        self._notes.mkdir(parents=True, exist_ok=True)
        progress.replace_file(self._note(name), _BEGUN.dump_json(begun))
        return begun

    def _part(self, begun: Begun, number: int, content: bytes) -> str:
        query = {"partNumber": str(number), "uploadId": begun.id}
        return _good(self._requests.send("PUT", begun.name, query, {}, content)).headers["etag"]

    def _arrived(self, begun: Begun) -> dict[int, Part]:
        parts: dict[int, Part] = {}
        marker = ""
        while True:
            query = {"uploadId": begun.id} | ({"part-number-marker": marker} if marker else {})
            page = _xml(_good(self._requests.send("GET", begun.name, query)))
            for part in _all(page, "Part"):
                parts[int(_text(part, "PartNumber"))] = Part(_text(part, "ETag"), int(_text(part, "Size")))
            if _text(page, "IsTruncated") != "true":
                return parts
            marker = _text(page, "NextPartNumberMarker")

    def _complete(self, begun: Begun, tags: Mapping[int, str]) -> None:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{_escaped(tag)}</ETag></Part>"
            for number, tag in sorted(tags.items())
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        headers = {"content-type": "application/xml"} | ({"if-none-match": "*"} if self._bucket.conditional else {})
        answer = self._requests.send("POST", begun.name, {"uploadId": begun.id}, headers, body)
        if answer.status == 412:
            raise Taken
        page = _xml(_good(answer))
        if page.tag.rpartition("}")[2] == "Error":  # it had answered 200 before it knew
            raise StoreUnreachable(_text(page, "Code"))

    # ------------------------------------------------------------ notes

    def _note(self, name: str) -> Path:
        where = f"{self._bucket.url}/{self._bucket.key(name)}"
        return self._notes / f"{hashlib.sha256(where.encode()).hexdigest()}.json"

    def _begun(self, name: str) -> Begun | None:
        try:
            return _BEGUN.validate_json(self._note(name).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None


def part_size(size: int) -> int:
    """Equal parts, which some stores insist on, and not more than may be."""
    return max(LEAST_PART, -(-size // MOST_PARTS))


def _good(answer: Answer) -> Answer:
    if answer.status < 300:
        return answer
    text = answer.body[:300].decode("utf-8", "replace")
    if answer.status == 404 and "NoSuchUpload" in text:
        raise Forgotten
    raise StoreRefuses(f"{answer.status} {text}")


def _xml(answer: Answer) -> ElementTree.Element:
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
