"""The other side of `server.confinement.reader`: reads a call, answers it, until its input ends."""

from __future__ import annotations

import json
import os
import struct
import sys
from dataclasses import astuple
from decimal import Decimal
from typing import Any, BinaryIO

from casebook import NOTHING, Known
from casebook.deidentifying.looking import look, residue


def main(calls: BinaryIO, answers: BinaryIO) -> None:
    """Each way: four bytes, the length, then JSON."""
    while len(head := calls.read(4)) == 4:
        (size,) = struct.unpack(">I", head)
        answer = json.dumps(answered(json.loads(calls.read(size)))).encode()
        answers.write(struct.pack(">I", len(answer)) + answer)
        answers.flush()


def answered(call: dict[str, Any]) -> dict[str, Any]:
    """What `call` asks for, as JSON takes it."""
    texts: dict[str, str] = call["texts"]
    if call["work"] == "residue":
        return {name: residue(text) for name, text in texts.items()}
    return {name: [astuple(span) for span in spans] for name, spans in look(texts, _known(call["known"])).items()}


def _known(told: dict[str, list[str]] | None) -> Known:
    if told is None:
        return NOTHING
    return Known(
        tuple(told["people"]),
        tuple(told["organisations"]),
        tuple(told["addresses"]),
        tuple(told["others"]),
        tuple(Decimal(amount) for amount in told["amounts"]),
    )


if __name__ == "__main__":
    os.nice(5)  # rooms and pages first
    main(sys.stdin.buffer, os.fdopen(sys.stdout.fileno(), "wb", closefd=False))  # buffered even where stdout is not
