"""`yuntiao statement`: which cryptography this installation uses where, of its settings and of what lies there.

For whoever prepares an assessment of commercial cryptography (GB/T 39786, before it GM/T 0054). It is what the program
says of itself: it has been assessed by nobody, and no module of it is certified.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from server.cli.terminal import Data, Json, fail, with_parts

if TYPE_CHECKING:
    from recordings.files.keys import CipherName
    from server.serving.settings import Settings

Layer = Literal["physical", "network", "device", "data", "management"]
Kind = Literal["national", "other", "operator"]
Language = Literal["zh", "en"]

_LAYERS: Final[Mapping[Layer, tuple[str, str]]] = {
    "physical": ("物理和环境安全", "Physical and environmental security"),
    "network": ("网络和通信安全", "Network and communication security"),
    "device": ("设备和计算安全", "Device and computing security"),
    "data": ("应用和数据安全", "Application and data security"),
    "management": ("管理制度、人员管理、建设运行、应急处置", "Rules, staff, building and running, emergencies"),
}
_KINDS: Final[Mapping[Kind, tuple[str, str]]] = {
    "national": ("国密算法", "national algorithm"),
    "other": ("非国密算法", "no national algorithm"),
    "operator": ("由使用单位负责，本系统不提供", "the operator’s, not in this program"),
}
_HEADS: Final = (
    ("密码应用情况说明", "Statement of the cryptography in use"),
    (
        "本说明由云调按当前配置自动生成，是系统对自身的描述，不是商用密码应用安全性评估报告，也未经任何机构测评。"
        "本系统使用的密码运算由下列开源软件库完成，均未取得商用密码产品认证证书，"
        "不属于GM/T 0028意义上经认证的密码模块；"
        "经认证的密码产品（密码机、智能密码钥匙、签章服务、安全网关等）由使用单位自行配备并提供证书。",
        "Made by Yuntiao of its present settings. It is what the program says of itself: no report of an assessment, "
        "and assessed by nobody. Its cryptography is done by the open libraries below. None of them holds a "
        "certificate for commercial cryptographic products, and none is a certified module in the sense of GM/T 0028; "
        "certified products (HSMs, keys, seal services, gateways) are the operator’s to provide and to prove.",
    ),
)
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "libraries": ("密码软件库", "Libraries"),
    "what": ("用途", "For"),
    "with": ("算法和实现", "Algorithm, and by what"),
    "kind": ("属性", "Kind"),
    "made": ("生成时间", "Made"),
}


@dataclass(frozen=True, slots=True)
class CryptographyUse:
    """Each text in Chinese and English."""

    layer: Layer
    what: tuple[str, str]
    how: tuple[str, str]
    kind: Kind


@dataclass(frozen=True, slots=True)
class SealInUse:
    office: str
    algorithm: str  # "" at a service or platform
    assurance: str
    certifier: str


@dataclass(frozen=True, slots=True)
class CryptographyFacts:
    """What is so here. `sealed`: files by the cipher that sealed them, `wrapped` keys of cases likewise."""

    cipher: CipherName
    sm3: bool
    tls: Literal["own", "front", "none"]
    postgresql: bool
    keys: Literal["files", "database", "vault"]
    signer_command: bool
    stamps: bool
    sealed: Mapping[str, int]
    wrapped: Mapping[str, int]
    seals: Sequence[SealInUse]
    libraries: Sequence[str]


def uses(facts: CryptographyFacts) -> Iterator[CryptographyUse]:
    """Every use of cryptography there is, in the order of GB/T 39786's layers."""
    yield CryptographyUse("physical", ("机房门禁、视频监控记录", "Door and video records"), ("无", "none"), "operator")
    yield _between(facts)
    yield CryptographyUse(
        "network",
        ("音视频传输", "Sound and pictures under way"),
        ("DTLS-SRTP，AES（浏览器不支持国密套件）", "DTLS-SRTP with AES: browsers have no national suite"),
        "other",
    )
    if facts.postgresql:
        how = ("由数据库连接参数（sslmode）决定", "as the database’s address says (sslmode)")
        yield CryptographyUse("network", ("与数据库的连接", "The link to the database"), how, "operator")
    yield CryptographyUse(
        "device",
        ("服务器登录、远程管理通道", "Signing in to servers, remote administration"),
        ("无", "none"),
        "operator",
    )
    yield CryptographyUse(
        "data",
        ("工作人员登录", "Officers’ sign-in"),
        (
            "口令：Argon2id；第二步：HMAC-SHA-1 动态口令（RFC 6238）",
            "passwords: Argon2id; second step: HMAC-SHA-1 (RFC 6238)",
        ),
        "other",
    )
    yield from _at_rest(facts)
    yield CryptographyUse(
        "data",
        ("号码、链接的比对（不还原）", "Recognising numbers and links, which are not read back"),
        ("HMAC-SHA-256、SHA-256", "HMAC-SHA-256, SHA-256"),
        "other",
    )
    by = (
        ("外接签名程序（YUNTIAO_SIGNER_COMMAND）", "a program outside (YUNTIAO_SIGNER_COMMAND)")
        if facts.signer_command
        else ("密钥文件", "a key in a file")
    )
    yield CryptographyUse(
        "data",
        ("日志完整性", "Integrity of the journal"),
        (f"SHA-256 哈希链和默克尔树，Ed25519 签名，{by[0]}", f"SHA-256 chain and Merkle tree, Ed25519 by {by[1]}"),
        "other",
    )
    yield CryptographyUse(
        "data",
        ("录制文件完整性", "Integrity of recordings"),
        ("SHA-256，并计算 SM3", "SHA-256, and SM3 besides") if facts.sm3 else ("SHA-256", "SHA-256"),
        "national" if facts.sm3 else "other",
    )
    yield from map(_seal, facts.seals)
    how = ("RFC 3161，SHA-256", "RFC 3161, SHA-256") if facts.stamps else ("未配置", "none configured")
    yield CryptographyUse("data", ("可信时间戳", "Trusted time stamps"), how, "other" if facts.stamps else "operator")
    yield CryptographyUse(
        "management", ("密码管理制度、密钥管理员、应急预案", "Rules, key custodians, plans"), ("无", "none"), "operator"
    )


def _between(facts: CryptographyFacts) -> CryptographyUse:
    what = ("浏览器与服务器之间", "Between browser and server")
    match facts.tls:
        case "own":
            how = ("TLS（RSA、ECDSA 证书）；不支持 TLCP", "TLS (RSA, ECDSA); no TLCP")
            return CryptographyUse("network", what, how, "other")
        case "front":
            how = (
                "由前置的网关或代理负责；需要国密的，在此配备经认证的安全网关（TLCP）",
                "by what stands in front; a certified gateway (TLCP) belongs there where it is demanded",
            )
            return CryptographyUse("network", what, how, "operator")
        case "none":
            return CryptographyUse("network", what, ("未加密", "not encrypted"), "other")


def _at_rest(facts: CryptographyFacts) -> Iterator[CryptographyUse]:
    national = facts.cipher == "sm4"
    name = "SM4-GCM（GB/T 32907）" if national else "AES-256-GCM"
    english = "SM4-GCM (GB/T 32907)" if national else "AES-256-GCM"
    kind: Kind = "national" if national else "other"
    counted, told = _counted(facts.sealed), _told(facts.sealed)
    yield CryptographyUse(
        "data",
        ("录制、文书、证据等文件的存储", "Recordings, papers, exhibits and other files at rest"),
        (f"新文件：{name}；现有文件：{counted}", f"new ones: {english}; those that lie here: {told}"),
        "national" if national and not facts.sealed.get("aes") else "other",
    )
    where = {
        "files": ("文件中的主密钥", "a master key in a file"),
        "database": ("文件中的主密钥", "a master key in a file"),
        "vault": ("Vault（其算法由其决定）", "a Vault, by its own algorithm"),
    }[facts.keys]
    yield CryptographyUse(
        "data",
        ("逐案密钥的保护", "What wraps the key of each case"),
        (
            f"{where[0]}，{name}；现有密钥：{_counted(facts.wrapped)}",
            f"{where[1]}, {english}; there: {_told(facts.wrapped)}",
        ),
        "operator" if facts.keys == "vault" else "other" if facts.wrapped.get("aes") else kind,
    )
    yield CryptographyUse(
        "data",
        (
            "手机号码、动态口令密钥等字段，印章密钥文件",
            "Phone numbers, second factors and the like; files of seals’ keys",
        ),
        (f"新值：{name}；原有的值保持原算法", f"new ones: {english}; what was there stays as it was"),
        kind,
    )
    yield CryptographyUse(
        "data",
        ("数据库其余内容和日志正文", "The rest of the database, texts of the journal among it"),
        ("本系统不加密；由磁盘或数据库加密负责", "not encrypted by this program: the disk’s or the database’s"),
        "operator",
    )


_CIPHERS: Final = {"sm4": "SM4", "aes": "AES", "plain": "—"}


def _counted(found: Mapping[str, int]) -> str:
    return "，".join(f"{_CIPHERS[name]} {count} 个" for name, count in sorted(found.items())) or "无"


def _told(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {_CIPHERS[name]}" for name, count in sorted(found.items())) or "none"


def _seal(seal: SealInUse) -> CryptographyUse:
    what = (f"电子印章：{seal.office}", f"Seal of {seal.office}")
    if not seal.algorithm:
        how = (
            f"由{seal.certifier}签章，密钥和算法由其负责",
            f"by {seal.certifier}, whose keys and algorithms they are",
        )
        return CryptographyUse("data", what, how, "operator")
    national = seal.algorithm == "SM2"
    by = (
        (f"，证书由{seal.certifier}签发", f", certificate by {seal.certifier}")
        if seal.certifier
        else ("，自制证书", ", made here")
    )
    how = (
        f"{seal.algorithm}{'、SM3' if national else ''}{by[0]}",
        f"{seal.algorithm}{' and SM3' if national else ''}{by[1]}",
    )
    return CryptographyUse("data", what, how, "national" if national else "other")


def rendered(facts: CryptographyFacts, language: Language, at: datetime) -> str:
    """Markdown."""
    which = 0 if language == "zh" else 1
    (title, told), words = _HEADS, {name: text[which] for name, text in _WORDS.items()}
    lines = [f"# {title[which]}", "", told[which], "", f"{words['made']}: {at.isoformat(timespec='minutes')}", ""]
    lines += [f"{words['libraries']}: {'; '.join(facts.libraries)}"]
    layer = ""
    for one in uses(facts):
        if one.layer != layer:
            layer = one.layer
            lines += [
                "",
                f"## {_LAYERS[one.layer][which]}",
                "",
                f"| {words['what']} | {words['with']} | {words['kind']} |",
            ]
            lines += ["|---|---|---|"]
        cells = (one.what[which], one.how[which], _KINDS[one.kind][which])
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- what is so here

_SEALED: Final = {b"YTS1": "aes", b"YTS2": "sm4", b"YTK1": "aes", b"YTK2": "sm4"}
_FOLDERS: Final = ("recordings", "documents", "attachments", "files", "lead-files")


def _lying(files: Iterator[Path]) -> dict[str, int]:
    """By how each begins. A file that goes meanwhile is not counted."""
    found: Counter[str] = Counter()
    for path in files:
        try:
            with path.open("rb") as opened:
                found[_SEALED.get(opened.read(4), "plain")] += 1
        except OSError:
            continue
    return dict(found)


def _sealed_files(data: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        yield from (path for path in (data / folder).rglob("*") if path.is_file())


def libraries() -> list[str]:
    import ssl
    from importlib.metadata import PackageNotFoundError, version

    from cryptography.hazmat.backends.openssl import backend

    found = [
        f"{backend.openssl_version_text()} (cryptography {version('cryptography')})",
        f"{ssl.OPENSSL_VERSION} (TLS)",
    ]
    try:
        found.append(f"GmSSL (gmssl-pyx {version('gmssl-pyx')})")
    except PackageNotFoundError:
        found.append("GmSSL: not on this machine, so no SM2")
    return found


async def facts_of(parts: Any) -> CryptographyFacts:
    """Reads the first bytes of every file."""
    import asyncio

    from recordings.files.keys import in_force
    from server.evidence.log_keeper import SignerSettings
    from server.identity.key_store import KeySettings

    settings: Settings = parts.settings
    keys = KeySettings()
    seals = []
    for office in await parts.store.offices():
        assurance, certifier = await asyncio.to_thread(parts.seals.standing, office.id)
        info = await asyncio.to_thread(parts.seals.info, office.id)
        elsewhere = office.id in parts.seals.services or parts.seals.platforms.of(office.id) is not None
        if elsewhere or info is not None:
            algorithm = "" if elsewhere or info is None else info.algorithm
            seals.append(SealInUse(office.name, algorithm, assurance, certifier))
    away = keys.keys_url.get_secret_value()
    return CryptographyFacts(
        cipher=in_force(),
        sm3=settings.sm3,
        tls="own" if settings.tls else "front" if settings.secure else "none",
        postgresql=settings.database.startswith("postgresql"),
        keys="vault" if keys.vault_url else "database" if away else "files",
        signer_command=bool(SignerSettings().signer_command),
        stamps=bool(settings.tsa_url),
        sealed=await asyncio.to_thread(_lying, _sealed_files(settings.data)),
        wrapped={} if away else await asyncio.to_thread(_lying, (settings.data / "keys" / "cases").glob("*.key")),
        seals=seals,
        libraries=libraries(),
    )


def statement(
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    out: Annotated[Path | None, typer.Option(help="Markdown to write; none: standard output.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say which cryptography is used where, what of it is national, and that none of it is certified."""
    from journal.clock import utc_now

    if language != "zh" and language != "en":
        fail("--language is zh or en", 1)
    facts = with_parts(data, facts_of)
    if as_json:
        text = json.dumps(asdict(facts) | {"uses": [asdict(one) for one in uses(facts)]}, ensure_ascii=False) + "\n"
    else:
        text = rendered(facts, "zh" if language == "zh" else "en", utc_now())
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as fault:
        fail(f"{out}: {fault.strerror}", 1)
