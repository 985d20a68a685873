"""What is made once for many tests is what each would have made."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from tests.suite import cheap
from tests.suite.cheap import CompiledOnce


def environment(folder: Path, text: str) -> Environment:
    """As another process would make one."""
    return Environment(
        loader=DictLoader({"page.html": text}), bytecode_cache=CompiledOnce(str(folder)), autoescape=True
    )


def test_a_template_that_one_process_compiled_no_other_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = environment(tmp_path, "{{ name }} is here").get_template("page.html").render(name="<Zhou>")
    monkeypatch.delattr(Environment, "_generate")
    assert environment(tmp_path, "{{ name }} is here").get_template("page.html").render(name="<Zhou>") == said
    assert said == "&lt;Zhou&gt; is here"


def test_one_that_was_changed_is_compiled_anew(tmp_path: Path) -> None:
    before = environment(tmp_path, "{{ name }} is here")
    before.get_template("page.html")
    assert environment(tmp_path, "{{ name }} left").get_template("page.html").render(name="Zhou") == "Zhou left"


def test_each_of_a_tests_keys_is_another_and_a_process_makes_so_many() -> None:
    generated = cheap.keys()
    first, second = ([generated(65537, 1024).private_numbers() for _ in range(cheap.KEYS)] for _ in range(2))
    assert len({one.p for one in first}) == cheap.KEYS
    assert first == second
