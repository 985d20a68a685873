"""The list of files on the page: exhibits, what was signed and sealed, and the files of the complaint, with hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recordings.evidence.form import document_path, signed_path
from recordings.evidence.media import attached, handwriting, papers
from recordings.evidence.package import Record
from recordings.evidence.sheets import derive
from web.audit import signing
from web.audit.voice import Voice
from web.i18n import N_

ABSENT: Final = {
    "erased": N_("erased: the key of this case was destroyed"),
    "missing": N_("no longer in the bureau's storage"),
    "damaged": N_("damaged in the bureau's storage"),
}
ATTACHED_BY: Final = {
    "consumer": N_("Attached by the consumer: %(name)s"),
    "business": N_("Attached by the business: %(name)s"),
    "": N_("Attached by the office: %(name)s"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A line of the list of files. `path` "" of one that was removed, whose `gone` is the reason given."""

    what: str
    at: datetime
    path: str
    sha256: str
    gone: str = ""


def files(record: Record, voice: Voice, gone: Mapping[str, str]) -> list[File]:
    """Exhibits, what was signed and sealed, and the files of the complaint."""
    _, found = voice.gettext, list[File]()

    def add(what: str, at: datetime, path: str, sha256: str) -> None:
        cause = gone.get(path, "")
        found.append(File(what, at, path, sha256, _(ABSENT[cause]) if cause else ""))

    for row in derive("exhibits", record.decoded)["exhibits"]:
        for one in row["files"]:
            what = _(
                "Exhibit of %(name)s: %(title)s", name=voice.name(row["seat"]), title=row["title"] or row["exhibit"]
            )
            add(what, datetime.fromisoformat(row["at"]), one["path"], one["sha256"])
    for paper in papers(record.session):
        sealed = paper.sealed.data
        what = f"{_(signing.KINDS.get(sealed['kind'], signing.KINDS['record']))} {sealed['number']}"
        add(what, paper.sealed.time, document_path(paper.document), sealed["sha256"])
        if sealed.get("text"):
            add(_("The text that was signed"), paper.sealed.time, signed_path(paper.document), sealed["text"])
        for hand in paper.hands:
            if path := handwriting(hand):
                name = voice.name(hand.data["seat"])
                add(_("Handwriting of %(name)s", name=name), hand.time, path, hand.data["sha256"])
    for file in attached(record.complaint):
        data = file.added.data
        what = _(ATTACHED_BY.get(data.get("by", ""), ATTACHED_BY[""]), name=data["name"])
        if file.removed is None:
            add(what, file.added.time, file.path, file.sha256)
        else:
            why = _("removed: %(reason)s", reason=file.removed.data["reason"])
            found.append(File(what, file.added.time, "", file.sha256, why))
    return found
