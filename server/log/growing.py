"""`yuntiao log grew`: whether the log a bureau shows today continues the state of it that somebody kept. Needs two
files and the published key, no data folder and no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from journal.ed25519 import verifies
from journal.errors import NoteBroken
from journal.notes import public_key_of
from journal.verification import Judgement, Verdict, growth_of, judge
from server.log.command import CannotCheck

MOST_BYTES = 64 * 1024
SENTENCES: Final[dict[Verdict, str]] = {
    "grew": "nothing before was changed, removed or put in; {more} entries came after",
    "same": "it is the same state",
    "other_log": "FOUND other_log: the kept state is another installation's",
    "shrank": "FOUND shrank: the log has fewer entries than it had",
    "rewritten": "FOUND rewritten: what was in the log then is not what is in it now",
}


def run(kept: Path, proof: Path, key: str) -> Judgement:
    """`key` as it was published. CannotCheck, also where a signature does not hold: then nothing is known."""
    try:
        name, public = public_key_of(key)
        return judge(_read(kept), growth_of(_read(proof)), name, public, verifies)
    except (OSError, ValueError, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None


def lines(found: Judgement) -> list[str]:
    return [
        f"then {found.old.size} entries, signed {found.old.made.isoformat()}",
        f"now {found.new.size} entries, signed {found.new.made.isoformat()}",
        SENTENCES[found.verdict].format(more=found.new.size - found.old.size),
    ]


def as_json(found: Judgement) -> dict[str, Any]:
    return {
        "holds": found.holds,
        "verdict": found.verdict,
        "origin": found.new.origin,
        "then": {"entries": found.old.size, "signed": found.old.made.isoformat()},
        "now": {"entries": found.new.size, "signed": found.new.made.isoformat()},
    }


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path} is too large")
    return data.decode()
