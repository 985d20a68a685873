"""The documents do not rot: settings are all named, links and paths lead somewhere, examples are true."""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from pathlib import Path

import pytest

from server.cli.serving import Benchmark
from server.evidence.log_keeper import SignerSettings
from server.identity.key_store import KeySettings
from server.serving.settings import SETTINGS_FILE, Settings
from tests import ROOT

DOCS = ROOT / "docs"
OPERATIONS = "\n".join(file.read_text() for file in (DOCS / "operations.md", *sorted(DOCS.glob("operations/*.md"))))
ARCHITECTURE = (DOCS / "architecture.md").read_text()
WRITTEN_SHORT = [(DOCS / f"{name}.md").read_text() for name in ("architecture", "features", "state", "security")]
PACKAGES = "journal|offices|law|complaints|casebook|rooms|media|recordings|signaling|web|server"


def test_operations_names_every_setting_and_no_other() -> None:
    named = set(re.findall(r"`YUNTIAO_([A-Z0-9_]+)`", OPERATIONS))
    assert named == {
        field.upper() for field in Settings.model_fields | SignerSettings.model_fields | KeySettings.model_fields
    } | {SETTINGS_FILE.removeprefix("YUNTIAO_")}


@pytest.mark.parametrize(
    ("field", "said"),
    [(name, said)
     for names, defaults in re.findall(r"^\| (`YUNTIAO_[^|]+) \| (`[^|]+`) \|", OPERATIONS, re.MULTILINE)
     for name, said in zip(re.findall(r"`YUNTIAO_(\w+)`", names), re.findall(r"`([^`]+)`", defaults), strict=True)
     if re.fullmatch(r"`[^`]+`(, `[^`]+`)*", defaults)],
)  # fmt: skip
def test_the_defaults_operations_tells_are_the_programs(field: str, said: str) -> None:
    default = (Settings.model_fields | KeySettings.model_fields)[field.lower()].default
    assert str(default).lower() == said.lower()


def test_the_signature_example_is_right() -> None:
    secret, timestamp, body = re.search(  # type: ignore[union-attr]
        r"With the secret `([^`]+)`, timestamp `(\d+)` and body `([^`]+)` it is", OPERATIONS
    ).groups()
    signature = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
    assert f"`sha256={signature}`" in OPERATIONS


@pytest.mark.parametrize("document", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    targets = [t.partition("#")[0] for t in re.findall(r"\]\(([^)]+)\)", text) if "://" not in t]
    assert [target for target in targets if target and not (document.parent / target).exists()] == []


@pytest.mark.parametrize(
    "document", [*sorted(DOCS.rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"], ids=lambda path: path.name
)
def test_modules_and_tests_that_documents_name_exist(document: Path) -> None:
    text = document.read_text()
    dotted = re.findall(rf"`((?:{PACKAGES})(?:\.\w+)+)`", text)
    assert [name for name in dotted if not _module(name)] == []
    paths = re.findall(rf"`((?:tests|{PACKAGES})/[\w/.]+\.(?:py|ts))`", text)
    assert [path for path in paths if not (ROOT / path).exists() and not (ROOT / "tests" / path).exists()] == []
    if "decisions" not in document.parts:  # which may tell of what was
        assert [name for name in re.findall(r"`(\w+\.(?:py|ts))`", text) if name not in _files()] == []


def test_modules_that_the_code_speaks_of_exist() -> None:
    gone = {
        f"{path.relative_to(ROOT)}: {name}"
        for package in (*PACKAGES.split("|"), "tests")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".c", ".h") and not {"node_modules", "versions"} & set(path.parts)
        for name in _spoken_of(path.suffix, path.read_text())
        if not _module(name)
    }
    assert gone == set()


def _spoken_of(suffix: str, text: str) -> list[str]:
    """Dotted names in backticks; in C what a comment names, which writes them without."""
    if suffix == ".py":
        return re.findall(rf"`((?:{PACKAGES})(?:\.\w+)+)`", text)
    return re.findall(rf"(?<![\w/.\"'-])((?:{PACKAGES})(?:\.\w+)+)(?![\w-])", text)


def test_what_the_architecture_names_in_short_stands_beside_what_it_names_before() -> None:
    """`.easel` after `server.rooms.exhibits.desk` is `server.rooms.exhibits.uploads`."""
    astray = []
    for part in re.split(r"\n\n|\n(?=\|)", "\n\n".join(WRITTEN_SHORT)):
        before = ""
        for whole, short in re.findall(rf"`(?:((?:{PACKAGES})(?:\.\w+)+)|(\.\w+))`", part):
            before = whole or before
            if short and before and not _module(before.rpartition(".")[0] + short) and not _module(before + short):
                astray.append(before + " " + short)
    assert astray == []


def test_every_package_and_benchmark_is_told_of() -> None:
    for package in PACKAGES.split("|"):
        assert re.search(rf"^{package} |\s{package}  ", ARCHITECTURE, re.MULTILINE), package
    assert "|".join(Benchmark) in (DOCS / "benchmarks.md").read_text()


@functools.cache
def _files() -> frozenset[str]:
    """What sources are called, without their folders."""
    folders = (*PACKAGES.split("|"), "tests")
    return frozenset(
        path.name
        for folder in folders
        for path in (ROOT / folder).rglob("*.[pt][ys]")
        if "node_modules" not in path.parts
    ) | {path.name for path in ROOT.glob("*.py")}


def _module(dotted: str) -> bool:
    """A module, a package, or a name defined in one."""
    names = dotted.split(".")
    for depth in range(len(names), 0, -1):
        home = ROOT.joinpath(*names[:depth])
        if depth == len(names) and (home.is_dir() or home.with_suffix(".py").is_file()):
            return True
        home = home.with_suffix(".py") if home.with_suffix(".py").is_file() else home / "__init__.py"
        if home.is_file():
            text = home.read_text()
            return all(re.search(rf"\b{name}\b", text) for name in names[depth:])
    return False
