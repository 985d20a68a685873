"""What a complaint is found by: the words of its file, the parts of its names and numbers, and marks for its filters.

A token is letters and digits only, so that every engine's index takes it as one; marks begin with `zz`. Chinese text is
segmented by jieba's dictionary; names, which no dictionary knows, are kept as every two neighbouring characters.
Change what `tokens` gives and the index must be made anew (`server.db.projections.rebuild`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from complaints.events import ComplaintRegistered
from law import dictionary

MOST_ASKED = 12  # words of one question
# No word of such text is written differently in the index.
_ORDINARY = re.compile(r"[\x00-@\[-\x7f\u00a5\u2010-\u206f\u3000-\u9fff\uff01-\uff20\uff3b-\uff65]*")
_COMMON = re.compile(r"[㐀-鿿]{2,}")
_ONE_WORD = re.compile(r"[A-Za-z1-9][A-Za-z0-9]*")
_RARE = re.compile("[\U00010000-\U0010ffff]")
_RUN = re.compile(r"[^\W_]+")
_CHINESE = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]+|[^㐀-鿿\U00020000-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class Token:
    """`prefix`: any token that begins so."""

    text: str
    prefix: bool = False


Wanted = Sequence[Sequence[Token]]
"""All of these, of each any one."""


def mark(kind: str, value: str) -> str:
    """The token of a filter's value; `value` may hold any characters."""
    return f"zz{kind}{value.encode().hex()}"


def tokens(record: ComplaintRegistered, numbers: Iterable[str] = (), marks: Iterable[str] = ()) -> list[str]:
    """Each once. `numbers`: whatever other numbers it is known by."""
    found = _told(record, marks)
    for source in record.sources:
        found += _once(source.number)
    for number in numbers:
        found += _parts(number)
    found += number_tokens(record.number)
    return list(dict.fromkeys(found))


def number_tokens(number: str) -> Sequence[str]:
    """The tokens of a complaint's own number, which come last: it may be given when the others are known."""
    head, bracket, serial = number.rpartition("〕")  # the same of all of a year
    return [*_parts(head), *_parted(serial)] if bracket else _parts(number)


def _once(number: str) -> Sequence[str]:
    """Of a number that one complaint has; remembering them pushes out what comes again."""
    return [number.lower()] if _ONE_WORD.fullmatch(number) else list(_parted(number))


def _told(record: ComplaintRegistered, marks: Iterable[str]) -> list[str]:
    """The tokens of all but numbers, some more than once."""
    names = (
        record.consumer.title,
        record.business.organisation,
        record.business.name,
        *(person.name for person in record.joint),
        record.object.brand,
        record.object.shop,
    )
    text = (
        record.title,
        "" if record.request is record.facts else record.request,  # often told as the facts
        record.facts,
        record.industry,
        record.problem,
        record.object.name,
        *record.keywords,
        *names,
    )
    told = [*marks, *_words(" ".join(filter(None, text)))]
    for name in filter(None, names):
        told += _pairs(name)
    return told


def wanted(question: str) -> Wanted:
    """What a person typed. One character, and the beginning of a number, stand for all that begins so."""
    asked: list[Sequence[Token]] = []
    for run in _RUN.findall(question.lower()):
        for part in _CHINESE.findall(run):
            if not _chinese(part):
                asked.append((Token(_plain(part), prefix=True),))
                continue
            for word in dictionary.cut(part):
                asked.extend(_asked(word))
    return asked[:MOST_ASKED]


def _asked(word: str) -> Iterable[Sequence[Token]]:
    if len(word) == 1:
        return ((Token(_plain(word), prefix=True),),)
    # A long word is found whole, or, in a name, by all its pairs.
    pairs = [pair for pair in _pairs(word) if len(pair) > 1 and pair != _plain(word)]
    return [(Token(_plain(word)), Token(pair)) for pair in pairs] or ((Token(_plain(word)),),)


def _words(text: str) -> Sequence[str]:
    words = [word for word in filter(str.isalnum, dictionary.cut_for_search(text)) if word[1:]]
    return words if _ORDINARY.fullmatch(text) else [_plain(word.lower()) for word in words]


@lru_cache(maxsize=4096)
def _pairs(name: str) -> Sequence[str]:
    return _twos(name) if _COMMON.fullmatch(name) else list(_paired(name))


def _paired(name: str) -> Iterable[str]:
    for run in _RUN.findall(name.lower()):
        for part in _CHINESE.findall(run):
            if not _chinese(part) or len(part) == 1:
                yield _plain(part)
            else:
                yield from map(_plain, _twos(part))


def _twos(part: str) -> list[str]:
    """The last one alone too, so that every character begins a token."""
    return [part[at : at + 2] for at in range(len(part))]


@lru_cache(maxsize=4096)
def _parts(number: str) -> Sequence[str]:
    return list(_parted(number))


def _parted(number: str) -> Iterable[str]:
    """东高一投〔2026〕0917号 is found by 东高一投, 2026, 0917 and 917."""
    for run in _RUN.findall(number.lower()):
        for part in _CHINESE.findall(run):
            if _chinese(part):
                yield _plain(part)
                yield from _pairs(part)
            else:
                yield _plain(part)
                if part.lstrip("0") != part and part.lstrip("0"):
                    yield part.lstrip("0")


def _chinese(part: str) -> bool:
    return part[0] >= "㐀"


def _plain(token: str) -> str:
    """Rare characters by their code: the tables of SQLite's tokenizer end where they begin."""
    if token.isascii() or not _RARE.search(token):
        return token
    return "".join(char if char <= "\uffff" else f"u{ord(char):x}" for char in token)


# A complaint's place: its position in the order of receipt, newest last, which lists and the word index share.


_SECOND = 1 << 20  # places within one second of receipt
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def place_of(complaint: str, received: datetime) -> int:
    """Where it stands when nothing stands there yet; the first place after it otherwise."""
    within = int.from_bytes(hashlib.blake2s(complaint.encode(), digest_size=3).digest()) % (_SECOND // 2)
    return first_place(received) + within


def first_place(received: datetime) -> int:
    """The least place of this moment."""
    return max(0, int((received - _FIRST).total_seconds())) * _SECOND
