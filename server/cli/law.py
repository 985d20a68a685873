"""`yuntiao law list`, `search`, `import` and `forget`: the articles at hand, and an office's official texts of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from server.cli.terminal import Data, Json, chosen, fail
from server.serving import installation_absent

if TYPE_CHECKING:
    from law.catalogue import Article
    from law.library import Library, OfficialText
    from server.complaints.office_store import LawStore

MOST_BYTES: Final = 8 * 1024 * 1024

app = typer.Typer(no_args_is_help=True, help="Articles of law: what is in the catalogue, and official texts.")
Result = TypeVar("Result")

_Day = Annotated[str, typer.Option("--on", help="The day asked about, YYYY-MM-DD; today by default.")]
_WHY: Final = {
    "empty": "nothing to read",
    "title": "its title is too long",
    "order": "its articles are not in order",
    "long": "an article is too long for one",
    "many": "it has more articles than a statute",
    "columns": "a column is missing: article and text are needed",
    "encoding": "it is neither UTF-8 nor GB18030",
    "shape": "it is neither JSON with articles, nor CSV, nor text with 第…条 headings",
}


@app.command("list")
def list_statutes(
    statute: Annotated[str, typer.Argument(help="Of this statute, its articles.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Statutes, or the articles of one."""
    shelf = _shelf(data)
    articles = [article for article in shelf.articles.values() if statute in ("", article.statute.id)]
    if not articles:
        fail(f"no statute {statute}; `yuntiao law list` names them")
    if statute:
        rows = [_row(shelf, article, _today()) for article in articles]
        _say(as_json, {"articles": rows}, [f"{row['id']:24} {row['citation']}  {row['gist']}" for row in rows])
        return
    rows = [
        {
            "id": id,
            "zh": of.zh,
            "en": of.en,
            "since": of.since.isoformat(),
            "articles": sum(each.statute.id == id for each in articles),
            "official_texts": sum(each.statute.id == id and each.id in shelf.texts for each in articles),
        }
        for id, of in {each.statute.id: each.statute for each in articles}.items()
    ]
    lines = [f"{row['id']:22} {row['articles']:4}  {row['zh']}（{row['since']}起）" for row in rows]
    _say(as_json, {"statutes": rows, "articles": len(articles)}, [*lines, f"{len(articles)} articles"])


@app.command("articles")
def articles() -> None:
    """How each article of the procedure is held, with the tests that show it: docs/law.md."""
    from law.compliance import markdown

    typer.echo(markdown(), nl=False)


@app.command("search")
def search(
    words: Annotated[list[str], typer.Argument(help="A dispute in words, or a citation.")],
    on: _Day = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Articles that answer it, best first."""
    from complaints.triage import law_search
    from law.catalogue import Days

    day = _day(on) if on else _today()
    shelf = _shelf(data)
    hits = law_search(shelf, " ".join(words), Days.both(day), 10)
    rows = [{**_row(shelf, hit.article, day), "score": hit.score, "why": list(hit.why)} for hit in hits]
    lines = [f"{row['citation']}{_standing(row)}\n    {row['gist'] or row['official'][:120]}" for row in rows]
    _say(as_json, {"on": day.isoformat(), "hits": rows}, lines or ["nothing found"])


@app.command("import")
def import_text(
    file: Annotated[Path, typer.Argument(help="JSON, CSV, Markdown or text with 第…条 headings; UTF-8 or GB18030.")],
    since: Annotated[str, typer.Option(help="First day of this wording, YYYY-MM-DD; known for known statutes.")] = "",
    until: Annotated[str, typer.Option(help="Its last day, when it is no longer in force.")] = "",
    statute: Annotated[str, typer.Option(help="Id of the statute, where its title does not say.")] = "",
    title: Annotated[str, typer.Option(help="Its name, where the file does not say.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take over the official wording of a statute, in place of an earlier import of the same edition.

    It is shown as official text beside the gist; articles the catalogue does not know are found by their words.
    """
    from law.catalogue import statutes
    from law.library import ArticleText as Text, known_statute, library

    text = _read(file)
    name = title or text.title
    of = statutes().get(statute) if statute else known_statute(name)
    if statute and of is None:
        fail(f"no statute {statute}; `yuntiao law list` names them")
    if of is None and not name:
        fail(f"{file} does not say which statute it is: give --title")
    if of is None and not since:
        fail(f"“{name}” is not in the catalogue: give --since, the first day of this wording")
    day = _day(since) if since else of.editions[-1].since if of else _today()
    last = _day(until) if until else of.until if of else None
    if last is not None and last < day:
        fail("its last day is before its first")
    id = of.id if of else own_id(name)
    wordings = [
        Text(id, of.zh if of else name, each.number, each.suffix, each.text, day, last, each.chapter)
        for each in text.articles
    ]
    before = _with_store(data, lambda store: store.replace(wordings, datetime.now(UTC)))
    beside = sum(wording.article in library().articles for wording in wordings)
    report = {
        "statute": id, "title": wordings[0].title, "since": day.isoformat(),
        "until": last.isoformat() if last else None, "articles": len(wordings),
        "beside_a_gist": beside, "replaced": before,
    }  # fmt: skip
    _say(
        as_json,
        report,
        [f"{report['title']} ({id}), in force since {day}: {len(wordings)} articles, {beside} beside a gist"],
    )


@app.command("forget")
def forget(
    statute: Annotated[str, typer.Argument(help="Its id.")],
    since: Annotated[str, typer.Argument(help="First day of the wording, YYYY-MM-DD.")],
    data: Data = None,
) -> None:
    """Remove an imported wording."""
    day = _day(since)
    gone = _with_store(data, lambda store: store.remove(statute, day))
    if not gone:
        fail(f"no wording of {statute} since {day} was imported")
    typer.echo(f"{gone} articles")


def own_id(title: str) -> str:
    """Of a statute the catalogue does not know: the same for the same name."""
    return "own-" + hashlib.sha256(title.encode()).hexdigest()[:12]


def _read(file: Path) -> OfficialText:
    from law.library import OfficialArticle, OfficialText
    from server.confinement import Declined, ReaderStopped
    from server.confinement.reader import read_now

    try:
        if file.stat().st_size > MOST_BYTES:
            fail(f"{file} has more than {MOST_BYTES} bytes: that is no statute")
        with file.open("rb") as opened:
            (frame,) = read_now("statute", opened).frames
    except OSError as fault:
        fail(str(fault))
    except Declined as no:
        fail(f"{file}: {_WHY[no.code]}" + (f" ({no.params['place']})" if no.params.get("place") else ""))
    except ReaderStopped:
        fail(f"{file}: reading it took more memory or time than any statute")
    title, articles = json.loads(frame)
    return OfficialText(title, tuple(OfficialArticle(*one) for one in articles))


def _row(shelf: Library, article: Article, day: date) -> dict[str, Any]:
    official = shelf.official(article.id, day)
    return {
        "id": article.id,
        "citation": article.citation("zh"),
        "citation_en": article.citation("en"),
        "gist": article.zh,
        "gist_en": article.en,
        "official": "" if official is None else official.text,
        "since": article.statute.since.isoformat(),
        "standing": article.statute.standing(day).value,
    }


def _standing(row: dict[str, Any]) -> str:
    return {"in_force": "", "not_yet": "  [not yet in force then]", "no_longer": "  [no longer in force then]"}[
        row["standing"]
    ]


async def _library(store: LawStore) -> Library:
    from law.library import library

    return library(await store.texts())


def _shelf(data: Path | None) -> Library:
    """What an installation's articles are; without one the catalogue alone."""
    from law.library import library

    settings = chosen({"data": data})
    return library() if installation_absent(settings) else _with_store(data, _library)


def _with_store(data: Path | None, work: Callable[[LawStore], Awaitable[Result]]) -> Result:
    settings = chosen({"data": data})
    if not settings.data.is_dir():
        fail(f"there is no data folder {settings.data}")

    async def run() -> Result:
        from server.complaints.office_store import LawStore
        from server.db.engine import Database

        database = Database(settings.database)
        try:
            await database.migrate()
            return await work(LawStore(database))
        finally:
            await database.close()

    return asyncio.run(run())


def _today() -> date:
    return datetime.now(UTC).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text} is no day; write YYYY-MM-DD")


def _say(as_json: bool, body: dict[str, Any], lines: list[str]) -> None:
    typer.echo(json.dumps(body, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))
