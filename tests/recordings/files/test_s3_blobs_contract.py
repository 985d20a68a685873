"""The contract of stores, on S3 over real sockets; and uploads in parts that break off."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from recordings import AlreadyThere, StoreRefuses, StoreUnreachable
from recordings.files import s3_uploads
from recordings.files.object_store import BlobStore
from recordings.files.s3 import S3Blobs
from recordings.files.s3_uploads import LEAST_PART, MOST_PARTS, Bucket, part_size, sign
from server.serving.addresses import self_signed, server_context
from tests.contracts import s3_server
from tests.contracts.blob_store_contract import NAME, SMALL, BlobStoreContract, Source, large, source
from tests.contracts.s3_server import Broken, Relay, Request, relayed

__all__ = ["source"]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3_server.served() as url:
        yield url


@pytest.fixture
def bucket(endpoint: str) -> Bucket:
    return s3_server.bucket(endpoint, f"b-{uuid4().hex[:12]}")


@pytest.fixture
def relay(endpoint: str) -> Iterator[Relay]:
    with relayed(Relay(endpoint)) as relay:
        yield relay


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_uploads, "PAUSES", (0.0, 0.0, 0.0))


class TestS3Blobs(BlobStoreContract):
    @pytest.fixture
    def one_by_one(self, bucket: Bucket, relay: Relay) -> Bucket:
        """moto looks for the name and writes in two steps; S3 does it in one."""
        appearing = threading.Lock()

        def before(request: Request) -> None:
            if request.makes_appear:
                appearing.acquire()

        def after(request: Request) -> None:
            if request.makes_appear:
                appearing.release()

        relay.before, relay.after = before, after
        return replace(bucket, endpoint=relay.url)

    @pytest.fixture
    def store(self, one_by_one: Bucket, tmp_path: Path) -> BlobStore:
        return S3Blobs(one_by_one, tmp_path / "uploads")

    @pytest.fixture
    def again(self, one_by_one: Bucket, tmp_path: Path) -> BlobStore:
        return S3Blobs(one_by_one, tmp_path / "uploads of another machine")

    @pytest.fixture(autouse=True)
    def _known(self, bucket: Bucket) -> None:
        self.bucket = bucket

    def spoil(self, store: BlobStore, name: str, content: bytes) -> None:
        s3, at = s3_server.owner(self.bucket.endpoint), {"Bucket": self.bucket.name, "Key": self.bucket.key(name)}
        noted = s3.head_object(**at)["Metadata"]
        s3.put_object(**at, Body=content, Metadata=noted)


# ---------------------------------------------------------------- uploads that break off


_PUT = """
import sys
from pathlib import Path
from recordings.files.s3 import S3Blobs
from recordings.files.s3_uploads import Bucket
name, file, digest, notes, bucket, key, secret, prefix, endpoint = sys.argv[1:]
S3Blobs(Bucket(bucket, key, secret, prefix=prefix, endpoint=endpoint), Path(notes)).put(name, Path(file), digest)
"""


def uploader(bucket: Bucket, notes: Path, file: Path, digest: str) -> subprocess.Popen[bytes]:
    words = [NAME, str(file), digest, str(notes), bucket.name, bucket.access_key, bucket.secret, bucket.prefix]
    return subprocess.Popen(
        [sys.executable, "-c", _PUT, *words, bucket.endpoint], env={**os.environ, "PYTHONPATH": "."}
    )


@pytest.mark.parametrize("arrived", [0, 1, 2, 3], ids=lambda n: f"after {n} of 3 parts")
def test_an_upload_whose_process_was_killed_goes_on_without_sending_again_what_had_arrived(
    bucket: Bucket, relay: Relay, tmp_path: Path, source: Source, arrived: int
) -> None:
    file, digest = source(large())
    reached, gone = threading.Event(), threading.Event()

    def hold(request: Request) -> None:
        """Once so many parts are there, whatever comes next waits until its sender is dead."""
        sends = request.part or "uploadId=" in request.target
        if sends and not gone.is_set() and len(relay.parts) == arrived:
            reached.set()
            gone.wait(30)
            raise Broken

    relay.before = hold
    through = replace(bucket, endpoint=relay.url)
    process = uploader(through, tmp_path / "uploads", file, digest)
    assert reached.wait(30)
    process.send_signal(signal.SIGKILL)
    process.wait()
    gone.set()
    store = S3Blobs(through, tmp_path / "uploads")
    assert list(store.names()) == []
    assert relay.parts == [1, 2, 3][:arrived]

    assert uploader(through, tmp_path / "uploads", file, digest).wait(60) == 0
    assert relay.parts == [1, 2, 3]
    assert store.verify(NAME, digest)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_connection_that_breaks_within_a_part_costs_that_part_again_and_no_other(
    bucket: Bucket, relay: Relay, tmp_path: Path, source: Source
) -> None:
    file, digest = source(large())
    broken: list[int] = []

    def cut(request: Request) -> None:
        if request.part == 2 and len(broken) < 2:
            broken.append(request.part)
            raise Broken

    relay.before = cut
    store = S3Blobs(replace(bucket, endpoint=relay.url), tmp_path / "uploads")
    store.put(NAME, file, digest)
    assert broken == [2, 2]
    assert relay.parts == [1, 2, 3]
    assert store.verify(NAME, digest)


@pytest.mark.parametrize("content", [SMALL, large()], ids=["small", "large"])
def test_an_answer_that_was_lost_is_no_failure(
    bucket: Bucket, relay: Relay, tmp_path: Path, source: Source, content: bytes
) -> None:
    file, digest = source(content)
    lost: list[Request] = []

    def lose(request: Request) -> None:
        """The one that makes the object appear."""
        if request.makes_appear and not lost:
            lost.append(request)
            raise Broken

    relay.after = lose
    store = S3Blobs(replace(bucket, endpoint=relay.url), tmp_path / "uploads")
    store.put(NAME, file, digest)
    assert len(lost) == 1
    assert store.verify(NAME, digest)
    assert not (tmp_path / "uploads").exists() or list((tmp_path / "uploads").iterdir()) == []


def test_an_upload_the_store_has_swept_away_begins_anew(bucket: Bucket, tmp_path: Path, source: Source) -> None:
    file, digest = source(large())
    with relayed(Relay(bucket.endpoint)) as relay:
        relay.before = _break_at(3)
        store = S3Blobs(replace(bucket, endpoint=relay.url), tmp_path / "uploads")
        with pytest.raises(StoreUnreachable):
            store.put(NAME, file, digest)
        s3 = s3_server.owner(bucket.endpoint)
        (upload,) = s3.list_multipart_uploads(Bucket=bucket.name)["Uploads"]
        s3.abort_multipart_upload(Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"])
        relay.before = lambda request: None
        store.put(NAME, file, digest)
        assert relay.parts == [1, 2, 1, 2, 3]
        assert store.verify(NAME, digest)


def test_an_upload_of_other_content_is_not_gone_on_with(bucket: Bucket, tmp_path: Path, source: Source) -> None:
    with relayed(Relay(bucket.endpoint)) as relay:
        relay.before = _break_at(3)
        store = S3Blobs(replace(bucket, endpoint=relay.url), tmp_path / "uploads")
        with pytest.raises(StoreUnreachable):
            store.put(NAME, *source(large(1)))
        relay.before = lambda request: None
        file, digest = source(large(2))
        store.put(NAME, file, digest)
        assert relay.parts == [1, 2, 1, 2, 3]
        assert store.verify(NAME, digest)
    assert not s3_server.owner(bucket.endpoint).list_multipart_uploads(Bucket=bucket.name).get("Uploads")


@pytest.mark.parametrize("contents", [(b"one", b"two"), (large(1), large(2))], ids=["small", "large"])
def test_whoever_comes_second_by_a_hair_changes_nothing_and_leaves_no_parts_behind(
    bucket: Bucket, tmp_path: Path, source: Source, contents: tuple[bytes, bytes]
) -> None:
    first, second = (source(content) for content in contents)
    direct = S3Blobs(bucket, tmp_path / "first")

    def be_faster(request: Request) -> None:
        if request.makes_appear:
            direct.put(NAME, *first)

    with relayed(Relay(bucket.endpoint, be_faster)) as relay, pytest.raises(AlreadyThere):
        S3Blobs(replace(bucket, endpoint=relay.url), tmp_path / "second").put(NAME, *second)
    assert direct.verify(NAME, first[1])
    assert not s3_server.owner(bucket.endpoint).list_multipart_uploads(Bucket=bucket.name).get("Uploads")


def _break_at(part: int) -> Callable[[Request], None]:
    def cut(request: Request) -> None:
        if request.part == part:
            raise Broken

    return cut


# ---------------------------------------------------------------- reading


def test_reading_here_and_there_fetches_only_what_is_read(
    bucket: Bucket, relay: Relay, tmp_path: Path, source: Source
) -> None:
    S3Blobs(bucket, tmp_path / "uploads").put(NAME, *source(large()))
    with S3Blobs(replace(bucket, endpoint=relay.url), tmp_path / "uploads").open(NAME) as opened:
        for at in (5 << 20, (5 << 20) + 70_000, 5 << 20, (10 << 20) + 1):
            opened.seek(at)
            opened.read(100)
    assert len(relay.requests) == 3  # one to look, two blocks


def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed_with_the_new_one(
    bucket: Bucket, tmp_path: Path, source: Source
) -> None:
    store = S3Blobs(bucket, tmp_path / "uploads")
    store.put(NAME, *source(large(1)))
    with store.open(NAME) as opened:
        opened.read(10)
        s3_server.owner(bucket.endpoint).put_object(Bucket=bucket.name, Key=bucket.key(NAME), Body=large(2))
        opened.seek(9 << 20)
        with pytest.raises(StoreUnreachable):
            opened.read(10)


# ---------------------------------------------------------------- settings


def test_objects_carry_what_the_bucket_is_told_to_do_with_them(bucket: Bucket, tmp_path: Path, source: Source) -> None:
    bucket = replace(bucket, encryption="aws:kms", kms_key="k1", storage_class="STANDARD_IA")
    store, s3 = S3Blobs(bucket, tmp_path / "uploads"), s3_server.owner(bucket.endpoint)
    for name, content in (("s1/small", SMALL), ("s1/large", large())):
        file, digest = source(content)
        store.put(name, file, digest)
        found = s3.head_object(Bucket=bucket.name, Key=f"yuntiao/east/{name}")
        assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", "k1")
        assert (found["StorageClass"], found["Metadata"]) == ("STANDARD_IA", {"sha256": digest})


def test_a_bucket_that_is_not_there_is_a_refusal(bucket: Bucket, tmp_path: Path, source: Source) -> None:
    store = S3Blobs(replace(bucket, name="nobodys"), tmp_path / "uploads")
    for content in (SMALL, large()):
        with pytest.raises(StoreRefuses):
            store.put(NAME, *source(content))


def test_a_wrong_secret_is_a_refusal_and_the_right_one_signs_everything(tmp_path: Path, source: Source) -> None:
    """The server checks signatures here; that of the contract takes any."""
    with s3_server.served() as endpoint:
        bucket = s3_server.bucket(endpoint, "guarded")
        with s3_server.guarded(endpoint) as (key, secret):
            ours = replace(bucket, access_key=key, secret=secret)
            for number, content in enumerate((SMALL, large())):
                file, digest = source(content)
                wrong = S3Blobs(replace(ours, secret="somebody else's"), tmp_path / "uploads")
                with pytest.raises(StoreRefuses):
                    wrong.put(f"s{number}", file, digest)
                store = S3Blobs(ours, tmp_path / "uploads")
                store.put(f"s{number}", file, digest)
                assert store.verify(f"s{number}", digest)


def test_a_store_behind_an_authority_of_the_bureaus_own(bucket: Bucket, tmp_path: Path, source: Source) -> None:
    certificate, key = self_signed(tmp_path, ["127.0.0.1"], datetime.now(UTC))
    with relayed(Relay(bucket.endpoint), server_context(certificate, key)) as relay:
        trusting = replace(bucket, endpoint=relay.url, ca=certificate.read_text())
        for name, content in (("s1/small", SMALL), ("s1/large", large())):
            file, digest = source(content)
            store = S3Blobs(trusting, tmp_path / "uploads")
            store.put(name, file, digest)
            assert store.verify(name, digest)
            with pytest.raises((StoreRefuses, StoreUnreachable)):
                S3Blobs(replace(trusting, ca=""), tmp_path / "uploads").put(f"{name}-2", file, digest)


def test_a_store_that_does_not_answer_is_unreachable(bucket: Bucket, tmp_path: Path, source: Source) -> None:
    with relayed(Relay(bucket.endpoint)) as relay:
        nowhere = replace(bucket, endpoint=relay.url)
    with pytest.raises(StoreUnreachable):
        S3Blobs(nowhere, tmp_path / "uploads").put(NAME, *source(SMALL))


def test_the_environment_does_not_say_where_files_go(
    bucket: Bucket, tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody else")
    file, digest = source(SMALL)
    store = S3Blobs(bucket, tmp_path / "uploads")
    store.put(NAME, file, digest)
    assert store.verify(NAME, digest)


def test_no_secret_is_in_how_a_bucket_prints(bucket: Bucket) -> None:
    assert bucket.secret not in repr(replace(bucket, token="tok"))
    assert "tok" not in repr(replace(bucket, token="tok")).replace("token", "")


def test_parts_are_equal_and_not_too_many() -> None:
    assert part_size(1) == LEAST_PART
    huge = LEAST_PART * MOST_PARTS + 1
    assert -(-huge // part_size(huge)) <= MOST_PARTS


# ---------------------------------------------------------------- signatures


AT = datetime(2013, 5, 24, tzinfo=UTC)
HOST = "examplebucket.s3.amazonaws.com"


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "signature"),
    [
        ("GET", "/test.txt", {}, {"Range": "bytes=0-9"}, b"",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("PUT", "/test%24file.text", {},
         {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
         b"Welcome to Amazon S3.",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        ("GET", "/", {"lifecycle": ""}, {}, b"", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("GET", "/", {"max-keys": "2", "prefix": "J"}, {}, b"",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)  # fmt: skip
def test_signatures_are_those_of_amazons_documentation(
    method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes, signature: str
) -> None:
    bucket = Bucket("examplebucket", s3_server.KEY, s3_server.SECRET)
    signed = sign(bucket, method, HOST, path, query, headers, body, AT)
    assert signed["authorization"].endswith(f"Signature={signature}")
    assert signed["x-amz-content-sha256"] == hashlib.sha256(body).hexdigest()
