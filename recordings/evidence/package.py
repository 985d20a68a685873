"""Puts a package together: what a closed session's record consists of, then its bytes in order; and lines without
people.

Pure but for reading media, which is opened twice: first to be weighed against the journal, then to be packed.

In masked lines names, phones, addresses and codes become roles, for casebooks and training. A help, not a guarantee:
whom people speak of in free text, only a reader can find. What is masked proves nothing.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from journal.notes import Signer, signed
from recordings import evidence
from recordings.composing.subtitles import LANGUAGES
from recordings.evidence import (
    Absent,
    ArchivePart,
    Changed,
    Manifest,
    ManifestItem,
    canonical,
    lines,
    part,
    sheets,
    stream,
)
from recordings.evidence.authenticity import authenticity
from recordings.evidence.lines import DecodedLines, JournalLine, Media, media_of
from recordings.evidence.sheets import derive
from rooms.vocabulary import Role, Seat, Side

PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TimestampAnswer:
    """An RFC 3161 answer and the authority's certificates in PEM."""

    token: bytes
    certificates: bytes


@dataclass(frozen=True, slots=True)
class Witness:
    """`key`: raw Ed25519. `line`: its signature line under the checkpoint."""

    name: str
    key: bytes
    line: str


@dataclass(frozen=True, slots=True)
class LogProofs:
    """What the log says of the events: a checkpoint that covers them, and the proof of each leaf."""

    checkpoint: bytes
    size: int
    proofs: Mapping[int, Sequence[bytes]]
    stamps: Sequence[TimestampAnswer] = ()
    witnesses: Sequence[Witness] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of a session. `texts`: what was agreed to, by its path in a package; `heard`: the file of its
    transcript, for the pages."""

    installation: str
    software: str
    session: Sequence[JournalLine]
    complaint: Sequence[JournalLine]
    logged: LogProofs
    texts: Mapping[str, bytes] = field(default_factory=dict)
    heard: bytes = b""

    @property
    def id(self) -> str:
        return self.session[0].stream.partition("/")[2]

    @property
    def decoded(self) -> DecodedLines:
        return DecodedLines(self.id, self.session, self.complaint)


@dataclass(frozen=True, slots=True)
class Export:
    """Who takes the package with them, and the page that shows it."""

    at: str
    exporter: Mapping[str, str]  # id, name, role, office
    watermark: str
    page: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """Everything but the media itself. `crcs` by path in the package."""

    manifest: Manifest
    texts: Mapping[str, bytes]
    media: Mapping[str, Media]
    crcs: Mapping[str, int]

    @property
    def size(self) -> int:
        """Of the items; the whole is a little more."""
        return sum(item.size for item in self.manifest.items)


Open = Callable[[Media], BinaryIO]
"""Raises `PieceGone` when there is nothing to be opened; reading may raise it too."""


@dataclass(frozen=True, slots=True)
class PackagePages:
    """What people read of a package.

    `record`: the pages of a record without what is absent, in a zone, with the page that checks packages, by name;
    `masked`: those of a masked copy; `watermark`: a page that says who had it made, of which office, when; `verifier`:
    the file of the page that checks packages, None where the scripts were not built.
    """

    record: Callable[[Record, Sequence[Absent], str, bytes | None], dict[str, bytes]]
    masked: Callable[[Record, str], dict[str, bytes]]
    watermark: Callable[[str, str, datetime, str], bytes]
    verifier: Callable[[], Path | None]


class PieceGone(Exception):
    """A piece is not to be had: "erased", "missing" or "damaged"."""

    def __init__(self, cause: evidence.Cause) -> None:
        super().__init__(cause)
        self.cause: evidence.Cause = cause


def texts(record: Record, pages: Mapping[str, bytes], pieces: Iterable[str]) -> dict[str, bytes]:
    """Every item that is not media, by path. `pieces`: paths of the media that will lie beside them."""
    decoded, logged = record.decoded, record.logged
    found = {
        evidence.SESSION: lines.to_text(record.session),
        evidence.COMPLAINT: lines.to_text(record.complaint),
        evidence.CHECKPOINT: logged.checkpoint,
        evidence.INCLUSION: canonical(
            {
                "proofs": {str(leaf): [h.hex() for h in path] for leaf, path in logged.proofs.items()},
                "size": logged.size,
            }
        ),
        **record.texts,
        **pages,
    }
    for number, stamp in enumerate(logged.stamps, 1):
        found[f"{evidence.STAMPS}{number}.tsr"] = stamp.token
        found[f"{evidence.STAMPS}{number}.pem"] = stamp.certificates
    if logged.witnesses:
        found[evidence.WITNESSES] = canonical(
            [{"key": evidence.base64_of(w.key), "line": w.line, "name": w.name} for w in logged.witnesses]
        )
    for name in sheets.names(decoded):
        found[f"sheets/{name}.json"] = canonical(sheets.derive(name, decoded))
    sheet = "sheets/authenticity.json"
    found[sheet] = canonical(authenticity(decoded, [*found, sheet, *pieces]))
    return found


@dataclass(frozen=True, slots=True)
class CheckedPiece:
    """A piece that is as the journal says; `media` with the size it has."""

    media: Media
    crc: int


def weigh(
    media: Iterable[Media], opened: Open, progress: Callable[[int], None]
) -> tuple[dict[str, CheckedPiece], list[Absent]]:
    """By path, and those that are not there. `progress` is told bytes."""
    there: dict[str, CheckedPiece] = {}
    absent: list[Absent] = []
    for one in media:
        try:
            digest, crc, size = hashlib.sha256(), 0, 0
            with opened(one) as file:
                for piece in _pieces(file):
                    digest.update(piece)
                    crc = zlib.crc32(piece, crc)
                    size += len(piece)
                    progress(len(piece))
            if (digest.hexdigest(), size) != (one.sha256, one.size or size):
                raise PieceGone("damaged")
        except PieceGone as gone:
            absent.append(Absent(one.path, one.sha256, one.size, gone.cause))
        else:
            there[one.path] = CheckedPiece(replace(one, size=size), crc)
    return there, absent


def put_together(
    record: Record,
    pages: Callable[[Sequence[Absent]], Mapping[str, bytes]],
    signer: Signer,
    opened: Open,
    progress: Callable[[int], None] = lambda _: None,
) -> Package:
    """Weigh the media and plan the package, without what was said in confidence. `pages` makes the pages for people,
    knowing what is not there."""
    record = replace(record, session=lines.withheld(record.session))
    weighed, absent = weigh(media_of(record.session, record.complaint), opened, progress)
    there = {path: one.media for path, one in weighed.items()}
    found = texts(record, pages(absent), there)
    items = [
        ManifestItem(path, evidence.kind_of(path), len(text), hashlib.sha256(text).hexdigest())
        for path, text in found.items()
    ]
    items += [
        ManifestItem(one.path, evidence.kind_of(one.path), one.size, one.sha256, one.sm3) for one in there.values()
    ]
    begins = record.session[0].data
    manifest = Manifest(
        session=record.id,
        complaint=record.complaint[0].stream.partition("/")[2],
        complaint_number=begins.get("number", ""),
        installation=record.installation,
        software=record.software,
        key_name=signer.name,
        key=signer.public,
        items=tuple(sorted(items, key=lambda item: item.path)),
        absent=tuple(sorted(absent, key=lambda piece: piece.path)),
    )
    return Package(manifest, found, there, {path: one.crc for path, one in weighed.items()})


def packed(package: Package, export: Export, signer: Signer, opened: Open) -> Iterator[bytes]:
    """The package's bytes. Changed when a piece is no longer what was weighed."""
    manifest = evidence.to_json(package.manifest)
    session, digest = package.manifest.session, hashlib.sha256(manifest).hexdigest()
    note = signed(f"{package.manifest.format}\n{session}\n{digest}\n", signer).encode()
    told = export_json(session, export)
    hashes = f"{hashlib.sha256(told).hexdigest()}\n{hashlib.sha256(export.page).hexdigest()}\n"
    mark = signed(f"{evidence.EXPORT}\n{session}\n{digest}\n{hashes}", signer).encode()
    before = [part(evidence.MANIFEST, manifest), part(evidence.MANIFEST_NOTE, note)]
    after = [part(evidence.WATERMARK, export.page), part(evidence.EXPORT_JSON, told), part(evidence.EXPORT_NOTE, mark)]
    return stream([*before, *_items(package, opened), *after])


def export_json(session: str, export: Export) -> bytes:
    return canonical(
        {
            "exported_at": export.at,
            "exporter": dict(export.exporter),
            "format": evidence.EXPORT,
            "session": session,
            "watermark": export.watermark,
        }
    )


def _items(package: Package, opened: Open) -> Iterator[ArchivePart]:
    for item in package.manifest.items:
        if item.path in package.texts:
            yield part(item.path, package.texts[item.path])
        else:
            media = package.media[item.path]
            yield ArchivePart(item.path, item.size, package.crcs[item.path], lambda media=media: _again(media, opened))  # type: ignore[misc]


def _again(media: Media, opened: Open) -> Iterator[bytes]:
    digest = hashlib.sha256()
    try:
        with opened(media) as file:
            for piece in _pieces(file):
                digest.update(piece)
                yield piece
    except PieceGone as gone:
        raise Changed(media.path) from gone
    if digest.hexdigest() != media.sha256:
        raise Changed(media.path)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


FORMAT: Final = "yuntiao-masked/1"
SHEETS: Final = ("people", "outcome", "chat", "routing", "timing")
NOTICE: Final = {
    "zh": "去标识化副本：姓名、电话、地址与代码已由角色代替；不能据此核验，也不能作为证据。",
    "en": "Masked copy: roles stand for names, phones, addresses and codes. It cannot be verified and proves nothing.",
}

Language = Literal["zh", "en"]
_BLANKS: Final[Mapping[str, Mapping[Language, str]]] = {
    "phone": {"zh": "〔电话〕", "en": "[phone]"},
    "number": {"zh": "〔号码〕", "en": "[number]"},
    "address": {"zh": "〔地址〕", "en": "[address]"},
    "place": {"zh": "〔地名〕", "en": "[place]"},
    "mail": {"zh": "〔邮箱〕", "en": "[e-mail]"},
    "case": {"zh": "〔编号〕", "en": "[number of the case]"},
    "office": {"zh": "工作人员", "en": "officer"},
    "company": {"zh": "商家单位", "en": "the business"},
    "bureau": {"zh": "办案机构", "en": "the office"},
    "elsewhere": {"zh": "某单位", "en": "an organisation"},
}
_DROPPED: Final = {"phone", "phone_masked", "contacts", "link", "credit_code", "sha256", "stored_sha256", "sm3", "path"}
_TITLES: Final = "女士|先生|小姐|经理|总监|总|老板|店长|主任|律师|师傅|老师|阿姨|大姐|大哥|某某|某|姐|哥|工"
_LEGAL: Final = re.compile(r"(股份)?(有限)?(责任)?公司$|集团$|分公司$|个体工商户$|（[^（）]*）")
_TRADES: Final = re.compile(r"(科技|网络|信息|商贸|贸易|服务|咨询|婚介|餐饮|电子|商务|技术|文化|传媒){1,8}$")
_HAN: Final = "[\u4e00-\u9fff]"
_PATTERNS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("mail", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(\.[\w-]+)+")),
    ("number", re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")),
    ("number", re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])")),
    ("number", re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{2,8}\*{2,}[0-9A-Z]{1,8}(?![0-9A-Za-z])")),
    ("number", re.compile(r"(?<!\d)\d{4}([ -]?\d{4}){3}([ -]?\d{1,3})?(?!\d)")),
    ("phone", re.compile(r"(?<!\d)(\+?86[ -]?)?1[3-9]\d([ -]?\d{4}){2}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)0\d{2,3}[ -]?\d{7,8}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)[48]00[ -]?\d{3}[ -]?\d{4}(?!\d)")),
    ("address", re.compile(rf"{_HAN}{{0,12}}[路街巷弄道]{_HAN}{{0,4}}\d+号(({_HAN}|\d){{0,12}}[室楼层栋幢])?")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mask:
    """Words that mean somebody, the longest first, and what they become."""

    words: Sequence[tuple[re.Pattern[str], str]]
    language: Language

    def text(self, text: str) -> str:
        for pattern, label in self.words:
            text = pattern.sub(label, text)
        for kind, pattern in _PATTERNS:
            text = pattern.sub(_BLANKS[kind][self.language], text)
        return text

    def value(self, value: Any, name: str = "") -> Any:
        """Of JSON. What only identifies is emptied."""
        match value:
            case str():
                return "" if name in _DROPPED else self.text(value)
            case dict():
                return {} if name in _DROPPED else {key: self.value(item, key) for key, item in value.items()}
            case list():
                return [self.value(item, name) for item in value]
            case _:
                return value

    def line(self, line: JournalLine) -> JournalLine:
        kind, id_, name, role, _ = line.actor
        actor = (kind, id_ if kind == "party" else "", self.text(name), role, "")
        return replace(
            line, data=self.value(dict(line.data)), actor=actor, salt=line.salt and "masked", content="", hash=""
        )


def mask_of(session: Sequence[JournalLine], complaint: Sequence[JournalLine], language: Language) -> Mask:
    """Learned from who the two streams say took part."""
    roles, blanks = LANGUAGES[language].roles, {kind: texts[language] for kind, texts in _BLANKS.items()}
    labels: dict[str, str] = {}
    used: Counter[str] = Counter()
    decoded = DecodedLines("", session)
    for seat in decoded.seats.values():
        label = roles[seat.role]
        used[label] += 1
        who = label if used[label] == 1 else f"{label} {used[label]}"
        for name in _names(seat.name, *_chosen(session, seat.id)):
            labels.setdefault(name, who)
        _company(labels, seat.organisation, blanks[_whose(seat)], seat.city)
        labels.setdefault(seat.city, blanks["place"])
    for line in complaint:
        if line.type == "ComplaintRegistered" and not line.erased:
            labels.setdefault(line.data["number"], blanks["case"])
            for side in ("consumer", "business"):
                party = line.data[side]
                for name in _names(party["name"]):
                    labels.setdefault(name, roles[Role(side)])
                _company(labels, party.get("organisation", ""), blanks["company"], party.get("city", ""))
                labels.setdefault(party.get("address", ""), blanks["address"])
                labels.setdefault(party.get("city", ""), blanks["place"])
    for line in (*session, *complaint):
        if line.actor[0] == "officer":
            for name in _names(line.actor[2], line.data.get("agreed_by", "")):
                labels.setdefault(name, blanks["office"])
    labels.pop("", None)
    ordered = sorted(labels.items(), key=lambda pair: -len(pair[0]))
    return Mask([*((re.compile(re.escape(word)), label) for word, label in ordered), *_titled(labels)], language)


def masked_json(session: Sequence[JournalLine], complaint: Sequence[JournalLine]) -> bytes:
    """For programs, with Chinese labels."""
    mask = mask_of(session, complaint, "zh")
    decoded = DecodedLines("", [mask.line(line) for line in session])
    return canonical({"format": FORMAT, "notice": NOTICE, "sheets": {name: derive(name, decoded) for name in SHEETS}})


def _whose(seat: Seat) -> str:
    """Which kind of organisation somebody in the room belongs to."""
    if seat.role in (Role.MEDIATOR, Role.SUPERVISOR):
        return "bureau"
    ours = seat.role is Role.BUSINESS or (seat.role is Role.REPRESENTATIVE and seat.side is Side.BUSINESS)
    return "company" if ours else "elsewhere"


def _chosen(session: Iterable[JournalLine], seat: str) -> list[str]:
    return [line.data["name"] for line in session if line.type == "NameChosen" and line.data.get("seat") == seat]


def _names(*given: str) -> list[str]:
    """One character alone is no name that could be looked for."""
    return [name for name in dict.fromkeys(given) if len(name.strip()) > 1]


def _company(labels: dict[str, str], name: str, label: str, city: str) -> None:
    """The registered name and what people call it."""
    short = _LEGAL.sub("", _LEGAL.sub("", name)).removeprefix(city.removesuffix("市")).removeprefix("市")
    for word in (name, short, _TRADES.sub("", short)):
        if len(word) > 1:
            labels.setdefault(word, label)


def _titled(labels: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """Surname and title, and 小张 and 老张, of every Chinese personal name."""
    found: dict[str, str] = {}
    for name, label in labels.items():
        if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name) and not label.startswith(("〔", "[")):
            found.setdefault(name[0], label)
    return [
        (re.compile(rf"{surname}({_TITLES})|[老小]{surname}(?![\u4e00-\u9fff]?[路街])"), label)
        for surname, label in found.items()
    ]
