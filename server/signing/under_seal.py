"""Puts an office's seal under a paper, the way that is configured for the office: a platform, or a key kept here."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

import structlog

from server.log.timestamp import TimestampAuthority
from server.signing.assurance import Assurance
from server.signing.certificates import fingerprint
from server.signing.pades import Said, sealed
from server.signing.platform import PlatformFailed
from server.signing.seal_keys import NoSeal, SealKeys

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UnderSeal:
    """`level` of PAdES and `certificate` are "" where a platform sealed: its structures are its own."""

    content: bytes
    sha256: str
    level: str
    certificate: str
    assurance: Assurance
    certifier: str


async def put_under_seal(
    seals: SealKeys, office: str, pdf: bytes, said: Said, stamps: TimestampAuthority | None
) -> UnderSeal:
    """NoSeal, also while the platform does not answer: no other seal takes its place unasked."""
    platform = await asyncio.to_thread(seals.platforms.of, office)
    if platform is not None:
        try:
            content = await seals.platforms.sealed(office, platform, pdf)
        except PlatformFailed as fault:
            log.warning("the sealing platform sealed nothing", office=office, why=str(fault))
            raise NoSeal(str(fault)) from fault
        return UnderSeal(content, hashlib.sha256(content).hexdigest(), "", "", "unified", platform.name)
    pair = await asyncio.to_thread(seals.pair, office)
    info = await asyncio.to_thread(seals.info, office)
    assert info is not None
    made = await sealed(pdf, pair, said, stamps)
    return UnderSeal(
        made.content, made.sha256, made.level, fingerprint(pair.certificate), info.assurance, info.certifier
    )
