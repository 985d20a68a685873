"""A real S3 server on loopback (moto's), and a relay before it that counts requests and breaks connections."""

from __future__ import annotations

import functools
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

from recordings.files.s3_uploads import Bucket

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # those of Amazon's documentation


@contextmanager
def served() -> Iterator[str]:
    """Its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def real(folder: Path) -> Iterator[str]:
    """MinIO's address, where a machine has it (`go install github.com/minio/minio@latest`); else moto's."""
    program = os.environ.get("YUNTIAO_TEST_MINIO") or shutil.which("minio")
    if program is None:
        with served() as endpoint:
            yield endpoint
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{probe.getsockname()[1]}"
    known = {"MINIO_ROOT_USER": KEY, "MINIO_ROOT_PASSWORD": SECRET, "HOME": str(folder)}
    server = subprocess.Popen(
        [program, "server", str(folder / "minio"), "--address", at, "--quiet"], env={**os.environ, **known}
    )
    try:
        while not _lives(at):
            assert server.poll() is None, "MinIO ended"
            time.sleep(0.1)
        yield f"http://{at}"
    finally:
        server.terminate()
        server.wait()


def _lives(at: str) -> bool:
    connection = http.client.HTTPConnection(at, timeout=1)
    try:
        connection.request("GET", "/minio/health/live")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def bucket(endpoint: str, name: str, prefix: str = "yuntiao/east") -> Bucket:
    """Made, as the bucket's owner makes it."""
    owner(endpoint).create_bucket(Bucket=name)
    return Bucket(name, KEY, SECRET, prefix=prefix, endpoint=endpoint)


@contextmanager
def guarded(endpoint: str) -> Iterator[tuple[str, str]]:
    """Meanwhile only this key and secret open the server, and only with signatures that hold."""
    iam = boto3.client(
        "iam", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )
    iam.create_user(UserName="yuntiao")
    rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="yuntiao", PolicyName="all", PolicyDocument=json.dumps(rights))
    made = iam.create_access_key(UserName="yuntiao")["AccessKey"]
    _free_requests(endpoint, "0")
    try:
        yield made["AccessKeyId"], made["SecretAccessKey"]
    finally:
        _free_requests(endpoint, "inf")


def _free_requests(endpoint: str, number: str) -> None:
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
    connection.request("POST", "/moto-api/reset-auth", number.encode())
    connection.getresponse().read()
    connection.close()


@functools.cache
def owner(endpoint: str) -> "boto3.client":  # noqa: UP037
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    size: int

    @property
    def part(self) -> int:
        """Its number, of an uploaded part; else 0."""
        found = re.search(r"[?&]partNumber=(\d+)", self.target) if self.method == "PUT" else None
        return int(found[1]) if found else 0

    @property
    def makes_appear(self) -> bool:
        """After it the object is there."""
        completes = self.method == "POST" and "uploadId=" in self.target
        return completes or (self.method == "PUT" and not self.part)


class Broken(Exception):
    """Raised by `before`: the connection is cut instead of passing the request on."""


@dataclass
class Relay:
    """`before` is called with every request and may wait or raise `Broken`; so is `after`, once there is an answer."""

    origin: str
    before: Callable[[Request], None] = lambda request: None
    after: Callable[[Request], None] = lambda request: None
    requests: list[Request] = field(default_factory=list)
    url: str = ""

    @property
    def parts(self) -> list[int]:
        """Numbers of the parts that were passed on, in order."""
        return [request.part for request in self.requests if request.part]


@contextmanager
def relayed(relay: Relay, tls: ssl.SSLContext | None = None) -> Iterator[Relay]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (Broken, ConnectionError):
                self.close_connection = True

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, len(body))
            relay.before(request)
            relay.requests.append(request)
            upstream = http.client.HTTPConnection(relay.origin.removeprefix("http://"))
            upstream.request(self.command, self.path, body, dict(self.headers))
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            relay.after(request)
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    relay.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # seconds until it stops
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
