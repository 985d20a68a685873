"""Published cases and samples, found by words or by a complaint: the index, and the search over it.

Owns `case_words`, `case_entries`, `case_terms`, `case_index_head`. A question's plan
(`casebook.search.plan`) is asked step by step until enough cases are found to rank. Which ones that are does
not depend on the engine: a step is a set, taken newest first; the ranking is Python's.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, delete, insert, literal, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casebook import STREAM, Case, collections, outcomes, stream
from casebook.file import fold, published
from casebook.search import (
    LONGEST_ACCOUNT,
    CaseQuestion,
    Filters,
    IndexSize,
    Ranked,
    Shares,
    alike,
    asked,
    collapsed,
    plan,
    ranked,
    wanted_tokens,
)
from casebook.search.entries import VERSION, IndexEntry, Listed, fen, listed_entry
from casebook.starter import PREFIX, starter
from casebook.views import ComplaintAccount, FoundCase, SimilarCases
from complaints.triage import Submission, class_shares
from journal import Event
from law import dictionary
from law.catalogue import Days, catalogue
from law.library import Library
from law.search import suggest
from rooms.events import TypicalLeaf
from rooms.session import Session
from server.casebook.store import case_of, published_cases
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import case_entries, case_index_head, case_terms, cases

NAME: Final = "case_words"
MOST_RANKED: Final = 240
"""Cases looked at for one question."""

_FIRST = date(1970, 1, 1)
_OF_A_DAY = 1 << 24
_KEPT: Final = ("id", "office", "sample", "industry", "problem", "event_date", "claimed", "settled", "days", "impacts")
_READ: Final = tuple(case_entries.c[field.name] for field in fields(IndexEntry))
_ARTICLES: Final = [field.name for field in fields(IndexEntry)].index("articles")
_BATCH = 500


class CaseEntries(StreamProjector):
    """Projects `case/…`: what is published is in the index, and nothing else."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        file = fold(await stream_events(connection, stream(id_)))
        await take_out(connection, id_)
        if file is not None and (case := published(id_, file)) is not None:
            await put(connection, [listed_entry(case, own=await _own_names(connection))])


def making() -> str:
    """What an index depends on beside the published cases."""
    said = "\n".join(f"{case.id} {case!r}" for case in starter().values())
    return f"{VERSION}-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


async def complete(database: Database) -> int:
    """Make the index anew when its rules or the samples have changed; how many cases, 0 when it was as it should be."""
    async with database.write() as connection:
        await database.alone(connection, "yuntiao.case_index")
        head = (await connection.execute(select(case_index_head.c.making))).scalar()
        if head == making():
            return 0
        return await rebuild(connection)


async def rebuild(connection: AsyncConnection) -> int:
    """All of it, from `cases` and the samples."""
    for table in (case_entries, case_terms, case_index_head):
        await connection.execute(delete(table))
    if _sqlite(connection):
        await connection.execute(text("INSERT INTO case_words (case_words) VALUES ('delete-all')"))
    else:
        await connection.execute(text("TRUNCATE case_words"))
    await connection.execute(insert(case_index_head).values(id=1, making=making(), cases=0))
    rows = (await connection.execute(select(cases).where(cases.c.state == "published"))).mappings()
    own = await _own_names(connection)
    known: list[Case] = [*starter().values(), *(case_of(row) for row in rows)]
    for at in range(0, len(known), _BATCH):
        await put(connection, [listed_entry(case, own=own) for case in known[at : at + _BATCH]])
    return len(known)


async def put(connection: AsyncConnection, every: Sequence[Listed]) -> None:
    """Cases that are not in it."""
    if not every:
        return
    rows, words = [], []
    counted: Counter[str] = Counter()
    for place, one in zip(await _places(connection, [one.entry for one in every]), every, strict=True):
        kept = {name: getattr(one.entry, name) for name in _KEPT}
        kept |= {"articles": " ".join(one.entry.articles), "tokens": " ".join(one.tokens)}
        rows.append({"place": place, **kept})
        words.append({"place": place, "words": _stored(connection, one.tokens)})
        counted.update(one.tokens)
    await connection.execute(insert(case_entries), rows)
    await connection.execute(text(_PUT[_sqlite(connection)]), words)
    await _count(connection, counted, len(every))


async def take_out(connection: AsyncConnection, id: str) -> None:
    """It need not be in it."""
    kept = select(case_entries.c.place, case_entries.c.tokens).where(case_entries.c.id == id)
    found = (await connection.execute(kept)).first()
    if found is None:
        return
    if _sqlite(connection):
        sql = "INSERT INTO case_words (case_words, rowid, words) VALUES ('delete', :place, :words)"
        await connection.execute(text(sql), {"place": found.place, "words": found.tokens})
    else:
        await connection.execute(text("DELETE FROM case_words WHERE place = :place"), {"place": found.place})
    await connection.execute(delete(case_entries).where(case_entries.c.id == id))
    await _count(connection, Counter(dict.fromkeys(found.tokens.split(), -1)), -1)


async def token_numbers(connection: AsyncConnection, tokens: Sequence[str]) -> IndexSize:
    having = select(case_terms.c.token, case_terms.c.cases).where(case_terms.c.token.in_(list(tokens)))
    whole = select(literal(""), case_index_head.c.cases)
    found = {token: count for token, count in await connection.execute(union_all(having, whole)) if count > 0}
    return IndexSize(found.pop("", 0), found)


async def candidates(
    connection: AsyncConnection, plan: Sequence[Sequence[Sequence[str]]], marks: Sequence[str], most: int = MOST_RANKED
) -> list[IndexEntry]:
    """Up to `most`, by the steps of a plan, of each the newest first; every one has all of `marks`.

    Wide steps are only asked when the narrow ones before them have not found enough.
    """
    steps = [[*step, *([mark] for mark in marks)] for step in plan if step or marks]
    narrow = next((at for at, step in enumerate(steps) if len(step) - len(marks) <= 1), len(steps))
    chosen: dict[int, None] = {}
    for part in (steps[:narrow], steps[narrow:]):
        if part and len(chosen) < most:
            chosen |= dict.fromkeys(await _chosen(connection, part, most))
    places = list(chosen)[:most]
    if not places:
        return []
    rows = await connection.execute(select(case_entries.c.place, *_READ).where(case_entries.c.place.in_(places)))
    found = {place: _entry(row) for place, *row in rows}
    return [found[place] for place in places]


async def _chosen(connection: AsyncConnection, steps: Sequence[Sequence[Sequence[str]]], most: int) -> list[int]:
    """Places, one statement."""
    sqlite = _sqlite(connection)
    asked = {f"asked{number}": _asked(sqlite, step) for number, step in enumerate(steps)}
    # Words are bound; only numbers are written into these.
    parts = " UNION ALL ".join(_STEP[sqlite].format(number=number) for number in range(len(steps)))
    found = await connection.execute(text(_CHOSEN.format(parts=parts)), {**asked, "most": most})
    return list(found.scalars())


async def newest(connection: AsyncConnection, marks: Sequence[str], most: int) -> list[IndexEntry]:
    """What happened last, first."""
    if marks:
        return await candidates(connection, [[]], marks, most)
    wanted = select(*_READ).order_by(case_entries.c.place.desc()).limit(most)
    return [_entry(row) for row in await connection.execute(wanted)]


def _asked(sqlite: bool, wanted: Sequence[Sequence[str]]) -> str:
    quote, both, one = ('"', " AND ", " OR ") if sqlite else ("'", " & ", " | ")
    return both.join(f"({one.join(f'{quote}{token}{quote}' for token in either)})" for either in wanted)


def _entry(row: Sequence[Any] | Row[Any]) -> IndexEntry:
    """Of `_READ`."""
    values = list(row)
    values[_ARTICLES] = tuple(values[_ARTICLES].split())
    return IndexEntry(*values)


async def _own_names(connection: AsyncConnection) -> dict[str, str]:
    """What offices' own topics are called. A name is never changed, and a topic is there before a case has it."""
    known = collections.fold_topics(await stream_events(connection, collections.TOPIC_STREAM))
    return {one.id: f"{one.zh} {one.en}" for one in known.values()}


async def _places(connection: AsyncConnection, entries: Sequence[IndexEntry]) -> list[int]:
    """Where each is to stand: by its day, and the next free place when another stands there."""
    found: list[int] = []
    for one in entries:
        within = int.from_bytes(hashlib.blake2s(one.id.encode(), digest_size=3).digest())
        found.append((one.event_date - _FIRST).days * _OF_A_DAY + within)
    taken: set[int] = set()
    for at in range(0, len(found), _BATCH):
        wanted = select(case_entries.c.place).where(case_entries.c.place.in_(found[at : at + _BATCH]))
        taken |= set((await connection.execute(wanted)).scalars())
    for at, place in enumerate(found):
        while place in taken:
            place += 1
            if (await connection.execute(select(case_entries.c.id).where(case_entries.c.place == place))).first():
                taken.add(place)
        taken.add(place)
        found[at] = place
    return found


async def _count(connection: AsyncConnection, counted: Counter[str], cases_more: int) -> None:
    rows = [{"token": token, "more": more} for token, more in sorted(counted.items())]
    sql = (
        "INSERT INTO case_terms (token, cases) VALUES (:token, :more) "
        "ON CONFLICT (token) DO UPDATE SET cases = case_terms.cases + excluded.cases"
    )
    await connection.execute(text(sql), rows)
    changed = await connection.execute(update(case_index_head).values(cases=case_index_head.c.cases + cases_more))
    if not changed.rowcount:  # before the first start of the program: `complete` makes it whole
        await connection.execute(insert(case_index_head).values(id=1, making="", cases=max(0, cases_more)))


_PUT: Final = {
    True: "INSERT INTO case_words (rowid, words) VALUES (:place, :words)",
    False: "INSERT INTO case_words (place, words) VALUES (:place, array_to_tsvector(CAST(:words AS text[])))",
}
_CHOSEN: Final = "SELECT place, min(step) AS step FROM ({parts}) AS every GROUP BY place ORDER BY 2, 1 DESC LIMIT :most"
_STEP: Final = {
    True: (
        "SELECT * FROM (SELECT {number} AS step, rowid AS place FROM case_words"
        " WHERE case_words MATCH :asked{number} ORDER BY rowid DESC LIMIT :most) AS found{number}"
    ),
    False: (
        "SELECT * FROM (SELECT {number} AS step, place FROM case_words"
        " WHERE words @@ CAST(:asked{number} AS tsquery) ORDER BY place DESC LIMIT :most) AS found{number}"
    ),
}


def _stored(connection: AsyncConnection, words: Sequence[str]) -> Any:
    return " ".join(words) if _sqlite(connection) else list(words)


def _sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"


def typed_question(library: Library, text: str, days: Days) -> CaseQuestion:
    """A question in a person's words; triage says how likely each class is, but not of a single word: 诚意金 is asked
    for by who sells cars too."""
    several = len(set(dictionary.cut(text[:200]))) > 1
    trades, problems = class_shares(Submission(title=text[:200])) if several else ({}, {})
    return asked(text, library, days, _likeliest(trades), _likeliest(problems))


def _likeliest(shares: Mapping[str, float]) -> Shares:
    return tuple(sorted(shares.items(), key=lambda one: (-one[1], one[0]))[:MOST_CLASSES])


MOST_CLASSES: Final = 8


def question_of_complaint(
    library: Library,
    title: str,
    request: str,
    facts: str,
    problem: str,
    industry: str,
    amount: Decimal | None,
    days: Days,
) -> CaseQuestion:
    """A complaint that looks for its like. `problem`, `industry`: codes, "" when nobody has said; then triage says how
    likely each is. `amount` in yuan."""
    by_words = ({}, {}) if problem and industry else class_shares(Submission(title, request, facts))
    trades = ((industry, 1.0),) if industry else _likeliest(by_words[0])
    problems = ((problem, 1.0),) if problem else _likeliest(by_words[1])
    account = "\n".join((title, request, facts[:LONGEST_ACCOUNT]))
    first = [next((code for code, share in shares if share >= _LIKELY), "") for shares in (problems, trades)]
    suggestions = suggest(library, account, first[0], first[1], days)
    best = suggestions[0].score if suggestions else 1.0
    implied = [(one.article.id, round(one.score / best, 3)) for one in suggestions]
    return alike(title, request, facts, implied, trades, problems, fen(amount))


_LIKELY: Final = 0.5  # share from which the law is asked about a class


NEAR: Final = 0.45
"""Of the best score: a case with less is not counted in the range of outcomes."""
MOST_COUNTED: Final = 30
MOST_LOOKED_AT: Final = 90
"""Of a search: near-copies among them are told of, not listed."""


class CaseSearch:
    """Published cases and samples found by words or by a complaint. Implements `CaseSearch`.

    Reads only: the index is `server.casebook.case_index_store`'s, the order `casebook.search`'s. Rooms ask it
    for the case a mediator wants to show.
    """

    def __init__(self, database: Database, library: Callable[[], Awaitable[Library]], samples: bool = False) -> None:
        """`library`: the law as it stands now.

        `samples`: a demo's, where samples are suggested, counted and shown to rooms like any other case."""
        self._database, self._library, self._samples = database, library, samples

    async def find(self, text: str, filters: Filters, days: Days, most: int) -> Sequence[FoundCase]:
        question = typed_question(await self._library(), text, days) if text.strip() else None
        if question:
            return await self._read(collapsed(await self._ranked(question, filters, MOST_LOOKED_AT), most))
        if text.strip():
            return []  # nothing but signs
        async with self._database.read() as connection:
            found = await newest(connection, filters.marks(), most)
        return await self._read([Ranked(entry, 0.0, ()) for entry in found])

    async def alike(self, account: ComplaintAccount, days: Days, most: int) -> SimilarCases:
        question = question_of_complaint(
            await self._library(),
            account.title,
            account.request,
            account.facts,
            account.problem,
            account.industry,
            account.amount,
            days,
        )
        found = await self._ranked(question, Filters(samples=self._samples), MOST_COUNTED) if question else []
        near = [one for one in found if one.score >= NEAR * found[0].score]
        return SimilarCases(await self._read(collapsed(near, most)), outcomes(one.entry for one in near))

    async def case(self, id: str) -> Case | None:
        if id.startswith(PREFIX):
            return starter().get(id)
        return next(iter(await published_cases(self._database, [id])), None)

    async def leaf(self, _session: Session, id: str) -> TypicalLeaf | None:
        """A case as a room is shown it."""
        case = await self.case(id)
        if case is None or (case.sample and not self._samples):
            return None
        return TypicalLeaf(
            case=case.id,
            number=case.number,
            title={"zh": case.title_zh, "en": case.title("en")},
            facts=case.facts,
            outcome=case.outcome,
            articles=[
                {language: catalogue()[article].citation(language) for language in ("zh", "en")}
                for article in case.articles
                if article in catalogue()
            ],
            sample=case.sample,
        )

    async def _ranked(self, question: CaseQuestion, filters: Filters, most: int) -> list[Ranked]:
        async with self._database.read() as connection:
            numbers = await token_numbers(connection, wanted_tokens(question))
            entries = await candidates(connection, plan(question, numbers), filters.marks())
        return ranked(question, entries, numbers, most)

    async def _read(self, found: Sequence[Ranked]) -> list[FoundCase]:
        own = [one.entry.id for one in found if not one.entry.id.startswith(PREFIX)]
        known = {case.id: case for case in await published_cases(self._database, own)} if own else {}
        cases = [(starter().get(one.entry.id) or known.get(one.entry.id), one) for one in found]
        return [FoundCase(case, one.score, one.why, one.alike) for case, one in cases if case is not None]
