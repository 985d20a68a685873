"""The seals of offices: as pages see them, and put under papers."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from journal.refusals import Refused
from offices.people import Office
from recordings.views import SealResult, SealVerdict
from server.documents.press import chinese_day
from server.evidence.attesting import TimestampAuthority
from server.signing.certificates import fingerprint
from server.signing.papers import Paper, PaperRenderer, Passage, seal_mark
from server.signing.seal_keys import Assurance, NoSeal, PlatformFailed, SealKeys, assurance_sentence
from server.signing.sm2 import Sm2Missing

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SealPanel:
    """What a reader's panel shows of the seal beside its certificate."""

    office: str
    reason: str
    location: str = ""


class OfficeSeals:
    """Implements `Seals`."""

    def __init__(self, keys: SealKeys) -> None:
        self._keys = keys

    async def judged(self, content: bytes) -> SealVerdict:
        from server.signing.pades import judged  # pyHanko is loaded with the first seal

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
    seals: SealKeys, office: str, pdf: bytes, said: SealPanel, stamps: TimestampAuthority | None
) -> UnderSeal:
    """Seal in the way that is configured for the office: by a platform, or with a key kept here.

    NoSeal, also while the platform does not answer: no other seal takes its place unasked.
    """
    from server.signing.pades import sealed  # pyHanko is loaded with the first seal

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


async def specimen(
    press: PaperRenderer, seals: SealKeys, office: Office, stamps: TimestampAuthority | None
) -> UnderSeal:
    """The office's seal under a sheet that says it is nothing else. NoSeal, Unprintable, NoFont."""
    told = assurance_sentence(*await asyncio.to_thread(seals.standing, office.id))
    day = datetime.now(UTC).astimezone(ZoneInfo(office.zone)).date()
    paper = Paper(
        office=office.issuer,
        title="电子印章样张",
        number="",
        rows=(),
        before=(
            Passage("text", "本页只用来查看电子印章，不是任何文书。This sheet shows the seal and is no document."),
        ),
        clauses=(),
        after=(),
        hands=(),
        seal=seal_mark(office.issuer, True, office.mediation_seal),
        date=chinese_day(day),
        day=(day.year, day.month, day.day),
        foot="样张",
        draft=True,
        draft_word="样张",
        verify=told,
    )
    pdf = await asyncio.to_thread(press.print, paper)
    return await put_under_seal(seals, office.id, pdf, SealPanel(office.issuer, "样张"), stamps)
