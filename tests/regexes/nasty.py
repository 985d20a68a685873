"""Texts that make a regular expression work hard: derived from what it is made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import re._constants as c  # type: ignore[import-not-found]  # isort: skip
import re._parser as _parser  # type: ignore[import-not-found]  # isort: skip

LONG: Final = 20_000
# What people type, paste and send: letters, digits, spaces, full width, Chinese, brackets, quotes, marks.
GENERIC: Final = (
    "aZ09_ \t\n\r\u3000\u00a0４٣²中一零〇第条年月日号路市省公司店、，。：；！？·…—《》〈〉（）()【】[]{}〔〕“”‘’\"'"
    "@.,-+*/\\|#~=<>:;?!&%$￥¥元点\u0301\u200b\u2028\U00020000é\0\x7f"
)
_CATEGORIES: Final = {
    c.CATEGORY_DIGIT: "04４", c.CATEGORY_NOT_DIGIT: "x中-", c.CATEGORY_SPACE: " \n\u3000", c.CATEGORY_NOT_SPACE: "x中-",
    c.CATEGORY_WORD: "x0_中", c.CATEGORY_NOT_WORD: "- 。",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """A text of any length: how it begins, what it repeats, how it ends."""

    start: str
    again: str
    end: str

    def of(self, length: int, pattern: re.Pattern[Any]) -> Any:
        """The text, as the pattern's own kind (str or bytes)."""
        text = self.start + (self.again * (length // len(self.again) + 1))[:length] + self.end
        return text.encode("latin-1") if isinstance(pattern.pattern, bytes) else text


def shapes(pattern: re.Pattern[Any]) -> list[Shape]:
    """The shapes of text that may cost a pattern most."""
    flags = pattern.flags & ~re.DEBUG & ~(re.UNICODE if isinstance(pattern.pattern, bytes) else 0)
    tree = _parser.parse(pattern.pattern, flags)
    own = [char for char in dict.fromkeys(_characters(tree)) if isinstance(pattern.pattern, str) or ord(char) < 256]
    alphabet = _told_apart(pattern, tree, dict.fromkeys([*own, *_of_kind(pattern, GENERIC)]))
    samples = list(dict.fromkeys(one for one in _samples(tree) if one and len(one) <= 200))
    samples = [one for one in samples if isinstance(pattern.pattern, str) or one.isascii()][:30]
    pairs = ["".join(pair) for pair in product(alphabet[:9], repeat=2) if pair[0] != pair[1]]
    found = [Shape("", again, end) for again in [*alphabet, *samples] for end in ("", "\0")]
    found += [Shape("", again, "\0") for again in [*pairs, *_of_kind(pattern, GENERIC)]]
    found += [Shape(start, again, "\0") for start in samples[:12] for again in alphabet[:9]]
    # What begins as it wants and goes on again and again, with something between.
    found += [Shape("", start + between, "") for start in samples[:12] for between in alphabet[:6]]
    found = list(dict.fromkeys(found))
    return found[::4] if len(pattern.pattern) > 2_000 else found  # a list of words: one is like another


def _of_kind(pattern: re.Pattern[Any], chars: str) -> list[str]:
    return [char for char in chars if isinstance(pattern.pattern, str) or ord(char) < 256]


def _told_apart(pattern: re.Pattern[Any], tree: Any, chars: Any) -> list[str]:
    """One character of each class that the pattern's atoms cannot tell apart."""
    atoms = list(dict.fromkeys(_atoms(tree)))
    classes: dict[tuple[bool, ...], str] = {}
    for char in chars:
        classes.setdefault(tuple(_meets(atom, char, pattern.flags) for atom in atoms), char)
    return list(classes.values())[:40]


def _atoms(tree: Any) -> Iterator[Any]:
    for op, argument in tree:
        if op in (c.LITERAL, c.NOT_LITERAL):
            yield (op, argument)
        elif op is c.IN:
            yield (op, tuple(argument))
        elif op is c.ANY:
            yield (op, None)
        else:
            for branch in _below(op, argument):
                yield from _atoms(branch)


def _below(op: Any, argument: Any) -> list[Any]:
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        return [argument[2]]
    if op is c.SUBPATTERN:
        return [argument[3]]
    if op is c.BRANCH:
        return list(argument[1])
    if op in (c.ASSERT, c.ASSERT_NOT):
        return [argument[1]]
    if op is c.ATOMIC_GROUP:
        return [argument]
    if op is c.GROUPREF_EXISTS:
        return [one for one in argument[1:] if one]
    return []


def _meets(atom: Any, char: str, flags: int) -> bool:
    op, argument = atom
    code = ord(char)
    if op is c.ANY:
        return char != "\n" or bool(flags & re.DOTALL)
    if op is c.LITERAL:
        return code == argument or (bool(flags & re.IGNORECASE) and char.lower() == chr(argument).lower())
    if op is c.NOT_LITERAL:
        return bool(code != argument)
    negated, held = False, False
    for kind, value in argument:
        if kind is c.NEGATE:
            negated = True
        elif kind is c.LITERAL:
            held |= code == value
        elif kind is c.RANGE:
            held |= value[0] <= code <= value[1]
        elif kind is c.CATEGORY:
            held |= _in_category(value, char)
    return held != negated


def _in_category(value: Any, char: str) -> bool:
    digit, space, word = char.isdigit(), char.isspace(), char.isalnum() or char == "_"
    return {
        c.CATEGORY_DIGIT: digit, c.CATEGORY_NOT_DIGIT: not digit, c.CATEGORY_SPACE: space,
        c.CATEGORY_NOT_SPACE: not space, c.CATEGORY_WORD: word, c.CATEGORY_NOT_WORD: not word,
    }[value]  # fmt: skip


def _characters(tree: Any) -> Iterator[str]:
    """Yields characters that the pattern's atoms mention."""
    for op, argument in _atoms(tree):
        if op is c.LITERAL or op is c.NOT_LITERAL:
            yield chr(argument)
        elif op is c.IN:
            for kind, value in argument:
                if kind is c.LITERAL:
                    yield chr(value)
                elif kind is c.RANGE:
                    yield from (chr(value[0]), chr((value[0] + value[1]) // 2))
                elif kind is c.CATEGORY:
                    yield from _CATEGORIES[value]


def _samples(tree: Any) -> Iterator[str]:
    """Yields what each beginning of each sequence in the pattern would match."""
    made = ""
    for op, argument in tree:
        made += _example(op, argument)
        yield made
        for branch in _below(op, argument):
            yield from _samples(branch)


def _example(op: Any, argument: Any) -> str:
    if op is c.LITERAL:
        return chr(int(argument))
    if op is c.NOT_LITERAL:
        return "x" if argument != ord("x") else "y"
    if op is c.ANY:
        return "x"
    if op is c.IN:
        found: str = next((char for char in _in_characters(argument) if _meets((op, argument), char, 0)), "")
        return found
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        return _sequence(argument[2]) * min(max(1, int(argument[0])), 40)
    if op is c.SUBPATTERN:
        return _sequence(argument[3])
    if op is c.BRANCH:
        return _sequence(argument[1][0])
    if op is c.ATOMIC_GROUP:
        return _sequence(argument)
    return ""


def _in_characters(argument: Any) -> Iterator[str]:
    yield from _characters([(c.IN, argument)])
    yield from "x中0 -。"


def _sequence(tree: Any) -> str:
    return "".join(_example(op, argument) for op, argument in tree)


def digits_of_any_script(pattern: re.Pattern[str]) -> bool:
    r"""True where `\d` or `\D` of the pattern goes beyond ASCII."""
    if pattern.flags & re.ASCII:
        return False
    atoms = _atoms(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    return any(
        kind is c.CATEGORY and value in (c.CATEGORY_DIGIT, c.CATEGORY_NOT_DIGIT)
        for op, argument in atoms
        if op is c.IN
        for kind, value in argument
    )
