"""What nobody types and anybody can send, as it stands percent-encoded in a URL or form; and names to send it under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from tests import ROOT

TEXTS: Final[Sequence[str]] = (
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "-1",
    "2024-02-30",
    "2024-13-01",
    "2024-01-01T00:00",
    "２０２４-０１-０１",
    "２０２４",
    "²",
    "٣",
    "1e309",
    "NaN",
    "Infinity",
    "9" * 400,
    "9" * 5000,
    "2147483648",
    "9223372036854775808",
    "-9223372036854775809",
    "0",
    "00",
    "1.5",
    "1_000",
    "0x10",
    "\x00",
    "a\x00b",
    "\u202e\u200f",
    "😀" * 3,
    "\ufeff",
    "../../etc/passwd",
    "..\\..\\",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%s%n",
    "a" * 9000,
    "长" * 3000,
    "\r\nSet-Cookie: a=b",
    "[]",
    "{}",
    "null",
    "true",
    "2024-W01",
    "2024-W99",
    "2024-Q5",
    "0001-Q1",
    "9999-W53",
    "24:00",
    "25:61",
    "+08:00",
    "None",
    "//evil.example",
    "/\\evil.example",
    "http://[::1",
    "a,b",
    ",",
    " ",
    "",
    "\u3000",
    "\u0130\u0131ß",
    "a" * 255 + "\u0301",
)
RAW: Final[Sequence[str]] = (
    "%ff%fe",
    "%ed%a0%80",
    "%c0%af",
    "%2e%2e%2f",
    "%00",
    "%",
    "%zz",
    "%f0%9f",
    "%E4%B8",
    "%252e",
)
"""Not what `quote` makes of any text: invalid UTF-8, half a surrogate pair, overlong, no escape at all."""
VALUES: Final[Sequence[str]] = (*(quote(text, safe="") for text in TEXTS), *RAW)


def part(of: bytes) -> bytes:
    return b"--b\r\n" + of + b"\r\n--b--\r\n"


FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PARTS = "multipart/form-data; boundary=b"
BODIES: Final[Sequence[tuple[str, bytes]]] = (
    (FORM, b"\xff\xfe=\xff"),
    (FORM, b"=&=&&==%"),
    (FORM, b"login=%ff%fe&password=%ed%a0%80"),
    (FORM, b"a" * 5000),
    (f"{FORM}; charset=no-such", b"login=a"),
    (f"{FORM}; charset=utf-16", b"login=a"),
    (f"{FORM}; charset=base64", b"a=a"),
    (JSON, b""),
    (JSON, b"null"),
    (JSON, b"[]"),
    (JSON, b"1"),
    (JSON, b'"x"'),
    (JSON, b"{"),
    (JSON, b"\xff"),
    (JSON, b"[" * 20_000),
    (JSON, b'{"a":' * 5000),
    (JSON, b"9" * 6000),
    (JSON, b'{"text":"\\ud800"}'),
    (JSON, b"NaN"),
    (f"{JSON}; charset=no-such", b"{}"),
    ("multipart/form-data", b"x"),
    (PARTS, b""),
    (PARTS, b"--b"),
    (PARTS, b"--b\r\n\r\n"),
    (PARTS, part(b"Content-Disposition: form-data\r\n\r\nx")),
    (PARTS, part(b'Content-Disposition: form-data; name="file"; filename="\xff\x00../a"\r\n\r\nx')),
    (
        PARTS,
        part(b'Content-Disposition: form-data; name="login"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx'),
    ),
    (PARTS, part(b'Content-Disposition: form-data; name="login"\r\nContent-Transfer-Encoding: base64\r\n\r\n***')),
    (PARTS, part(b'Content-Disposition: form-data; name="login"\r\nContent-Encoding: gzip\r\n\r\n***')),
    (
        PARTS,
        part(b'Content-Disposition: form-data; name="login"\r\nContent-Type: text/plain; charset=no-such\r\n\r\nx'),
    ),
    (PARTS, part(b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--")),
    ("multipart/form-data; boundary=" + "b" * 300, b"x"),
    ("multipart/mixed; boundary=b", b"--b--"),
    ("\xff/\xff", b"x"),
    ("text/plain", b"\x00"),
)
"""Kinds and bodies that are not what they say."""

HEADERS: Final[Sequence[tuple[str, Sequence[bytes]]]] = (
    (
        "Cookie",
        [
            b"\xff\xfe",
            b"=",
            b";;;",
            b"a=b; a=c",
            b"yt_officer",
            b'yt_officer="',
            b"yt_officer=\xe4\xbd\xa0",
            b"yt_lang=\xff; yt_type=\xff",
        ],
    ),
    (
        "Accept-Language",
        [b"\xff", b"zh;q=NaN", b"zh;q=1e999", b"zh;q=" + b"9" * 400, b",;,;=", b"*;q=", "²;q=²".encode()],
    ),
    (
        "Range",
        [
            b"bytes=-",
            b"bytes=9-1",
            b"bytes=0-0,5-9",
            b"bytes=-99999999999999999999",
            b"bytes=99999999999999999999-",
            b"x",
            b"bytes=\xb2-",
            b"bytes=-0",
        ],
    ),
    ("Origin", [b"null", b"http://[::1", b"//", b"\xff", b"http://yuntiao.example:99999", b"http://yuntiao.example:x"]),
    ("Sec-Fetch-Site", [b"\xff", b""]),
    ("Host", [b"", b"[::1", b"\xff", b"a:99999999", b"a b", b"yuntiao.example:x", b"@", b"/"]),
    (
        "Authorization",
        [b"Bearer", b"Bearer \xff", b"Basic \xff", b"Basic " + b"=" * 9, b"\xff", b"Bearer " + b"a" * 5000],
    ),
    ("X-CSRF-Token", [b"\xff", b"0" * 127, "０".encode() * 128, b"zz"]),
    ("X-Forwarded-For", [b"\xff", b"::ffff:1.2.3.4%eth0", b"1.2.3.4:x", b"[", b"," * 3000]),
    ("Accept-Encoding", [b"\xff", b"gzip;q=NaN", b"br;q=\xb2", b"*;q=0", b";,;"]),
    ("If-None-Match", [b"\xff", b'"', b"W/", b"*"]),
    ("If-Modified-Since", [b"\xff", b"Thu, 99 Foo 9999 99:99:99 GMT", b"0"]),
    ("Content-Type", [b"\xff", b";", b"multipart/form-data; boundary=", b"a/b; charset=\xff"]),
    ("Content-Encoding", [b"gzip", b"br", b"x", b"deflate"]),
    ("Accept", [b"\xff", b"text/html;q=NaN"]),
    ("Upgrade", [b"websocket", b"\xff"]),
    ("Expect", [b"100-continue", b"\xff", b"nothing"]),
    ("X-Yuntiao-Timestamp", [b"\xff", b"9" * 400, "²".encode(), b"NaN", b"-1"]),
    ("X-Yuntiao-Signature", [b"\xff", b"sha256=", b"sha256=\xff"]),
    ("Idempotency-Key", [b"\xff", b"a" * 5000, b""]),
    ("Content-Disposition", [b"\xff", b"attachment; filename*=x''%ff"]),
)

TARGETS: Final[Sequence[bytes]] = (
    b"/\xff",
    b"/j/\xed\xa0\x80",
    b"//",
    b"//sign-in",
    b"/%",
    b"/%00",
    b"/j/%2e%2e/%2e%2e",
    b"/../../etc/passwd",
    b"/static/..%2f..%2fREADME.md",
    b"/sign-in?\xff=\xfe",
    b"/sign-in?" + b"&" * 7000,
    b"/" + b"a/" * 3000,
    b"*",
    b"http://[::1/",
    b"http://a:b/sign-in",
    b"/;jsessionid=1",
    b"/?#",
)
"""Of requests, as bytes on the wire."""


def field_names() -> Sequence[str]:
    """Every name that a page reads from a query or form, or that a form of ours has."""
    found = set()
    for path in (ROOT / "web").rglob("*.py"):
        if "node_modules" not in path.parts:
            found |= set(
                re.findall(r"(?:query|form|fields|typed|posted|body)\S*?\(\s*\"([a-z_]{1,30})\"", path.read_text())
            )
            found |= set(re.findall(r"(?:query|form|fields|typed|posted)\[\"([a-z_]{1,30})\"\]", path.read_text()))
    for path in (ROOT / "web").rglob("*.html"):
        found |= set(re.findall(r"name=\"([a-z_]{1,30})\"", path.read_text()))
    return sorted(found - {"csrf"})
