"""Every kind of page that tests render is kept once, and the validator says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment

from tests.suite.markup import Judging, Pages, refused

PAGE = '<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>{body}'


def page(body: str, title: str = "页") -> str:
    return PAGE.format(lang="zh-CN", title=title, body=body)


@pytest.fixture
def kept(tmp_path: Path) -> Pages:
    return Pages(tmp_path)


def test_a_kind_of_page_is_kept_once_and_another_state_of_it_too(kept: Pages) -> None:
    for body in ("<p>一", "<p>二", '<p class="meta">一', '<p>三<p id="a">', '<p id="a">四<p>'):
        kept.keep("office/one.html", page(body))
    assert len(list(kept.folder.iterdir())) == 3
    kept.keep("office/one.html", page('<p id="a">一<p id="a">'))
    assert len(list(kept.folder.iterdir())) == 4
    kept.keep("office/two.html", page("<p>一"))
    assert len(list(kept.folder.iterdir())) == 5


def test_what_a_template_makes_is_kept_when_it_is_a_whole_page(kept: Pages) -> None:
    with pytest.MonkeyPatch.context() as patch:
        kept.watch(patch)
        made = Environment(autoescape=True)
        made.from_string("<p>part").render()
        assert made.from_string(page("<h1>{{ x }}</h1>")).render(x="一") == page("<h1>一</h1>")
    [path] = kept.folder.iterdir()
    assert "test_what_a_template_makes" in path.read_text("utf-8")


@pytest.mark.nu
def test_the_validator_names_the_page_the_fault_and_the_test(kept: Pages) -> None:
    kept.keep("fine", page("<h1>一</h1><p>二</p>"))
    kept.keep("twice", page("<h1>一</h1><p id=a>二</p><p id=a>三</p>"))
    kept.keep("heading", page("<h1>一</h1><section><p>二</p></section>"))
    kept.keep("film", page('<h1>一</h1><video src="a.mp4" controlslist="nodownload" disablepictureinpicture></video>'))
    wrong = refused(kept.folder)
    assert {line.partition("-")[0] for line in wrong} == {"twice", "heading"}
    assert all("test_markup.py::test_the_validator_names" in line for line in wrong)
    assert any("Duplicate ID" in line for line in wrong)


@pytest.mark.nu
def test_pages_are_judged_beside_the_tests_that_make_others_each_of_them_once(kept: Pages, tmp_path: Path) -> None:
    found = []
    for name in ("first", "second"):
        kept.keep(name, page("<h1>一</h1><p id=a>二</p><p id=a>三</p>"))
        (away := tmp_path / f"{name}-away").mkdir()
        judging = Judging.of_those_there(kept.folder, away)
        assert judging is not None
        assert list(kept.folder.glob("*.html")) == []
        found.append(judging)
    assert [{line.partition("-")[0] for line in one.refused()} for one in found] == [{"first"}, {"second"}]
    assert Judging.of_those_there(kept.folder, tmp_path) is None
