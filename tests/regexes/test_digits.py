"""A number that is a key has ASCII digits: what a Chinese keyboard types is made so, other scripts' are refused."""

from __future__ import annotations

import ast
from decimal import Decimal
from typing import Final

import pytest

from complaints import BadCode, BadPhone
from complaints.channels import BadCell, cells
from complaints.channels.cells import day
from complaints.record.identifiers import credit_code, normal_phone, resident_check, resident_number
from journal.numbers import digits_in, is_number, narrow
from law.library import number_of
from tests.regexes import patterns
from tests.regexes.nasty import digits_of_any_script
from web.http.forms import BAD_AMOUNT, BAD_PHONE, Form

# Where more than ASCII is meant to be met, and why.
MAY: Final = {
    "casebook.deidentifying": "hides numbers: the more scripts it knows, the less shows",
    "complaints.record": "hides numbers",
    "recordings.evidence.package": "hides numbers",
    "complaints.insight.respondents": "whether an address names a door; compared with nothing",
    "casebook.search": "whether a word is one",
    "server.serving.jobs.runner": "bytes know ASCII only",
}
FULL = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def test_no_expression_takes_the_digits_of_other_scripts_for_digits() -> None:
    loose = {
        use.where: use.pattern.pattern
        for use in patterns.found().uses
        if isinstance(use.pattern.pattern, str) and digits_of_any_script(use.pattern)
    }
    assert not {where: pattern for where, pattern in loose.items() if not where.startswith(tuple(MAY))}


def test_nothing_asks_whether_a_text_is_digits_without_asking_whether_it_is_ascii() -> None:
    loose = []
    for module, tree in patterns.trees("isdigit", "isdecimal", "isnumeric"):
        if module.__name__.startswith((*MAY, "journal.numbers")):
            continue
        ascii_near = {
            id(value.func)
            for node in ast.walk(tree)
            if isinstance(node, ast.BoolOp) and ".isascii()" in ast.unparse(node)
            for value in ast.walk(node)
            if isinstance(value, ast.Call)
        }
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="isdigit" | "isdecimal" | "isnumeric" as asked) as func) if (
                    id(func) not in ascii_near
                ):
                    loose.append(f"{module.__name__}:{node.lineno} {asked}")
    assert loose == []


@pytest.mark.parametrize("typed", ["13800138000", "１３８００１３８０００", "＋８６　１３８００１３８０００"])
def test_the_same_phone_typed_in_full_width_is_the_same_key(typed: str) -> None:
    assert normal_phone(typed) == "13800138000"


@pytest.mark.parametrize("digits", ["1380013800٠", "1380013800²", "1380013800०"])
def test_digits_of_other_scripts_are_no_phone_number(digits: str) -> None:
    with pytest.raises(BadPhone):
        normal_phone(digits)
    with pytest.raises(BadCell):
        cells.phones(digits)


def test_forms_take_full_width_and_say_no_to_other_scripts() -> None:
    form = Form({"phone": "０２７－８７６５４３２１", "amount": "￥１，２３４．５０"})
    assert form.phone("phone") == "02787654321"
    form.values["amount"] = "１，２３４．５０"
    assert form.amount("amount") == Decimal("1234.50")
    form = Form({"phone": "١٣٨٠٠١٣٨٠٠٠", "amount": "١٢٣"})
    form.phone("phone")
    form.amount("amount")
    assert form.errors == {"phone": BAD_PHONE, "amount": BAD_AMOUNT}


def test_codes_of_organisations_and_people_are_one_key_in_either_width() -> None:
    number = "110101199003070038"
    number = number[:17] + resident_check(number[:17])
    assert resident_number(number.translate(FULL)) == number
    with pytest.raises(BadCode):
        resident_number(number.translate(ARABIC))
    with pytest.raises(BadCode):
        credit_code("٩١٤٢٠١٠٠MA4KXXXX3X")


def test_an_import_reads_full_width_and_refuses_other_scripts() -> None:
    assert cells.phones("１３８００１３８０００、１３９００１３９０００") == ("13800138000", "13900139000")
    assert cells.amount("１２３．５元") == Decimal("123.50")
    assert day("２０２６年３月１日", "Asia/Shanghai") == day("2026-03-01", "Asia/Shanghai")
    for read in (cells.amount, lambda cell: day(cell, "Asia/Shanghai")):
        with pytest.raises(BadCell):
            read("٢٠٢٦-٠٣-٠١")


def test_a_one_time_code_typed_in_full_width_is_the_code() -> None:
    assert digits_in("１２３ ４５６") == "123456"
    assert digits_in("١٢٣٤٥٦") == ""


def test_articles_are_found_by_their_number_in_either_width() -> None:
    assert number_of("５３") == number_of("53") == number_of("五十三")
    with pytest.raises(ValueError, match="٥٣"):
        number_of("٥٣")


@pytest.mark.parametrize("text", ["²", "٣", "①", "", "1²", "１"])
def test_what_python_calls_a_digit_is_not_always_a_number(text: str) -> None:
    assert not is_number(text)


def test_narrowing_leaves_what_is_no_full_width_alone() -> None:
    assert narrow("第５条，ＡＢ　cd²٣") == "第5条,AB cd²٣"
