"""`yuntiao casebook`: the year's book as a file, and cases found by words."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from server.cli.terminal import Data, Json, chosen, fail
from server.serving import installation_absent

app = typer.Typer(no_args_is_help=True, help="Typical cases: found by words, and the year's book of them.")
Result = TypeVar("Result")

_MOST_PREFACE_BYTES = 64 * 1024


@app.command()
def build(
    year: Annotated[int, typer.Option(min=2000, max=2200, help="Of which the cases were published.")],
    out: Annotated[Path, typer.Option(help="FILE.pdf or FILE.epub.")],
    phone: Annotated[bool, typer.Option("--phone", help="A page as wide as a phone instead of A4.")] = False,
    office: Annotated[list[str] | None, typer.Option(help="Id of an office; repeatable; none: all.")] = None,
    name: Annotated[str, typer.Option(help="Who gives it out, on the cover; none: the office's name.")] = "",
    preface: Annotated[Path | None, typer.Option(help="UTF-8 text, a paragraph a line; none: as kept.")] = None,
    samples: Annotated[bool, typer.Option("--samples", help="Of nothing but the samples the program brings.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print the book. The same data give the same file."""
    from law.library import library
    from server.casebook.yearbook import Size, YearbookRenderer, epub, gather, sample_book
    from server.complaints.office_store import LawStore
    from server.db.engine import Database
    from server.documents import Unprintable
    from server.identity.store import IdentityStore

    if out.suffix.lower() not in (".pdf", ".epub"):
        fail(f"{out} is neither .pdf nor .epub")
    words = _preface(preface)
    began = time.perf_counter()

    async def made(database: Database) -> Any:
        if samples:
            return sample_book(year, library(await LawStore(database).texts()))
        store = IdentityStore(database)
        known = []
        for id_ in office or []:
            if (found := await store.office(id_)) is None:
                fail(f"there is no office {id_}")
            known.append(found)
        title = name or "、".join(one.name for one in known) or "市场监督管理局"
        zone = known[0].zone if known else "Asia/Shanghai"
        return await gather(database, year, title, office or None, words, zone)

    book = _with_database(data, made)
    if not book.parts:
        fail(f"no case was published in {year}; --samples prints those the program brings along")
    try:
        if out.suffix.lower() == ".epub":
            file = epub(book)
        else:
            file = YearbookRenderer().print(book, Size.PHONE if phone else Size.A4)
        out.write_bytes(file)
    except (OSError, Unprintable) as fault:
        fail(str(fault))
    report = {
        "file": str(out), "year": year, "cases": len(book.cases), "chapters": len(book.parts), "bytes": len(file),
        "seconds": round(time.perf_counter() - began, 2),
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{out}: {report['cases']} cases in {report['chapters']} chapters, {report['seconds']} s")


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="A dispute in words, or a citation.")],
    samples: Annotated[bool, typer.Option("--samples", help="With the samples the program brings.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Cases that answer it, best first, each with why."""
    from casebook.views import FoundCase
    from law.catalogue import Days
    from law.library import Library, library
    from server.casebook import case_index_store
    from server.casebook.case_index_store import CaseSearch as CaseFinder
    from server.db.engine import Database

    async def catalogue_alone() -> Library:
        return library()

    async def found(database: Database) -> list[FoundCase]:
        from casebook.search import Filters

        await case_index_store.complete(database)
        finder = CaseFinder(database, catalogue_alone)
        return list(
            await finder.find(" ".join(words), Filters(samples=samples), Days.both(datetime.now(UTC).date()), 10)
        )

    hits = _with_database(data, found)
    rows: list[dict[str, Any]] = [
        {
            "id": hit.case.id, "number": hit.case.number, "title": hit.case.title_zh, "title_en": hit.case.title_en,
            "score": hit.score, "why": [f"{reason.kind}:{reason.value}" for reason in hit.why],
        }
        for hit in hits
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"hits": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['title']}（{row['number']}）\n    {'  '.join(row['why'])}")
    if not rows:
        typer.echo("nothing found")


def _preface(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        if file.stat().st_size > _MOST_PREFACE_BYTES:
            fail(f"{file} has more than {_MOST_PREFACE_BYTES} bytes: that is no preface")
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"{file}: {fault}")


def _with_database(data: Path | None, work: Callable[[Any], Awaitable[Result]]) -> Result:
    from server.db.engine import Database

    settings = chosen({"data": data})
    if sentence := installation_absent(settings):
        fail(sentence)

    async def run() -> Result:
        database = Database(settings.database)
        try:
            await database.migrate()
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())
