"""The seals of offices: at rest, how far each reaches, as pages see them, and put under papers."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from journal.refusals import Refused
from offices import Office
from recordings.files import safe_id, write_once
from recordings.views import SealResult, SealVerdict
from server.connections import ConnectionFault
from server.documents import chinese_day
from server.evidence.attesting import TimestampAuthority
from server.identity import TOO_OPEN, Seal, SealBroken
from server.signing import Paper, PaperRenderer, Passage, seal_mark
from server.signing.certificates import (
    Algorithm,
    Assurance,
    BadCertificate,
    CertifiedKey,
    Key,
    PlatformFailed,
    Platforms,
    RemoteSeal,
    SealPanel,
    algorithm_of,
    brought,
    check,
    fingerprint,
    is_pair,
    new_authority,
    new_seal,
    self_issued,
)
from server.signing.sm2 import Sm2Key, Sm2Missing, key_of, public_of

LONGEST: Final = 120  # characters of a certifier's name


def assurance_sentence(assurance: Assurance, certifier: str) -> str:
    """How far a seal reaches, said as it is, for a Chinese paper: three levels, each with its sentence.

    Who vouches for a certificate cannot be computed from it: the office says who issued it, and a certificate that its
    own owner issued is never more than "own". Only a sealing platform makes seals of the unified system (State Council
    Order 716 Art 9): what this program makes itself is no seal structure of GB/T 38540.
    """
    match assurance:
        case "own":
            return (
                "本文书的电子印章使用本机关自行管理的密钥和证书，可以证明文书出自本机关、盖章后未被改动；"
                "该证书未登记为依法设立的电子认证服务机构所签发，本印章也不是国家统一电子印章。"
                "需要加盖实物印章的，请向本机关领取纸质件。"
            )
        case "provider":
            return (
                f"本文书的电子印章使用{certifier}签发的数字证书，可以证明文书出自本机关、盖章后未被改动；"
                "符合《中华人民共和国电子签名法》第十三条规定条件的，依照该法第十四条与盖章具有同等的法律效力。"
                "本印章不是国家统一电子印章。需要加盖实物印章的，请向本机关领取纸质件。"
            )
        case "unified":
            return (
                f"本文书由{certifier}加盖国家统一电子印章，"
                "依照《国务院关于在线政务服务的若干规定》第九条，与加盖实物印章具有同等法律效力。"
            )


SIGNATURES: Final = (
    "当事人的签名由其在手机或者电脑上作出，按签名处所注方式核对身份；验证码由本系统生成和核对，发送至本机关登记的手机号码；"
    "签名不使用签名人专属的数字证书。是否属于可靠的电子签名，依照《中华人民共和国电子签名法》第十三条认定。"
)
"""Under what parties signed: who controls what the signature is made with."""

_PURPOSE = "office seal key"
_AUTHORITIES: Final[Mapping[Algorithm, str]] = {"rsa": "authority", "sm2": "authority-sm2"}


class NoSeal(Exception):
    """The office has no seal that can be used; the text says why, fit for the person at the terminal."""

    code = "no_seal"


@dataclass(frozen=True, slots=True)
class SealInfo:
    """What may be shown of a seal. `root`: fingerprint of where a reader's trust would begin. `certifier`: who issued
    the certificate, or the platform that seals, as the office says; "" at "own"."""

    office: str
    number: int
    subject: str
    issuer: str
    begins: datetime
    ends: datetime
    fingerprint: str
    root: str
    assurance: Assurance
    certifier: str = ""
    algorithm: str = ""


class SealKeys:
    """Office seals at rest: one folder an office, one number a seal, the newest in use, earlier ones kept for checking.

    Owns `<folder>/authority.{pem,key}` (with `-sm2` of SM2) and `<folder>/<office>/<n>.{pem,key,json}`, the folder
    `<data>/keys/seals` unless a setting names another; the `.json` says which provider issued a certificate. A `.key`
    is PKCS#8 sealed under the installation's key: whoever copies this folder, or only the data folder when the two are
    apart, cannot seal. Key files that others can read are not used. Everything here blocks.
    """

    def __init__(
        self,
        folder: Path,
        seal: Seal,
        now: Callable[[], datetime],
        services: Mapping[str, RemoteSeal] = MappingProxyType({}),
    ) -> None:
        """`services`: by office; their seal goes before any other of the office."""
        self._folder, self._seal, self._now, self.services = folder, seal, now, services
        self.platforms = Platforms(folder)

    def create(self, office: str, name: str, replace: bool = False, algorithm: Algorithm = "rsa") -> SealInfo:
        """One under the authority of this installation, which is made at the first time. NoSeal when there is one."""
        self._free(office, replace)
        return self._put(office, new_seal(self._authority(algorithm), name, self._now()))

    def take(
        self, office: str, content: bytes, password: bytes | None, replace: bool = False, certifier: str = ""
    ) -> SealInfo:
        """One brought as PKCS#12 or PEM. `certifier`: the licensed provider that issued it, "" when none did.
        BadCertificate, NoSeal when there is one."""
        self._free(office, replace)
        pair = brought(content, password, self._now())
        certifier = certifier.strip()
        if len(certifier) > LONGEST:
            raise BadCertificate(f"the provider's name has at most {LONGEST} characters")
        if certifier and (self_issued(pair.certificate) or self._made_here(pair.root)):
            raise BadCertificate("this certificate was issued by its owner: no licensed provider vouches for it")
        return self._put(office, pair, certifier)

    def info(self, office: str) -> SealInfo | None:
        number = self._newest(office)
        return None if not number else self._info(office, number, self._certificates(office, number))

    def standing(self, office: str) -> tuple[Assurance, str]:
        """How far what the office seals now reaches, and who issued its certificate or seals in its place."""
        if (service := self.services.get(office)) is not None:
            return "unified" if service.unified else "provider", service.name
        if (platform := self.platforms.of(office)) is not None:
            return "unified", platform.name
        info = self.info(office)
        return ("own", "") if info is None else (info.assurance, info.certifier)

    def pair(self, office: str) -> CertifiedKey:
        """The seal in use. NoSeal."""
        number = self._newest(office)
        if not number:
            raise NoSeal("this office has no seal yet: yuntiao seal create, or import one")
        certificates = self._certificates(office, number)
        key = self._key(self._path(office, number, "key"), f"{_PURPOSE} {office} {number}", certificates[0])
        pair = CertifiedKey(certificates[0], key, tuple(certificates[1:]))
        try:
            check(pair, self._now())
        except BadCertificate as fault:
            raise NoSeal(str(fault)) from None
        return pair

    def ever(self) -> dict[str, SealInfo]:
        """Every seal this installation ever had in its folder, by fingerprint."""
        found = {}
        for folder in sorted(self._folder.glob("*/")) if self._folder.exists() else []:
            for path in sorted(folder.glob("*.pem")):
                info = self._info(folder.name, int(path.stem), x509.load_pem_x509_certificates(path.read_bytes()))
                found[info.fingerprint] = info
        return found

    def certificates(self, office: str) -> bytes:
        """PEM of the seal's certificate and those above it, to be given to readers. NoSeal."""
        number = self._newest(office)
        if not number:
            raise NoSeal("this office has no seal yet")
        return self._path(office, number, "pem").read_bytes()

    # ------------------------------------------------------------ files

    def _authority(self, algorithm: Algorithm) -> CertifiedKey:
        name = _AUTHORITIES[algorithm]
        pem, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        if not pem.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = new_authority(secrets.token_hex(4), self._now(), algorithm)
            write_once(key, self._sealed(made, f"{_PURPOSE} {name}"))
            write_once(pem, made.certificate.public_bytes(Encoding.PEM))
        certificate = x509.load_pem_x509_certificate(pem.read_bytes())
        pair = CertifiedKey(certificate, self._key(key, f"{_PURPOSE} {name}", certificate))
        if not is_pair(pair):
            raise NoSeal(
                f"{key} is not the key of {pem.name}: the beginning of an authority was interrupted, remove both"
            )
        return pair

    def _made_here(self, root: x509.Certificate) -> bool:
        pems = (self._folder / f"{name}.pem" for name in _AUTHORITIES.values())
        return any(one.exists() and x509.load_pem_x509_certificate(one.read_bytes()) == root for one in pems)

    def _put(self, office: str, pair: CertifiedKey, certifier: str = "") -> SealInfo:
        number = self._newest(office) + 1
        path = self._path(office, number, "key")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, self._sealed(pair, f"{_PURPOSE} {office} {number}"))
        certificates = [pair.certificate, *pair.chain]
        if certifier:
            told = json.dumps({"certifier": certifier}, ensure_ascii=False).encode()
            write_once(self._path(office, number, "json"), told)
        # Last: a seal is there when its certificate is.
        pem = self._path(office, number, "pem")
        write_once(pem, b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
        return self._info(office, number, certificates)

    def _free(self, office: str, replace: bool) -> None:
        if self._newest(office) and not replace:
            raise NoSeal("this office has a seal already: --replace puts a new one in its place")

    def _sealed(self, pair: CertifiedKey, purpose: str) -> bytes:
        if isinstance(pair.key, Sm2Key):
            return self._seal.seal_bytes(pair.key.pkcs8(), purpose)
        plain = pair.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return self._seal.seal_bytes(plain, purpose)

    def _key(self, path: Path, purpose: str, certificate: x509.Certificate) -> Key:
        try:
            if stat.S_IMODE(path.stat().st_mode) & TOO_OPEN:
                raise NoSeal(f"the key {path} is open to others: chmod 600 it, and think about a new seal")
            plain = self._seal.open_bytes(path.read_bytes(), purpose)
        except OSError as fault:
            raise NoSeal(f"the key {path} cannot be read: {fault.strerror}") from None
        except SealBroken:
            raise NoSeal(f"the key {path} does not open with this installation's key") from None
        der = certificate.public_bytes(Encoding.DER)
        if public_of(der) is not None:
            try:
                own = key_of(plain, der)
            except Sm2Missing as fault:
                raise NoSeal(str(fault)) from None
            if own is None:
                raise NoSeal(f"{path} is not the key of its certificate")
            return own
        key = load_der_private_key(plain, None)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise NoSeal(f"{path} holds no key for seals")
        return key

    def _newest(self, office: str) -> int:
        folder = self._folder / safe_id(office)
        return max((int(path.stem) for path in folder.glob("*.pem")), default=0)

    def _certificates(self, office: str, number: int) -> list[x509.Certificate]:
        return x509.load_pem_x509_certificates(self._path(office, number, "pem").read_bytes())

    def _path(self, office: str, number: int, ending: str) -> Path:
        return self._folder / safe_id(office) / f"{number:04d}.{ending}"

    def _info(self, office: str, number: int, certificates: list[x509.Certificate]) -> SealInfo:
        leaf, root = certificates[0], certificates[-1]
        certifier = self._certifier(office, number)
        return SealInfo(
            office,
            number,
            leaf.subject.rfc4514_string(),
            leaf.issuer.rfc4514_string(),
            leaf.not_valid_before_utc,
            leaf.not_valid_after_utc,
            fingerprint(leaf),
            fingerprint(root),
            "provider" if certifier else "own",
            certifier,
            algorithm_of(leaf),
        )

    def _certifier(self, office: str, number: int) -> str:
        """What the office said of a certificate that it brought."""
        path = self._path(office, number, "json")
        return str(json.loads(path.read_bytes())["certifier"]) if path.exists() else ""


log = structlog.get_logger(__name__)


class OfficeSeals:
    """Implements `Seals`."""

    def __init__(self, keys: SealKeys) -> None:
        self._keys = keys

    async def judged(self, content: bytes) -> SealVerdict:
        from server.signing.pades import judged  # pyHanko is loaded with the first seal

        sha256 = hashlib.sha256(content).hexdigest()
        given = await asyncio.to_thread(self._keys.platforms.given, sha256)
        if given is not None:
            office, assurance, certifier = given
            return SealVerdict("ours", office=office, assurance=assurance, certifier=certifier, sha256=sha256)
        known = await asyncio.to_thread(self._keys.ever)
        try:
            found = await judged(content, known)
        except Sm2Missing:
            raise Refused("no_sm2", 503) from None
        seal = found.seal
        result: SealResult = found.result
        if result in ("unknown_seal", "no_seal") and (
            self._keys.services or await asyncio.to_thread(self._keys.platforms.any)
        ):
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
    """Seal in the way that is configured for the office: by a service, by a platform, or with a key kept here.

    NoSeal, also while the service or platform does not answer: no other seal takes its place unasked.
    """
    from server.signing.pades import sealed  # pyHanko is loaded with the first seal

    if (service := seals.services.get(office)) is not None:
        try:
            content = await service.sealed(pdf, said)
        except ConnectionFault as fault:
            log.warning("the seal service sealed nothing", office=office, why=str(fault))
            raise NoSeal(str(fault)) from fault
        assurance, certifier = await asyncio.to_thread(seals.standing, office)
        await asyncio.to_thread(seals.platforms.note, office, content, certifier, assurance)
        return UnderSeal(content, hashlib.sha256(content).hexdigest(), "", "", assurance, certifier)
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
    certificate = fingerprint(pair.certificate)
    return UnderSeal(made.content, made.sha256, made.level, certificate, info.assurance, info.certifier)


async def specimen(
    press: PaperRenderer, seals: SealKeys, office: Office, stamps: TimestampAuthority | None
) -> UnderSeal:
    """The office's seal under a sheet that says it is nothing else. NoSeal, Unprintable, NoFont."""
    told = assurance_sentence(*await asyncio.to_thread(seals.standing, office.id))
    day = datetime.now(UTC).astimezone(ZoneInfo(office.zone)).date()
    what = "本页只用来查看电子印章，不是任何文书。This sheet shows the seal and is no document."
    paper = Paper(
        office=office.issuer,
        title="电子印章样张",
        number="",
        rows=(),
        before=(Passage("text", what),),
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
