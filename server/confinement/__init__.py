"""Files from outside are read by a child process that may take so much of the machine and no more.

Here is what such a child can be asked to read, by name, and the frames in which it answers its parent. `reader` starts
it, keeps it to its limits and takes its frames; `child` is the script it runs. Why, and what is read elsewhere:
docs/decisions/0032-files-are-read-in-a-confined-child.md.

A task loads only what it needs, within the child's limits. A frame has a kind (one byte), a length (four, big
endian) and content: `D` is data, as the task forms it; `N` that the file is declined, a JSON object of code and
params; `X` that the child gave up, a word of `STOPPED`; `Z` that everything was said. Standard library only: both
ends load it.
"""

from __future__ import annotations

import csv
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, Final

HEAD: Final = struct.Struct(">cI")
ROWS_HEAD: Final = struct.Struct(">II")  # of rows of a table: how many, and the number of the last one; then JSON
DATA, DECLINED, GAVE_UP, END = b"D", b"N", b"X", b"Z"
STOPPED: Final = frozenset({"memory", "time", "output", "crashed"})


class Declined(Exception):
    """The reader looked at the file and will not have it; code and params are those of the file's own kind."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code + "".join(f" {name}={value}" for name, value in params.items()))
        self.code, self.params = code, params
        self.seconds = 0.0  # of a core that reading took


class ReaderStopped(Exception):
    """The file took its reader beyond a limit, or made it crash; `why` is a word of `STOPPED`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = 0.0


Task = Callable[[BinaryIO, Any], Iterator[bytes]]


def table(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    from server.imports.tables import table

    return table(file, order)


def attached(file: BinaryIO, order: object) -> Iterator[bytes]:
    from server.imports.tables import attached

    return attached(file, order)


def drawing(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    from server.rooms.exhibits.drawing import drawing

    return drawing(file, order)


def compendium(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from casebook import MOST_CASES, begins, said
    from server.casebook.word import paragraphs

    told = said(paragraphs(file.read()))
    yield _json([[[one.text, one.level] for one in told], begins(told)[:MOST_CASES]])


def cut_cases(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from casebook import cut
    from server.casebook.word import paragraphs

    for texts in cut(paragraphs(file.read())):
        yield _json(texts)


def exchanged_cases(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from server.casebook.exchange_form import parsed

    for one in parsed(file.read()).cases:
        yield one.model_dump_json().encode()


def upload(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from complaints import BadUpload
    from complaints.record.uploads import is_heic, upload

    content = file.read()
    if is_heic(content):
        from server.rooms.exhibits.drawing import photo

        yield b"heic\0" + photo(content, "HEIC")
        return
    try:
        found = upload(content)
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


def roster(file: BinaryIO, most: int) -> Iterator[bytes]:
    """Lines of a CSV file. Declined: encoding, too_many_rows, csv."""
    text = _decoded(file.read())
    try:
        for number, row in enumerate(csv.reader(text.splitlines(keepends=True), strict=True)):
            if number > most:
                raise Declined("too_many_rows", most=most)
            yield _json([cell.strip() for cell in row])
    except csv.Error:
        raise Declined("csv") from None


def outline(file: BinaryIO, _order: object) -> Iterator[bytes]:
    from complaints.statistics.views import BadOutline, taken

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
    "roster": roster,
}
