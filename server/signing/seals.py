"""The seals for pages. Implements `web.ports.Seals`."""

from __future__ import annotations

import asyncio
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from server.signing.certificates import fingerprint
from server.signing.checking import judged
from server.signing.seal_keys import SealKeys
from server.signing.sm2 import Sm2Missing
from web.ports import Refused
from web.ports.seals import SealResult, SealVerdict


class OfficeSeals:
    def __init__(self, keys: SealKeys) -> None:
        self._keys = keys

    async def judged(self, content: bytes) -> SealVerdict:
        sha256 = hashlib.sha256(content).hexdigest()
        given = await asyncio.to_thread(self._keys.platforms.given, sha256)
        if given is not None:
            office, platform = given
            return SealVerdict("ours", office=office, assurance="unified", certifier=platform, sha256=sha256)
        known = await asyncio.to_thread(self._keys.ever)
        try:
            found = await judged(content, known)
        except Sm2Missing:
            raise Refused("no_sm2", 503) from None
        seal = found.seal
        result: SealResult = found.result
        if result in ("unknown_seal", "no_seal") and await asyncio.to_thread(self._keys.platforms.any):
            result = "not_given"
        return SealVerdict(
            result,
            found.subject,
            seal.office if seal else "",
            seal.fingerprint if seal else "",
            seal.assurance if seal else "own",
            seal.certifier if seal else "",
            seal.algorithm if seal else "",
            found.signed_at,
            found.stamped_at,
            sha256,
        )

    async def certificates(self) -> str:
        return await asyncio.to_thread(self._roots)

    def _roots(self) -> str:
        known = self._keys.ever().values()
        pems = {}
        for office in sorted({one.office for one in known}):
            root = x509.load_pem_x509_certificates(self._keys.certificates(office))[-1]
            pems[fingerprint(root)] = root.public_bytes(Encoding.PEM).decode()
        return "".join(pems.values())
