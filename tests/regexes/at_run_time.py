"""Regular expressions that are made of data: each place that makes one, and what it is given there at its worst."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, cast

import casebook.search.entries
import law.search
from casebook.deidentifying import SEPARATORS, any_of, stand_ins, tagger
from complaints.triage import LISTS, finer_names, word_list
from complaints.triage.learned import signs
from recordings.evidence import package
from recordings.evidence.package import SHEETS
from recordings.transcripts import condensing

# Made of words that an office or a party chose: as they are, nasty and as long as they may be.
_NAMES: Final = ("王", "aaaa", "a" * 60, "((((", ".*.*", "（（（（", "啊啊啊啊啊啊啊啊", "\\d+\\d+", "一一一一")


def _lists() -> tuple[re.Pattern[str], ...]:
    lists = [word_list(name) for name in LISTS]
    expressions = [one for each in lists for several in each.patterns.values() for one, _ in several]
    finer = [name.said for names in finer_names().values() for name in names]
    return (*(one.finder for one in lists), *expressions, *finer)


def _vocabularies() -> Iterator[re.Pattern[str]]:
    yield law.search._vocabulary()
    yield casebook.search.entries._pattern()


def _endings() -> Iterator[re.Pattern[str]]:
    yield from tagger.ENDINGS.values()


def _literal() -> Iterator[re.Pattern[str]]:
    for name in _NAMES:
        yield re.compile(f"{SEPARATORS}{{0,2}}".join(re.escape(char) for char in name), re.IGNORECASE)


def _called_in_english() -> Iterator[re.Pattern[str]]:
    yield re.compile(rf"(?<!\w)(?:{any_of(map(re.escape, _NAMES))})(?!\w)")


def _words() -> Iterator[re.Pattern[str]]:
    for name in _NAMES:
        yield re.compile(re.escape(name))
        yield re.compile(rf"(?<![a-z0-9]){re.escape(name)}")


def _fillers() -> Iterator[re.Pattern[str]]:
    yield condensing._fillers()


def _condensing() -> Iterator[re.Pattern[str]]:
    for table in condensing._words().values():
        yield from (re.compile(one) for one in cast("list[str]", table.get("patterns", [])))


def _titled() -> Iterator[re.Pattern[str]]:
    for pattern, _ in package._titled({"王小云": "消费者"}):
        yield pattern


def _sheets() -> Iterator[re.Pattern[str]]:
    names = "|".join(SHEETS)
    yield re.compile(rf"“({names})”|\bin ({names})\b")


def _rules() -> Iterator[re.Pattern[str]]:
    """An administrator writes them, and what they are held to has 512 characters: those that the documents show."""
    for pattern in (r"/(?P<office>[^/]+)/mediators", r"zhoumin|wanglin", r"CN=(?P<office>[^,]+),OU=Groups,DC=bureau"):
        yield re.compile(pattern)


# By "module: the expression as it stands there".
MADE: Final[dict[str, Callable[[], Iterable[re.Pattern[str]]]]] = {
    "server.connections.sign_on: self.pattern": _rules,
    "law.search: '|'.join([*first, _branches(chinese)] if chinese else first)": _vocabularies,
    "law.search: f'(?<![a-z0-9]){re.escape(word)}'": _words,
    "complaints.triage: "
    "'|'.join((re.escape(word) for word in sorted(index, key=lambda word: (-len(word), word))))": _lists,
    "complaints.triage: one['re']": _lists,
    "complaints.triage.learned: '|'.join(expressions)": lambda: (
        one for part in signs() for sign in part for one in (sign.chinese, sign.english) if one
    ),
    "law.search: re.escape(piece)": _words,
    "casebook.deidentifying.tagger: any_of(word_list('weighed', kind))": _endings,
    "casebook.deidentifying.businesses: f'{SEPARATORS}{{0,2}}'.join((re.escape(char) for char in folded))": _literal,
    "casebook.deidentifying.stand_ins: f'(?<!\\\\w)(?:{any_of(map(re.escape, kinds))})(?!\\\\w)'": _called_in_english,
    "casebook.deidentifying.stand_ins: f'\\\\b(?:{any_of(endings.split())})(?![A-Za-z])'": lambda: (
        ending for _, ending in stand_ins.ENGLISH_ENDINGS
    ),
    "recordings.transcripts.condensing: one": _condensing,
    "recordings.transcripts.condensing: "
    "f'(?:(?<=[，,、。！？!? ])|^)(?:{some})(?:(?:{some})|[，,、 ])*(?=[\\\\w，,、])'": _fillers,
    "recordings.evidence.package: f'{surname}({_TITLES})|[老小]{surname}(?![\\\\u4e00-\\\\u9fff]?[路街])'": _titled,
    "recordings.evidence.package: re.escape(word)": _words,
    "complaints.insight.months: re.escape(term)": _words,
    "web.evidence: f'“({names})”|\\\\bin ({names})\\\\b'": _sheets,
}
