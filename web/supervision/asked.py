"""A posted form of a review as a command; what is wrong with it stands in the form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from journal.numbers import ascii_digits, is_number
from rooms.session import Session
from rooms.supervision import reviewing as r
from rooms.supervision.reviews import Evidence, Reply, Review
from web.audit.player import Player
from web.i18n import N_
from web.office.forms import Form
from web.supervision.moments import typed

LONGEST: Final = r.MOST_TEXT
BAD_MOMENTS: Final = N_("Write moments as minutes and seconds with spaces between them, for example 03:20 23:40.")
NO_EVIDENCE: Final = N_("Name a moment of the recording or tick an entry of the journal: an answer rests on something.")
NO_REASON: Final = N_("Say why it does not apply here.")
_ENTRY: Final = re.compile(r"entry_([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Around:
    """What a form is read against."""

    session: Session
    player: Player | None
    review: Review | None


Reader = Callable[[Form, Around], r.ReviewCommand]


def evidence(form: Form, around: Around) -> tuple[Evidence, ...]:
    """Moments as they are typed, and the entries that are ticked."""
    found = typed(form.text("moments", longest=200), around.session, around.player)
    if found is None:
        form.errors["moments"] = BAD_MOMENTS
        return ()
    last = around.session.version
    if is_number(typed_number := ascii_digits(form.text("entry", longest=9))) and 0 < int(typed_number) <= last:
        found.append(Evidence("entry", int(typed_number)))
    for name in form.values:
        ticked = _ENTRY.fullmatch(name)
        if ticked and 0 < int(ticked[1]) <= last:
            found.append(Evidence("entry", int(ticked[1])))
    return tuple(found[: r.MOST_EVIDENCE])


def _item(form: Form, around: Around) -> r.ReviewCommand:
    answer = form.choice("answer", ("yes", "no", "none"))
    note, rests_on = form.text("note", longest=LONGEST), evidence(form, around)
    if answer == "none" and not note and form.good:
        form.errors["note"] = NO_REASON
    elif answer in ("yes", "no") and not rests_on and form.good:
        form.errors["moments"] = NO_EVIDENCE
    return r.AnswerItem(form.text("item", longest=32), answer, note, rests_on)


def _finding(form: Form, around: Around) -> r.ReviewCommand:
    severity = form.choice("severity", ("praise", "minor", "major", "grave"))
    text, remedy = form.text("text", needed=True, longest=LONGEST), form.text("remedy", longest=LONGEST)
    rests_on = evidence(form, around)
    if not rests_on and form.good:
        form.errors["moments"] = NO_EVIDENCE
    return r.NoteFinding(severity, form.text("item", longest=32), text, rests_on, remedy)


def _number(form: Form) -> int:
    text = form.values.get("finding", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _replies(form: Form, around: Around) -> r.ReviewCommand:
    asked = around.review.asking if around.review else ()
    replies = []
    for one in asked:
        accepts = form.choice(f"accepts_{one.n}", ("yes", "no"))
        text = form.text(f"reply_{one.n}", needed=accepts == "no", longest=LONGEST)
        replies.append(Reply(one.n, accepts == "yes", text))
    return r.AnswerFindings(tuple(replies))


READERS: Final[Mapping[str, Reader]] = {
    "item": _item,
    "finding": _finding,
    "drop": lambda form, around: r.DropFinding(_number(form)),
    "undo": lambda form, around: r.Undo(),
    "opinion": lambda form, around: r.AskOpinion(
        form.text("of", needed=True, longest=64), "", form.text("question", needed=True, longest=LONGEST)
    ),
    "opine": lambda form, around: r.GiveOpinion(
        form.choice("agrees", ("yes", "no")) == "yes", form.text("opinion", needed=True, longest=LONGEST)
    ),
    "waive": lambda form, around: r.WaiveOpinion(form.text("why_waived", needed=True, longest=LONGEST)),
    "hand_on": lambda form, around: r.HandOn(form.text("summary", longest=LONGEST)),
    "reply": _replies,
    "decide": lambda form, around: r.DecideFinding(
        _number(form), form.choice("stands", ("yes", "no")) == "yes", form.text("decided", needed=True, longest=LONGEST)
    ),
    "remedy": lambda form, around: r.NoteRemedy(_number(form), form.text("done", needed=True, longest=LONGEST)),
    "close": lambda form, around: r.CloseReview(form.text("note", longest=LONGEST)),
    "take_over": lambda form, around: r.TakeOver(form.text("why_taken", needed=True, longest=LONGEST)),
    "training": lambda form, around: r.MarkTraining(
        form.values.get("kept") == "yes", form.text("training_note", longest=LONGEST)
    ),
}
MEDIATORS: Final = frozenset({"reply", "training"})
DRAFTED: Final[Mapping[str, tuple[str, ...]]] = {
    "item": ("answer", "note", "moments"),
    "finding": ("severity", "item", "text", "remedy", "moments"),
    "hand_on": ("summary",),
    "opinion": ("question",),
    "close": ("note",),
}
"""Fields whose typing is kept on the server until they are sent."""


def draft_names(what: str, form: Form) -> list[str]:
    key = form.values.get("item", "") if what == "item" else what
    return [f"{key}.{name}" for name in DRAFTED.get(what, ())]
