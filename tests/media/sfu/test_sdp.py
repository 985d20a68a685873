"""Session descriptions: what is read of a client's, what is refused, what is written."""

from __future__ import annotations

import contextlib
import random
from typing import get_args

import pytest
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.sdp import SessionDescription
from hypothesis import given, settings, strategies as st

from media.engine import BadDescription, DescriptionProblem
from media.sfu import sdp
from media.sfu.room import match_sources
from media.sfu.sdp import LocalDescription, SentTrack, Setup, parse
from media.sfu.stun import IceCredentials
from web import i18n

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)
LOCAL = LocalDescription(
    ["192.0.2.7", "2001:db8::7"],
    7000,
    IceCredentials("abcd", "p" * 32),
    RTCCertificate.generateCertificate().getFingerprints(),
)


def head(mid: str, kind: str = "audio", types: str = "111", ufrag: str = "wxyz") -> list[str]:
    return [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}",
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{ufrag}",
        "a=ice-pwd:0123456789012345678901",
        f"a=fingerprint:{FINGERPRINT}",
        "a=setup:actpass",
        f"a=mid:{mid}",
        "a=sendonly",
        "a=rtcp-mux",
    ]


MIC = [
    *head("0", types="111 63"),
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=rtpmap:111 opus/48000/2",
    "a=rtpmap:63 red/48000/2",
    "a=ssrc:1001 cname:x",
]
CAMERA = [
    *head("1", "video", "96 97 102"),
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "a=rtpmap:102 H264/90000",
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:97 rtx/90000",
    "a=rid:h send",
    "a=rid:l send",
    "a=simulcast:send h;l",
]
SCREEN = [
    *head("2", "video", "120 124"),
    "a=rtpmap:120 VP8/90000",
    "a=rtpmap:124 rtx/90000",
    "a=ssrc-group:FID 3001 3002",
    "a=ssrc:3001 cname:x",
    "a=ssrc:3002 cname:x",
]


def description(*sections: list[str]) -> str:
    mids = [line.removeprefix("a=mid:") for section in sections for line in section if line.startswith("a=mid:")]
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]
    return "\r\n".join([*lines, *(line for section in sections for line in section)]) + "\r\n"


OFFER = description(MIC, CAMERA, SCREEN)


def test_an_offer_tells_sources_layers_and_numbers() -> None:
    remote = parse(OFFER)
    mic, camera, screen = remote.sections
    assert (remote.ufrag, remote.setup, len(remote.fingerprints)) == ("wxyz", "actpass", 1)
    assert (mic.payload_type, mic.ssrcs, mic.extensions[sdp.LEVEL_URI]) == (111, {1001}, 1)
    assert (camera.payload_type, camera.rids, camera.ssrcs) == (96, ("h", "l"), set())
    assert (screen.payload_type, screen.ssrcs) == (120, {3001}), "what repairs is no stream of its own"
    assert all(line.sends for line in remote.sections)


def test_parameters_may_stand_at_session_level_as_firefox_writes_them() -> None:
    bare = [line for line in MIC if not line.startswith(("a=fingerprint", "a=setup", "a=ice"))]
    secret = "a=ice-ufrag:ffff\r\na=ice-pwd:0123456789abcdef012345"
    text = description(bare).replace("t=0 0", f"t=0 0\r\na=fingerprint:{FINGERPRINT}\r\na=setup:actpass\r\n{secret}")
    assert parse(text).ice == ("ffff", "0123456789abcdef012345")


def test_an_answer_accepts_what_was_named_and_keeps_its_order() -> None:
    text = sdp.answer(parse(OFFER), {"0": "mic", "1": "camera"}, LOCAL)
    ours = SessionDescription.parse(text)
    assert [(m.rtp.muxId, m.direction) for m in ours.media] == [("0", "recvonly"), ("1", "recvonly"), ("2", "inactive")]
    assert "a=ice-lite" in text
    assert "a=setup:passive" in text
    assert "a=simulcast:recv h;l" in text
    assert "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level" in text
    assert [(c.ip, c.port) for c in ours.media[0].ice_candidates] == [("192.0.2.7", 7000), ("2001:db8::7", 7000)]
    assert ours.media[0].ice_candidates[0].priority > ours.media[0].ice_candidates[1].priority


def test_a_line_without_a_usable_codec_is_refused_alone() -> None:
    data = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:3"]
    h264 = [*head("1", "video", "102"), "a=rtpmap:102 H264/90000"]
    text = sdp.answer(parse(description(MIC, h264, data)), {"0": "mic"}, LOCAL)
    assert "m=video 0 " in text
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in text
    assert "a=group:BUNDLE 0\r\n" in text


def test_an_offer_of_ours_names_the_media_ssrc_before_its_repair() -> None:
    streams = [SentTrack("audio", "p0", "p0-mic", 5), SentTrack("video", "p0", "p0-camera", 7, 8, active=False)]
    text = sdp.offer(streams, LOCAL, 3)
    ours = SessionDescription.parse(text)
    assert [(m.kind, m.rtp.muxId, m.direction) for m in ours.media] == [
        ("audio", "0", "sendonly"),
        ("video", "1", "inactive"),
    ]
    assert text.index("a=ssrc:7 ") < text.index("a=ssrc:8 ")
    assert "o=- 1 3 " in text


def test_an_answer_of_a_client_says_what_it_takes() -> None:
    taken = [line.replace("a=sendonly", "a=recvonly").replace("actpass", "active") for line in MIC]
    refused = [line.replace("m=video 9", "m=video 0").replace("actpass", "active") for line in SCREEN]
    remote = parse(description(taken, refused), answer=True)
    assert [line.receives for line in remote.sections] == [True, False]


def test_an_answer_may_refuse_a_line_in_one_line() -> None:
    """As pion writes it: nothing but the m-line (RFC 9429 5.3.1)."""
    taken = [line.replace("a=sendonly", "a=recvonly").replace("actpass", "passive") for line in MIC]
    remote = parse(description(taken, ["m=video 0 UDP/TLS/RTP/SAVPF 0"]), answer=True)
    assert [line.receives for line in remote.sections] == [True, False]
    assert remote.setup == "passive"


def test_a_line_that_is_offered_within_the_bundle_only_is_offered() -> None:
    """As GStreamer and Firefox write all lines but the first (RFC 8843 6)."""
    camera = [line.replace("m=video 9", "m=video 0") for line in CAMERA] + ["a=bundle-only"]
    remote = parse(description(MIC, camera))
    assert [line.sends for line in remote.sections] == [True, True]
    text = sdp.answer(remote, {"0": "mic", "1": "camera"}, LOCAL)
    assert [m.direction for m in SessionDescription.parse(text).media] == ["recvonly", "recvonly"]
    assert "m=video 9 " in text


def test_an_offer_of_one_line_needs_no_bundle_and_is_answered_without() -> None:
    alone = "\r\n".join(line for line in description(MIC).splitlines() if "BUNDLE" not in line)
    assert "BUNDLE" not in sdp.answer(parse(alone), {"0": "mic"}, LOCAL)


@pytest.mark.parametrize("setup", ["active", "passive"])
def test_an_answer_says_who_begins_the_handshake(setup: Setup) -> None:
    assert sdp.answer(parse(OFFER), {"0": "mic"}, LOCAL, setup).count(f"a=setup:{setup}\r\n") == 3


def altered(old: str, new: str) -> str:
    assert old in OFFER
    return OFFER.replace(old, new)


REFUSED: dict[str, tuple[str, DescriptionProblem, str]] = {
    "no role": (altered("a=setup:actpass\r\n", ""), "setup", "a=setup:"),
    "a role nobody has": (altered("actpass", "holdconn"), "setup", "a=setup:holdconn"),
    "no fingerprint": (altered(f"a=fingerprint:{FINGERPRINT}\r\n", ""), "fingerprint", "a=fingerprint:"),
    "a weak fingerprint": (altered("sha-256 AB:AB", "sha-1 AB:AB"), "fingerprint", "a=fingerprint:sha-1 AB:AB:AB"),
    "no ufrag": (altered("a=ice-ufrag:wxyz\r\n", ""), "ice", "a=ice-ufrag:"),
    "a short password, which is not repeated": (altered("0123456789012345678901", "secret"), "ice", "a=ice-pwd"),
    "a client that waits for checks as well": (altered("t=0 0", "t=0 0\r\na=ice-lite"), "ice_lite", "a=ice-lite"),
    "a connection for each line": (altered("a=group:BUNDLE 0 1 2\r\n", ""), "bundle", "a=group:BUNDLE"),
    "a line outside the bundle": (altered("BUNDLE 0 1 2", "BUNDLE 0 1"), "bundle", "a=group:BUNDLE 0 1"),
    "reports on a port of their own": (altered("a=rtcp-mux\r\n", ""), "rtcp_mux", "a=rtcp-mux"),
    "a mid with a space": (altered("a=mid:0\r", "a=mid:0 a\r"), "mid", "a=mid:0 a"),
    "one mid twice": (altered("a=mid:1\r", "a=mid:0\r"), "mid", "a=mid:0"),
    "an SSRC of five bytes": (altered("a=ssrc:1001", "a=ssrc:9999999999"), "ssrc", "a=ssrc:9999999999"),
    "layers without names": (altered("send h;l", "send h;" + "l" * 17), "simulcast", "a=simulcast:send h;lllll"),
    "an unreadable line": (altered("m=audio 9", "m=audio x"), "m_line", "m=audio x UDP/TLS/RTP/SAVPF 111 63"),
    "no line": ("v=0", "m_line", "m="),
    "too much": ("x" * 40_000, "too_large", "v=0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_names_the_line_and_what_is_wrong_with_it(name: str) -> None:
    text, problem, line = REFUSED[name]
    with pytest.raises(BadDescription) as refused:
        parse(text)
    assert refused.value.problem == problem
    assert refused.value.line.startswith(line)
    assert len(refused.value.line) <= 120


def test_an_answer_must_choose_a_role() -> None:
    with pytest.raises(BadDescription) as refused:
        parse(OFFER, answer=True)
    assert refused.value.params == {"problem": "setup", "line": "a=setup:actpass"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_has_a_sentence(language: str) -> None:
    words = i18n.catalog(language, "room")
    keys = {f"error.bad_description.{problem}" for problem in get_args(DescriptionProblem)}
    assert keys == {key for key in words if key.startswith("error.bad_description.")}
    assert {problem for _, problem, _ in REFUSED.values()} <= set(get_args(DescriptionProblem))


def test_sources_must_fit_the_lines_they_are_named_for() -> None:
    remote = parse(OFFER)
    assert [source for source, _ in match_sources(remote, {"0": "mic", "1": "camera", "2": "screen"}).values()] == [
        "mic",
        "camera",
        "screen",
    ]
    for sources in ({"0": "camera"}, {"7": "mic"}, {"1": "camera", "2": "camera"}, {"0": "ears"}):
        with pytest.raises(BadDescription):
            match_sources(remote, sources)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0",
        "x" * 40_000,
        "é" * 20_000,
        description(*[[*head(str(n)), "a=rtpmap:111 opus/48000/2"] for n in range(9)]),
        description([*MIC, *["a=candidate:1 1 udp 1 192.0.2.1 9 typ host"] * 65]),
        description([*MIC, *[f"a=ssrc:{n}" for n in range(100, 165)]]),
        description([*MIC, "a=ssrc:99999999999 cname:x"]),
        description([line for line in MIC if not line.startswith("a=mid")]),
        description(MIC, MIC),
        description([line.replace("a=mid:0", "a=mid:0 a") for line in MIC]),
        description([line for line in MIC if not line.startswith("a=fingerprint")]),
        description([line.replace("sha-256", "md5") for line in MIC]),
        description([line for line in MIC if not line.startswith("a=ice-ufrag")]),
        description(["m=audio x y z"]),
        OFFER.replace("send h;l", "send h;" + "l" * 17),
        None,
        17,
    ],
    ids=range(18),
)
def test_what_is_too_large_or_unusable_is_a_bad_description(text: str) -> None:
    with pytest.raises(BadDescription):
        parse(text)


def test_a_payload_type_that_looks_like_rtcp_is_not_taken() -> None:
    assert parse(description([*head("0", types="72"), "a=rtpmap:72 opus/48000/2"])).sections[0].payload_type == 0


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_mangled_offer_is_read_or_refused_and_nothing_else(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    text = list(OFFER)
    for _ in range(changes):
        at = chance.randrange(len(text))
        match chance.randrange(4):
            case 0:
                text[at] = chr(chance.choice([0, 10, 13, 32, 58, 61, 48, 255, 0x4E00, 0xDC00]))
            case 1:
                del text[at : at + chance.randrange(60)]
            case 2:
                text[at:at] = text[chance.randrange(len(text)) :][: chance.randrange(200)]
            case _:
                text[at:at] = str(chance.choice([0, -1, 1 << 31, 1 << 64, "a=", "m=", "a=ssrc:", "\n"]))
        text = text or ["v"]
    read_or_refused("".join(text))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400) | st.lists(st.sampled_from(OFFER.splitlines())).map("\n".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(text)


def read_or_refused(text: str) -> None:
    with contextlib.suppress(BadDescription):
        parse(text, answer=True)
    try:
        remote = parse(text)
        lines = match_sources(remote, {"0": "mic", "1": "camera"})
    except BadDescription:
        return
    ours = sdp.answer(remote, {mid: source for mid, (source, _) in lines.items()}, LOCAL)
    assert ours.count("\r\nm=") == len(remote.sections)
    assert "\r\n\r\n" not in ours
