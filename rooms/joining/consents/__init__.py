"""The texts people agree to, edition by edition, each kept as it was shown: what a version in the journal names.

A version is an edition and the years that the installation keeps records, because the texts say how many. The texts
that are shown now are the templates of the join flow; `tests/web/consents` holds them to the newest edition, and
`python -m tests.web.consents.edition` writes a new one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from rooms.vocabulary import Consent

FOLDER: Final = Path(__file__).parent / "editions"

EDITIONS: Final[Mapping[str, str]] = {
    "2026-11-25": "1a13e9994be89e642dd59ba6b30755c87f243af5d2d51972f8e7d64167d49694",
    "2026-11-26": "34052787723c47273dd6c93ecee2efff4ad4b91f84cd29a2778a651d55f01819",
    "2026-11-29": "3f15769ae091a6dff67c4c5cea487c6d0506a57a4842d0ae0e4166c114571531",
    "2026-11-30": "8285bb9af24ccabd01c0f49a2172d27b324cdf67bbcf5e32c199045b0264351f",
    "2026-12-01": "ecb78166c6ab194526cb9f089a73a540d94c894273a2b27e52409bb692f2b5d3",
}
"""Date -> SHA-256 of its files; the newest last. An edition that somebody may have agreed to never changes."""

EDITION: Final = max(EDITIONS)

FILING_EDITIONS: Final[Mapping[str, str]] = {
    "2026-11-25": "b5759ad8941d3e1026c54a8a3b418e7e2af242f625cfc2d542dfef9932b7788f",
    "2026-11-29": "c5553325a5d9458204c988e46b8943f19f86b82bdd91409d19cc2e3fe420e3ca",
}
"""The same of the text that whoever files a complaint agrees to; it lies in the same folders."""

FILING_EDITION: Final = max(FILING_EDITIONS)

HANDWRITING: Final = "handwriting-2026-11-29"
"""The version of the sentence under the pad: what becomes of the handwriting (views/seldom/signing.ts)."""

ELECTRONIC: Final = "electronic-2026-11-29"
"""The version of the question before the first signature: whether to sign electronically (views/seldom/signing.ts)."""

DELETED_WITH_THE_YEARS: Final = frozenset({"2026-11-25"})
"""Editions of the text at the window that promised to delete what was handed in when the years were over. Later ones
say that it belongs to the file, whose years are a least."""

TEXTS: Final[Mapping[Consent, str]] = {
    Consent.PARTICIPATE: "notice",
    Consent.RECORD: "recording",
    Consent.TRANSCRIBE: "transcribe",
}
"""What is agreed to on the way to a mediation -> the kind of its text."""

KINDS: Final = tuple(TEXTS.values())
SINCE: Final[Mapping[str, str]] = {TEXTS[Consent.TRANSCRIBE]: "2026-12-01"}
"""The first edition that has a text of this kind; the others are in all of them."""
FILING: Final = "filing"  # at the public window
LANGUAGES: Final = ("zh", "en")
BLANKS: Final = {
    "zh": "〔机关名称、地址、电话，见答复记录〕",
    "en": "[name, address and telephone of the authority: see the answer]",
}
"""Where a kept text names who answers for the data: that is another name in every office, and stands in the answer."""

QUESTIONS: Final = ("handwriting", "electronic")
_DATE = re.compile(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]")
VERSION = re.compile(r"(?P<edition>[0-9]{4}-[0-9][0-9]-[0-9][0-9])\.(?P<years>[1-9][0-9]{0,2})")
_BLOCKS: Final[Mapping[str, Literal["h1", "h2", "li"]]] = {"# ": "h1", "## ": "h2", "- ": "li"}


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One heading, paragraph or item of a text."""

    tag: Literal["h1", "h2", "li", "p"]
    text: str


def version(years: int) -> str:
    """What is noted with an answer that is given now."""
    return f"{EDITION}.{years}"


def filing_version(years: int) -> str:
    """What is noted of a complaint that is filed at the window now."""
    return f"{FILING_EDITION}.{years}"


def years(named: str) -> int | None:
    """How long the text of this version says that records are kept; None when there is no such version."""
    found = VERSION.fullmatch(named)
    return int(found["years"]) if found is not None else None


def years_to_deletion(named: str) -> int | None:
    """After how many years whoever filed under this version was promised that what they handed in is deleted; None
    where the text promised no such thing."""
    found = VERSION.fullmatch(named)
    return int(found["years"]) if found is not None and found["edition"] in DELETED_WITH_THE_YEARS else None


def kept(named: str, kind: str = KINDS[0]) -> bool:
    found = VERSION.fullmatch(named)
    return found is not None and found["edition"] in _editions(kind)


def kinds_of(edition: str) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if edition >= SINCE.get(kind, ""))


def text(named: str, kind: str, language: str, handler: str = "") -> list[TextBlock]:
    """What stood on the page with the question, then the whole text. KeyError: there is no such version.

    `handler`: who answers for the data, as it was named to this person; a blank that says so without.
    """
    found = VERSION.fullmatch(named)
    if found is None or found["edition"] not in _editions(kind):
        raise KeyError(named)
    raw = file(found["edition"], kind, language).read_text("utf-8")
    named_there = handler or BLANKS[language]
    return [_block(line.replace("{handler}", named_there)) for line in _lines(raw, int(found["years"]))]


def question(named: str, language: str) -> list[TextBlock]:
    """What stood with a question in the room, by its version (HANDWRITING, ELECTRONIC). KeyError: there is none."""
    kind, _, edition = named.partition("-")
    if kind not in QUESTIONS or language not in LANGUAGES or not _DATE.fullmatch(edition):
        raise KeyError(named)
    path = file(edition, kind, language)
    if not path.exists():
        raise KeyError(named)
    return [_block(line) for line in path.read_text("utf-8").splitlines()]


def whole(named: str, kind: str, language: str) -> str:
    """The same as one text, marks and all, as evidence packages hold it. KeyError: there is no such version."""
    found = VERSION.fullmatch(named)
    if found is None or kind not in KINDS or language not in LANGUAGES or found["edition"] not in _editions(kind):
        raise KeyError(named)
    raw = file(found["edition"], kind, language).read_text("utf-8")
    lines = _lines(raw, int(found["years"]))
    return "".join(f"{line}\n".replace("{handler}", BLANKS[language]) for line in lines)


def file(edition: str, kind: str, language: str) -> Path:
    return FOLDER / edition / f"{kind}.{language}.txt"


def _editions(kind: str) -> frozenset[str]:
    return frozenset(FILING_EDITIONS) if kind == FILING else frozenset(one for one in EDITIONS if kind in kinds_of(one))


def digest(edition: str, kinds: tuple[str, ...] = ()) -> str:
    """`kinds`: those that it is about; () for all that the edition has on the way to a mediation."""
    found = hashlib.sha256()
    for kind in kinds or kinds_of(edition):
        for language in LANGUAGES:
            found.update(file(edition, kind, language).read_bytes() + b"\0")
    return found.hexdigest()


def _lines(raw: str, years: int) -> Iterator[str]:
    """A line that names the years stands there twice, `1|` in the singular before `n|` in the plural."""
    for line in filter(None, raw.splitlines()):
        number, bar, rest = line.partition("|")
        if bar and number in ("1", "n"):
            if (years == 1) is (number == "1"):
                yield rest.replace("{years}", str(years))
        else:
            yield line


def _block(line: str) -> TextBlock:
    for mark, tag in _BLOCKS.items():
        if line.startswith(mark):
            return TextBlock(tag, line.removeprefix(mark))
    return TextBlock("p", line)
