"""The seals for pages. Implements `web.ports.Seals`."""

from __future__ import annotations

import asyncio
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from server.signing.certificates import fingerprint
from server.signing.checking import judged
from server.signing.seal_keys import SealKeys
from web.ports import SealVerdict


class OfficeSeals:
    def __init__(self, keys: SealKeys) -> None:
        self._keys = keys

    async def judged(self, content: bytes) -> SealVerdict:
        known = await asyncio.to_thread(self._keys.ever)
        found = await judged(content, known)
        seal = found.seal
        return SealVerdict(
            found.result,
            found.subject,
            seal.office if seal else "",
            seal.fingerprint if seal else "",
            seal.self_made if seal else False,
            found.signed_at,
            found.stamped_at,
            hashlib.sha256(content).hexdigest(),
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
