"""Documents an office gives out: our own wordings by edition, what fills their blanks, printed as PDF/A, and where
issued ones lie. The same sheet in the same edition gives the same bytes, with the same typesetter and font.

A wording is a TOML file: blocks of text in Chinese and English, some for one order only (`order`) or only where a
fact is given (`if`). Blanks `{name}` are filled once: what a fact says is never looked at for blanks of its own. An
edition is never changed after a document was issued under it: a change is a new folder.

Owns the font. What a sheet says reaches the layout only as data (`sys.inputs`): plain texts in a fixed order, which
typst never reads as markup; the layout's root holds the editions and nothing else. Which characters the font shows is
read from its `cmap` table, formats 4 and 12 (ISO/IEC 14496-22), in single files and collections; a text is brought into
a form that a sheet can carry.

Issued PDFs are in the data folder, sealed and readable for their owner alone: `notices/<complaint>/<notice>.sealed`,
and `certificates/<office>/<list>.sealed`, which put an office and a list where `complaint` and `notice` stand here.
"""

from __future__ import annotations

import bisect
import errno
import functools
import hashlib
import importlib.util
import json
import re
import struct
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import typst

from recordings import NotThere, VaultError
from recordings.files import NO_RESERVE, FreeSpace, safe_id, write_once
from recordings.files.remote_files import RemoteFiles
from server.identity import Seal

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # say which form of a character is meant
_LONG = 24  # characters of one word after which a line may break
_ZERO_WIDTH = "\u200b"
_CMAP = int.from_bytes(b"cmap")


class NoFont(Exception):
    """The font file has no table of characters that we read."""

    code = "no_font"


class FontCoverage(Protocol):
    """The characters something has a shape for."""

    def __contains__(self, character: str, /) -> bool: ...


class Coverage:
    """Ranges of code points, sorted."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._ranges = sorted(ranges)
        self._starts = [first for first, _ in self._ranges]

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        at = bisect.bisect_right(self._starts, code) - 1
        return at >= 0 and code <= self._ranges[at][1]


def coverage_of(path: Path, index: int = 0) -> Coverage:
    """`index`: which font of a collection. NoFont, OSError."""
    with path.open("rb") as file:
        try:
            return Coverage(_ranges(file, index))
        except (struct.error, KeyError, IndexError) as fault:
            raise NoFont(f"{path.name}: {fault}") from None


def printable(text: str, shown: FontCoverage) -> str:
    """What a sheet can say of a text: every visible character, or its code point where the font has no shape for it.

    Characters without a shape of their own (joiners, marks of direction, variants) are left out: on paper they would
    only change the order in which others are read. Long words get places to break at.
    """
    text = _SELECTORS.sub("", _BREAKS.sub("\n", text))
    return _breakable("".join(_said(character, shown) for character in text))


def plain(text: str) -> str:
    """Without the places to break at: to compare with what was meant."""
    return text.replace(_ZERO_WIDTH, "")


def _said(character: str, shown: FontCoverage) -> str:
    if character == "\n":
        return character
    kind = unicodedata.category(character)
    if character == "\t" or kind == "Zs":
        return " " if character != "\u3000" else character
    if kind == "Cf":
        return ""
    if kind in ("Cc", "Co", "Cs", "Cn") or character not in shown:
        return f"[U+{ord(character):04X}]"
    return character


def _breakable(text: str) -> str:
    made, run = [], 0
    for character in text:
        run = 0 if character.isspace() or unicodedata.east_asian_width(character) in "WF" else run + 1
        if run > _LONG:
            made.append(_ZERO_WIDTH)
            run = 1
        made.append(character)
    return "".join(made)


def _ranges(file: BinaryIO, index: int) -> list[tuple[int, int]]:
    file.seek(0)
    start = _read(file, 12 + 4 * index, ">L")[0] if file.read(4) == b"ttcf" else 0
    (tables,) = _read(file, start + 4, ">H")
    records = [_read(file, start + 12 + 16 * n, ">L4xL4x") for n in range(tables)]
    cmap = {tag: offset for tag, offset in records}[_CMAP]  # noqa: C416 - rows are no pairs to a type checker
    (subtables,) = _read(file, cmap + 2, ">H")
    by_format: dict[int, int] = {}
    for n in range(subtables):
        platform, encoding, offset = _read(file, cmap + 4 + 8 * n, ">HHL")
        if (platform, encoding) in ((3, 10), (3, 1), (0, 3), (0, 4), (0, 6)):
            by_format[_read(file, cmap + offset, ">H")[0]] = cmap + offset
    if 12 in by_format:
        return _segments_12(file, by_format[12])
    return _segments_4(file, by_format[4])


def _segments_12(file: BinaryIO, at: int) -> list[tuple[int, int]]:
    (groups,) = _read(file, at + 12, ">L")
    file.seek(at + 16)
    flat = struct.unpack(f">{groups * 3}L", file.read(groups * 12))
    return list(zip(flat[0::3], flat[1::3], strict=True))


def _segments_4(file: BinaryIO, at: int) -> list[tuple[int, int]]:
    (doubled,) = _read(file, at + 6, ">H")
    count = doubled // 2
    ends = _read(file, at + 14, f">{count}H")
    starts = _read(file, at + 16 + doubled, f">{count}H")
    return [(first, last) for first, last in zip(starts, ends, strict=True) if first != 0xFFFF]


def _read(file: BinaryIO, at: int, form: str) -> tuple[int, ...]:
    file.seek(at)
    found: tuple[int, ...] = struct.unpack(form, file.read(struct.calcsize(form)))
    return found


@dataclass(frozen=True, slots=True)
class SheetBlock:
    """`style`: "text" | "item" | "quote" | "heading" | "close" | "imprint" (under seal and date)."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Gloss:
    """An English rendering after the document, for reading only."""

    title: str
    blocks: tuple[SheetBlock, ...]


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """`number` "" for a draft; `date` as it is printed; `year`, `month`, `day` of the file's own date."""

    office: str
    number: str
    title: str
    addressee: str
    blocks: tuple[SheetBlock, ...]
    date: str
    file_number: str  # of the complaint, at the foot
    day: tuple[int, int, int]
    edition: str
    signatures: tuple[str, ...] = ()
    seal: bool = True
    draft: bool = False
    gloss: Gloss | None = None
    rows: tuple[tuple[str, str], ...] = ()  # of a form that is a table: what stands before and behind the line
    head: tuple[str, ...] = ()  # of a register on sheets laid across: what its columns are called
    table: tuple[tuple[str, ...], ...] = ()  # its lines

    def said(self, say: Callable[[str], str]) -> dict[str, Any]:
        """As JSON for the layout, every text put through `say`."""
        return each_text(asdict(self), say)  # type: ignore[no-any-return]

    def text(self) -> str:
        """As it is kept: one JSON object."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def sheet_of(text: str) -> PrintedSheet:
    """Back from `Sheet.text`."""
    kept = json.loads(text)
    gloss = kept.pop("gloss")
    return PrintedSheet(
        **kept
        | {
            "blocks": _blocks(kept["blocks"]),
            "day": tuple(kept["day"]),
            "signatures": tuple(kept["signatures"]),
            "rows": tuple((label, value) for label, value in kept.get("rows", ())),
            "head": tuple(kept.get("head", ())),
            "table": tuple(tuple(line) for line in kept.get("table", ())),
            "gloss": Gloss(gloss["title"], _blocks(gloss["blocks"])) if gloss else None,
        }
    )


def _blocks(kept: list[dict[str, str]]) -> tuple[SheetBlock, ...]:
    return tuple(SheetBlock(**block) for block in kept)


def each_text(value: Any, say: Callable[[str], str]) -> Any:
    """The same of plain values, every text in it put through `say`."""
    match value:
        case str():
            return say(value)
        case Mapping():
            return {name: each_text(item, say) for name, item in value.items()}
        case list() | tuple():
            return [each_text(item, say) for item in value]
        case _:
            return value


EDITIONS: Final = Path(__file__).parent / "editions"
STANDARDS: Final = ["a-2a", "ua-1"]
_PREFERRED: Final = "Noto Sans CJK SC"


class Unprintable(Exception):
    """The typesetter refused; the text says where."""

    code = "unprintable"


def installed_fonts() -> Path:
    """The folder of the font that is installed with the program. NoFont."""
    found = importlib.util.find_spec("manimgx_fonts_cjk")
    if found is None or found.origin is None:
        raise NoFont("the font package is missing")
    return Path(found.origin).parent


@dataclass(frozen=True)
class Font:
    fonts: typst.Fonts
    family: str
    coverage: Coverage
    name: str  # "Noto Sans CJK SC 3fa9c1d2e0b4": the family and the beginning of its file's SHA-256


class PdfRenderer:
    """`fonts`: a folder of font files, None for the installed ones; of several families a Chinese one is taken."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._folder = fonts

    @cached_property
    def font(self) -> Font:
        folder = self._folder or installed_fonts()
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
        found = [font for font in fonts.fonts() if font.path]
        if not found:
            raise NoFont(f"{folder} holds no font")
        chosen = min(found, key=lambda font: (font.family != _PREFERRED, "SC" not in font.family.split(), font.family))
        path = Path(str(chosen.path))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Font(fonts, chosen.family, coverage_of(path, chosen.index), f"{chosen.family} {digest[:12]}")

    @property
    def maker(self) -> str:
        """What bytes depend on beside the sheet and its edition."""
        return f"typst {importlib.metadata.version('typst')}, {self.font.name}"

    def says(self, text: str) -> str:
        """A text as a sheet shows it."""
        return printable(text, self.font.coverage)

    def print(self, sheet: PrintedSheet) -> bytes:
        """Takes some milliseconds a page, the first time a quarter of a second. Unprintable, NoFont."""
        layout = EDITIONS / sheet.edition / "layout.typ"
        inputs = {"font": self.font.family, "sheet": json.dumps(sheet.said(self.says))}
        try:
            made = typst.compile(
                str(layout),
                root=str(layout.parent),
                font_paths=self.font.fonts,
                ignore_system_fonts=True,
                sys_inputs=inputs,
                pdf_standards=STANDARDS,  # type: ignore[arg-type]
            )
        except typst.TypstError as fault:
            raise Unprintable(str(fault)) from None
        return made

    def picture(self, sheet: PrintedSheet) -> bytes:
        """The first page as PNG, to look at."""
        layout = EDITIONS / sheet.edition / "layout.typ"
        made = typst.compile(
            str(layout),
            root=str(layout.parent),
            font_paths=self.font.fonts,
            ignore_system_fonts=True,
            format="png",
            ppi=80,
            sys_inputs={"font": self.font.family, "sheet": json.dumps(sheet.said(self.says))},
        )
        return made if isinstance(made, bytes) else made[0]


NEWEST: Final = "2026-11-29"
_BLANK = re.compile(r"\{(\w+)\}")

Facts = Mapping[str, str]


@functools.cache
def wording(kind: str, edition: str = NEWEST) -> Mapping[str, Any]:
    """FileNotFoundError for a kind or edition there is none of."""
    return tomllib.loads((EDITIONS / edition / f"{kind}.toml").read_text("utf-8"))


def title(kind: str, language: str = "zh", edition: str = NEWEST) -> str:
    said: str = wording(kind, edition)["title"]["en" if language.startswith("en") else "zh"]
    return said


def written(
    kind: str, order: str, zh: Facts, en: Facts | None, day: date, number: str, draft: bool = False
) -> PrintedSheet:
    """`zh` and `en` fill the blanks in each language; without `en` there is no English gloss. KeyError names a blank
    nothing fills."""
    words = wording(kind)
    return PrintedSheet(
        office=zh["issuer"],
        number=number,
        title=title(kind),
        addressee=filled(words["addressee"], zh),
        blocks=_wording_blocks(words, order, "zh", zh),
        date=chinese_day(day),
        file_number=f"投诉登记编号 {zh['file_number']}",
        day=(day.year, day.month, day.day),
        edition=NEWEST,
        signatures=tuple(words.get("signatures", ())),
        draft=draft,
        gloss=None if en is None else Gloss(title(kind, "en"), _wording_blocks(words, order, "en", en)),
    )


def chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def sentence(typed: str) -> str:
    """What somebody typed, with the mark at its end that they left out."""
    said = typed.strip()
    if not said or said.rstrip("”’\"')）")[-1:] in "。！？…；.!?;":
        return said
    return said + ("." if said.isascii() else "。")


def filled(text: str, facts: Facts) -> str:
    return _BLANK.sub(lambda blank: facts[blank[1]], text)


def _wording_blocks(words: Mapping[str, Any], order: str, language: str, facts: Facts) -> tuple[SheetBlock, ...]:
    return tuple(
        SheetBlock(block.get("style", "text"), filled(block.get(language, block["zh"]), facts))
        for block in words["block"]
        if block.get("order", order) == order and ("if" not in block or facts[block["if"]].strip())
    )


EFFECT: Final = "经双方签字或者盖章，并加盖本机关印章后生效。"
EFFECT_IN_ENGLISH: Final = "In effect once both sides have signed or sealed it and this authority’s seal is on."


def effect_sentence(language: str) -> str:
    """When an agreement takes effect: one sentence for the draft and for what is signed and sealed.

    Order 121 Art 24 (Order 20 Art 22) asks for the signatures or seals of both sides and for the authority's seal; the
    mediator's signature stands on the paper and is no condition. What is signed on phones can be taken back until the
    seal is on (`rooms.signing.rules`), so it takes effect with the seal and not before (decision 0043).
    """
    return EFFECT_IN_ENGLISH if language.startswith("en") else EFFECT


_SHEET = "notice sheet"  # the purpose they are sealed for


class NoticeStore:
    def __init__(
        self, folder: Path, seal: Seal, reserve: FreeSpace = NO_RESERVE, away: RemoteFiles | None = None
    ) -> None:
        """`away`: the home of what lies here."""
        self._folder, self._seal, self._reserve, self._away = folder, seal, reserve, away

    def put(self, complaint: str, notice: str, content: bytes) -> None:
        """Durable when it returns. ReserveReached."""
        self._reserve.require(len(content))
        path = self._path(complaint, notice)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, self._seal.seal_bytes(content, self._purpose(notice)))
        if self._away is not None:
            self._away.written(path)

    def get(self, complaint: str, notice: str) -> bytes:
        """FileNotFoundError, SealBroken; OSError also while its home is away."""
        path = self._path(complaint, notice)
        if self._away is not None and not path.is_file():
            try:
                self._away.fetch(path)
            except NotThere:
                raise FileNotFoundError(path) from None
            except VaultError as fault:
                raise OSError(errno.EIO, str(fault)) from fault
        return self._seal.open_bytes(path.read_bytes(), self._purpose(notice))

    def _path(self, complaint: str, notice: str) -> Path:
        return self._folder / safe_id(complaint) / f"{safe_id(notice)}.sealed"

    def _purpose(self, notice: str) -> str:
        """One sheet cannot be put in another's place."""
        return f"{_SHEET} {notice}"
