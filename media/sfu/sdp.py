"""Session descriptions (SDP, RFC 8866, RFC 8829) of an ICE-lite SFU: reading the client's, writing our own.

The reader has hard limits, takes linear time and raises nothing but BadDescription (ASVS 17.3.1), which names the line
at fault. The writer says what aiortc's cannot: ice-lite, simulcast and a fixed port.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aiortc.rtcdtlstransport import RTCDtlsFingerprint

from media.engine import BadDescription, Source
from media.sfu.stun import IceCredentials

MAX_BYTES = 32_768
MAX_SECTIONS = 8  # of a publisher's offer; an answer may have as many as we offered
MAX_SSRCS = 64
MAX_CANDIDATES = 64
MAX_LAYERS = 2
MAX_FINGERPRINTS = 4
DISCARD_PORT = 9  # where a candidate says the port (RFC 9429 5.2.1)

OPUS, VP8, VP8_RTX = 111, 96, 97  # payload types of our own offers
RED_BIT = 0x10  # turns the payload type of Opus into that of RED, so that a fan-out can send both
RED = OPUS | RED_BIT
ABS_SEND_TIME_ID = 2
MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID_URI = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
KNOWN_EXTENSIONS = (MID_URI, RID_URI, REPAIRED_RID_URI, LEVEL_URI, ABS_SEND_TIME_URI)

Setup = Literal["actpass", "active", "passive"]
KIND: dict[Source, Literal["audio", "video"]] = {"mic": "audio", "camera": "video", "screen": "video"}
CODEC = {"audio": "opus/48000/2", "video": "vp8/90000"}
VIDEO_FEEDBACK = ("nack", "nack pli", "goog-remb")

_MEDIA = re.compile(r"([a-z]{1,16}) (\d{1,5}) ([A-Za-z/]{1,32}) ([\w-]{1,32})(?: [\w-]{1,32})*", re.ASCII)
_MID = re.compile(r"[!#-'*+\-.0-9A-Z^-~]{1,32}")  # a token (RFC 8866 9)
_PASSWORD = re.compile(r"[!-~]{22,256}")  # RFC 8839 5.4
_UFRAG = re.compile(r"[!-~]{1,256}")
_FINGERPRINT = re.compile(r"(sha-256|sha-384|sha-512) ([0-9A-F]{2}(?::[0-9A-F]{2}){31,63})", re.IGNORECASE)
_RTPMAP = re.compile(r"(\d{1,3}) ([\w/.-]{1,64})", re.ASCII)
_APT = re.compile(r"(\d{1,3}) apt=(\d{1,3})(?![\d])", re.ASCII)
_RED = re.compile(r"(\d{1,3}) (\d{1,3})/\2(?:/\2)*", re.ASCII)
_EXTMAP = re.compile(r"(\d{1,3})(?:/\w+)? (\S{1,200})", re.ASCII)
_SSRC = re.compile(r"(\d{1,20})\b", re.ASCII)
_FID = re.compile(r"FID (\d{1,10}) (\d{1,10})", re.ASCII)
_SIMULCAST = re.compile(r"send ([\w;~,-]{1,100})\b", re.ASCII)
_RID = re.compile(r"[\w-]{1,16}", re.ASCII)


@dataclass(slots=True)
class MediaSection:
    """What the SFU needs of a media section ("m=" line) of a client's description."""

    kind: str
    port: int
    protocol: str
    format: str
    mid: str = ""
    direction: str = "sendrecv"
    payload_type: int = 0  # of Opus or VP8; 0: offers neither
    rtx_type: int = 0  # payload type of RTX (video)
    red_type: int = 0  # payload type of RED (audio)
    extensions: dict[str, int] = field(default_factory=dict)  # URI -> id
    ssrcs: set[int] = field(default_factory=set)
    repairs: dict[int, int] = field(default_factory=dict)  # SSRC of RTX -> SSRC of what it repeats
    rids: tuple[str, ...] = ()  # simulcast layers, best first

    @property
    def sends(self) -> bool:
        return self.port != 0 and self.payload_type != 0 and self.direction in ("sendrecv", "sendonly")

    @property
    def receives(self) -> bool:
        return self.port != 0 and self.direction in ("sendrecv", "recvonly")


@dataclass(frozen=True, slots=True)
class RemoteDescription:
    """A client's description."""

    ufrag: str
    setup: Setup
    fingerprints: tuple[RTCDtlsFingerprint, ...]
    sections: tuple[MediaSection, ...]
    password: str = ""  # ice-pwd
    bundle: frozenset[str] = frozenset()  # mids

    @property
    def ice(self) -> tuple[str, str]:
        """ICE ufrag and password, with which the client's consent is checked."""
        return self.ufrag, self.password

    @property
    def identity(self) -> frozenset[tuple[str, str]]:
        """The DTLS fingerprints: equal after an ICE restart, different for another connection."""
        return frozenset((f.algorithm, f.value) for f in self.fingerprints)


@dataclass(frozen=True, slots=True)
class LocalDescription:
    """Our side of the transport, as every description of ours states it."""

    addresses: Sequence[str]
    port: int
    credentials: IceCredentials
    fingerprints: Sequence[RTCDtlsFingerprint]

    def lines(self, setup: Setup) -> list[str]:
        candidates = [
            f"a=candidate:{n} 1 udp {(126 << 24 | (65535 - n) << 8 | 255)} {host} {self.port} typ host"
            for n, host in enumerate(self.addresses, 1)
        ]
        prints = [f"a=fingerprint:{f.algorithm} {f.value}" for f in self.fingerprints if f.algorithm == "sha-256"]
        return [
            f"a=ice-ufrag:{self.credentials.ufrag}",
            f"a=ice-pwd:{self.credentials.password}",
            *prints,
            f"a=setup:{setup}",
            *candidates,
            "a=end-of-candidates",
        ]


@dataclass(slots=True)
class SentTrack:
    """A media section of our offers: a track that we send, or have stopped sending."""

    kind: Literal["audio", "video"]
    stream_id: str  # of the MediaStream: its tracks are synchronised
    track_id: str
    ssrc: int
    rtx_ssrc: int = 0
    active: bool = True


def parse(text: str, most_lines: int = MAX_SECTIONS, *, answer: bool = False) -> RemoteDescription:
    """Read a client's offer, or its answer. Raises BadDescription."""
    _check_size(text, most_lines)
    session: dict[str, list[str]] = {}
    sections: list[tuple[MediaSection, dict[str, list[str]]]] = []
    attributes = session
    for raw in text.split("\n"):
        if raw[:2] == "a=":
            name, _, content = raw[2:].rstrip("\r").partition(":")
            attributes.setdefault(name, []).append(content)
        elif raw[:2] == "m=":
            value = raw[2:].rstrip("\r")
            match = _MEDIA.fullmatch(value)
            if match is None:
                raise BadDescription("m_line", f"m={value}")
            attributes = {}
            sections.append((MediaSection(match[1], int(match[2]), match[3], match[4]), attributes))
    if not sections:
        raise BadDescription("m_line", "m=")
    if "ice-lite" in session:
        raise BadDescription("ice_lite", "a=ice-lite")  # one side has to send checks
    for section, own in sections:
        if not answer and "bundle-only" in own:
            section.port = section.port or DISCARD_PORT  # offered all the same (RFC 8843 6)
        _read_section(section, session, own)
    mids = [section.mid for section, _ in sections if section.mid]
    if repeated := next((mid for n, mid in enumerate(mids) if mid in mids[:n]), ""):
        raise BadDescription("mid", f"a=mid:{repeated}")
    if sum(len(section.ssrcs) for section, _ in sections) > MAX_SSRCS:
        raise BadDescription("too_large", "a=ssrc")
    tagged = next((own for section, own in sections if section.port), sections[0][1])
    ufrag, password, fingerprints = _transport(session, tagged)
    return RemoteDescription(
        ufrag,
        _setup(session, tagged, answer),
        fingerprints,
        tuple(section for section, _ in sections),
        password,
        _bundle(session, [section for section, _ in sections]),
    )


def _check_size(text: str, most_lines: int) -> None:
    """Refuse a description that is too large, before parsing it."""
    if not isinstance(text, str) or len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise BadDescription("too_large", "v=0")
    bounded = "\n" + text
    if bounded.count("\nm=") > most_lines:
        raise BadDescription("too_large", "m=")
    if bounded.count("\na=candidate:") > MAX_CANDIDATES:
        raise BadDescription("too_large", "a=candidate")
    if bounded.count("\na=ssrc:") > 4 * MAX_SSRCS:  # up to four attributes each are usual
        raise BadDescription("too_large", "a=ssrc")


def _read_section(section: MediaSection, session: Mapping[str, list[str]], own: Mapping[str, list[str]]) -> None:
    mid = own.get("mid", [""])[0]
    if not _MID.fullmatch(mid) and (mid or section.port):  # who refuses a section need not name it (RFC 9429 5.3.1)
        raise BadDescription("mid", f"a=mid:{mid}")
    section.mid = mid
    for direction in ("sendrecv", "sendonly", "recvonly", "inactive"):
        if direction in own or direction in session:
            section.direction = direction
            if direction in own:
                break
    _read_codecs(section, own)
    for content in own.get("extmap", ()):
        if (match := _EXTMAP.match(content)) and match[2] in KNOWN_EXTENSIONS and 1 <= int(match[1]) <= 14:
            section.extensions[match[2]] = int(match[1])
    section.ssrcs = {int(m[1]) for content in own.get("ssrc", ()) if (m := _SSRC.match(content))}
    if any(ssrc >> 32 for ssrc in section.ssrcs):
        raise BadDescription("ssrc", f"a=ssrc:{next(ssrc for ssrc in section.ssrcs if ssrc >> 32)}")
    # An SSRC that repairs another one is no stream of its own (RFC 5576 4.2).
    section.repairs = {int(m[2]): int(m[1]) for content in own.get("ssrc-group", ()) if (m := _FID.fullmatch(content))}
    section.ssrcs -= section.repairs.keys()
    if match := _SIMULCAST.match(own.get("simulcast", [""])[0]):
        rids = [alternative.split(",")[0].lstrip("~") for alternative in match[1].split(";")]
        if not all(_RID.fullmatch(rid) for rid in rids):
            raise BadDescription("simulcast", f"a=simulcast:{own['simulcast'][0]}")
        section.rids = tuple(dict.fromkeys(rids))[:MAX_LAYERS]


def _read_codecs(section: MediaSection, own: Mapping[str, list[str]]) -> None:
    """Find the payload types of our codec and of its protection: RTX for video, RED for audio."""
    names = {
        int(match[1]): match[2].lower()
        for content in own.get("rtpmap", ())
        if (match := _RTPMAP.fullmatch(content)) and _dynamic(int(match[1]))
    }
    wanted = CODEC.get(section.kind, "")
    section.payload_type = next((number for number, name in names.items() if name == wanted), 0)
    if not section.payload_type:
        return
    for content in own.get("fmtp", ()):
        match = (_APT.match if section.kind == "video" else _RED.fullmatch)(content)
        if match is None or int(match[2]) != section.payload_type:
            continue
        if names.get(int(match[1])) == "rtx/90000":
            section.rtx_type = int(match[1])
        elif names.get(int(match[1])) == "red/48000/2":
            section.red_type = int(match[1])


def _dynamic(payload_type: int) -> bool:
    """True for a dynamic payload type; 64-95 would look like RTCP (RFC 5761 4)."""
    return 35 <= payload_type <= 63 or 96 <= payload_type <= 127


def _transport(
    session: Mapping[str, list[str]], tagged: Mapping[str, list[str]]
) -> tuple[str, str, tuple[RTCDtlsFingerprint, ...]]:
    """Return the ICE and DTLS parameters of the bundle, from its tagged section or else from the session."""
    if "rtcp-mux" not in tagged:
        raise BadDescription("rtcp_mux", "a=rtcp-mux")
    ufrag = (tagged.get("ice-ufrag") or session.get("ice-ufrag") or [""])[0]
    password = (tagged.get("ice-pwd") or session.get("ice-pwd") or [""])[0]
    if not _UFRAG.fullmatch(ufrag):
        raise BadDescription("ice", f"a=ice-ufrag:{ufrag}")
    if not _PASSWORD.fullmatch(password):
        raise BadDescription("ice", "a=ice-pwd")  # which is a secret
    said = tagged.get("fingerprint") or session.get("fingerprint") or []
    read = [match for content in said if (match := _FINGERPRINT.fullmatch(content.strip()))]
    if not 0 < len(read) <= MAX_FINGERPRINTS:
        raise BadDescription("fingerprint", f"a=fingerprint:{said[0] if said else ''}")
    return ufrag, password, tuple(RTCDtlsFingerprint(match[1].lower(), match[2].upper()) for match in read)


def _setup(session: Mapping[str, list[str]], tagged: Mapping[str, list[str]], answer: bool) -> Setup:
    said = (tagged.get("setup") or session.get("setup") or [""])[0]
    match said:
        case "active" | "passive":
            return said
        case "actpass" if not answer:  # RFC 5763 5: only an offer leaves it open
            return said
    raise BadDescription("setup", f"a=setup:{said}")


def _bundle(session: Mapping[str, list[str]], sections: Sequence[MediaSection]) -> frozenset[str]:
    """Return the mids that share the connection (RFC 8843). One alone need not say so."""
    groups = [content.split() for content in session.get("group", ())]
    bundle = frozenset(next((mids for semantics, *mids in filter(None, groups) if semantics == "BUNDLE"), ()))
    used = {section.mid for section in sections if _usable(section)}
    if len(used) > 1 and not used <= bundle:
        raise BadDescription("bundle", f"a=group:BUNDLE {' '.join(sorted(bundle))}".rstrip())
    return bundle


def answer(
    offer: RemoteDescription, accepted: Mapping[str, Source], local: LocalDescription, setup: Setup = "passive"
) -> str:
    """Return an answer that accepts Opus and VP8, with up to two simulcast layers, on the mids in `accepted`.

    A browser sends RED if it comes before Opus. The answer keeps the offer's order, so that the page decides
    (`setCodecPreferences`).
    """
    lines = _session([each.mid for each in offer.sections if _usable(each) and each.mid in offer.bundle])
    transport = local.lines(setup)
    for section in offer.sections:
        if not _usable(section):
            lines += [f"m={section.kind} 0 {section.protocol} {section.format}", "c=IN IP4 0.0.0.0"]
            lines += [f"a=mid:{section.mid}"] if section.mid else []
            lines.append("a=inactive")
            continue
        receives = section.mid in accepted and section.sends
        protection = section.rtx_type or section.red_type
        types = [section.payload_type, protection] if protection else [section.payload_type]
        if section.format == str(section.red_type):
            types.reverse()
        direction = "recvonly" if receives else "inactive"
        lines += _head(section.kind, types, section.mid, direction, section.protocol)
        lines += transport
        lines += [f"a=extmap:{section.extensions[u]} {u}" for u in KNOWN_EXTENSIONS if u in section.extensions]
        lines += _codec(section.kind, section.payload_type, section.rtx_type or section.red_type)
        if section.rids and receives:
            lines += [f"a=rid:{rid} recv" for rid in section.rids]
            lines.append(f"a=simulcast:recv {';'.join(section.rids)}")
    return "\r\n".join(lines) + "\r\n"


def _usable(section: MediaSection) -> bool:
    return section.port != 0 and section.payload_type != 0


def offer(tracks: Sequence[SentTrack], local: LocalDescription, version: int) -> str:
    """Return an offer of all tracks to a subscriber; the index of each is its mid."""
    lines = _session([str(i) for i in range(len(tracks))], version)
    transport = local.lines("actpass")
    for mid, track in enumerate(tracks):
        types = [OPUS, RED] if track.kind == "audio" else [VP8, VP8_RTX]
        lines += _head(track.kind, types, str(mid), "sendonly" if track.active else "inactive")
        lines += transport
        lines += _codec(track.kind, *types)
        lines.append(f"a=msid:{track.stream_id} {track.track_id}")
        # The media SSRC must come before its RTX: Chromium takes the first as primary.
        lines.append(f"a=ssrc:{track.ssrc} cname:{track.stream_id}")
        if track.kind == "video":
            lines += [
                f"a=extmap:{ABS_SEND_TIME_ID} {ABS_SEND_TIME_URI}",
                f"a=ssrc-group:FID {track.ssrc} {track.rtx_ssrc}",
                f"a=ssrc:{track.rtx_ssrc} cname:{track.stream_id}",
            ]
    return "\r\n".join(lines) + "\r\n"


def _session(mids: list[str], version: int = 1) -> list[str]:
    return [
        "v=0",
        f"o=- 1 {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        *([f"a=group:BUNDLE {' '.join(mids)}"] if mids else []),
    ]


def _head(kind: str, types: list[int], mid: str, direction: str, protocol: str = "UDP/TLS/RTP/SAVPF") -> list[str]:
    return [
        f"m={kind} {DISCARD_PORT} {protocol} {' '.join(map(str, types))}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        f"a={direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]


def _codec(kind: str, payload_type: int, protection: int) -> list[str]:
    """Return the lines of a codec and, if `protection` is not 0, of its RTX or RED."""
    if kind == "audio":
        lines = [
            f"a=rtpmap:{payload_type} opus/48000/2",
            f"a=rtcp-fb:{payload_type} nack",
            f"a=fmtp:{payload_type} minptime=10;useinbandfec=1;usedtx=1",
        ]
        redundant = [f"a=rtpmap:{protection} red/48000/2", f"a=fmtp:{protection} {payload_type}/{payload_type}"]
        return lines + redundant if protection else lines
    lines = [f"a=rtpmap:{payload_type} VP8/90000"]
    lines += [f"a=rtcp-fb:{payload_type} {feedback}" for feedback in VIDEO_FEEDBACK]
    repeats = [f"a=rtpmap:{protection} rtx/90000", f"a=fmtp:{protection} apt={payload_type}"]
    return lines + repeats if protection else lines
