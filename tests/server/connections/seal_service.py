"""An e-seal service that signs as GB/T 38540 has it, and how it may fail; it speaks as `connections.signed` wants."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gmssl_pyx
from aiohttp import web
from asn1crypto import cms, x509
from cryptography.hazmat.primitives.serialization import Encoding

from server.connections import seal as structures
from server.signing import sm2
from server.signing.certificates import CertifiedKey, new_authority, new_seal

CLIENT, SECRET = "bureau-1", "shared-secret-of-the-seal-service"
OWNER = "武汉市市场监督管理局"


def der(pair: CertifiedKey) -> bytes:
    return pair.certificate.public_bytes(Encoding.DER)


def signed(pair: CertifiedKey, content: bytes) -> bytes:
    assert isinstance(pair.key, sm2.Sm2Key)
    return pair.key.sign(content)


@dataclass
class SealHouse:
    """Who makes seals, whose seal it is, and the authority above both."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __post_init__(self) -> None:
        self.authority = new_authority("e-seal", self.now - timedelta(days=1), "sm2")
        self.maker = new_seal(self.authority, "印章制作中心", self.now - timedelta(days=1))
        self.signer = new_seal(self.authority, OWNER, self.now - timedelta(days=1))
        self.begins, self.ends = self.now - timedelta(days=1), self.now + timedelta(days=365)
        self.by_digest = False

    def pem(self, folder: Path) -> Path:
        (file := folder / "authorities.pem").write_bytes(self.authority.certificate.public_bytes(Encoding.PEM))
        return file

    def seal(self) -> structures.ESeal:
        listed: Any = structures.CertificateList([der(self.signer)])
        if self.by_digest:
            listed = structures.CertificateDigests([{"type": "SM3", "value": sm2.digest_of(der(self.signer))}])
        info = structures.ESealInfo({
            "header": {"id": "ES", "version": 4, "vid": "SIMULATOR"},
            "id": "42010000000001",
            "properties": {
                "type": 1, "name": OWNER, "certificates_kind": 2 if self.by_digest else 1, "certificates": listed,
                "created": self.begins, "begins": self.begins, "ends": self.ends,
            },
            "picture": {"type": "PNG", "data": bytes(4000), "width": 40, "height": 40},
        })  # fmt: skip
        made = {"info": info, "maker": der(self.maker), "algorithm": sm2.SIGNED_WITH_SM3}
        return structures.ESeal(made | {"signature": signed(self.maker, info.dump())})

    def ses(self, digest: bytes, properties: str, at: datetime) -> bytes:
        to_sign = structures.ToSign(
            {"version": 4, "seal": self.seal(), "time": at, "hash": digest, "properties": properties}
        )
        made = {"to_sign": to_sign, "certificate": der(self.signer), "algorithm": sm2.SIGNED_WITH_SM3}
        return bytes(structures.SealSignature(made | {"signature": signed(self.signer, to_sign.dump())}).dump())

    def cms(self, digest: bytes) -> bytes:
        certificate = x509.Certificate.load(der(self.signer))
        named = {"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": certificate.sha256}
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["data"]},
                {"type": "message_digest", "values": [digest]},
                {"type": "signing_certificate_v2", "values": [{"certs": [named]}]},
            ]
        )
        name = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        signer = {
            "version": "v1", "sid": cms.SignerIdentifier({"issuer_and_serial_number": name}),
            "digest_algorithm": {"algorithm": "sm3"}, "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sm3_sm2"}, "signature": signed(self.signer, attributes.dump()),
        }  # fmt: skip
        content = {
            "version": "v1", "digest_algorithms": [{"algorithm": "sm3"}],
            "encap_content_info": {"content_type": "data"}, "certificates": [certificate], "signer_infos": [signer],
        }  # fmt: skip
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)}).dump())


def mac(secret: str, *lines: bytes) -> str:
    return bytes(gmssl_pyx.sm3_hmac(secret.encode(), b"\n".join(lines))).hex()


class SealSimulator:
    """`way`: how it answers; "good" until a test says otherwise."""

    def __init__(self, house: SealHouse) -> None:
        self.house, self.way = house, "good"
        self.asked: list[dict[str, Any]] = []
        self.skew = timedelta()  # of its clock
        self.released: Callable[[], Any] | None = None  # what a slow one waits for
        self._before = b""
        self._nonces: set[str] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/eseal/sign", self._sign)
        return app

    async def _sign(self, request: web.Request) -> web.StreamResponse:
        body, told = await request.read(), request.headers
        at, nonce = told["X-Yuntiao-Time"], told["X-Yuntiao-Nonce"]
        if self.way == "down":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if self.way == "slow":
            assert self.released is not None
            await self.released()
        wanted = mac(SECRET, at.encode(), nonce.encode(), b"/eseal/sign", body)
        if told["X-Yuntiao-Client"] != CLIENT or told["X-Yuntiao-Signature"] != wanted or nonce in self._nonces:
            return web.json_response({"error": "signature"}, status=401)
        if abs(time.time() + self.skew.total_seconds() - int(at)) > 300:
            return web.json_response({"error": "clock"}, status=401)
        self._nonces.add(nonce)
        asked = json.loads(body)
        self.asked.append(asked)
        if self.way.isdigit():
            return web.json_response({"error": "no"}, status=int(self.way), headers={"Location": "/elsewhere"})
        answer = json.dumps({"signature": base64.b64encode(self._made(asked)).decode()}).encode()
        if self.way == "garbage":
            answer = b"<html>welcome</html>"
        elif self.way == "huge":
            answer = b" " * (1 << 20)
        sealed = mac("another secret" if self.way == "unsigned" else SECRET, nonce.encode(), b"200", answer)
        return web.Response(body=answer, content_type="application/json", headers={"X-Yuntiao-Signature": sealed})

    def _made(self, asked: dict[str, Any]) -> bytes:
        digest, properties = base64.b64decode(asked["dataHash"]), asked["propertyInfo"]
        if self.way == "replaying" and self._before:
            return self._before
        if self.way == "over something else":
            digest = bytes(32)
        if self.way == "not what it was asked":
            properties = "another question"
        house = self.house
        if self.way == "of another house":
            house = SealHouse()
        elif self.way == "a seal of another maker":
            house = SealHouse()
            house.authority, house.signer = self.house.authority, self.house.signer
        elif self.way == "a seal of somebody else":
            house = SealHouse()
            house.authority, house.maker = self.house.authority, self.house.maker
            house.seal = self.house.seal  # type: ignore[method-assign]
            house.signer = new_seal(house.authority, "别人", house.now)
        elif self.way == "expired":
            house.ends = house.now - timedelta(hours=1)
        at = datetime.now(UTC).replace(microsecond=0) + self.skew
        if self.way == "clock":
            at += timedelta(hours=2)
        made = house.ses(digest, properties, at) if asked["form"] == "ses" else house.cms(digest)
        if self.way == "wrong signature":
            made = made[:-1] + bytes([made[-1] ^ 1])
        if self.way == "no structure":
            made = made[:-200]
        self._before = self._before or made
        return made
