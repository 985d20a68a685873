"""Models of a few hundred numbers in the form that sherpa-onnx reads, written by hand: where low sound is, SenseVoice's
stand-in says one word, where high sound is, another; Paraformer's says the same two words of anything, without times.

What they hear means nothing; that an engine loads, decodes and answers is real.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLANK, LOW, HIGH = "<blk>", "退", "款"
SENSE_TOKENS: Final = [BLANK, "<|zh|>", "<|NEUTRAL|>", "<|Speech|>", "<|woitn|>", LOW, HIGH]
PARA_TOKENS: Final = [BLANK, "<s>", "</s>", LOW, HIGH]
FEATURES, MEL, FRAMES = 560, 80, 7
_FLOAT, _INT32 = 1, 6  # as ONNX numbers its types


def sense_voice(folder: Path) -> Path:
    weights = np.zeros((FEATURES, len(SENSE_TOKENS)), np.float32)
    for frame in range(FRAMES):
        weights[frame * MEL : frame * MEL + 30, 5] = 1 / (30 * FRAMES)
        weights[frame * MEL + 50 : frame * MEL + MEL, 6] = 1 / (30 * FRAMES)
    bias = np.zeros(len(SENSE_TOKENS), np.float32)
    bias[:5] = [10, -100, -100, -100, -100]  # a stretch has to be as loud as that
    said_first = np.full((1, 4, len(SENSE_TOKENS)), -100, np.float32)
    said_first[0, range(4), range(1, 5)] = 100  # language, emotion, event, form
    graph = (
        _node("MatMul", ["x", "weights"], "weighed")
        + _node("Add", ["weighed", "bias"], "heard")
        + _node("Concat", ["first", "heard"], "logits", axis=1)
        + _field(2, b"tiny")
        + b"".join(_tensor(name, one) for name, one in (("weights", weights), ("bias", bias), ("first", said_first)))
        + _value(11, "x", _FLOAT, ("N", "T", FEATURES))
        + b"".join(_value(11, name, _INT32, ("N",)) for name in ("x_length", "language", "text_norm"))
        + _value(12, "logits", _FLOAT, ("N", "L", len(SENSE_TOKENS)))
    )
    languages = {f"lang_{name}": "0" for name in ("auto", "zh", "en", "ja", "ko", "yue")}
    return _written(folder, graph, SENSE_TOKENS, {"with_itn": "14", "without_itn": "15", **languages})


def paraformer(folder: Path) -> Path:
    logits = np.full((1, 2, len(PARA_TOKENS)), -100, np.float32)
    logits[0, [0, 1], [3, 4]] = 100
    graph = (
        _node("Identity", ["said"], "logits")
        + _node("Identity", ["two"], "token_num")
        + _field(2, b"tiny")
        + _tensor("said", logits)
        + _tensor("two", np.array([2], np.int32))
        + _value(11, "speech", _FLOAT, ("N", "T", FEATURES))
        + _value(11, "speech_lengths", _INT32, ("N",))
        + _value(12, "logits", _FLOAT, ("N", "L", len(PARA_TOKENS)))
        + _value(12, "token_num", _INT32, ("N",))
    )
    return _written(folder, graph, PARA_TOKENS, {})


def _written(folder: Path, graph: bytes, tokens: Sequence[str], more: Mapping[str, str]) -> Path:
    told = {
        "vocab_size": str(len(tokens)), "lfr_window_size": str(FRAMES), "lfr_window_shift": "6",
        "normalize_samples": "0", "neg_mean": ",".join(["0"] * FEATURES), "inv_stddev": ",".join(["1"] * FEATURES),
        **more,
    }  # fmt: skip
    model = _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13))
    model += b"".join(_field(14, _field(1, key.encode()) + _field(2, value.encode())) for key, value in told.items())
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model)
    (folder / "tokens.txt").write_text("".join(f"{token} {n}\n" for n, token in enumerate(tokens)), "utf-8")
    return folder


# ------------------------------------------------------------ ONNX is protocol buffers


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes([*made, number])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _node(kind: str, inputs: Sequence[str], output: str, axis: int | None = None) -> bytes:
    node = b"".join(_field(1, one.encode()) for one in inputs) + _field(2, output.encode()) + _field(4, kind.encode())
    if axis is not None:
        node += _field(5, _field(1, b"axis") + _number(3, axis) + _number(20, 2))
    return _field(1, node)


def _tensor(name: str, values: NDArray[np.float32] | NDArray[np.int32]) -> bytes:
    kind = _FLOAT if values.dtype == np.float32 else _INT32
    dims = b"".join(_number(1, one) for one in values.shape)
    return _field(5, dims + _number(2, kind) + _field(8, name.encode()) + _field(9, values.tobytes()))


def _value(field: int, name: str, kind: int, shape: Sequence[str | int]) -> bytes:
    dims = (_number(1, one) if isinstance(one, int) else _field(2, one.encode()) for one in shape)
    tensor = _number(1, kind) + _field(2, b"".join(_field(1, dim) for dim in dims))
    return _field(field, _field(1, name.encode()) + _field(2, _field(1, tensor)))
