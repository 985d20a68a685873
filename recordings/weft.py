"""What came of many participants in one pass, woven together and as blocks of their files, by columns.

The rules are those of `recordings.reorder.Braid` and `recordings.blocks.Blocks`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from math import inf
from typing import NamedTuple

import numpy as np

from recordings import opus, webm
from recordings.blocks import CLUSTER_MS, PICTURE_S
from recordings.holes import LEAST
from recordings.offer import Offer
from recordings.rows import Bools, Floats, Ints, Rows
from recordings.vp8 import Frame, dimensions

_SECONDS = np.array(opus.SECONDS)


class Items(NamedTuple):
    """By columns: whose they are, when they were captured, whether they are sounds or key frames, bytes, when they
    end, and where their bodies are."""

    owner: Ints
    walls: Floats
    sound: Bools
    key: Bools
    sizes: Ints
    ends: Floats
    body: Ints

    def of(self, which: Ints) -> Items:
        return Items(
            self.owner[which], self.walls[which], self.sound[which], self.key[which], self.sizes[which],
            self.ends[which], self.body[which],
        )  # fmt: skip


class Weft:
    """`odd`: whose has to go one by one, which is known for good when it is written."""

    def __init__(self, rows: Rows, offers: Sequence[Offer]) -> None:
        self._rows, self._offers = rows, offers
        many = len(offers)
        self.odd = ~np.logical_and.reduceat(rows.fine, np.searchsorted(rows.owner, np.arange(many)))
        self._waited = [item for offer in offers for item in offer.braid.waiting]
        waited = len(self._waited)
        self._bodies = [item if isinstance(item, bytes) else item.data for _, _, _, item, _ in self._waited]
        first = [body[0] if body else 0 for body in self._bodies]
        length = [len(body) for body in self._bodies]
        self._bodies += chain.from_iterable(row.batch.bodies for row in rows.rows)
        owner = np.repeat(np.arange(many), [len(offer.braid.waiting) for offer in offers])
        owner = np.append(owner, rows.owner[rows.row])
        walls = np.append(np.array([item[0] for item in self._waited]), rows.walls)
        sound = np.append(np.array([item[2] == "mic" for item in self._waited], np.bool_), rows.sounds[rows.row])
        begins = np.append(np.array(first, np.int64), rows.begins)
        key = ~sound & (begins & 1 == 0)
        lasts = np.where(sound, _SECONDS[begins], PICTURE_S)
        for place in np.flatnonzero(lasts == 0).tolist():
            lasts[place] = opus.duration_ms(self._bodies[place]) / 1000
        sizes = np.append(np.array(length, np.int64), rows.sizes)
        self._items = Items(owner, walls, sound, key, sizes, walls + lasts, np.arange(len(walls)))
        self._fresh = np.ones(len(walls), np.bool_)
        self._fresh[:waited] = [
            offer.braid.fresh(item[4], offer.now) for offer in offers for item in offer.braid.waiting
        ]
        self._look(key)

    def _look(self, key: Bools) -> None:
        """Whose pictures are not all of the size of the file that is open."""
        owner = self._items.owner
        for (_, _, _, item, _), whose in zip(self._waited, owner[: len(self._waited)].tolist(), strict=True):
            file = self._offers[whose].file
            if isinstance(item, Frame) and (item.width, item.height) != (file.width, file.height):
                self.odd[whose] = True
        for place in np.flatnonzero(key).tolist():
            file = self._offers[owner[place]].file
            if dimensions(self._bodies[place]) != (file.width, file.height):
                self.odd[owner[place]] = True
        for row, whose in zip(self._rows.rows, self._rows.owner.tolist(), strict=True):
            file, frames = self._offers[whose].file, row.line.frames
            if frames is not None and frames.size != (file.width, file.height):
                self.odd[whose] = True

    def write(self) -> None:
        """What nothing earlier is waited for, into the files; and what waits, to where it waits."""
        rows, offers, items = self._rows, self._offers, self._items
        last: list[dict[str, float]] = [{} for _ in offers]
        for row, whose, wall in zip(rows.rows, rows.owner.tolist(), rows.walls[rows.last].tolist(), strict=True):
            last[whose][row.source] = wall
        floors = np.array([offer.braid.floor(at, offer.now) for offer, at in zip(offers, last, strict=True)])
        order = np.lexsort((items.walls, items.owner))
        # What is not fresh waits for nothing but what is in front of it.
        held = np.cumsum((self._fresh & (items.walls > floors[items.owner]))[order])
        before = np.append(0, held)[np.searchsorted(items.owner[order], np.arange(len(offers)))]
        due = held == before[items.owner[order]]
        self._write(items.of(order[due]))
        for offer, odd, at, waiting in zip(offers, self.odd.tolist(), last, self._waiting(order[~due]), strict=True):
            if not odd:
                offer.braid.go_on(at, waiting, offer.now)

    def _waiting(self, which: Ints) -> list[list[tuple[float, str, Frame | bytes, float]]]:
        waiting: list[list[tuple[float, str, Frame | bytes, float]]] = [[] for _ in self._offers]
        items = self._items
        for place in which.tolist():
            whose, wall = int(items.owner[place]), float(items.walls[place])
            if place < len(self._waited):
                _, _, source, item, came = self._waited[place]
                waiting[whose].append((wall, source, item, came))
                continue
            offer, body = self._offers[whose], self._bodies[place]
            if items.sound[place]:
                waiting[whose].append((wall, "mic", body, offer.now))
            else:
                frame = Frame(body, bool(items.key[place]), offer.file.width, offer.file.height)
                waiting[whose].append((wall, "camera", frame, offer.now))
        return waiting

    def _write(self, items: Items) -> None:
        """In order of offers, and of each in order of time."""
        offers = self._offers
        origins = np.array([offer.file.origin for offer in offers])
        clocks = np.array([offer.file.blocks.clocks for offer in offers])
        at = np.rint((items.walls - origins[items.owner]) * 1000).astype(np.int64)
        self._check(items, at, clocks[:, 2])
        heard = self._track(items, at, np.flatnonzero(items.sound), clocks[:, 0])
        seen = self._track(items, at, np.flatnonzero(~items.sound), clocks[:, 1])
        if self.odd.any():
            rest = np.flatnonzero(~self.odd[items.owner])
            items, at = items.of(rest), at[rest]
        bounds = np.searchsorted(items.owner, np.arange(len(offers) + 1)).tolist()
        marks = _clusters(at.tolist(), np.flatnonzero(items.key).tolist(), bounds, clocks[:, 2].tolist())
        cluster = np.repeat(np.array(marks.values), np.diff(np.array([*marks.places, len(at)])))
        track = np.where(items.sound, webm.AUDIO, webm.VIDEO)
        heads = _heads(track, at - cluster, items.sound | items.key, items.sizes)
        for place, begins in marks.begun:
            heads[place] = webm.cluster(begins) + heads[place]
        bodies = [self._bodies[place] for place in items.body.tolist()]
        for offer, (start, end), sounds, pictures, newest in zip(
            offers, pairwise(bounds), heard, seen, marks.newest, strict=True
        ):
            if start < end:
                pieces = chain.from_iterable(zip(heads[start:end], bodies[start:end], strict=True))
                clock = sounds[0], pictures[0], newest
                offer.file.blocks.go_on(pieces, clock, sounds[1:3], pictures[1:3], pictures[3])

    def _check(self, items: Items, at: Ints, clusters: Ints) -> None:
        """That all of an offer is for the file that is open, and no cluster begins before the one before."""
        bounds = np.searchsorted(items.owner, np.arange(len(self._offers) + 1))
        some = bounds[:-1] < bounds[1:]
        ends = np.full(len(some), -inf)
        ends[some] = items.walls[bounds[1:][some] - 1]
        self.odd |= [not offer.reel.goes_on(end) for offer, end in zip(self._offers, ends.tolist(), strict=True)]
        self.odd[some] |= at[bounds[:-1][some]] - clusters[some] < -CLUSTER_MS

    def _track(self, items: Items, at: Ints, which: Ints, clocks: Ints) -> Iterable[tuple[int, float, float, float]]:
        """Of each offer: its clock after these, when the first began and the last ended, and when the last began."""
        many = len(self._offers)
        clock, start, end, last = clocks.copy(), np.full(many, -inf), np.full(many, -inf), np.full(many, -inf)
        if len(which):
            owner, at, walls, ends = items.owner[which], at[which], items.walls[which], items.ends[which]
            first = np.flatnonzero(np.diff(owner, prepend=-1))
            those = owner[first]
            before, until = np.empty_like(at), np.empty_like(ends)
            before[1:], until[1:] = at[:-1], ends[:-1]
            before[first], until[first] = clocks[those], inf
            # Two of one instant, or a hole, which the ledger is to know of.
            self.odd[owner[(at <= before) | (walls - until >= LEAST)]] = True
            final = np.append(first[1:], len(owner)) - 1
            clock[those], start[those], last[those] = at[final], walls[first], walls[final]
            end[those] = np.maximum.reduceat(ends, first)
        return zip(clock.tolist(), start.tolist(), end.tolist(), last.tolist(), strict=True)


class Marks(NamedTuple):
    """Where another cluster counts from, and which; those that begin; and the newest of each offer."""

    places: list[int]
    values: list[int]
    begun: list[tuple[int, int]]
    newest: list[int]


def _clusters(ats: list[int], keys: list[int], bounds: list[int], clusters: list[int]) -> Marks:
    marks = Marks([], [], [], [])
    following = _Following(keys, len(ats))
    for (place, end), cluster in zip(pairwise(bounds), clusters, strict=True):
        marks.places.append(place)
        marks.values.append(cluster)
        while (place := min(following.key(place), bisect_left(ats, cluster + CLUSTER_MS, place, end))) < end:
            cluster = ats[place]
            marks.places.append(place)
            marks.values.append(cluster)
            marks.begun.append((place, cluster))
            place += 1
        marks.newest.append(cluster)
    return marks


class _Following:
    def __init__(self, keys: Iterable[int], end: int) -> None:
        self._keys: Iterator[int] = iter(keys)
        self._next, self._end = -1, end

    def key(self, place: int) -> int:
        """The first from there on; never asked to go back."""
        while self._next < place:
            self._next = next(self._keys, self._end)
        return self._next


_HEADS = np.dtype([("id", "u1"), ("size", ">u4"), ("track", "u1"), ("offset", ">i2"), ("flags", "u1")])


def _heads(tracks: Ints, offsets: Ints, keys: Bools, sizes: Ints) -> list[bytes]:
    """As `webm.block`, of many."""
    many = np.empty(len(tracks), _HEADS)
    short = sizes < webm.SHORT_BELOW
    # A short one is the end of a long one, with its name where the upper bytes of the size would be.
    many["id"] = webm.SIMPLE
    many["size"] = np.where(short, webm.SIMPLE << 16 | webm.SIZED, webm.LONG_SIZED) + sizes
    many["track"], many["offset"], many["flags"] = webm.TRACKED | tracks, offsets, np.where(keys, webm.KEY, 0)
    text, size, less = many.tobytes(), _HEADS.itemsize, _HEADS.itemsize - webm.SHORT.size
    found = [text[at : at + webm.SHORT.size] for at in range(less, len(text), size)]
    for place in np.flatnonzero(~short).tolist():
        found[place] = text[place * size : (place + 1) * size]
    return found
