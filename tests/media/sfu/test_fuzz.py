"""Damaged descriptions and packets raise the declared errors only. YUNTIAO_FUZZ=1000000 is the long form.

As many descriptions as that says, and ten times as many packets; `yuntiao bench fuzz --inputs …` is the same.
"""

from __future__ import annotations

import contextlib
import os
import random
import time

import pytest
from hypothesis import given, settings, strategies as st

from media.engine import BadDescription
from media.sfu import sdp
from media.sfu.native import NativeForwarder
from media.sfu.sdp import MAX_BYTES
from tests.tools.bench import fuzz
from tests.tools.bench.fuzz import Bench, Fuzzing
from tests.tools.bench.media import inputs

INPUTS = int(os.environ.get("YUNTIAO_FUZZ", "800"))
SEED = 20_261_125
MOST_SECONDS = 0.025  # of a description, whatever it is; reading one is a matter of tens of microseconds


async def test_damaged_inputs_raise_nothing_but_the_declared_errors(native: NativeForwarder | None) -> None:
    fuzzing = await fuzz.fuzz(INPUTS, SEED, native)
    assert fuzzing.findings == []
    figures = fuzzing.figures()
    assert figures["descriptions_count"] == INPUTS
    assert figures["packets_count"] == 10 * INPUTS
    assert 0.1 < figures["refused_descriptions_share"] < 0.9, "both ways are gone"


async def test_damaged_media_gets_past_the_first_gate(native: NativeForwarder | None) -> None:
    """Else the fuzzing above would only prove that libsrtp refuses noise."""
    fuzzing = Fuzzing(SEED)
    bench = await Bench.open(fuzzing._certificate, native)
    feed = fuzzing._feed("rtp", bench)
    for _ in range(1500):
        feed()[1]()
    streams = bench.publisher.tracks.values()
    assert {stream.source for stream in streams} >= {"mic", "screen"}
    assert sum(stream.received for stream in streams) > 300
    assert bench._endpoint.sent > 300
    bench.close()


async def test_a_fault_would_be_found_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(mem: memoryview, pos: int, end: int) -> bool:
        return mem[pos + 2] > 0

    monkeypatch.setattr(fuzz, "starts_key_frame", faulty)
    fuzzing = Fuzzing(SEED)
    await fuzzing.packets("vp8", 500)
    assert fuzzing.findings
    assert fuzzing.findings[0].startswith("vp8: IndexError")


def filled(line: str, most: int = MAX_BYTES) -> str:
    """An offer made as long as it may be with one kind of line."""
    base = "\r\n".join(inputs.OFFER) + "\r\n"
    return base + (line + "\r\n") * ((most - len(base)) // (len(line) + 2))


@pytest.mark.parametrize(
    "line",
    [
        "", "a", "a=", "x=", "a=x", "a=mid:9", "a=rtpmap:96 VP8/90000", "a=rtpmap:35 x/1", "a=fmtp:97 apt=96",
        "a=fmtp:63 111/111/111/111/111/111/111/111/111", "a=ssrc-group:FID 1 2", "a=extmap:4 urn:x", "a=rid:h send",
        "a=simulcast:send " + ";".join("h" * 40), f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}", "a=ice-ufrag:x",
        "a=" + "y" * 15_000, "a=fmtp:63 " + "111/" * 3000,
    ],
)  # fmt: skip
def test_the_longest_description_of_any_kind_of_line_is_read_in_a_moment(line: str) -> None:
    """So it may be read on the loop: at three a second and person nobody can hold up the others."""
    text, took = filled(line), []
    assert len(text) > MAX_BYTES - len(line) - 2
    for _ in range(3):
        began = time.thread_time()
        with contextlib.suppress(BadDescription):
            sdp.parse(text)
        took.append(time.thread_time() - began)
    assert min(took) < MOST_SECONDS


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 1 << 32))
def test_damage_is_the_same_for_the_same_seed(seed: int) -> None:
    one, other = random.Random(seed), random.Random(seed)
    assert inputs.description(one) == inputs.description(other)
    assert inputs.damaged(inputs.MEDIA[0], one) == inputs.damaged(inputs.MEDIA[0], other)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 40))
def test_damage_leaves_the_kept_part_alone(data: bytes, keep: int) -> None:
    assert inputs.damaged(data, random.Random(len(data)), keep)[:keep] == data[:keep]
