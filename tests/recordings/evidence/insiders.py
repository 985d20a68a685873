"""What can be done to a package by those who sign with the installation's own key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

from recordings import evidence
from recordings.evidence import lines
from recordings.evidence.lines import JournalLine
from tests.recordings.evidence.log import chained, commitment, root, sign, signer
from tests.recordings.evidence.target import Attack, Target, by_insider, by_outsider, resigned, zipped


def segment(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith(("media/", "video/"))])
    return by_insider(at, f"changed {name}", {**at.entries, name: random.randbytes(77)}, "segment_hash")


def segment_dropped(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith(("media/", "video/"))])
    return by_insider(at, f"left out {name}", {n: c for n, c in at.entries.items() if n != name}, "segment_unlisted")


def segment_added(at: Target, random: Random) -> Attack:
    name = random.choice(["media/c/2027-camera.webm", "media/x/2026-1-camera.webm"])
    return by_insider(at, f"added {name}", {**at.entries, name: b"?"}, "segment_unlisted")


def segments_swapped(at: Target, random: Random) -> Attack:
    one, two = random.sample([n for n in at.items if n.startswith("media/")], 2)
    bent = {**at.entries, one: at.entries[two], two: at.entries[one]}
    return by_insider(at, f"swapped {one}", bent, "segment_hash")


def sheet(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith("sheets/")])
    value = json.loads(at.entries[name])
    value["more"] = random.random() < 0.5
    return by_insider(at, f"changed {name}", {**at.entries, name: evidence.canonical(value)}, "derived_sheet")


def consent(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith("texts/")])
    if random.random() < 0.3:
        return by_insider(at, f"left out {name}", {n: c for n, c in at.entries.items() if n != name}, "consent_text")
    return by_insider(at, f"changed {name}", {**at.entries, name: at.entries[name] + b"!"}, "consent_text")


def page(at: Target, random: Random) -> Attack:
    name = random.choice(evidence.PAGES)
    return by_insider(at, f"left out {name}", {n: c for n, c in at.entries.items() if n != name}, "item_missing")


def journal(change: Callable[[list[JournalLine], Random, Target], str]) -> Callable[[Target, Random], Attack]:
    """An attack on the lines of one of the two streams; `change` does it in place and names it."""

    def attack(at: Target, random: Random) -> Attack:
        name = random.choice([evidence.SESSION, evidence.COMPLAINT])
        events = lines.from_text(at.entries[name])
        code = change(events, random, at)
        codes = {"chain": {"chain_session" if name == evidence.SESSION else "chain_complaint"}}.get(code, {code})
        title = f"{change.__name__.strip('_')} in {name}"
        return by_insider(at, title, {**at.entries, name: lines.to_text(events)}, *codes)

    return attack


def _data_changed(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], data={**events[number].data, "more": 1})
    return "content"


def _author_changed(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    line = events[number]
    events[number] = replace(line, actor=(line.actor[0], "u9", "别人", "mediator", "o1"))
    return "content"


def _data_and_content_changed(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    line = replace(events[number], data={**events[number].data, "more": 1})
    events[number] = replace(line, content=commitment(line.salt, line.actor, line.data))
    return "chain"


def _time_changed(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], at="2026-11-25T00:00:00.000000Z")
    return "chain"


def _type_changed(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], type="Unmuted")
    return "chain"


def _dropped(events: list[JournalLine], random: Random, at: Target) -> str:
    del events[random.randrange(len(events) - 1)]
    return "chain"


def _reordered(events: list[JournalLine], random: Random, at: Target) -> str:
    i, j = random.sample(range(len(events)), 2)
    events[i], events[j] = events[j], events[i]
    return "chain"


def _doubled(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events.insert(number, events[number])
    return "chain"


def _cut_short(events: list[JournalLine], random: Random, at: Target) -> str:
    del events[random.randrange(1, len(events)) :]
    return "inclusion"


def _told_anew(events: list[JournalLine], random: Random, at: Target) -> str:
    """One entry says something else and the whole chain behind it is made again, hashes and all."""
    number = random.randrange(len(events))
    events[number] = replace(events[number], data={**events[number].data, "more": 1})
    previous = events[number - 1].hash if number else ""
    for n in range(number, len(events)):
        line = events[n]
        content = commitment(line.salt, line.actor, line.data)
        previous = chained(previous, line.at, content, line.stream, line.type, line.version)
        events[n] = replace(line, content=content, hash=previous)
    return "inclusion"


def _leaf_changed(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], leaf=events[number].leaf + random.choice([1, 1000]))
    return "inclusion"


def _emptied(events: list[JournalLine], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    line = events[number]
    events[number] = replace(line, salt="", data={}, actor=(line.actor[0], line.actor[1], "", *line.actor[3:]))
    return "erased_unaccounted"


def _of_another(events: list[JournalLine], random: Random, at: Target) -> str:
    name = evidence.SESSION if events[0].stream.startswith("session") else evidence.COMPLAINT
    strange = lines.from_text(at.other[name])
    number = random.randrange(len(events))
    events[number] = strange[min(number, len(strange) - 1)]
    return "foreign_session"


def _wholly_of_another(events: list[JournalLine], random: Random, at: Target) -> str:
    name = evidence.SESSION if events[0].stream.startswith("session") else evidence.COMPLAINT
    events[:] = lines.from_text(at.other[name])
    return "foreign_session"


def spaced(at: Target, random: Random) -> Attack:
    """The same values in another spelling: what one reader takes for the same, another may not."""
    name = random.choice([evidence.SESSION, evidence.COMPLAINT])
    raw_lines = at.entries[name].split(b"\n")[:-1]
    number = random.randrange(len(raw_lines))
    value = json.loads(raw_lines[number])
    spelled = random.choice([json.dumps(value), raw_lines[number].decode().replace('"leaf":', '"leaf":0,"leaf":', 1)])
    raw_lines[number] = spelled.encode()
    return by_insider(
        at, f"spelled otherwise in {name}", {**at.entries, name: b"\n".join(raw_lines) + b"\n"}, "content"
    )


def head_of_another_log(at: Target, random: Random) -> Attack:
    """A checkpoint signed by somebody else over a tree of their own."""
    leaves = [random.randbytes(32) for _ in range(60)]
    body = f"{at.key.name}\n60\n{evidence.base64_of(root(leaves))}\ntime 2026-11-25T09:41:00.000000Z\n"
    bent = {**at.entries, evidence.CHECKPOINT: sign(body, at.thief)}
    return by_insider(at, "another log's head", bent, "checkpoint_signature")


def other_root(at: Target, random: Random) -> Attack:
    """Signed by the log itself: it has told two stories."""
    size = json.loads(at.entries[evidence.INCLUSION])["size"]
    body = f"{at.key.name}\n{size}\n{evidence.base64_of(random.randbytes(32))}\ntime 2026-11-25T09:41:00.000000Z\n"
    return by_insider(at, "another root", {**at.entries, evidence.CHECKPOINT: sign(body, at.key)}, "inclusion")


def proofs(at: Target, random: Random) -> Attack:
    value = json.loads(at.entries[evidence.INCLUSION])
    leaf = random.choice(list(value["proofs"]))
    match random.randrange(4):
        case 0:
            del value["proofs"][leaf]
        case 1:
            value["proofs"][leaf] = value["proofs"][leaf][:-1]
        case 2:  # the same hash in another spelling
            told = value["proofs"][leaf][0]
            value["proofs"][leaf][0] = random.choice([told.upper(), f"{told[:2]} {told[2:]}"])
        case _:
            value["proofs"][leaf][0] = random.randbytes(32).hex()
    return by_insider(at, "a proof", {**at.entries, evidence.INCLUSION: evidence.canonical(value)}, "inclusion")


def number(at: Target, random: Random) -> Attack:
    """The package claims to be of another complaint or session."""
    field = random.choice([{"complaint_number": "别号"}, {"complaint": "k2"}, {"session": "s2"}])
    return by_outsider(at, f"claims {field}", zipped(resigned(at.entries, at.key, **field)), "foreign_session")


def witness(at: Target, random: Random) -> Attack:
    key = signer("witness", 5)
    line = sign("something else\n", key).decode().splitlines()[-1]
    told = evidence.canonical([{"key": evidence.base64_of(key.public), "line": line, "name": key.name}])
    return by_insider(at, "a forged witness", {**at.entries, evidence.WITNESSES: told}, "witness")


def stamped(at: Target, random: Random) -> Attack:
    forged = {
        f"{evidence.STAMPS}1.tsr": random.randbytes(80),
        f"{evidence.STAMPS}1.pem": b"-----BEGIN CERTIFICATE-----\n",
    }
    return by_insider(at, "a forged time stamp", {**at.entries, **forged}, "timestamp")


INSIDE = [
    segment, segment_dropped, segment_added, segments_swapped, sheet, consent, page, spaced, head_of_another_log,
    other_root, proofs, number, witness, stamped,
    *map(journal, (_data_changed, _author_changed, _data_and_content_changed, _time_changed, _type_changed, _dropped,
                   _reordered, _doubled, _cut_short, _told_anew, _leaf_changed, _emptied, _of_another,
                   _wholly_of_another)),
]  # fmt: skip
