"""Posts every checkpoint to somebody elsewhere, who keeps it and may countersign it.

Body: the note, as text. Headers as in server.outbox.notifiers: `Idempotency-Key` (the SHA-256 of the note),
`X-Yuntiao-Timestamp` and `X-Yuntiao-Signature`. 2xx: it is kept there. The answer is signature lines (`— name base64`)
or the note again with lines added, as C2SP tlog-witness has it. Where the witness's key is known, its line has to be
among them and to hold (Ed25519, or cosignature/v1), and is what is kept; otherwise lines are kept as they came.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from datetime import datetime

import aiohttp

from journal.errors import NoteBroken
from journal.notes import signature as signature_of, split
from recordings.evidence.notes import cosigned, signature_line
from server.evidence import attesting
from server.evidence.attesting import NotAttested
from server.outbox.signatures import signature

_MOST = 8 * 1024  # bytes of an answer
_DASH = "\u2014 "


class Witness:
    """`key`: its name and raw Ed25519 key; None when it is not known."""

    def __init__(
        self,
        url: str,
        secret: str,
        now: Callable[[], datetime],
        timeout: float = 10.0,
        key: tuple[str, bytes] | None = None,
    ) -> None:
        self._url, self._secret, self._now, self._key = url, secret.encode(), now, key
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def attest(self, note: str) -> bytes:
        body, timestamp = note.encode(), str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Idempotency-Key": hashlib.sha256(body).hexdigest(),
            "X-Yuntiao-Timestamp": timestamp,
            "X-Yuntiao-Signature": signature(self._secret, timestamp, body),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                attesting.check_answer_status(answer)
                return self._kept(note, await attesting.answer_body(answer, _MOST))
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise NotAttested(f"unreachable ({type(fault).__name__})") from None

    def _kept(self, note: str, answer: bytes) -> bytes:
        """NotAttested when it is about something else, or the witness's own line is missing or does not hold."""
        text = answer.decode(errors="replace")
        body, gap, _ = text.rpartition("\n\n")
        if gap and f"{body}\n" != split(note)[0]:
            raise NotAttested("its answer is about something else than it was asked")
        lines = [line for line in _lines(text) if line not in note]
        if self._key is None:
            return "".join(lines).encode()
        name, public = self._key
        mine = [line for line in lines if line.startswith(f"{_DASH}{name} ")]
        if not mine:
            raise NotAttested(f"no signature by {name} in its answer")
        for line in mine:
            if holds_under(note, line, name, public):
                return line.encode()
        raise NotAttested(f"the signature by {name} does not hold")


def holds_under(note: str, line: str, name: str, public: bytes) -> bool:
    """Whether this line is a countersignature of the checkpoint by this key."""
    found = signature_line(line.removesuffix("\n"))
    return found is not None and cosigned(split(note)[0], found, name, public)


def _lines(text: str) -> list[str]:
    """The signature lines of an answer; anything else in it is left out."""
    found = []
    for line in text.splitlines():
        if line.startswith(_DASH):
            with contextlib.suppress(NoteBroken):
                found.append(signature_of(line).line)
    return found
