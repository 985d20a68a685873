"""Files that ask for the whole machine get a refusal, for little memory and time, and rooms go on beside them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from complaints import BadUpload
from complaints.channels import REASONS, UnreadableFile, said
from complaints.channels.mapping import builtin
from complaints.record.industries import BadIndustryTable
from complaints.statistics.views import BadOutline
from journal.refusals import Refused
from recordings.composing.encoder import nameless
from server.casebook import exchange
from server.cli.law import _WHY as STATUTE
from server.complaints import attachments
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import read_now
from server.imports.batches import ConfinedTable
from server.rooms.exhibits.uploads import BadFile, ImageWorker
from server.statistics.store import Maps
from tests.server.confinement.watching import watched
from tests.tools.bench.attack.bombs import ALL, Bomb
from web.office.administration.offices import WHY as MAP
from web.office.casebook import WHY_FILE
from web.office.complaints.amending import WHY as ATTACHMENT

MOST_MEMORY = 512 << 20  # bytes
MOST_SECONDS = 10  # of a core
ROOM = Path("web/locales/en/room.po").read_text("utf-8")


COSTLY = frozenset(
    {
        "compendium: a million elements",
        "exchanged_cases: JSON of millions of empty lists",
        "exchanged_cases: a number of ten million digits",
        "jpeg: a progressive JPEG of three hundred scans",
        "message: a mail of boundaries",
        "mp4: a film of nothing but boxes",
        "outline: a map of empty lists",
        "pdf: forms within forms",
        "png: a PNG of sixty megapixels",
        "png: a PNG that unpacks to gigabytes",
        "statute: a statute of emphases",
        "upload: a JPEG of filling bytes",
        "upload: a PNG of a million chunks",
        "upload: names that are all escapes",
        "upload: object streams that unpack to far more",
        "upload: the word stream, a million times",
    }
)
"""What takes the reader most of a second."""

DAILY = {bomb.task: str(bomb) for bomb in reversed(ALL) if str(bomb) not in COSTLY}
"""One of each task; the others are refused as these are."""


async def outcome(bomb: Bomb, content: bytes, tmp_path: Path) -> str:
    """The sentence it is refused with, "" when it was read after all."""
    match bomb.task:
        case "table" | "message":
            return _table(bomb, content, tmp_path)
        case "compendium" | "exchanged_cases":
            read = exchange.compendium if bomb.task == "compendium" else exchange.exchanged_cases
            try:
                await read(content)
            except Refused as no:
                return WHY_FILE[no.params["why"]]
        case "upload":
            try:
                await attachments.checked_upload(content)
            except BadUpload as no:
                return ATTACHMENT[no.params["why"]]
        case "outline":
            try:
                Maps(tmp_path).offer("first", content)
            except BadOutline as no:
                return MAP[no.why]
        case "statute" | "industries":
            return _text(bomb, content)
        case form:
            return await _exhibit(form, content)
    return ""


def _table(bomb: Bomb, content: bytes, tmp_path: Path) -> str:
    name = "a.eml" if bomb.task == "message" else "a.xlsx"
    path = tmp_path / name
    path.write_bytes(content)
    try:
        with ConfinedTable(path, builtin("board"), "mail", name) as table:
            for number, cells in table.rows:
                assert number
                assert sum(len(cell) for cell in cells if isinstance(cell, str)) < 64 << 20
    except UnreadableFile as no:
        return said(no.code, no.params) if no.code in REASONS else ""
    return ""


def _text(bomb: Bomb, content: bytes) -> str:
    try:
        read_now(bomb.task, content)
    except ReaderStopped as no:
        return f"reading it took more than it may: {no.why}"
    except Declined as no:
        return STATUTE[no.code] if bomb.task == "statute" else str(BadIndustryTable(**no.params))
    return ""


async def _exhibit(form: str, content: bytes) -> str:
    with nameless(Path.cwd()) as file:
        file.write(content)
        try:
            await ImageWorker().draw(file, form)
        except BadFile as no:
            found = re.search(rf'msgid "error.bad_exhibit.{no.why}"\nmsgstr "(.+)"', ROOM)
            return found[1] if found is not None else ""
    return ""


@pytest.mark.parametrize(
    "bomb",
    [pytest.param(one, marks=[] if str(one) in DAILY.values() else [pytest.mark.long]) for one in ALL],
    ids=str,
)
async def test_a_bomb_is_refused_with_a_sentence_within_512_mb_and_10_seconds(bomb: Bomb, tmp_path: Path) -> None:
    content = bomb.make()
    with watched() as taken:
        sentence = await outcome(bomb, content, tmp_path)
    assert sentence or bomb.harmless
    assert taken.peak <= MOST_MEMORY
    assert taken.seconds <= MOST_SECONDS


def test_of_every_task_a_bomb_is_tried_every_day() -> None:
    assert {str(bomb) for bomb in ALL} >= COSTLY
    assert set(DAILY) == {bomb.task for bomb in ALL}
