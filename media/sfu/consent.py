"""Whether a silent client is still there: asked with checks of our own (RFC 7675), which every ICE agent answers.

Whoever sends or gets media is heard many times a second. Whoever does neither may be silent for three seconds and well
(Chromium checks a stable path every 2.5 to 3 s), so silence alone says too little, too late; a question says it in time
for everybody. An ICE-lite agent need not ask (RFC 8445 2.5), and we do only after a second without a word.
"""

from __future__ import annotations

import secrets

from aioice import stun

from media.sfu.stun import Credentials

ASK_AFTER = 1.0  # seconds of silence
ASK_EVERY = 0.3  # six questions before somebody counts as gone: all lost once in 500 at 20 % loss both ways
MAX_OPEN = 64  # questions whose answer would still count
PRIORITY = 0x7E00FFFF  # of a host candidate, in case the client takes the question for a new path
SUCCESS = b"\x01\x01"


class Consent:
    """`client` is the other side's ufrag and password; nothing is asked before they are known."""

    __slots__ = ("_asked_at", "_open", "_tie_breaker", "client")

    def __init__(self) -> None:
        self.client = ("", "")
        self._asked_at = float("-inf")
        self._open: dict[bytes, None] = {}
        self._tie_breaker = secrets.randbits(64)

    def question(self, ours: Credentials, now: float) -> bytes:
        """A check to send now, or nothing when one was sent a moment ago."""
        ufrag, password = self.client
        if not password or now - self._asked_at < ASK_EVERY:
            return b""
        self._asked_at = now
        request = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            secrets.token_bytes(12),
            {
                "USERNAME": f"{ufrag}:{ours.ufrag}",
                "PRIORITY": PRIORITY,
                "ICE-CONTROLLED": self._tie_breaker,
            },
        )
        request.add_message_integrity(password.encode())  # adds FINGERPRINT as well
        self._open[request.transaction_id] = None
        if len(self._open) > MAX_OPEN:
            del self._open[next(iter(self._open))]
        return bytes(request)

    def answered_by(self, data: bytes) -> bool:
        """Whether this is the client's answer to a question of ours; each counts once."""
        if data[:2] != SUCCESS or data[8:20] not in self._open:
            return False
        try:
            answer = stun.parse_message(data)
            genuine = answer.check_message_integrity(self.client[1].encode())
        except Exception:
            # As in stun.verify: aioice lets many kinds of error out of foreign bytes.
            return False
        if genuine:
            self._open.pop(data[8:20])
        return genuine
