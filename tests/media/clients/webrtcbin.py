"""A client made with GStreamer's webrtcbin, run by the system's Python, as `standard_io` speaks to it.

It sends a tone and a test picture, and says `{"received": "audio" | "video"}` once some of that has been decoded.
The argument is its a=setup in answers: active or passive.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import gi  # type: ignore[import-not-found]

for module in ("Gst", "GstSdp", "GstWebRTC"):
    gi.require_version(module, "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # type: ignore[import-not-found]  # noqa: E402

PIPELINE = """
webrtcbin name=receiving bundle-policy=max-bundle webrtcbin name=sending bundle-policy=max-bundle
audiotestsrc is-live=true freq=770 ! audioconvert ! opusenc ! rtpopuspay pt=111
 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! sending.
videotestsrc is-live=true pattern=green ! video/x-raw,width=320,height=240,framerate=15/1
 ! vp8enc deadline=1 keyframe-max-dist=15 ! rtpvp8pay pt=96
 ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! sending.
"""
DECODERS = {"audio": "rtpopusdepay ! opusdec", "video": "rtpvp8depay ! vp8dec"}
ENOUGH = 10  # decoded buffers

Gst.init(None)
pipeline = Gst.parse_launch(PIPELINE)
sending, receiving = (pipeline.get_by_name(name) for name in ("sending", "receiving"))
loop = GLib.MainLoop()
counted = {"audio": 0, "video": 0}


def tell(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def when(then: Callable[[Any], None]) -> Any:
    return Gst.Promise.new_with_change_func(lambda promise, *_: then(promise.get_reply()))


def description(kind: str, text: str) -> Any:
    _, message = GstSdp.SDPMessage.new_from_text(text)
    return GstWebRTC.WebRTCSessionDescription.new(getattr(GstWebRTC.WebRTCSDPType, kind.upper()), message)


def publish(*_: object) -> None:
    for index in range(2):
        transceiver = sending.emit("get-transceiver", index)
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    sending.emit("create-offer", None, when(offered))


def offered(reply: Any) -> None:
    offer = reply.get_value("offer")
    sending.emit("set-local-description", offer, Gst.Promise.new())
    text = offer.sdp.as_text()
    found = re.findall(r"^m=(audio|video) .*?^a=mid:(\S+)", text, re.MULTILINE | re.DOTALL)
    tell(publish=text, sources={mid: "mic" if kind == "audio" else "camera" for kind, mid in found})


def answered(reply: Any) -> None:
    text = re.sub(r"a=setup:\w+", f"a=setup:{sys.argv[1]}", reply.get_value("answer").sdp.as_text())
    receiving.emit("set-local-description", description("answer", text), Gst.Promise.new())
    tell(answer=text)


def received(_: object, pad: Any) -> None:
    if pad.direction != Gst.PadDirection.SRC:
        return
    kind = pad.get_current_caps().get_structure(0).get_string("media")
    decoding = Gst.parse_bin_from_description(f"{DECODERS[kind]} ! fakesink name=end signal-handoffs=true", True)
    decoding.get_by_name("end").connect("handoff", lambda *_: count(kind))
    pipeline.add(decoding)
    decoding.sync_state_with_parent()
    pad.link(decoding.get_static_pad("sink"))


def count(kind: str) -> None:
    counted[kind] += 1
    if counted[kind] == ENOUGH:
        tell(received=kind)


def heard(channel: Any, _: object) -> bool:
    line = channel.readline()
    if not line:
        loop.quit()
        return False
    message = json.loads(line)
    if "answer" in message:
        sending.emit("set-remote-description", description("answer", message["answer"]), Gst.Promise.new())
    else:
        offer = description("offer", message["offer"])
        receiving.emit(
            "set-remote-description", offer, when(lambda _: receiving.emit("create-answer", None, when(answered)))
        )
    return True


sending.connect("on-negotiation-needed", publish)
receiving.connect("pad-added", received)
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, heard)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
pipeline.set_state(Gst.State.NULL)
