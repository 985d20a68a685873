"""A real RFC 3161 authority: `openssl ts` behind a small HTTP server, with a root certificate of its own."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

_CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, {usage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = name
[name]
"""


class Authority:
    """`usage`: what its certificate says it may be used for."""

    def __init__(self, folder: Path, usage: str = "timeStamping") -> None:
        folder.mkdir(parents=True)
        self.folder, self.status, self.busy = folder, 200, asyncio.Lock()
        self.asked = 0
        (folder / "config").write_text(_CONFIG.format(folder=folder, usage=usage))
        (folder / "serial").write_text("01\n")
        for name in ("root", "tsa"):
            self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
        self._openssl(
            "req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=Root of tests", "-days", "30",
            "-config", "config", "-extensions", "root", "-out", "root.pem",
        )  # fmt: skip
        self._openssl(
            "req", "-new", "-key", "tsa.key", "-subj", "/CN=Authority of tests", "-config", "config", "-out", "tsa.csr"
        )
        self._openssl(
            "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-days", "20", "-extfile", "config", "-extensions", "stamping", "-out", "tsa.pem",
        )  # fmt: skip
        app = web.Application()
        app.router.add_post("/", self._stamp)
        self.server = TestServer(app)

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    @property
    def chain(self) -> list[Path]:
        """The certificates as a token has them."""
        return [self.folder / "tsa.pem", self.root]

    def public_key(self) -> bytes:
        """The stamping key as it stands in its certificate."""
        certificate = load_pem_x509_certificate((self.folder / "tsa.pem").read_bytes())
        return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "config", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    async def _stamp(self, request: web.Request) -> web.Response:
        self.asked += 1
        query = await request.read()
        if self.status != 200 or request.content_type != "application/timestamp-query":
            return web.Response(status=self.status if self.status != 200 else 415)
        async with self.busy:
            reply = await asyncio.to_thread(self.reply, query)
        return web.Response(body=reply, content_type="application/timestamp-reply")
