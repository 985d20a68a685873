"""What a package holds of files: those that the two journals name, by the journals' own words. Pure.

Each is a `Media`: where it lies in the case's storage, where in a package, and the hash that was written down for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recordings.evidence import form
from recordings.evidence.lines import JournalLine


@dataclass(frozen=True, slots=True)
class Media:
    """A file the journal names: `stored` is its path there, `path` where it lies in a package.

    `size` in bytes, 0 where the journal says only the hash; `case`: whose key it is sealed under, "" for the session's.
    """

    stored: str
    path: str
    sha256: str
    size: int
    sm3: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class SealedPaper:
    """A document under seal, by the lines that tell of it. `hands`: the signatures that were on it, in order."""

    sealed: JournalLine
    hands: tuple[JournalLine, ...] = ()

    @property
    def document(self) -> str:
        return str(self.sealed.data["document"])


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of the complaint. `removed`: the line that says that it is gone, and why."""

    added: JournalLine
    removed: JournalLine | None = None

    @property
    def path(self) -> str:
        return form.attachment_path(self.added.data["attachment"], self.added.data["kind"])

    @property
    def sha256(self) -> str:
        """Of what was sent, where that was kept; else of what is shown."""
        return str(self.added.data["original_sha256" if self._original else "sha256"])

    @property
    def media(self) -> Media:
        data, case = self.added.data, self.added.stream.partition("/")[2]
        stored = f"{case}/{data['attachment']}{'.original' if self._original else ''}"
        size = data.get("original_size", 0) if self._original else data["size"]
        return Media(stored, self.path, self.sha256, size, case=case)

    @property
    def _original(self) -> bool:
        return bool(self.added.data.get("original"))


def media_of(
    session: Sequence[JournalLine], complaint: Sequence[JournalLine], format: str = form.FORMAT
) -> list[Media]:
    """Every segment, the last composed video, originals of exhibits that were not withdrawn and every document that
    was sealed; since the second form also what was signed, the handwriting, and files attached to the complaint."""
    found = [*_recorded(session), *_exhibits(session), *_documents(session)]
    return found if format == form.FIRST else [*found, *later(session, complaint)]


def later(session: Sequence[JournalLine], complaint: Sequence[JournalLine]) -> list[Media]:
    """What packages of the first form did not hold."""
    return [*_signed(session), *(one.media for one in attached(complaint) if one.removed is None)]


def papers(session: Sequence[JournalLine]) -> list[SealedPaper]:
    """Documents with the signatures in force when the seal was put on."""
    found, hands = list[SealedPaper](), dict[str, JournalLine]()
    for line in session:
        if line.erased:
            continue
        match line.type:
            case "Signed":
                hands[line.data["seat"]] = line
            case "SignatureWithdrawn":
                for seat in (line.data["seat"], *line.data.get("voids", ())):
                    hands.pop(seat, None)
            case "SigningVoided":
                hands.clear()
            case "DocumentSealed":
                text = line.data.get("text", "")
                on_it = [hand for hand in hands.values() if text and hand.data["text"] == text]
                found.append(SealedPaper(line, tuple(on_it)))
    return found


def attached(complaint: Sequence[JournalLine]) -> list[AttachedFile]:
    """Every file that was ever attached and whose entry still says so, in order."""
    found: dict[str, AttachedFile] = {}
    for line in complaint:
        if line.erased:
            continue
        if line.type == "AttachmentAdded":
            found[line.data["attachment"]] = AttachedFile(line)
        elif line.type == "AttachmentRemoved" and line.data["attachment"] in found:
            found[line.data["attachment"]] = AttachedFile(found[line.data["attachment"]].added, line)
    return list(found.values())


def handwriting(hand: JournalLine) -> str:
    """Where the strokes of a signature lie; "" of a typed one."""
    return form.handwriting_path(hand.data["picture"]) if hand.data.get("picture") else ""


def _recorded(session: Sequence[JournalLine]) -> list[Media]:
    found, film = [], None
    for line in session:
        if line.type == "SegmentSealed" and not line.erased:
            found.append(_media(line.data, form.media_path(line.data["path"])))
        elif line.type == "RecordingComposed" and not line.erased:
            film = _media(line.data, form.VIDEO)
    return [*found, *([film] if film else [])]


def _exhibits(session: Sequence[JournalLine]) -> Iterator[Media]:
    offered: dict[str, list[Media]] = {}
    for line in session:
        if line.type == "ExhibitOffered" and not line.erased:
            offered[line.data["exhibit"]] = [
                _media(original, form.exhibit_path(line.data["exhibit"], number, original["form"]))
                for number, original in enumerate(line.data["originals"], 1)
            ]
        elif line.type == "ExhibitWithdrawn" and not line.erased:
            offered.pop(line.data["exhibit"], None)
    return (one for files in offered.values() for one in files)


def _documents(session: Sequence[JournalLine]) -> Iterator[Media]:
    for paper in papers(session):
        stored, path = f"{_case(paper)}/documents/{paper.document}", form.document_path(paper.document)
        yield Media(stored, path, paper.sealed.data["sha256"], paper.sealed.data["size"])


def _signed(session: Sequence[JournalLine]) -> Iterator[Media]:
    """The text that was signed, whose name is its hash, and the strokes of each hand."""
    for paper in papers(session):
        if text := paper.sealed.data.get("text", ""):
            yield Media(f"{_case(paper)}/texts/{text}", form.signed_path(paper.document), text, 0)
        for hand in paper.hands:
            if path := handwriting(hand):
                stored = f"{_case(paper)}/hands/{hand.data['picture']}"
                yield Media(stored, path, hand.data["sha256"], 0)


def _media(data: Mapping[str, Any], path: str) -> Media:
    return Media(data["path"], path, data["sha256"], data["size"], data.get("sm3", ""))


def _case(paper: SealedPaper) -> str:
    return paper.sealed.stream.partition("/")[2]
