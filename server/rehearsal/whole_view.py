"""What a page puts together from the room's messages: the view with its parts and the lines that came, as one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Part:
    edition: int = 0
    members: dict[str, Any] = field(default_factory=dict)
    items: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # path -> key -> field -> value
    order: dict[str, list[str]] = field(default_factory=dict)
    slices: dict[tuple[str, ...], str] = field(default_factory=dict)

    def take(self, body: Mapping[str, Any]) -> None:
        if (piece := body.get("slice")) is not None:
            at = tuple(piece["at"])
            self.slices[at] = self.slices.get(at, "") + piece["text"]
        self.members.update(body.get("members", {}))
        for path, items in body.get("items", {}).items():
            for key, fields in items.items():
                self._item(path, key).update(fields)
        self.order.update(body.get("order", {}))
        if "edition" in body:
            self._finish(body["edition"])

    def _finish(self, edition: int) -> None:
        for at, text in self.slices.items():
            target = self.members if len(at) == 1 else self._item(at[0], at[1])
            target[at[-1]] = json.loads(text)
        self.slices.clear()
        self.edition = edition

    def _item(self, path: str, key: str) -> dict[str, Any]:
        return self.items.setdefault(path, {}).setdefault(key, {})

    def whole(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(json.dumps(self.members))
        for path, keys in self.order.items():
            *way, last = path.split(".")
            holder: Any = members
            for step in way:
                holder = None if holder is None else holder[step]
            if holder is None or holder.get(last) is None:
                continue
            items = self.items.get(path, {})
            keyed = isinstance(holder[last], dict)
            holder[last] = {key: items[key] for key in keys} if keyed else [items[key] for key in keys]
        return members


class WholeView:
    """Of one connection. AssertionError when a view goes with another edition of a part than the one that came."""

    def __init__(self) -> None:
        self.lines: dict[int, dict[str, Any]] = {}
        self._parts: dict[str, _Part] = {}

    def part(self, body: Mapping[str, Any]) -> None:
        self._parts.setdefault(body["name"], _Part()).take(body)

    def line(self, body: dict[str, Any]) -> None:
        self.lines[body["n"]] = body

    def view(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The message's view with everything that belongs to it."""
        seen = dict(body["view"])
        editions = seen.pop("parts")
        self._parts = {name: part for name, part in self._parts.items() if name in editions}
        for name, edition in editions.items():
            part = self._parts.get(name)
            assert part is not None, name
            assert part.edition == edition, name
            seen.update(part.whole())
        if seen.pop("lines", None) is not None:
            seen["chat"] = self.chat
        return seen

    @property
    def chat(self) -> list[dict[str, Any]]:
        return [self.lines[n] for n in sorted(self.lines)]
