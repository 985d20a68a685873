"""`yuntiao casebook …`: the book as a file, and cases by words, from a data folder."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from server.db.engine import Database


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A folder with a database in which nothing was published."""
    folder = tmp_path / "data"
    folder.mkdir()
    asyncio.run(_made(folder))
    return str(folder)


async def _made(folder: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder / 'yuntiao.db'}")
    await database.migrate()
    await database.close()


def run(*args: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["casebook", *args])
    assert done.exit_code == code, done.output
    return done.output


def test_a_book_is_printed_twice_alike_and_as_epub(data: str, tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one.pdf", "two.pdf", "three.epub"))
    report = json.loads(run("build", "--year", "2026", "--out", str(one), "--samples", "--data", data, "--json"))
    assert report["cases"] == 62
    run("build", "--year", "2026", "--out", str(two), "--samples", "--data", data)
    assert one.read_bytes() == two.read_bytes()
    run("build", "--year", "2026", "--out", str(three), "--samples", "--data", data)
    assert three.read_bytes().startswith(b"PK")


def test_what_cannot_be_printed_says_so_in_one_line(data: str, tmp_path: Path) -> None:
    file = str(tmp_path / "book.pdf")
    assert "no case was published in 2026" in run("build", "--year", "2026", "--out", file, "--data", data, code=2)
    assert "neither .pdf nor .epub" in run("build", "--year", "2026", "--out", "book.doc", "--data", data, code=2)
    assert "no office nowhere" in run(
        "build", "--year", "2026", "--out", file, "--office", "nowhere", "--data", data, code=2
    )
    assert "no installation" in run("build", "--year", "2026", "--out", file, "--data", str(tmp_path / "no"), code=2)


def test_cases_are_found_by_words(data: str) -> None:
    found = json.loads(run("search", "健身房跑路", "--samples", "--data", data, "--json"))
    assert found["hits"][0]["id"] == "sample-gym-closed"
    assert "word:健身房" in found["hits"][0]["why"]
    assert all(hit["number"].startswith("样例") for hit in found["hits"])
    assert json.loads(run("search", "健身房跑路", "--data", data, "--json")) == {"hits": []}, (
        "samples only when asked for"
    )
