"""What a confined child can be asked to read, by name. Each loads only what it needs, within the child's limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from server.confinement.frames import Declined

Task = Callable[[BinaryIO, Any], Iterator[bytes]]


def table(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    from server.imports.row_frames import table

    return table(file, order)


def attached(file: BinaryIO, order: object) -> Iterator[bytes]:
    from server.imports.row_frames import attached

    return attached(file, order)


def drawing(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    from server.exhibits.drawing import drawing

    return drawing(file, order)


def compendium(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from casebook.compendium import MOST_CASES, begins, said
    from server.casebook.word import paragraphs

    told = said(paragraphs(file.read()))
    yield _json([[[one.text, one.level] for one in told], begins(told)[:MOST_CASES]])


def cut_cases(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from casebook.compendium import cut
    from server.casebook.word import paragraphs

    for texts in cut(paragraphs(file.read())):
        yield _json(texts)


def exchanged_cases(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from server.casebook.exchanged import parsed

    for one in parsed(file.read()).cases:
        yield one.model_dump_json().encode()


def upload(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from complaints.errors import BadUpload
    from complaints.record.uploads import upload

    try:
        found = upload(file.read())
    except BadUpload as no:
        raise Declined(no.params["why"]) from None
    yield found.kind.encode() + b"\0" + found.content


def statute(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from law.library import BadText, read

    try:
        text = read(_decoded(file.read()))
    except BadText as no:
        raise Declined(no.code, place=no.place) from None
    yield _json([text.title, [[one.number, one.suffix, one.chapter, one.text] for one in text.articles]])


def industries(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from complaints.record.industries import BadIndustryTable as BadTable, official_table

    try:
        table = official_table(_decoded(file.read()))
    except BadTable as no:
        raise Declined("table", row=no.row, missing=no.missing) from None
    yield _json(table)


def outline(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from complaints.statistics.outlines import BadOutline, taken

    try:
        yield taken(file.read())
    except BadOutline as no:
        raise Declined(no.why, at=no.at) from None


def _decoded(raw: bytes) -> str:
    """UTF-8 when it is that, else GB18030."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            raise Declined("encoding") from None


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")


TASKS: Final[Mapping[str, Task]] = {
    "table": table,
    "attached": attached,
    "drawing": drawing,
    "compendium": compendium,
    "cut_cases": cut_cases,
    "exchanged_cases": exchanged_cases,
    "upload": upload,
    "statute": statute,
    "industries": industries,
    "outline": outline,
}
