"""What is shown in a room: articles, typical cases, and the texts that go with its questions.

The room fills them into commands itself: nobody brings a text, or an edition of one, of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from law.library import library
from rooms import commands as c, events as e
from rooms.floor.state import article_leaf
from rooms.session import Session

ArticleFinder = Callable[[Session, str], Awaitable[e.Leaf | None]]
"""An article of the library as it is shown in this session; None for one there is not."""
CaseFinder = Callable[[Session, str], Awaitable[e.TypicalLeaf | None]]
"""A typical case, likewise."""


async def catalogue_leaf(session: Session, article: str) -> e.Leaf | None:
    """The article as the catalogue alone has it, on the day the session begins."""
    catalogue = library()
    found = catalogue.articles.get(article)
    return None if found is None else article_leaf(catalogue, found, session.starts.date())


async def no_cases(_session: Session, _case: str) -> e.TypicalLeaf | None:
    """None: there is no casebook."""
    return None


@dataclass(frozen=True, slots=True)
class ShownTexts:
    """Editions of what this program shows with a question in the room: of recording, of keeping one's handwriting,
    of signing electronically.

    "" is no edition: nobody can agree to it.
    """

    recording: str = ""
    handwriting: str = ""
    electronic: str = ""

    @property
    def named(self) -> str:
        """As a page says which of them it was made with."""
        return f"{self.recording} {self.handwriting} {self.electronic}"


NO_TEXTS = ShownTexts()


async def fill_command(
    command: c.Command, session: Session | None, articles: ArticleFinder, cases: CaseFinder, texts: ShownTexts
) -> c.Command:
    """The command with what the room itself knows in it."""
    match command:
        case c.ShowLaw(article=article) if session is not None:
            return replace(command, leaf=await articles(session, article))
        case c.ShowTypical(case=case) if session is not None:
            return replace(command, leaf=await cases(session, case))
        case c.GiveConsent():
            return replace(command, text=texts.recording)
        case c.ConsentHandwriting():
            return replace(command, notice=texts.handwriting)
        case c.AgreeElectronicForm():
            return replace(command, notice=texts.electronic)
        case _:
            return command
