"""Everything that can be done to a package, by those who cannot sign and by those who can, and its name."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from journal.notes import Signer
from recordings.evidence import form, lines
from recordings.evidence.archive import Entry as ArchiveEntry, Part, directory, local_header, part, read, stream
from recordings.evidence.lines import Line
from tests.evidence import papers
from tests.evidence.log import Log, chained, commitment, root, sign, signer

Entries = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Attack:
    """`codes`: at least one of them must be among those that failed. `key`: what whoever checks expects."""

    name: str
    package: bytes
    codes: frozenset[str]
    key: bytes


@dataclass(frozen=True)
class Target:
    """A package and a second one of another session of the same installation."""

    package: bytes
    entries: Mapping[str, bytes]
    other: Mapping[str, bytes]
    key: Signer
    thief: Signer

    @property
    def items(self) -> list[str]:
        return [name for name in self.entries if name not in (*form.BEFORE, *form.AFTER)]


def target(segments: int = 2) -> Target:
    log = Log()
    story, second = papers.story("s1", "k1", log, segments), papers.story("s2", "k2", log, segments, seed=8)
    package, other = story.bytes(), second.bytes()
    return Target(package, opened(package), opened(other), log.key, signer(log.installation, 99))


def opened(package: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries: Mapping[str, bytes]) -> bytes:
    return b"".join(stream(part(name, content) for name, content in entries.items()))


def resigned(entries: Mapping[str, bytes], key: Signer, **fields: Any) -> Entries:
    """The manifest made to fit what is there now, and everything signed with this key."""
    before = json.loads(entries[form.MANIFEST])
    items = {name: content for name, content in entries.items() if name not in (*form.BEFORE, *form.AFTER)}
    listed = [
        {"kind": form.kind_of(path), "path": path, "sha256": _sha(content), "size": len(content)}
        for path, content in sorted(items.items())
    ]
    public = {"name": key.name, "public": form.base64_of(key.public)}
    manifest = form.canonical({**before, "items": listed, "key": public, **fields})
    session, first_line = json.loads(manifest)["session"], json.loads(manifest)["format"]
    told, page = entries[form.EXPORT_JSON], entries[form.WATERMARK]
    return {
        form.MANIFEST: manifest,
        form.MANIFEST_NOTE: sign(f"{first_line}\n{session}\n{_sha(manifest)}\n", key),
        **dict(sorted(items.items())),
        form.WATERMARK: page,
        form.EXPORT_JSON: told,
        form.EXPORT_NOTE: sign(f"{form.EXPORT}\n{session}\n{_sha(manifest)}\n{_sha(told)}\n{_sha(page)}\n", key),
    }


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------- by whom who cannot sign


def flip(at: Target, random: Random) -> Attack:
    position = random.randrange(len(at.package))
    bent = bytearray(at.package)
    bent[position] ^= 1 << random.randrange(8)
    return _attack(at, f"flip byte {position}", bytes(bent), *_of(at, position))


def _of(at: Target, position: int) -> set[str]:
    for entry in read(io.BytesIO(at.package)):
        if entry.offset <= position < entry.start:
            return {"zip"}
        if position < entry.end:
            match entry.name:
                case form.MANIFEST:
                    return {"manifest", "manifest_signature"}
                case form.MANIFEST_NOTE:
                    return {"manifest_signature"}
                case name if name in form.AFTER:
                    return {"export_signature"}
                case _:
                    return {"item_changed"}
    return {"zip"}


def truncate(at: Target, random: Random) -> Attack:
    return _attack(at, "truncate", at.package[: random.randrange(len(at.package))], "zip")


def append(at: Target, random: Random) -> Attack:
    return _attack(at, "append", at.package + random.randbytes(1 + random.randrange(50)), "zip")


def prepend(at: Target, random: Random) -> Attack:
    return _attack(at, "prepend", random.randbytes(1 + random.randrange(50)) + at.package, "zip")


def insert(at: Target, random: Random) -> Attack:
    position = random.randrange(len(at.package) + 1)
    more = random.randbytes(1 + random.randrange(9))
    return _attack(at, f"insert at {position}", at.package[:position] + more + at.package[position:], "zip")


def cut_out(at: Target, random: Random) -> Attack:
    position = random.randrange(len(at.package) - 9)
    bent = at.package[:position] + at.package[position + 1 + random.randrange(8) :]
    return _attack(at, f"cut out at {position}", bent, "zip")


def comment(at: Target, random: Random) -> Attack:
    bent = at.package[:-2] + struct.pack("<H", 5) + b"hello"
    return _attack(at, "archive comment", bent, "zip")


def drop(at: Target, random: Random) -> Attack:
    name = random.choice(at.items)
    return _attack(at, f"drop {name}", zipped({n: c for n, c in at.entries.items() if n != name}), "item_missing")


def drop_note(at: Target, random: Random) -> Attack:
    name = random.choice([form.MANIFEST, form.MANIFEST_NOTE, *form.AFTER])
    code = {"m": "manifest_signature", "e": "export_signature"}[name[0]]
    bent = zipped({n: c for n, c in at.entries.items() if n != name})
    return _attack(at, f"drop {name}", bent, "manifest" if name == form.MANIFEST else code)


def add(at: Target, random: Random) -> Attack:
    name = random.choice(["media/c/more.webm", "sheets/more.json", "readme.html", "exhibits/photo.jpg"])
    return _attack(at, f"add {name}", zipped(_put(at.entries, name, random.randbytes(100))), "item_extra")


def reorder(at: Target, random: Random) -> Attack:
    names = list(at.entries)
    i, j = random.sample(range(len(names)), 2)
    names[i], names[j] = names[j], names[i]
    return _attack(at, f"reorder {names[i]}", zipped({name: at.entries[name] for name in names}), "zip")


def rename(at: Target, random: Random) -> Attack:
    name = random.choice(at.items)
    other = name[:-1] + "x"
    entries = {(other if n == name else n): c for n, c in at.entries.items()}
    return _attack(at, f"rename {name}", zipped(entries), "item_missing", "zip")


def duplicate(at: Target, random: Random) -> Attack:
    """The same name twice, also in other letters, with other content: which one a tool shows is anybody's guess."""
    name = random.choice(list(at.entries))
    twin = random.choice([name, name.upper()])
    parts = [part(n, c) for n, c in at.entries.items()]
    where = random.randrange(len(parts) + 1)
    return _attack(at, f"duplicate {name}", raw([*parts[:where], part(twin, b"?"), *parts[where:]]), "zip")


def trick(at: Target, random: Random) -> Attack:
    """Names that lead out of the folder a tool unpacks into."""
    name = random.choice(
        ["../evil.html", "/etc/passwd", "media/../../x", "a\\b", "C:evil", "media//x", "a/b/c/d/e", ".x"]
    )
    return _attack(at, f"path {name}", raw([*(part(n, c) for n, c in at.entries.items()), part(name, b"?")]), "zip")


def packed_differently(at: Target, random: Random) -> Attack:
    """The same content as another tool would write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for name, content in at.entries.items():
            archive.writestr(name, content)
    return _attack(at, "another tool's archive", out.getvalue(), "zip")


def splice(at: Target, random: Random) -> Attack:
    """A file of another session in the place of ours."""
    name = random.choice([name for name in at.items if at.other.get(name, at.entries[name]) != at.entries[name]])
    return _attack(at, f"splice {name}", zipped({**at.entries, name: at.other[name]}), "item_changed")


def splice_notes(at: Target, random: Random) -> Attack:
    name = random.choice([form.MANIFEST, form.MANIFEST_NOTE, form.EXPORT_JSON, form.EXPORT_NOTE])
    bent = zipped({**at.entries, name: at.other[name]})
    codes = {"manifest_signature"} if name[0] == "m" else {"export_signature"}
    return _attack(at, f"splice {name}", bent, *codes)


def adapt(at: Target, random: Random) -> Attack:
    """Change something and the manifest with it, without a key."""
    name = random.choice(at.items)
    bent = {**at.entries, name: at.entries[name] + b" "}
    fits = resigned(bent, at.thief)
    key = json.loads(at.entries[form.MANIFEST])["key"]
    manifest = form.canonical({**json.loads(fits[form.MANIFEST]), "key": key})
    return _attack(
        at, f"adapt {name}", zipped({**at.entries, name: bent[name], form.MANIFEST: manifest}), "manifest_signature"
    )


def sign_anew(at: Target, random: Random) -> Attack:
    """All of it signed again with a key of the attacker's own, after some change or none."""
    entries = dict(at.entries)
    if random.random() < 0.7:
        name = random.choice([n for n in at.items if n.startswith(("media/", "video/"))])
        entries[name] = random.randbytes(50)
    return _attack(at, "signed by another key", zipped(resigned(entries, at.thief)), "wrong_key")


def other_key_expected(at: Target, random: Random) -> Attack:
    return replace(_attack(at, "another key expected", at.package, "wrong_key"), key=random.randbytes(32))


def watermark(at: Target, random: Random) -> Attack:
    """Taken by somebody else, it says."""
    name = random.choice([form.EXPORT_JSON, form.WATERMARK])
    bent = at.entries[name].replace("赵监督".encode(), "赵无名".encode())
    return _attack(at, f"changed {name}", zipped({**at.entries, name: bent}), "export_signature")


# ---------------------------------------------------------------- by whom who can: the installation's own key


def segment(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith(("media/", "video/"))])
    return _insider(at, f"changed {name}", {**at.entries, name: random.randbytes(77)}, "segment_hash")


def segment_dropped(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith(("media/", "video/"))])
    return _insider(at, f"left out {name}", {n: c for n, c in at.entries.items() if n != name}, "segment_unlisted")


def segment_added(at: Target, random: Random) -> Attack:
    name = random.choice(["media/c/2027-camera.webm", "media/x/2026-1-camera.webm"])
    return _insider(at, f"added {name}", {**at.entries, name: b"?"}, "segment_unlisted")


def segments_swapped(at: Target, random: Random) -> Attack:
    one, two = random.sample([n for n in at.items if n.startswith("media/")], 2)
    bent = {**at.entries, one: at.entries[two], two: at.entries[one]}
    return _insider(at, f"swapped {one}", bent, "segment_hash")


def sheet(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith("sheets/")])
    value = json.loads(at.entries[name])
    value["more"] = random.random() < 0.5
    return _insider(at, f"changed {name}", {**at.entries, name: form.canonical(value)}, "derived_sheet")


def consent(at: Target, random: Random) -> Attack:
    name = random.choice([n for n in at.items if n.startswith("texts/")])
    if random.random() < 0.3:
        return _insider(at, f"left out {name}", {n: c for n, c in at.entries.items() if n != name}, "consent_text")
    return _insider(at, f"changed {name}", {**at.entries, name: at.entries[name] + b"!"}, "consent_text")


def journal(change: Callable[[list[Line], Random, Target], str]) -> Callable[[Target, Random], Attack]:
    """An attack on the lines of one of the two streams; `change` does it in place and names it."""

    def attack(at: Target, random: Random) -> Attack:
        name = random.choice([form.SESSION, form.COMPLAINT])
        events = lines.from_text(at.entries[name])
        code = change(events, random, at)
        codes = {"chain": {"chain_session" if name == form.SESSION else "chain_complaint"}}.get(code, {code})
        title = f"{change.__name__.strip('_')} in {name}"
        return _insider(at, title, {**at.entries, name: lines.to_text(events)}, *codes)

    return attack


def _data_changed(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], data={**events[number].data, "more": 1})
    return "content"


def _author_changed(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    line = events[number]
    events[number] = replace(line, actor=(line.actor[0], "u9", "别人", "mediator", "o1"))
    return "content"


def _data_and_content_changed(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    line = replace(events[number], data={**events[number].data, "more": 1})
    events[number] = replace(line, content=commitment(line.salt, line.actor, line.data))
    return "chain"


def _time_changed(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], at="2026-11-25T00:00:00.000000Z")
    return "chain"


def _type_changed(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], type="Unmuted")
    return "chain"


def _dropped(events: list[Line], random: Random, at: Target) -> str:
    del events[random.randrange(len(events) - 1)]
    return "chain"


def _reordered(events: list[Line], random: Random, at: Target) -> str:
    i, j = random.sample(range(len(events)), 2)
    events[i], events[j] = events[j], events[i]
    return "chain"


def _doubled(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events.insert(number, events[number])
    return "chain"


def _cut_short(events: list[Line], random: Random, at: Target) -> str:
    del events[random.randrange(1, len(events)) :]
    return "inclusion"


def _told_anew(events: list[Line], random: Random, at: Target) -> str:
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


def _leaf_changed(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    events[number] = replace(events[number], leaf=events[number].leaf + random.choice([1, 1000]))
    return "inclusion"


def _emptied(events: list[Line], random: Random, at: Target) -> str:
    number = random.randrange(len(events))
    line = events[number]
    events[number] = replace(line, salt="", data={}, actor=(line.actor[0], line.actor[1], "", *line.actor[3:]))
    return "erased_unaccounted"


def _of_another(events: list[Line], random: Random, at: Target) -> str:
    name = form.SESSION if events[0].stream.startswith("session") else form.COMPLAINT
    strange = lines.from_text(at.other[name])
    number = random.randrange(len(events))
    events[number] = strange[min(number, len(strange) - 1)]
    return "foreign_session"


def _wholly_of_another(events: list[Line], random: Random, at: Target) -> str:
    name = form.SESSION if events[0].stream.startswith("session") else form.COMPLAINT
    events[:] = lines.from_text(at.other[name])
    return "foreign_session"


def spaced(at: Target, random: Random) -> Attack:
    """The same values in another spelling: what one reader takes for the same, another may not."""
    name = random.choice([form.SESSION, form.COMPLAINT])
    raw_lines = at.entries[name].split(b"\n")[:-1]
    number = random.randrange(len(raw_lines))
    value = json.loads(raw_lines[number])
    spelled = random.choice([json.dumps(value), raw_lines[number].decode().replace('"leaf":', '"leaf":0,"leaf":', 1)])
    raw_lines[number] = spelled.encode()
    return _insider(at, f"spelled otherwise in {name}", {**at.entries, name: b"\n".join(raw_lines) + b"\n"}, "content")


def head_of_another_log(at: Target, random: Random) -> Attack:
    """A checkpoint signed by somebody else over a tree of their own."""
    leaves = [random.randbytes(32) for _ in range(60)]
    body = f"{at.key.name}\n60\n{form.base64_of(root(leaves))}\ntime 2026-11-25T09:41:00.000000Z\n"
    bent = {**at.entries, form.CHECKPOINT: sign(body, at.thief)}
    return _insider(at, "another log's head", bent, "checkpoint_signature")


def other_root(at: Target, random: Random) -> Attack:
    """Signed by the log itself: it has told two stories."""
    size = json.loads(at.entries[form.INCLUSION])["size"]
    body = f"{at.key.name}\n{size}\n{form.base64_of(random.randbytes(32))}\ntime 2026-11-25T09:41:00.000000Z\n"
    return _insider(at, "another root", {**at.entries, form.CHECKPOINT: sign(body, at.key)}, "inclusion")


def proofs(at: Target, random: Random) -> Attack:
    value = json.loads(at.entries[form.INCLUSION])
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
    return _insider(at, "a proof", {**at.entries, form.INCLUSION: form.canonical(value)}, "inclusion")


def number(at: Target, random: Random) -> Attack:
    """The package claims to be of another complaint or session."""
    field = random.choice([{"complaint_number": "别号"}, {"complaint": "k2"}, {"session": "s2"}])
    return _attack(at, f"claims {field}", zipped(resigned(at.entries, at.key, **field)), "foreign_session")


def witness(at: Target, random: Random) -> Attack:
    key = signer("witness", 5)
    line = sign("something else\n", key).decode().splitlines()[-1]
    told = form.canonical([{"key": form.base64_of(key.public), "line": line, "name": key.name}])
    return _insider(at, "a forged witness", {**at.entries, form.WITNESSES: told}, "witness")


def stamped(at: Target, random: Random) -> Attack:
    forged = {f"{form.STAMPS}1.tsr": random.randbytes(80), f"{form.STAMPS}1.pem": b"-----BEGIN CERTIFICATE-----\n"}
    return _insider(at, "a forged time stamp", {**at.entries, **forged}, "timestamp")


OUTSIDE = [
    flip, truncate, append, prepend, insert, cut_out, comment, drop, drop_note, add, reorder, rename, duplicate, trick,
    packed_differently, splice, splice_notes, adapt, sign_anew, other_key_expected, watermark,
]  # fmt: skip
INSIDE = [
    segment, segment_dropped, segment_added, segments_swapped, sheet, consent, spaced, head_of_another_log, other_root,
    proofs, number, witness, stamped,
    *map(journal, (_data_changed, _author_changed, _data_and_content_changed, _time_changed, _type_changed, _dropped,
                   _reordered, _doubled, _cut_short, _told_anew, _leaf_changed, _emptied, _of_another,
                   _wholly_of_another)),
]  # fmt: skip


def attacks(at: Target, count: int, seed: int) -> Iterator[Attack]:
    """Each kind at least once when there are enough, then whatever comes; flips are the most."""
    random = Random(seed)
    kinds = [*OUTSIDE, *INSIDE]
    for turn in range(count):
        kind = kinds[turn] if turn < len(kinds) else random.choice([*kinds, *[flip] * 20])
        yield kind(at, random)


def _attack(at: Target, name: str, package: bytes, *codes: str) -> Attack:
    return Attack(name, package, frozenset(codes), at.key.public)


def _insider(at: Target, name: str, entries: Mapping[str, bytes], *codes: str) -> Attack:
    return _attack(at, f"insider: {name}", zipped(resigned(entries, at.key)), *codes)


def _put(entries: Mapping[str, bytes], name: str, content: bytes) -> Entries:
    """Where it belongs in the order."""
    items = sorted([*(n for n in entries if n not in (*form.BEFORE, *form.AFTER)), name])
    more = {**entries, name: content}
    return {n: more[n] for n in [*form.BEFORE, *items, *form.AFTER]}


def raw(parts: list[Part]) -> bytes:
    """An archive with names that no archive may have."""
    out, made = b"", []
    for one in parts:
        entry = ArchiveEntry(one.name, one.size, one.crc, len(out))
        out += local_header(entry) + b"".join(one.content())
        made.append(entry)
    return out + directory(made, len(out))
