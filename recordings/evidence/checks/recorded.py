"""What was recorded, shown, sealed and agreed to, and the overviews derived from the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from recordings.evidence import form, sheets
from recordings.evidence.authenticity import EDITION, authenticity
from recordings.evidence.checks.claim import Claim
from recordings.evidence.contents import MEDIA
from recordings.evidence.decoded_lines import DecodedLines, Sheet
from recordings.evidence.errors import Unsound
from recordings.evidence.form import Item, canonical
from recordings.evidence.lines import corrections
from recordings.evidence.media import later, media_of
from recordings.evidence.verdict import MOST_DETAILS, Check

_ANSWERS: Final = {"ConsentGiven", "ConsentRefused"}
_KINDS: Final = {"participate": "notice", "record": "recording"}


def _journaled(claim: Claim) -> dict[str, tuple[str, int]]:
    """Hash and size (0: it does not say) of what the journals name, by where it has to lie."""
    return {one.path: (one.sha256, one.size) for one in media_of(claim.session, claim.complaint, claim.manifest.format)}


def segment_hashes(claim: Claim) -> Iterable[str]:
    named = _journaled(claim)
    told: list[tuple[str, tuple[str, int]]] = [(i.path, (i.sha256, i.size)) for i in _media(claim)]
    told += [(piece.path, (piece.sha256, piece.size)) for piece in claim.manifest.absent]
    for path, known in told:
        if path in named and not _fits(named[path], known):
            yield path
    for item in _media(claim):
        held = claim.held.get(item.path)
        if held and item.path in named and not _fits(named[item.path], (held.sha256, held.entry.size)):
            yield item.path


def _fits(named: tuple[str, int], there: tuple[str, int]) -> bool:
    return there == (named[0], named[1] or there[1])


def segments_listed(claim: Claim) -> Check | Iterable[str]:
    named = set(_journaled(claim))
    there = {item.path for item in _media(claim) if item.path in claim.held}
    there |= {name for name in claim.held if name.startswith(MEDIA)}
    absent = {piece.path: piece.cause for piece in claim.manifest.absent}
    wrong = sorted((there - named) | (named - there - absent.keys()) | (absent.keys() - named))
    told = tuple(f"{path}: {cause}" for path, cause in absent.items())
    if claim.manifest.format == form.FIRST:
        # A package of before cannot say whether it was made by a program of before.
        told += tuple(f"{one.path}: {form.FIRST}" for one in later(claim.session, claim.complaint))
    if wrong or not told:
        return wrong
    return Check("segment_unlisted", "open", told[:MOST_DETAILS])


def _media(claim: Claim) -> Iterable[Item]:
    return [item for item in claim.manifest.items if item.path.startswith(MEDIA)]


def consent_texts(claim: Claim) -> Check | Iterable[str]:
    """Of an edition that this program knows the text has to be there and be that one. Of another nothing can be said:
    what nobody knows was not altered. An entry that corrects the answer explains it."""
    wanted: dict[str, list[int]] = {}
    for line in claim.session:
        if line.type in _ANSWERS and not line.erased and line.data["text"]:
            for language in sheets.LANGUAGES:
                path = f"texts/{line.data['text']}/{_KINDS[line.data['kind']]}.{language}.txt"
                wanted.setdefault(path, []).append(line.version)
    there = {item.path for item in claim.manifest.items if item.kind == "text"}
    erased = any(line.type in _ANSWERS and line.erased for line in claim.session)
    wrong = [] if erased else sorted(there - wanted.keys())
    explained = corrections(claim.session)
    unknown, told = list[str](), list[str]()
    for path, answers in wanted.items():
        known = claim.texts(path)
        if known is not None:
            wrong += [path] if claim.text(path) != known else []
        elif all(number in explained for number in answers):
            told += [f"entry {number}: explained by correction {explained[number]}" for number in answers]
        else:
            unknown.append(f"{path}: an edition that is not known" + ("" if path in claim.held else ", and not there"))
    if wrong:
        return wrong
    return Check("consent_text", "open" if unknown else "ok", tuple(dict.fromkeys([*unknown, *told]))[:MOST_DETAILS])


def derived_sheets(claim: Claim) -> Check | Iterable[str]:
    decoded = DecodedLines(claim.manifest.session, claim.session, claim.complaint, claim.manifest.format)
    if not claim.session:
        return ["there is no journal to derive them from"]
    try:
        _ = decoded.history
    except (ValueError, KeyError, TypeError) as fault:  # an entry of a newer program: nothing can be said
        return Check("derived_sheet", "open", (f"an entry that this program cannot read: {fault}",))
    paths = [item.path for item in claim.manifest.items]
    wrong, unknown = list[str](), list[str]()
    names = [*sheets.names(decoded), "authenticity"]
    unknown += [path for path in paths if path.startswith("sheets/") and _named(path) not in names]
    for name in names:
        path = f"sheets/{name}.json"
        raw = claim.text(path)
        if raw is None:
            wrong.append(path)
        elif edition_in(raw) > (EDITION if name == "authenticity" else sheets.NEWEST.get(name, 1)):
            unknown.append(path)
        elif raw != canonical(_made(name, decoded, paths, edition_in(raw))):
            wrong.append(path)
    return wrong if wrong or not unknown else Check("derived_sheet", "open", tuple(unknown))


def _named(path: str) -> str:
    return path[len("sheets/") : -len(".json")]


def _made(name: str, decoded: DecodedLines, paths: Sequence[str], stated: int) -> Sheet:
    return authenticity(decoded, paths, stated) if name == "authenticity" else sheets.derive(name, decoded, stated)


def edition_in(raw: bytes) -> int:
    """0 when it is no sheet at all."""
    try:
        told = form.parsed(raw)["edition"]
    except (Unsound, KeyError, TypeError):
        return 0
    return told if type(told) is int else 0
