"""Invented dialogues with what a record should quote of them, and transcripts made of their lines by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from recordings.speech import ModelIdentity
from recordings.transcripts import Line, Transcript
from rooms import commands as c
from rooms.vocabulary import Phase, Side
from tests.rooms.scene import BU, CO, M, Scene, live

WHO = {"M": M, "C": CO, "B": BU}
QUOTED, LEFT, OFFER, PRIVATE = "+", "-", "o", "="


@dataclass
class Dialogue:
    """As it was held: the scene's journal, and by line what is expected of it."""

    trade: str
    fresh: bool
    scene: Scene
    lines: list[Line] = field(default_factory=list)
    expected: dict[str, str] = field(default_factory=dict)

    @property
    def transcript(self) -> Transcript:
        return transcript(*self.lines)

    def say(self, who: str, text: str, expected: str = "", sure: float = 0.9) -> Line:
        """Half a second after what was said before, four characters a second."""
        self.scene.wait(seconds=0.5)
        begins = self.scene.now
        self.scene.wait(seconds=len(text) / 4)
        line = Line(f"l{len(self.lines) + 1}", WHO.get(who, who), begins, self.scene.now, text, sure)
        self.lines.append(line)
        self.expected[line.id] = expected
        return line


def transcript(*lines: Line, corrected: dict[str, str] | None = None) -> Transcript:
    made = lines[-1].ends + timedelta(minutes=5)
    return Transcript("x1", ModelIdentity("hand", "made by hand", "0" * 64), made, lines, corrected or {})


def held(trade: str = "", fresh: bool = False) -> Dialogue:
    return Dialogue(trade, fresh, live())


def dialogues() -> list[Dialogue]:
    found: list[Dialogue] = []
    for line in Path(__file__).with_name("dialogues.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("== "):
            trade, _, name = line[3:].partition(" | ")
            found.append(held(trade, name == "fresh"))
        elif line.startswith("> "):
            _turn(found[-1].scene, line[2:])
        else:
            who, expected, text = line.split(" ", 2)
            found[-1].say(who, text, expected)
    return found


def _turn(scene: Scene, what: str) -> None:
    if what == "caucus":
        scene.ask(c.StartCaucus(Side.BUSINESS))
    elif what == "end":
        scene.ask(c.EndCaucus())
    else:
        scene.ask(c.EnterPhase(Phase(what)))
